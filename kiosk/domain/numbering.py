"""Numbers and the lines they come from.

A line is keyed by business date, prefix and letter. A number reads ``DK-027``, or with a
letter ``DK-B003``. The business date is the local date at the site, never UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from kiosk.errors import LetterMissing, SeriesExhausted
from menu.numbers import LAST_NUMBER, LETTER, LETTERS, PREFIX, Number

SKIP_AFTER_UNCLEAN_STOP = 20
"""Numbers skipped after an unclean stop.

A disk may lose its last confirmed writes in a power cut: without the skip those numbers would be
given twice (README, "What no rule can save")."""


@dataclass(frozen=True, slots=True)
class Series:
    """One number series: a day, a prefix, a letter (empty: the series without a letter)."""

    business_date: date
    prefix: str
    letter: str = ""

    def number(self, value: int) -> Number:
        """The number ``value`` of this line; SeriesExhausted past ``LAST_NUMBER``.

        ValueError for a prefix or letter that no number can carry.
        """
        if not PREFIX.fullmatch(self.prefix) or (self.letter and not LETTER.fullmatch(self.letter)):
            raise ValueError(f"no number reads {self.prefix}-{self.letter}001")
        if value > LAST_NUMBER:
            last = Number(self.prefix, self.letter, LAST_NUMBER)
            raise SeriesExhausted("numbers.used_up", prefix=self.prefix, last=last)
        return Number(self.prefix, self.letter, value)


@dataclass(frozen=True, slots=True)
class SeriesState:
    """What one journal has handed out itself under one prefix and letter, on all days together.

    ``last`` is the value handed out last, 0 before the first. ``last_confirmed`` says whether
    the date was confirmed when it was. ``confirmed`` is the latest confirmed date on which a
    number was handed out, None without one.
    """

    last: int = 0
    last_confirmed: bool = False
    confirmed: date | None = None

    def restarts(self, day: date, *, confirmed: bool, highest: int) -> bool:
        """Whether the line begins again at 1 on ``day``.

        ``confirmed``: whether a server or a synchronised clock stands behind ``day``.
        ``highest``: the highest value handed out for that date so far, 0 for none.

        The number before must have been handed out on an earlier confirmed date. With a date
        that nobody confirmed, it may have been made this very morning by a clock that stood
        at yesterday, and its visitor still waits: then the line runs on for one day more.
        """
        return (
            confirmed
            and highest == 0
            and self.last_confirmed
            and self.confirmed is not None
            and day > self.confirmed
        )

    def next_value(self, day: date, *, confirmed: bool, highest: int, skips: int) -> int:
        """The value to hand out now; arguments as for ``restarts``.

        ``skips``: how many unclean stops there were since the line's last use. May be above
        ``LAST_NUMBER``: see ``Series.number``.
        """
        again = self.restarts(day, confirmed=confirmed, highest=highest)
        base = 0 if again else max(self.last, highest)
        return base + 1 + SKIP_AFTER_UNCLEAN_STOP * skips

    def after(self, value: int, day: date, *, confirmed: bool) -> SeriesState:
        """The state once ``value`` was handed out on ``day``."""
        latest = self.confirmed
        if confirmed and (latest is None or day > latest):
            latest = day
        return SeriesState(value, confirmed, latest)


def business_date(now: datetime, zone: tzinfo) -> date:
    """The local date at the site. ``now`` is aware; ValueError for a naive one."""
    if now.tzinfo is None:
        raise ValueError("the business date needs a time with a zone")
    return now.astimezone(zone).date()


def own_letter(
    configured: str,
    generation: int,
    used: Collection[str],
    choose: Callable[[Sequence[str]], str],
) -> str:
    """The letter of the own series of a journal.

    ``configured`` is the letter of ``kiosk.yaml``, empty for the only kiosk. ``generation`` counts
    the journals of this kiosk before this one: the first carries the letter as it is configured.
    Each later one takes a free letter by ``choose`` (``secrets.choice``): one of 24 letters or 576
    pairs for the only kiosk, else ``configured`` with one of 24 letters behind it.

    At random, because one backup may be put back on two machines, or twice on one, and neither
    journal can know of the other. Two such journals choose the same letter in one case of 600
    (of 24 with a configured letter).

    ``used``: letters that a journal of this kiosk is known to have used. Letters that version 0.1
    gave to earlier generations (A to the first, B to the second) are not free either.
    Raises LetterMissing when none is free, or ``configured`` has two letters already.
    """
    if generation == 0:
        return configured
    every = [configured + letter for letter in LETTERS] if len(configured) < 2 else []
    if not configured:
        every += [first + second for first in LETTERS for second in LETTERS]
    taken = {*used, *every[: generation - 1]}
    free = [letter for letter in every if letter not in taken]
    if not free:
        raise LetterMissing("numbers.new_letter")
    return choose(free)
