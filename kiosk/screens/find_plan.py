"""Layout of the search screen, in millimetres from its upper left corner.

Keys are at least 20 mm with 5 mm between. Portrait: the keyboard is at the bottom over the whole
width, QWERTY where ten columns fit, else A to Z in seven. Landscape: it is the right half, QWERTY
where that fits, then the field is above both halves, else A to Z in six columns. In large text the
words on keys need more width, answers more height.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.visit_find import MOST_RESULTS
from kiosk.screens.agencies_plan import PlanArea, Rect

SPACE, ERASE = " ", "<"
"""In place of a letter: the space bar, and the key that erases the last letter."""

QWERTY = ("qwertyuiop", "asdfghjkl", "zxcvbnm<", " ")
SEVEN = ("abcdefg", "hijklmn", "opqrstu", " vwxyz<")
EIGHT = ("abcdefgh", "ijklmnop", "qrstuvwx", "yz   <<<")
SIX = ("abcdef", "ghijkl", "mnopqr", "stuvwx", "yz  <<")
"""Rows of keys; a key that is written twice is twice as wide."""

TARGET = 20.0
WORD_KEY = 28.4
"""Width of a key with a word in a row of letters; the letters are as much narrower, to TARGET."""

KEY_H_MOST = 27.0
KEY_H_WIDE = 37.0
CLEAR_W = 46.0
CHIP_H_MOST = 60.0
HELP_W = 80.0
SENTENCE_H_MOST = 60.0
ABOVE, BELOW = 5.0, 5.0
RIGHT_MOST = 0.56
"""The keyboard takes at most this part of the width of a landscape screen."""


@dataclass(frozen=True, slots=True)
class FindSizes:
    """Heights in millimetres that depend on the size of the letters.

    ``narrow``: the keyboard of an upright screen that is too narrow for QWERTY. ``pair_w``: the
    least width of an area with agencies in two columns. ``brief_h``: in a lower area the sentence
    that nothing was found is a short one, in a narrow one on two lines, and the keys are lower."""

    field_h: float = 22.0
    result_h: float = 25.0
    result_h_most: float = 44.0
    heading_h: float = 10.0
    sentence_h: float = 18.0
    chip_h: float = TARGET
    narrow: tuple[str, ...] = SEVEN
    pair_w: float = 0.0
    brief_h: float = 45.0
    brief_sentence_h: float = 12.0
    brief_chip_h: float = TARGET


NORMAL_FIND = FindSizes()
LARGE_FIND = FindSizes(24.4, 37.0, 46.0, 14.8, 39.0, 25.0, EIGHT, 190.0, 110.0, 15.0, 28.0)


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
    sizes: FindSizes = NORMAL_FIND

    def rows(self) -> tuple[Rect, ...]:
        """Places of the results, as many as fit."""
        count = min(
            MOST_RESULTS, max(1, int((self.area.h + self.gap) / (self.sizes.result_h + self.gap)))
        )
        height = min(self.sizes.result_h_most, (self.area.h - (count - 1) * self.gap) / count)
        step = height + self.gap
        return tuple(
            Rect(self.area.x, self.area.y + i * step, self.area.w, height) for i in range(count)
        )

    def needs(self, count: int) -> tuple[Rect, tuple[Rect, ...]]:
        """A heading, and up to ``count`` keys below it in two columns, as many as fit.

        In a very low area there is no heading."""
        heading_h, chip_h = self.sizes.heading_h, self.sizes.chip_h
        if self.area.h < heading_h + 1.0 + chip_h:
            heading_h = -1.0
        head = Rect(self.area.x, self.area.y, self.area.w, max(0.0, heading_h))
        count = min(count, 2 * self._lines(self.area.h - heading_h - 1.0, chip_h))
        return head, self._pairs(count, self.area.y + heading_h + 1.0)

    @property
    def brief(self) -> bool:
        """Whether there is room only for a short sentence where nothing was found."""
        return self.area.h < self.sizes.brief_h

    def nothing(self, count: int) -> tuple[Rect, Rect, tuple[Rect, ...]]:
        """A sentence, the key of help, and up to ``count`` keys of agencies in two columns; in one
        where the area is narrow. In a very low area the first two are side by side."""
        area, gap, sizes = self.area, self.gap, self.sizes
        across = 1 if area.w < sizes.pair_w else 2
        least, least_sentence = sizes.chip_h, sizes.sentence_h
        if self.brief:
            least = sizes.brief_chip_h
            least_sentence = sizes.brief_sentence_h * (2.0 if across == 1 else 1.0)
        if self.brief and area.h < least_sentence + gap + least:
            words = Rect(area.x, area.y, area.w - HELP_W - gap, area.h)
            return words, Rect(words.x + words.w + gap, area.y, HELP_W, area.h), ()
        free = area.h - least_sentence - least - 2 * gap
        count = min(count, across * self._lines(free, least))
        lines = -(-count // across)
        keys_h = min(CHIP_H_MOST, max(least, (area.h * 0.7 - lines * gap) / (lines + 1)))
        most = (area.h - least_sentence) / (lines + 1) - gap
        keys_h = min(keys_h, max(least, most))
        sentence_h = area.h - (lines + 1) * (keys_h + gap)
        sentence_h = min(SENTENCE_H_MOST, max(1.0, sentence_h))
        y = area.y + sentence_h + gap
        keys = self._pairs(count, y + keys_h + gap, keys_h, across)
        help_ = Rect(area.x, y, area.w, keys_h)
        return Rect(area.x, area.y, area.w, sentence_h), help_, keys

    def _lines(self, free: float, key_h: float) -> int:
        """How many lines of keys of this height fit in ``free``."""
        return max(0, int((free + self.gap) / (key_h + self.gap)))

    def _pairs(
        self, count: int, top: float, height: float | None = None, across: int = 2
    ) -> tuple[Rect, ...]:
        lines = max(1, -(-count // across))
        free = self.area.y + self.area.h - top
        if height is None:
            height = min(CHIP_H_MOST, (free - (lines - 1) * self.gap) / lines)
        width = (self.area.w - (across - 1) * self.gap) / across
        return tuple(
            Rect(
                self.area.x + i % across * (width + self.gap),
                top + i // across * (height + self.gap),
                width,
                height,
            )
            for i in range(count)
        )


def plan_find(space: PlanArea, sizes: FindSizes = NORMAL_FIND) -> FindPlan:
    """The layout of the search screen, with letters of the size that ``sizes`` is for."""
    inner, gap = space.width - 2 * space.margin, space.gap
    bottom = space.height - BELOW
    ten = 10 * TARGET + 9 * gap
    rows: tuple[str, ...]
    if not space.wide:
        rows = QWERTY if inner >= ten else sizes.narrow
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
        above = ABOVE + sizes.field_h + gap if wide else ABOVE
        height = min(KEY_H_WIDE, (bottom - above - (lines - 1) * gap) / lines)
        keys_h = lines * height + (lines - 1) * gap
        board = Rect(space.width - space.margin - board_w, bottom - keys_h, board_w, keys_h)
        area_bottom, left_w = bottom, inner - gap - board_w
        field_w = inner if wide else left_w
    clear_w = min(CLEAR_W, field_w * 0.28)
    field = Rect(space.margin, ABOVE, field_w - clear_w - gap, sizes.field_h)
    clear = Rect(field.x + field.w + gap, ABOVE, clear_w, sizes.field_h)
    top = ABOVE + sizes.field_h + gap
    area = Rect(space.margin, top, left_w, area_bottom - top)
    return FindPlan(field, clear, area, _keys(rows, board, height, gap), gap, sizes)


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
