"""Routes for counters and staff: call, board, events, kiosks, conflicts, pause."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection, delete, insert

from queue_server import counters, live, staff_calls, view
from queue_server.access import Principal
from queue_server.errors import RequestProblem, Unavailable
from queue_server.messages import (
    Action,
    Board,
    Call,
    Called,
    CallId,
    Code,
    Conflicts,
    CounterName,
    Kiosks,
    Pause,
    ServiceState,
    StaffCall,
)
from queue_server.schema import paused
from queue_server.served_menu import ServedMenu
from queue_server.web import openapi
from queue_server.web.context import ServerContext, body_of, context_of
from queue_server.web.openapi import problems

router = APIRouter(prefix="/api/v1")
_ACTION_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"model": Called},
    **problems(400, 401, 403, 404, 409, 422),
}


def _json(answer: Any) -> Response:
    return Response(json.dumps(answer), media_type="application/json")


def _counter(context: ServerContext, staff: Principal, name: str) -> counters.Counter:
    now_us = context.clock.now_us()
    return counters.Counter(staff, name, context.catalogue.menu, context.ratio, now_us)


@router.post(
    "/counters/{counter}/call",
    summary="Call a ticket",
    openapi_extra=openapi.body(Call),
    responses=_ACTION_RESPONSES,
)
async def call(request: Request, counter: CounterName) -> Response:
    """Call the next ticket by rule, or the given one; a counter with a ticket gets it again."""
    context = context_of(request)
    body = body_of(request.scope, Call)

    def work(connection: Connection, staff: Principal) -> dict[str, Any]:
        return counters.call(connection, _counter(context, staff, counter), body)

    answer = await context.write_as(request, "staff", work)
    context.changed()
    return _json(answer)


@router.post(
    "/counters/{counter}/recall",
    summary="Call the ticket again",
    openapi_extra=openapi.body(Action),
    responses=_ACTION_RESPONSES,
)
async def recall(request: Request, counter: CounterName) -> Response:
    """Call the ticket at the counter once more."""
    return await _act(request, counter, "recall")


@router.post(
    "/counters/{counter}/finish",
    summary="Finish the ticket",
    openapi_extra=openapi.body(Action),
    responses=_ACTION_RESPONSES,
)
async def finish(request: Request, counter: CounterName) -> Response:
    """Record that the ticket at the counter was served."""
    return await _act(request, counter, "finish")


@router.post(
    "/counters/{counter}/no-show",
    summary="No-show",
    openapi_extra=openapi.body(Action),
    responses=_ACTION_RESPONSES,
)
async def no_show(request: Request, counter: CounterName) -> Response:
    """Record a no-show for the ticket at the counter. It can be called again by its number."""
    return await _act(request, counter, "no-show")


@router.post(
    "/counters/{counter}/undo",
    summary="Undo a finish",
    openapi_extra=openapi.body(Action),
    responses=_ACTION_RESPONSES,
)
async def undo(request: Request, counter: CounterName) -> Response:
    """Take back a finish at the counter within a minute. It is not a new call."""
    return await _act(request, counter, "undo")


async def _act(request: Request, counter: str, action: counters.ActionName) -> Response:
    context = context_of(request)
    body = body_of(request.scope, Action)

    def work(connection: Connection, staff: Principal) -> dict[str, Any]:
        return counters.act(connection, _counter(context, staff, counter), action, body)

    answer = await context.write_as(request, "staff", work)
    context.changed()
    return _json(answer)


@router.get(
    "/board",
    summary="The whole board",
    responses={200: {"model": Board}, **problems(401, 403)},
)
async def board(request: Request) -> Response:
    """Counters, services, waiting tickets and the tickets called last."""
    context = context_of(request)

    def work(connection: Connection, _: Principal) -> dict[str, Any]:
        menu, now_us = context.catalogue.menu, context.clock.now_us()
        return view.board(connection, menu, now_us, context.ratio)

    return _json(await context.read_as(request, "board", work))


@router.get(
    "/events",
    summary="The board, as it changes",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
        **problems(401, 403, 422),
    },
)
async def events(request: Request, changes: bool = False) -> StreamingResponse:
    """Server-sent events named ``board``, each with the whole board; and heartbeats.

    With ``changes`` an event named ``changes`` has a JSON Patch (RFC 6902) for the last board.
    """
    context = context_of(request)

    async def check_token() -> None:
        await context.read_as(request, "board", lambda _, reader: reader)

    await check_token()
    with contextlib.suppress(Unavailable):  # a full disk must not darken the boards
        # Its first use ends the older tokens of a name; a board has no other request that writes.
        await context.write_as(request, "board", lambda _, reader: reader)
    return StreamingResponse(
        context.events.stream(context.stopping, check_token, changes=changes),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@router.get(
    "/kiosks",
    summary="The kiosks and their health",
    responses={200: {"model": Kiosks}, **problems(401, 403)},
)
async def kiosks(request: Request) -> Response:
    """Every kiosk: last contact, health, journals, letters, journal conflicts, call for staff."""
    catalogue, now_us = context_of(request).catalogue, context_of(request).clock.now_us()
    menu = catalogue.menu
    found = await context_of(request).read_as(
        request, "staff", lambda connection, _: view.kiosks(connection, menu, now_us)
    )
    return _json({"kiosks": found, "catalogue": view.catalogue(menu, catalogue.status)})


@router.post(
    "/staff-calls/{id}/answer",
    summary="Answer a visitor's call",
    responses={200: {"model": StaffCall}, **problems(400, 401, 403, 404, 422)},
)
async def answer_call(request: Request, id: CallId) -> Response:  # noqa: A002  # the path's
    """Tell the kiosk that staff have seen the call. A repeat answers the same."""
    context = context_of(request)

    def work(connection: Connection, staff: Principal) -> dict[str, Any]:
        menu, now_us = context.catalogue.menu, context.clock.now_us()
        return staff_calls.answer(connection, id, staff.name, menu, now_us)

    answered = await context.write_as(request, "staff", work)
    context.events.changed()
    return _json(answered)


@router.get(
    "/conflicts",
    summary="Tickets in conflict",
    responses={200: {"model": Conflicts}, **problems(401, 403)},
)
async def conflicts(request: Request) -> Response:
    """Tickets in conflict. The rule never calls one; a counter can call one by its id."""
    menu = context_of(request).catalogue.menu
    found = await context_of(request).read_as(
        request, "staff", lambda connection, _: view.conflicts(connection, menu)
    )
    return _json({"conflicts": found})


_STATE_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"model": ServiceState},
    **problems(400, 401, 403, 404, 422),
}


@router.post(
    "/services/{service}/pause",
    summary="Pause a service",
    openapi_extra=openapi.body(Pause),
    responses=_STATE_RESPONSES,
)
async def pause(request: Request, service: Code) -> Response:
    """Stop giving numbers for a service, until a time or until it is resumed."""
    context = context_of(request)
    body = body_of(request.scope, Pause)

    def work(connection: Connection, staff: Principal) -> dict[str, Any]:
        menu, now_us = context.catalogue.menu, context.clock.now_us()
        _check_service(menu, staff, service)
        connection.execute(delete(paused).where(paused.c.service == service))
        values = {"service": service, "since_us": now_us, "until_us": body.until}
        connection.execute(insert(paused).values(**values, by=staff.name))
        return live.states(connection, menu, now_us, context.ratio)[service]

    answer = await context.write_as(request, "staff", work)
    context.changed()
    return _json(answer)


@router.post("/services/{service}/resume", summary="Resume a service", responses=_STATE_RESPONSES)
async def resume(request: Request, service: Code) -> Response:
    """End a pause. No effect on a service that is not paused."""
    context = context_of(request)

    def work(connection: Connection, staff: Principal) -> dict[str, Any]:
        menu, now_us = context.catalogue.menu, context.clock.now_us()
        _check_service(menu, staff, service)
        connection.execute(delete(paused).where(paused.c.service == service))
        return live.states(connection, menu, now_us, context.ratio)[service]

    answer = await context.write_as(request, "staff", work)
    context.changed()
    return _json(answer)


def _check_service(menu: ServedMenu, staff: Principal, service: str) -> None:
    """Raise RequestProblem for a service that is unknown or that this counter does not serve."""
    found = menu.services.get(service)
    if found is None:
        raise RequestProblem(404, "unknown_service", "The menu has no such service.")
    if staff.counter is not None and staff.counter not in found.place.counters:
        raise RequestProblem(403, "forbidden", "This service is not served at your counter.")
