"""Layout of the details screen: where its parts are, and the flow of its lines over pages.

Lengths are millimetres from the upper left corner of the area between header and bar. How high a
line is depends on the typeface; the caller measures it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kiosk.screens.agencies_plan import PlanArea, Rect

ABOVE = 6.0
BELOW = 5.0
BUTTON_H = 28.0
BUTTON_H_WIDE = 25.0
PAGER_H = 25.0
PAGER_W = 118.0
BACK_PART = 0.38
"""Millimetres: the space above the card and below the buttons, heights, and the width of the pager
in the row of the buttons. BACK_PART: the part of its row that the way back takes."""


SLACK = 0.01
"""Millimetres by which sums of heights may differ from rounding."""


@dataclass(frozen=True, slots=True)
class DetailsPlan:
    """``close`` gives way to ``pager`` on a landscape screen: the bar leads back, too. ``text`` is
    the part of the card for the name of the service and the lines below it."""

    card: Rect
    text: Rect
    close: Rect | None
    print: Rect | None
    take: Rect
    pager: Rect | None


def plan_details(space: PlanArea, *, large: bool, pages: bool, prints: bool) -> DetailsPlan:
    """The layout. ``pages``: whether there is more than one; ``prints``: with the button that
    prints, or the words in its place."""
    x, width, gap = space.margin, space.width - 2 * space.margin, space.gap
    wide = space.width > space.height
    pad_x, pad_y = (7.0, 2.0) if large and wide else (9.0, 5.0)
    button_h = BUTTON_H_WIDE if wide else BUTTON_H
    y = space.height - BELOW - button_h
    close: Rect | None
    pager: Rect | None
    print_: Rect | None
    if wide:
        printing = 0.32 if prints else 0.0
        pager_part = PAGER_W / (width - (2 if prints else 1) * gap)
        first = pager_part if pages else 0.28
        columns = [part for part in (first, printing, 1 - first - printing) if part]
        left, *others = _row(x, y, width, button_h, gap, columns)
        print_, take = others if prints else (None, others[0])
        # At the bottom, where low reach needs it.
        close, pager = (None, left) if pages else (left, None)
    else:
        close, take = _row(x, y, width, button_h, gap, [BACK_PART, 1 - BACK_PART])
        print_ = pager = None
        if prints:
            y -= gap + BUTTON_H_WIDE
            print_ = Rect(x, y, width, BUTTON_H_WIDE)
        if pages:
            y -= gap + PAGER_H
            pager = Rect(x, y, width, PAGER_H)
    card = Rect(x, ABOVE, width, y - gap - ABOVE)
    text = Rect(x + pad_x, ABOVE + pad_y, width - 2 * pad_x, card.h - 2 * pad_y)
    return DetailsPlan(card, text, close, print_, take, pager)


def _row(
    x: float, y: float, width: float, height: float, gap: float, parts: Sequence[float]
) -> Iterator[Rect]:
    """Rectangles beside each other, each with its part of the width."""
    free = width - (len(parts) - 1) * gap
    for part in parts:
        yield Rect(x, y, free * part, height)
        x += free * part + gap


@dataclass(frozen=True, slots=True)
class Flow:
    """Where each line is: its page, column and distance from the top. ``pages``: how many.
    ``split``: whether a part begins in one column and ends in another."""

    spots: tuple[tuple[int, int, float], ...]
    pages: int
    split: bool


def flow(
    parts: Sequence[Sequence[float]], room: float, columns: int, gaps: tuple[float, float]
) -> Flow:
    """Fill columns of height ``room`` from top to bottom, and pages of ``columns`` columns.

    ``parts``: the heights of the lines of each part. A part that does not fit into the rest of a
    column begins the next one; only one that is higher than a column is split, and then its first
    line, a heading, stays with the second. ``gaps``: the distance between lines, and between
    parts."""
    spots: list[tuple[int, int, float]] = []
    column, y, split = 0, 0.0, False
    for lines in parts:
        whole = sum(lines) + gaps[0] * (len(lines) - 1)
        first = whole if whole <= room else sum(lines[:2]) + gaps[0]
        for i, height in enumerate(lines):
            before = gaps[min(1, not i)] if y else 0.0
            if y and y + before + (height if i else first) > room + SLACK:
                column, y, before = column + 1, 0.0, 0.0
                split = split or i > 0
            spots.append((column // columns, column % columns, y + before))
            y += before + height
    return Flow(tuple(spots), column // columns + 1, split)
