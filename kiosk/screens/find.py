"""The search screen: a field, a keyboard, and the services that match the text typed so far.

A result opens the services of its agency. No button of this screen issues a number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk.domain.events import (
    AgencyChosen,
    EraseTapped,
    Event,
    FoundChosen,
    HelpTapped,
    LetterTyped,
)
from kiosk.domain.visit_screens import (
    Find,
)
from kiosk.screens.agencies_plan import Rect
from kiosk.screens.desk import offer_call
from kiosk.screens.find_plan import (
    ERASE,
    LARGE_FIND,
    NORMAL_FIND,
    SPACE,
    FindPlan,
    Key,
    plan_find,
)
from kiosk.screens.screen_view import HeaderText, ScreenView, ViewContext
from kiosk.ui.i18n import DOT
from kiosk.ui.opening_phrases import OpeningPhrases
from kiosk.widgets.base import load_twin
from kiosk.widgets.button import WideButton
from kiosk.widgets.find_parts import FindField, LetterKey, ResultRow
from kiosk.widgets.reading import Reading, ReadItem, nonempty, reachable
from kiosk.widgets.text_fit import Box, fit, measure
from menu.catalogue import Agency, Found, Need

load_twin(__file__)

MOST_NEEDS = 6
LARGE_CHIP_W, BOTH_WAYS_W = 120.0, 60.0
"""In large text: a narrower key below the field has no icon, and help and the call for staff are
not side by side."""


class FindView(ScreenView):
    """Keys are built once for a size; rows and keys below the field are reused."""

    moves_down = True

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit, **kwargs)
        self._field = FindField(look=self.look)
        self._clear = WideButton(look=self.look, icon="backspace-outline", emit=emit)
        self._help = WideButton(look=self.look, icon="help-circle-outline", emit=emit)
        self._call = WideButton(look=self.look, icon="bell-outline", emit=emit)
        self._keys: list[LetterKey] = []
        self._rows: list[ResultRow] = []
        self._chips: list[WideButton] = []
        self._view_context: ViewContext | None = None
        self._count = ""
        self.add_widget(self._field)
        for name in ("pos", "size", "look"):
            self.fbind(name, self._again)

    def head(self, context: ViewContext) -> HeaderText:
        """Cari layanan."""
        site = context.phrases.local(context.snapshot.catalogue.site.name)
        return HeaderText(context.phrases.say("find.title"), site, "magnify")

    def fill(self, context: ViewContext) -> None:
        """Show the text typed so far and what answers it."""
        self._view_context = context
        screen = context.visit.screen
        if not isinstance(screen, Find):
            return
        plan = plan_find(self.space, LARGE_FIND if self.look.theme.large else NORMAL_FIND)
        self._fill_field(screen, plan, context)
        self._fill_keys(plan.keys, context)
        nothing = screen.nothing
        results = screen.found if screen.text and not nothing else ()
        self._fill_results(results, plan, context)
        self._fill_chips(nothing, bool(results), plan, context)

    def reading(self) -> Reading:
        """What was typed, the key that erases it, what answers it, and the keyboard."""
        rows = [row for row in self._rows if row.works]
        results = [
            ReadItem(row.words, row, place=(i, len(rows))) for i, row in enumerate(rows, start=1)
        ]
        below = (*results, *reachable(self._help, self._call, *self._chips))
        notes = nonempty(self._field.typed or self._field.title, self.ids.heading.text)
        notes += nonempty(self.ids.sentence.text, self._count)
        items = (*reachable(self._clear), *below, *reachable(*self._keys))
        return Reading(notes=notes, items=items, news=True)

    def _fill_field(self, screen: Find, plan: FindPlan, context: ViewContext) -> None:
        say, field, clear = context.phrases.say, self._field, self._clear
        field.look = clear.look = self.look
        field.title, field.hint = say("find.field"), say("find.hint")
        self.put(clear, plan.clear)
        clear.icon = "" if self.look.theme.large else "backspace-outline"
        clear.label, clear.event = say("find.clear"), EraseTapped(all_=True)
        whole = replace(plan.field, w=plan.clear.x + plan.clear.w - plan.field.x)
        self.put(field, plan.field if screen.text else whole)
        self.have(clear, bool(screen.text))
        field.typed = self._visible(screen.text)

    def _visible(self, text: str) -> str:
        """The text in capitals, as on the keys; of a long one the end that fits the field."""
        typed = text.upper()
        room = self._field.width - self.look.mm(24)
        while typed and measure(typed, "bold", self.look.heading) > room:
            typed = typed[1:]
        return typed

    def _fill_keys(self, keys: tuple[Key, ...], context: ViewContext) -> None:
        say = context.phrases.say
        self.keep(self._keys, len(keys), lambda: LetterKey(look=self.look, emit=self.emit))
        for key, (letter, place) in zip(
            self._keys, ((k.letter, k.place) for k in keys), strict=True
        ):
            self.put(key, place)
            key.worded = letter in (SPACE, ERASE)
            if letter == ERASE:
                key.label, key.icon = say("find.erase"), "backspace-outline"
                key.event = EraseTapped()
            else:
                key.label = say("find.space") if letter == SPACE else letter.upper()
                key.icon, key.event = "", LetterTyped(letter)

    def _fill_results(self, codes: tuple[str, ...], plan: FindPlan, context: ViewContext) -> None:
        menu = context.snapshot.catalogue
        found = [f for f in map(menu.service, codes) if f is not None]
        places = plan.rows()
        found = found[: len(places)]
        self._count = context.phrases.say("find.results", n=len(found)) if found else ""
        self.keep(self._rows, len(found), lambda: ResultRow(look=self.look, emit=self.emit))
        for row, one, place in zip(self._rows, found, places, strict=False):
            self.put(row, place)
            self._describe(row, one, context)

    def _describe(self, row: ResultRow, found: Found, context: ViewContext) -> None:
        phrases, snapshot = context.phrases, context.snapshot
        agency, service = found
        now = snapshot.opening(agency, service)
        row.event = FoundChosen(service.code)
        row.icon = agency.icon
        row.name = phrases.service_name(service)
        row.shut = not now.open
        name = phrases.short_name(agency)
        if row.shut:
            why = OpeningPhrases(phrases)
            after = [why.brief(now, snapshot.now), why.word(now)]
            if self.look.theme.dashed:
                after = [phrases.closed_tag()]
        else:
            after = [phrases.place(service.place), phrases.floor(service.place)]
        metas = [DOT.join(t for t in (name, more) if t) for more in (*after, "")]
        room = row.width - row.height - self.look.mm(20)
        if self.look.theme.large:
            if row.shut:  # that it is closed matters more than the agency
                metas[-1] = after[-1]
            room = row.width - self.look.mm(20 if row.plain else 42)
        weight = "semibold" if row.shut else "regular"
        fits = (m for m in metas if measure(m, weight, int(self.look.body)) <= room)
        row.meta = next(fits, metas[-1])
        row.spoken = ". ".join(nonempty(row.name, metas[0]))

    def _fill_chips(
        self, nothing: bool, answered: bool, plan: FindPlan, context: ViewContext
    ) -> None:
        """Below an empty field the usual needs; where nothing was found help and agencies."""
        say = context.phrases.say
        chips: list[tuple[str, str, Event]]
        heading, sentence = self.ids.heading, self.ids.sentence
        heading.text = sentence.text = ""
        calls = offer_call(self._call, context.snapshot.call, context.phrases)
        self.have(self._help, nothing)
        self.have(self._call, nothing and calls)
        if answered:
            self.keep(self._chips, 0, self._chip)
            return
        if nothing:
            agencies = _first_agencies(context)
            at_sentence, at_help, places = plan.nothing(len(agencies))
            sentence.text = self._nothing_words(context, at_sentence, brief=plan.brief)
            self.put(sentence, at_sentence)
            self._place_ways(at_help, say("nav.help"), with_call=calls)
            name = context.phrases.short_name
            chips = [(name(a), a.icon, AgencyChosen(a.code)) for a in agencies]
        else:
            needs = _needs(context)
            at_heading, places = plan.needs(len(needs))
            heading.text = say("find.needs") if at_heading.h else ""
            self.put(heading, at_heading)
            chips = [
                (_need_words(n, f, context), f.agency.icon, FoundChosen(n.service))
                for n, f in needs
            ]
        chips = chips[: len(places)]
        self.keep(self._chips, len(chips), self._chip)
        for chip, (words, icon, event), place in zip(self._chips, chips, places, strict=False):
            self.put(chip, place)
            chip.label, chip.icon, chip.event = words, icon, event
            if self.look.theme.large and chip.width < self.look.mm(LARGE_CHIP_W):
                chip.icon = ""
            tall = chip.height >= self.look.mm(34)
            chip.px = self.look.heading if tall else self.look.name

    def _nothing_words(self, context: ViewContext, place: Rect, *, brief: bool) -> str:
        """That nothing was found, ``brief`` in fewer words; while a call for staff is open what has
        happened to it, as much as has room in ``place``."""
        phrases, call = context.phrases, context.snapshot.call
        if not call.state.open:
            return phrases.say("find.none_brief") if brief else phrases.say("find.none")
        said = phrases.desk_or_call(context.snapshot.catalogue.site.desk, call)
        whole = f"{said.title}. {said.text}"
        mm, body = self.look.mm, int(self.look.body)
        box = Box(mm(place.w), mm(place.h), body, body, 4)
        return said.title if fit(whole, "bold", box).cut else whole

    def _place_ways(self, place: Rect, label: str, *, with_call: bool) -> None:
        """Help in ``place``, or half of it with the call for staff beside it.

        Where large text has no room for both only the call: help is in the bar."""
        half = (place.w - self.look.theme.gap) / 2 if with_call else place.w
        if self.look.theme.large and half < BOTH_WAYS_W and with_call:
            half = place.w
            self.have(self._help, wanted=False)
        self.put(self._help, replace(place, w=half))
        self.put(self._call, replace(place, x=place.x + place.w - half, w=half))
        self._help.label, self._help.event = label, HelpTapped()
        for button in (self._help, self._call):
            button.look, button.px = self.look, self.look.name

    def _chip(self) -> WideButton:
        return WideButton(look=self.look, emit=self.emit)

    def have(self, widget: Any, wanted: bool) -> None:
        """Show or hide a widget that is not in a pool."""
        if wanted and widget.parent is None:
            self.add_widget(widget)
        elif not wanted and widget.parent is not None:
            self.remove_widget(widget)

    def _again(self, *_: object) -> None:
        if self._view_context is not None:
            self.fill(self._view_context)


def _needs(context: ViewContext) -> list[tuple[Need, Found]]:
    """The usual needs of the menu; without any the first service of each popular agency."""
    menu = context.snapshot.catalogue
    popular = [Need(a.services[0].code) for a in menu.popular() if a.services]
    listed = [(need, menu.service(need.service)) for need in menu.needs or popular]
    return [(need, found) for need, found in listed if found is not None][:MOST_NEEDS]


def _need_words(need: Need, found: Found, context: ViewContext) -> str:
    own = context.phrases.local(need.words) if need.words is not None else ""
    return own or context.phrases.service_name(found.service)


def _first_agencies(context: ViewContext) -> list[Agency]:
    """The agencies to offer where nothing was found."""
    menu = context.snapshot.catalogue
    return [*menu.popular(), *menu.others(context.visit.language)][:MOST_NEEDS]
