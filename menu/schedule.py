"""Opening hours: whether numbers are given now, and if not, why and when again.

Hours are local wall-clock times at the site; moments are aware datetimes in the site's zone.
Weekdays count from 0 (Monday) to 6 (Sunday).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum

from menu.local_text import LocalText

LOOKAHEAD_DAYS = 370
"""How far ahead the next opening is sought: a year and a little."""


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` to ``end`` on one day; ``end`` is later than ``start``."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Periods by weekday, 7 tuples from Monday, each in order and without overlap.

    ``break_closed``: whether numbers stop between two periods of a day.
    """

    days: tuple[tuple[Period, ...], ...]
    break_closed: bool = False

    def open_weekdays(self) -> tuple[int, ...]:
        """The weekdays with at least one period."""
        return tuple([day for day in range(7) if self.days[day]])  # twice as fast as a generator


@dataclass(frozen=True, slots=True)
class Closure:
    """A day on which the site, or some agencies of it, are closed.

    ``agencies`` holds agency codes; empty means the whole site.
    """

    date: date
    reason: LocalText
    agencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketWindow:
    """When numbers are given against the hours, in minutes.

    ``open_minutes_before`` counts back from the first period's start,
    ``stop_minutes_before`` back from the last period's end.
    """

    open_minutes_before: int = 0
    stop_minutes_before: int = 0


class Why(Enum):
    """Why numbers are, or are not, given now."""

    OPEN = "open"
    NOT_YET = "not_yet"
    """Later today."""
    BREAK = "break"
    """Between two periods, and numbers stop meanwhile."""
    CUTOFF = "cutoff"
    """Today's window is over."""
    NOT_TODAY = "not_today"
    """No hours on this weekday."""
    HOLIDAY = "holiday"
    """A closure; ``reason`` says which."""
    PAUSED = "paused"
    """Staff paused the service; ``opens``: when it resumes, None if unknown."""
    QUOTA = "quota"
    """All of today's numbers are given."""
    NEVER = "never"
    """No hours at all in the time looked at."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether numbers are given at a moment.

    ``until``: when OPEN, the moment the window shuts. ``opens``: when not OPEN, the moment
    numbers are next given (None for NEVER); ``service_opens`` the moment counters next open.
    ``reason`` is set for HOLIDAY. ``weekdays`` are the days with hours. All moments are aware.
    """

    why: Why
    until: datetime | None = None
    opens: datetime | None = None
    service_opens: datetime | None = None
    reason: LocalText | None = None
    weekdays: tuple[int, ...] = ()

    @property
    def open(self) -> bool:
        """Whether a number is given now."""
        return self.why is Why.OPEN


def opening(
    hours: WeeklyHours,
    window: TicketWindow,
    closures: tuple[Closure, ...],
    agency_code: str,
    now: datetime,
) -> Opening:
    """Whether numbers are given at ``now`` (aware, in the site's zone), else why and when again.

    The window of a day opens ``open_minutes_before`` its first period and shuts
    ``stop_minutes_before`` the end of its last; between periods numbers are given unless
    ``hours.break_closed``.
    """
    weekdays = hours.open_weekdays()
    today = now.date()
    closure = _closure(closures, agency_code, today)
    periods = hours.days[today.weekday()]
    spans = _spans(hours, window, now, today)
    if closure is None:
        for start, end in spans:
            if start <= now < end:
                return Opening(Why.OPEN, until=end, weekdays=weekdays)
    opens, counters = _next(hours, window, closures, agency_code, now)
    if closure is not None:
        why = Why.HOLIDAY
    elif not weekdays:
        why = Why.NEVER
    elif not periods:
        why = Why.NOT_TODAY
    elif opens is not None and opens.date() == today:
        why = Why.NOT_YET if now < spans[0][0] else Why.BREAK
    else:
        why = Why.CUTOFF
    if opens is None and closure is None:
        why = Why.NEVER
    reason = closure.reason if closure else None
    return Opening(why, opens=opens, service_opens=counters, reason=reason, weekdays=weekdays)


def _closure(closures: tuple[Closure, ...], agency_code: str, day: date) -> Closure | None:
    for closure in closures:
        if closure.date == day and (not closure.agencies or agency_code in closure.agencies):
            return closure
    return None


def _at(now: datetime, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=now.tzinfo)


def _spans(
    hours: WeeklyHours, window: TicketWindow, now: datetime, day: date
) -> list[tuple[datetime, datetime]]:
    """The times of ``day`` at which numbers are given."""
    periods = hours.days[day.weekday()]
    if not periods:
        return []
    before = timedelta(minutes=window.open_minutes_before)
    stop = timedelta(minutes=window.stop_minutes_before)
    edges = [[_at(now, day, p.start), _at(now, day, p.end)] for p in periods]
    if not hours.break_closed:
        edges = [[edges[0][0], edges[-1][1]]]
    edges[0][0] = max(edges[0][0] - before, _at(now, day, time.min))
    edges[-1][1] -= stop
    return [(start, end) for start, end in edges if start < end]


def _next(
    hours: WeeklyHours,
    window: TicketWindow,
    closures: tuple[Closure, ...],
    agency_code: str,
    now: datetime,
) -> tuple[datetime | None, datetime | None]:
    """When numbers are next given after ``now``, and when counters open on that occasion."""
    for ahead in range(LOOKAHEAD_DAYS):
        day = now.date() + timedelta(days=ahead)
        if _closure(closures, agency_code, day) is not None:
            continue
        spans = _spans(hours, window, now, day)
        for start, end in spans:
            if start > now:
                opened = [_at(now, day, p.start) for p in hours.days[day.weekday()]]
                counters = next((o for o in opened if start <= o < end), start)
                return start, counters
    return None, None


def next_open_day(
    hours: tuple[WeeklyHours, ...], closures: tuple[Closure, ...], today: date
) -> date:
    """The first day from ``today`` on which any of ``hours`` has a period and the site is open.

    ``today`` itself where there is none within the time looked at.
    """
    for ahead in range(LOOKAHEAD_DAYS):
        day = today + timedelta(days=ahead)
        shut = any(c.date == day and not c.agencies for c in closures)
        if not shut and any(h.days[day.weekday()] for h in hours):
            return day
    return today
