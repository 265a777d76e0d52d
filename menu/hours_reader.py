"""Reader for hours by weekday; ``hours.py`` parses the days and times themselves."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from menu.hours import (
    BREAK_KEYS,
    OPEN_WORDS,
    Wrong,
    day_names,
    is_closed,
    read_days,
    read_periods,
    show,
)
from menu.problems import Mark, Report, Way, excerpt
from menu.reading import MISSING, Reader
from menu.scalars import found, is_null, meaning, type_of
from menu.schedule import Period, WeeklyHours
from menu.source import Mapping, Node, Scalar, Sequence

_LIKE = '{mon-thu: "08:15-14:00", fri: "08:15-11:00"}'


class HoursReader(Reader):
    """Reads ``hours``: a WeeklyHours, or MISSING after reporting every wrong day and time."""

    def read(self, _: object, node: Node, way: Way | None) -> Any:
        """The hours of a mapping of days to periods."""
        if not isinstance(node, Mapping):
            shown = found(node, self._report.lang)
            self._report.error(node.mark, way, "hours.mapping", like=_LIKE, found=shown)
            return MISSING
        days: list[tuple[Period, ...]] = [()] * 7
        written: dict[int, Mark] = {}
        break_closed = False
        sound = True
        for name, (key, value) in node.items.items():
            if name in BREAK_KEYS:
                closed = self._break(value, Way(way, name))
                sound = sound and closed is not None
                break_closed = bool(closed)
                continue
            named = self._days(name, key, way, written)
            periods = self._periods(value, Way(way, name))
            if named is None or periods is None:
                sound = False
                continue
            for day in named:
                days[day] = periods
        return WeeklyHours(tuple(days), break_closed) if sound else MISSING

    def _days(
        self, name: str, key: Scalar, way: Way | None, written: dict[int, Mark]
    ) -> tuple[int, ...] | None:
        named = read_days(name)
        if isinstance(named, Wrong):
            value = excerpt(named.value)
            self._report.error(key.mark, way, named.key, named.guess, value=value)
            return None
        return named if days_once(self._report, named, key.mark, way, written) else None

    def _break(self, node: Node, way: Way) -> bool | None:
        """The value of ``break``: True for closed, False for open, None for anything else."""
        text = node.value.strip().casefold() if isinstance(node, Scalar) else ""
        if is_closed(text) or text in OPEN_WORDS:
            return is_closed(text)
        shown = excerpt(text) or found(node, self._report.lang)
        self._report.error(node.mark, way, "choice", value=shown, known="closed, open")
        return None

    def _periods(self, node: Node, way: Way) -> tuple[Period, ...] | None:
        """The periods of one day in order; empty for ``closed`` or no value."""
        if is_null(node):
            self._report.warn(node.mark, way, "period.empty")
            return ()
        parts: list[Node] = node.items if isinstance(node, Sequence) else [node]
        periods: list[tuple[Period, Mark]] = []
        sound = True
        for part in parts:
            read = self._part(part, way)
            if read is None:
                sound = False
            else:
                periods.extend((period, part.mark) for period in read)
        periods.sort(key=lambda pair: (pair[0].start, pair[0].end))
        for (one, _), (other, at) in pairwise(periods):
            if other.start < one.end:
                sound = False
                shown, against = show(other), show(one)
                self._report.error(at, way, "period.overlap", value=shown, other=against)
        return tuple(period for period, _ in periods) if sound else None

    def _part(self, node: Node, way: Way) -> tuple[Period, ...] | None:
        if not isinstance(node, Scalar):
            self._wrong("type.text", node, way)
            return None
        if type_of(node) in ("int", "float"):
            value = excerpt(str(meaning(node))[:40])
            self._report.error(node.mark, way, "period.trap", raw=excerpt(node.value), value=value)
            return None
        if is_closed(node.value):
            return ()
        read = read_periods(node.value)
        if isinstance(read, Wrong):
            shown = excerpt(read.value)
            self._report.error(node.mark, way, read.key, read.guess, value=shown)
            return None
        return read


def days_once(
    report: Report, days: tuple[int, ...], at: Mark, way: Way | None, written: dict[int, Mark]
) -> bool:
    """Whether no weekday of the key at ``at`` was named by an earlier key; reports the first.

    ``written``: the place where each weekday was named first; the new ones are added.
    """
    for day in days:
        first = written.setdefault(day, at)
        if first is not at:
            shown = day_names(day)[0 if report.lang == "id" else 1]
            fields = {"day": shown, "line": first.line, "column": first.column}
            report.error(at, way, "day.double", None, **fields)
            return False
    return True
