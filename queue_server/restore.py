"""``queue-server restored``: after a backup was put back, before anything is served from it.

What was handed out after the backup is not known here, but visitors hold it. So every line that
may have moved is moved on by more than it can have moved, letters too; what lies between is taken
from the first who shows it. The new epoch makes the kiosks send their rows again.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from queue_server import journals, meta
from queue_server.clock import day_of
from queue_server.menu import Menu
from queue_server.numbers import LAST_VALUE
from queue_server.schema import gaps, lines, tickets

NUMBERS = 1000
"""More than one line hands out on a day of the greatest rush known (1,500 for all lines)."""
LETTERS = 24
KEPT_DAYS = 31
"""Kiosks keep acknowledged rows for 30 days: nobody can show what is older."""


class Restored(NamedTuple):
    """What was done."""

    epoch: str
    lines: int
    letters: int
    since: str


def restored(connection: Connection, menu: Menu, by: int, now_us: int) -> Restored:
    """Changes the epoch and moves lines and letters on, in one transaction."""
    today = day_of(now_us, menu.zone)
    since = _backup_day(connection, menu, today)
    held = {
        (row.business_date, row.prefix): row.last
        for row in connection.execute(
            select(lines).where(lines.c.business_date >= since.isoformat())
        )
    }
    prefixes = menu.prefixes() | {prefix for _, prefix in held}
    days = [since + timedelta(days=i) for i in range((today - since).days + 1)]
    moved = 0
    for day in days:
        for prefix in sorted(prefixes):
            place = day.isoformat(), prefix
            moved += _move(connection, *place, held.get(place), by, now_us)
    set_aside = journals.move_letters_on(connection, LETTERS)
    epoch = meta.begin_epoch(connection, anew=True)
    return Restored(epoch, moved, set_aside, since.isoformat())


def _backup_day(connection: Connection, menu: Menu, today: date) -> date:
    """The day of the last thing that the backup knows of; nothing is lost of days before."""
    oldest = today - timedelta(days=KEPT_DAYS)
    last = connection.execute(
        select(func.max(func.coalesce(tickets.c.settled_us, tickets.c.order_us)))
    ).scalar()
    if last is None:
        return oldest
    return min(max(day_of(last, menu.zone), oldest), today)


def _move(
    connection: Connection, day: str, prefix: str, last: int | None, by: int, now_us: int
) -> int:
    """Moves one line on, and remembers what lies between; 1 where it could be moved."""
    low = (last or 0) + 1
    high = min(low + by - 1, LAST_VALUE)
    if low > high:
        return 0
    if last is None:
        values = {"business_date": day, "prefix": prefix, "last": high, "at_us": now_us}
        connection.execute(insert(lines).values(**values))
    else:
        here = lines.c.business_date == day, lines.c.prefix == prefix
        connection.execute(update(lines).where(*here).values(last=high))
    connection.execute(insert(gaps).values(business_date=day, prefix=prefix, low=low, high=high))
    return 1
