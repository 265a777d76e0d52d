"""Counters: call, recall, finish, no-show. Each request id is carried out once.

A ticket is called by one counter only, however many press at once: PostgreSQL hands each a row
that no other has locked, SQLite has one writer, and an index allows a counter one ticket.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, insert, select, update

from queue_server import series
from queue_server.access import COUNTER, Principal
from queue_server.clock import from_us
from queue_server.errors import Problem
from queue_server.menu import Menu
from queue_server.messages import Action, Call
from queue_server.numbers import Number
from queue_server.schema import requests, tickets
from queue_server.view import ticket_view

Row = dict[str, Any]
t = tickets.c


class Counter(NamedTuple):
    """One counter at one moment. ``ratio``: priority tickets called for each other one."""

    staff: Principal
    counter: str
    menu: Menu
    ratio: int
    now_us: int

    @property
    def day(self) -> str:
        """Today's business date."""
        return from_us(self.now_us, self.menu.zone).date().isoformat()


def call(connection: Connection, desk: Counter, said: Call) -> dict[str, Any]:
    """Calls the next ticket by rule, or the one that is named; ``ticket`` is null for nobody.

    A counter that has a ticket is answered that one.
    """
    named = str(said.number) if said.number else said.ticket
    asked = json.dumps(["call", desk.counter, named, said.services])

    def carry_out() -> Row | None:
        here = _current(connection, desk)
        if here is not None:
            return here
        if said.ticket is not None:
            return _call_ticket(connection, desk, said.ticket)
        if said.number is not None:
            return _call_number(connection, desk, said.number)
        return _call_next(connection, desk, said.services)

    return _once(connection, desk, said.request_id, asked, carry_out)


def act(connection: Connection, desk: Counter, action: str, said: Action) -> dict[str, Any]:
    """``recall``, ``finish`` or ``no-show`` of the ticket at the counter, else ``not_current``."""
    asked = json.dumps([action, desk.counter, said.ticket])

    def carry_out() -> Row:
        here = _current(connection, desk)
        if here is None or here["id"] != _resolved(connection, said.ticket):
            raise Problem(409, "not_current", "That ticket is not at this counter.")
        if action == "recall":
            return _set(connection, here, calls=here["calls"] + 1)
        status = "done" if action == "finish" else "no_show"
        return _set(connection, here, status=status, ended_us=desk.now_us)

    return _once(connection, desk, said.request_id, asked, carry_out)


def _once(
    connection: Connection,
    desk: Counter,
    request_id: str,
    asked: str,
    carry_out: Callable[[], Row | None],
) -> dict[str, Any]:
    """Carries something out once for a request id; a repeat is answered the same."""
    if desk.staff.counter not in (None, desk.counter):
        raise Problem(403, "forbidden", "This token is for another counter.")
    if not COUNTER.fullmatch(desk.counter):
        raise Problem(404, "unknown_counter", "There is no such counter.")
    series.lock(connection, "request", str(desk.staff.id), request_id)
    mine = requests.c.staff == desk.staff.id, requests.c.id == request_id
    before = connection.execute(select(requests).where(*mine)).first()
    if before is not None:
        if before.action != asked:
            raise Problem(422, "request_id_reused", "This id was used for another request.")
        return dict(json.loads(before.answer))
    row = carry_out()
    answer = {
        "counter": desk.counter,
        "ticket": None if row is None else ticket_view(row, desk.menu),
    }
    connection.execute(
        insert(requests).values(
            staff=desk.staff.id,
            id=request_id,
            action=asked,
            answer=json.dumps(answer),
            at_us=desk.now_us,
        )
    )
    return answer


def _current(connection: Connection, desk: Counter) -> Row | None:
    """The ticket at this counter."""
    here = t.queue_date == desk.day, t.counter == desk.counter, t.status == "called"
    return _first(connection, *here)


def _first(connection: Connection, *where: ColumnElement[bool]) -> Row | None:
    found = connection.execute(select(tickets).where(*where).with_for_update()).mappings().first()
    return None if found is None else dict(found)


def _resolved(connection: Connection, ticket: str) -> str:
    """The ticket that took a placeholder's state, or the id itself."""
    joined = connection.execute(select(t.joined).where(t.id == ticket)).scalar()
    return ticket if joined is None else str(joined)


def _set(connection: Connection, row: Row, **values: Any) -> Row:
    connection.execute(update(tickets).where(t.id == row["id"]).values(**values))
    return row | values


def _called(connection: Connection, desk: Counter, row: Row) -> Row:
    """Gives a ticket to this counter."""
    return _set(
        connection,
        row,
        queue_date=desk.day,
        status="called",
        counter=desk.counter,
        called_us=desk.now_us,
        calls=row["calls"] + 1,
        ended_us=None,
    )


# ── the next by rule ─────────────────────────────────────────────────────────────────────────


def _call_next(connection: Connection, desk: Counter, services: list[str] | None) -> Row | None:
    codes = list(services or desk.menu.at_counter(desk.counter))
    unknown = [code for code in codes if code not in desk.menu.services]
    if unknown:
        raise Problem(422, "unknown_service", "The menu has no such service.")
    if not codes:
        raise Problem(409, "no_services", "The menu gives this counter no service; name some.")
    urgent = t.priority.is_not(None)
    kinds = [urgent, t.priority.is_(None)]
    if _owes_other(connection, desk, codes):
        kinds.reverse()
    # First those that nobody has locked; a lock may also be a settlement's: then wait for it.
    for skip in (True, False):
        for kind in kinds:
            row = _next(connection, desk, codes, kind, skip=skip)
            if row is not None:
                return _called(connection, desk, row)
        if connection.dialect.name == "sqlite":
            break
    return None


def _owes_other(connection: Connection, desk: Counter, codes: list[str]) -> bool:
    """Whether so many priority tickets were called in a row that it is another's turn."""
    if not desk.ratio:
        return False
    called = t.queue_date == desk.day, t.service.in_(codes), t.called_us.is_not(None)
    last = connection.execute(
        select(t.priority)
        .where(*called, t.status != "joined")
        .order_by(t.called_us.desc())
        .limit(desk.ratio)
    )
    groups = last.scalars().all()
    return len(groups) == desk.ratio and None not in groups


def _next(
    connection: Connection,
    desk: Counter,
    codes: list[str],
    kind: ColumnElement[bool],
    *,
    skip: bool,
) -> Row | None:
    found = connection.execute(
        select(tickets)
        .where(t.queue_date == desk.day, t.service.in_(codes), kind)
        .where(series.waits(desk.now_us - series.RESERVED_US))
        .order_by(t.order_us, t.value)
        .limit(1)
        .with_for_update(skip_locked=skip)
    )
    row = found.mappings().first()
    return None if row is None else dict(row)


# ── one that is named ────────────────────────────────────────────────────────────────────────


def _call_ticket(connection: Connection, desk: Counter, ticket: str) -> Row:
    """Any ticket of today, one in conflict too."""
    wanted = t.id == _resolved(connection, ticket)
    row = _first(connection, wanted)
    if row is None or desk.day not in (row["business_date"], row["queue_date"]):
        raise Problem(404, "unknown_ticket", "There is no such ticket today.")
    _check_callable(row)
    return _called(connection, desk, row)


def _call_number(connection: Connection, desk: Counter, number: Number) -> Row:
    """The ticket with a number; a placeholder where it has not arrived yet."""
    series.lock(connection, desk.day, number.prefix, number.letter)
    shown = (
        t.queue_date == desk.day,
        t.prefix == number.prefix,
        t.letter == number.letter,
        t.value == number.value,
        t.conflict.is_(False),
        t.joined.is_(None),
    )
    row = _first(connection, *shown, t.placeholder.is_(False))
    row = row or _first(connection, *shown, t.placeholder)
    if row is None:
        return _placeholder(connection, desk, number)
    _check_callable(row)
    return _called(connection, desk, row)


def _check_callable(row: Row) -> None:
    if row["status"] == "called":
        more = {"counter": row["counter"]}
        raise Problem(409, "called_elsewhere", "Another counter has called this ticket.", more)
    if row["status"] == "done":
        raise Problem(409, "already_finished", "This ticket was finished.")
    if row["state"] == "void":
        raise Problem(409, "void", "This ticket was given back.")


def _placeholder(connection: Connection, desk: Counter, number: Number) -> Row:
    """Stands for a number that has not arrived: its settlement may join it."""
    fitting = [c for c, s in desk.menu.services.items() if s.prefix == number.prefix]
    if not fitting:
        raise Problem(404, "unknown_number", "No service has numbers like this one.")
    here = set(desk.menu.at_counter(desk.counter))
    service = next((code for code in fitting if code in here), fitting[0])
    row: Row = {
        "id": str(uuid.uuid4()),
        "business_date": desk.day,
        "prefix": number.prefix,
        "letter": number.letter,
        "value": number.value,
        "service": service,
        "priority": None,
        "rev": 0,
        "state": "issued",
        "order_us": desk.now_us,
        "placeholder": True,
        "conflict": False,
        "queue_date": desk.day,
        "status": "called",
        "counter": desk.counter,
        "called_us": desk.now_us,
        "calls": 1,
        "ended_us": None,
    }
    connection.execute(insert(tickets).values(**row))
    return row
