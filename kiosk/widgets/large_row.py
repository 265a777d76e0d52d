"""A service in large text: its name, one fact, and the labelled button that takes a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty

from kiosk.domain.events import Event
from kiosk.widgets import service_row  # noqa: F401 - its button is used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.press import Touchable
from kiosk.widgets.service_row import beside_the_button

load_twin(__file__)


class LargeRow(Touchable):
    """A touch on the text opens the details, which hold what the row leaves out.

    ``facts``: wordings of the fact, the best first; the first that fits is shown. ``warns``: the
    fact is a warning. ``shut``: no numbers now; the fact says why. ``lit``: a search led here.
    """

    name = StringProperty("")
    facts = ListProperty([])
    fact = StringProperty("")
    take = StringProperty("")
    shut = BooleanProperty(False)
    warns = BooleanProperty(False)
    lit = BooleanProperty(False)
    inset = NumericProperty(0)
    tool_h = NumericProperty(0)

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit=emit, **kwargs)
        self.ids.take.emit = emit
        self._choose = Clock.create_trigger(self._choose_fact, -1)
        for name in ("facts", "name", "size", "look"):
            self.fbind(name, self._choose)
        for name in ("width", "px"):
            self.ids.fact.fbind(name, self._choose)
        self._choose()

    @property
    def words(self) -> str:
        """The name, and the fact in its best wording."""
        return ". ".join(text for text in (self.name, self.facts[0] if self.facts else "") if text)

    def on_touch_down(self, touch: Any) -> bool:
        """Begin a press, unless the touch is in the dead zone around the button."""
        if self.collide_point(*touch.pos) and beside_the_button(
            self.ids.take, touch, self.look.gap
        ):
            return True
        return super().on_touch_down(touch)

    def _choose_fact(self, *_: object) -> None:
        """Choose the first wording that fits on one line, or on two where the name leaves room;
        none where the name needs all of it."""
        line, name = self.ids.fact, self.ids.name
        for words in self.facts or [""]:
            self.fact = words
            line.refit()
            name.refit()
            high = name.texture_size[1] + line.texture_size[1] - self.look.mm(1.2)
            if (
                not line.fitted.cut
                and not name.fitted.cut
                and high <= self.height + self.look.mm(1)
            ):
                return
        if name.fitted.cut:  # the details have the fact
            self.fact = ""
