"""Layout of the search screen, in millimetres from its upper left corner.

Keys are at least 20 mm with 5 mm between. Portrait: the keyboard is at the bottom over the whole
width, QWERTY where ten columns fit, else A to Z in seven. Landscape: it is the right half, QWERTY
where that fits, then the field is above both halves, else A to Z in six columns.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.visit_find import MOST_RESULTS
from kiosk.screens.agencies_plan import PlanArea, Rect

SPACE, ERASE = " ", "<"
"""In place of a letter: the space bar, and the key that erases the last letter."""

QWERTY = ("qwertyuiop", "asdfghjkl", "zxcvbnm<", " ")
SEVEN = ("abcdefg", "hijklmn", "opqrstu", " vwxyz<")
SIX = ("abcdef", "ghijkl", "mnopqr", "stuvwx", "yz  <<")
"""Rows of keys; a key that is written twice is twice as wide."""

TARGET = 20.0
WORD_KEY = 28.4
"""Width of a key with a word in a row of letters; the letters are as much narrower, to TARGET."""

KEY_H_MOST = 27.0
KEY_H_WIDE = 37.0
FIELD_H = 22.0
CLEAR_W = 46.0
RESULT_H = 25.0
RESULT_H_MOST = 44.0
CHIP_H_MOST = 60.0
HEADING_H = 10.0
SENTENCE_H_MOST = 60.0
SENTENCE_H_LEAST = 18.0
ABOVE, BELOW = 5.0, 5.0
RIGHT_MOST = 0.56
"""The keyboard takes at most this part of the width of a landscape screen."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key: a small letter, SPACE or ERASE, and its place."""

    letter: str
    place: Rect


@dataclass(frozen=True, slots=True)
class FindPlan:
    """``area``: where answers go; ``clear``: the key beside the field that empties it."""

    field: Rect
    clear: Rect
    area: Rect
    keys: tuple[Key, ...]
    gap: float

    def rows(self) -> tuple[Rect, ...]:
        """Places of the results, as many as fit."""
        count = min(MOST_RESULTS, max(1, int((self.area.h + self.gap) / (RESULT_H + self.gap))))
        height = min(RESULT_H_MOST, (self.area.h - (count - 1) * self.gap) / count)
        step = height + self.gap
        return tuple(
            Rect(self.area.x, self.area.y + i * step, self.area.w, height) for i in range(count)
        )

    def needs(self, count: int) -> tuple[Rect, tuple[Rect, ...]]:
        """A heading, and up to ``count`` keys below it in two columns, as many as fit."""
        head = Rect(self.area.x, self.area.y, self.area.w, HEADING_H)
        count = min(count, 2 * self._lines(self.area.h - HEADING_H - 1.0))
        return head, self._pairs(count, self.area.y + HEADING_H + 1.0)

    def nothing(self, count: int) -> tuple[Rect, Rect, tuple[Rect, ...]]:
        """A sentence, the key of help, and up to ``count`` keys of agencies in two columns."""
        count = min(count, 2 * self._lines(self.area.h - SENTENCE_H_LEAST - TARGET - 2 * self.gap))
        lines = -(-count // 2)
        keys_h = min(CHIP_H_MOST, max(TARGET, (self.area.h * 0.7 - lines * self.gap) / (lines + 1)))
        most = (self.area.h - SENTENCE_H_LEAST) / (lines + 1) - self.gap
        keys_h = min(keys_h, max(TARGET, most))
        sentence_h = self.area.h - (lines + 1) * (keys_h + self.gap)
        sentence_h = min(SENTENCE_H_MOST, max(1.0, sentence_h))
        x, y, width = self.area.x, self.area.y + sentence_h + self.gap, self.area.w
        help_ = Rect(x, y, width, keys_h)
        return (
            Rect(x, self.area.y, width, sentence_h),
            help_,
            self._pairs(count, y + keys_h + self.gap, keys_h),
        )

    def _lines(self, free: float) -> int:
        """How many lines of keys fit in ``free``."""
        return max(0, int((free + self.gap) / (TARGET + self.gap)))

    def _pairs(self, count: int, top: float, height: float | None = None) -> tuple[Rect, ...]:
        lines = max(1, -(-count // 2))
        free = self.area.y + self.area.h - top
        if height is None:
            height = min(CHIP_H_MOST, (free - (lines - 1) * self.gap) / lines)
        width = (self.area.w - self.gap) / 2
        return tuple(
            Rect(
                self.area.x + i % 2 * (width + self.gap),
                top + i // 2 * (height + self.gap),
                width,
                height,
            )
            for i in range(count)
        )


def plan_find(space: PlanArea) -> FindPlan:
    """The layout of the search screen."""
    inner, gap = space.width - 2 * space.margin, space.gap
    bottom = space.height - BELOW
    ten = 10 * TARGET + 9 * gap
    rows: tuple[str, ...]
    if not space.wide:
        rows = QWERTY if inner >= ten else SEVEN
        height = min(KEY_H_MOST, max(TARGET, (space.height * 0.3 - 3 * gap) / 4))
        keys_h = 4 * height + 3 * gap
        board = Rect(space.margin, bottom - keys_h, inner, keys_h)
        area_bottom, left_w = board.y - gap, inner
        field_w = inner
    else:
        wide = ten <= space.width * RIGHT_MOST
        rows = QWERTY if wide else SIX
        board_w = max(ten, inner * 0.5) if wide else (inner - gap) / 2
        lines = len(rows)
        above = ABOVE + FIELD_H + gap if wide else ABOVE
        height = min(KEY_H_WIDE, (bottom - above - (lines - 1) * gap) / lines)
        keys_h = lines * height + (lines - 1) * gap
        board = Rect(space.width - space.margin - board_w, bottom - keys_h, board_w, keys_h)
        area_bottom, left_w = bottom, inner - gap - board_w
        field_w = inner if wide else left_w
    clear_w = min(CLEAR_W, field_w * 0.28)
    field = Rect(space.margin, ABOVE, field_w - clear_w - gap, FIELD_H)
    clear = Rect(field.x + field.w + gap, ABOVE, clear_w, FIELD_H)
    top = ABOVE + FIELD_H + gap
    area = Rect(space.margin, top, left_w, area_bottom - top)
    return FindPlan(field, clear, area, _keys(rows, board, height, gap), gap)


def _keys(rows: tuple[str, ...], board: Rect, height: float, gap: float) -> tuple[Key, ...]:
    """The keys of ``rows``; in QWERTY each row is shifted by half a key."""
    columns = max(len(row) for row in rows)
    pitch = (board.w + gap) / columns
    made: list[Key] = []
    for line, row in enumerate(rows):
        y = board.y + line * (height + gap)
        x = board.x + (line * pitch / 2 if rows is QWERTY else 0.0)
        last = 0
        while last < len(row):
            letter = row[last]
            count = len(row) - len(row[last:].lstrip(letter)) - last
            width = count * pitch - gap
            if rows is SEVEN and SPACE in row:
                narrow = max(TARGET, min(width, (board.w - 2 * WORD_KEY - 6 * gap) / 5))
                words = (board.w - 5 * narrow - 6 * gap) / 2
                width = words if letter in (SPACE, ERASE) else narrow
            if rows is QWERTY and letter == ERASE:
                width = board.x + board.w - x
            elif rows is QWERTY and letter == SPACE:
                x, width = board.x + 2.5 * pitch, 5 * pitch - gap
            made.append(Key(letter, Rect(x, y, width, height)))
            x += width + gap
            last += count
    return tuple(made)
