"""Visitors' calls for staff: a touch on "Panggil petugas" at a kiosk.

A kiosk reports its open call in the health of each exchange, as ``staff_call`` with ``id``,
``since`` and ``until``. The id is the key: a repeated report changes nothing. A call is open until
staff answer it, the kiosk reports none or another one, or ``until`` has passed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update

from queue_server.clock import rfc3339
from queue_server.errors import RequestProblem
from queue_server.messages import ReportedCall
from queue_server.schema import principals, staff_calls
from queue_server.served_menu import ServedMenu

LASTS_MOST_US = 3600 * 1_000_000
"""A call whose kiosk reports nothing more is not shown for longer."""

c = staff_calls.c


def report(
    connection: Connection, kiosk: int, health: Any, ahead_us: int, now_us: int
) -> dict[str, Any] | None:
    """Store what ``health`` says about a call; the result is the call as the kiosk gets it back.

    ``ahead_us``: the server's clock less the kiosk's, by which the kiosk's times are corrected.
    None where the kiosk reports no call, one that cannot be read or one that is over: staff see
    none, and the kiosk must not say that they were called.
    """
    if not isinstance(health, dict):
        return None
    call = _read(health.get("staff_call"))
    mine = and_(c.kiosk == kiosk, c.ended_us.is_(None))
    if call is None:
        connection.execute(update(staff_calls).where(mine).values(ended_us=now_us))
        return None
    connection.execute(update(staff_calls).where(mine, c.id != call.id).values(ended_us=now_us))
    known = connection.execute(select(c.kiosk, c.answered_us).where(c.id == call.id)).first()
    if known is not None and known.kiosk != kiosk:
        return None
    until_us = min(call.until + ahead_us, now_us + LASTS_MOST_US)
    if known is None:
        since_us = min(call.since + ahead_us, now_us)
        values = {"id": call.id, "kiosk": kiosk, "since_us": since_us, "until_us": until_us}
        connection.execute(insert(staff_calls).values(**values))
    else:
        again = {"until_us": until_us, "ended_us": None}
        connection.execute(update(staff_calls).where(c.id == call.id).values(**again))
    if until_us <= now_us:
        return None
    answered = known is not None and known.answered_us is not None
    return {"id": call.id, "answered": answered}


def _read(said: Any) -> ReportedCall | None:
    try:
        return ReportedCall.model_validate(said)
    except ValidationError:
        return None


def answer(
    connection: Connection, call_id: str, staff: str, menu: ServedMenu, now_us: int
) -> dict[str, Any]:
    """Record that ``staff`` go to the kiosk (schema ``StaffCall``). Idempotent: the first counts.

    Raises RequestProblem 404 for an unknown call.
    """
    first = update(staff_calls).where(c.id == call_id, c.answered_us.is_(None))
    connection.execute(first.values(answered_us=now_us, answered_by=staff))
    row = connection.execute(_calls().where(c.id == call_id)).first()
    if row is None:
        raise RequestProblem(404, "unknown_call", "There is no such call.")
    return _view(row, menu)


def open_calls(connection: Connection, menu: ServedMenu, now_us: int) -> list[dict[str, Any]]:
    """The open calls of all kiosks, the oldest first (schema ``StaffCall``)."""
    rows = connection.execute(_calls().where(_open(now_us)).order_by(c.since_us))
    return [_view(row, menu) for row in rows]


def last_calls(
    connection: Connection, kiosks: Iterable[int], menu: ServedMenu, now_us: int
) -> dict[int, dict[str, Any]]:
    """The present call of each of ``kiosks``, open or answered, by the kiosk's id."""
    present = and_(c.ended_us.is_(None), c.until_us > now_us, c.kiosk.in_(list(kiosks)))
    return {row.kiosk: _view(row, menu) for row in connection.execute(_calls().where(present))}


def count_open(connection: Connection, now_us: int) -> int:
    """How many calls are open, for the metrics."""
    counted = select(func.count()).select_from(staff_calls).where(_open(now_us))
    return int(connection.execute(counted).scalar() or 0)


def _open(now_us: int) -> ColumnElement[bool]:
    return and_(c.answered_us.is_(None), c.ended_us.is_(None), c.until_us > now_us)


def _calls() -> Any:
    return select(staff_calls, principals.c.name).join(principals, principals.c.id == c.kiosk)


def _view(row: Row[Any], menu: ServedMenu) -> dict[str, Any]:
    answered = row.answered_us
    return {
        "id": row.id,
        "kiosk": row.name,
        "since": rfc3339(row.since_us, menu.zone),
        "until": rfc3339(row.until_us, menu.zone),
        "answered_at": None if answered is None else rfc3339(answered, menu.zone),
        "answered_by": row.answered_by,
    }
