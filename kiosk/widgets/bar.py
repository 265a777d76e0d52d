"""The bar at the bottom of every public screen: back, home, language, help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from kiosk.domain.events import BackTapped, Event, HelpTapped, HomeTapped, LanguageChosen
from kiosk.ui.i18n import Phrases
from kiosk.ui.theme import Look
from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import BaseWidget, load_twin
from kiosk.widgets.press import Touchable

load_twin(__file__)


class BarItem(Touchable):
    """One control of the bar. ``chosen`` marks the current language."""

    icon = StringProperty("")
    label = StringProperty("")
    chosen = BooleanProperty(False)


class Bar(BaseWidget):
    """Back and home at the left, languages and help at the right."""

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._emit = emit
        self.back = self._item("arrow-left")
        self.home = self._item("home-outline")
        self.help = self._item("help-circle-outline")
        self.languages: list[BarItem] = []
        for name in ("pos", "size", "look"):
            self.fbind(name, self._arrange)
        self._arrange()

    def _item(self, icon: str) -> BarItem:
        item = BarItem(look=self.look, icon=icon, emit=self._emit)
        self.add_widget(item)
        return item

    def offer_languages(self, codes: list[str], names: dict[str, str], now: str) -> None:
        """Two languages: one key that switches to the other. More: one key each. One: no key."""
        shown = [c for c in codes if c != now] if len(codes) == 2 else codes
        shown = shown if len(codes) > 1 else []
        while len(self.languages) < len(shown):
            self.languages.append(self._item("translate"))
        while len(self.languages) > len(shown):
            self.remove_widget(self.languages.pop())
        for item, code in zip(self.languages, shown, strict=True):
            item.label = names[code]
            item.chosen = code == now
            item.icon = "check-circle" if item.chosen else "translate"
            item.event = None if item.chosen else LanguageChosen(code)
        self._arrange()

    def name(self, phrases: Phrases) -> None:
        """Label back, home and help."""
        self.back.label = phrases.say("bar.back")
        self.home.label = phrases.say("bar.home")
        self.help.label = phrases.say("nav.help")

    def allow(self, *, back: bool, home: bool, help_: bool) -> None:
        """Enable the keys that do something on this screen; the others are dimmed."""
        self.back.event = BackTapped() if back else None
        self.home.event = HomeTapped() if home else None
        self.help.event = HelpTapped() if help_ else None

    def _arrange(self, *_: object) -> None:
        look: Look = self.look
        items = [self.back, self.home, *self.languages, self.help]
        inset = 2.0 if self.height > look.mm(24) else 0.7
        gap, margin = look.gap, look.margin
        width = (self.width - 2 * margin - gap * (len(items) - 1)) / len(items)
        for i, item in enumerate(items):
            item.look = look
            item.size = (int(width), self.height - 2 * look.mm(inset))
            item.pos = (round(self.x + margin + i * (width + gap)), self.y + look.mm(inset))
