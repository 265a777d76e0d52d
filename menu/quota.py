"""Quotas: how many numbers of a service a day, an hour, and up to a time of the day may have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True)
class DayQuota:
    """The quota of one weekday; a part that is None or empty sets no limit.

    ``day``: numbers of a business date. ``hour``: numbers in one hour of the clock (09.00 to
    10.00). ``before``: pairs of a time and the numbers of the date that are given until then.
    """

    day: int | None = None
    hour: int | None = None
    before: tuple[tuple[time, int], ...] = ()

    @property
    def unlimited(self) -> bool:
        """Whether it sets no limit at all."""
        return self.day is None and self.hour is None and not self.before


@dataclass(frozen=True, slots=True)
class Quota:
    """The quota of a service by weekday, 7 values from Monday."""

    week: tuple[DayQuota, ...]

    @staticmethod
    def every_day(quota: DayQuota) -> Quota:
        """The same quota on each weekday."""
        return Quota((quota,) * 7)

    def on(self, day: date) -> DayQuota:
        """The quota of ``day``."""
        return self.week[day.weekday()]
