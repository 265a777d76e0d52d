"""When a letter may be given to another journal: docs/decisions/0018.

No clock of a kiosk can say for how long the kiosk was out of touch: a machine that was off, with an
empty clock battery, believes that no time has passed. A letter is therefore never given again
because its journal is silent, but only when

- another journal of the same kiosk says that it has replaced that journal where it was at home;
- ``WAIT_DAYS`` have passed since, and the kiosk was heard again after them, with that journal or
  one that replaced it in turn: a disk that lost the write of the replacement shows the old journal
  again at its next start;
- no number with the letter has a later date than that end.

Days are counted by the clock and by ``count_day``: a clock that jumps ahead is one day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta, tzinfo
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select, update

from queue_server import meta
from queue_server.clock import MINUTE_US, day_of
from queue_server.schema import former_letters, journals, letters, tickets

WAIT_DAYS = 31
"""Kiosks send rows of 30 days again; a visitor's number counts on its own date only."""

DAYS = "days"
"""How many dates the server has seen, and the latest: ``"12 2026-11-28"``."""
KEPT = "letters_kept"
"""Letters up to this ordinal are not given again: a restore lost what was given since the
backup."""

_DAY_US = 24 * 60 * MINUTE_US


class AssignedLetter(NamedTuple):
    """The letter of a journal. ``since``: the first date (``YYYY-MM-DD``) of its numbers, None
    where no other journal had the letter."""

    letter: str
    since: str | None = None


class _End(NamedTuple):
    """The end of a journal: the server's day and time at which its successor was first heard."""

    day: int
    at_us: int


def count_day(connection: Connection, today: date) -> int:
    """The number of dates on which an exchange arrived, today's included.

    A date counts only when it is later than all before it: neither a clock that is set back nor one
    that goes to and fro adds days, and one that jumps ahead adds one.
    """
    counted, _, latest = (meta.get(connection, DAYS) or "0 ").partition(" ")
    if today.isoformat() <= latest:
        return int(counted)
    days = int(counted) + 1
    meta.put(connection, DAYS, f"{days} {today.isoformat()}")
    return days


def give(connection: Connection, journal: str, now_us: int, zone: tzinfo) -> AssignedLetter | None:
    """Give ``journal`` the letter whose journal has ended first; None if none may be given.

    The caller holds the lock of the letters.
    """
    kept = int(meta.get(connection, KEPT) or 0)
    found = connection.execute(
        select(letters).where(letters.c.ordinal > kept, letters.c.journal.is_not(None))
    ).all()
    known = _Journals(connection.execute(select(journals)).all())
    days = int((meta.get(connection, DAYS) or "0").partition(" ")[0])
    ends = ((known.end(row.journal, days, now_us), row) for row in found)
    free = sorted((end, row.ordinal, row) for end, row in ends if end is not None)
    for end, ordinal, row in free:
        ended_on = day_of(end.at_us, zone) + timedelta(1)  # at midnight clocks may differ
        later = tickets.c.letter == row.letter, tickets.c.business_date > ended_on.isoformat()
        if connection.execute(select(tickets.c.id).where(*later).limit(1)).first() is not None:
            continue
        since = (ended_on + timedelta(1)).isoformat()
        connection.execute(insert(former_letters).values(ordinal=ordinal, journal=row.journal))
        held = letters.c.ordinal == ordinal
        connection.execute(update(letters).where(held).values(journal=journal, since=since))
        return AssignedLetter(row.letter, since)
    return None


def keep(connection: Connection, last: int) -> None:
    """After a restore: no letter up to the ordinal ``last`` is given again.

    One whose journal has ended may have been given again since the backup: it now belongs, too, to
    the first journal that settles a number with it.
    """
    meta.put(connection, KEPT, str(last))
    ended = select(journals.c.follows).where(journals.c.ended)
    found = connection.execute(select(letters).where(letters.c.journal.in_(ended))).all()
    for row in found:
        connection.execute(insert(former_letters).values(ordinal=row.ordinal, journal=row.journal))
        held = letters.c.ordinal == row.ordinal
        connection.execute(update(letters).where(held).values(journal=None))


class _Journals:
    """All journals, and which of them say that they have replaced which."""

    def __init__(self, rows: Sequence[Row[Any]]) -> None:
        self._by_id = {row.id: row for row in rows}
        self._successors: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in rows:
            old = self._by_id.get(row.follows)
            if row.ended and old is not None and row.kiosk == old.kiosk:
                self._successors[row.follows].append(row)

    def end(self, journal: str, days: int, now_us: int) -> _End | None:
        """The end of ``journal``, if its letter may be given again now; else None."""
        old, direct = self._by_id[journal], self._successors.get(journal, [])
        if not direct or any(None in (row.first_day, row.created_us) for row in direct):
            return None
        end = _End(max(r.first_day for r in direct), max(r.created_us for r in direct))
        if (old.last_day or 0) > end.day or old.seen_us > end.at_us + _DAY_US:
            return None  # it was heard after its end
        day, at_us = self._last_heard(direct)
        waited = min(day, days) - end.day >= WAIT_DAYS
        return end if waited and min(at_us, now_us) - end.at_us >= WAIT_DAYS * _DAY_US else None

    def _last_heard(self, successors: Sequence[Row[Any]]) -> tuple[int, int]:
        """The last day and time at which these journals or those that replaced them were heard."""
        day, at_us, waiting, seen = 0, 0, list(successors), set()
        while waiting:
            row = waiting.pop()
            if row.id not in seen:
                seen.add(row.id)
                day, at_us = max(day, row.last_day or 0), max(at_us, row.seen_us)
                waiting += self._successors.get(row.id, [])
        return day, at_us
