"""PUT /tickets/{id}: a number for a ticket id, once and for all."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from queue_server import facts, lines, waiting
from queue_server.access import Principal
from queue_server.clock import from_us, to_us, written
from queue_server.errors import Problem, Unavailable
from queue_server.menu import Menu, Service
from queue_server.numbers import LAST_VALUE, Number
from queue_server.schema import paused, tickets


class Wish(NamedTuple):
    """What is asked for: ``id`` and ``track`` are the kiosk's, ``service`` a code."""

    id: str
    service: str
    priority: str | None
    track: str


_FIND = select(tickets).where(tickets.c.id == bindparam("id"))
_PAUSED = select(paused).where(paused.c.service == bindparam("service"))
_INSERTS = {
    "sqlite": sqlite.insert(tickets).on_conflict_do_nothing(index_elements=[tickets.c.id]),
    "postgresql": postgresql.insert(tickets).on_conflict_do_nothing(index_elements=[tickets.c.id]),
}
_MESSAGES = {
    "closed": (
        "Layanan ini sedang tutup.",
        "This service is closed now.",
    ),
    "paused": (
        "Layanan ini dihentikan sementara oleh petugas.",
        "Staff have paused this service.",
    ),
    "quota_full": (
        "Nomor untuk hari ini sudah habis.",
        "There are no numbers left for today.",
    ),
}


def reserve(
    connection: Connection, kiosk: Principal, wish: Wish, menu: Menu, now_us: int
) -> dict[str, Any]:
    """The answer to a reservation. A repeat answers the number that the id holds now.

    Problem: 404 for another kiosk's id, 422 for another service, 409 ``closed``, ``paused`` or
    ``quota_full``, 422 ``unknown_service``.
    """
    found = connection.execute(_FIND, {"id": wish.id}).mappings().first()
    held = _new(connection, kiosk, wish, menu, now_us) if found is None else dict(found)
    if held["kiosk"] != kiosk.id:
        raise Problem(404, "not_found", "There is no such ticket.")
    if held["service"] != wish.service:
        raise Problem(422, "service_changed", "This id was used for another service.")
    return _answer(connection, held, menu, now_us)


def refusal(code: str, menu: Menu, until_us: int | None) -> Problem:
    """One of the three refusals, with what to tell the visitor."""
    indonesian, english = _MESSAGES[code]
    until = None if until_us is None else written(until_us, menu.zone)
    more = {"message": {"id": indonesian, "en": english}, "until": until}
    return Problem(409, code, english, more)


def check_open(connection: Connection, service: Service, menu: Menu, now_us: int) -> None:
    """Problem 409 ``closed`` or ``paused`` where no numbers are given now."""
    opening = menu.opening(service, from_us(now_us))
    if not opening.open:
        until_us = None if opening.until is None else to_us(opening.until)
        raise refusal("closed", menu, until_us)
    pause = connection.execute(_PAUSED, {"service": service.code}).first()
    if pause is not None and (pause.until_us is None or pause.until_us > now_us):
        raise refusal("paused", menu, pause.until_us)


def _new(
    connection: Connection, kiosk: Principal, wish: Wish, menu: Menu, now_us: int
) -> dict[str, Any]:
    service = menu.services.get(wish.service)
    if service is None:
        raise Problem(422, "unknown_service", "The menu has no such service.")
    check_open(connection, service, menu, now_us)
    day = from_us(now_us, menu.zone).date().isoformat()
    # Locks the line: who counts the quota next sees this ticket.
    value, at_us = lines.advance(connection, day, service.prefix, now_us)
    if value > LAST_VALUE:
        raise Unavailable("this line has no number left")
    quota = service.quota
    if quota is not None and lines.taken(connection, day, service.code, now_us) >= quota:
        until = menu.next_opening(service, from_us(now_us))
        raise refusal("quota_full", menu, None if until is None else to_us(until))
    number = Number(service.prefix, "", value)
    values: dict[str, Any] = {
        "id": wish.id,
        "kiosk": kiosk.id,
        "business_date": day,
        "prefix": number.prefix,
        "letter": "",
        "value": value,
        "reserved": str(number),
        "service": wish.service,
        "priority": wish.priority,
        "track": wish.track,
        "rev": 0,
        "state": "issued",
        "order_us": at_us,
        "reserved_us": at_us,
        "queue_date": day,
        "status": "waiting",
    }
    if connection.execute(_INSERTS[connection.dialect.name], values).rowcount:
        return values
    # The same id came twice at once: the other one's number holds, this one is a gap.
    return dict(connection.execute(_FIND, {"id": wish.id}).mappings().one())


def _answer(
    connection: Connection, held: dict[str, Any], menu: Menu, now_us: int
) -> dict[str, Any]:
    ahead = 0
    if held["status"] == "waiting" and held["queue_date"] is not None:
        day, order_us = held["queue_date"], held["order_us"]
        ahead = lines.ahead_of(connection, day, held["service"], order_us, now_us)
    wait = None
    service = menu.services.get(held["service"])
    if service is not None:
        finished = waiting.last_finished(connection, held["business_date"], service.code)
        wait = waiting.range_of(ahead, finished, service, now_us)
    return {
        "id": held["id"],
        "number": str(Number(held["prefix"], held["letter"], held["value"])),
        "business_date": held["business_date"],
        "ahead": ahead,
        "wait_minutes": wait,
        "epoch": facts.epoch(connection),
    }
