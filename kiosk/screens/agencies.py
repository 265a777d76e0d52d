"""Home: all agencies, the most visited first, then A to Z."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.domain.events import AgencyChosen, Event, FindTapped
from kiosk.domain.visit_screens import (
    Agencies,
)
from kiosk.screens.agencies_plan import MOST_POPULAR, AgenciesPage, Rect, plan
from kiosk.screens.screen_view import HeaderText, ScreenView, ViewContext
from kiosk.ui.i18n import Phrases
from kiosk.ui.opening_phrases import OpeningPhrases
from kiosk.widgets.base import load_twin
from kiosk.widgets.find_parts import FindField
from kiosk.widgets.reading import Reading, ReadItem, nonempty, reachable
from kiosk.widgets.tile import AgencyTile, TileGround
from menu.catalogue import Agency

load_twin(__file__)

MOST_COUNTED = 99


class AgenciesView(ScreenView):
    """Tiles are reused: page or language changes only refill them."""

    moves_down = True

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit, **kwargs)
        self._tiles: list[TileGround] = []
        self._large_tiles: list[TileGround] = []
        self._pager: Any = None
        self._field = FindField(look=self.look, emit=emit, event=FindTapped())
        self.add_widget(self._field)
        self._view_context: ViewContext | None = None
        self._places: tuple[int, int, int] = (0, 0, 0)
        self._compact = False
        for name in ("pos", "size", "look"):
            self.fbind(name, self._again)

    def head(self, context: ViewContext) -> HeaderText:
        """Pilih instansi."""
        site = context.phrases.local(context.snapshot.catalogue.site.name)
        screen = context.visit.screen
        browse = isinstance(screen, Agencies) and screen.browse
        key = "agency.browse" if browse else "agency.title"
        return HeaderText(context.phrases.say(key), site)

    def fill(self, context: ViewContext) -> None:
        """Show the page of the visit; a page beyond the last shows the last."""
        self._view_context = context
        popular, others = _sorted(context)
        pages = self._plan(len(popular), len(others))
        screen = context.visit.screen
        number = min(screen.page if isinstance(screen, Agencies) else 0, len(pages) - 1)
        self.page, page = number, pages[number]
        most = 0
        if any(p.popular for p in pages):
            shown = list(popular) if page.popular else []
        else:
            most = len(popular) if self.look.theme.large else 0
            popular, others, shown = (), (*popular, *others), []
        blue = max(len(shown), most - page.first)
        above = page.field is not None and page.pager is not None and page.pager.y <= page.field.y
        self._compact = page.compact or above
        # Tiles of the first section, place of the first other one, all of them.
        self._places = (len(shown), len(popular) + page.first, len(popular) + len(others))
        shown += others[page.first : page.first + len(page.others)]
        self._headings(page, context)
        self._offer_search(page, context)
        self._place_tiles(shown, [*page.popular, *page.others], blue, context)
        self._turn(page, number, len(pages), context)

    def reading(self) -> Reading:
        """The search field, the most visited agencies, the others. The pager is read where it lies:
        beside the heading of the others, or below them."""
        blue, first, count = self._places
        tiles = [tile for tile in (*self._tiles, *self._large_tiles) if tile.works]
        places = [*range(1, blue + 1), *range(first + 1, first + 1 + len(tiles) - blue)]
        items = [
            ReadItem(tile.words, tile, place=(place, count))
            for tile, place in zip(tiles, places, strict=True)
        ]
        pager = Reading() if self._pager is None else self._pager.reading()
        field = reachable(self._field)
        beside, below = (pager.items, ()) if self._compact else ((), pager.items)
        shown = (*field, *items[:blue], *beside, *items[blue:], *below)
        start = shown.index(items[0]) if self.page and items else 0
        return Reading(notes=nonempty(*pager.notes), items=shown, start=start)

    def _plan(self, popular: int, others: int) -> list[AgenciesPage]:
        if not self.look.theme.large:
            return plan(self.space, popular, others)
        from kiosk.screens.large_plan import large_agencies  # when the mode is first used

        return large_agencies(self.space, popular + others)

    def _headings(self, page: AgenciesPage, context: ViewContext) -> None:
        for widget, place, key in (
            (self.ids.popular, page.popular_heading, "agency.popular"),
            (self.ids.others, page.others_heading, "agency.all"),
        ):
            widget.text = context.phrases.say(key) if place else ""
            self.put(widget, place or Rect(0, 0, 0, 0))

    def _offer_search(self, page: AgenciesPage, context: ViewContext) -> None:
        self._field.look = self.look
        say = context.phrases.say
        self._field.title, self._field.hint = say("find.field"), say("find.hint")
        if page.field is not None:
            self.put(self._field, page.field)
        if self.look.theme.large:
            names = [say("find.field"), say("find.title"), say("find.brief")]
            fits = (name for name in names if self._field.has_room(name))
            self._field.title = next(fits, names[-1])

    def _place_tiles(
        self, agencies: list[Agency], places: list[Rect], blue: int, context: ViewContext
    ) -> None:
        used, unused, kind = self._tiles, self._large_tiles, AgencyTile
        if self.look.theme.large:
            from kiosk.widgets.large_tile import LargeTile  # when the mode is first used

            used, unused, kind = unused, used, LargeTile
        for tile in unused:
            if tile.parent is not None:
                tile.event = None
                self.remove_widget(tile)
        while len(used) < len(agencies):
            used.append(kind(look=self.look, emit=self.emit))
        for i, tile in enumerate(used):
            if i < len(agencies):
                tile.look = self.look
                self.put(tile, places[i])
                _describe(tile, agencies[i], context)
                tile.popular = i < blue
                if tile.parent is None:
                    self.add_widget(tile)
            elif tile.parent is not None:
                tile.event = None
                self.remove_widget(tile)

    def _turn(self, page: AgenciesPage, number: int, pages: int, context: ViewContext) -> None:
        if page.pager is None:
            if self._pager is not None and self._pager.parent is not None:
                self.remove_widget(self._pager)
            return
        if self._pager is None:
            from kiosk.widgets.pager import Pager  # most menus have one page

            self._pager = Pager(self.emit, look=self.look)
        self._pager.look = self.look
        self._pager.compact = page.compact
        self.put(self._pager, page.pager)
        self._pager.show(number, pages, context.phrases)
        if self._pager.parent is None:
            self.add_widget(self._pager)

    def _again(self, *_: object) -> None:
        if self._view_context is not None:
            self.fill(self._view_context)


def _sorted(context: ViewContext) -> tuple[tuple[Agency, ...], tuple[Agency, ...]]:
    menu = context.snapshot.catalogue
    popular, others = menu.popular(), menu.others(context.visit.language)
    return ((), (*popular, *others)) if len(popular) > MOST_POPULAR else (popular, others)


def _describe(tile: TileGround, agency: Agency, context: ViewContext) -> None:
    phrases, snapshot = context.phrases, context.snapshot
    now = snapshot.opening(agency)
    tile.event = AgencyChosen(agency.code)
    tile.icon = agency.icon
    tile.name = phrases.short_name(agency)
    screen = context.visit.screen
    browse = isinstance(screen, Agencies) and screen.browse
    tile.shut = bool(agency.services) and not now.open and not browse
    tile.tag = phrases.closed_tag() if tile.shut and tile.look.theme.dashed else ""
    waiting = None if tile.shut else snapshot.waiting(agency)
    tile.lined = snapshot.live.linked
    tile.waiting = people(waiting, phrases) if waiting else ""
    tile.note = hint = phrases.local(agency.hint)
    tile.brief = phrases.say("state.closed_short") if tile.shut else ""
    if tile.shut:
        tile.note = OpeningPhrases(phrases).short(now, snapshot.now, tagged=bool(tile.tag))
    tile.spoken = _spoken(agency, context, hint, closed=tile.shut, waiting=waiting)


def _spoken(
    agency: Agency, context: ViewContext, hint: str, *, closed: bool, waiting: int | None
) -> str:
    """Name, everyday words, people and whether it is open: all that a tile may have no room for."""
    phrases, snapshot = context.phrases, context.snapshot
    people = phrases.say("service.waiting", n=waiting) if waiting is not None else ""
    now = snapshot.opening(agency)
    state = OpeningPhrases(phrases).short(now, snapshot.now) if closed else phrases.say("why.open")
    return ". ".join(nonempty(phrases.short_name(agency), hint, people, state))


def people(waiting: int, phrases: Phrases) -> str:
    """48 antre; above 99 only that it is more."""
    figure = str(waiting) if waiting <= MOST_COUNTED else f"{MOST_COUNTED}+"
    return phrases.say("agency.waiting", people=figure)
