"""Base class of the screens between header and bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kivy.properties import ObjectProperty

from kiosk.domain.events import Event
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)
from kiosk.screens.agencies_plan import PlanArea, Rect
from kiosk.ui.i18n import Phrases
from kiosk.widgets.base import BaseWidget
from kiosk.widgets.press import Touchable
from kiosk.widgets.reading import Reading


@dataclass(frozen=True, slots=True)
class ViewContext:
    """Everything a screen may draw. ``left_s``: seconds of the countdown, None without one.
    ``every``: the phrases in each of the site's languages. ``pictures``: the folder of the attract
    screen's pictures."""

    visit: Visit
    snapshot: KioskSnapshot
    phrases: Phrases
    left_s: int | None = None
    every: tuple[Phrases, ...] = ()
    pictures: Path | None = None


@dataclass(frozen=True, slots=True)
class HeaderText:
    """The texts of the header; an empty ``icon`` shows the emblem."""

    title: str
    subtitle: str = ""
    icon: str = ""


class ScreenView(BaseWidget):
    """One screen. ``fill`` may be called any number of times; widgets are reused."""

    emit = ObjectProperty(None)

    staff = False
    """Whether the screen is for staff: an amber header, and no bar."""

    alone = False
    """Whether the screen covers everything: no header and no bar."""

    moves_down = False
    """Whether the screen is moved down in low reach: where targets are not only at the bottom."""

    page: int | None = None
    """The page on the screen, from 0; None for a screen without pages. The visit's page may be a
    later one: a layout with fewer pages shows its last."""

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit=emit, **kwargs)

    def head(self, context: ViewContext) -> HeaderText:
        """The texts of the header."""
        site = context.phrases.local(context.snapshot.catalogue.site.name)
        return HeaderText(site)

    def fill(self, context: ViewContext) -> None:
        """Show ``context``."""

    def reading(self) -> Reading:
        """What can be read and reached on it, in order, as ``fill`` left it. The title is that of
        the header."""
        return Reading()

    def put(self, widget: Any, place: Rect) -> None:
        """Place a widget. Edges are rounded, not sizes, so that equal gaps stay equal."""
        scale = self.look.metrics.px_per_mm
        left, right = round(place.x * scale), round((place.x + place.w) * scale)
        top, bottom = round(place.y * scale), round((place.y + place.h) * scale)
        widget.size = (right - left, bottom - top)
        widget.pos = (self.x + left, self.y + self.height - bottom)

    def keep(self, pool: list[Any], count: int, make: Callable[[], Any]) -> None:
        """Have the first ``count`` widgets of ``pool`` on the screen, all with its look.

        Missing ones are made. The others lose their event and stay in the pool without a parent."""
        while len(pool) < count:
            pool.append(make())
        for i, widget in enumerate(pool):
            widget.look = self.look
            if i < count and widget.parent is None:
                self.add_widget(widget)
            elif i >= count and widget.parent is not None:
                if isinstance(widget, Touchable):
                    widget.event = None
                self.remove_widget(widget)

    @property
    def space(self) -> PlanArea:
        """The screen's area in millimetres."""
        scale, theme = self.look.metrics.px_per_mm, self.look.theme
        return PlanArea(self.width / scale, self.height / scale, theme.margin, theme.gap)

    def count(self, left_s: int | None) -> None:
        """Show the remaining seconds of the countdown; None hides them."""
