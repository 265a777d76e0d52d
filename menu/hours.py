"""Days and times as staff write them: ``mon-thu``, ``senin-kamis``, ``08.15-14.00``.

Pure functions on text; places in the file are the caller's business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from difflib import get_close_matches

from menu.schedule import Period

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
CLOSED_WORDS = frozenset({"closed", "tutup", "libur"})
OPEN_WORDS = frozenset({"open", "buka"})
BREAK_KEYS = ("break", "istirahat")

_TO = re.compile(r"\s*(?:-|–|—|\bs\.?d\.?|\bs/d\b|\bsampai\b|\bto\b)\s*")
_AND = re.compile(r"\s*(?:,|;|&|\bdan\b|\band\b)\s*")
_NAME = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_CLOCK = re.compile(r"(\d{1,2})[.:](\d{2})")
_ZONE = re.compile(r"\s*\b(?:wib|wita|wit)\b\.?\s*$")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What cannot be read: the key of a message, the text meant, and a guess or None."""

    key: str
    value: str
    guess: str | None = None


def day_names(day: int) -> tuple[str, str]:
    """What a weekday is called in Bahasa Indonesia and English."""
    return _DAYS[day][1], _DAYS[day][2]


def read_days(text: str) -> tuple[int, ...] | Wrong:
    """The weekdays (0 is Monday) that a key of ``hours`` names, in order.

    ``mon-thu``, ``senin-kamis``, ``sat, sun``; a range may pass over the weekend.
    """
    days = _days(text)
    return Wrong("day", text, _guess_days(text.strip())) if days is None else days


def _days(text: str) -> tuple[int, ...] | None:
    found: list[int] = []
    for part in _AND.split(text.strip().casefold()):
        ends = [_BY_NAME.get(name, -1) for name in _TO.split(part)]
        if len(ends) > 2 or -1 in ends:
            return None
        count = (ends[-1] - ends[0]) % 7 + 1
        found.extend((ends[0] + i) % 7 for i in range(count))
    return tuple(dict.fromkeys(found))


def _guess_days(text: str) -> str | None:
    """``text`` with each misspelt day replaced by the nearest one; None where that is no day."""

    def nearest(match: re.Match[str]) -> str:
        word = match[0].casefold()
        close = [] if word in _BY_NAME else get_close_matches(word, _BY_NAME, 5, 0.6)
        return min(close, key=lambda n: abs(len(n) - len(word)), default=match[0])

    guess = _NAME.sub(nearest, text)
    return None if guess == text or _days(guess) is None else guess


def is_closed(text: str) -> bool:
    """Whether a day's value says that it is closed."""
    return text.strip().casefold() in CLOSED_WORDS


def read_periods(text: str) -> tuple[Period, ...] | Wrong:
    """The periods of one text, usually one: ``08:15-14:00``, ``08.15-12.00, 13.00-14.00``."""
    periods: list[Period] = []
    for part in _AND.split(text.strip().casefold()):
        ends = _TO.split(_ZONE.sub("", part))
        if len(ends) != 2:
            return Wrong("period", text)
        start, end = read_time(ends[0]), read_time(ends[1])
        for clock in (start, end):
            if isinstance(clock, Wrong):
                return Wrong("period", text) if clock.key == "period" else clock
        if not isinstance(start, time) or not isinstance(end, time):
            return Wrong("period", text)
        if end <= start:
            return Wrong("period.order", part)
        periods.append(Period(start, end))
    return tuple(periods)


def read_time(text: str) -> time | Wrong:
    """A time of the day: ``08:15``, ``8.15``."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        return Wrong("period", text)
    hour, minute = int(match[1]), int(match[2])
    if hour > 23 or minute > 59:
        return Wrong("time", text, "23:59" if (hour, minute) == (24, 0) else None)
    return time(hour, minute)


def show(period: Period) -> str:
    """A period as it is written in the files."""
    return f"{period.start:%H:%M}-{period.end:%H:%M}"
