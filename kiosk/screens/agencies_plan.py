"""Layout of the agencies' tiles: all on one page if they fit, otherwise pages of whole rows.

Pure geometry in millimetres, from the upper left corner of the area between header and bar. A
portrait screen has the most visited agencies at the top, a landscape screen at the left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

TILE_W = 77.0
TILE_H = 27.0
TILE_H_MOST = 44.0
HEADING_H = 10.0
HEADING_GAP = 0.6
SECTION_GAP = 4.5
PAGER_H = 25.0
COMPACT_W = 112.0
COMPACT_H = 20.4
COMPACT_UP = 1.5
"""Size of the pager beside a heading on a landscape screen, and its distance above the margin."""
MOST_POPULAR = 12
"""If more agencies than this are marked as most visited, the section is left out."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in millimetres; ``y`` is measured from the top."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class AgenciesPage:
    """One page. ``popular`` and ``others``: rectangles in reading order. ``first``: index of the
    first of the other agencies on this page."""

    popular: tuple[Rect, ...] = ()
    others: tuple[Rect, ...] = ()
    first: int = 0
    popular_heading: Rect | None = None
    others_heading: Rect | None = None
    pager: Rect | None = None
    compact: bool = False


@dataclass(frozen=True, slots=True)
class PlanArea:
    """The available area and its spacing, in millimetres."""

    width: float
    height: float
    margin: float = 4.2
    gap: float = 5.0
    below: float = 5.0
    """Free height above the bar."""

    @property
    def columns(self) -> int:
        """How many tiles fit side by side."""
        inner = self.width - 2 * self.margin
        return max(1, int((inner + self.gap) / (TILE_W + self.gap)))

    def rows(self, height: float) -> int:
        """How many rows of tiles fit in ``height``."""
        return max(1, int((height + self.gap) / (TILE_H + self.gap)))

    def tile_h(self, height: float, rows: int) -> float:
        """The height of a tile when ``rows`` share ``height``."""
        return min(TILE_H_MOST, (height - (rows - 1) * self.gap) / rows)


@dataclass
class _Grid:
    """Cells of equal size."""

    x: float
    y: float
    width: float
    columns: int
    tile_h: float
    gap: float
    made: list[Rect] = field(default_factory=list)

    def cells(self, count: int) -> tuple[Rect, ...]:
        tile_w = (self.width - (self.columns - 1) * self.gap) / self.columns
        return tuple(
            Rect(
                self.x + (i % self.columns) * (tile_w + self.gap),
                self.y + (i // self.columns) * (self.tile_h + self.gap),
                tile_w,
                self.tile_h,
            )
            for i in range(count)
        )


def plan(space: PlanArea, popular: int, others: int) -> list[AgenciesPage]:
    """The pages for ``popular`` and ``others`` agencies; at least one page."""
    if popular > MOST_POPULAR:
        popular, others = 0, popular + others
    if space.width > space.height * 1.15 and popular:
        return _wide(space, popular, others)
    return _upright(space, popular, others)


# ── portrait: one section above the other ────────────────────────────────────────────────


def _upright(space: PlanArea, popular: int, others: int) -> list[AgenciesPage]:
    columns = space.columns
    popular_rows = math.ceil(popular / columns)
    other_rows = math.ceil(others / columns)
    headings = (HEADING_H + HEADING_GAP) * (bool(popular) + bool(others and popular))
    between = SECTION_GAP if popular and others else 0.0
    free = space.height - space.margin - space.below - headings - between
    rows = popular_rows + other_rows
    if rows == 0:
        return [AgenciesPage()]
    gaps = space.gap if popular and others else 0.0
    if (free + gaps - (rows - 1) * space.gap) / rows >= TILE_H:
        return [_upright_page(space, popular, 0, others, (free + gaps, rows), pager=False)]
    free -= PAGER_H + space.gap
    most = space.rows(free + gaps)
    if popular and popular_rows >= most:
        return _upright(space, 0, popular + others)
    return _upright_pages(space, popular, others, (free + gaps, most, popular_rows))


def _upright_pages(
    space: PlanArea, popular: int, others: int, room: tuple[float, int, int]
) -> list[AgenciesPage]:
    height, most, popular_rows = room
    columns = space.columns
    pages: list[AgenciesPage] = []
    first = 0
    while first < others or not pages:
        here = popular if not pages else 0
        rows = most - (popular_rows if here else 0)
        spare = 0.0 if here or not popular else HEADING_H + HEADING_GAP + SECTION_GAP - space.gap
        tall = height + spare
        if not here:
            rows = space.rows(tall)
        count = min(others - first, rows * columns)
        page_rows = rows + (popular_rows if here else 0)
        pages.append(_upright_page(space, here, first, count, (tall, page_rows), pager=True))
        first += count
    return pages


def _upright_page(
    space: PlanArea, popular: int, first: int, count: int, room: tuple[float, int], *, pager: bool
) -> AgenciesPage:
    height, rows = room
    columns, width = space.columns, space.width - 2 * space.margin
    tile_h = space.tile_h(height, rows)
    y = space.margin
    popular_heading = others_heading = None
    top: tuple[Rect, ...] = ()
    if popular:
        popular_heading = Rect(space.margin, y, width, HEADING_H)
        y += HEADING_H + HEADING_GAP
        top = _Grid(space.margin, y, width, columns, tile_h, space.gap).cells(popular)
        y = top[-1].y + tile_h + SECTION_GAP
    if count and (popular or first):
        others_heading = Rect(space.margin, y, width, HEADING_H)
        y += HEADING_H + HEADING_GAP
    rest = _Grid(space.margin, y, width, columns, tile_h, space.gap).cells(count)
    bottom = space.height - space.below - PAGER_H
    turn = Rect(space.margin, bottom, width, PAGER_H) if pager else None
    return AgenciesPage(top, rest, first, popular_heading, others_heading, turn)


# ── landscape: the most visited at the left ──────────────────────────────────────────────


def _wide(space: PlanArea, popular: int, others: int) -> list[AgenciesPage]:
    columns = space.columns
    head = HEADING_H + HEADING_GAP
    height = space.height - space.margin - space.below - head
    rows = space.rows(height)
    left = math.ceil(popular / rows)
    if left >= columns:
        return _upright(space, 0, popular + others)
    if others <= (columns - left) * rows:
        needed = max(math.ceil(others / (columns - left)), math.ceil(popular / left), 1)
        return [_wide_page(space, (popular, left), (0, others), (head, needed))]
    head = COMPACT_H + space.gap - COMPACT_UP + 0.3
    rows = space.rows(space.height - space.margin - space.below - head)
    left = min(columns - 1, math.ceil(popular / rows))
    if popular > left * rows:
        return _upright(space, 0, popular + others)
    pages: list[AgenciesPage] = []
    first = 0
    while first < others:
        here = (popular, left) if not pages else (0, 0)
        count = min(others - first, (columns - here[1]) * rows)
        pages.append(_wide_page(space, here, (first, count), (head, rows), pager=True))
        first += count
    return pages


def _wide_page(
    space: PlanArea,
    popular: tuple[int, int],
    others: tuple[int, int],
    room: tuple[float, int],
    *,
    pager: bool = False,
) -> AgenciesPage:
    (count, left), (first, rest), (head, rows) = popular, others, room
    columns, width = space.columns, space.width - 2 * space.margin
    step = (width + space.gap) / columns
    y = space.margin + head
    height = space.height - space.below - y
    tile_h = space.tile_h(height, rows)
    low = y - HEADING_GAP - HEADING_H if not pager else space.margin + (head - HEADING_H) / 2
    x = space.margin + left * step
    shared = tile_h * rows + space.gap * (rows - 1)
    popular_heading: Rect | None = None
    top: tuple[Rect, ...] = ()
    if count:
        own_rows = math.ceil(count / left)
        own_h = (shared - (own_rows - 1) * space.gap) / own_rows
        top = _Grid(space.margin, y, left * step - space.gap, left, own_h, space.gap).cells(count)
        popular_heading = Rect(space.margin, low, left * step - space.gap, HEADING_H)
    wide = width - left * step
    grid = _Grid(x, y, wide, columns - left, tile_h, space.gap)
    turn = None
    heading_w = wide
    if pager:
        turn = Rect(
            space.width - space.margin - COMPACT_W, space.margin - COMPACT_UP, COMPACT_W, COMPACT_H
        )
        heading_w = wide - COMPACT_W - space.gap
    heading = Rect(x, low, heading_w, HEADING_H) if rest else None
    if heading and pager:
        heading = Rect(x, space.margin - COMPACT_UP, heading_w, COMPACT_H)
    return AgenciesPage(top, grid.cells(rest), first, popular_heading, heading, turn, compact=pager)
