"""A service: its text opens the details, only the labelled button takes a number.

Around that button lies a dead zone: a touch beside it is neither a number nor the details.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.clock import Clock
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    ListProperty,
    NumericProperty,
    StringProperty,
)

from kiosk.domain.colours import WHITE
from kiosk.domain.events import Event
from kiosk.widgets.base import load_twin
from kiosk.widgets.button import WideButton
from kiosk.widgets.press import Touchable

load_twin(__file__)


class DetailsButton(WideButton):
    """Opens the list of what to bring. ``tall``: as in a card, with an icon."""

    tall = BooleanProperty(False)


class TakeButton(Touchable):
    """The one button that takes a number. Always with its words; ``wide``: icon beside them,
    ``stacked``: icon above them. ``shut``: no numbers now, it opens the reason."""

    label = StringProperty("")
    shut = BooleanProperty(False)
    wide = BooleanProperty(False)
    stacked = BooleanProperty(False)
    ink = ColorProperty(WHITE)


def beside_the_button(take: TakeButton, touch: Any, gap: float) -> bool:
    """Whether a touch is in the dead zone of ``gap`` pixels around the button, not on it."""
    x, y = touch.pos
    return not take.collide_point(x, y) and (
        take.x - gap < x < take.right + gap and take.y - gap < y < take.top + gap
    )


class ServiceRow(Touchable):
    """``take``: the words of the button; ``take_brief``: the same where it is narrow.

    ``bring``: what to bring, shown where there is room.

    ``metas``: the line below the name in shorter and shorter wordings; the first that fits is
    shown and kept in ``meta``.

    ``shut``: no numbers now; ``meta`` says why. A high row is a card with the button at its
    bottom; a ``low`` one sets its lines as close as the letters allow. ``lit``: a search led here.
    """

    name = StringProperty("")
    metas = ListProperty([])
    meta = StringProperty("")
    bring = StringProperty("")
    bring_list = StringProperty("")
    bring_off = BooleanProperty(False)
    take = StringProperty("")
    take_brief = StringProperty("")
    take_w = NumericProperty(0)
    ask = StringProperty("")
    shut = BooleanProperty(False)
    lit = BooleanProperty(False)
    tall = BooleanProperty(False)
    low = BooleanProperty(False)
    close = NumericProperty(0)
    inset = NumericProperty(0)
    tool_h = NumericProperty(0)

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit=emit, **kwargs)
        self.ids.details.emit = emit
        self.ids.take.emit = emit
        self.ids.bring.fbind("cut", self._bring_cut)
        for name in ("bring", "size"):
            self.fbind(name, self._bring_again)

        self._choose = Clock.create_trigger(self._choose_meta, -1)
        self.fbind("metas", self._choose)
        for name in ("width", "room", "px"):
            self.ids.meta.fbind(name, self._choose)
        self._choose()

    @property
    def words(self) -> str:
        """The name, and the line below it in its longest wording."""
        line = self.metas[0] if self.metas else ""
        return ". ".join(text for text in (self.name, line) if text)

    def on_touch_down(self, touch: Any) -> bool:
        """Begin a press, unless the touch is in the dead zone around the button."""
        x, y = touch.pos
        beside = beside_the_button(self.ids.take, touch, self.look.gap)
        if self.collide_point(x, y) and beside and not self.ids.details.collide_point(x, y):
            return True
        return super().on_touch_down(touch)

    def _choose_meta(self, *_: object) -> None:
        """Choose the longest wording that fits at full size and breaks only at its line feeds."""
        line = self.ids.meta
        for words in self.metas or [""]:
            self.meta = words
            line.refit()
            fitted = line.fitted
            if (
                not fitted.cut
                and fitted.px == int(line.px)
                and len(fitted.lines) <= words.count("\n") + 1
            ):
                break
        self.bring_off = False
        self.ids.bring.refit()
        self.bring_off = self.ids.bring.cut

    def _bring_cut(self, _text: object, cut: bool) -> None:
        """Hide a list that had to be cut: the button opens the whole list."""
        if cut:
            self.bring_off = True

    def _bring_again(self, *_: object) -> None:
        self.bring_off = False

    def offer_details(self, event: Event | None) -> None:
        """Set the event of the button for what to bring; None hides the button."""
        self.ids.details.event = event
