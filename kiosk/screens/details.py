"""The details of a service: what to bring and the rest of its standard, to read and print."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kivy.properties import NumericProperty, StringProperty

from kiosk.domain.details_slip import parts
from kiosk.domain.events import (
    ClosedAsked,
    DetailsAsked,
    DetailsPrintTapped,
    Event,
    ServiceChosen,
)
from kiosk.domain.visit_details import NoDetails, no_details
from kiosk.domain.visit_screens import (
    Services,
)
from kiosk.screens.agencies_plan import Rect
from kiosk.screens.details_plan import DetailsPlan, Flow, flow, plan_details
from kiosk.screens.screen_view import HeaderText, ScreenView, ViewContext
from kiosk.ui.i18n import DOT, Phrases
from kiosk.ui.opening_phrases import OpeningPhrases
from kiosk.ui.theme import Look
from kiosk.widgets import button  # noqa: F401 - used by the kv file
from kiosk.widgets.base import BaseWidget, load_twin
from kiosk.widgets.pager import Pager
from kiosk.widgets.reading import Reading, nonempty, reachable
from kiosk.widgets.strip import Strip
from kiosk.widgets.text_fit import Box, fit
from menu.catalogue import Found, Service

load_twin(__file__)

ICON_GAP = 4.0
"""Millimetres between a box, number or icon and the text right of it."""

COLUMN_W = 120.0
"""Millimetres: least width of a column of lines."""

ICONS = {
    "service.requirements": "clipboard-list-outline",
    "details.steps": "format-list-numbered",
    "details.time": "clock-outline",
    "details.cost": "cash",
    "details.product": "file-document-outline",
    "details.complaints": "message-alert-outline",
}


@dataclass(frozen=True, slots=True)
class LineText:
    """What a line says. ``label`` alone: a heading; ``label`` and ``text``: a part of one text.
    ``icon`` or ``number``: what stands left of it."""

    text: str
    label: str = ""
    icon: str = ""
    number: str = ""

    @property
    def heads(self) -> bool:
        """Whether it is the heading of a list."""
        return not self.text

    @property
    def said(self) -> str:
        """As it is read aloud."""
        if self.heads:
            return self.label
        before = f"{self.label}: " if self.label else f"{self.number} " if self.number else ""
        return before + self.text


def icon_px(look: Look, px: float) -> int:
    """The size of a line's icon beside letters of font size ``px``."""
    return max(look.mm(7), round(look.line(px) * 0.9))


class DetailsLine(BaseWidget):
    """A line of the details. ``px``: the font size; ``side``: the size of the icon in pixels;
    ``indent``: pixels left of the text."""

    text = StringProperty("")
    label = StringProperty("")
    icon = StringProperty("")
    number = StringProperty("")
    px = NumericProperty(20)
    side = NumericProperty(0)
    indent = NumericProperty(0)


class DetailsView(ScreenView):
    """The parts of the standard over as many pages as needed, a button that prints them, and the
    button that takes the number.

    Lines are as large as one page allows; below the size of plain text there are more pages."""

    service = StringProperty("")
    place = StringProperty("")

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit, **kwargs)
        self._lines: list[DetailsLine] = []
        self._shown: tuple[LineText, ...] = ()
        self._pager = Pager(emit, look=self.look)
        self._no_print = Strip(look=self.look, mood="warn", icon="printer-alert")
        self._name_mm = 0.0
        self._view_context: ViewContext | None = None
        # Kept here: ``ids`` has weak references, and buttons are taken off the screen.
        self._close, self._print = self.ids.close.__self__, self.ids.print.__self__
        for target in (self._close, self._print, self.ids.take):
            target.emit = emit
        self._close.event = DetailsAsked(None)
        for name in ("pos", "size", "look"):
            self.fbind(name, self._again)

    @property
    def low(self) -> bool:
        """Whether the height of the screen has room for little besides the lines."""
        return bool(self.look.theme.large and not self.look.metrics.portrait)

    def head(self, context: ViewContext) -> HeaderText:
        """The agency, as on the services screen."""
        found = _found(context)
        if found is None:
            return super().head(context)
        phrases, agency = context.phrases, found.agency
        return HeaderText(phrases.short_name(agency), phrases.full_name(agency), agency.icon)

    def fill(self, context: ViewContext) -> None:
        """Show the page of the visit."""
        self._view_context = context
        found, phrases, screen = _found(context), context.phrases, context.visit.screen
        self._close.label = phrases.say("nav.back")
        if found is None or not isinstance(screen, Services):
            self.ids.take.event = self._print.event = None
            return
        service = found.service
        self.service = phrases.service_name(service)
        near = [phrases.place(service.place)]
        if service.minutes:
            near.append(phrases.say("service.minutes", n=service.minutes))
        self.place = "" if self.low else DOT.join(p for p in near if p)
        self._offer_number(found, context)
        lines = tuple(_texts(service, phrases))
        prints = self._offer_print(service, context)
        self._lay(lines, screen.details_page, prints=prints, phrases=phrases)

    def reading(self) -> Reading:
        """The service and the lines of the page; the pages, back, print, and the number."""
        pager = self._pager.reading()
        said = [line.said for line in self._shown]
        refused = self._no_print.title if self._no_print.parent is not None else ""
        notes = nonempty(self.service, self.place, *said, *pager.notes, refused)
        first = (self._print, self._close)
        buttons = first if self.look.metrics.portrait else first[::-1]
        return Reading(notes=notes, items=(*pager.items, *reachable(*buttons, self.ids.take)))

    def _offer_number(self, found: Found, context: ViewContext) -> None:
        take, code = self.ids.take, found.service.code
        now = context.snapshot.opening(found.agency, found.service)
        gives = now.open and not context.snapshot.barred
        take.event = ServiceChosen(code) if gives else ClosedAsked(code)
        take.main, take.shut = gives, not gives
        take.icon = "ticket-confirmation-outline" if gives else "clock-outline"
        if not gives:
            say, openings = context.phrases.say, OpeningPhrases(context.phrases)
            take.label = say("state.closed_short") if now.open else openings.word(now)
            if self.look.theme.dashed:
                take.label = context.phrases.closed_tag()
        else:
            key = "service.take_priority" if context.visit.priorities else "service.take_short"
            take.label = context.phrases.say(key)

    def _offer_print(self, service: Service, context: ViewContext) -> bool:
        """Offer to print, or say why not; whether there is anything to print."""
        why = no_details(context.visit, service.code, context.snapshot)
        say_why = context.phrases.details_no_print
        refused = say_why(why, context.snapshot.printer, brief=self.low)
        printed = why is NoDetails.PRINTED
        self._no_print.icon = "printer-check" if printed else "printer-alert"
        self._no_print.mood = "good" if printed else "warn"
        has_text = any(part.texts for part in parts(service))
        self._print.label = context.phrases.say("details.print")
        offered = has_text and not refused
        # Assigned once: another event, even for a moment, cancels a press under way.
        self._print.event = DetailsPrintTapped(service.code) if offered else None
        self._no_print.title = refused if has_text else ""
        return has_text

    # ── layout ───────────────────────────────────────────────────────────────────────────

    def _lay(
        self, lines: tuple[LineText, ...], page: int, *, prints: bool, phrases: Phrases
    ) -> None:
        """Place everything: on one page if possible, else the page ``page`` of several."""
        for pages in (False, True):
            plan = plan_details(self.space, large=self.look.theme.large, pages=pages, prints=prints)
            top = self._name_h(plan)
            area = Rect(plan.text.x, plan.text.y + top, plan.text.w, plan.text.h - top)
            px, columns, found = self._flow(lines, area)
            if found.pages == 1:
                break
        page = self.page = max(0, min(page, found.pages - 1))
        self._place_parts(plan)
        self._place_lines(lines, page, area, (px, columns, found))
        self._place_pager(plan, page, found.pages, phrases)

    def _name_h(self, plan: DetailsPlan) -> float:
        """Millimetres that name and place take, with the space below them."""
        look, scale = self.look, self.look.metrics.px_per_mm
        name = self.ids.service
        name.px = look.name if self.low else look.title if look.theme.large else look.display
        box = Box(look.mm(plan.text.w), look.mm(38), int(name.px), int(look.least), 2)
        high = fit(self.service, "bold", box).height / scale
        place = look.line(self.ids.place.px) / scale if self.place else 0.0
        self._name_mm = high
        return high + place + (1.0 if self.low else 4.0)

    def _flow(self, lines: tuple[LineText, ...], area: Rect) -> tuple[int, int, Flow]:
        """The font size, the columns and the flow: the largest size at which all is on one page
        with no part in two columns, or with one, or plain text on more pages."""
        look, scale = self.look, self.look.metrics.px_per_mm
        wide = area.w >= 2 * COLUMN_W + look.theme.gap and not look.metrics.portrait
        tried: list[tuple[int, int, Flow]] = []
        for px in sorted({look.title, look.heading, look.body}, reverse=True):
            line = look.line(px) / scale
            for columns in (1, 2) if wide else (1,):
                width = self._column_w(area, columns)
                heights: list[list[float]] = []
                for text in lines:
                    if text.label:
                        heights.append([])
                    heights[-1].append(self._height(text, px, width, area.h))
                for stretch in (1.8, 1.0):
                    gaps = (line * 0.3 * stretch, line * 0.6 * stretch)
                    tried.append((px, columns, flow(heights, area.h, columns, gaps)))
                    if tried[-1][2].pages == 1 and not tried[-1][2].split:
                        return tried[-1]
        return next((way for way in tried if way[2].pages == 1), tried[-1])

    def _column_w(self, area: Rect, columns: int) -> float:
        return (area.w - (columns - 1) * 2 * self.look.theme.gap) / columns

    def _indent(self, px: int) -> int:
        """Pixels left of a line's text, for its box, number or icon."""
        return icon_px(self.look, px) + self.look.mm(ICON_GAP)

    def _height(self, line: LineText, px: int, width: float, most: float) -> float:
        """Millimetres, at most ``most``: a text that is higher is drawn smaller."""
        look = self.look
        label = look.line(px) if line.label else 0
        text = 0
        if line.text:
            room = look.mm(width) - self._indent(px)
            text = fit(line.text, "regular", Box(room, 1e6, px, px, 999)).height
        return float(
            min(
                most,
                (max(text, 0 if line.heads else look.line(px)) + label + 1)
                / look.metrics.px_per_mm,
            )
        )

    def _place_parts(self, plan: DetailsPlan) -> None:
        look, ids, text = self.look, self.ids, plan.text
        self.put(ids.card, plan.card)
        self.put(ids.service, Rect(text.x, text.y, text.w, self._name_mm))
        place_h = look.line(ids.place.px) / look.metrics.px_per_mm if self.place else 0.0
        self.put(ids.place, Rect(text.x, text.y + self._name_mm, text.w, place_h))
        self._show(self._close, plan.close)
        can_print = self._print.event is not None
        self._show(self._print, plan.print if can_print else None)
        self._show(self._no_print, None if can_print else plan.print)
        self._no_print.look = look
        self.put(ids.take, plan.take)

    def _place_lines(
        self,
        lines: tuple[LineText, ...],
        page: int,
        area: Rect,
        laid: tuple[int, int, Flow],
    ) -> None:
        (px, columns, found), look = laid, self.look
        here = [i for i, spot in enumerate(found.spots) if spot[0] == page]
        self._shown = tuple(lines[i] for i in here)
        self.keep(self._lines, len(here), lambda: DetailsLine(look=look))
        width = self._column_w(area, columns)
        for widget, i in zip(self._lines, here, strict=False):
            line, (_, column, y) = lines[i], found.spots[i]
            widget.px = px
            widget.label, widget.text = line.label, line.text
            widget.icon, widget.number = line.icon, line.number
            widget.side, widget.indent = icon_px(look, px), self._indent(px)
            x = area.x + column * (width + 2 * look.theme.gap)
            height = self._height(line, px, width, area.h)
            self.put(widget, Rect(x, area.y + y, width, height))

    def _place_pager(self, plan: DetailsPlan, page: int, pages: int, phrases: Phrases) -> None:
        self._show(self._pager, plan.pager)
        if plan.pager is not None:
            self._pager.look = self.look
            self._pager.compact = not self.look.metrics.portrait
            self._pager.show(page, pages, phrases)

    def _show(self, widget: Any, place: Rect | None) -> None:
        """Place a widget, or take it off the screen."""
        if place is not None:
            self.put(widget, place)
        if place is not None and widget.parent is None:
            self.add_widget(widget)
        elif place is None and widget.parent is not None:
            self.remove_widget(widget)

    def _again(self, *_: object) -> None:
        if self._view_context is not None:
            self.fill(self._view_context)


def _texts(service: Service, phrases: Phrases) -> Iterator[LineText]:
    """The lines of the parts of ``service``."""
    for part in parts(service):
        label, icon = phrases.say(part.key), ICONS[part.key]
        texts = [text for text in map(phrases.local, part.texts) if text]
        if not (part.boxes or part.steps):
            yield from (LineText(text, label, icon) for text in texts)
            continue
        if not texts:
            yield LineText(phrases.say("details.ask"), label, icon)
            continue
        yield LineText("", label, icon)
        for i, text in enumerate(texts, start=1):
            if part.steps:
                yield LineText(text, number=f"{i}.")
            else:
                yield LineText(text, icon="checkbox-blank-outline")


def _found(context: ViewContext) -> Found | None:
    screen = context.visit.screen
    if not isinstance(screen, Services) or screen.details is None:
        return None
    return context.snapshot.catalogue.service(screen.details)
