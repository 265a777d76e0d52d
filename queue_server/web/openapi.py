"""What the OpenAPI document says beside what the routes say themselves."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.security import HTTPBearer

from queue_server.messages import ProblemDocument, Row

bearer_scheme = HTTPBearer(auto_error=False, description="The token of a kiosk or of staff.")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Problem documents as the answers of a route; 429 and 503 may come from all."""
    schema = {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
    answer = {"description": "Problem", "content": {"application/problem+json": schema}}
    return {status: dict(answer) for status in sorted({*statuses, 408, 413, 415, 429, 503})}


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of ``app``."""
    made = get_openapi(title=app.title, version=app.version, routes=app.routes)
    schemas = made["components"]["schemas"]
    for model in (ProblemDocument, Row):
        found = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= found.pop("$defs", {})
        schemas[model.__name__] = found
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    made["components"]["schemas"] = dict(sorted(schemas.items()))
    return made
