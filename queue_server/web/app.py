"""The application: routes, error documents, the OpenAPI document."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI, Request, Response

from queue_server.web import kiosk_routes, openapi, problems, staff_routes, tracking
from queue_server.web.edge import Edge
from queue_server.web.parts import Parts, parts_of
from queue_server.web.reservations import ShortWay

VERSION = "1"


def bare_app() -> FastAPI:
    """The application without its parts: enough for the OpenAPI document."""
    app = FastAPI(
        title="MPP queue server",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # it would send a client and its token where "Host" points
    )
    problems.install(app)
    app.include_router(kiosk_routes.router)
    app.include_router(staff_routes.router)
    app.include_router(tracking.router)
    app.add_api_route("/healthz", healthz, include_in_schema=False)
    app.add_api_route("/readyz", readyz, include_in_schema=False)
    app.add_api_route("/metrics", metrics, include_in_schema=False)
    app.add_api_route("/api/v1/openapi.json", openapi_json, include_in_schema=False)
    return app


def make_app(parts: Parts) -> Edge:
    """The application of one server process."""
    app = bare_app()
    app.state.parts = parts
    return Edge(ShortWay(app, parts), parts.metrics)


async def healthz() -> Response:
    """Whether this process lives."""
    return Response("ok\n", media_type="text/plain")


async def readyz(request: Request) -> Response:
    """Whether it can serve: database reached, catalogue read, not stopping."""
    parts = parts_of(request)
    await parts.database.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())
    if parts.stopping.is_set() or not parts.catalogue.ready:
        return problems.document(problems.unavailable())
    return Response("ok\n", media_type="text/plain")


async def metrics(request: Request) -> Response:
    """Figures for Prometheus."""
    parts = parts_of(request)
    parts.metrics.gauges |= {
        "queue_catalogue_good": float(parts.catalogue.fault is None),
        "queue_database_open": float(parts.database.is_open),
    }
    return Response(parts.metrics.text(), media_type="text/plain; version=0.0.4")


async def openapi_json(request: Request) -> Response:
    """The OpenAPI document."""
    found: Any = openapi.document(request.app)
    return Response(json.dumps(found), media_type="application/json")
