"""What the routes share: the components of one server process, authentication, bodies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection
from starlette.datastructures import Headers
from starlette.types import Scope

from queue_server import view
from queue_server.access import Principal, authenticate, bearer
from queue_server.catalogue import LiveCatalogue
from queue_server.clock import Clock
from queue_server.database import Database
from queue_server.live import LiveStates
from queue_server.waiting import Recent
from queue_server.web import problems
from queue_server.web.events import BoardStream
from queue_server.web.metrics import PrometheusMetrics
from queue_server.web.middleware import RateLimiter

PAGES_OF_TRACK = 2.0
"""Tracking pages a second for one number; the page loads itself every 15 s."""
PAGES = 200.0
"""Tracking pages a second of this process: enough for 3,000 phones, and little beside kiosks."""

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


@dataclass
class ServerContext:
    """The components of one server process.

    ``ratio``: priority tickets called for each regular one; 0: all priority tickets first.
    ``stopping``: set when a graceful stop begins. ``database_fault``: why the database cannot be
    reached, as found by the last look; empty while it can.
    """

    database: Database
    catalogue: LiveCatalogue
    clock: Clock
    limiter: RateLimiter
    ratio: int
    live: LiveStates
    database_fault: str = ""
    events: BoardStream = field(init=False)
    track_limiter: RateLimiter = field(default_factory=lambda: RateLimiter(PAGES_OF_TRACK))
    page_limiter: RateLimiter = field(default_factory=lambda: RateLimiter(PAGES))
    recent: Recent = field(default_factory=Recent)
    metrics: PrometheusMetrics = field(default_factory=PrometheusMetrics)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.events = BoardStream(self._board)

    def changed(self) -> None:
        """Invalidate cached service states and wake the board stream, after a write."""
        self.live.changed()
        self.events.changed()

    async def _board(self) -> dict[str, Any]:
        menu, now_us = self.catalogue.menu, self.clock.now_us()
        return await self.database.read(lambda c: view.board(c, menu, now_us, self.ratio))

    async def write_as(
        self, request: Request, kind: str, work: Callable[[Connection, Principal], T]
    ) -> T:
        """Authenticate the request and run a unit that writes, in one transaction.

        ``kind``: as for ``authenticate``. Raises RequestProblem 401, 403 or 429, or Unavailable.
        """
        token = self.token(request.scope)

        def authenticated(connection: Connection) -> T:
            return work(connection, authenticate(connection, token, kind))

        return await self.database.write(authenticated)

    async def read_as(
        self, request: Request, kind: str, work: Callable[[Connection, Principal], T]
    ) -> T:
        """``write_as`` for a unit that only reads."""
        token = self.token(request.scope)

        def authenticated(connection: Connection) -> T:
            return work(connection, authenticate(connection, token, kind, write=False))

        return await self.database.read(authenticated)

    def token(self, scope: Scope) -> str:
        """The token of a request. Raises RequestProblem 401 without one, 429 above its rate."""
        token = bearer(Headers(scope=scope).get("authorization"))
        self.limiter.check(token)
        return token


def body_of(scope: Scope, kind: type[M]) -> M:
    """Parse the body as a message of type ``kind``. Raises RequestProblem 400 or 422.

    Uses the standard library's JSON parser: it accepts a lone surrogate (RFC 8259, 8.2), so that
    one row fails validation; pydantic's own parser would reject the whole exchange.
    """
    body: bytes = scope["queue.body"]
    try:
        message = json.loads(body.decode()) if body else None
    except (ValueError, RecursionError):
        raise problems.not_json() from None
    try:
        return kind.model_validate(message)
    except ValidationError as error:
        raise problems.of_validation(error.errors(include_input=False)) from None


def context_of(request: Request) -> ServerContext:
    """The context of the application that handles ``request``."""
    found: Any = request.app.state.context
    assert isinstance(found, ServerContext)  # noqa: S101  # for the type checker
    return found
