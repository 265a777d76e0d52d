"""Counter actions: call, recall, finish, no-show, undo. Idempotent by request id.

A ticket is called by one counter only, even if several call at the same time: PostgreSQL selects
the row with FOR UPDATE SKIP LOCKED, SQLite has one writer, and a partial unique index allows one
called ticket for each counter.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, insert, select, update

from menu.numbers import Number
from queue_server import series
from queue_server.access import COUNTER, Principal
from queue_server.clock import MINUTE_US, from_us
from queue_server.errors import RequestProblem
from queue_server.messages import Action, Call
from queue_server.schema import requests, tickets
from queue_server.served_menu import ServedMenu
from queue_server.view import ticket_view

Row = dict[str, Any]
ActionName = Literal["recall", "finish", "no-show", "undo"]
t = tickets.c

UNDO_US = MINUTE_US
"""How long a finish can be undone. Later the visitor has left and the tracking page has said so."""


class Counter(NamedTuple):
    """One counter at one time. ``ratio``: priority tickets called for each regular one."""

    staff: Principal
    name: str
    menu: ServedMenu
    ratio: int
    now_us: int

    @property
    def day(self) -> str:
        """Today's business date."""
        return from_us(self.now_us, self.menu.zone).date().isoformat()


def call(connection: Connection, counter: Counter, request: Call) -> dict[str, Any]:
    """Call the next ticket by rule, or the given one.

    The answer's ``ticket`` is null if no ticket waits. A counter that already has a ticket gets
    that one again. Raises RequestProblem.
    """
    wanted = str(request.number) if request.number else request.ticket
    fingerprint = json.dumps(["call", counter.name, wanted, request.services])

    def carry_out() -> Row | None:
        current = _current(connection, counter)
        if current is not None:
            return current
        if request.ticket is not None:
            return _call_ticket(connection, counter, request.ticket)
        if request.number is not None:
            return _call_number(connection, counter, request.number)
        return _call_next(connection, counter, request.services)

    return _once(connection, counter, request.request_id, fingerprint, carry_out)


def act(
    connection: Connection, counter: Counter, action: ActionName, request: Action
) -> dict[str, Any]:
    """Carry out ``action`` on a ticket: the one at the counter, or for ``undo`` one finished there.

    Raises RequestProblem 409: ``not_current`` if another ticket, or none, is at the counter, or
    this counter did not finish that one today; ``already_finished`` for an undo after ``UNDO_US``.
    """
    fingerprint = json.dumps([action, counter.name, request.ticket])

    def carry_out() -> Row:
        current, ticket = _current(connection, counter), _resolved(connection, request.ticket)
        if action == "undo":
            return _undo(connection, counter, current, ticket)
        if current is None or current["id"] != ticket:
            raise RequestProblem(409, "not_current", "That ticket is not at this counter.")
        if action == "recall":
            return _set(connection, current, calls=current["calls"] + 1)
        status = "done" if action == "finish" else "no_show"
        return _set(connection, current, status=status, ended_us=counter.now_us)

    return _once(connection, counter, request.request_id, fingerprint, carry_out)


def _undo(connection: Connection, counter: Counter, current: Row | None, ticket: str) -> Row:
    """Take back a finish: the ticket is at the counter again.

    ``current``: the ticket at the counter now. Not a new call: the time and the number of calls
    stay.
    """
    if current is not None and current["id"] == ticket:
        return current
    if current is not None:
        raise RequestProblem(409, "not_current", "Another ticket is at this counter.")
    row = _first(connection, t.id == ticket, t.queue_date == counter.day)
    if row is None or row["counter"] != counter.name or row["status"] != "done":
        raise RequestProblem(409, "not_current", "This counter did not finish that ticket.")
    if row["ended_us"] < counter.now_us - UNDO_US:
        raise RequestProblem(409, "already_finished", "A finish can be undone for a minute.")
    return _set(connection, row, status="called", ended_us=None)


def _once(
    connection: Connection,
    counter: Counter,
    request_id: str,
    fingerprint: str,
    carry_out: Callable[[], Row | None],
) -> dict[str, Any]:
    """Run ``carry_out`` once for a request id; a repeat returns the stored answer.

    ``fingerprint``: the request as text. The same id with another fingerprint is an error.
    """
    if counter.staff.counter not in (None, counter.name):
        raise RequestProblem(403, "forbidden", "This token is for another counter.")
    if not COUNTER.fullmatch(counter.name):
        raise RequestProblem(404, "unknown_counter", "There is no such counter.")
    # Advisory lock: a repeat waits for the first one's commit, then finds its answer.
    series.lock(connection, "request", str(counter.staff.id), request_id)
    same = requests.c.staff == counter.staff.id, requests.c.id == request_id
    earlier = connection.execute(select(requests).where(*same)).first()
    if earlier is not None:
        if earlier.action != fingerprint:
            raise RequestProblem(422, "request_id_reused", "This id was used for another request.")
        return dict(json.loads(earlier.answer))
    row = carry_out()
    answer = {
        "counter": counter.name,
        "ticket": None if row is None else ticket_view(row, counter.menu),
    }
    connection.execute(
        insert(requests).values(
            staff=counter.staff.id,
            id=request_id,
            action=fingerprint,
            answer=json.dumps(answer),
            at_us=counter.now_us,
        )
    )
    return answer


def _current(connection: Connection, counter: Counter) -> Row | None:
    """The ticket called to this counter, locked; None without one."""
    at_counter = t.queue_date == counter.day, t.counter == counter.name, t.status == "called"
    return _first(connection, *at_counter)


def _first(connection: Connection, *where: ColumnElement[bool]) -> Row | None:
    found = connection.execute(select(tickets).where(*where).with_for_update()).mappings().first()
    return None if found is None else dict(found)


def _resolved(connection: Connection, ticket: str) -> str:
    """The id of the ticket that joined a placeholder, or ``ticket`` itself."""
    joined = connection.execute(select(t.joined).where(t.id == ticket)).scalar()
    return ticket if joined is None else str(joined)


def _set(connection: Connection, row: Row, **values: Any) -> Row:
    connection.execute(update(tickets).where(t.id == row["id"]).values(**values))
    return row | values


def _assign(connection: Connection, counter: Counter, row: Row) -> Row:
    """Mark a ticket as called to this counter."""
    return _set(
        connection,
        row,
        queue_date=counter.day,
        status="called",
        counter=counter.name,
        called_us=counter.now_us,
        calls=row["calls"] + 1,
        ended_us=None,
    )


# ── the next ticket by rule ───────────────────────────────────────────────────────────────────────


def _call_next(connection: Connection, counter: Counter, services: list[str] | None) -> Row | None:
    codes = list(services or counter.menu.at_counter(counter.name))
    unknown = [code for code in codes if code not in counter.menu.services]
    if unknown:
        raise RequestProblem(422, "unknown_service", "The menu has no such service.")
    _check_served(counter, codes)
    if not codes:
        raise RequestProblem(
            409, "no_services", "The menu gives this counter no service; name some."
        )
    groups = [t.priority.is_not(None), t.priority.is_(None)]
    if _regular_is_due(connection, counter, codes):
        groups.reverse()
    # First skip locked rows: another counter is probably calling them. A settlement may hold the
    # lock instead, so if no unlocked row is found, wait for the locked ones.
    for skip in (True, False):
        for group in groups:
            row = _next(connection, counter, codes, group, skip=skip)
            if row is not None:
                return _assign(connection, counter, row)
        if connection.dialect.name == "sqlite":
            break
    return None


def _regular_is_due(connection: Connection, counter: Counter, codes: list[str]) -> bool:
    """Whether the last ``ratio`` calls were all priority tickets: then a regular one is next."""
    if not counter.ratio:
        return False
    called = t.queue_date == counter.day, t.service.in_(codes), t.called_us.is_not(None)
    last = connection.execute(
        select(t.priority)
        .where(*called, t.status != "joined")
        .order_by(t.called_us.desc())
        .limit(counter.ratio)
    )
    priorities = last.scalars().all()
    return len(priorities) == counter.ratio and None not in priorities


def _next(
    connection: Connection,
    counter: Counter,
    codes: list[str],
    group: ColumnElement[bool],
    *,
    skip: bool,
) -> Row | None:
    found = connection.execute(
        select(tickets)
        .where(t.queue_date == counter.day, t.service.in_(codes), group)
        .where(series.waits(counter.now_us - series.RESERVED_US))
        .order_by(t.order_us, t.value)
        .limit(1)
        .with_for_update(skip_locked=skip)
    )
    row = found.mappings().first()
    return None if row is None else dict(row)


# ── a given ticket ────────────────────────────────────────────────────────────────────────────────


def _call_ticket(connection: Connection, counter: Counter, ticket: str) -> Row:
    """Call a ticket of today by its id; the only way to call one in conflict."""
    wanted = t.id == _resolved(connection, ticket)
    row = _first(connection, wanted)
    if row is None or counter.day not in (row["business_date"], row["queue_date"]):
        raise RequestProblem(404, "unknown_ticket", "There is no such ticket today.")
    _check_served(counter, [row["service"]])
    _check_callable(row)
    return _assign(connection, counter, row)


def _call_number(connection: Connection, counter: Counter, number: Number) -> Row:
    """Call a ticket by its number; inserts a placeholder if it was not settled yet."""
    # Advisory lock against a settlement of this number between the SELECT and the INSERT.
    series.lock(connection, counter.day, number.prefix, number.letter)
    same = (
        t.queue_date == counter.day,
        t.prefix == number.prefix,
        t.letter == number.letter,
        t.value == number.value,
        t.conflict.is_(False),
        t.joined.is_(None),
    )
    row = _first(connection, *same, t.placeholder.is_(False))
    row = row or _first(connection, *same, t.placeholder)
    if row is None:
        return _placeholder(connection, counter, number)
    _check_served(counter, [row["service"]])
    _check_callable(row)
    return _assign(connection, counter, row)


def _check_served(counter: Counter, codes: list[str]) -> None:
    """Raise RequestProblem 403 if a token of one counter calls for what others serve.

    A service for which the menu names no counter may be served at each one. So may one that is not
    in the menu any more: its last visitors must be called.
    """
    if counter.staff.counter is None:
        return
    places = [counter.menu.services[code].place for code in codes if code in counter.menu.services]
    if any(place.counters and counter.name not in place.counters for place in places):
        raise RequestProblem(403, "forbidden", "This service is not served at your counter.")


def _check_callable(row: Row) -> None:
    """Raise RequestProblem 409 if the ticket is called elsewhere, finished or void."""
    if row["status"] == "called":
        more = {"counter": row["counter"]}
        raise RequestProblem(
            409, "called_elsewhere", "Another counter has called this ticket.", more
        )
    if row["status"] == "done":
        raise RequestProblem(409, "already_finished", "This ticket was finished.")
    if row["state"] == "void":
        raise RequestProblem(409, "void", "This ticket was given back.")


def _placeholder(connection: Connection, counter: Counter, number: Number) -> Row:
    """Insert a called ticket for a number not settled yet; its settlement may join it."""
    candidates = [c for c, s in counter.menu.services.items() if s.prefix == number.prefix]
    if not candidates:
        raise RequestProblem(404, "unknown_number", "No service has numbers like this one.")
    at_counter = set(counter.menu.at_counter(counter.name))
    service = next((code for code in candidates if code in at_counter), candidates[0])
    _check_served(counter, [service])
    row: Row = {
        "id": str(uuid.uuid4()),
        "business_date": counter.day,
        "prefix": number.prefix,
        "letter": number.letter,
        "value": number.value,
        "service": service,
        "priority": None,
        "rev": 0,
        "state": "issued",
        "order_us": counter.now_us,
        "placeholder": True,
        "conflict": False,
        "queue_date": counter.day,
        "status": "called",
        "counter": counter.name,
        "called_us": counter.now_us,
        "calls": 1,
        "ended_us": None,
    }
    connection.execute(insert(tickets).values(**row))
    return row
