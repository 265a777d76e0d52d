"""Card: opening hours of the week, with today's line marked."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel
from kiosk.widgets.text_fit import measure

MOST_LINES = 7
TIMES_PART = 0.45
"""The part of a line that the times take; in large text as much as they need."""

HIGH, HIGH_LARGE = 1.6, 1.92
"""Height of a row with two lines, in rows; in large text without reducing the letters."""

load_twin(__file__)


class HoursRow(Panel):
    """One line: days at the left, times at the right."""

    days = StringProperty("")
    times = StringProperty("")
    px = NumericProperty(20)
    part = NumericProperty(TIMES_PART)


class Timetable(Panel):
    """``hours``: ``HoursLine`` values. ``needed``: their height in pixels, 0 without hours; also
    where they are ``hidden`` for lack of it."""

    title = StringProperty("")
    hours = ListProperty()
    hidden = BooleanProperty(False)
    needed = NumericProperty(0)
    line_h = NumericProperty(10)
    px = NumericProperty(20)

    def __init__(self, **kwargs: Any) -> None:
        self._rows: list[HoursRow] = []
        super().__init__(**kwargs)
        for name in ("pos", "size", "look", "hours", "hidden", "line_h", "px"):
            self.fbind(name, self._arrange)
        self._arrange()

    def _arrange(self, *_: object) -> None:
        look = self.look
        lines = list(self.hours)[:MOST_LINES]
        high = [self._high(line) for line in lines]
        two_lines = HIGH_LARGE if look.theme.large else HIGH
        shares = sum(two_lines if two else 1.0 for two in high) + 1
        self.needed = self.line_h * shares + look.mm(6) if lines else 0
        if self.hidden:
            lines = []
        line_h = min(self.line_h, (self.height - look.mm(6)) / shares)
        self.opacity = 1 if lines else 0
        while len(self._rows) < len(lines):
            row = HoursRow(look=look)
            self._rows.append(row)
            self.add_widget(row)
        top = self.y + self.height - look.mm(3) - line_h
        for i, row in enumerate(self._rows):
            row.look = look
            row.opacity = 1 if i < len(lines) else 0
            if i >= len(lines):
                row.days = row.times = ""
                continue
            row.px, row.part = self.px, self._part
            row.days = lines[i].days
            row.times = lines[i].times.replace(", ", "\n") if high[i] else lines[i].times
            row.fill = look.colour.mark_soft if lines[i].today else look.colour.clear
            height = line_h * (two_lines if high[i] else 1.0)
            top -= height
            row.size = (self.width - look.mm(6), round(height))
            row.pos = (self.x + look.mm(3), round(top))

    @property
    def _part(self) -> float:
        """The part of a line that the times take."""
        look, width = self.look, self.width - self.look.mm(6)
        if not look.theme.large or width < 1:
            return TIMES_PART
        times = [part for line in self.hours for part in line.times.split(", ")]
        longest = max((measure(t, "bold", int(self.px)) for t in times), default=0)
        return float(min(0.6, (longest + look.mm(6)) / width))

    def _high(self, line: Any) -> bool:
        """Whether a line needs two: hours with a break, or long days, on a narrow card."""
        px, width = int(self.px), self.width - self.look.mm(6)
        room = width * self._part - self.look.mm(5)
        days = width * (1 - self._part) - self.look.mm(5)
        return measure(line.times, "bold", px) > room or measure(line.days, "semibold", px) > days
