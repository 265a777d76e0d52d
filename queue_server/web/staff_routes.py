"""What counters and staff ask."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection, delete, insert

from queue_server import counters, live, view
from queue_server.access import Principal
from queue_server.errors import Problem
from queue_server.menu import Menu
from queue_server.messages import (
    Action,
    Board,
    Call,
    Called,
    Code,
    Conflicts,
    CounterName,
    Kiosks,
    Pause,
    ServiceState,
)
from queue_server.schema import paused
from queue_server.web.openapi import body, problems
from queue_server.web.parts import Parts, body_of, parts_of

router = APIRouter(prefix="/api/v1")
_ACTED: dict[int | str, dict[str, Any]] = {
    200: {"model": Called},
    **problems(400, 401, 403, 404, 409, 422),
}


def _json(answer: Any) -> Response:
    return Response(json.dumps(answer), media_type="application/json")


def _desk(parts: Parts, staff: Principal, counter: str) -> counters.Counter:
    return counters.Counter(staff, counter, parts.catalogue.menu, parts.ratio, parts.clock.now_us())


@router.post(
    "/counters/{counter}/call", summary="Call a ticket", openapi_extra=body(Call), responses=_ACTED
)
async def call(request: Request, counter: CounterName) -> Response:
    """The next by rule, or the one that is named; a counter with a ticket is answered that one."""
    parts = parts_of(request)
    said = body_of(request.scope, Call)

    def work(connection: Connection, staff: Principal) -> dict[str, Any]:
        return counters.call(connection, _desk(parts, staff, counter), said)

    answer = await parts.write_as(request, "staff", work)
    parts.changed()
    return _json(answer)


@router.post(
    "/counters/{counter}/recall",
    summary="Call it again",
    openapi_extra=body(Action),
    responses=_ACTED,
)
async def recall(request: Request, counter: CounterName) -> Response:
    """Calls the ticket at the counter once more."""
    return await _act(request, counter, "recall")


@router.post(
    "/counters/{counter}/finish", summary="Finish it", openapi_extra=body(Action), responses=_ACTED
)
async def finish(request: Request, counter: CounterName) -> Response:
    """The ticket at the counter was served."""
    return await _act(request, counter, "finish")


@router.post(
    "/counters/{counter}/no-show",
    summary="Nobody came",
    openapi_extra=body(Action),
    responses=_ACTED,
)
async def no_show(request: Request, counter: CounterName) -> Response:
    """Nobody came with the ticket at the counter; it may be called again by its number."""
    return await _act(request, counter, "no-show")


async def _act(request: Request, counter: str, action: str) -> Response:
    parts = parts_of(request)
    said = body_of(request.scope, Action)

    def work(connection: Connection, staff: Principal) -> dict[str, Any]:
        return counters.act(connection, _desk(parts, staff, counter), action, said)

    answer = await parts.write_as(request, "staff", work)
    parts.changed()
    return _json(answer)


@router.get(
    "/board",
    summary="The whole board",
    responses={200: {"model": Board}, **problems(401, 403)},
)
async def board(request: Request) -> Response:
    """Counters, services, who waits and who was called last."""
    parts = parts_of(request)

    def work(connection: Connection, _: Principal) -> dict[str, Any]:
        return view.board(connection, parts.catalogue.menu, parts.clock.now_us())

    return _json(await parts.read_as(request, "staff", work))


@router.get(
    "/events",
    summary="The board, as it changes",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
        **problems(401, 403),
    },
)
async def events(request: Request) -> StreamingResponse:
    """Server-sent events named ``board``: the whole board each time, and heartbeats."""
    parts = parts_of(request)

    async def still_good() -> None:
        await parts.read_as(request, "staff", lambda _, staff: staff)

    await still_good()
    return StreamingResponse(
        parts.events.stream(parts.stopping, still_good),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@router.get(
    "/kiosks",
    summary="The kiosks and their health",
    responses={200: {"model": Kiosks}, **problems(401, 403)},
)
async def kiosks(request: Request) -> Response:
    """Every kiosk: when it was last heard, its health, journals, letters, journal conflicts."""
    menu = parts_of(request).catalogue.menu
    found = await parts_of(request).read_as(
        request, "staff", lambda connection, _: view.kiosks(connection, menu)
    )
    return _json({"kiosks": found})


@router.get(
    "/conflicts",
    summary="Tickets whose number another one holds",
    responses={200: {"model": Conflicts}, **problems(401, 403)},
)
async def conflicts(request: Request) -> Response:
    """They are never called by themselves; a counter may call one by its id."""
    menu = parts_of(request).catalogue.menu
    found = await parts_of(request).read_as(
        request, "staff", lambda connection, _: view.conflicts(connection, menu)
    )
    return _json({"conflicts": found})


_STATE: dict[int | str, dict[str, Any]] = {
    200: {"model": ServiceState},
    **problems(400, 401, 403, 404, 422),
}


@router.post(
    "/services/{service}/pause",
    summary="Give no numbers",
    openapi_extra=body(Pause),
    responses=_STATE,
)
async def pause(request: Request, service: Code) -> Response:
    """No numbers for this service, until a time or until it is resumed."""
    parts = parts_of(request)
    said = body_of(request.scope, Pause)

    def work(connection: Connection, staff: Principal) -> dict[str, Any]:
        menu, now_us = parts.catalogue.menu, parts.clock.now_us()
        _check_service(menu, staff, service)
        connection.execute(delete(paused).where(paused.c.service == service))
        values = {"service": service, "since_us": now_us, "until_us": said.until}
        connection.execute(insert(paused).values(**values, by=staff.name))
        return live.states(connection, menu, now_us)[service]

    answer = await parts.write_as(request, "staff", work)
    parts.changed()
    return _json(answer)


@router.post("/services/{service}/resume", summary="Give numbers again", responses=_STATE)
async def resume(request: Request, service: Code) -> Response:
    """Ends a pause; nothing happens where there is none."""
    parts = parts_of(request)

    def work(connection: Connection, staff: Principal) -> dict[str, Any]:
        menu, now_us = parts.catalogue.menu, parts.clock.now_us()
        _check_service(menu, staff, service)
        connection.execute(delete(paused).where(paused.c.service == service))
        return live.states(connection, menu, now_us)[service]

    answer = await parts.write_as(request, "staff", work)
    parts.changed()
    return _json(answer)


def _check_service(menu: Menu, staff: Principal, service: str) -> None:
    """Problem where there is no such service, or it is not served at this staff's counter."""
    found = menu.services.get(service)
    if found is None:
        raise Problem(404, "unknown_service", "The menu has no such service.")
    if staff.counter is not None and staff.counter not in found.counters:
        raise Problem(403, "forbidden", "This service is not served at your counter.")
