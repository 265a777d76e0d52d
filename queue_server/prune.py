"""``queue-server prune``: delete what is no longer needed, beside a server at work.

- answers to counter actions after ``REQUEST_DAYS``: no client repeats one so late;
- what is personal in a ticket (tracking token, priority group) after ``PERSONAL_DAYS``: until then
  a kiosk may send the row again. That there was a priority stays, for the monthly report;
- tickets older than ``--keep`` become daily totals of their service.

Journals and letters are never deleted: a letter must not be given again.

Each unit of work handles one business date, so that no reservation waits long for the lock. A
stop between two of them is safe: totals are added in the transaction that deletes the tickets.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, insert, select, update

from queue_server.clock import MINUTE_US
from queue_server.database import Database
from queue_server.schema import daily_totals, gaps, number_series, requests, staff_calls, tickets

KEEP_DAYS = 400
LEAST_DAYS = 62
"""Two months: last month's report needs its tickets, and kiosks send rows of 30 days again."""
PERSONAL_DAYS = 31
REQUEST_DAYS = 2
ANY_PRIORITY = "-"
"""In place of the priority group of an old ticket."""
PAUSE_S = 0.02
"""Between two units: on SQLite they share one lock with the reservations of the server."""
_DAY_US = 24 * 60 * MINUTE_US

t = tickets.c


class Pruned(NamedTuple):
    """How many rows of each kind were deleted or changed."""

    requests: int
    personal: int
    tickets: int


def prune(database: Database, today: date, now_us: int, keep_days: int) -> Pruned:
    """Prune an open database. ``today``: the business date at the site."""
    counts = [0, 0, 0]
    counts[0] = database.write_now(lambda c: _old_actions(c, now_us))
    oldest, oldest_personal = today - timedelta(keep_days), today - timedelta(PERSONAL_DAYS)
    for day in _dates(database, oldest_personal):
        if day < oldest.isoformat():
            counts[2] += database.write_now(partial(_to_totals, day=day))
        else:
            counts[1] += database.write_now(partial(_anonymise, day=day))
        time.sleep(PAUSE_S)
    return Pruned(*counts)


def _dates(database: Database, before: date) -> Iterator[str]:
    """The business dates before ``before`` that have tickets, the oldest first."""
    found = select(t.business_date).where(t.business_date < before.isoformat()).distinct()
    yield from database.read_now(
        lambda c: c.execute(found.order_by(t.business_date)).scalars().all()
    )


def _old_actions(connection: Connection, now_us: int) -> int:
    old = now_us - REQUEST_DAYS * _DAY_US
    calls = staff_calls.c.since_us < now_us - PERSONAL_DAYS * _DAY_US
    connection.execute(delete(staff_calls).where(calls, staff_calls.c.ended_us.is_not(None)))
    return connection.execute(delete(requests).where(requests.c.at_us < old)).rowcount


def _anonymise(connection: Connection, day: str) -> int:
    personal = t.track.is_not(None) | (t.priority != ANY_PRIORITY)
    priority = case((t.priority.is_(None), None), else_=ANY_PRIORITY)
    return connection.execute(
        update(tickets)
        .where(t.business_date == day, personal)
        .values(track=None, priority=priority)
    ).rowcount


def _to_totals(connection: Connection, day: str) -> int:
    """Replace the tickets of a date by totals. Adds to earlier ones: a kiosk may settle late."""
    valid = t.state != "void"

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    sums = connection.execute(
        select(
            t.service,
            number(valid).label("issued"),
            number(and_(valid, t.priority.is_not(None))).label("priority"),
            number(and_(valid, t.letter != "")).label("offline"),
            number(t.state == "void").label("void"),
        )
        .where(t.business_date == day, t.placeholder.is_(False), t.rev > 0)
        .group_by(t.service)
    ).mappings()
    d = daily_totals.c
    for row in sums.all():
        more = {name: int(row[name]) for name in ("issued", "priority", "offline", "void")}
        same = d.business_date == day, d.service == row["service"]
        added = {name: d[name] + value for name, value in more.items()}
        if not connection.execute(update(daily_totals).where(*same).values(added)).rowcount:
            key = {"business_date": day, "service": row["service"]}
            connection.execute(insert(daily_totals).values(**key, **more))
    for table in (number_series, gaps):
        connection.execute(delete(table).where(table.c.business_date == day))
    return connection.execute(delete(tickets).where(t.business_date == day)).rowcount
