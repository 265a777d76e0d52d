"""The outermost layer: limits on what comes in, times, headers, and what breaks."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from typing import Any

from fastapi import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from queue_server.errors import Problem
from queue_server.web.metrics import Metrics
from queue_server.web.problems import document

MOST_BYTES = 1024 * 1024
"""The largest body; 500 tickets take a quarter of it."""
BODY_S = 15.0
"""How long a body may take to arrive."""
MOST_TOKENS = 10_000
MOST_DRAINED = 16 * MOST_BYTES
DRAIN_S = 2.0

_log = logging.getLogger(__name__)
_HEADERS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))


class Edge:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), *_HEADERS]
            await send(message)

        try:
            body = await _body(scope, receive)
            scope["queue.body"] = body
            await self._app(scope, receive, note)
        except Problem as problem:
            await _refuse(problem, scope, receive, note)
        except Exception:  # noqa: BLE001  # answered already, as 500
            _log.exception("a request failed", extra={"route": _route(scope)})
        finally:
            spent = time.perf_counter() - started
            self._metrics.request(_route(scope), scope["method"], status, spent)


def _route(scope: Scope) -> str:
    """The route's pattern: a path itself may hold what nobody should read in a log."""
    route: Any = scope.get("route")
    return str(scope.get("queue.route") or getattr(route, "path", "other"))


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    response: Response = document(problem)
    response.headers["Connection"] = "close"
    await _drain(receive)
    await response(scope, receive, send)


async def _drain(receive: Receive) -> None:
    """Lets a client finish its sentence, within limits: else it might not read the answer."""
    size = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            while size < MOST_DRAINED:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body"):
                    return
                size += len(message.get("body", b""))


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The whole body; Problem where it is too large, too slow, encoded, or not JSON."""
    headers = dict(scope["headers"])
    if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
        raise Problem(415, "encoded_body", "Bodies are not taken compressed.")
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or int(length[:20]) > MOST_BYTES:
        raise _too_large()
    kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    is_there = bool(length.strip(b"0")) or b"transfer-encoding" in headers
    if is_there and kind != b"application/json":
        raise Problem(415, "not_json", "Bodies are application/json.")
    try:
        async with asyncio.timeout(BODY_S):
            return await _read(receive)
    except TimeoutError:
        raise Problem(408, "too_slow", "The body did not arrive in time.") from None


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""  # the client has gone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BYTES:
            raise _too_large()
        if not message.get("more_body"):
            return b"".join(parts)


def _too_large() -> Problem:
    return Problem(413, "too_large", f"A body has at most {MOST_BYTES} bytes.")


class Limiter:
    """At most ``rate`` requests a second for each token, with a burst of twice as many.

    Kept in memory, so that it guards the database too: several server processes behind one
    address together let through so many times more.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def check(self, token: str) -> None:
        """Problem 429 with Retry-After where there are too many."""
        if not self._rate:
            return
        now_s = time.monotonic()
        burst = self._rate * 2
        level, since_s = self._buckets.pop(token, (burst, now_s))
        level = min(burst, level + (now_s - since_s) * self._rate)
        if level < 1:
            self._buckets[token] = (level, now_s)
            retry = {"Retry-After": str(1 + int((1 - level) / self._rate))}
            raise Problem(429, "too_many_requests", "Too many requests; wait.", headers=retry)
        self._buckets[token] = (level - 1, now_s)
        if len(self._buckets) > MOST_TOKENS:
            self._buckets.popitem(last=False)
