"""Layout of the number screen, in millimetres from its upper left corner.

In the order in which a visitor needs the parts: where the slip comes out, the number, the place,
the queue, the code to follow it, and the buttons. A landscape screen has the number at the left
and the other parts at the right, in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.screens.agencies_plan import PlanArea, Rect

STRIP_H = 28.0
STRIP_H_LOW = 22.0
STRIP_H_NOTE = 31.0
NUMBER_H = 110.0
NUMBER_H_LOW = 155.0
PLACE_H = 85.0
QUEUE_H = 35.0
QUEUE_H_LEAST = 29.0
CODE_H = 55.0
CODE_H_LEAST = 44.0
COUNTDOWN_H = 11.0
CANCEL_H = 20.4
BUTTON_H = 28.0
BUTTON_H_LOW = 25.0
ABOVE = 5.0
BELOW = 5.0
LEFT_PART = 0.52
CODE_PART = 0.56
"""The part of a row that the code takes where the queue is beside it."""

CODE_H_FLOOR = 33.0
"""In a lower row (a low screen with the strip of the voice) the code is left out."""

LOW_SCREEN = 300.0
LOW_WIDE_SCREEN = 200.0
"""Below these heights of the area (portrait, landscape) strip and buttons are lower."""


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """``queue`` and ``code`` are None where they have nothing to say."""

    strip: Rect
    number: Rect
    place: Rect
    queue: Rect | None
    code: Rect | None
    countdown: Rect
    cancel: Rect
    more: Rect
    done: Rect


def plan_number(space: PlanArea, *, queue: bool, code: bool, note: bool = False) -> NumberPlan:
    """The layout with or without the people ahead and the code; ``note``: a text in the strip."""
    if space.width > space.height:
        return _wide(space, queue=queue, code=code)
    return _upright(space, queue=queue, code=code, note=note)


def _upright(space: PlanArea, *, queue: bool, code: bool, note: bool) -> NumberPlan:
    low = space.height < LOW_SCREEN
    button_h, strip_h = (BUTTON_H_LOW, STRIP_H_LOW) if low else (BUTTON_H, STRIP_H)
    if note:
        strip_h = max(strip_h, STRIP_H_NOTE)
    x, width, gap = space.margin, space.width - 2 * space.margin, space.gap
    half = (width - gap) / 2
    buttons_y = space.height - BELOW - button_h
    cancel_y = buttons_y - gap - CANCEL_H
    # A slip that is not proved has a note in place of the countdown.
    countdown_h = 0.0 if note else COUNTDOWN_H
    countdown_y = cancel_y - 3.0 - countdown_h
    y = ABOVE + strip_h + gap
    beside = low and queue and code
    parts = {"number": NUMBER_H, "place": PLACE_H, "queue": QUEUE_H * queue, "code": CODE_H * code}
    if low:
        parts["number"] = NUMBER_H_LOW
    if beside:
        parts["queue"] = 0.0
    free = countdown_y - 2.0 - y - gap * (sum(1 for h in parts.values() if h) - 1)
    places: dict[str, Rect] = {}
    for name, height in _shared(parts, free).items():
        if height:
            places[name] = Rect(x, y, width, height)
            y += height + gap
    if beside:
        places["code"], places["queue"] = _side_by_side(places["code"], gap)
    return NumberPlan(
        strip=Rect(x, ABOVE, width, strip_h),
        number=places["number"],
        place=places["place"],
        queue=places.get("queue"),
        code=places.get("code"),
        countdown=Rect(x, countdown_y, width, countdown_h),
        cancel=Rect(x, cancel_y, width, CANCEL_H),
        more=Rect(x, buttons_y, half, button_h),
        done=Rect(x + half + gap, buttons_y, half, button_h),
    )


def _side_by_side(row: Rect, gap: float) -> tuple[Rect, Rect]:
    """The code and the queue in one row."""
    code_w = (row.w - gap) * CODE_PART
    code = Rect(row.x, row.y, code_w, row.h)
    return code, Rect(row.x + code_w + gap, row.y, row.w - code_w - gap, row.h)


def _shared(parts: dict[str, float], free: float) -> dict[str, float]:
    """Heights that fill ``free``: queue and code grow no larger, the others share the rest."""
    scale = min(1.0, free / sum(parts.values()))
    fixed = {name: parts[name] * scale for name in ("queue", "code")}
    if parts["queue"]:
        fixed["queue"] = max(fixed["queue"], QUEUE_H_LEAST)
    if parts["code"]:
        fixed["code"] = max(fixed["code"], min(CODE_H_LEAST, free * 0.3))
    left = free - sum(fixed.values())
    whole = parts["number"] + parts["place"]
    rest = {name: parts[name] * left / whole for name in ("number", "place")}
    return rest | fixed


def _wide(space: PlanArea, *, queue: bool, code: bool) -> NumberPlan:
    low = space.height < LOW_WIDE_SCREEN
    x, width, gap = space.margin, space.width - 2 * space.margin, space.gap
    third = (width - 2 * gap) / 3
    buttons_y = space.height - BELOW - BUTTON_H_LOW
    countdown_y = buttons_y - 2.0 - COUNTDOWN_H
    strip_h = STRIP_H_LOW if low else STRIP_H
    left = (width - gap) * LEFT_PART
    right_x, right = x + left + gap, width - gap - left
    top, bottom = ABOVE + strip_h + gap, countdown_y - 2.0
    row_h = CODE_H_LEAST if code else QUEUE_H if queue else 0.0
    row_h = min(row_h, (bottom - top) * 0.48)
    code = code and row_h >= CODE_H_FLOOR
    row_h = row_h if code or queue else 0.0
    row = Rect(right_x, bottom - row_h, right, row_h)
    place_h = row.y - gap - top if row_h else bottom - top
    code_rect, queue_rect = (row if code else None), (row if queue else None)
    if code and queue:
        code_rect, queue_rect = _side_by_side(row, gap)
    return NumberPlan(
        strip=Rect(x, ABOVE, width, strip_h),
        number=Rect(x, top, left, bottom - top),
        place=Rect(right_x, top, right, place_h),
        queue=queue_rect,
        code=code_rect,
        countdown=Rect(x, countdown_y, width, COUNTDOWN_H),
        cancel=Rect(x, buttons_y, third, BUTTON_H_LOW),
        more=Rect(x + third + gap, buttons_y, third, BUTTON_H_LOW),
        done=Rect(x + 2 * (third + gap), buttons_y, third, BUTTON_H_LOW),
    )
