"""The outermost layer: request limits, timing, response headers, unhandled errors."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from typing import Any

from fastapi import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from queue_server.errors import RequestProblem
from queue_server.web.metrics import PrometheusMetrics
from queue_server.web.problems import document

MAX_BYTES = 1024 * 1024
"""Largest body. 500 tickets need a quarter of it."""
BODY_S = 15.0
"""How long a body may take to arrive."""
MAX_BUCKETS = 10_000
"""Tokens whose rate is tracked; the least recently used are dropped."""
MAX_DRAINED_BYTES = 16 * MAX_BYTES
DRAIN_S = 2.0
"""How long the rest of a rejected body is read before the answer is sent."""

_log = logging.getLogger(__name__)
_HEADERS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))


class RequestMiddleware:
    """Reads the body within limits, calls the application, records metrics, handles errors."""

    def __init__(self, app: ASGIApp, metrics: PrometheusMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def record(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), *_HEADERS]
            await send(message)

        try:
            body = await _body(scope, receive)
            scope["queue.body"] = body
            await self._app(scope, receive, record)
        except RequestProblem as problem:
            await _reject(problem, scope, receive, record)
        except Exception:  # noqa: BLE001  # already answered with 500
            _log.exception("request failed", extra={"route": _route(scope)})
        finally:
            elapsed_s = time.perf_counter() - started
            self._metrics.request(_route(scope), scope["method"], status, elapsed_s)


def _route(scope: Scope) -> str:
    """The pattern of the route. Paths themselves hold tracking tokens and are never logged."""
    route: Any = scope.get("route")
    return str(scope.get("queue.route") or getattr(route, "path", "other"))


async def _reject(problem: RequestProblem, scope: Scope, receive: Receive, send: Send) -> None:
    response: Response = document(problem)
    response.headers["Connection"] = "close"
    await _drain(receive)
    await response(scope, receive, send)


async def _drain(receive: Receive) -> None:
    """Read the rest of a rejected body, within limits.

    Closing a socket with unread data sends a TCP reset, which can discard the answer before the
    client has read it.
    """
    size = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            while size < MAX_DRAINED_BYTES:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body"):
                    return
                size += len(message.get("body", b""))


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The body. Raises RequestProblem if it is too large, too slow, compressed or not JSON."""
    headers = dict(scope["headers"])
    if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
        raise RequestProblem(415, "encoded_body", "Bodies are not taken compressed.")
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or int(length[:20]) > MAX_BYTES:
        raise _too_large()
    media_type = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    has_body = bool(length.strip(b"0")) or b"transfer-encoding" in headers
    if has_body and media_type != b"application/json":
        raise RequestProblem(415, "not_json", "Bodies are application/json.")
    try:
        async with asyncio.timeout(BODY_S):
            return await _read(receive)
    except TimeoutError:
        raise RequestProblem(408, "too_slow", "The body did not arrive in time.") from None


async def _read(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""  # the client disconnected
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > MAX_BYTES:
            raise _too_large()
        if not message.get("more_body"):
            return b"".join(chunks)


def _too_large() -> RequestProblem:
    return RequestProblem(413, "too_large", f"A body has at most {MAX_BYTES} bytes.")


class RateLimiter:
    """A token bucket for each access token: ``rate`` requests a second, bursts of twice that.

    Held in memory, so that it protects the database as well. N server processes behind one address
    together allow N times the rate.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def check(self, token: str) -> None:
        """Take one request from the bucket. Raises RequestProblem 429 (Retry-After) if empty."""
        if not self._rate:
            return
        now_s = time.monotonic()
        burst = self._rate * 2
        level, since_s = self._buckets.pop(token, (burst, now_s))
        level = min(burst, level + (now_s - since_s) * self._rate)
        if level < 1:
            self._buckets[token] = (level, now_s)
            retry = {"Retry-After": str(1 + int((1 - level) / self._rate))}
            raise RequestProblem(
                429, "too_many_requests", "Too many requests; wait.", headers=retry
            )
        self._buckets[token] = (level - 1, now_s)
        if len(self._buckets) > MAX_BUCKETS:
            self._buckets.popitem(last=False)
