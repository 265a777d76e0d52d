"""The bar at the bottom of every public screen: back, home, language, modes, help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from kiosk.domain.events import (
    BackTapped,
    Event,
    HelpTapped,
    HomeTapped,
    LanguageChosen,
    ModesAsked,
    ModeToggled,
)
from kiosk.domain.modes import Mode, Modes
from kiosk.ui.i18n import Phrases
from kiosk.ui.theme import Look
from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import BaseWidget, load_twin
from kiosk.widgets.press import Touchable
from kiosk.widgets.reading import Reading, reachable
from kiosk.widgets.text_fit import measure

load_twin(__file__)

KEY_MM = 20
"""The least width of a key."""

MODE_ICONS = {Mode.CONTRAST: "circle-half-full", Mode.LOW: "arrow-collapse-down"}


DISPLAY_ICON = "tune-variant"


class BarItem(Touchable):
    """One control of the bar. ``chosen`` marks the current language and a mode that is on.

    ``word``: the state of a mode in words ("nyala"), below the label, with a tick.
    """

    icon = StringProperty("")
    label = StringProperty("")
    word = StringProperty("")
    chosen = BooleanProperty(False)

    @property
    def words(self) -> str:
        """The label, and the state of a mode."""
        return f"{self.label} {self.word}".strip()


class Bar(BaseWidget):
    """Back and home at the left, languages, modes and help at the right.

    Where the modes' keys do not fit, the key ``display`` shows them in place of back, home and the
    languages. The key that closes them lies exactly where ``display`` lies: the second touch of a
    double touch then asks for the modes again, which the visit ignores, and never meets home or
    back.
    """

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._emit = emit
        self.back = self._item("arrow-left")
        self.home = self._item("home-outline")
        self.help = self._item("help-circle-outline")
        self.display = self._item(DISPLAY_ICON)
        self.close = self._item("arrow-left")
        self.display.event, self.close.event = ModesAsked(open=True), ModesAsked(open=False)
        self.languages: list[BarItem] = []
        self.modes: dict[Mode, BarItem] = {}
        self._on: Modes = frozenset()
        self._opened: bool | None = None
        self._phrases: Phrases | None = None
        for name in ("pos", "size", "look"):
            self.fbind(name, self._arrange)
        self._arrange()

    def _item(self, icon: str) -> BarItem:
        return BarItem(look=self.look, icon=icon, emit=self._emit)

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

    def offer_modes(self, modes: Sequence[Mode], on: Modes, *, opened: bool | None) -> None:
        """One key for each of ``modes``; those in ``on`` are filled, ticked and say so.

        ``opened``: None where the keys fit beside the others; else whether they are shown now in
        place of the others."""
        for mode in [m for m in self.modes if m not in modes]:
            self.remove_widget(self.modes.pop(mode))
        for mode in modes:
            if mode not in self.modes:
                self.modes[mode] = self._item("")
                self.modes[mode].event = ModeToggled(mode)
        self._on, self._opened = on, opened
        self._label_modes()
        self._arrange()

    def name(self, phrases: Phrases) -> None:
        """Label back, home, help and the modes."""
        self._phrases = phrases
        self.back.label = self.close.label = phrases.say("bar.back")
        self.home.label = phrases.say("bar.home")
        self.help.label = phrases.say("nav.help")
        self._label_modes()

    def _label_modes(self) -> None:
        if self._phrases is None:
            return
        say = self._phrases.say
        keys = [(item, f"mode.{m.value}", MODE_ICONS[m], {m}) for m, item in self.modes.items()]
        for item, key, icon, modes in (
            *keys,
            (self.display, "bar.modes", DISPLAY_ICON, set(self.modes)),
        ):
            label, item.chosen = say(key), bool(self._on & modes)
            item.label = say("mode.label_on", mode=label) if item.chosen else label
            item.word = say("mode.on") if item.chosen else ""
            item.icon = "check-bold" if item.chosen else icon

    def allow(self, *, back: BackTapped | None, home: bool, help_: bool) -> None:
        """Enable the keys that do something on this screen; the others are dimmed."""
        self.back.event = back
        self.home.event = HomeTapped() if home else None
        self.help.event = HelpTapped() if help_ else None

    def reading(self) -> Reading:
        """Its keys from left to right."""
        return Reading(items=reachable(*sorted(self.children, key=lambda item: item.x)))

    def _shown(self) -> list[BarItem]:
        """The keys from left to right."""
        modes = list(self.modes.values())
        if self._opened is None or not modes:
            return [self.back, self.home, *self.languages, *modes, self.help]
        # The narrow bar has no room for the language that is already on the screen.
        others = [item for item in self.languages if not item.chosen]
        return [self.back, self.home, *others, self.display, self.help]

    def _with_modes(
        self, spans: list[tuple[BarItem, float, float]]
    ) -> list[tuple[BarItem, float, float]]:
        """The keys in ``spans`` (key, left edge, width) with the modes in place of those before
        ``display``, and ``close`` in place of ``display``."""
        modes = list(self.modes.values())
        at = next(i for i, (item, _, _) in enumerate(spans) if item is self.display)
        _, left, width = spans[at]
        gap, first = self.look.gap, spans[0][1]
        widths = self._widths(modes, left - gap - first)
        shown = _spans(modes, widths, first, gap)
        return [*shown, (self.close, left, width), *spans[at + 1 :]]

    def _arrange(self, *_: object) -> None:
        look: Look = self.look
        items = self._shown()
        widths = self._widths(items, self.width - 2 * look.margin)
        spans = _spans(items, widths, self.x + look.margin, look.gap)
        if self._opened and self.display in items:
            spans = self._with_modes(spans)
        items = [item for item, _, _ in spans]
        for item in list(self.children):
            if item not in items:
                item.void()
                self.remove_widget(item)
        inset = 2.0 if self.height > look.mm(24) else 0.7
        for item, x, width in spans:
            item.look = look
            item.size = (int(width), self.height - 2 * look.mm(inset))
            item.pos = (round(x), self.y + look.mm(inset))
            if item.parent is None:
                self.add_widget(item)

    def _widths(self, items: list[BarItem], width: float) -> list[float]:
        """Widths that fill ``width`` with gaps: equal ones; where a label is too long for them,
        each key as wide as its label needs.

        Labels that need more than there is are drawn smaller; no key is narrower than KEY_MM."""
        look: Look = self.look
        room = width - look.gap * (len(items) - 1)
        equal = room / len(items)
        least = min(equal, look.mm(KEY_MM) + 1)
        inner = look.mm(2) + 1
        needs = [
            measure(i.label.rstrip(":"), "bold", int(look.body)) + inner - least for i in items
        ]
        extra = [max(0.0, need) for need in needs]
        if max(extra) <= equal - least:
            return [equal] * len(items)
        spare = room - least * len(items)
        if sum(extra) > spare:
            return [least + e * spare / sum(extra) for e in extra]
        share = (spare - sum(extra)) / len(items)
        return [least + e + share for e in extra]


def _spans(
    items: Sequence[BarItem], widths: Sequence[float], x: float, gap: float
) -> list[tuple[BarItem, float, float]]:
    """Each key with its left edge and width, from ``x`` with ``gap`` between."""
    spans = []
    for item, width in zip(items, widths, strict=True):
        spans.append((item, x, width))
        x += width + gap
    return spans
