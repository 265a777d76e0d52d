"""Opening hours: reads days and times as staff write them, and says whether numbers are given.

Hours are local wall-clock times at the site. Weekdays count from 0 (Monday).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

_DAYS = (
    ("mon", "senin", "monday", "sen"),
    ("tue", "selasa", "tuesday", "sel", "tues"),
    ("wed", "rabu", "wednesday", "rab"),
    ("thu", "kamis", "thursday", "kam", "thur", "thurs"),
    ("fri", "jumat", "friday", "jum", "jum'at"),
    ("sat", "sabtu", "saturday", "sab"),
    ("sun", "minggu", "sunday", "min", "ahad"),
)
_BY_NAME = {name: i for i, names in enumerate(_DAYS) for name in names}
_CLOSED = frozenset({"closed", "tutup", "libur"})
_OPEN = frozenset({"open", "buka"})
_BREAK = frozenset({"break", "istirahat"})
_TO = re.compile(r"\s*(?:-|–|—|\bs\.?d\.?|\bs/d\b|\bsampai\b|\bto\b)\s*")
_AND = re.compile(r"\s*(?:,|;|&|\bdan\b|\band\b)\s*")
_CLOCK = re.compile(r"(\d{1,2})[.:](\d{2})")
_ZONE = re.compile(r"\s*\b(?:wib|wita|wit)\b\.?\s*$")
_LOOKAHEAD_DAYS = 60

Span = tuple[time, time]


@dataclass(frozen=True, slots=True)
class Hours:
    """Periods by weekday, 7 tuples from Monday; ``break_closed``: no numbers between two."""

    days: tuple[tuple[Span, ...], ...] = ((),) * 7
    break_closed: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """When numbers are given against the hours, in minutes."""

    open_before: int = 0
    stop_before: int = 0


@dataclass(frozen=True, slots=True)
class Opening:
    """``until``: when open, the moment it shuts; else the moment it opens, None if unknown."""

    open: bool
    until: datetime | None = None


def read_hours(value: Any) -> Hours:
    """The hours of a mapping of days to periods; ValueError for what cannot be read."""
    if not isinstance(value, dict):
        raise ValueError("hours must name days and times")  # noqa: TRY004
    days: list[tuple[Span, ...]] = [()] * 7
    named: set[int] = set()
    break_closed = False
    for key, periods in value.items():
        name = str(key).strip().casefold()
        if name in _BREAK:
            break_closed = _is_break_closed(periods)
            continue
        read = _read_periods(periods)
        for day in _read_days(name):
            if day in named:
                raise ValueError(f"{_DAYS[day][2]} stands twice")
            named.add(day)
            days[day] = read
    return Hours(tuple(days), break_closed)


def _is_break_closed(value: Any) -> bool:
    word = str(value).strip().casefold()
    if word not in _CLOSED | _OPEN:
        raise ValueError("break is closed or open")
    return word in _CLOSED


def _read_days(text: str) -> tuple[int, ...]:
    found: list[int] = []
    for part in _AND.split(text):
        ends = [_BY_NAME.get(name, -1) for name in _TO.split(part)]
        if len(ends) > 2 or -1 in ends:
            raise ValueError(f"not a day: {text[:40]!r}")
        found.extend((ends[0] + i) % 7 for i in range((ends[-1] - ends[0]) % 7 + 1))
    return tuple(dict.fromkeys(found))


def _read_periods(value: Any) -> tuple[Span, ...]:
    spans: list[Span] = []
    for part in value if isinstance(value, list) else [value]:
        if part is None or (isinstance(part, str) and part.strip().casefold() in _CLOSED):
            continue
        if not isinstance(part, str):
            raise ValueError(f"not a time (quotation marks are missing?): {part!r:.40}")  # noqa: TRY004
        spans.extend(_read_span(one) for one in _AND.split(part.strip().casefold()))
    spans.sort()
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise ValueError("periods overlap")
    return tuple(spans)


def _read_span(text: str) -> Span:
    matches = [_CLOCK.fullmatch(end) for end in _TO.split(_ZONE.sub("", text))]
    clocks = [time(int(m[1]), int(m[2])) for m in matches if m is not None]
    if len(matches) != 2 or len(clocks) != 2 or clocks[0] >= clocks[1]:
        raise ValueError(f"not a time from-to: {text[:40]!r}")
    return clocks[0], clocks[1]


def opening(hours: Hours, window: Window, closed: Callable[[date], bool], now: datetime) -> Opening:
    """Whether numbers are given at ``now`` (aware, in the site's zone), and until when.

    ``closed`` says whether a day is a closure. The window opens before the first period and shuts
    before the end of the last; between periods numbers are given unless ``break_closed``.
    """
    for ahead in range(_LOOKAHEAD_DAYS):
        day = now.date() + timedelta(days=ahead)
        if not hours.days[day.weekday()] or closed(day):
            continue
        for start, end in _spans(hours, window, now, day):
            if start <= now < end:
                return Opening(True, end)
            if start > now:
                return Opening(False, start)
    return Opening(False)


def _spans(
    hours: Hours, window: Window, now: datetime, day: date
) -> list[tuple[datetime, datetime]]:
    """The times of ``day`` at which numbers are given."""

    def at(clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=now.tzinfo)

    edges = [[at(start), at(end)] for start, end in hours.days[day.weekday()]]
    if not hours.break_closed:
        edges = [[edges[0][0], edges[-1][1]]]
    edges[0][0] = max(edges[0][0] - timedelta(minutes=window.open_before), at(time.min))
    edges[-1][1] -= timedelta(minutes=window.stop_before)
    return [(start, end) for start, end in edges if start < end]
