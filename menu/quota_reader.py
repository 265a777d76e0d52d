"""Reader for ``quota``: a number, or numbers by day, hour, time and weekday."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Any

from menu import schema
from menu.hours import Wrong, read_days, read_time
from menu.hours_reader import days_once
from menu.number_reader import NumberReader
from menu.problems import Mark, Way, excerpt
from menu.quota import DayQuota, Quota
from menu.reading import MISSING
from menu.rules import INDONESIAN, meant_key
from menu.scalars import found
from menu.source import Mapping, Node, Scalar

PARTS = ("day", "hour", "before")
LIKE = "{day: 40, hour: 8}"


class QuotaReader(NumberReader):
    """Reads ``quota``: a Quota, or MISSING after reporting every wrong part."""

    def read(self, kind: schema.Quota, node: Node, way: Way | None) -> Any:
        """``40`` is a day; ``{day: 40, hour: 8, before: {"12:00": 25}}``; a weekday beside them
        (``fri: 20``, ``fri: {day: 20, hour: 5}``) replaces the parts that it names."""
        if isinstance(node, Scalar):
            number = self._number(kind, node, way)
            return number if number is MISSING else Quota.every_day(DayQuota(day=number))
        if not isinstance(node, Mapping) or not node.items:
            shown = found(node, self._report.lang)
            self._report.error(node.mark, way, "quota.mapping", like=LIKE, found=shown)
            return MISSING
        read = self._parts(kind, node, way, weekdays=True)
        sound, usual = read is not None, read or DayQuota()
        week = [usual] * 7
        written: dict[int, Mark] = {}
        for name, (key, value) in node.items.items():
            if name in PARTS:
                continue
            days = self._days(name, key, way, written)
            own = self._weekday(kind, value, Way(way, name), usual)
            if days is None or own is None:
                sound = False
                continue
            for day in days:
                week[day] = own
        return Quota(tuple(week)) if sound else MISSING

    def _weekday(
        self, kind: schema.Quota, node: Node, way: Way, usual: DayQuota
    ) -> DayQuota | None:
        if isinstance(node, Mapping):
            return self._parts(kind, node, way, usual)
        number = self._number(kind, node, way)
        return None if number is MISSING else replace(usual, day=number)

    def _parts(
        self,
        kind: schema.Quota,
        node: Mapping,
        way: Way | None,
        usual: DayQuota | None = None,
        *,
        weekdays: bool = False,
    ) -> DayQuota | None:
        """The parts of one mapping over ``usual``; None after reporting what is wrong."""
        quota, sound = usual or DayQuota(), True
        for name, (key, value) in node.items.items():
            here = Way(way, name)
            if name == "before":
                before = self._before(kind, value, here)
                sound = sound and before is not None
                quota = replace(quota, before=before or ())
            elif name in PARTS:
                number = self._number(kind, value, here)
                sound = sound and number is not MISSING
                part = None if number is MISSING else number
                quota = replace(quota, day=part) if name == "day" else replace(quota, hour=part)
            elif not weekdays:
                guess = meant_key(name, PARTS)
                self._report.error(key.mark, way, "key.unknown", guess, key=excerpt(name))
                sound = False
        return quota if sound else None

    def _before(
        self, kind: schema.Quota, node: Node, way: Way
    ) -> tuple[tuple[time, int], ...] | None:
        if not isinstance(node, Mapping) or not node.items:
            shown = found(node, self._report.lang)
            self._report.error(node.mark, way, "quota.before", found=shown)
            return None
        limits: dict[time, int] = {}
        sound = True
        for name, (key, value) in node.items.items():
            clock = read_time(name.strip())
            if isinstance(clock, Wrong):
                fields = {"value": excerpt(name)}
                text = "quota.time" if clock.key == "period" else clock.key
                self._report.error(key.mark, way, text, clock.guess, **fields)
            number = self._number(kind, value, Way(way, name))
            if isinstance(clock, Wrong) or number is MISSING:
                sound = False
            elif clock in limits:
                self._report.error(key.mark, way, "quota.twice", value=excerpt(name))
                sound = False
            else:
                limits[clock] = number
        return tuple(sorted(limits.items())) if sound else None

    def _days(
        self, name: str, key: Scalar, way: Way | None, written: dict[int, Mark]
    ) -> tuple[int, ...] | None:
        days = read_days(name)
        if isinstance(days, Wrong):
            meant = name.strip().casefold() in INDONESIAN
            guess = meant_key(name, PARTS) if meant else days.guess or meant_key(name, PARTS)
            self._report.error(key.mark, way, "quota.part", guess, key=excerpt(name))
            return None
        return days if days_once(self._report, days, key.mark, way, written) else None

    def _number(self, kind: schema.Quota, node: Node, way: Way | None) -> Any:
        return self.whole(kind.number, node, way)
