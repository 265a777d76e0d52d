"""Layout of the staff screen and of its PIN pad, in millimetres from the upper left corner.

The keys are at least 60 x 25 mm, in a column at the right, on a wide screen in two; the last one is
always at the lower right. The pad has keys of 28 mm at the lower edge, on a wide screen at the
right. There is no bar below.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.screens.agencies_plan import PlanArea, Rect

KEY_W, KEY_H, KEY_H_MOST = 60.0, 25.0, 44.0
ENTRY_W, ENTRY_H, ENTRY_H_MOST = 64.0, 25.0, 37.0
TALL_ENTRY_H = 37.0
"""Height of an entry with a long name or a note."""
PIN_KEY = 28.0
PIN_ROWS = ("123", "456", "789", "<0=")
"""The pad: digits, erase, done."""
ABOVE = BELOW = 4.2
"""As the margins at the sides: ten keys of 25 mm on an upright 15 inch screen."""
ROW_GAP, MORE_H = 2.5, 8.0
HEAD_H = 24.0
TITLE_H = 10.0
CHOICE_H_MOST = 32.0
DOTS_H, MESSAGE_H = 20.0, 44.0


@dataclass(frozen=True, slots=True)
class StaffPlan:
    """``area``: at the left, for the state or a list; ``columns``: of the keys at the right."""

    area: Rect
    right: Rect
    columns: int
    gap: float

    def keys(self, count: int) -> tuple[Rect, ...]:
        """Places of ``count`` keys in reading order; the last one at the lower right."""
        rows = -(-count // self.columns)
        height = min(KEY_H_MOST, (self.right.h - (rows - 1) * self.gap) / rows)
        top = self.right.y + self.right.h - rows * height - (rows - 1) * self.gap
        places = [
            Rect(
                self.right.x + i % self.columns * (KEY_W + self.gap),
                top + i // self.columns * (height + self.gap),
                KEY_W,
                height,
            )
            for i in range(rows * self.columns)
        ]
        return (*places[: count - 1], places[-1])

    def spare(self, heights: tuple[float, ...]) -> float:
        """The height that rows of these heights leave; below 0 where they do not fit."""
        return self.area.h - sum(heights) - ROW_GAP * (len(heights) - 1)

    def rows(self, heights: tuple[float, ...]) -> tuple[Rect, ...]:
        """Rows of the state below each other; they share up to MORE_H of what is left over."""
        more = max(0.0, min(self.spare(heights) / max(1, len(heights)), MORE_H))
        made, y = [], self.area.y
        for height in heights:
            made.append(Rect(self.area.x, y, self.area.w, height + more))
            y += height + more + ROW_GAP
        return tuple(made)

    def head(self, height: float) -> Rect:
        """Above a list; ``height``: what its text needs."""
        return Rect(self.area.x, self.area.y, self.area.w, max(HEAD_H, height))

    def entries(self, head: Rect, least_h: float) -> tuple[Rect, ...]:
        """Places of a page of a list, in reading order."""
        top = head.y + head.h + self.gap
        free = self.area.y + self.area.h - top
        columns = max(1, int((self.area.w + self.gap) / (ENTRY_W + self.gap)))
        lines = max(1, int((free + self.gap) / (least_h + self.gap)))
        width = (self.area.w - (columns - 1) * self.gap) / columns
        height = min(ENTRY_H_MOST, (free - (lines - 1) * self.gap) / lines)
        return tuple(
            Rect(
                self.area.x + i % columns * (width + self.gap),
                top + i // columns * (height + self.gap),
                width,
                height,
            )
            for i in range(lines * columns)
        )

    def choices(
        self, head: Rect, counts: tuple[int, ...]
    ) -> tuple[tuple[Rect, tuple[Rect, ...]], ...]:
        """For each group a title and its keys in two columns, below the head."""
        lines = [-(-count // 2) for count in counts]
        top = head.y + head.h + ROW_GAP
        free = self.area.y + self.area.h - top
        gaps = sum(n - 1 for n in lines) * self.gap + (len(counts) - 1) * ROW_GAP
        height = min(CHOICE_H_MOST, (free - len(counts) * TITLE_H - gaps) / sum(lines))
        width = (self.area.w - self.gap) / 2
        made, y = [], top
        for count in counts:
            title = Rect(self.area.x, y, self.area.w, TITLE_H)
            y += TITLE_H
            keys = tuple(
                Rect(
                    self.area.x + i % 2 * (width + self.gap),
                    y + i // 2 * (height + self.gap),
                    width,
                    height,
                )
                for i in range(count)
            )
            made.append((title, keys))
            y = keys[-1].y + height + ROW_GAP
        return tuple(made)


def plan_staff(space: PlanArea) -> StaffPlan:
    """The layout of every page of the staff screen."""
    columns = 2 if space.wide else 1
    keys_w = columns * KEY_W + (columns - 1) * space.gap
    height = space.height - ABOVE - BELOW
    right = Rect(space.width - space.margin - keys_w, ABOVE, keys_w, height)
    area = Rect(space.margin, ABOVE, right.x - space.gap - space.margin, height)
    return StaffPlan(area, right, columns, space.gap)


@dataclass(frozen=True, slots=True)
class PinPlan:
    """``keys``: places by key of PIN_ROWS; ``title``, ``dots`` and ``message`` above or at the
    left."""

    title: Rect
    dots: Rect
    message: Rect
    back: Rect
    keys: tuple[tuple[str, Rect], ...]


def plan_pin(space: PlanArea) -> PinPlan:
    """The layout of the pad."""
    gap, margin = space.gap, space.margin
    pad_w, pad_h = 3 * PIN_KEY + 2 * gap, 4 * PIN_KEY + 3 * gap
    top = space.height - BELOW - pad_h
    left = space.width * 0.72 - pad_w / 2 if space.wide else (space.width - pad_w) / 2
    keys = tuple(
        (key, Rect(left + x * (PIN_KEY + gap), top + y * (PIN_KEY + gap), PIN_KEY, PIN_KEY))
        for y, row in enumerate(PIN_ROWS)
        for x, key in enumerate(row)
    )
    back_w = min(KEY_W, left - gap - margin)
    back = Rect(margin, space.height - BELOW - KEY_H, back_w, KEY_H)
    width = left - 2 * gap - margin if space.wide else space.width - 2 * margin
    # Near the pad, where the eyes are: at its left, or above it.
    first = max(ABOVE, space.height * 0.12) if space.wide else top - gap - DOTS_H - 18.0
    title = Rect(margin, first, width, 14.0)
    dots = Rect(margin + (width - pad_w) / 2, first + 18.0, pad_w, DOTS_H)
    if space.wide:
        at = dots.y + DOTS_H + 6.0
        message = Rect(margin, at, width, min(MESSAGE_H, back.y - gap - at))
    else:
        height = min(MESSAGE_H, first - 2 * gap)
        message = Rect(margin, first - gap - height, width, height)
    return PinPlan(title, dots, message, back, keys)
