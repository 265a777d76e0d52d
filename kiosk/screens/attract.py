"""The attract screen, while nobody is there: pictures, the invitation, the hours, who waits where.

Nothing on it can be touched but the bar: the application wakes it at the end of any touch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import ListProperty, StringProperty

from kiosk.domain.events import Event
from kiosk.domain.visit_state import (
    KioskSnapshot,
)
from kiosk.screens.agencies import people
from kiosk.screens.agencies_plan import Rect
from kiosk.screens.attract_plan import AttractPlan, plan_attract
from kiosk.screens.message import usual_hours
from kiosk.screens.screen_view import HeaderText, ScreenView, ViewContext
from kiosk.ui.i18n import DOT, Phrases
from kiosk.ui.opening_phrases import OpeningPhrases
from kiosk.widgets import panel, slideshow, text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import BaseWidget, load_twin
from kiosk.widgets.reading import Reading, nonempty
from kiosk.widgets.text_fit import measure

load_twin(__file__)

LINE_MM = 10.6
TWO_COLUMNS_MM = 230.0
COLUMN_GAP_MM = 10.0
"""The queue: height of a line, width from which it has two columns, and the space between."""

MOST_INVITING = 4
MOST_OPENING = {True: 3, False: 2}
"""Limits for the languages of the sentence that invites, and, by portrait, of the longer one that
says when the site opens."""


class WaitingLine(BaseWidget):
    """How many people wait at one agency."""

    name = StringProperty("")
    people = StringProperty("")


class AttractView(ScreenView):
    """All texts in the site's languages, the first one largest. Shown again and again: reused."""

    shut = StringProperty("")
    lines = ListProperty()

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit, **kwargs)
        self._lines: list[WaitingLine] = []
        self._view_context: ViewContext | None = None
        for name in ("pos", "size", "look"):
            self.fbind(name, self._again)
        self.fbind("parent", self._shown)

    def head(self, context: ViewContext) -> HeaderText:
        """The name of the site."""
        return HeaderText(context.phrases.local(context.snapshot.catalogue.site.name))

    def fill(self, context: ViewContext) -> None:
        """Show the texts of this moment."""
        self._view_context = context
        snapshot = context.snapshot
        waits = _waiting(snapshot, context.phrases)
        opening = snapshot.site_closed
        upright = self.look.metrics.portrait
        most = MOST_INVITING if opening is None else MOST_OPENING[upright]
        every = _different(context.every)[:most] or (context.phrases,)
        plan = plan_attract(
            self.space,
            upright=upright,
            hand=opening is None,
            waits=bool(waits),
            languages=len(every),
        )
        self._place(plan)
        self._fill_card(every, snapshot)
        self._fill_hours(context.every or every, snapshot)
        self._fill_waits(waits, plan.waits, every)
        if context.pictures is not None and self.parent is not None:
            self.ids.pictures.show(context.pictures)

    def reading(self) -> Reading:
        """The texts; nothing can be reached but the bar."""
        ids = self.ids
        words = (ids.welcome, ids.sentence, ids.others, ids.free, ids.hours_title, ids.hours)
        said = [*(w.text for w in words), *(f"{line.name}: {line.people}" for line in self.shown)]
        return Reading(notes=nonempty(*said))

    @property
    def shown(self) -> list[WaitingLine]:
        """The agencies at which people wait, as far as they are on the screen."""
        return [line for line in self._lines if line.parent is not None]

    def _place(self, plan: AttractPlan) -> None:
        ids = self.ids
        for widget, place in (
            (ids.pictures, plan.picture),
            (ids.card, plan.card),
            (ids.welcome, plan.welcome),
            (ids.hand, plan.hand),
            (ids.sentence, plan.sentence),
            (ids.others, plan.others),
            (ids.free, plan.free),
            (ids.hours_card, plan.hours),
            (ids.waits_card, plan.waits or Rect(0, 0, 0, 0)),
        ):
            self.put(widget, place)

    def _fill_card(self, every: tuple[Phrases, ...], snapshot: KioskSnapshot) -> None:
        """Welcome and invitation; while the whole site is closed when it opens again."""
        ids, closed, site = self.ids, snapshot.site_closed, snapshot.catalogue.site
        first = every[0]
        ids.hand.name = "gesture-tap" if closed is None else ""
        ids.welcome.text = first.say("attract.welcome", site=first.local(site.name))
        if closed is None:
            said = [phrases.say("attract.touch") for phrases in every]
            keys = ("attract.free", "speech.jack") if snapshot.headset else ("attract.free",)
            free = [phrases.say(key) for phrases in every for key in keys]
            ids.free.text = self._in_one_line(list(dict.fromkeys(free)))
        else:
            words = [OpeningPhrases(phrases).site_closed(closed, snapshot.now) for phrases in every]
            said = [_sentence(one.title, one.text) for one in words]
            ids.free.text = ""
        ids.sentence.text = said[0]
        ids.others.text = "\n".join(said[1:])

    def _in_one_line(self, texts: list[str]) -> str:
        """As many of ``texts`` as one line has room for, at least the first."""
        joined = texts[0]
        for more in texts[1:]:
            longer = f"{joined}{DOT}{more}"
            if measure(longer, "bold", self.look.body) > self.ids.free.width:
                break
            joined = longer
        return joined

    def _fill_hours(self, every: tuple[Phrases, ...], snapshot: KioskSnapshot) -> None:
        ids, first = self.ids, every[0]
        if snapshot.site_closed is not None:
            ids.hours_title.text = ""
            shut = dict.fromkeys(phrases.say("attract.shut") for phrases in every)
            ids.hours.text = " / ".join(shut)
            return
        title = (phrases.say("attract.today") for phrases in every)
        ids.hours_title.text = " / ".join(dict.fromkeys(title))
        periods = usual_hours(snapshot).coming(snapshot.now.date())[snapshot.now.weekday()]
        ids.hours.text = OpeningPhrases(first).spans(periods)

    def _fill_waits(
        self, waits: list[tuple[str, str]], place: Rect | None, every: tuple[Phrases, ...]
    ) -> None:
        """As many agencies as have room, those with most people first."""
        title = (phrases.say("attract.waiting") for phrases in every)
        self.ids.waits_title.text = " / ".join(dict.fromkeys(title)) if place else ""
        if place is None:
            self.keep(self._lines, 0, self._line)
            return
        columns = 2 if place.w >= TWO_COLUMNS_MM else 1
        rows = max(1, int((place.h - LINE_MM - 3.0) / LINE_MM))
        waits = waits[: rows * columns]
        self.keep(self._lines, len(waits), self._line)
        width = (place.w - 8 - (columns - 1) * COLUMN_GAP_MM) / columns
        for i, (line, (name, count)) in enumerate(zip(self._lines, waits, strict=False)):
            line.name, line.people = name, count
            top = place.y + 2.0 + LINE_MM * (i % rows + 1)
            left = place.x + 4 + (width + COLUMN_GAP_MM) * (i // rows)
            self.put(line, Rect(left, top, width, LINE_MM))

    def _line(self) -> WaitingLine:
        return WaitingLine(look=self.look)

    def _shown(self, *_: object) -> None:
        if self.parent is None:
            self.ids.pictures.hide()

    def _again(self, *_: object) -> None:
        if self._view_context is not None:
            self.fill(self._view_context)


def _different(every: tuple[Phrases, ...]) -> tuple[Phrases, ...]:
    """Those that invite in words of their own: a language may lack them."""
    said: dict[str, Phrases] = {}
    for phrases in every:
        said.setdefault(phrases.say("attract.touch"), phrases)
    return tuple(said.values())


def _sentence(title: str, more: str) -> str:
    return f"{title}. {more}" if more else title


def _waiting(snapshot: KioskSnapshot, phrases: Phrases) -> list[tuple[str, str]]:
    """Agencies at which people wait, with how many in words; those with most people first."""
    counts = [(snapshot.waiting(agency) or 0, agency) for agency in snapshot.catalogue.agencies]
    busy = sorted((c for c in counts if c[0] > 0), key=lambda c: -c[0])
    return [(phrases.short_name(agency), people(count, phrases)) for count, agency in busy]
