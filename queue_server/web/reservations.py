"""PUT /tickets/{id} on a fast path that bypasses the framework's routing.

Reservations dominate the load when an office opens, and the routing would cost about half of the
time that a reservation takes in this process. The route is declared in ``kiosk_routes`` as well:
for the OpenAPI document, and for requests whose path the fast path does not match. Both call
``reservation``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import Response
from sqlalchemy import Connection
from starlette.types import ASGIApp, Receive, Scope, Send

from queue_server import reserve as reserving
from queue_server.errors import RequestProblem, Unavailable
from queue_server.messages import TICKET_ID, Reservation
from queue_server.web import problems
from queue_server.web.context import ServerContext, body_of

_PATH = re.compile(rf"/api/v1/tickets/({TICKET_ID})")


class ReservationFastPath:
    """ASGI middleware that answers reservations and passes every other request on."""

    def __init__(self, app: ASGIApp, context: ServerContext) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        match = _PATH.fullmatch(scope["path"]) if scope.get("method") == "PUT" else None
        if match is None:
            await self._app(scope, receive, send)
            return
        scope["queue.route"] = "/api/v1/tickets/{id}"
        try:
            response = await reservation(self._context, scope, match[1])
        except RequestProblem as problem:
            response = problems.document(problem)
        except Unavailable:
            response = problems.document(problems.unavailable())
        except Exception:
            await problems.document(problems.internal_error())(scope, receive, send)
            raise  # logged by RequestMiddleware
        await response(scope, receive, send)


async def reservation(context: ServerContext, scope: Scope, ticket: str) -> Response:
    """Reserve a number for the id ``ticket``. Raises RequestProblem or Unavailable."""
    token = context.token(scope)
    body = body_of(scope, Reservation)
    request = reserving.ReservationRequest(ticket, body.service, body.priority, body.track)

    def work(connection: Connection) -> dict[str, Any]:
        at = reserving.ReserveContext(
            context.catalogue.menu, context.clock.now_us(), context.recent, context.ratio
        )
        return reserving.reserve(connection, token, request, at)

    try:
        answer = await context.database.write(work, atomic=False)
    except RequestProblem as problem:
        context.metrics.count("queue_reservations_total", outcome=problem.code)
        raise
    context.metrics.count("queue_reservations_total", outcome="given")
    context.changed()
    return Response(json.dumps(answer), media_type="application/json")
