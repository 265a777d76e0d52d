"""An agency's tile on the home screen: icon, short name and one line below."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import BaseWidget, load_twin
from kiosk.widgets.press import Touchable

load_twin(__file__)


class WaitingBadge(BaseWidget):
    """How many people wait, below the icon: centred on ``axis`` (pixels from the left edge), or
    moved to the left as far as its width requires. ``marked``: with a people icon, if it fits.
    """

    people = StringProperty("")
    axis = NumericProperty(0)
    mark = NumericProperty(0)
    whole = NumericProperty(0)
    marked = BooleanProperty(True)
    ink = ColorProperty((0, 0, 0, 1))


class AgencyTile(Touchable):
    """``popular`` tiles are blue. ``shut``: no numbers now; ``note`` says when it opens again.

    ``waiting``: number of people; empty for zero and unknown.
    """

    icon = StringProperty("")
    name = StringProperty("")
    note = StringProperty("")
    popular = BooleanProperty(False)
    shut = BooleanProperty(False)
    blue = BooleanProperty(False)
    place = NumericProperty(0)
    chip = NumericProperty(0)
    inset = NumericProperty(0)
    rise = NumericProperty(0)
    waiting = StringProperty("")
    _badge: Any = None

    def on_waiting(self, _widget: object, people: str) -> None:
        """Show the badge. It is built at its first use: many menus never need one."""
        if self._badge is None:
            self._badge = WaitingBadge(look=self.look, size_hint=(None, None))
            self.add_widget(self._badge)
            for name in ("pos", "size", "look", "blue", "place", "inset", "rise"):
                self.fbind(name, self._place_badge)
        self._badge.people = people
        self._place_badge()

    def _place_badge(self, *_: object) -> None:
        look, badge = self.look, self._badge
        badge.look = look
        badge.ink = look.colour.on_accent if self.blue else look.colour.accent
        badge.axis = self.inset + self.place / 2
        badge.size = (self.inset + self.place + look.mm(0.3), look.line(look.body))
        low = self.center_y - self.chip / 2 + self.rise
        badge.pos = (self.x, round(low - badge.height - look.mm(0.2)))
