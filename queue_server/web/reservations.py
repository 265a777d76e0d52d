"""PUT /tickets/{id}: what a rush at the door consists of, and so by a short way.

The framework's routing would take about half of the time that a reservation costs its process.
The route stands in ``kiosk_routes`` like every other, for the OpenAPI document and for whatever
is not a plain reservation; both ways end in ``reservation``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import Response
from sqlalchemy import Connection
from starlette.types import ASGIApp, Receive, Scope, Send

from queue_server import reserve as reserving
from queue_server.errors import Problem, Unavailable
from queue_server.messages import TICKET_ID, Reservation
from queue_server.web import problems
from queue_server.web.parts import Parts, body_of

_PATH = re.compile(rf"/api/v1/tickets/({TICKET_ID})")


class ShortWay:
    """Stands before the framework, and answers plain reservations itself."""

    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        self._app = app
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        found = _PATH.fullmatch(scope["path"]) if scope.get("method") == "PUT" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        scope["queue.route"] = "/api/v1/tickets/{id}"
        try:
            response = await reservation(self._parts, scope, found[1])
        except Problem as problem:
            response = problems.document(problem)
        except Unavailable:
            response = problems.document(problems.unavailable())
        except Exception:
            await problems.document(problems.broken())(scope, receive, send)
            raise
        await response(scope, receive, send)


async def reservation(parts: Parts, scope: Scope, ticket: str) -> Response:
    """The answer to a reservation; Problem or Unavailable where there is none."""
    token = parts.token(scope)
    wish = body_of(scope, Reservation)
    asked = reserving.Wish(ticket, wish.service, wish.priority, wish.track)

    def work(connection: Connection) -> dict[str, Any]:
        at = reserving.Place(parts.catalogue.menu, parts.clock.now_us(), parts.recent)
        return reserving.reserve(connection, token, asked, at)

    try:
        answer = await parts.database.write(work, whole=False)
    except Problem as problem:
        parts.metrics.count("queue_reservations_total", outcome=problem.code)
        raise
    parts.metrics.count("queue_reservations_total", outcome="given")
    parts.changed()
    return Response(json.dumps(answer), media_type="application/json")
