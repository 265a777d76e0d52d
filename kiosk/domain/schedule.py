"""Opening hours: whether numbers are given now, and if not, why and when again.

Hours are local wall-clock times at the site; moments are aware datetimes in the site's zone.
Weekdays count from 0 (Monday) to 6 (Sunday).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum

from kiosk.domain.text import LocalText

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
        return tuple(i for i, periods in enumerate(self.days) if periods)


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
