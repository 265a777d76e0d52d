"""Errors as problem documents (RFC 9457), each with a stable ``code``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from queue_server.errors import RequestProblem, Unavailable

RETRY_AFTER_S = 2
_CODES = {404: "no_such_page", 405: "method_not_allowed", 400: "not_json"}


def document(problem: RequestProblem) -> Response:
    """The response for a RequestProblem."""
    body = {
        "type": f"urn:mpp-queue:problem:{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        **problem.more,
    }
    return Response(
        json.dumps(body),
        problem.status,
        headers={"Cache-Control": "no-store", **problem.headers},
        media_type="application/problem+json",
    )


def unavailable() -> RequestProblem:
    """503: the database cannot be reached; a retry may succeed."""
    retry = {"Retry-After": str(RETRY_AFTER_S)}
    return RequestProblem(
        503, "unavailable", "The queue is out of reach now; try again.", headers=retry
    )


def internal_error() -> RequestProblem:
    """500: a defect in the server."""
    return RequestProblem(500, "broken", "The server has failed; staff can see why.")


def not_json() -> RequestProblem:
    """400: a body that is not JSON."""
    return RequestProblem(400, "not_json", "The body is not JSON.")


def install(app: FastAPI) -> None:
    """Register handlers so that ``app`` answers every error with a problem document."""

    @app.exception_handler(RequestProblem)
    def _problem(_: Request, error: RequestProblem) -> Response:
        return document(error)

    @app.exception_handler(Unavailable)
    def _unavailable(_: Request, __: Unavailable) -> Response:
        return document(unavailable())

    @app.exception_handler(RequestValidationError)
    def _invalid(_: Request, error: RequestValidationError) -> Response:
        return document(of_validation(error.errors()))

    @app.exception_handler(HTTPException)
    def _http(_: Request, error: HTTPException) -> Response:
        code = _CODES.get(error.status_code, "refused")
        return document(
            RequestProblem(error.status_code, code, str(error.detail), headers=error.headers)
        )

    @app.exception_handler(Exception)
    def _broken(_: Request, __: Exception) -> Response:
        return document(internal_error())


def of_validation(found: Sequence[Mapping[str, Any]]) -> RequestProblem:
    """422 with the invalid fields and why. Never their values: they may be personal."""
    errors = [
        {
            "field": ".".join(str(part)[:64] for part in error["loc"] if part != "body"),
            "detail": str(error["msg"])[:200],
        }
        for error in found[:20]
    ]
    return RequestProblem(422, "invalid", "Some fields are missing or wrong.", {"errors": errors})
