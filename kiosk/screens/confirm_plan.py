"""Layout of the question before a busy service's number, in millimetres.

Pure geometry from the upper left corner of the area between header and bar: a card with the chosen
service, below it the priority groups if they were not shown before, at the bottom the answers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kiosk.screens.agencies_plan import PlanArea, Rect
from kiosk.screens.services_plan import CHIP_H, HEADING_H, cells, columns_of_chips

CARD_H = 84.0
"""Least height of the card: if less would remain, the priority groups are left out."""

BUTTON_H = 28.0
BUTTON_H_WIDE = 25.0
NO_PART = 0.38
ABOVE = 6.0
BELOW = 5.0


@dataclass(frozen=True, slots=True)
class ConfirmPlan:
    """``heading`` and ``chips`` belong to the priority groups; None and empty without groups."""

    card: Rect
    no: Rect
    yes: Rect
    heading: Rect | None = None
    chips: tuple[Rect, ...] = ()


def plan_confirm(space: PlanArea, chips: int) -> ConfirmPlan:
    """The layout for ``chips`` priority groups."""
    x, width = space.margin, space.width - 2 * space.margin
    button_h = BUTTON_H_WIDE if space.width > space.height else BUTTON_H
    y = space.height - BELOW - button_h
    no_w = (width - space.gap) * NO_PART
    no = Rect(x, y, no_w, button_h)
    yes = Rect(x + no_w + space.gap, y, width - no_w - space.gap, button_h)
    card = Rect(x, ABOVE, width, y - space.gap - ABOVE)
    columns = columns_of_chips(width, chips, space.gap)
    rows = math.ceil(chips / columns)
    chips_h = rows * (CHIP_H + space.gap) + HEADING_H
    if not chips or card.h - chips_h < CARD_H:
        return ConfirmPlan(card, no, yes)
    low = y - chips_h
    return ConfirmPlan(
        Rect(x, ABOVE, width, low - 1.0 - ABOVE),
        no,
        yes,
        Rect(x, low, width, HEADING_H),
        cells((x, low + HEADING_H, width), chips, columns, CHIP_H, space.gap),
    )
