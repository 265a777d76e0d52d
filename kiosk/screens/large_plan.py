"""Layouts of the screens in large text, in millimetres from the upper left corner.

Larger letters do not fit the usual places, so each screen has fewer things in another arrangement,
and more pages.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.screens.agencies_plan import AgenciesPage, PlanArea, Rect
from kiosk.screens.services_plan import cells

FIELD_H = 20.4
PAGER_H = 20.4
PAGER_W = 210.0
COMPACT_W = 122.0
BELOW = 5.0

TILE_H = 36.0
TILE_H_MOST = 62.0
MOST_ROWS = {True: 3, False: 7}
"""Least and largest height of a tile; most rows of tiles, by whether the area is wide."""

LOW_AREA = 230.0
"""In a lower upright area the pager is beside the search field."""


def large_agencies(space: PlanArea, count: int) -> list[AgenciesPage]:
    """The pages for ``count`` agencies: two columns, on a landscape screen three."""
    columns = 3 if space.wide else 2
    width = space.width - 2 * space.margin
    top = space.margin + FIELD_H + space.gap
    free = space.height - top - BELOW
    beside = space.wide or space.height < LOW_AREA
    pager_w = PAGER_W if space.wide else COMPACT_W
    rows = _rows(space, free, columns)
    if count > rows * columns and not beside:
        free -= PAGER_H + space.gap
        rows = _rows(space, free, columns)
    here = rows * columns
    several = count > here
    if not several:
        rows = max(1, -(-count // columns))
    tile_h = min(TILE_H_MOST, (free - (rows - 1) * space.gap) / rows)
    field_w = width - (pager_w + space.gap if several and beside else 0.0)
    field = Rect(space.margin, space.margin, field_w, FIELD_H)
    pager = None
    if several:
        pager = Rect(space.margin, space.height - BELOW - PAGER_H, width, PAGER_H)
        if beside:
            pager = Rect(space.width - space.margin - pager_w, space.margin, pager_w, FIELD_H)
    return [
        AgenciesPage(
            others=cells(
                (space.margin, top, width), min(here, count - first), columns, tile_h, space.gap
            ),
            first=first,
            pager=pager,
            compact=beside and not space.wide,
            field=field,
        )
        for first in range(0, max(1, count), here)
    ]


def _rows(space: PlanArea, free: float, columns: int) -> int:
    """How many rows of tiles ``free`` millimetres hold."""
    return max(1, min(MOST_ROWS[columns == 3], int((free + space.gap) / (TILE_H + space.gap))))


# ── services ─────────────────────────────────────────────────────────────────────────────

TARGET_H = 20.4
PLACE_H = 14.8
ROW_H = 45.0
ROW_H_MOST = 70.0
CHOICE_H_MOST = 40.0
ASK_H = 15.0
NOTE_H = 14.8


@dataclass(frozen=True, slots=True)
class LargeServicesPlan:
    """One page of services: one column. ``first``: index of its first service."""

    place: Rect
    priority: Rect | None
    rows: tuple[Rect, ...]
    first: int
    page: int
    pages: int
    pager: Rect | None


@dataclass(frozen=True, slots=True)
class LargeChoicesPlan:
    """The priority groups in place of the services, and the key that leads back to them."""

    ask: Rect
    choices: tuple[Rect, ...]
    note: Rect
    back: Rect


def large_services(space: PlanArea, services: int, page: int, *, asks: bool) -> LargeServicesPlan:
    """The layout of page ``page`` of ``services`` services; of the last page if there are fewer.

    ``asks``: the key for priority is below the place, on a landscape screen beside it."""
    x, width, gap = space.margin, space.width - 2 * space.margin, space.gap
    beside = space.wide and asks
    half = (width - gap) / 2
    place = Rect(x, 0.2, width, PLACE_H)
    priority = None
    top = 0.2 + PLACE_H
    if beside:
        place = Rect(x, space.margin, half, TARGET_H)
        priority = Rect(x + half + gap, space.margin, half, TARGET_H)
        top = space.margin + TARGET_H + gap
    elif asks:
        priority = Rect(x, top, width, TARGET_H)
        top += TARGET_H + gap
    free = space.height - top - BELOW
    per_page = max(1, int((free + gap) / (ROW_H + gap)))
    pages = 1
    if services > per_page:
        free -= PAGER_H + gap
        per_page = max(1, int((free + gap) / (ROW_H + gap)))
        pages = -(-services // per_page)
        per_page = -(-services // pages)
    else:
        per_page = max(1, services)
    row_h = min(ROW_H_MOST, (free - (per_page - 1) * gap) / per_page)
    page = min(page, pages - 1)
    first = page * per_page
    rows = cells((x, top, width), min(per_page, services - first), 1, row_h, gap)
    bottom = Rect(x, space.height - BELOW - PAGER_H, width, PAGER_H)
    return LargeServicesPlan(
        place, priority, rows, first, page, pages, bottom if pages > 1 else None
    )


def large_choices(space: PlanArea, groups: int) -> LargeChoicesPlan:
    """The layout of ``groups`` keys over the whole width, between a question and the way back."""
    x, width, gap = space.margin, space.width - 2 * space.margin, space.gap
    back = Rect(x, space.height - BELOW - TARGET_H, width, TARGET_H)
    ask = Rect(x, 1.0, width, ASK_H)
    top = ask.y + ask.h + 1.0
    free = back.y - gap - NOTE_H - top
    height = min(CHOICE_H_MOST, (free - (groups - 1) * gap) / max(1, groups))
    choices = cells((x, top, width), groups, 1, max(TARGET_H - 0.4, height), gap)
    low = choices[-1].y + choices[-1].h if choices else top
    return LargeChoicesPlan(ask, choices, Rect(x, low + 0.5, width, NOTE_H), back)
