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
from kiosk.widgets.text_fit import measure

load_twin(__file__)

KEY_MM = 20
"""The least width of a key."""


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
        x = self.x + margin
        for item, width in zip(items, self._widths(items, gap, margin), strict=True):
            item.look = look
            item.size = (int(width), self.height - 2 * look.mm(inset))
            item.pos = (round(x), self.y + look.mm(inset))
            x += width + gap

    def _widths(self, items: list[BarItem], gap: float, margin: float) -> list[float]:
        """Equal widths; where a label is too long for them, each key as wide as its label needs.

        Labels that need more than there is are drawn smaller; no key is narrower than KEY_MM."""
        look: Look = self.look
        room = self.width - 2 * margin - gap * (len(items) - 1)
        equal = room / len(items)
        least = min(equal, look.mm(KEY_MM) + 1)
        inner = look.mm(2) + 1
        needs = [measure(i.label, "bold", int(look.body)) + inner - least for i in items]
        extra = [max(0.0, need) for need in needs]
        if max(extra) <= equal - least:
            return [equal] * len(items)
        spare = room - least * len(items)
        if sum(extra) > spare:
            return [least + e * spare / sum(extra) for e in extra]
        share = (spare - sum(extra)) / len(items)
        return [least + e + share for e in extra]
