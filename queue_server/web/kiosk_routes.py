"""What kiosks ask: reserve, sync, catalogue."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request, Response

from queue_server.access import Principal
from queue_server.clock import written
from queue_server.exchange import exchange
from queue_server.messages import (
    Exchange,
    Exchanged,
    Reservation,
    Reserved,
    TicketId,
)
from queue_server.web.openapi import body, problems
from queue_server.web.parts import Parts, body_of, parts_of
from queue_server.web.reservations import reservation

NEXT_SYNC_S = 5.0

router = APIRouter(prefix="/api/v1")


@router.put(
    "/tickets/{id}",
    summary="Reserve a number",
    openapi_extra=body(Reservation),
    responses={200: {"model": Reserved}, **problems(400, 401, 403, 404, 409, 413, 415, 422)},
)
async def reserve(request: Request, id: TicketId) -> Response:  # noqa: A002  # the contract's
    """The number of a ticket id; a repeat answers the number that the id holds now."""
    return await reservation(parts_of(request), request.scope, id)


@router.post(
    "/sync",
    summary="Settle, report, learn",
    openapi_extra=body(Exchange),
    responses={200: {"model": Exchanged}, **problems(400, 401, 403, 413, 415, 422)},
)
async def sync(request: Request) -> Response:
    """Settles tickets, each on its own, and answers what a kiosk should know."""
    parts = parts_of(request)
    said = body_of(request.scope, Exchange)

    def work(connection: Any, kiosk: Principal) -> Any:
        return exchange(connection, kiosk, said, parts.catalogue.menu, parts.clock.now_us())

    learned = await parts.write_as(request, "kiosk", work)
    if learned.results:
        parts.changed()
    _count(parts, learned.results, learned.notice)
    menu = parts.catalogue.menu
    answer = {
        "epoch": learned.epoch,
        "server_time": written(parts.clock.now_us(), menu.zone),
        "next_sync_s": NEXT_SYNC_S,
        "results": learned.results,
        "letter": learned.letter,
        "catalogue": f'"{menu.etag}"',
        "notice": learned.notice,
    }
    # The services' state is the same for all kiosks: it is written out once for many.
    text = f'{json.dumps(answer)[:-1]}, "services": {await parts.live.text()}}}'
    return Response(text, media_type="application/json")


def _count(parts: Parts, results: list[dict[str, Any]], notice: dict[str, Any] | None) -> None:
    for result in results:
        parts.metrics.count("queue_rows_total", outcome=result["status"])
    if notice and notice["code"] == "journal_conflict":
        parts.metrics.count("queue_journal_conflicts_total")


@router.get(
    "/catalogue",
    summary="The agencies file",
    responses={
        200: {"content": {"application/yaml": {"schema": {"type": "object"}}}},
        304: {"description": "Not changed"},
        **problems(401, 403),
    },
)
async def catalogue(request: Request) -> Response:
    """The validated agencies file, byte for byte, with a strong ETag."""
    parts = parts_of(request)
    await parts.read_as(request, "kiosk", lambda _, kiosk: kiosk)
    menu = parts.catalogue.menu
    etag = f'"{menu.etag}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    asked = request.headers.get("if-none-match", "")
    if etag in [one.strip().removeprefix("W/") for one in asked.split(",")] or asked == "*":
        return Response(status_code=304, headers=headers)
    return Response(menu.body, media_type="application/yaml", headers=headers)
