"""Settlement: store the tickets of POST /sync, each row independently of the others.

The first settlement decides which number an id has, even if another one was reserved for it: the
visitor has seen that number. Hours, quota and pauses never refuse a settlement.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from menu.numbers import Number
from queue_server import journals, series
from queue_server.access import Principal
from queue_server.clock import day_of, to_us
from queue_server.messages import Row
from queue_server.prepared import Prepared
from queue_server.schema import SHOWN, UNJOINED, gaps, tickets
from queue_server.served_menu import ServedMenu

_log = logging.getLogger(__name__)
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
MAX_LOGGED_ROWS = 20
_INSERT_COLUMNS = (
    *("id", "kiosk", "journal", "business_date", "prefix", "letter", "value", "service"),
    *("priority", "track", "rev", "state", "printed", "issued_us", "order_us", "settled_us"),
    *("conflict", "queue_date", "status", "counter", "called_us", "calls", "ended_us"),
)
_INSERT = Prepared(
    sqlite.insert(tickets).on_conflict_do_nothing(index_elements=[tickets.c.id]),
    postgresql.insert(tickets).on_conflict_do_nothing(index_elements=[tickets.c.id]),
    _INSERT_COLUMNS,
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
_IN_SERIES = (
    tickets.c.business_date == bindparam("business_date"),
    tickets.c.prefix == bindparam("prefix"),
    tickets.c.letter == bindparam("letter"),
    SHOWN,
)
_NEIGHBOURS = Prepared(
    select(
        select(tickets.c.order_us)
        .where(*_IN_SERIES, tickets.c.value < bindparam("n"))
        .order_by(tickets.c.value.desc())
        .limit(1)
        .scalar_subquery()
        .label("before"),
        select(tickets.c.order_us)
        .where(*_IN_SERIES, tickets.c.value > bindparam("n"))
        .order_by(tickets.c.value)
        .limit(1)
        .scalar_subquery()
        .label("after"),
    )
)
"""``order_us`` of the next lower and the next higher number of the same series."""

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


@dataclass(frozen=True, slots=True)
class SettleContext:
    """The sender of a batch, and what its transaction has already established.

    ``journal``: the sender's. ``clock_offset_us``: server clock minus kiosk clock. ``locked``: keys
    (date, prefix, letter) of the series that this transaction holds the advisory lock of.
    ``verified``: pairs (letter, journal) found to belong together; that never changes, so each pair
    is looked up once per batch.
    """

    kiosk: Principal
    journal: str
    clock_offset_us: int
    menu: ServedMenu
    now_us: int
    locked: set[tuple[str, str, str]] = field(default_factory=set)
    verified: set[tuple[str, str]] = field(default_factory=set)


class _Refused(Exception):
    """A row that cannot be stored. The argument is the result code."""


def settle(
    connection: Connection, context: SettleContext, rows: Sequence[Any]
) -> list[dict[str, Any]]:
    """Settle the rows of an exchange. Returns one result for each row, in their order.

    A result has ``id``, ``rev``, ``status`` (``stored``, ``conflict``, ``refused``) and ``code``.
    """
    results = [_settle_row(connection, context, raw) for raw in rows]
    not_stored = [r for r in results if r["status"] != "stored"]
    if not_stored:
        logged = [(r["id"], r["status"], r["code"]) for r in not_stored[:MAX_LOGGED_ROWS]]
        _log.warning("rows not stored", extra={"kiosk": context.kiosk.name, "rows": logged})
    return results


def _settle_row(connection: Connection, context: SettleContext, raw: Any) -> dict[str, Any]:
    try:
        row = Row.model_validate(raw)
    except (ValidationError, RecursionError):
        return {**_identify(raw), "status": "refused", "code": "invalid"}
    try:
        conflict = _store(connection, context, row)
    except _Refused as refused:
        code = str(refused)
        return {"id": row.id, "rev": row.rev, "status": "refused", "code": code}
    if conflict:
        return {"id": row.id, "rev": row.rev, "status": "conflict", "code": "number_taken"}
    return {"id": row.id, "rev": row.rev, "status": "stored", "code": None}


def _identify(raw: Any) -> dict[str, Any]:
    """``id`` and ``rev`` of a malformed row, as far as they are usable; else "" and 0."""
    fields = raw if isinstance(raw, dict) else {}
    ticket, rev = fields.get("id"), fields.get("rev")
    valid_id = isinstance(ticket, str) and _ID.fullmatch(ticket)
    valid_rev = isinstance(rev, int) and not isinstance(rev, bool) and abs(rev) < 2**53
    return {"id": ticket if valid_id else "", "rev": rev if valid_rev else 0}


def _store(connection: Connection, context: SettleContext, row: Row) -> bool:
    """Store one row. Returns whether it is in conflict. Raises _Refused."""
    number: Number = row.number
    existing = _find(connection, row.id)
    if existing is not None and existing["kiosk"] != context.kiosk.id:
        raise _Refused("not_found")
    if existing is not None and existing["rev"]:
        return _revise(connection, row, existing)
    _check_entitled(connection, context, row, existing)
    # Two transactions that settle one number at once meet at the unique index: the second gets a
    # unique violation, and its whole exchange is retried.
    holder = _HOLDER.first(connection, _number_key(row.business_date, number))
    conflict = holder is not None and holder.id != row.id
    values = _first_values(context, row, existing, conflict=conflict)
    if not conflict and values["queue_date"] is not None:
        _join_placeholder(connection, context, row.id, values)
        if number.letter:
            _keep_series_order(connection, values)
    if existing is not None:
        connection.execute(update(tickets).where(tickets.c.id == row.id).values(**values))
        return conflict
    values |= {"id": row.id, "kiosk": context.kiosk.id}
    if _INSERT.count(connection, values):
        return conflict
    # A reservation of this id was inserted since _find: start over with its row.
    return _store(connection, context, row)


def _find(connection: Connection, ticket: str) -> dict[str, Any] | None:
    found = _FIND.first(connection, {"wanted": ticket})
    return None if found is None else dict(found._asdict())


def _number_key(day: str, number: Number) -> dict[str, Any]:
    return {
        "day": day,
        "prefix": number.prefix,
        "letter": number.letter,
        "value": number.value,
    }


def _revise(connection: Connection, row: Row, existing: dict[str, Any]) -> bool:
    """Apply a row of a settled id: the highest revision wins, the identity never changes."""
    number = Number(existing["prefix"], existing["letter"], existing["value"])
    if (number, existing["business_date"]) != (row.number, row.business_date):
        raise _Refused("number_changed")
    if existing["service"] != row.service:
        raise _Refused("service_changed")
    if row.rev > existing["rev"]:
        connection.execute(
            update(tickets)
            .where(tickets.c.id == row.id, tickets.c.rev < row.rev)
            .values(rev=row.rev, state=row.state, printed=row.printed)
        )
    return bool(existing["conflict"])


def _check_entitled(
    connection: Connection, context: SettleContext, row: Row, existing: dict[str, Any] | None
) -> None:
    """Raise _Refused unless this row may settle its number.

    A lettered number needs a journal that holds or held the letter. A letterless one must be
    reserved for this very id, or be in the gap of a restore and held by no other ticket.
    """
    number: Number = row.number
    if number.letter:
        journal = row.journal or context.journal
        kiosk, pair = context.kiosk.id, (number.letter, journal)
        if pair not in context.verified:
            if not journals.holds(connection, number.letter, journal, kiosk, context.now_us):
                raise _Refused("letter_not_held")
            context.verified.add(pair)
        return
    if existing is not None:
        reserved = existing["reserved"], existing["business_date"]
        if reserved == (str(number), row.business_date):
            return
    gap = connection.execute(
        select(gaps.c.low).where(
            gaps.c.business_date == row.business_date,
            gaps.c.prefix == number.prefix,
            gaps.c.low <= number.value,
            gaps.c.high >= number.value,
        )
    ).first()
    holder = _HOLDER.first(connection, _number_key(row.business_date, number))
    if gap is None or holder is not None:
        raise _Refused("not_reserved")


def _first_values(
    context: SettleContext, row: Row, existing: dict[str, Any] | None, *, conflict: bool
) -> dict[str, Any]:
    """The columns of a ticket at its first settlement."""
    number: Number = row.number
    issued_us = row.issued_at + context.clock_offset_us
    queue_date = None if conflict else _queue_date(context, row, issued_us)
    if existing is not None:
        order_us = existing["order_us"]
    else:
        order_us = _order_us(context, queue_date, issued_us)
    values: dict[str, Any] = {
        "journal": row.journal or context.journal,
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
        "settled_us": context.now_us,
        "conflict": conflict,
        "queue_date": queue_date,
    }
    if existing is None or existing["reserved"] != str(number):
        # The reserved number may have been called, but this visitor holds another number: that
        # call did not concern them.
        values |= {"status": "waiting", "counter": None, "called_us": None, "ended_us": None}
        values["calls"] = 0
    return values


def _queue_date(context: SettleContext, row: Row, issued_us: int) -> str | None:
    """The date in whose queue the ticket waits; None for no queue.

    Tickets of a past business date are stored but not queued. A future business date comes from a
    kiosk whose clock is wrong: its ticket waits today if it was issued today by the server's clock.
    """
    today = day_of(context.now_us, context.menu.zone).isoformat()
    if row.business_date < today:
        return None
    if row.business_date == today:
        return today
    issued = day_of(min(issued_us, context.now_us), context.menu.zone).isoformat()
    return today if issued == today else None


def _order_us(context: SettleContext, queue_date: str | None, issued_us: int) -> int:
    """The sort key of a ticket without a reservation: its time of issue.

    Limited to between midnight of its date and now, so that a wrong clock cannot place a ticket
    before the day or after its arrival.
    """
    order_us = min(issued_us, context.now_us)
    if queue_date is None:
        return order_us
    midnight = datetime.combine(date.fromisoformat(queue_date), time.min, context.menu.zone)
    return max(order_us, to_us(midnight))


def _keep_series_order(connection: Connection, values: dict[str, Any]) -> None:
    """Clamp ``order_us`` between the neighbours in the same lettered series.

    If an exchange was delayed on the network, ``clock_offset_us`` includes the delay, and its
    tickets would sort behind later numbers. The caller holds the lock of the series.
    """
    key = {name: values[name] for name in ("business_date", "prefix", "letter")}
    before, after = _NEIGHBOURS.first(connection, {**key, "n": values["value"]})
    if before is not None:
        values["order_us"] = max(values["order_us"], before)
    if after is not None:
        values["order_us"] = min(values["order_us"], after)


def _join_placeholder(
    connection: Connection, context: SettleContext, ticket: str, values: dict[str, Any]
) -> None:
    """Take over the state of a call that came before this ticket's settlement.

    Only if the ticket was issued before the call; a ticket issued later waits in the queue.
    """
    key = values["queue_date"], values["prefix"], values["letter"]
    if key not in context.locked:
        # Advisory lock: a counter must not insert a placeholder between the SELECT and the UPDATE.
        series.lock(connection, *key)
        context.locked.add(key)
    number = Number(values["prefix"], values["letter"], values["value"])
    placeholder = _PLACEHOLDER.first(connection, _number_key(values["queue_date"], number))
    if placeholder is None or values["issued_us"] > placeholder.called_us:
        return
    state = ("status", "counter", "called_us", "calls", "ended_us")
    values |= {name: getattr(placeholder, name) for name in state}
    connection.execute(
        update(tickets).where(tickets.c.id == placeholder.id).values(status="joined", joined=ticket)
    )
