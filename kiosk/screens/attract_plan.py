"""Layout of the attract screen, in millimetres from its upper left corner.

The picture, above or at the left; the card with the sentences; below both the hours and the queue.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.screens.agencies_plan import PlanArea, Rect

ABOVE = 6.0
PAD = 6.0
PICTURE_H, PICTURE_W = 0.24, 0.35
"""Part of the height that the picture takes in portrait, of the width in landscape."""

INFO_H = {True: 0.15, False: 0.185}
INFO_H_LEAST = 40.0
INFO_W = 0.31
"""Height of the row with hours and queue as a part of the screen's, by portrait; the hours' part of
its width."""

HAND_MOST = 60.0
HAND = 0.27
"""Width of the hand, as a part of the card's."""

WELCOME, FREE = 0.28, 0.09
OTHERS = {True: 0.105, False: 0.2}
"""Parts of the card's height: the welcome; that it is free; the sentence in another language while
it invites, and while it says when the site opens. The sentence in the first one has the rest."""


FREE_H_LEAST = 10.0
"""Height of a line with capitals of 4.9 mm."""


@dataclass(frozen=True, slots=True)
class AttractPlan:
    """``waits``: the queue; None where it is not known, then ``hours`` has its place too."""

    picture: Rect
    card: Rect
    welcome: Rect
    hand: Rect
    sentence: Rect
    others: Rect
    free: Rect
    hours: Rect
    waits: Rect | None


def plan_attract(
    space: PlanArea, *, upright: bool, hand: bool, waits: bool, languages: int = 2
) -> AttractPlan:
    """The layout. ``hand``: the sentence invites, with a hand beside it. ``waits``: the queue is
    known. ``languages``: in which the sentence is said."""
    x, gap, bottom = space.margin, space.gap, space.height - space.below
    info_h = max(INFO_H_LEAST, space.height * INFO_H[upright])
    width = space.width - 2 * x
    info = Rect(x, bottom - info_h, width, info_h)
    end = info.y - gap
    if upright:
        picture = Rect(x, ABOVE, width, space.height * PICTURE_H)
        top = ABOVE + picture.h + gap
        card = Rect(x, top, width, end - top)
    else:
        picture = Rect(x, ABOVE, width * PICTURE_W, end - ABOVE)
        card = Rect(x + picture.w + gap, ABOVE, width - picture.w - gap, end - ABOVE)
    hours = info
    queue = None
    if waits:
        hours = Rect(info.x, info.y, (info.w - gap) * INFO_W, info.h)
        queue = Rect(hours.x + hours.w + gap, info.y, info.w - gap - hours.w, info.h)
    inner_w, inner_h = card.w - 2 * PAD, card.h - PAD
    rows, y = [], card.y + PAD / 2
    free_h = max(FREE, FREE_H_LEAST / inner_h) if hand else 0.0
    others_h = OTHERS[hand] * (languages - 1)
    for part in (WELCOME, 1 - WELCOME - others_h - free_h, others_h, free_h):
        rows.append(Rect(card.x + PAD, y, inner_w, inner_h * part))
        y += inner_h * part
    welcome, main, others, free = rows
    side = min(HAND_MOST, main.h, inner_w * HAND) if hand else 0.0
    place = Rect(main.x, main.y + (main.h - side) / 2, side, side)
    beside = side + PAD if hand else 0.0
    sentence = Rect(main.x + beside, main.y, inner_w - beside, main.h)
    return AttractPlan(picture, card, welcome, place, sentence, others, free, hours, queue)
