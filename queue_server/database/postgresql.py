"""PostgreSQL: a thread pool, one transaction for each unit of work, retries with back-off."""

from __future__ import annotations

import logging
import random
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from typing import TypeVar

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from queue_server import meta
from queue_server.database.port import MAX_QUEUED, Database, Work, first_line
from queue_server.errors import Unavailable, Unusable
from queue_server.logs import RepeatedWarning
from queue_server.migrations import migrate, revision_of
from queue_server.prepared import execute, transaction

T = TypeVar("T")

THREADS = 12
"""Worker threads, and connections: each thread uses one."""
MAX_ATTEMPTS = 8
BACKOFF_S = 0.01
"""Upper bound of the random back-off before a retry, multiplied by the attempts so far."""

_RETRYABLE = frozenset({"40001", "40P01", "55P03", "23505"})
"""SQLSTATE of errors that a retry can cure: serialization failure, deadlock, lock timeout, and a
unique violation (two transactions inserted one key; the retry finds the other's row)."""
_MIGRATION_LOCK = 7116301
LOCK_ATTEMPTS, LOCK_PAUSE_S = 6, 0.2
"""PostgreSQL ends the session of a server that was killed after its query under way."""
_SERVING_LOCK = 7116302
"""Advisory lock of a session: shared by servers, exclusive for a restore."""

_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"

_warn = RepeatedWarning(logging.getLogger(__name__), "database request failed")


class PostgresDatabase(Database):
    """Shared by any number of server processes. A commit returns once it is on the disk."""

    def __init__(self, url: URL) -> None:
        super().__init__()
        self.url = url
        self._lock: Connection | None = None
        settings = "-c synchronous_commit=on -c statement_timeout=10000 -c lock_timeout=5000"
        self._engine = create_engine(
            url,
            isolation_level="AUTOCOMMIT",  # transactions start with an explicit BEGIN
            connect_args={
                "connect_timeout": 5,
                "application_name": "queue-server",
                "options": settings + " -c idle_in_transaction_session_timeout=20000",
            },
            pool_size=THREADS + 1,  # one holds the servers' lock
            max_overflow=0,
            pool_timeout=5,
        )
        self._threads = ThreadPoolExecutor(THREADS, "database")
        self._slots = threading.Semaphore(MAX_QUEUED)

    def must_exist(self) -> None:
        try:
            with self._engine.connect() as connection:
                revision = revision_of(connection)
        except (DBAPIError, PoolTimeout) as error:
            raise Unavailable(first_line(error)) from error
        if revision is None:
            raise Unavailable("database.missing", path=self.url.database)

    def open(self, *, shared: bool = False) -> None:
        if shared:
            self.renew()
        try:
            with self._engine.begin() as connection, transaction(connection):
                # Advisory lock: of two processes that start at once, one migrates, one waits.
                execute(connection, f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
                migrate(connection)
                if shared and meta.get(connection, meta.RESTORING) is not None:
                    raise Unusable("database.half_restored")
        except (DBAPIError, PoolTimeout) as error:
            raise Unavailable(first_line(error)) from error
        self.is_open = True

    def read_unopened(self, work: Work[T]) -> T | None:
        try:
            with self._engine.connect() as connection:
                return None if revision_of(connection) is None else work(connection)
        except (DBAPIError, PoolTimeout) as error:
            raise Unavailable(first_line(error)) from error

    def hold_alone(self) -> None:
        for _ in range(LOCK_ATTEMPTS):
            if self._take_lock("pg_try_advisory_lock"):
                return
            time.sleep(LOCK_PAUSE_S)
        raise Unusable("database.serving")

    def renew(self) -> None:
        try:
            if self._lock is not None:
                self._lock.execute(text("SELECT 1"))
                return
        except DBAPIError:  # PostgreSQL was restarted: the session and its lock are gone
            self._release_lock()
        if not self._take_lock("pg_try_advisory_lock_shared"):
            self.is_open = False  # a restore is under way; ``open`` is called again
            raise Unavailable("database.restoring", path=self.url.database)

    def _take_lock(self, function: str) -> bool:
        """Take the servers' lock on a connection that is kept; False if it is not free."""
        try:
            connection = self._engine.connect()
            taken = connection.execute(text(f"SELECT {function}({_SERVING_LOCK})")).scalar()
        except (DBAPIError, PoolTimeout) as error:
            raise Unavailable(first_line(error)) from error
        if taken:
            self._lock = connection
        else:
            connection.close()
        return bool(taken)

    def _release_lock(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.invalidate()  # ends the session, and its lock
            lock.close()

    def close(self) -> None:
        self.is_open = False
        self._threads.shutdown()
        self._release_lock()
        self._engine.dispose()

    def submit(self, work: Work[T], *, write: bool, atomic: bool = True) -> Future[T]:
        if not self.is_open:
            raise Unavailable("database.closed")
        if not self._slots.acquire(blocking=False):
            raise Unavailable("database.full")
        begin = "BEGIN" if write else _READ
        future = self._threads.submit(self._run, work, begin if atomic else "")
        future.add_done_callback(lambda _: self._slots.release())
        return future

    def _run(self, work: Work[T], begin: str) -> T:
        """Run a unit; retry it after a collision, and once after a lost connection.

        A connection may be lost after its commit succeeded. The retry is safe all the same: every
        unit is idempotent by an id that the client chose (ticket, revision, request).
        """
        writes = begin != _READ
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                with (
                    self._engine.connect() as connection,
                    transaction(connection, begin) if begin else nullcontext(),
                ):
                    result = work(connection)
                    # A unit that wrote nothing succeeds on a full disk too.
                    proven = begin == "BEGIN" and self.write_fault and _has_written(connection)
                if proven:
                    self.write_fault = None
                return result
            except DBAPIError as error:
                lost = error.connection_invalidated
                collided = getattr(error.orig, "sqlstate", None) in _RETRYABLE
                if attempt < MAX_ATTEMPTS and (collided or (lost and attempt == 1)):
                    time.sleep(random.uniform(0, BACKOFF_S * attempt))  # noqa: S311
                    continue
                if not (collided or isinstance(error, OperationalError | InterfaceError)):
                    raise
                if writes:
                    self.write_fault = first_line(error)
                _warn(first_line(error))
                raise Unavailable(first_line(error)) from error
            except PoolTimeout as error:
                raise Unavailable("database.no_connection") from error
        raise AssertionError("unreachable")


def _has_written(connection: Connection) -> bool:
    """Whether the transaction under way has an id, which PostgreSQL assigns at its first write."""
    return bool(connection.execute(text("SELECT txid_current_if_assigned() IS NOT NULL")).scalar())
