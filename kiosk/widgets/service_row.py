"""A service: a touch anywhere on it takes a number, but on what to bring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.domain.events import Event
from kiosk.widgets.button import WideButton
from kiosk.widgets.drawn import load_twin
from kiosk.widgets.press import Touchable

load_twin(__file__)


class DetailsButton(WideButton):
    """Asks what to bring; in a card (``tall``) with an icon."""

    tall = BooleanProperty(False)


class ServiceRow(Touchable):
    """``meta`` is a line below the name, ``bring`` what to bring, where there is room for it.

    ``shut``: no numbers now, ``meta`` says why. A high row is a card, with its button below.
    """

    name = StringProperty("")
    meta = StringProperty("")
    bring = StringProperty("")
    bring_list = StringProperty("")
    bring_off = BooleanProperty(False)
    take = StringProperty("")
    ask = StringProperty("")
    shut = BooleanProperty(False)
    tall = BooleanProperty(False)
    labelled = BooleanProperty(False)
    inset = NumericProperty(0)
    tool_h = NumericProperty(0)

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit=emit, **kwargs)
        self.ids.details.emit = emit
        self.ids.bring.fbind("cut", self._bring_cut)
        for name in ("bring", "size"):
            self.fbind(name, self._bring_again)

    def _bring_cut(self, _text: object, cut: bool) -> None:
        """Half a list helps nobody: the button shows all of it."""
        if cut:
            self.bring_off = True

    def _bring_again(self, *_: object) -> None:
        self.bring_off = False

    def offer_details(self, event: Event | None) -> None:
        """What the button for what to bring asks; None: there is no such button."""
        self.ids.details.event = event
