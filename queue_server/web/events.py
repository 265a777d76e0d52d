"""The stream of boards: whole snapshots as server-sent events.

One look at the database for all listeners of this process, and a snapshot only when something
changed. What other processes change is noticed within a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable

from queue_server.errors import Unavailable

LOOK_S = 1.0
HEARTBEAT_S = 15.0
RETRY_MS = 3000


class Events:
    """Keeps the last board while somebody listens."""

    def __init__(self, look: Callable[[], Awaitable[str]]) -> None:
        self._look = look
        self._text = ""
        self._number = 0
        self._news = asyncio.Condition()
        self._wake = asyncio.Event()
        self._listeners = 0
        self._task: asyncio.Task[None] | None = None

    def changed(self) -> None:
        """Something was written that the board shows."""
        self._wake.set()

    async def stream(
        self, stopping: asyncio.Event, still_good: Callable[[], Awaitable[None]]
    ) -> AsyncIterator[str]:
        """Events for one listener, until the server stops or the token is no longer good.

        ``still_good`` raises when it is not; it is asked at each heartbeat.
        """
        self._listeners += 1
        if self._task is None:
            self._task = asyncio.create_task(self._keep(stopping))
        try:
            yield f"retry: {RETRY_MS}\n\n"
            seen = 0
            while not stopping.is_set():
                if seen != self._number:
                    seen = self._number
                    yield f"event: board\nid: {seen}\ndata: {self._text}\n\n"
                    continue
                if not await self._wait(seen):
                    with contextlib.suppress(Unavailable):
                        await still_good()
                    yield ": heartbeat\n\n"
        finally:
            self._listeners -= 1
            if not self._listeners and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _wait(self, seen: int) -> bool:
        """Whether there is news (or the server stops) before a heartbeat is due."""
        try:
            async with asyncio.timeout(HEARTBEAT_S), self._news:
                await self._news.wait_for(lambda: self._number != seen)
        except TimeoutError:
            return False
        return True

    async def _keep(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            self._wake.clear()
            with contextlib.suppress(Unavailable):
                text = await self._look()
                if text != self._text:
                    await self._tell(text)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._wake.wait()
        await self._tell(self._text)

    async def _tell(self, text: str) -> None:
        async with self._news:
            self._text = text
            self._number += 1
            self._news.notify_all()


def as_text(board: dict[str, object]) -> str:
    """A board on one line."""
    return json.dumps(board, separators=(",", ":"))
