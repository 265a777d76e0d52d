"""The bar at the bottom of every public screen: back, home, language, modes, help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.domain.events import (
    BackTapped,
    Event,
    HelpTapped,
    HomeTapped,
    LanguageChosen,
    LanguagesAsked,
    ModesAsked,
    ModeToggled,
)
from kiosk.domain.modes import Mode, Modes
from kiosk.ui.i18n import Phrases
from kiosk.ui.theme import Look
from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.bar_plan import STATE_H, BarRow, bar_rows
from kiosk.widgets.base import BaseWidget, load_twin
from kiosk.widgets.press import Touchable
from kiosk.widgets.reading import Reading, reachable
from kiosk.widgets.text_fit import measure

load_twin(__file__)

KEY_MM = 20
"""The least width of a key."""

MOST_NAMED, DOT = 2, " · "
"""How many languages the key names that opens the others, and what lies between."""

MODE_ICONS = {
    Mode.LARGE: "format-size",
    Mode.CONTRAST: "circle-half-full",
    Mode.LOW: "arrow-collapse-down",
    Mode.SPEECH: "ear-hearing",
}


DISPLAY_ICON = "tune-variant"

ICON_MM, TICK_MM = 9, 6
"""Sides of an icon beside the words, and of the tick beside the state of a mode."""

ROUNDING_PX = 1
"""Of a key's width, which is a whole number of pixels; not asked for where keys are too many."""

STATE_X = 8
"""From the left edge of a key to the state of its mode, which has the tick before it."""


class BarItem(Touchable):
    """One control of the bar. ``chosen`` marks the current language and a mode that is on.

    ``word``: the state of a mode in words ("nyala"), below the label, with a tick. ``beside``: the
    icon, ``icon_mm`` wide, is beside the words, as in large text on a portrait screen.
    ``one_line``: label and state share a line. ``alone``: the label in a line of its own, without
    the colon before a state.
    """

    icon = StringProperty("")
    label = StringProperty("")
    alone = StringProperty("")
    word = StringProperty("")
    chosen = BooleanProperty(False)
    beside = BooleanProperty(False)
    icon_mm = NumericProperty(9)
    above_mm = NumericProperty(9)
    one_line = BooleanProperty(False)
    side = NumericProperty(0)

    @property
    def words(self) -> str:
        """The label, and the state of a mode."""
        return f"{self.label} {self.word}".strip()


class Bar(BaseWidget):
    """Back and home at the left, languages, modes and help at the right, in rows (``bar_plan``).

    Where the modes' keys do not fit, the key ``display`` shows them in place of back, home and the
    languages; where three or more languages do not fit, the key ``choose`` shows them in place of
    all others. The key that closes them lies exactly where the one that opened them lies: the
    second touch of a double touch then asks for them again, which the visit ignores, and never
    meets home or back.
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
        self.choose, self.chosen = self._item("translate"), self._item("arrow-left")
        self.choose.event = LanguagesAsked(open=True)
        self.chosen.event = LanguagesAsked(open=False)
        self.languages: list[BarItem] = []
        self._choosing: bool | None = None
        self._names: list[str] = []
        self.modes: dict[Mode, BarItem] = {}
        self._on: Modes = frozenset()
        self._opened: bool | None = None
        self._phrases: Phrases | None = None
        self._state = ""
        for name in ("pos", "size", "look"):
            self.fbind(name, self._arrange)
        self._arrange()

    def _item(self, icon: str) -> BarItem:
        return BarItem(look=self.look, icon=icon, emit=self._emit)

    @property
    def language_keys(self) -> int:
        """The number of keys that the languages need while nothing is opened."""
        return len(self.languages) if self._choosing is None else 1

    def offer_languages(
        self, codes: list[str], names: dict[str, str], now: str, *, opened: bool | None = None
    ) -> None:
        """Two languages: one key that switches to the other. More: one key each. One: no key.

        ``opened``: None where the keys fit beside the others; else whether they are shown now in
        place of the others. The key that opens them names two others where there is room."""
        others = [code for code in codes if code != now]
        folds = opened is not None
        shown = others if folds or len(codes) == 2 else codes if len(codes) > 1 else []
        self._choosing = opened
        while len(self.languages) < len(shown):
            self.languages.append(self._item("translate"))
        while len(self.languages) > len(shown):
            self.remove_widget(self.languages.pop())
        for item, code in zip(self.languages, shown, strict=True):
            item.label = names[code]
            item.chosen = code == now
            item.icon = "check-circle" if item.chosen else "translate"
            item.event = None if item.chosen else LanguageChosen(code)
        self._names = [names[code] for code in others]
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
        back = phrases.say("bar.back")
        self.back.label = self.close.label = self.chosen.label = back
        self.home.label = phrases.say("bar.home")
        self.help.label = phrases.say("nav.help")
        self._label_modes()

    def _label_modes(self) -> None:
        if self._phrases is None:
            return
        say = self._phrases.say
        self._state = say("mode.on")
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
        """Its keys from left to right, those of an upper row first."""
        return Reading(items=reachable(*sorted(self.children, key=lambda i: (-i.y, i.x))))

    def _rows(self) -> list[tuple[BarRow, list[BarItem]]]:
        """The rows from the lower edge up, each with its keys from left to right."""
        look: Look = self.look
        metrics, large = look.metrics, look.theme.large
        width = self.width / metrics.px_per_mm
        rows = bar_rows(width, portrait=metrics.portrait, large=large)
        modes, folds = list(self.modes.values()), self._opened is not None
        # The narrow bar has no room for the language that is already on the screen.
        languages = [item for item in self.languages if not item.chosen or not folds]
        if self._choosing is not None:
            languages = [self.choose]
        first = [self.back, self.home, *languages]
        others = [self.display] if folds and modes else modes
        if len(rows) == 1:
            return [(rows[0], [*first, *others, self.help])]
        if folds:
            return [(rows[0], first), (rows[1], [*others, self.help])]
        return [(rows[0], [*first, self.help]), (rows[1], others)]

    def _with_languages(
        self, rows: list[tuple[BarRow, list[Span]]]
    ) -> list[tuple[BarRow, list[Span]]]:
        """The languages at both sides of the key that closes them; of two rows, one is theirs."""
        row, spans = next(one for one in rows if self.choose in [item for item, _, _ in one[1]])
        at = next(i for i, (item, _, _) in enumerate(spans) if item is self.choose)
        _, x, width = spans[at]
        gap, begin, end = self.look.gap, spans[0][1], spans[-1][1] + spans[-1][2]
        closes: Span = (self.chosen, x, width)
        if len(rows) > 1:
            other = next(one[0] for one in rows if one[0] is not row)
            whole = self.width - 2 * self.look.margin
            widths = self._widths(self.languages, whole)
            return [(row, [closes]), (other, _spans(self.languages, widths, begin, gap))]
        left, right = x - gap - begin, max(0.0, end - x - width - gap)
        before = round(len(self.languages) * left / (left + right))
        shown = [closes]
        for items, start, room in (
            (self.languages[:before], begin, left),
            (self.languages[before:], x + width + gap, right),
        ):
            shown += _spans(items, self._widths(items, room), start, gap)
        return [(row, sorted(shown, key=lambda span: span[1]))]

    def _with_modes(self, rows: list[tuple[BarRow, list[Span]]]) -> list[tuple[BarRow, list[Span]]]:
        """The rows with the modes in place of the keys before ``display``, and ``close`` in place
        of ``display``."""
        modes, gap = list(self.modes.values()), self.look.gap
        row, spans = next(one for one in rows if self.display in [item for item, _, _ in one[1]])
        at = next(i for i, (item, _, _) in enumerate(spans) if item is self.display)
        _, left, width = spans[at]
        closes = (self.close, left, width)
        if len(rows) > 1:
            whole = self.width - 2 * self.look.margin
            shown = _spans(modes, self._widths(modes, whole), self.x + self.look.margin, gap)
            return [(rows[0][0], shown), (row, [*spans[:at], closes, *spans[at + 1 :]])]
        first, after = spans[0][1], spans[at + 1 :]
        room = left - gap - first
        widths = self._widths(modes, room)
        if len(after) == 1 and any(self._need(i) > w for i, w in zip(modes, widths, strict=True)):
            # Too narrow for their words: the last one takes the place of help, until they close.
            *modes, last = modes
            after = [(last, *after[0][1:])]
            widths = self._widths(modes, room)
        return [(row, [*_spans(modes, widths, first, gap), closes, *after])]

    def _arrange(self, *_: object) -> None:
        look: Look = self.look
        rows = self._usual_rows()
        if self._choosing:
            rows = self._with_languages(rows)
        elif self._opened and self.modes:
            rows = self._with_modes(rows)
        shown = [item for _, spans in rows for item, _, _ in spans]
        for item in list(self.children):
            if item not in shown:
                item.void()
                self.remove_widget(item)
        for row, spans in rows:
            for item, x, width in spans:
                item.look = look
                item.one_line = len(rows) > 1 and row.h < STATE_H
                item.size = (int(width), look.mm(row.h))
                item.pos = (round(x), self.y + look.mm(row.y))
                if item.parent is None:
                    self.add_widget(item)

    def _usual_rows(self) -> list[tuple[BarRow, list[Span]]]:
        """The rows while nothing is opened."""
        rows: list[tuple[BarRow, list[Span]]] = []
        whole = len(self._names) <= MOST_NAMED
        first = self._names[0] if self._names else ""
        for label in ([DOT.join(self._names)] if whole else []) + [f"{first} …"]:
            self.choose.label, rows = label, []
            for row, items in self._rows():
                for item in items:
                    item.look = self.look
                widths = self._widths(items, self.width - 2 * self.look.margin)
                start = self.x + self.look.margin
                rows.append((row, _spans(items, widths, start, self.look.gap)))
            spans = [span for _, row in rows for span in row if span[0] is self.choose]
            if all(self._need(item) <= width for item, _, width in spans):
                break
        return rows

    def _widths(self, items: list[BarItem], width: float) -> list[float]:
        """Widths that fill ``width`` with gaps: equal ones; where a label is too long for them,
        each key as wide as its label needs.

        Where labels need more than there is, the icons beside them are left out; labels that still
        need more are drawn smaller. No key is narrower than KEY_MM."""
        look: Look = self.look
        if not items:
            return []
        room = width - look.gap * (len(items) - 1)
        equal = room / len(items)
        least = min(equal, look.mm(KEY_MM) + 1)
        spare = room - least * len(items)
        for item in items:
            item.beside = look.theme.large and (look.metrics.portrait or bool(item.word))
            item.icon_mm = ICON_MM if look.metrics.portrait else TICK_MM
        for with_icons in (True, False):
            if not with_icons:
                for item in items:
                    item.icon_mm = 0
            extra = [max(0.0, self._need(i) - least) for i in items]
            if max(extra) <= equal - least:
                return [equal] * len(items)
            if sum(extra) <= spare:
                share = (spare - sum(extra)) / len(items)
                return [least + e + share for e in extra]
        exact = [max(0.0, e - ROUNDING_PX) for e in extra]
        if sum(exact) <= spare:
            return [least + e + (spare - sum(exact)) / len(items) for e in exact]
        return [least + e * spare / sum(extra) for e in extra]

    def _with_state(self) -> list[BarItem]:
        """The keys of the modes that can be on while these letters are on the screen."""
        return [item for mode, item in self.modes.items() if mode is not Mode.LARGE]

    def _need(self, item: BarItem) -> float:
        """The width of a key's words with the icon and the space beside them. A mode that is off
        needs as much as one that is on, so that no key moves when it is switched."""
        look: Look = self.look
        words = [item.alone]
        inner = look.mm(2) + ROUNDING_PX
        if not look.theme.large and item in self._with_state():
            state = measure(self._state, "bold", int(look.body)) + look.mm(STATE_X + 1) + 1
            return max(state, measure(item.alone, "bold", int(look.body)) + inner)
        if look.theme.large:
            words = [item.label, item.word]
            inner = look.mm(4) + 1
            if item.beside and item.icon_mm:
                inner += look.mm(item.icon_mm + 2)
            if item is self.display:
                words = [" ".join(words).strip()]
        return max(measure(word, "bold", int(look.body)) for word in words) + inner


Span = tuple[BarItem, float, float]
"""A key with its left edge and its width."""


def _spans(items: Sequence[BarItem], widths: Sequence[float], x: float, gap: float) -> list[Span]:
    """Each key with its left edge and width, from ``x`` with ``gap`` between."""
    spans = []
    for item, width in zip(items, widths, strict=True):
        spans.append((item, x, width))
        x += width + gap
    return spans
