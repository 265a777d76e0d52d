"""Number series: which number comes next, and which letter a journal's own series carries.

A series is keyed by business date, prefix and letter. A number reads ``DK-027``, or with a letter
``DK-B003``. The business date is the local date at the site, never UTC.
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
        """The number ``value`` of this series. Raises SeriesExhausted past ``LAST_NUMBER``.

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
    """What one journal has issued under one prefix and letter, on all dates together.

    ``last`` is the value issued last, 0 before the first; ``last_confirmed`` whether its date was
    confirmed then. ``confirmed`` is the latest confirmed date on which a number was issued, None
    without one.
    """

    last: int = 0
    last_confirmed: bool = False
    confirmed: date | None = None

    def restarts(self, day: date, *, confirmed: bool, highest: int) -> bool:
        """Whether the series restarts at 1 on ``day``.

        ``confirmed``: whether the server or a synchronised clock confirms ``day``.
        ``highest``: the highest value issued for that date so far, 0 for none.

        Only when the number before was issued on an earlier confirmed date. On an unconfirmed
        date it may have been issued this morning, by a clock set to yesterday, and its visitor
        may still wait: the series then continues for one more day.
        """
        return (
            confirmed
            and highest == 0
            and self.last_confirmed
            and self.confirmed is not None
            and day > self.confirmed
        )

    def next_value(self, day: date, *, confirmed: bool, highest: int, skips: int) -> int:
        """The value to issue now; arguments as for ``restarts``.

        ``skips``: the number of unclean stops since the last use of the series. The result may be
        above ``LAST_NUMBER``: see ``Series.number``.
        """
        again = self.restarts(day, confirmed=confirmed, highest=highest)
        base = 0 if again else max(self.last, highest)
        return base + 1 + SKIP_AFTER_UNCLEAN_STOP * skips

    def after(self, value: int, day: date, *, confirmed: bool) -> SeriesState:
        """The state after ``value`` was issued on ``day``."""
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
