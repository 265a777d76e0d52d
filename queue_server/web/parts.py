"""What the routes work with."""

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
from queue_server.catalogue import Catalogue
from queue_server.clock import Clock
from queue_server.database import Database
from queue_server.live import Live
from queue_server.waiting import Recent
from queue_server.web import problems
from queue_server.web.edge import Limiter
from queue_server.web.events import Events, as_text
from queue_server.web.metrics import Metrics

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


@dataclass
class Parts:
    """The parts of one server process. ``stopping`` is set when it begins to stop.

    ``ratio``: so many priority tickets are called for each other one; 0: all of them first.
    """

    database: Database
    catalogue: Catalogue
    clock: Clock
    limiter: Limiter
    ratio: int
    live: Live
    events: Events = field(init=False)
    recent: Recent = field(default_factory=Recent)
    metrics: Metrics = field(default_factory=Metrics)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.events = Events(self._board)

    def changed(self) -> None:
        """Something was written that live state and board show."""
        self.live.changed()
        self.events.changed()

    async def _board(self) -> str:
        menu, now_us = self.catalogue.menu, self.clock.now_us()
        return as_text(await self.database.read(lambda c: view.board(c, menu, now_us)))

    async def write_as(
        self, request: Request, kind: str, work: Callable[[Connection, Principal], T]
    ) -> T:
        """Work that writes, for whoever holds the request's token; ``kind``: kiosk or staff."""
        token = self.token(request.scope)

        def carry_out(connection: Connection) -> T:
            return work(connection, authenticate(connection, token, kind))

        return await self.database.write(carry_out)

    async def read_as(
        self, request: Request, kind: str, work: Callable[[Connection, Principal], T]
    ) -> T:
        """The same for work that only reads."""
        token = self.token(request.scope)

        def carry_out(connection: Connection) -> T:
            return work(connection, authenticate(connection, token, kind, write=False))

        return await self.database.read(carry_out)

    def token(self, scope: Scope) -> str:
        """The token of a request, within its rate; Problem 401 or 429."""
        token = bearer(Headers(scope=scope).get("authorization"))
        self.limiter.check(token)
        return token


def body_of(scope: Scope, kind: type[M]) -> M:
    """The body as a message; Problem where it is none.

    Read by the standard library: a lone surrogate is then one bad field (RFC 8259, 8.2), where
    pydantic's own reader would refuse the whole exchange for one row.
    """
    body: bytes = scope["queue.body"]
    try:
        said = json.loads(body.decode()) if body else None
    except (ValueError, RecursionError):
        raise problems.not_json() from None
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        raise problems.of_validation(error.errors(include_input=False)) from None


def parts_of(request: Request) -> Parts:
    """The parts that the application was made with."""
    found: Any = request.app.state.parts
    assert isinstance(found, Parts)  # noqa: S101  # for the type checker
    return found
