"""POST /sync, the tickets: each row on its own; what the visitor was shown is the truth."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

from pydantic import ValidationError
from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from queue_server import journals, series
from queue_server.access import Principal
from queue_server.clock import day_of, to_us
from queue_server.menu import Menu
from queue_server.messages import Row
from queue_server.numbers import Number
from queue_server.prepared import Prepared
from queue_server.schema import SHOWN, UNJOINED, gaps, tickets

_log = logging.getLogger(__name__)
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_NEW = (
    *("id", "kiosk", "journal", "business_date", "prefix", "letter", "value", "service"),
    *("priority", "track", "rev", "state", "printed", "issued_us", "order_us", "settled_us"),
    *("conflict", "queue_date", "status", "counter", "called_us", "calls", "ended_us"),
)
_INSERT = Prepared(
    sqlite.insert(tickets).on_conflict_do_nothing(index_elements=[tickets.c.id]),
    postgresql.insert(tickets).on_conflict_do_nothing(index_elements=[tickets.c.id]),
    _NEW,
)
_FIND = Prepared(select(tickets).where(tickets.c.id == bindparam("wanted")).with_for_update())
_HOLDER = Prepared(
    select(tickets.c.id).where(
        tickets.c.business_date == bindparam("day"),
        tickets.c.prefix == bindparam("prefix"),
        tickets.c.letter == bindparam("letter"),
        tickets.c.value == bindparam("value"),
        SHOWN,
    )
)
_IN_LINE = (
    tickets.c.business_date == bindparam("business_date"),
    tickets.c.prefix == bindparam("prefix"),
    tickets.c.letter == bindparam("letter"),
    SHOWN,
)
_NEIGHBOURS = Prepared(
    select(
        select(tickets.c.order_us)
        .where(*_IN_LINE, tickets.c.value < bindparam("n"))
        .order_by(tickets.c.value.desc())
        .limit(1)
        .scalar_subquery()
        .label("before"),
        select(tickets.c.order_us)
        .where(*_IN_LINE, tickets.c.value > bindparam("n"))
        .order_by(tickets.c.value)
        .limit(1)
        .scalar_subquery()
        .label("after"),
    )
)
"""The places in the queue of the numbers before and after one of the same line."""

_PLACEHOLDER = Prepared(
    select(tickets)
    .where(
        tickets.c.queue_date == bindparam("day"),
        tickets.c.prefix == bindparam("prefix"),
        tickets.c.letter == bindparam("letter"),
        tickets.c.value == bindparam("value"),
        UNJOINED,
    )
    .order_by(tickets.c.called_us)
    .limit(1)
    .with_for_update()
)


class Sender(NamedTuple):
    """Who sends rows. ``ahead_us``: by how much the server's clock is ahead of the kiosk's.

    ``locked`` are the lines that this transaction has locked against calls of their numbers;
    ``entitled`` the letters and journals that it has found to belong together, which stays so.
    """

    kiosk: Principal
    journal: str
    ahead_us: int
    menu: Menu
    now_us: int
    locked: set[tuple[str, str, str]]
    entitled: set[tuple[str, str]]


class _Refused(Exception):
    """A row that cannot be taken; the argument is the code."""


def settle(connection: Connection, sender: Sender, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Settles the rows of an exchange and says what became of each, in their order."""
    results = [_settle_one(connection, sender, raw) for raw in rows]
    odd = [r for r in results if r["status"] != "stored"]
    if odd:
        told = [(r["id"], r["status"], r["code"]) for r in odd[:20]]
        _log.warning("rows not stored", extra={"kiosk": sender.kiosk.name, "rows": told})
    return results


def _settle_one(connection: Connection, sender: Sender, raw: Any) -> dict[str, Any]:
    try:
        row = Row.model_validate(raw)
    except (ValidationError, RecursionError):
        return {**_names(raw), "status": "refused", "code": "invalid"}
    try:
        conflict = _take(connection, sender, row)
    except _Refused as refused:
        code = str(refused)
        return {"id": row.id, "rev": row.rev, "status": "refused", "code": code}
    if conflict:
        return {"id": row.id, "rev": row.rev, "status": "conflict", "code": "number_taken"}
    return {"id": row.id, "rev": row.rev, "status": "stored", "code": None}


def _names(raw: Any) -> dict[str, Any]:
    """Id and rev of a row that cannot be read, as far as they can be."""
    found = raw if isinstance(raw, dict) else {}
    ticket, rev = found.get("id"), found.get("rev")
    good = isinstance(ticket, str) and _ID.fullmatch(ticket)
    whole = isinstance(rev, int) and not isinstance(rev, bool) and abs(rev) < 2**53
    return {"id": ticket if good else "", "rev": rev if whole else 0}


def _take(connection: Connection, sender: Sender, row: Row) -> bool:
    """Stores one row; whether it stands in conflict. Raises _Refused."""
    number: Number = row.number
    held = _held(connection, row.id)
    if held is not None and held["kiosk"] != sender.kiosk.id:
        raise _Refused("not_found")
    if held is not None and held["rev"]:
        return _revise(connection, sender, row, held)
    _check_entitled(connection, sender, row, held)
    # Two rows that show one number at once wait for each other at the unique index: the second
    # collides, and its exchange is carried out again.
    holder = _HOLDER.first(connection, _place(row.business_date, number))
    conflict = holder is not None and holder.id != row.id
    values = _values(sender, row, held, conflict=conflict)
    if not conflict and values["queue_date"] is not None:
        _join(connection, sender, row.id, values)
        if number.letter:
            _keep_order(connection, values)
    if held is not None:
        connection.execute(update(tickets).where(tickets.c.id == row.id).values(**values))
        return conflict
    values |= {"id": row.id, "kiosk": sender.kiosk.id}
    if _INSERT.count(connection, values):
        return conflict
    return _take(connection, sender, row)


def _held(connection: Connection, ticket: str) -> dict[str, Any] | None:
    found = _FIND.first(connection, {"wanted": ticket})
    return None if found is None else dict(found._asdict())


def _place(day: str, number: Number) -> dict[str, Any]:
    return {
        "day": day,
        "prefix": number.prefix,
        "letter": number.letter,
        "value": number.value,
    }


def _revise(connection: Connection, sender: Sender, row: Row, held: dict[str, Any]) -> bool:
    """A row of an id that is settled already: the highest rev wins, its identity never changes."""
    identity = (held["prefix"], held["letter"], held["value"], held["business_date"])
    if identity != (*row.number, row.business_date):
        raise _Refused("number_changed")
    if held["service"] != row.service:
        raise _Refused("service_changed")
    if row.rev > held["rev"]:
        connection.execute(
            update(tickets)
            .where(tickets.c.id == row.id, tickets.c.rev < row.rev)
            .values(rev=row.rev, state=row.state, printed=row.printed, settled_us=sender.now_us)
        )
    return bool(held["conflict"])


def _check_entitled(
    connection: Connection, sender: Sender, row: Row, held: dict[str, Any] | None
) -> None:
    """Whether this number is the row's to settle."""
    number: Number = row.number
    if number.letter:
        journal = row.journal or sender.journal
        kiosk, pair = sender.kiosk.id, (number.letter, journal)
        if pair not in sender.entitled:
            if not journals.holds(connection, number.letter, journal, kiosk, sender.now_us):
                raise _Refused("letter_not_held")
            sender.entitled.add(pair)
        return
    if held is not None and (held["reserved"], held["business_date"]) == (
        str(number),
        row.business_date,
    ):
        return
    gap = connection.execute(
        select(gaps.c.low).where(
            gaps.c.business_date == row.business_date,
            gaps.c.prefix == number.prefix,
            gaps.c.low <= number.value,
            gaps.c.high >= number.value,
        )
    ).first()
    taken = _HOLDER.first(connection, _place(row.business_date, number))
    if gap is None or taken is not None:
        raise _Refused("not_reserved")


def _values(
    sender: Sender, row: Row, held: dict[str, Any] | None, *, conflict: bool
) -> dict[str, Any]:
    """The columns of a ticket at its first settlement."""
    number: Number = row.number
    issued_us = row.issued_at + sender.ahead_us
    queue_date = None if conflict else _queue_date(sender, row, issued_us)
    order_us = held["order_us"] if held is not None else _order(sender, queue_date, issued_us)
    values: dict[str, Any] = {
        "journal": row.journal or sender.journal,
        "business_date": row.business_date,
        "prefix": number.prefix,
        "letter": number.letter,
        "value": number.value,
        "service": row.service,
        "priority": row.priority,
        "track": row.track,
        "rev": row.rev,
        "state": row.state,
        "printed": row.printed,
        "issued_us": issued_us,
        "order_us": order_us,
        "settled_us": sender.now_us,
        "conflict": conflict,
        "queue_date": queue_date,
    }
    if held is None or held["reserved"] != str(number):
        # A call of the reserved number was a call of nobody: the visitor has another one.
        values |= {"status": "waiting", "counter": None, "called_us": None, "ended_us": None}
        values["calls"] = 0
    return values


def _queue_date(sender: Sender, row: Row, issued_us: int) -> str | None:
    """The day in whose queue a ticket stands.

    A past business date is stored, never queued. A future one is that of a clock that stands
    wrong: its visitor waits on the day on which the ticket was made by the server's own clock.
    """
    today = day_of(sender.now_us, sender.menu.zone).isoformat()
    if row.business_date < today:
        return None
    if row.business_date == today:
        return today
    made = day_of(min(issued_us, sender.now_us), sender.menu.zone).isoformat()
    return today if made == today else None


def _order(sender: Sender, queue_date: str | None, issued_us: int) -> int:
    """The place of a ticket that was not reserved: when it was issued, never after its arrival."""
    order_us = min(issued_us, sender.now_us)
    if queue_date is None:
        return order_us
    midnight = datetime.combine(date.fromisoformat(queue_date), time.min, sender.menu.zone)
    return max(order_us, to_us(midnight))


def _keep_order(connection: Connection, values: dict[str, Any]) -> None:
    """An own line is called in the order of its numbers.

    When an exchange was long under way, ``ahead_us`` says more than the clocks differ by, and its
    tickets would stand behind the next ones. The line is locked.
    """
    names = ("business_date", "prefix", "letter")
    line = {name: values[name] for name in names}
    before, after = _NEIGHBOURS.first(connection, {**line, "n": values["value"]})
    if before is not None:
        values["order_us"] = max(values["order_us"], before)
    if after is not None:
        values["order_us"] = min(values["order_us"], after)


def _join(connection: Connection, sender: Sender, ticket: str, values: dict[str, Any]) -> None:
    """A number that was called before it arrived: its ticket takes the call's state over.

    Only when it was issued before the call; one issued later enters the queue.
    """
    line = values["queue_date"], values["prefix"], values["letter"]
    if line not in sender.locked:
        series.lock(connection, *line)
        sender.locked.add(line)
    number = Number(values["prefix"], values["letter"], values["value"])
    place = _place(values["queue_date"], number)
    called = _PLACEHOLDER.first(connection, place)
    if called is None or values["issued_us"] > called.called_us:
        return
    state = ("status", "counter", "called_us", "calls", "ended_us")
    values |= {name: getattr(called, name) for name in state}
    connection.execute(
        update(tickets).where(tickets.c.id == called.id).values(status="joined", joined=ticket)
    )
