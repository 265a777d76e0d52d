"""Layout of the services screen, in millimetres from its upper left corner.

Many services: rows of the least height for a finger, two columns in landscape, and pages if
needed. Few services: everything grows to fill the screen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kiosk.screens.agencies_plan import PlanArea, Rect

ROW_H = 25.0
ROW_H_MOST = 132.0
COLUMN_W = 150.0
CHIP_W = 76.0
CHIP_H = 20.2
CHIP_H_MOST = 27.0
PLACE_H = 10.0
PLACE_H_MOST = 22.0
HEADING_H = 10.0
PAGER_H = 25.0
EASY_ROW_H = 46.0
"""Above this row height, further height is shared with chips and place."""


@dataclass(frozen=True, slots=True)
class ServicesPlan:
    """One page. ``first``: index of its first service."""

    place: Rect
    heading: Rect | None
    chips: tuple[Rect, ...]
    rows: tuple[Rect, ...]
    first: int
    page: int
    pages: int
    pager: Rect | None


def edges(wide: bool) -> tuple[float, float]:
    """Free height above the first part and below the last."""
    return (0.8, 5.0) if wide else (4.2, 5.0)


def plan_services(space: PlanArea, services: int, chips: int, page: int) -> ServicesPlan:
    """The layout of page ``page`` of ``services`` services; of the last page if there are fewer."""
    width = space.width - 2 * space.margin
    wide = space.wide
    columns = 2 if wide and services > 1 and width >= 2 * COLUMN_W + space.gap else 1
    chip_columns = columns_of_chips(width, chips, space.gap)
    chip_rows = math.ceil(chips / chip_columns)
    lines = math.ceil(services / columns)
    above = PLACE_H + 1.0 + (HEADING_H + 1.0 if chips and not wide else 0.0)
    fixed = edges(wide)[0] + edges(wide)[1] + above - PLACE_H + (space.gap if chips else 0.0)
    low = PLACE_H + chip_rows * CHIP_H + max(0, chip_rows - 1) * space.gap
    free = space.height - fixed - low
    pages, per_page = 1, lines
    if (free - (lines - 1) * space.gap) / max(1, lines) < ROW_H:
        free -= PAGER_H + space.gap
        per_page = max(1, int((free + space.gap) / (ROW_H + space.gap)))
        pages = math.ceil(lines / per_page)
        per_page = math.ceil(lines / pages)
    row_h = (free - (per_page - 1) * space.gap) / per_page
    place_h, chip_h = PLACE_H, CHIP_H
    if row_h > EASY_ROW_H and pages == 1:
        spare = (row_h - EASY_ROW_H) * per_page
        place_h = min(PLACE_H_MOST, PLACE_H + spare * 0.15)
        chip_h = min(CHIP_H_MOST, CHIP_H + spare * 0.1)
        free -= place_h - PLACE_H + (chip_h - CHIP_H) * chip_rows
        row_h = min(ROW_H_MOST, (free - (per_page - 1) * space.gap) / per_page)
    return _laid(
        space,
        services,
        (columns, per_page, row_h),
        (chips, chip_columns, chip_h),
        (place_h, page, pages, wide),
    )


def columns_of_chips(width: float, chips: int, gap: float) -> int:
    """How many chips to place side by side in ``width``; four are never split as 3 + 1."""
    columns = min(chips, max(1, int((width + gap) / (CHIP_W + gap)))) or 1
    return 2 if chips == 4 and columns == 3 else columns


def _laid(
    space: PlanArea,
    services: int,
    row: tuple[int, int, float],
    chip: tuple[int, int, float],
    rest: tuple[float, int, int, bool],
) -> ServicesPlan:
    (columns, per_page, row_h), (chips, chip_columns, chip_h) = row, chip
    place_h, page, pages, wide = rest
    x, y, width = space.margin, edges(wide)[0], space.width - 2 * space.margin
    place = Rect(x, y, width, place_h)
    y += place_h + 1.0
    heading = None
    if chips and wide:
        heading = Rect(x, y - place_h - 1.0, width * 0.415, place_h)
        place = Rect(x + width * 0.415, y - place_h - 1.0, width * 0.585, place_h)
    elif chips:
        heading = Rect(x, y, width, HEADING_H)
        y += HEADING_H + 1.0
    choices = cells((x, y, width), chips, chip_columns, chip_h, space.gap)
    if choices:
        y = choices[-1].y + chip_h + space.gap
    page = min(page, pages - 1)
    first = page * per_page * columns
    here = min(services - first, per_page * columns)
    rows = cells((x, y, width), here, columns, row_h, space.gap)
    bottom = space.height - edges(wide)[1] - PAGER_H
    pager = Rect(x, bottom, width, PAGER_H) if pages > 1 else None
    return ServicesPlan(place, heading, choices, rows, first, page, pages, pager)


def cells(
    origin: tuple[float, float, float], count: int, columns: int, height: float, gap: float
) -> tuple[Rect, ...]:
    """``count`` rectangles of equal size, in reading order."""
    x, y, width = origin
    cell_w = (width - (columns - 1) * gap) / columns
    return tuple(
        Rect(
            x + (i % columns) * (cell_w + gap), y + (i // columns) * (height + gap), cell_w, height
        )
        for i in range(count)
    )
