"""PUT /tickets/{id}: a number for a ticket id, once and for all."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Executable,
    String,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite

from menu.catalogue import Service
from menu.local_text import LocalText
from menu.numbers import LAST_NUMBER, Number
from queue_server import access, series, waiting
from queue_server.clock import from_us, rfc3339, to_us
from queue_server.errors import Problem, Unavailable
from queue_server.prepared import Prepared, transaction
from queue_server.schema import meta, paused, principals, tickets
from queue_server.served_menu import ServedMenu
from queue_server.texts import in_all_languages
from queue_server.waiting import Recent


class Wish(NamedTuple):
    """What is asked for: ``id`` and ``track`` are the kiosk's, ``service`` a code."""

    id: str
    service: str
    priority: str | None
    track: str


class Place(NamedTuple):
    """The server's side: what is on the menu now, what time it is, who was finished lately."""

    menu: ServedMenu
    now_us: int
    recent: Recent


_TICKET = ("kiosk", "service", "prefix", "letter", "value", "business_date", "queue_date")
_LOOK_UP = (
    select(
        *access.COLUMNS,
        select(meta.c.value).where(meta.c.name == "epoch").scalar_subquery().label("epoch"),
        paused.c.since_us.label("paused_us"),
        paused.c.until_us,
        tickets.c.id.label("ticket"),
        *(tickets.c[name] for name in (*_TICKET, "order_us", "status")),
    )
    .join(principals, access.PRINCIPAL)
    .outerjoin(paused, paused.c.service == bindparam("wished"))
    .outerjoin(tickets, tickets.c.id == bindparam("ticket"))
    .where(access.MATCHES_HASH)
)
"""All that a reservation asks before it is made: whose token, whose ticket, paused, the epoch."""
_LOOK = Prepared(_LOOK_UP)
_THERE = Prepared(select(tickets.c.id).where(tickets.c.id == bindparam("ticket")))
_NEW = (
    *("id", "kiosk", "business_date", "prefix", "letter", "value", "reserved", "service"),
    *("priority", "track", "rev", "state", "order_us", "reserved_us", "queue_date", "status"),
)
_INSERT = Prepared(
    sqlite.insert(tickets).on_conflict_do_nothing(index_elements=[tickets.c.id]),
    postgresql.insert(tickets).on_conflict_do_nothing(index_elements=[tickets.c.id]),
    _NEW,
)


def _look_and_take() -> Executable:
    """What ``_LOOK`` asks, and the ticket in the same breath where nothing stands in its way.

    For PostgreSQL, where each statement is a round trip; for services without a limit, which must
    be counted while the series is locked. ``new_value`` is NULL where there is no new ticket.
    """
    seen = _LOOK_UP.cte("seen")
    free = (
        (seen.c.ended.is_(None))
        & (seen.c.kind == "kiosk")
        & (seen.c.ticket.is_(None))
        & (seen.c.paused_us.is_(None))
    )
    line = series.advancing("postgresql", only=select(seen.c.principal_id).where(free)).cte("line")
    given: dict[str, Any] = {n: cast(bindparam(n), tickets.c[n].type) for n in _NEW}
    last = cast(line.c.last, String)
    digits = func.lpad(last, func.greatest(3, func.length(last)), literal_column("'0'"))
    of_line = {
        "kiosk": seen.c.principal_id,
        "value": line.c.last,
        "reserved": given["prefix"].concat(literal_column("'-'")).concat(digits),
        "order_us": line.c.at_us,
        "reserved_us": line.c.at_us,
    }
    made = (
        postgresql.insert(tickets)
        .from_select(
            _NEW,
            select(*(given | of_line).values())
            .select_from(line.join(seen, true()))
            .where(line.c.last <= LAST_NUMBER),
        )
        .on_conflict_do_nothing(index_elements=[tickets.c.id])
        .returning(tickets.c.value, tickets.c.order_us)
        .cte("made")
    )
    new = made.c.value.label("new_value"), made.c.order_us.label("new_order_us")
    return select(seen, *new).select_from(seen.outerjoin(made, true()))


_LOOK_AND_TAKE = Prepared(_look_and_take())


def reserve(connection: Connection, token: str, wish: Wish, at: Place) -> dict[str, Any]:
    """The answer to a reservation. A repeat answers the number that the id holds now.

    Each statement holds by itself (``Database.write`` with ``atomic=False``): a number is taken by
    one of them, and the same id never takes a second one.

    Problem: 401 and 403 for the token, 404 for another kiosk's id, 422 for another service or an
    ``unknown_service``, 409 ``closed``, ``paused`` or ``quota_full``.
    """
    hashed = access.digest(token)
    asked = {"hash": hashed, "wished": wish.service, "ticket": wish.id}
    row, new = _look(connection, asked, wish, at)
    kiosk = access.admit(connection, row, hashed, "kiosk")
    if row.ticket is None and new is None:
        new = _new(connection, kiosk.id, wish, at, row)
        if new is None:
            # The same id came twice at once: the other one's number holds, this one is a gap.
            row = _LOOK.first(connection, asked)
            if row.ticket is None:
                raise Unavailable("series.used_up")
    held: dict[str, Any] = row._asdict() | (new or {})
    if held["kiosk"] != kiosk.id:
        raise Problem(404, "not_found", "There is no such ticket.")
    if held["service"] != wish.service:
        raise Problem(422, "service_changed", "This id was used for another service.")
    return _answer(connection, wish.id, held, at)


def _look(
    connection: Connection, asked: dict[str, Any], wish: Wish, at: Place
) -> tuple[Any, dict[str, Any] | None]:
    """What ``_LOOK`` finds; and the new ticket's columns, where it was taken in the same breath."""
    service, now = at.menu.services.get(wish.service), from_us(at.now_us)
    at_once = (
        connection.dialect.name == "postgresql"
        and service is not None
        and at.menu.limit(service, now) is None
        and at.menu.opening(service, now).open
    )
    if not at_once or service is None:
        return _LOOK.first(connection, asked), None
    new = _columns(wish, service, at)
    row = _LOOK_AND_TAKE.first(connection, {**asked, **new, "last": 1, "at_us": at.now_us})
    if row is None or row.new_value is None:
        return row, None
    return row, new | {
        "kiosk": row.principal_id,
        "value": row.new_value,
        "order_us": row.new_order_us,
    }


def refusal(
    code: str, menu: ServedMenu, until_us: int | None, own: LocalText | None = None
) -> Problem:
    """One of the three refusals, with what to tell the visitor; ``own``: a limit's own words."""
    words = in_all_languages(f"refusal.{code}")
    if own is not None:
        words = {language: own.in_(language) for language in words}
    until = None if until_us is None else rfc3339(until_us, menu.zone)
    more = {"message": words, "until": until}
    return Problem(409, code, words["en"], more)


def _check_open(service: Service, at: Place, row: Any) -> None:
    """Problem 409 ``closed`` or ``paused`` where no numbers are given now."""
    opening = at.menu.opening(service, from_us(at.now_us))
    if not opening.open:
        until_us = None if opening.opens is None else to_us(opening.opens)
        raise refusal("closed", at.menu, until_us)
    if row.paused_us is not None and (row.until_us is None or row.until_us > at.now_us):
        raise refusal("paused", at.menu, row.until_us)


def _new(
    connection: Connection, kiosk: int, wish: Wish, at: Place, row: Any
) -> dict[str, Any] | None:
    """A new ticket's columns; None where there is none: the id was taken meanwhile, or all
    numbers of the line are."""
    menu, now_us = at.menu, at.now_us
    service = menu.services.get(wish.service)
    if service is None:
        raise Problem(422, "unknown_service", "The menu has no such service.")
    _check_open(service, at, row)
    new = _columns(wish, service, at)
    day, prefix = new["business_date"], service.prefix
    with transaction(connection):
        limit = menu.limit(service, from_us(now_us))
        if limit is not None:
            # The next transaction that counts sees this ticket.
            series.lock(connection, day, prefix, "")
            if series.taken(connection, day, service.code, now_us) >= limit.most:
                if _THERE.first(connection, {"ticket": wish.id}) is not None:
                    return None  # the last place went to this very id
                until = menu.again_after(service, limit)
                until_us = None if until is None else to_us(until)
                raise refusal("quota_full", menu, until_us, limit.words)
        value, at_us = series.advance(connection, day, prefix, now_us)
        if value > LAST_NUMBER:
            return None
        new |= {
            "kiosk": kiosk,
            "value": value,
            "reserved": str(Number(prefix, "", value)),
            "order_us": at_us,
            "reserved_us": at_us,
        }
        return new if _INSERT.count(connection, new) else None


def _columns(wish: Wish, service: Service, at: Place) -> dict[str, Any]:
    """What is known of a new ticket before it is taken."""
    day = from_us(at.now_us, at.menu.zone).date().isoformat()
    return {
        "id": wish.id,
        "business_date": day,
        "prefix": service.prefix,
        "letter": "",
        "service": wish.service,
        "priority": wish.priority,
        "track": wish.track,
        "rev": 0,
        "state": "issued",
        "queue_date": day,
        "status": "waiting",
    }


def _answer(connection: Connection, ticket: str, held: dict[str, Any], at: Place) -> dict[str, Any]:
    ahead = 0
    if held["status"] == "waiting" and held["queue_date"] is not None:
        day, order_us = held["queue_date"], held["order_us"]
        ahead = series.ahead_of(connection, day, held["service"], order_us, at.now_us)
    wait = None
    service = at.menu.services.get(held["service"])
    if service is not None:
        finished = at.recent.last_finished(connection, held["business_date"], service.code)
        wait = waiting.range_of(ahead, finished, service, at.now_us)
    return {
        "id": ticket,
        "number": str(Number(held["prefix"], held["letter"], held["value"])),
        "business_date": held["business_date"],
        "ahead": ahead,
        "wait_minutes": wait,
        "epoch": held["epoch"] or "",
    }
