"""Card: opening hours of the week, with today's line marked."""

from __future__ import annotations

from typing import Any

from kivy.properties import ListProperty, NumericProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel

MOST_LINES = 7

load_twin(__file__)


class HoursRow(Panel):
    """One line: days at the left, times at the right."""

    days = StringProperty("")
    times = StringProperty("")
    px = NumericProperty(20)


class Timetable(Panel):
    """``hours``: ``HoursLine`` values. ``needed``: their height in pixels, 0 without hours."""

    title = StringProperty("")
    hours = ListProperty()
    needed = NumericProperty(0)
    line_h = NumericProperty(10)
    px = NumericProperty(20)

    def __init__(self, **kwargs: Any) -> None:
        self._rows: list[HoursRow] = []
        super().__init__(**kwargs)
        for name in ("pos", "size", "look", "hours", "line_h", "px"):
            self.fbind(name, self._arrange)
        self._arrange()

    def _arrange(self, *_: object) -> None:
        look = self.look
        lines = list(self.hours)[:MOST_LINES]
        self.needed = self.line_h * (len(lines) + 1) + look.mm(6) if lines else 0
        line_h = min(self.line_h, (self.height - look.mm(6)) / (len(lines) + 1))
        self.opacity = 1 if lines else 0
        while len(self._rows) < len(lines):
            row = HoursRow(look=look)
            self._rows.append(row)
            self.add_widget(row)
        for i, row in enumerate(self._rows):
            row.look = look
            row.opacity = 1 if i < len(lines) else 0
            if i < len(lines):
                row.px = self.px
                row.days, row.times = lines[i].days, lines[i].times
                row.fill = look.colour.accent_soft if lines[i].today else look.colour.clear
                row.size = (self.width - look.mm(6), round(line_h))
                row.pos = (
                    self.x + look.mm(3),
                    round(self.y + self.height - look.mm(3) - line_h * (i + 2)),
                )
            else:
                row.days = row.times = ""
