"""Opening hours: whether numbers are given now, and if not, why and when again.

Hours are local wall-clock times at the site; moments are aware datetimes in the site's zone.
Weekdays count from 0 (Monday) to 6 (Sunday).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
class Week:
    """Periods by weekday, 7 tuples from Monday, each in order and without overlap.

    ``break_closed``: whether numbers stop between two periods of a day.
    """

    days: tuple[tuple[Period, ...], ...]
    break_closed: bool = False


@dataclass(frozen=True, slots=True)
class Season:
    """Other hours from the date ``first`` to ``last``, both included, for example in Ramadan."""

    first: date
    last: date
    week: Week
    reason: LocalText | None = None


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """The hours of a service or an agency, as a week and the exceptions from it.

    ``days``, ``break_closed``: the usual week, as in ``Week``. ``seasons`` replace it; ``wider``
    are seasons of a wider scope (the site's, for an agency with its own week), which only limit
    it. The first that holds a date counts, ``seasons`` first. ``open_on``: dates on which a
    holiday of the list is an ordinary day.
    """

    days: tuple[tuple[Period, ...], ...]
    break_closed: bool = False
    seasons: tuple[Season, ...] = ()
    wider: tuple[Season, ...] = ()
    open_on: frozenset[date] = frozenset()

    def on(self, day: date) -> Week:
        """The week whose hours hold on ``day``, closures apart."""
        usual = Week(self.days, self.break_closed)
        for season in self.seasons:
            if season.first <= day <= season.last:
                return season.week
        for season in self.wider:
            if season.first <= day <= season.last:
                return common(usual, season.week)
        return usual

    def periods(self, day: date) -> tuple[Period, ...]:
        """The periods of ``day``, closures apart."""
        return self.on(day).days[day.weekday()]

    def coming(self, today: date) -> tuple[tuple[Period, ...], ...]:
        """The periods of the 7 days from ``today`` on, by weekday from Monday."""
        if not self.seasons and not self.wider:
            return self.days
        days = [today + timedelta(days=ahead) for ahead in range(7)]
        return tuple(self.periods(day) for day in sorted(days, key=date.weekday))

    def open_weekdays(self, today: date) -> tuple[int, ...]:
        """The weekdays with at least one period in the 7 days from ``today`` on."""
        return tuple([day for day, periods in enumerate(self.coming(today)) if periods])

    def within(self, inner: WeeklyHours | None) -> WeeklyHours:
        """The hours of something in this scope: an agency of the site, a service of an agency.

        ``inner``: its own week; None: it has none. A season of this scope then changes when it is
        open, never to a time at which its own week is closed: an agency that comes on Tuesdays
        comes on Tuesdays in Ramadan too.
        """
        if inner is None:
            return self
        return replace(inner, wider=self.seasons + self.wider, open_on=self.open_on)


def common(one: Week, other: Week) -> Week:
    """The periods in which both weeks are open."""
    days = [
        tuple(
            Period(max(a.start, b.start), min(a.end, b.end))
            for a in one.days[day]
            for b in other.days[day]
            if max(a.start, b.start) < min(a.end, b.end)
        )
        for day in range(7)
    ]
    return Week(tuple(days), one.break_closed or other.break_closed)


@dataclass(frozen=True, slots=True)
class Closure:
    """A day on which the site, or some agencies of it, are closed.

    ``agencies`` holds agency codes; empty means the whole site. ``listed``: a holiday of the list
    (``menu.holidays``), which ``open_on`` makes an ordinary day. ``estimated``: its date may move.
    """

    date: date
    reason: LocalText
    agencies: tuple[str, ...] = ()
    listed: bool = False
    estimated: bool = False


ClosedDays = Mapping[date, tuple[Closure, ...]]
"""Closures by date; those that staff wrote come before the list's."""


def by_date(closures: Iterable[Closure]) -> ClosedDays:
    """``closures`` by their dates, for ``opening``."""
    found: dict[date, tuple[Closure, ...]] = {}
    for closure in sorted(closures, key=lambda c: c.listed):
        found[closure.date] = (*found.get(closure.date, ()), closure)
    return found


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
    """Between two periods, and no numbers are given in breaks."""
    CUTOFF = "cutoff"
    """Today's window is over."""
    NOT_TODAY = "not_today"
    """No hours on this weekday."""
    HOLIDAY = "holiday"
    """A closure; ``reason`` says which."""
    PAUSED = "paused"
    """Staff paused the service; ``opens``: when numbers are given again, None if unknown."""
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
    closed: ClosedDays,
    agency_code: str,
    now: datetime,
) -> Opening:
    """Whether numbers are given at ``now`` (aware, in the site's zone), else why and when again.

    The window of a day opens ``open_minutes_before`` its first period and shuts
    ``stop_minutes_before`` the end of its last; between periods numbers are given unless
    the breaks of that day are closed.
    """
    today = now.date()
    weekdays = hours.open_weekdays(today)
    closure = closure_on(today, hours, closed, agency_code)
    spans = _spans(hours, window, now, today)
    if closure is None:
        for start, end in spans:
            if start <= now < end:
                return Opening(Why.OPEN, until=end, weekdays=weekdays)
    opens, counters = _next(hours, window, closed, agency_code, now)
    if closure is not None:
        why = Why.HOLIDAY
    elif opens is None:
        why = Why.NEVER
    elif not hours.periods(today):
        why = Why.NOT_TODAY
    elif opens.date() == today:
        why = Why.NOT_YET if now < spans[0][0] else Why.BREAK
    else:
        why = Why.CUTOFF
    reason = closure.reason if closure else None
    return Opening(why, opens=opens, service_opens=counters, reason=reason, weekdays=weekdays)


def first_from(
    hours: WeeklyHours,
    window: TicketWindow,
    closed: ClosedDays,
    agency_code: str,
    moment: datetime,
) -> tuple[datetime | None, datetime | None]:
    """The first moment at or after ``moment`` (aware, in the site's zone) at which numbers are
    given, and when counters open then: as ``Opening.opens`` and ``service_opens``."""
    then = opening(hours, window, closed, agency_code, moment)
    return (moment, moment) if then.open else (then.opens, then.service_opens)


def closing(hours: WeeklyHours, now: datetime) -> datetime | None:
    """The end of the last period of the day of ``now`` (aware, in the site's zone); None without
    a period."""
    periods = hours.periods(now.date())
    return _at(now, now.date(), periods[-1].end) if periods else None


def working_s(hours: WeeklyHours, begin: datetime, end: datetime) -> float:
    """Seconds between two moments of one day (aware, in the site's zone) within its periods: what
    counters work, without breaks and the time before opening."""
    day, first_s, last_s = end.date(), begin.timestamp(), end.timestamp()
    spans = [
        (_at(end, day, period.start).timestamp(), _at(end, day, period.end).timestamp())
        for period in hours.periods(day)
    ]
    return sum(max(0.0, min(stop, last_s) - max(start, first_s)) for start, stop in spans)


def closure_on(
    day: date, hours: WeeklyHours, closed: ClosedDays, agency_code: str
) -> Closure | None:
    """The closure of ``day`` for something with ``hours``, before its week is considered; or None.

    ``agency_code``: its agency; empty for closures of the whole site only.
    """
    for closure in closed.get(day, ()):
        if closure.listed and day in hours.open_on:
            continue
        if not closure.agencies or agency_code in closure.agencies:
            return closure
    return None


def _at(now: datetime, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=now.tzinfo)


def _spans(
    hours: WeeklyHours, window: TicketWindow, now: datetime, day: date
) -> list[tuple[datetime, datetime]]:
    """The times of ``day`` at which numbers are given."""
    week = hours.on(day)
    periods = week.days[day.weekday()]
    if not periods:
        return []
    before = timedelta(minutes=window.open_minutes_before)
    stop = timedelta(minutes=window.stop_minutes_before)
    edges = [[_at(now, day, p.start), _at(now, day, p.end)] for p in periods]
    if not week.break_closed:
        edges = [[edges[0][0], edges[-1][1]]]
    edges[0][0] = max(edges[0][0] - before, _at(now, day, time.min))
    edges[-1][1] -= stop
    return [(start, end) for start, end in edges if start < end]


def _next(
    hours: WeeklyHours,
    window: TicketWindow,
    closed: ClosedDays,
    agency_code: str,
    now: datetime,
) -> tuple[datetime | None, datetime | None]:
    """When numbers are next given after ``now``, and when counters open on that occasion."""
    for ahead in range(LOOKAHEAD_DAYS):
        day = now.date() + timedelta(days=ahead)
        if closure_on(day, hours, closed, agency_code) is not None:
            continue
        spans = _spans(hours, window, now, day)
        for start, end in spans:
            if start > now:
                opened = [_at(now, day, p.start) for p in hours.periods(day)]
                counters = next((o for o in opened if start <= o < end), start)
                return start, counters
    return None, None


def next_open_day(hours: tuple[WeeklyHours, ...], closed: ClosedDays, today: date) -> date:
    """The first day from ``today`` on which any of ``hours`` has a period and the site is open.

    ``today`` itself where there is none within the time looked at.
    """
    for ahead in range(LOOKAHEAD_DAYS):
        day = today + timedelta(days=ahead)
        if any(h.periods(day) and closure_on(day, h, closed, "") is None for h in hours):
            return day
    return today
