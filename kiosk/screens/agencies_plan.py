"""Layout of the agencies' tiles: all on one page if they fit, otherwise pages of whole rows.

Pure geometry in millimetres, from the upper left corner of the area between header and bar. A
portrait screen has the most visited agencies at the top, a landscape screen at the left. The search
field is above the tiles; on a landscape screen it is in the row of the headings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

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
FIELD_H = 20.4
FIELD_W = 120.0
FIELD_BELOW = 2.0
"""Height of the search field, its least width beside a heading, and the space below it."""

HEAD_WIDE = 24.2
TILE_H_WIDE = 26.0
"""On a landscape screen: height of the row with headings, search field and pager, with the space
below it; least height of a tile."""

WIDE_W = 290.0
"""The least width of a landscape screen's layout."""

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
    field: Rect | None = None


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
    def wide(self) -> bool:
        """Whether the area is that of a landscape screen; the low part of an upright one is not."""
        return self.width > self.height * 1.15 and self.width >= WIDE_W

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
    if space.wide and popular:
        pages = _wide(space, popular, others)
        if pages is not None:
            return pages
        popular, others = 0, popular + others
    taken = FIELD_H + FIELD_BELOW
    field_ = Rect(space.margin, space.margin, space.width - 2 * space.margin, FIELD_H)
    pages = _upright(replace(space, height=space.height - taken), popular, others)
    if pages[0].popular_heading is None:  # tiles, not a heading, are next to the field
        taken = FIELD_H + space.gap
        pages = _upright(replace(space, height=space.height - taken), 0, popular + others)
    return [_below_field(page, taken, field_) for page in pages]


def _below_field(page: AgenciesPage, taken: float, field_: Rect) -> AgenciesPage:
    """The page ``taken`` millimetres lower, with the search field above it."""

    def lower(place: Rect | None) -> Rect | None:
        return None if place is None else replace(place, y=place.y + taken)

    return replace(
        page,
        popular=tuple(replace(r, y=r.y + taken) for r in page.popular),
        others=tuple(replace(r, y=r.y + taken) for r in page.others),
        popular_heading=lower(page.popular_heading),
        others_heading=lower(page.others_heading),
        pager=lower(page.pager),
        field=field_,
    )


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
        shown = (0, others, bool(popular))
        return [_upright_page(space, popular, shown, (free + gaps, rows), pager=False)]
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
        # Without the most visited there is no second part, and no heading on later pages.
        shown = (first, count, bool(popular))
        pages.append(_upright_page(space, here, shown, (tall, page_rows), pager=True))
        first += count
    return pages


def _upright_page(
    space: PlanArea,
    popular: int,
    others: tuple[int, int, bool],
    room: tuple[float, int],
    *,
    pager: bool,
) -> AgenciesPage:
    """One page. ``others``: the first of them, how many, and whether they have a heading."""
    (first, count, titled), (height, rows) = others, room
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
    if count and titled:
        others_heading = Rect(space.margin, y, width, HEADING_H)
        y += HEADING_H + HEADING_GAP
    rest = _Grid(space.margin, y, width, columns, tile_h, space.gap).cells(count)
    bottom = space.height - space.below - PAGER_H
    turn = Rect(space.margin, bottom, width, PAGER_H) if pager else None
    return AgenciesPage(top, rest, first, popular_heading, others_heading, turn)


# ── landscape: the most visited at the left ──────────────────────────────────────────────


def _wide(space: PlanArea, popular: int, others: int) -> list[AgenciesPage] | None:
    """The pages of a landscape screen; None where the most visited would take all columns."""
    columns = space.columns
    height = space.height - space.margin - space.below - HEAD_WIDE
    rows = max(1, int((height + space.gap) / (TILE_H_WIDE + space.gap)))
    left = math.ceil(popular / rows)
    if left >= columns:
        return None
    if others <= (columns - left) * rows:
        needed = max(math.ceil(others / (columns - left)), math.ceil(popular / left), 1)
        return [_wide_page(space, (popular, left), (0, others), (left, needed))]
    pages: list[AgenciesPage] = []
    first = 0
    while first < others:
        here = (popular, left) if not pages else (0, 0)
        count = min(others - first, (columns - here[1]) * rows)
        pages.append(_wide_page(space, here, (first, count), (left, rows), pager=True))
        first += count
    return pages


def _wide_page(
    space: PlanArea,
    popular: tuple[int, int],
    others: tuple[int, int],
    room: tuple[int, int],
    *,
    pager: bool = False,
) -> AgenciesPage:
    """One page. ``room``: columns left of the field, the same on every page, and rows."""
    (count, left), (first, rest), (beside, rows) = popular, others, room
    columns, width = space.columns, space.width - 2 * space.margin
    step = (width + space.gap) / columns
    y = space.margin + HEAD_WIDE
    tile_h = space.tile_h(space.height - space.below - y, rows)
    row_y = space.margin - COMPACT_UP
    heading = Rect(
        space.margin, row_y + (FIELD_H - HEADING_H) / 2, beside * step - space.gap, HEADING_H
    )
    shared = tile_h * rows + space.gap * (rows - 1)
    top: tuple[Rect, ...] = ()
    if count:
        own_rows = math.ceil(count / left)
        own_h = (shared - (own_rows - 1) * space.gap) / own_rows
        top = _Grid(space.margin, y, left * step - space.gap, left, own_h, space.gap).cells(count)
    wide = width - left * step
    grid = _Grid(space.margin + left * step, y, wide, columns - left, tile_h, space.gap)
    field_x = space.margin + beside * step
    field_w = space.width - space.margin - field_x
    turn = None
    if pager:
        turn = Rect(space.width - space.margin - COMPACT_W, row_y, COMPACT_W, COMPACT_H)
        field_w -= COMPACT_W + space.gap
    shown: Rect | None = heading
    if field_w < FIELD_W:
        field_w, field_x, shown = field_w + field_x - space.margin, space.margin, None
    return AgenciesPage(
        top,
        grid.cells(rest),
        first,
        popular_heading=shown if count else None,
        others_heading=None if count else shown,
        pager=turn,
        compact=pager,
        field=Rect(field_x, row_y, field_w, FIELD_H),
    )
