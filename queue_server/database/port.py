"""The port that the rest of the server uses: submit a unit of work, get its result."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")
Work = Callable[[Connection], T]
"""A unit of work. It may run more than once (retry), so its effects must be idempotent."""

MAX_QUEUED = 2000
"""Units that may wait at once. More means overload: further ones fail with Unavailable."""
YIELD_S = 0.1
"""How long work for visitors' phones gives way to writes, at most."""


class Database(ABC):
    """Runs units of work. Call ``open`` first.

    Every method raises Unavailable while the database cannot be reached. An exception raised by a
    unit of work rolls back that unit alone and reaches its caller.
    """

    def __init__(self) -> None:
        self.is_open = False
        self.write_fault: str | None = None
        """Why the last write failed, such as a full disk; None since a unit changed rows."""
        self._writes = 0
        self._no_write = asyncio.Event()

    @abstractmethod
    def must_exist(self) -> None:
        """Raise Unavailable if ``open`` would create a database, or the tables of one.

        For every command but those that create a database: a mistyped name must be an error, not
        a token that the server does not know.
        """

    @abstractmethod
    def open(self, *, shared: bool = False) -> None:
        """Connect and run the migrations. May be repeated after it failed.

        ``shared``: also take the lock that servers and writing commands share and a restore holds
        alone; ``close`` releases it. Without it a restore would lose what is written meanwhile.
        Raises Unavailable during a restore; Unusable for the database of a newer program and, if
        ``shared``, for a restore that did not end.
        """

    @abstractmethod
    def read_unopened(self, work: Work[T]) -> T | None:
        """Read the database as it is, before a restore replaces it; it need not be open, nor
        migrated. None where there is none. Raises Unavailable where it cannot be read."""

    @abstractmethod
    def hold_alone(self) -> None:
        """Take the shared lock alone, until ``close``. Raises Unusable while another holds it."""

    def renew(self) -> None:  # noqa: B027  # only PostgreSQL can lose its lock
        """Check the servers' lock and take it again if the connection that held it was lost.

        Raises Unavailable if that fails; blocks.
        """

    @abstractmethod
    def close(self) -> None:
        """Finish the units under way, then disconnect."""

    @abstractmethod
    def submit(self, work: Work[T], *, write: bool, atomic: bool = True) -> Future[T]:
        """Queue a unit of work. Its future resolves once the result is durable.

        ``atomic``: run it in one transaction. Otherwise each statement commits by itself, except
        those inside ``prepared.transaction``. SQLite ignores the flag and always uses a
        transaction, because its group commit needs one.
        """

    async def write(self, work: Work[T], *, atomic: bool = True) -> T:
        """Run a unit that writes. Returns after its commit is on the disk. Event loop only."""
        self._writes += 1
        self._no_write.clear()
        try:
            return await self._write(work, atomic=atomic)
        finally:
            self._writes -= 1
            if not self._writes:
                self._no_write.set()

    async def give_way(self) -> None:
        """Return when no ``write`` is under way, after ``YIELD_S`` at the latest. Event loop only.

        A thread that writes takes the GIL anew after each statement. While the event loop has
        pages to make, each time costs the thread Python's switch interval: a reservation beside
        thousands of pages took 20 to 450 ms. Pages therefore wait for it.
        """
        if self._writes:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._no_write.wait(), YIELD_S)

    async def _write(self, work: Work[T], *, atomic: bool) -> T:
        return await asyncio.wrap_future(self.submit(work, write=True, atomic=atomic))

    async def read(self, work: Work[T]) -> T:
        """Run a unit that only reads, in one snapshot."""
        return await asyncio.wrap_future(self.submit(work, write=False))

    def write_now(self, work: Work[T]) -> T:
        """``write`` for callers without an event loop; blocks."""
        return self.submit(work, write=True).result()

    def read_now(self, work: Work[T]) -> T:
        """``read`` for callers without an event loop; blocks."""
        return self.submit(work, write=False).result()


def first_line(error: BaseException) -> str:
    """The first line of the driver's message, without statement and parameters.

    Parameters hold tracking tokens, which must not appear in a log.
    """
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__
