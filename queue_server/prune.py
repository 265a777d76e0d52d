"""``queue-server prune``: delete what is no longer needed, beside a server at work.

- answers to counter actions after ``REQUEST_DAYS``: no client repeats one so late;
- what is personal in a ticket (tracking token, priority group) after ``PERSONAL_DAYS``: until then
  a kiosk may send the row again. That there was a priority stays, for the monthly report;
- tickets older than ``--keep`` become daily totals of their service;
- SQLite databases that a restore replaced, after ``PERSONAL_DAYS``: they hold tracking tokens too.

Journals and letters are never deleted: they say when a letter may be given again. Nor are the
tickets and number series of the ``NEWEST_DATES`` newest business dates in the data: a series that
is deleted starts again at 1, so with a wrong clock two visitors would get one number. The clock is
therefore also compared with the newest ticket, see ``_check_clock``.

Each unit of work handles one business date, or ``SLICE`` counter actions, so that no reservation
waits long for the lock. A stop between two of them is safe: totals are added in the transaction
that deletes the tickets.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta, tzinfo
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection, case, delete, insert, select, tuple_, update

from queue_server import series
from queue_server.clock import MINUTE_US, day_of, from_us
from queue_server.database import Database, SqliteDatabase, sqlite_copies
from queue_server.errors import Unusable
from queue_server.report import DaySums
from queue_server.schema import daily_totals, gaps, number_series, requests, staff_calls, tickets

KEEP_DAYS = 400
LEAST_DAYS = 62
"""Two months: last month's report needs its tickets, and kiosks send rows of 30 days again."""
PERSONAL_DAYS = 31
REQUEST_DAYS = 2
NEWEST_DATES = 31
"""Kiosks send rows of 30 days again, and each needs its reservation or the gap of its series."""
IDLE_DAYS = 14
"""Longest time without a ticket that is not taken for a wrong clock: the longest holidays."""
ANY_PRIORITY = "-"
"""In place of the priority group of an old ticket."""
SLICE = 2000
"""Counter actions deleted in one unit: 300,000 at once hold the lock for seconds."""
PAUSE_S = 0.02
"""Between two units: on SQLite they share one lock with the reservations of the server."""
_DAY_US = 24 * 60 * MINUTE_US

t = tickets.c


class Pruned(NamedTuple):
    """How many rows, and replaced databases, were deleted or changed."""

    requests: int
    personal: int
    tickets: int
    replaced: int


def prune(
    database: Database, zone: tzinfo, now_us: int, keep_days: int, *, trusted: bool = False
) -> Pruned:
    """Prune an open database.

    ``zone``: of the site. ``keep_days``: age in days of the oldest tickets that stay. ``trusted``:
    staff have confirmed the clock. Raises Unusable, having changed nothing, for a clock that the
    newest ticket contradicts.
    """
    today = day_of(now_us, zone)
    newest = database.read_now(lambda c: _newest(c, zone))
    if newest is not None and not trusted:
        _check_clock(today, newest)
    counts = [0, 0, 0, 0]
    database.write_now(lambda c: _old_calls(c, now_us))
    while deleted := database.write_now(lambda c: _old_actions(c, now_us)):
        counts[0] += deleted
        time.sleep(PAUSE_S)
    oldest = (today - timedelta(keep_days)).isoformat()
    if newest is not None:
        oldest = min(oldest, database.read_now(lambda c: _first_kept(c, newest)))
    for day in database.read_now(lambda c: _dates(c, today - timedelta(PERSONAL_DAYS))):
        if day < oldest:
            counts[2] += database.write_now(partial(_to_totals, day=day))
        else:
            counts[1] += database.write_now(partial(_anonymise, day=day))
        time.sleep(PAUSE_S)
    if newest is not None and isinstance(database, SqliteDatabase):
        # An empty database cannot vouch for the clock, and may be the wrong backup.
        before = from_us(now_us) - timedelta(PERSONAL_DAYS)
        counts[3] = sqlite_copies.delete_replaced(database, before)
    return Pruned(*counts)


def _newest(connection: Connection, zone: tzinfo) -> date | None:
    """The date on which the newest ticket arrived, by the server's clock; None without tickets."""
    found = series.newest_arrival_us(connection)
    return None if found is None else day_of(found, zone)


def _check_clock(today: date, newest: date) -> None:
    """Raise Unusable if ``today`` is before the newest ticket, or more than IDLE_DAYS after it.

    One day before is allowed: several machines may differ by seconds at midnight.
    """
    days = (today - newest).days
    if days > IDLE_DAYS:
        raise Unusable("prune.clock_ahead", today=today, newest=newest, days=days)
    if days < -1:
        raise Unusable("prune.clock_behind", today=today, newest=newest, days=-days)


def _first_kept(connection: Connection, newest: date) -> str:
    """The oldest of the ``NEWEST_DATES`` newest business dates, or of all if there are fewer.

    Does not count dates after ``newest`` and the day that follows it: a kiosk's clock was wrong.
    """
    counted = t.business_date <= (newest + timedelta(1)).isoformat()
    dates = select(t.business_date).where(counted).distinct().order_by(t.business_date.desc())
    found = connection.execute(dates.limit(NEWEST_DATES)).scalars().all()
    return found[-1] if found else newest.isoformat()


def _dates(connection: Connection, before: date) -> Sequence[str]:
    """The business dates before ``before`` that have tickets, the oldest first."""
    found = select(t.business_date).where(t.business_date < before.isoformat()).distinct()
    return connection.execute(found.order_by(t.business_date)).scalars().all()


def _old_calls(connection: Connection, now_us: int) -> None:
    old = staff_calls.c.since_us < now_us - PERSONAL_DAYS * _DAY_US
    connection.execute(delete(staff_calls).where(old, staff_calls.c.ended_us.is_not(None)))


def _old_actions(connection: Connection, now_us: int) -> int:
    """Delete at most ``SLICE`` old counter actions; how many."""
    r = requests.c
    key = select(r.staff, r.id).where(r.at_us < now_us - REQUEST_DAYS * _DAY_US).limit(SLICE)
    return connection.execute(delete(requests).where(tuple_(r.staff, r.id).in_(key))).rowcount


def _anonymise(connection: Connection, day: str) -> int:
    personal = t.track.is_not(None) | (t.priority != ANY_PRIORITY)
    priority = case((t.priority.is_(None), None), else_=ANY_PRIORITY)
    return connection.execute(
        update(tickets)
        .where(t.business_date == day, personal)
        .values(track=None, priority=priority)
    ).rowcount


def _to_totals(connection: Connection, day: str) -> int:
    """Replace the tickets of a date by totals. Adds to earlier ones: a kiosk may settle late.

    Counts the rows that the DELETE returns: a row that is settled after a SELECT would be deleted
    without being counted.
    """
    columns = t.service, t.state, t.letter, t.priority, t.placeholder, t.rev
    deleted = connection.execute(
        delete(tickets).where(t.business_date == day).returning(*columns)
    ).all()
    totals: dict[str, DaySums] = defaultdict(DaySums)
    for service, state, letter, priority, placeholder, rev in deleted:
        if rev and not placeholder:
            totals[service].count(state, letter, priority)
    d = daily_totals.c
    for service, sums in totals.items():
        more = asdict(sums)
        same = d.business_date == day, d.service == service
        added = {name: d[name] + value for name, value in more.items()}
        if not connection.execute(update(daily_totals).where(*same).values(added)).rowcount:
            key = {"business_date": day, "service": service}
            connection.execute(insert(daily_totals).values(**key, **more))
    for table in (number_series, gaps):
        connection.execute(delete(table).where(table.c.business_date == day))
    return len(deleted)
