"""SQLite: one writer thread with group commit, and a small pool of readers.

The writer takes all queued units, runs each in a savepoint, commits them together (one fsync for
many) and resolves their futures only after the commit.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from queue_server.database.port import MAX_QUEUED, Database, Work, first_line
from queue_server.database.serving_lock import ServingLock, create_private
from queue_server.errors import Unavailable, Unusable
from queue_server.logs import RepeatedWarning
from queue_server.migrations import migrate, revision_of
from queue_server.prepared import execute

T = TypeVar("T")

BUSY_TIMEOUT_S = 5.0
"""How long SQLite waits for another process's write transaction."""
MAX_GROUP = 64
"""Units in one commit, at most: bounds how long the first of a group waits for the last."""

_warn = RepeatedWarning(logging.getLogger(__name__), "write transaction failed")


@dataclass(slots=True)
class _Unit:
    """A queued unit of work. ``loop``: the event loop of its future; None for a thread's future."""

    work: Work[Any]
    future: Future[Any] | asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop | None = None
    result: Any = None
    error: BaseException | None = None

    def resolve(self) -> None:
        if self.future.cancelled():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


def _resolve(units: list[_Unit]) -> None:
    """Resolve the futures of a group; wakes each event loop once for all of its units."""
    for loop in {unit.loop for unit in units}:
        of_loop = [unit for unit in units if unit.loop is loop]
        if loop is None:
            _resolve_each(of_loop)
        elif not loop.is_closed():
            loop.call_soon_threadsafe(_resolve_each, of_loop)


def _resolve_each(units: list[_Unit]) -> None:
    for unit in units:
        unit.resolve()


class SqliteDatabase(Database):
    """One file in WAL mode; every commit is synced to the disk."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._lock = ServingLock(path)
        self._queue: queue.Queue[_Unit | None] = queue.Queue(MAX_QUEUED)
        self._writer: threading.Thread | None = None
        self._readers = ThreadPoolExecutor(4, "reader")
        self._engine = _engine(path)
        self._file_id: tuple[int, int] | None = None

    def must_exist(self) -> None:
        if not self.path.exists():
            raise Unavailable("database.missing", path=self.path)

    def read_unopened(self, work: Work[T]) -> T | None:
        if not self.path.exists():
            return None
        try:
            with self._engine.connect() as connection:
                return None if revision_of(connection) is None else work(connection)
        except DBAPIError as error:
            raise Unavailable(first_line(error)) from error
        finally:
            self._engine.dispose()  # a connection in the pool would keep the file locked

    def hold_alone(self) -> None:
        self._lock.hold_alone()

    def open(self, *, shared: bool = False) -> None:
        if self.path.exists() and not self.path.is_file():
            raise Unusable("database.no_file", path=self.path)
        if shared:
            self._lock.share()
        create_private(self.path)
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                connection.commit()
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                migrate(connection)
                connection.commit()
            self._file_id = self._identity()
        except (DBAPIError, OSError) as error:
            raise Unavailable("database.failed", path=self.path, why=first_line(error)) from error
        self._writer = threading.Thread(target=self._run_writer, name="writer", daemon=True)
        self._writer.start()
        self.is_open = True

    def close(self) -> None:
        self.is_open = False
        if self._writer is not None:
            self._queue.put(None)
            self._writer.join()
        self._readers.shutdown()
        self._engine.dispose()
        self._lock.release()

    def submit(self, work: Work[T], *, write: bool, atomic: bool = True) -> Future[T]:  # noqa: ARG002
        if not self.is_open:
            raise Unavailable("database.closed")
        if not write:
            return self._readers.submit(self._read, work)
        future: Future[T] = Future()
        self._enqueue(_Unit(work, future))
        return future

    async def _write(self, work: Work[T], *, atomic: bool) -> T:  # noqa: ARG002
        if not self.is_open:
            raise Unavailable("database.closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._enqueue(_Unit(work, future, loop))
        return await future

    def _enqueue(self, unit: _Unit) -> None:
        try:
            self._queue.put_nowait(unit)
        except queue.Full:
            raise Unavailable("database.full") from None

    def _identity(self) -> tuple[int, int]:
        found = os.stat(self.path)  # noqa: PTH116  # faster than Path.stat; runs before each write
        return found.st_dev, found.st_ino

    def _check_file(self) -> None:
        """Raise Unavailable if the path no longer names the file that was opened.

        Writes to a deleted or replaced file would be lost with it.
        """
        try:
            same = self._identity() == self._file_id
        except OSError:
            same = False
        if not same:
            raise Unavailable("database.replaced", path=self.path)

    def _read(self, work: Work[T]) -> T:
        try:
            self._check_file()
            with self._engine.connect() as connection:
                connection.exec_driver_sql("BEGIN")
                return work(connection)
        except DBAPIError as error:
            raise Unavailable(first_line(error)) from error

    def _run_writer(self) -> None:
        """The writer thread. Survives every exception of a unit: it is the only writer."""
        running = True
        while running:
            units: list[_Unit] = []
            unit = self._queue.get()
            while unit is not None:
                if not unit.future.cancelled():
                    units.append(unit)
                if len(units) >= MAX_GROUP:
                    break
                try:
                    unit = self._queue.get_nowait()
                except queue.Empty:
                    break
            running = unit is not None  # None: close() was called
            if units:
                self._commit(units)
            _resolve(units)

    def _commit(self, units: list[_Unit]) -> None:
        try:
            self._check_file()
            with self._engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                changed = [_run_unit(unit, connection) for unit in units]
                connection.commit()
            if any(changed):  # a commit that writes nothing succeeds on a full disk too
                self.write_fault = None
        except DBAPIError as error:
            self.write_fault = first_line(error)
            _warn(self.write_fault)
            for unit in units:
                unit.error = Unavailable(first_line(error))
        except Exception as error:  # noqa: BLE001  # re-raised in the caller of each unit
            for unit in units:
                unit.error = error


def _run_unit(unit: _Unit, connection: Connection) -> bool:
    """Run one unit in a savepoint, so that its failure does not undo the others of its group.

    The result: whether it changed rows. A disk or lock error is re-raised: it invalidates the whole
    transaction.
    """
    driver: Any = connection.connection.driver_connection
    before = driver.total_changes
    execute(connection, "SAVEPOINT unit")
    try:
        unit.result = unit.work(connection)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001  # re-raised in the unit's caller
        unit.error = error
        execute(connection, "ROLLBACK TO unit")
    execute(connection, "RELEASE unit")
    return unit.error is None and driver.total_changes != before


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={
            "timeout": BUSY_TIMEOUT_S,
            "isolation_level": None,
            "check_same_thread": False,
        },
        pool_size=8,
        max_overflow=0,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine
