"""GET /events: the board as server-sent events, at most two of them a second and listener.

One task reads the board for all listeners of this process. A change made by another process is
noticed at the next poll, within a second. A listener that asked for changes gets the whole board
once, then JSON Patches (RFC 6902); the whole board again if it missed one, or if that is shorter.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from queue_server.errors import Unavailable

POLL_S = 1.0
APART_S = 0.5
"""Least seconds between two boards of one listener, and between two reads of the database."""
HEARTBEAT_S = 15.0
RETRY_MS = 3000
_KEYS = {"counters": "counter", "waiting": "id", "recent": "id", "staff_calls": "id"}
"""The lists of a board, and the field that identifies an entry."""


class BoardStream:
    """Polls the board while there are listeners and sends it to them."""

    def __init__(self, read_board: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        self._read_board = read_board
        self._board: dict[str, Any] = {}
        self._text = ""
        self._patch: str | None = None
        self._version = 0
        self._condition = asyncio.Condition()
        self._wake = asyncio.Event()
        self._listeners = 0
        self._task: asyncio.Task[None] | None = None

    def changed(self) -> None:
        """Read the board again, now or ``APART_S`` after the last read: a write changed it."""
        self._wake.set()

    async def stream(
        self,
        stopping: asyncio.Event,
        check_token: Callable[[], Awaitable[None]],
        *,
        changes: bool = False,
    ) -> AsyncGenerator[str, None]:
        """Yield events for one listener until ``stopping`` is set or its token is invalid.

        ``check_token`` is called at each heartbeat; it raises once the token is invalid.
        ``changes``: send JSON Patches after the first board.
        """
        self._listeners += 1
        if self._task is None:
            self._task = asyncio.create_task(self._poll(stopping))
        try:
            yield f"retry: {RETRY_MS}\n\n"
            seen, has_board = self._version - bool(self._text), False
            while not stopping.is_set():
                if seen != self._version:
                    next_one, seen = seen + 1 == self._version, self._version
                    if changes and has_board and next_one and self._patch is not None:
                        yield f"event: changes\nid: {seen}\ndata: {self._patch}\n\n"
                    else:
                        yield f"event: board\nid: {seen}\ndata: {self._text}\n\n"
                    has_board = True
                    await _pause(stopping)  # it may have joined shortly before the next board
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
                self._text = ""  # the next listener must not see a board that is no longer read

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
                board = await self._read_board()
                if board != self._board or not self._text:
                    await self._publish(board)
            await _pause(stopping)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S - APART_S):
                    await self._wake.wait()
        async with self._condition:  # wakes the listeners, which then see ``stopping``
            self._version += 1
            self._condition.notify_all()

    async def _publish(self, board: dict[str, Any]) -> None:
        text = _json(board)
        patch = _json(differences(self._board, board)) if self._text else None
        async with self._condition:
            self._board, self._text = board, text
            self._patch = patch if patch is not None and len(patch) < len(text) else None
            self._version += 1
            self._condition.notify_all()


async def _pause(stopping: asyncio.Event) -> None:
    """Wait ``APART_S``, less if the server stops."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(APART_S):
            await stopping.wait()


def _json(value: Any) -> str:
    """JSON on one line, as an event needs it."""
    return json.dumps(value, separators=(",", ":"))


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[dict[str, Any]]:
    """The JSON Patch that turns the board ``old`` into ``new``, both with the same fields."""
    patch: list[dict[str, Any]] = []
    for name, value in new.items():
        if value == old[name]:
            continue
        if name in _KEYS:
            patch += _of_list(f"/{name}", old[name], value, _KEYS[name])
        elif isinstance(value, dict):
            patch += _of_object(f"/{name}", old[name], value)
        else:
            patch.append({"op": "replace", "path": f"/{name}", "value": value})
    return patch


def _of_object(path: str, old: dict[str, Any], new: dict[str, Any]) -> list[dict[str, Any]]:
    gone = [{"op": "remove", "path": f"{path}/{_escaped(key)}"} for key in old.keys() - new.keys()]
    # "add" replaces a member that exists.
    return gone + [
        {"op": "add", "path": f"{path}/{_escaped(key)}", "value": value}
        for key, value in new.items()
        if key not in old or old[key] != value
    ]


def _of_list(path: str, old: list[Any], new: list[Any], key: str) -> list[dict[str, Any]]:
    """Removals from the end on, then insertions and replacements in order."""
    kept = {entry[key] for entry in new}
    patch: list[dict[str, Any]] = [
        {"op": "remove", "path": f"{path}/{at}"}
        for at in range(len(old) - 1, -1, -1)
        if old[at][key] not in kept
    ]
    left = [entry for entry in old if entry[key] in kept]
    before = {entry[key] for entry in left}
    if [entry[key] for entry in left] != [entry[key] for entry in new if entry[key] in before]:
        return [{"op": "replace", "path": path, "value": new}]  # entries changed places
    was = {entry[key]: entry for entry in left}
    for at, entry in enumerate(new):
        if entry[key] not in was:
            patch.append({"op": "add", "path": f"{path}/{at}", "value": entry})
        elif entry != was[entry[key]]:
            patch.append({"op": "replace", "path": f"{path}/{at}", "value": entry})
    return patch


def _escaped(key: str) -> str:
    """A member's name in a JSON Pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
