"""The server's quotas: how many numbers of a service are left, as the server last reported it.

Each answer is stored with how many tickets of this journal it counts. So the kiosk can count down
from it between two exchanges, and for the rest of the date while it is offline.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from kiosk.store.database import Open
from menu.limits import hour_end

_COLUMNS = "quota_left, counted, most, given_day, given_hour, hour, counted_hour"
"""The columns of what the server reported."""


@dataclass(frozen=True, slots=True)
class GivenNumbers:
    """How many numbers of a service the server counts: on the date, and in the hour of the clock
    that began at ``hour`` (aware), the hour of its answer. None where it does not say."""

    day: int | None = None
    in_hour: int | None = None
    hour: datetime | None = None

    @property
    def stored(self) -> tuple[int | None, int | None, str | None]:
        """The columns of the table ``quota``."""
        hour = None if self.hour is None else self.hour.astimezone(UTC).isoformat()
        return self.day, self.in_hour, hour


_NOT_REPORTED = GivenNumbers()


@dataclass(frozen=True, slots=True)
class ServerQuota:
    """What the server last said of a service with a limit.

    ``left``: the numbers left then. ``since``: the numbers of this journal that the answer does not
    count, less those that it counts and that are void by now; below 0 where voids are more.
    ``most``: how many of the whole date the limit of that moment allowed; None: unknown here.
    ``since_in_hour``: as ``since``, of the hour of the answer; None where that is not known.
    """

    left: int
    since: int
    most: int | None = None
    given: GivenNumbers = _NOT_REPORTED
    since_in_hour: int | None = None

    @property
    def unknown_limit(self) -> bool:
        """Whether the server has a limit for which the kiosk's menu has no figure."""
        return self.most is None and self.given.day is None

    def taken(self, since: datetime | None, own: int) -> int:
        """How many numbers of the date were given from ``since`` on (None: all of it).

        ``own``: those of this journal, which count alone where the server did not say more.
        """
        if since is None:
            by_limit = None if self.most is None else self.most - self.left
            day = by_limit if self.given.day is None else self.given.day
            return own if day is None else max(0, day + self.since)
        if self.given.in_hour is None or self.given.hour != since:
            return own
        in_hour = self.since_in_hour
        if in_hour is None:
            in_hour = max(0, min(self.since, own))
        return max(0, self.given.in_hour + in_hour)


class ServerQuotas:
    """The server's quotas in one journal; made by it. All methods raise JournalError."""

    def __init__(self, reading: Open, writing: Open) -> None:
        """For ``Journal`` only: its ways to read and to write."""
        self._reading = reading
        self._writing = writing

    def store(
        self,
        day: date,
        left: Mapping[str, int],
        most: Mapping[str, int] | None = None,
        given: Mapping[str, GivenNumbers] | None = None,
    ) -> None:
        """Store the numbers left by service code, as the server reports them for ``day``.

        ``most``: how many numbers of the whole date the limit of this moment allows, by service
        code; with it the answer can be converted for another limit later that day. ``given``: how
        many numbers the server counts, and the hour of its answer. Call it once the rows of the
        exchange are acknowledged: the answer counts them already.
        """
        allowed, said = most or {}, given or {}
        with self._reading() as db:
            stored = db.execute(
                f"SELECT service, {_COLUMNS} FROM quota WHERE business_date = ?",  # noqa: S608
                (day.isoformat(),),
            ).fetchall()
            counted = _counts(db, day, known_to_server=True)
            hours = {one.hour for one in said.values() if one.hour is not None}
            in_hour = {hour: _counts(db, day, hour, known_to_server=True) for hour in hours}
        new = {}
        for code, n in left.items():
            one = said.get(code, _NOT_REPORTED)
            of_hour = None if one.hour is None else in_hour[one.hour].get(code, 0)
            # What is counted belongs to the answer: one with the same figures may count other rows.
            new[code] = n, counted.get(code, 0), allowed.get(code), *one.stored, of_hour
        if {row[0]: tuple(row[1:]) for row in stored} == new:
            return
        with self._writing() as db:
            db.execute("DELETE FROM quota")
            db.executemany(
                f"INSERT INTO quota (service, business_date, {_COLUMNS})"  # noqa: S608
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(code, day.isoformat(), *values) for code, values in new.items()],
            )

    def latest(self, day: date) -> dict[str, ServerQuota]:
        """The server's last answer of ``day`` about the services with a limit, by code; empty
        before it."""
        with self._reading() as db:
            answers = db.execute(
                f"SELECT service, {_COLUMNS} FROM quota WHERE business_date = ?",  # noqa: S608
                (day.isoformat(),),
            ).fetchall()
            issued = _counts(db, day, known_to_server=False) if answers else {}
            hours = {text: datetime.fromisoformat(text) for *_, text, _ in answers if text}
            in_hour = {
                text: _counts(db, day, hour, known_to_server=False) for text, hour in hours.items()
            }
        said = {}
        for code, left, counted, most, given_day, given_hour, text, counted_hour in answers:
            since_in_hour = None
            if text is not None and counted_hour is not None:
                since_in_hour = in_hour[text].get(code, 0) - counted_hour
            given = GivenNumbers(given_day, given_hour, hours.get(text))
            since = issued.get(code, 0) - counted
            said[code] = ServerQuota(left, since, most, given, since_in_hour)
        return said


def _counts(
    db: sqlite3.Connection, day: date, hour: datetime | None = None, *, known_to_server: bool
) -> dict[str, int]:
    """Tickets of a day by service, without voided ones: all, or those that the server counts.

    ``hour``: only those issued in the hour of the clock that began then (aware).
    """
    where, values = "", [day.isoformat()]
    if known_to_server:
        where += " AND (acked_rev > 0 OR letter = '')"
    if hour is not None:
        where += " AND strftime('%s', issued_at) + 0 BETWEEN ? + 0 AND ? - 1"
        values += [f"{one.timestamp():.0f}" for one in (hour, hour_end(hour))]
    found = db.execute(
        "SELECT service, count(*) FROM ticket WHERE business_date = ? AND state = 'issued'"  # noqa: S608
        f" AND alone = 0{where} GROUP BY service",
        values,
    )
    return dict(found.fetchall())
