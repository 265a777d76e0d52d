"""The database: short pieces of work, each in one transaction, on SQLite or PostgreSQL.

SQLite has one writer: a thread that takes all work that waits, carries out each piece in a
savepoint of its own and commits them together (one sync of the disk for many), and answers only
then. PostgreSQL gets a transaction for each piece, on a pool of threads, tried again when the
database says that it collided with another.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from queue_server.errors import Unavailable, UsageError
from queue_server.migrate import migrate
from queue_server.prepared import execute, transaction

T = TypeVar("T")
Work = Callable[[Connection], T]

BUSY_S = 5.0
"""How long SQLite waits for another process's transaction."""
TOGETHER = 64
"""At most so many pieces of work in one commit."""
WAITING = 2000
"""More pieces than these in line: the server is overloaded, and says so."""
ATTEMPTS = 8
COLLIDED_S = 0.01
"""Work that collided waits up to so long, times the attempts, before the next one."""
_COLLISIONS = frozenset({"40001", "40P01", "55P03"})
_log = logging.getLogger(__name__)


def open_url(text: str) -> Database:
    """The database of a URL, or of the path of an SQLite file; not opened yet.

    UsageError for a URL of another kind.
    """
    if "://" not in text:
        return SqliteDatabase(Path(text))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise UsageError("the database URL cannot be read") from None
    backend = url.drivername.split("+")[0]
    if backend == "sqlite":
        if not url.database or url.database == ":memory:":
            raise UsageError("an SQLite database needs a file: sqlite:////var/lib/queue.sqlite3")
        return SqliteDatabase(Path(url.database))
    if backend in ("postgres", "postgresql"):
        return PostgresDatabase(url.set(drivername="postgresql+psycopg"))
    raise UsageError(f"no database of this kind: {backend} (sqlite or postgresql)")


class Database(ABC):
    """What the rest sees. ``open`` first; everything raises Unavailable while it cannot be asked.

    A Problem raised by the work undoes that work alone, and reaches the caller.
    """

    def __init__(self) -> None:
        self.is_open = False

    def must_exist(self) -> None:  # noqa: B027 - opening a server makes no database
        """For work that makes no sense on a new database. Raises Unavailable where ``open`` would
        make one."""

    @abstractmethod
    def open(self) -> None:
        """Connects, and brings the tables up to date."""

    @abstractmethod
    def close(self) -> None:
        """Finishes the work under way."""

    @abstractmethod
    def submit(self, work: Work[T], *, write: bool, whole: bool = True) -> Future[T]:
        """Hands in work; the future holds its result once it is durable.

        ``whole``: all of it or nothing. Else each of its statements holds by itself at once,
        but for those that it puts between ``prepared.transaction``.
        """

    async def write(self, work: Work[T], *, whole: bool = True) -> T:
        """Carries out work that writes; returns once it is on the disk."""
        return await asyncio.wrap_future(self.submit(work, write=True, whole=whole))

    async def read(self, work: Work[T]) -> T:
        """Carries out work that only reads, in one snapshot."""
        return await asyncio.wrap_future(self.submit(work, write=False))

    def write_now(self, work: Work[T]) -> T:
        """``write`` for commands, which have no event loop."""
        return self.submit(work, write=True).result()

    def read_now(self, work: Work[T]) -> T:
        """``read`` for commands."""
        return self.submit(work, write=False).result()


@dataclass(slots=True)
class _Piece:
    """Work that waits. ``loop``: whose future it is; None for one of another thread's."""

    work: Work[Any]
    future: Future[Any] | asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop | None = None
    result: Any = None
    error: BaseException | None = None

    def answer(self) -> None:
        if self.future.cancelled():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


def _answer(pieces: list[_Piece]) -> None:
    """Tells everybody who waits: an event loop once for all of its pieces."""
    loops = {piece.loop for piece in pieces}
    for loop in loops:
        mine = [piece for piece in pieces if piece.loop is loop]
        if loop is None:
            _answer_each(mine)
        elif not loop.is_closed():
            loop.call_soon_threadsafe(_answer_each, mine)


def _answer_each(pieces: list[_Piece]) -> None:
    for piece in pieces:
        piece.answer()


class SqliteDatabase(Database):
    """One file; WAL, and every commit synced to the disk."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._waiting: queue.Queue[_Piece | None] = queue.Queue(WAITING)
        self._writer: threading.Thread | None = None
        self._readers = ThreadPoolExecutor(4, "reader")
        self._engine = _sqlite_engine(path)
        self._file: tuple[int, int] | None = None

    def must_exist(self) -> None:
        if not self._path.exists():
            raise Unavailable(f"{self._path}: there is no such database")

    def open(self) -> None:
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                connection.commit()
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                migrate(connection)
                connection.commit()
            self._file = self._identity()
        except (DBAPIError, OSError) as error:
            raise Unavailable(f"{self._path}: {_cause(error)}") from error
        self._writer = threading.Thread(target=self._write_all, name="writer", daemon=True)
        self._writer.start()
        self.is_open = True

    def close(self) -> None:
        self.is_open = False
        if self._writer is not None:
            self._waiting.put(None)
            self._writer.join()
        self._readers.shutdown()
        self._engine.dispose()

    def submit(self, work: Work[T], *, write: bool, whole: bool = True) -> Future[T]:  # noqa: ARG002
        if not self.is_open:
            raise Unavailable("the database is not open")
        if not write:
            return self._readers.submit(self._read, work)
        future: Future[T] = Future()
        self._put(_Piece(work, future))
        return future

    async def write(self, work: Work[T], *, whole: bool = True) -> T:  # noqa: ARG002
        if not self.is_open:
            raise Unavailable("the database is not open")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._put(_Piece(work, future, loop))
        return await future

    def _put(self, piece: _Piece) -> None:
        try:
            self._waiting.put_nowait(piece)
        except queue.Full:
            raise Unavailable("too much work waits for the database") from None

    def _identity(self) -> tuple[int, int]:
        found = os.stat(self._path)  # noqa: PTH116  # on the way of each write
        return found.st_dev, found.st_ino

    def _check_file(self) -> None:
        """Whether the file is still the one that was opened: else writes would be lost with it."""
        try:
            same = self._identity() == self._file
        except OSError:
            same = False
        if not same:
            raise Unavailable(f"{self._path} was taken away or replaced; start the server anew")

    def _read(self, work: Work[T]) -> T:
        try:
            self._check_file()
            with self._engine.connect() as connection:
                connection.exec_driver_sql("BEGIN")
                return work(connection)
        except DBAPIError as error:
            raise Unavailable(_cause(error)) from error

    def _write_all(self) -> None:
        """The writer thread: it outlives whatever a piece of work raises."""
        open_still = True
        while open_still:
            pieces: list[_Piece] = []
            piece = self._waiting.get()
            while piece is not None:
                if not piece.future.cancelled():
                    pieces.append(piece)
                if len(pieces) >= TOGETHER:
                    break
                try:
                    piece = self._waiting.get_nowait()
                except queue.Empty:
                    break
            open_still = piece is not None
            if pieces:
                self._commit(pieces)
            _answer(pieces)

    def _commit(self, pieces: list[_Piece]) -> None:
        try:
            self._check_file()
            with self._engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                for piece in pieces:
                    _carry_out(piece, connection)
                connection.commit()
        except DBAPIError as error:
            _log.warning("writing failed", extra={"cause": _cause(error)})
            for piece in pieces:
                piece.error = Unavailable(_cause(error))
        except Exception as error:  # noqa: BLE001  # handed to whoever waits for the work
            for piece in pieces:
                piece.error = error


def _carry_out(piece: _Piece, connection: Connection) -> None:
    """One piece of work in its savepoint; what the disk or a lock refuses, refuses all."""
    execute(connection, "SAVEPOINT piece")
    try:
        piece.result = piece.work(connection)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001  # handed to whoever waits for the work
        piece.error = error
        execute(connection, "ROLLBACK TO piece")
    execute(connection, "RELEASE piece")


def _sqlite_engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_S, "isolation_level": None, "check_same_thread": False},
        pool_size=8,
        max_overflow=0,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine


class PostgresDatabase(Database):
    """Shared by any number of server processes. Commits wait until they are on the disk."""

    THREADS = 12

    def __init__(self, url: URL) -> None:
        super().__init__()
        settings = "-c synchronous_commit=on -c statement_timeout=10000 -c lock_timeout=5000"
        self._engine = create_engine(
            url,
            isolation_level="AUTOCOMMIT",  # a transaction begins where BEGIN is said
            connect_args={
                "connect_timeout": 5,
                "application_name": "queue-server",
                "options": settings + " -c idle_in_transaction_session_timeout=20000",
            },
            pool_size=self.THREADS,
            max_overflow=0,
            pool_timeout=5,
        )
        self._threads = ThreadPoolExecutor(self.THREADS, "database")
        self._line = threading.Semaphore(WAITING)

    def open(self) -> None:
        try:
            with self._engine.begin() as connection, transaction(connection):
                # Two processes that start at once: the second waits for the first.
                execute(connection, "SELECT pg_advisory_xact_lock(7116301)")
                migrate(connection)
        except (DBAPIError, PoolTimeout) as error:
            raise Unavailable(_cause(error)) from error
        self.is_open = True

    def close(self) -> None:
        self.is_open = False
        self._threads.shutdown()
        self._engine.dispose()

    def submit(self, work: Work[T], *, write: bool, whole: bool = True) -> Future[T]:
        if not self.is_open:
            raise Unavailable("the database is not open")
        if not self._line.acquire(blocking=False):
            raise Unavailable("too much work waits for the database")
        begin = "BEGIN" if write else "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
        future = self._threads.submit(self._carry_out, work, begin if whole else "")
        future.add_done_callback(lambda _: self._line.release())
        return future

    def _carry_out(self, work: Work[T], begin: str) -> T:
        """Tried again after a collision, or once more on a new connection: all work may be.

        Every piece is idempotent by an id of the client's, so that it does no harm when a
        connection was lost after its commit.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._engine.connect() as connection:
                    if not begin:
                        return work(connection)
                    with transaction(connection, begin):
                        return work(connection)
            except DBAPIError as error:
                lost, collided = error.connection_invalidated, _collided(error)
                if attempt < ATTEMPTS and (collided or (lost and attempt == 1)):
                    time.sleep(random.uniform(0, COLLIDED_S * attempt))  # noqa: S311
                    continue
                if not (collided or isinstance(error, OperationalError | InterfaceError)):
                    raise
                _log.warning("the database failed", extra={"cause": _cause(error)})
                raise Unavailable(_cause(error)) from error
            except PoolTimeout as error:
                raise Unavailable("no connection to the database is free") from error
        raise AssertionError("unreachable")


def _collided(error: DBAPIError) -> bool:
    """Serialization failure, deadlock, lock timeout, or two inserts of one key at once."""
    state = getattr(error.orig, "sqlstate", None)
    return state in _COLLISIONS or state == "23505"


def _cause(error: BaseException) -> str:
    """The driver's own first line, without statement and parameters."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__
