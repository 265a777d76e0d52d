"""Routes for kiosks: reserve, sync, catalogue."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request, Response

from queue_server.access import Principal
from queue_server.clock import rfc3339
from queue_server.exchange import exchange
from queue_server.menu_file import FileState
from queue_server.messages import (
    Exchange,
    Exchanged,
    Reservation,
    Reserved,
    TicketId,
)
from queue_server.web.context import ServerContext, body_of, context_of
from queue_server.web.openapi import body, problems
from queue_server.web.reservations import reservation

NEXT_SYNC_S = 5.0
"""Interval at which kiosks are asked to sync."""

SETTLING_SYNC_S = 2.0
"""While an edit of the menu settles: the kiosks come back as soon as it can be live."""

router = APIRouter(prefix="/api/v1")


@router.put(
    "/tickets/{id}",
    summary="Reserve a number",
    openapi_extra=body(Reservation),
    responses={200: {"model": Reserved}, **problems(400, 401, 403, 404, 409, 413, 415, 422)},
)
async def reserve(request: Request, id: TicketId) -> Response:  # noqa: A002  # the contract's
    """Reserve a number for a ticket id. A repeat returns the number that the id holds now."""
    return await reservation(context_of(request), request.scope, id)


@router.post(
    "/sync",
    summary="Settle, report, learn",
    openapi_extra=body(Exchange),
    responses={200: {"model": Exchanged}, **problems(400, 401, 403, 413, 415, 422)},
)
async def sync(request: Request) -> Response:
    """Settle tickets, each independently, and return the state that a kiosk needs."""
    context = context_of(request)
    message = body_of(request.scope, Exchange)

    def work(connection: Any, kiosk: Principal) -> Any:
        return exchange(connection, kiosk, message, context.catalogue.menu, context.clock.now_us())

    result = await context.write_as(request, "kiosk", work)
    if result.results:
        context.changed()
    _count(context, result.results, result.notice)
    menu = context.catalogue.menu
    settling = context.catalogue.status.state is FileState.SETTLING
    answer = {
        "journal": message.journal,
        "epoch": result.epoch,
        "server_time": rfc3339(context.clock.now_us(), menu.zone),
        "next_sync_s": SETTLING_SYNC_S if settling else NEXT_SYNC_S,
        "results": result.results,
        "letter": None if result.letter is None else result.letter.letter,
        "letter_since": None if result.letter is None else result.letter.since,
        "catalogue": f'"{menu.etag}"',
        "notice": result.notice,
        "staff_call": result.staff_call,
    }
    # The state of the services is the same for all kiosks: reuse its serialised text.
    text = f'{json.dumps(answer)[:-1]}, "services": {await context.live.text()}}}'
    return Response(text, media_type="application/json")


def _count(
    context: ServerContext, results: list[dict[str, Any]], notice: dict[str, Any] | None
) -> None:
    for result in results:
        context.metrics.count("queue_rows_total", outcome=result["status"])
    if notice and notice["code"] == "journal_conflict":
        context.metrics.count("queue_journal_conflicts_total")
    if notice and notice["code"] == "too_many_journals":
        context.metrics.count("queue_journals_refused_total")


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
    context = context_of(request)
    await context.read_as(request, "kiosk", lambda _, kiosk: kiosk)
    menu = context.catalogue.menu
    etag = f'"{menu.etag}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if_none_match = request.headers.get("if-none-match", "")
    if (
        etag in [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
        or if_none_match == "*"
    ):
        return Response(status_code=304, headers=headers)
    return Response(menu.body, media_type="application/yaml", headers=headers)
