"""GET /events: the board as server-sent events, one whole snapshot each time it changes.

One task reads the board for all listeners of this process. A change made by another process is
noticed at the next poll, within a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable

from queue_server.errors import Unavailable

POLL_S = 1.0
HEARTBEAT_S = 15.0
RETRY_MS = 3000


class BoardStream:
    """Polls the board while there are listeners and sends it to them.

    ``read_board`` returns the board as JSON on one line.
    """

    def __init__(self, read_board: Callable[[], Awaitable[str]]) -> None:
        self._read_board = read_board
        self._text = ""
        self._version = 0
        self._condition = asyncio.Condition()
        self._wake = asyncio.Event()
        self._listeners = 0
        self._task: asyncio.Task[None] | None = None

    def changed(self) -> None:
        """Read the board again now: something that it shows was written."""
        self._wake.set()

    async def stream(
        self, stopping: asyncio.Event, check_token: Callable[[], Awaitable[None]]
    ) -> AsyncIterator[str]:
        """Yield events for one listener until ``stopping`` is set or its token is invalid.

        ``check_token`` is called at each heartbeat; it raises once the token is invalid.
        """
        self._listeners += 1
        if self._task is None:
            self._task = asyncio.create_task(self._poll(stopping))
        try:
            yield f"retry: {RETRY_MS}\n\n"
            seen = 0
            while not stopping.is_set():
                if seen != self._version:
                    seen = self._version
                    yield f"event: board\nid: {seen}\ndata: {self._text}\n\n"
                    continue
                if not await self._wait(seen):
                    with contextlib.suppress(Unavailable):
                        await check_token()
                    yield ": heartbeat\n\n"
        finally:
            self._listeners -= 1
            if not self._listeners and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _wait(self, seen: int) -> bool:
        """Wait for a new version (or the stop); False if a heartbeat is due first."""
        try:
            async with asyncio.timeout(HEARTBEAT_S), self._condition:
                await self._condition.wait_for(lambda: self._version != seen)
        except TimeoutError:
            return False
        return True

    async def _poll(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            self._wake.clear()
            with contextlib.suppress(Unavailable):
                text = await self._read_board()
                if text != self._text:
                    await self._publish(text)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._wake.wait()
        await self._publish(self._text)  # wakes the listeners, which then see ``stopping``

    async def _publish(self, text: str) -> None:
        async with self._condition:
            self._text = text
            self._version += 1
            self._condition.notify_all()


def as_text(board: dict[str, object]) -> str:
    """A board as JSON on one line, as an event needs it."""
    return json.dumps(board, separators=(",", ":"))
