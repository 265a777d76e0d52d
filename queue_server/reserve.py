"""PUT /tickets/{id}: bind a number to a ticket id. Idempotent by the id."""

from __future__ import annotations

from datetime import datetime
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
from menu.limits import room
from menu.local_text import LocalText
from menu.numbers import LAST_NUMBER, Number
from queue_server import access, series, waiting
from queue_server.clock import from_us, rfc3339, to_us
from queue_server.errors import RequestProblem, Unavailable
from queue_server.prepared import Prepared, transaction
from queue_server.schema import meta, paused, principals, tickets
from queue_server.served_menu import ServedMenu
from queue_server.texts import in_all_languages
from queue_server.waiting import Recent


class ReservationRequest(NamedTuple):
    """The request: ``id`` and ``track`` come from the kiosk; ``service`` is a code."""

    id: str
    service: str
    priority: str | None
    track: str


class ReserveContext(NamedTuple):
    """What the server knows: the live menu, the time, the tickets finished last, and how many
    priority tickets are called for each regular one (0: all of them first)."""

    menu: ServedMenu
    now_us: int
    recent: Recent
    ratio: int


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
    .outerjoin(paused, paused.c.service == bindparam("service_code"))
    .outerjoin(tickets, tickets.c.id == bindparam("ticket"))
    .where(access.MATCHES_HASH)
)
"""Everything a reservation reads first: principal, ticket, pause, epoch. One round trip."""
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
    """``_LOOK``, and in the same statement the new ticket if nothing prevents it.

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


def reserve(
    connection: Connection, token: str, request: ReservationRequest, at: ReserveContext
) -> dict[str, Any]:
    """The response to a reservation. A repeat returns the number that the id holds now.

    Runs without a surrounding transaction (``Database.write`` with ``atomic=False``): one statement
    takes the number, and a second statement with the same id takes none.

    RequestProblem: 401 and 403 for the token, 404 for another kiosk's id, 422 for another service
    or an ``unknown_service``, 409 ``closed``, ``paused`` or ``quota_full``.
    """
    hashed = access.digest(token)
    keys = {"hash": hashed, "service_code": request.service, "ticket": request.id}
    row, new = _look(connection, keys, request, at)
    kiosk = access.admit(connection, row, hashed, "kiosk")
    if row.ticket is None and new is None:
        new = _new(connection, kiosk.id, request, at, row)
        if new is None:
            # The same id was requested concurrently: its number is valid, this one becomes a gap.
            row = _LOOK.first(connection, keys)
            if row.ticket is None:
                raise Unavailable("series.used_up")
    held: dict[str, Any] = row._asdict() | (new or {})
    if held["kiosk"] != kiosk.id:
        raise RequestProblem(404, "not_found", "There is no such ticket.")
    if held["service"] != request.service:
        raise RequestProblem(422, "service_changed", "This id was used for another service.")
    return _answer(connection, request.id, held, at)


def _look(
    connection: Connection, keys: dict[str, Any], request: ReservationRequest, at: ReserveContext
) -> tuple[Any, dict[str, Any] | None]:
    """The row of ``_LOOK``, and the columns of the new ticket if the same statement made it."""
    service, now = at.menu.services.get(request.service), from_us(at.now_us)
    at_once = (
        connection.dialect.name == "postgresql"
        and service is not None
        and not at.menu.limits(service, now)
        and not at.menu.catalogue.last_by_closing
        and at.menu.opening(service, now).open
    )
    if not at_once or service is None:
        return _LOOK.first(connection, keys), None
    new = _columns(request, service, at)
    row = _LOOK_AND_TAKE.first(connection, {**keys, **new, "last": 1, "at_us": at.now_us})
    if row is None or row.new_value is None:
        return row, None
    return row, new | {
        "kiosk": row.principal_id,
        "value": row.new_value,
        "order_us": row.new_order_us,
    }


def refusal(
    code: str, menu: ServedMenu, until_us: int | None, own: LocalText | None = None
) -> RequestProblem:
    """A 409 with words for the visitor; ``own``: words of the limit, in place of the usual ones."""
    words = in_all_languages(f"refusal.{code}")
    if own is not None:
        words = {language: own.in_(language) for language in words}
    until = None if until_us is None else rfc3339(until_us, menu.zone)
    more = {"message": words, "until": until}
    return RequestProblem(409, code, words["en"], more)


def _check_open(service: Service, at: ReserveContext, row: Any) -> None:
    """Raise RequestProblem 409 ``closed`` or ``paused`` if no numbers are given now."""
    opening = at.menu.opening(service, from_us(at.now_us))
    if not opening.open:
        until_us = None if opening.opens is None else to_us(opening.opens)
        raise refusal("closed", at.menu, until_us)
    if row.paused_us is not None and (row.until_us is None or row.until_us > at.now_us):
        raise refusal("paused", at.menu, row.until_us)


def _new(
    connection: Connection, kiosk: int, request: ReservationRequest, at: ReserveContext, row: Any
) -> dict[str, Any] | None:
    """The columns of a new ticket. None if a concurrent request took the id, or the series is
    used up."""
    menu, now_us = at.menu, at.now_us
    service = menu.services.get(request.service)
    if service is None:
        raise RequestProblem(422, "unknown_service", "The menu has no such service.")
    _check_open(service, at, row)
    new = _columns(request, service, at)
    day, prefix = new["business_date"], service.prefix
    with transaction(connection):
        full = _full(connection, service, new, at)
        if full is not None:
            if _THERE.first(connection, {"ticket": request.id}) is not None:
                return None  # a concurrent request with this id got the last number
            raise full
        value, at_us = series.advance(connection, day, prefix, now_us)
        if value > LAST_NUMBER:
            return None
        new |= {
            "kiosk": kiosk,
            "value": value,
            "reserved": str(Number(prefix, "", value)),
            "order_us": at_us,
        }
        return new if _INSERT.count(connection, new) else None


def _full(
    connection: Connection, service: Service, new: dict[str, Any], at: ReserveContext
) -> RequestProblem | None:
    """The refusal of a limit that is reached, or of a queue that reaches closing time."""
    menu, now_us, now = at.menu, at.now_us, from_us(at.now_us)
    day, limits = new["business_date"], menu.limits(service, now)
    if not limits and not menu.catalogue.last_by_closing:
        return None
    # The next transaction that counts sees the ticket of this one.
    series.lock(connection, day, service.prefix, "")
    left = room(limits, lambda since: _taken(connection, new, now_us, since))
    if left is not None and left.left <= 0:
        until = menu.again_after(service, left.limit)
        return _quota_full(menu, until, left.limit.words, now)
    if menu.catalogue.last_by_closing:
        regular, priority = series.waiting(connection, day, service.code, now_us)
        ahead = regular + priority
        if new["priority"] is not None:
            ahead = waiting.before_priority(priority, regular, at.ratio)
        finished = at.recent.last_finished(connection, day, service.code)
        local = now.astimezone(menu.zone)
        if menu.too_late(service, now, waiting.range_of(ahead, finished, service, local)):
            words = LocalText(in_all_languages("refusal.last_by_closing"))
            return _quota_full(menu, menu.next_day_after(service, now), words, now)
    return None


def _taken(connection: Connection, new: dict[str, Any], now_us: int, since: datetime | None) -> int:
    """The numbers of the service given from ``since`` on (None: all of the date)."""
    begin_us = None if since is None else to_us(since)
    return series.taken(connection, new["business_date"], new["service"], now_us, begin_us)


def _quota_full(
    menu: ServedMenu, until: datetime | None, own: LocalText | None, now: datetime
) -> RequestProblem:
    """The refusal of a limit; its usual words say whether numbers are given again today."""
    again = None if until is None else until.astimezone(menu.zone)
    if own is None and again is not None and again.date() == now.astimezone(menu.zone).date():
        own = LocalText(in_all_languages("refusal.quota_now"))
    return refusal("quota_full", menu, None if again is None else to_us(again), own)


def _columns(request: ReservationRequest, service: Service, at: ReserveContext) -> dict[str, Any]:
    """The columns of a new ticket that are known before it has a number."""
    day = from_us(at.now_us, at.menu.zone).date().isoformat()
    return {
        "id": request.id,
        "business_date": day,
        "prefix": service.prefix,
        "letter": "",
        "service": request.service,
        "priority": request.priority,
        "track": request.track,
        "rev": 0,
        "state": "issued",
        # The present time, also where the times of the series are ahead (``series.advance``).
        "reserved_us": at.now_us,
        "queue_date": day,
        "status": "waiting",
    }


def _answer(
    connection: Connection, ticket: str, held: dict[str, Any], at: ReserveContext
) -> dict[str, Any]:
    ahead = 0
    if held["status"] == "waiting" and held["queue_date"] is not None:
        day, order_us = held["queue_date"], held["order_us"]
        ahead = series.ahead_of(connection, day, held["service"], order_us, at.now_us)
    wait = None
    service = at.menu.services.get(held["service"])
    if service is not None:
        finished = at.recent.last_finished(connection, held["business_date"], service.code)
        now = from_us(at.now_us, at.menu.zone)
        wait = waiting.range_of(ahead, finished, service, now)
    return {
        "id": ticket,
        "number": str(Number(held["prefix"], held["letter"], held["value"])),
        "business_date": held["business_date"],
        "ahead": ahead,
        "wait_minutes": wait,
        "epoch": held["epoch"] or "",
    }
