"""The list of public holidays and joint leave that is shipped with the menu package.

``holidays.json`` is made by ``script/holidays`` from the package of that name, so that nothing is
fetched and every machine knows the same days.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from menu.local_text import LocalText
from menu.schedule import Closure

COUNTRIES = ("ID",)


@dataclass(frozen=True, slots=True)
class Holiday:
    """``joint_leave``: cuti bersama, on which some offices work. ``estimated``: by astronomy; the
    decree may move it by a day."""

    date: date
    name: LocalText
    joint_leave: bool
    estimated: bool


@dataclass(frozen=True, slots=True)
class HolidayList:
    """The days of a country, in order. ``decreed``: the last year whose joint leave is known;
    later years hold public holidays only, many of them estimated."""

    days: tuple[Holiday, ...]
    decreed: int

    def closures(self, *, joint_leave: bool) -> tuple[Closure, ...]:
        """The days as closures of the whole site; ``joint_leave``: those of joint leave too."""
        return tuple(
            Closure(day.date, day.name, listed=True, estimated=day.estimated)
            for day in self.days
            if joint_leave or not day.joint_leave
        )


@cache
def holidays_of(country: str) -> HolidayList:
    """The list of one of ``COUNTRIES``."""
    text = resources.files("menu").joinpath("holidays.json").read_text(encoding="utf-8")
    found = json.loads(text)[country]
    days = [
        Holiday(
            date.fromisoformat(day["date"]),
            LocalText.of(id=day["id"], en=day["en"]),
            day["joint_leave"],
            day["estimated"],
        )
        for day in found["days"]
    ]
    return HolidayList(tuple(sorted(days, key=lambda d: d.date)), found["decreed"])
