"""``queue-server restored``: repair a restored backup before anything is served from it.

Numbers handed out after the backup are unknown to it, but visitors hold them. Every series that
may have advanced since is therefore moved on by more than it can have advanced, and so are the
letters. The skipped numbers are recorded as gaps: a number in a gap belongs to the first ticket
that settles it. The new epoch makes the kiosks send all their rows again.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from menu.numbers import LAST_NUMBER
from queue_server import journals, meta, series
from queue_server.catalogue import live_menu
from queue_server.clock import day_of
from queue_server.schema import gaps, letters, number_series
from queue_server.served_menu import ServedMenu

NUMBERS = 1000
"""Default distance. More than one series hands out on the busiest day known (1,500 in all)."""
LETTERS = 24
MAX_AGE_DAYS = 31
"""Kiosks keep acknowledged rows for 30 days, so no kiosk can send an older row again."""


class Given(NamedTuple):
    """How far a database had come: the last number of each series by date and prefix, and the
    ordinal of its last letter."""

    last: dict[tuple[str, str], int]
    letter: int


NOTHING = Given({}, 0)


def given(connection: Connection) -> Given:
    """What the database that a restore replaces had given, so that none of it is given again."""
    rows = connection.execute(select(number_series)).all()
    letter = connection.execute(select(func.max(letters.c.ordinal))).scalar() or 0
    return Given({(row.business_date, row.prefix): row.last for row in rows}, letter)


class Restored(NamedTuple):
    """The new epoch; how many series and letters were moved on; from which business date on."""

    epoch: str
    series: int
    letters: int
    since: str


def restored(
    connection: Connection, menu: ServedMenu, by: int, now_us: int, replaced: Given = NOTHING
) -> Restored:
    """Change the epoch and move series and letters on.

    ``by``: numbers to skip in each series. ``replaced``: of the database in whose place the backup
    is: it may have been restored from the same backup before, and have given the numbers behind
    the first skip. Runs in the caller's transaction.
    """
    today = day_of(now_us, menu.zone)
    since = _backup_day(connection, menu, today, now_us)
    last_values = {
        (row.business_date, row.prefix): row.last
        for row in connection.execute(
            select(number_series).where(number_series.c.business_date >= since.isoformat())
        )
    }
    live = live_menu(connection)
    # Of the live menu too: the file may be a newer one, without a series that lost numbers.
    prefixes = (
        menu.prefixes()
        | (live.prefixes() if live else set())
        | {prefix for _, prefix in (*last_values, *replaced.last)}
    )
    # Series of later dates too: the clock of this machine may be behind, and set right afterwards.
    days = _days_to(since, today) | {day for day, _ in last_values}
    days |= {day for day, _ in replaced.last if day >= since.isoformat()}
    moved = 0
    for day in sorted(days):
        for prefix in sorted(prefixes):
            key = day, prefix
            further = replaced.last.get(key, 0)
            moved += _move_on(connection, *key, last_values.get(key), further, by, now_us)
    skipped = journals.move_letters_on(connection, LETTERS, replaced.letter)
    meta.remove(connection, meta.RESTORING)
    return Restored(meta.new_epoch(connection), moved, skipped, since.isoformat())


def _backup_day(connection: Connection, menu: ServedMenu, today: date, now_us: int) -> date:
    """The date of the newest ticket in the backup: nothing of an earlier date is lost.

    Without tickets the oldest date of which a kiosk can send rows. Ignores tickets from after
    ``now_us``: one that arrived while the server's clock was ahead would hide the true date of the
    backup.
    """
    last_us = series.newest_arrival_us(connection, now_us)
    oldest = today - timedelta(days=MAX_AGE_DAYS)
    return oldest if last_us is None else day_of(last_us, menu.zone)


def _days_to(since: date, today: date) -> set[str]:
    """The business dates on which numbers may have been handed out, the backup being of ``since``.

    Not more than ``MAX_AGE_DAYS`` up to ``today``; and as many after ``since``, because the clock
    of this machine may be ahead, and set right afterwards.
    """
    days = [(since + timedelta(days=i)).isoformat() for i in range((today - since).days + 1)]
    return {*days[: MAX_AGE_DAYS + 1], *days[-MAX_AGE_DAYS - 1 :]}


def _move_on(
    connection: Connection,
    day: str,
    prefix: str,
    last: int | None,
    further: int,
    by: int,
    now_us: int,
) -> int:
    """Move one series on, by ``by`` from its last number here or in the replaced database
    (``further``), and record the gap. Returns 1, or 0 if the series is used up."""
    low = (last or 0) + 1
    high = min(max(last or 0, further) + by, LAST_NUMBER)
    if low > high:  # every number of this series is handed out
        return 0
    if last is None:
        values = {"business_date": day, "prefix": prefix, "last": high, "at_us": now_us}
        connection.execute(insert(number_series).values(**values))
    else:
        same = number_series.c.business_date == day, number_series.c.prefix == prefix
        connection.execute(update(number_series).where(*same).values(last=high))
    connection.execute(insert(gaps).values(business_date=day, prefix=prefix, low=low, high=high))
    return 1
