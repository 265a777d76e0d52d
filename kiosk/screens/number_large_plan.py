"""Layout of the number screen in large text, in millimetres from its upper left corner.

The place is set in capitals of 24 mm and the number in larger ones. On a low screen other parts
give way: the code to follow the queue, which the slip has too; the strip that only repeats the
header, or where there is no slip the people ahead; then the titles in the cards. With the strip of
the voice the people ahead are only said, so that the number stays as large as the place.
"""

from __future__ import annotations

from kiosk.screens.agencies_plan import PlanArea, Rect
from kiosk.screens.number_plan import NumberPlan

ABOVE, ABOVE_LOW, ABOVE_TIGHT, BELOW = 5.0, 4.0, 2.5, 5.0
STRIP_H = 28.0
STRIP_H_LOW = {False: 36.0, True: 26.5}
"""Height of the strip on a low screen, where it has three lines (upright) or two (wide)."""

STRIP_H_TIGHT = 25.0
NOTE_H = 54.0
PLACE_H = 95.0
PLACE_H_LOW = 73.0
QUEUE_H = 30.0
QUEUE_H_LOW = 27.0
ROW_H = 60.0
CODE_H = 44.0
COUNTDOWN_H, COUNTDOWN_H_TIGHT = 15.6, 14.2
CANCEL_H = 20.4
BUTTON_H = 28.0
BUTTON_H_LOW = 25.0
LEFT_PART = 0.51
CODE_PART = 0.56

LOW_SCREEN = {False: 330.0, True: 200.0}
"""Below these heights of the area (upright, wide) parts give way."""

TIGHT_SCREEN = {False: 240.0, True: 150.0}
"""Below these heights the strip of the voice has taken a part of a low screen."""

NOTHING = Rect(0, 0, 0, 0)


def large_number(space: PlanArea, *, queue: bool, code: bool, note: bool, warn: bool) -> NumberPlan:
    """The layout; ``note``: a text in the strip, ``warn``: the strip says what the header does not,
    that the slip is not proved."""
    wide = space.width > space.height
    low, tight = space.height < LOW_SCREEN[wide], space.height < TIGHT_SCREEN[wide]
    strip_h = (
        (STRIP_H_LOW[wide] if warn else 0.0) if low else NOTE_H if note and not wide else STRIP_H
    )
    if strip_h and tight and wide:
        strip_h = STRIP_H_TIGHT
    above = ABOVE_TIGHT if tight else ABOVE_LOW if low else ABOVE
    strip = Rect(space.margin, above, space.width - 2 * space.margin, strip_h)
    top = above + strip_h + (space.gap if strip_h else 0.0)
    return (_wide if wide else _upright)(space, strip, top, (queue and not tight, code, low, warn))


def _upright(
    space: PlanArea, strip: Rect, top: float, has: tuple[bool, bool, bool, bool]
) -> NumberPlan:
    queue, code, low, warn = has
    queue = queue and not (low and warn)
    x, width, gap = space.margin, space.width - 2 * space.margin, space.gap
    half = (width - gap) / 2
    button_h = BUTTON_H_LOW if low else BUTTON_H
    buttons_y = space.height - BELOW - button_h
    cancel_y = buttons_y - gap - CANCEL_H
    countdown_h = 0.0 if warn else _countdown_h(space, wide=False)
    countdown_y = cancel_y - 3.0 - countdown_h
    bottom = countdown_y - (gap - 3.0 if warn else 1.0)
    code_rect = queue_rect = None
    if code and not low:
        row = Rect(x, bottom - ROW_H, width, ROW_H)
        code_w = (width - gap) * CODE_PART if queue else width
        code_rect = Rect(x, row.y, code_w, ROW_H)
        if queue:
            queue_rect = Rect(x + code_w + gap, row.y, width - code_w - gap, ROW_H)
        bottom = row.y - gap
    elif queue:
        queue_h = QUEUE_H_LOW if low else QUEUE_H
        queue_rect = Rect(x, bottom - queue_h, width, queue_h)
        bottom = queue_rect.y - gap
    place_h = PLACE_H_LOW if low else PLACE_H
    place = Rect(x, bottom - place_h, width, place_h)
    return NumberPlan(
        strip=strip if strip.h else NOTHING,
        number=Rect(x, top, width, place.y - gap - top),
        place=place,
        queue=queue_rect,
        code=code_rect,
        countdown=Rect(x, countdown_y, width, countdown_h),
        cancel=Rect(x, cancel_y, width, CANCEL_H),
        more=Rect(x, buttons_y, half, button_h),
        done=Rect(x + half + gap, buttons_y, half, button_h),
    )


def _wide(
    space: PlanArea, strip: Rect, top: float, has: tuple[bool, bool, bool, bool]
) -> NumberPlan:
    """The number with the code at the left, the place with the queue at the right."""
    queue, code, low, warn = has
    x, width, gap = space.margin, space.width - 2 * space.margin, space.gap
    third = (width - 2 * gap) / 3
    buttons_y = space.height - BELOW - BUTTON_H_LOW
    countdown_h = 0.0 if warn else _countdown_h(space, wide=True)
    countdown_y = buttons_y - 2.0 - countdown_h
    bottom = countdown_y - (gap - 2.0 if warn else 1.0)
    left = (width - gap) * LEFT_PART
    right_x, right = x + left + gap, width - gap - left
    code_rect = Rect(x, bottom - CODE_H, left, CODE_H) if code and not low else None
    number_h = (code_rect.y - gap if code_rect else bottom) - top
    queue_h = min(QUEUE_H, bottom - top - gap - PLACE_H_LOW) if low else QUEUE_H
    queue_rect = Rect(right_x, bottom - queue_h, right, queue_h) if queue else None
    if low and (warn or queue_h < QUEUE_H_LOW):
        queue_rect = None
    place_h = (queue_rect.y - gap if queue_rect else bottom) - top
    return NumberPlan(
        strip=strip if strip.h else NOTHING,
        number=Rect(x, top, left, number_h),
        place=Rect(right_x, top, right, place_h),
        queue=queue_rect,
        code=code_rect,
        countdown=Rect(x, countdown_y, width, countdown_h),
        cancel=Rect(x, buttons_y, third, BUTTON_H_LOW),
        more=Rect(x + third + gap, buttons_y, third, BUTTON_H_LOW),
        done=Rect(x + 2 * (third + gap), buttons_y, third, BUTTON_H_LOW),
    )


def _countdown_h(space: PlanArea, *, wide: bool) -> float:
    return COUNTDOWN_H_TIGHT if space.height < TIGHT_SCREEN[wide] else COUNTDOWN_H
