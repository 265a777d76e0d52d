"""The OpenAPI document: what the routes declare, completed with bodies, problems, security."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from queue_server.messages import (
    Action,
    Call,
    Exchange,
    Pause,
    ProblemDocument,
    ReportedCall,
    Reservation,
    Row,
)

_BODIES = (Action, Call, Exchange, Pause, Reservation)
_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "The token of a kiosk, of staff or of a board.",
}


def body(model: type[BaseModel]) -> dict[str, Any]:
    """The request body of a route, as OpenAPI. The route parses it itself (``context.body_of``)."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Problem responses of a route, plus those that every route may give (429, 503, …)."""
    schema = {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
    answer = {"description": "Problem", "content": {"application/problem+json": schema}}
    return {status: dict(answer) for status in sorted({*statuses, 408, 413, 415, 429, 503})}


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of ``app``."""
    made = get_openapi(title=app.title, version=app.version, routes=app.routes)
    schemas = made["components"]["schemas"]
    _, found = models_json_schema(
        [(model, "validation") for model in (ProblemDocument, ReportedCall, Row, *_BODIES)],
        ref_template="#/components/schemas/{model}",
    )
    schemas |= found["$defs"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    made["components"]["schemas"] = dict(sorted(schemas.items()))
    made["components"]["securitySchemes"] = {"Token": _SCHEME}
    for path, operations in made["paths"].items():
        for operation in operations.values():
            operation["security"] = [{"Token": []}] if path.startswith("/api/") else []
    return made
