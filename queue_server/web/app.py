"""The ASGI application: routes, error handlers, health checks, the OpenAPI document."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from queue_server import staff_calls
from queue_server.errors import RequestProblem, Unavailable
from queue_server.menu_file import FileState
from queue_server.web import kiosk_routes, openapi, problems, staff_routes, tracking
from queue_server.web.context import ServerContext, context_of
from queue_server.web.middleware import RequestMiddleware
from queue_server.web.reservations import ReservationFastPath

VERSION = "1"
HEALTHZ, READYZ, METRICS = "/healthz", "/readyz", "/metrics"
_MONITORED = (READYZ, METRICS)
_NOT_TAKEN = (FileState.BAD, FileState.WAITING, FileState.OTHER_SITE)


def bare_app() -> FastAPI:
    """The application without a context: sufficient for the OpenAPI document."""
    app = FastAPI(
        title="MPP queue server",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # it would send a client, with its token, to the host in "Host"
    )
    problems.install(app)
    app.include_router(kiosk_routes.router)
    app.include_router(staff_routes.router)
    app.include_router(tracking.router)
    app.add_api_route(HEALTHZ, healthz, include_in_schema=False)
    app.add_api_route(READYZ, readyz, include_in_schema=False)
    app.add_api_route(METRICS, metrics, include_in_schema=False)
    app.add_api_route("/api/v1/openapi.json", openapi_json, include_in_schema=False)
    return app


def make_app(context: ServerContext, monitor_port: int | None = None) -> RequestMiddleware:
    """The application of one server process, with its middleware.

    ``monitor_port``: the port that alone answers ``/metrics`` and ``/readyz``, and nothing else.
    """
    app = bare_app()
    app.state.context = context
    whole: ASGIApp = ReservationFastPath(app, context)
    if monitor_port is not None:
        whole = _MonitorGate(whole, monitor_port)
    return RequestMiddleware(whole, context.metrics)


class _MonitorGate:
    """Separates the address for monitoring from the one for kiosks, counters and visitors."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request. Raises RequestProblem 404 at the wrong address."""
        path, on_monitor = scope["path"], scope["server"][1] == self._port
        if path != HEALTHZ and (path in _MONITORED) is not on_monitor:
            raise RequestProblem(404, "no_such_page", "This is at another address of the server.")
        await self._app(scope, receive, send)


async def healthz() -> Response:
    """Liveness: the process answers."""
    return Response("ok\n", media_type="text/plain")


async def readyz(request: Request) -> Response:
    """Readiness: the database answers, its last write succeeded, a catalogue is loaded, and the
    server is not stopping."""
    context = context_of(request)
    await context.database.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())
    unwritable = context.database.write_fault is not None
    if unwritable or context.stopping.is_set() or not context.catalogue.ready:
        return problems.document(problems.unavailable())
    return Response("ok\n", media_type="text/plain")


async def metrics(request: Request) -> Response:
    """Metrics in the Prometheus text format."""
    context = context_of(request)
    status = context.catalogue.status
    is_open = context.database.is_open and not context.database_fault
    context.metrics.gauges |= {
        "queue_catalogue_good": float(status.state not in _NOT_TAKEN),
        "queue_catalogue_services_missing": float(len(status.missing)),
        "queue_database_open": float(is_open),
        "queue_database_writable": float(is_open and context.database.write_fault is None),
    }
    now_us = context.clock.now_us()
    context.metrics.gauges.pop("queue_staff_calls_open", None)
    if context.database.is_open:
        # Without the database the other metrics are needed most: leave out this one.
        with contextlib.suppress(Unavailable):
            calls = await context.database.read(lambda c: staff_calls.count_open(c, now_us))
            context.metrics.gauges["queue_staff_calls_open"] = float(calls)
    return Response(context.metrics.text(), media_type="text/plain; version=0.0.4")


async def openapi_json(request: Request) -> Response:
    """The OpenAPI document."""
    document: Any = openapi.document(request.app)
    return Response(json.dumps(document), media_type="application/json")
