"""Stamps: lines that are the same on every slip, drawn in the screen's typeface.

A stamp has exactly the words of its lines: where it cannot be drawn, or the printer does not store
it, the lines are printed as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.slip import FeedLine, RuleLine, StampLine, TextLine
from kiosk.printing.paper import CELL_HEIGHT, Paper
from kiosk.printing.pictures import Picture, without_commands
from kiosk.printing.text import printable, wrap

if TYPE_CHECKING:
    from PIL import Image
    from PIL.ImageFont import FreeTypeFont

FONTS = Path(__file__).resolve().parents[2] / "assets" / "fonts"
FACES = {
    False: FONTS / "AtkinsonHyperlegibleNext-Regular.ttf",
    True: FONTS / "AtkinsonHyperlegibleNext-Bold.ttf",
}
"""Font file by weight; True is bold."""

LETTER = 27 / CELL_HEIGHT
"""Font size divided by the cell's height: capitals are slightly taller than the printer's own."""

PITCH = 31 / CELL_HEIGHT
"""Distance of two lines, divided by the cell's height."""

BETWEEN = 5
"""Additional dots between two texts, so that the lines of one text stay together."""

RULE_DOTS, RULE_ROOM = 2, 13
"""Thickness of a rule, and the white above and below it, in dots."""

LARGEST = 800
"""Limit for the height in dots (100 mm, at most 58 KB of memory); higher stamps go as text."""

EDGE = 8
"""White above and below a stamp, 1 mm."""

INK = 128
"""Threshold of 255 at which a grey becomes a dot."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of a stamp: text, a rule or white space."""

    height: int
    text: str = ""
    font: FreeTypeFont | None = None
    rule: bool = False


@lru_cache(maxsize=32)
def draw_stamp(stamp: StampLine, paper: Paper, code_page: str) -> Picture | None:
    """``stamp`` as a picture for ``paper``; None where its lines are to be printed as text.

    None for letters that the typeface lacks and for a height above ``LARGEST``. Raises PrinterError
    for an unknown code page, OSError when the typeface cannot be read.
    """
    from PIL import Image, ImageDraw

    rows = list(_rows(stamp, paper, code_page))
    height = 2 * EDGE + sum(row.height for row in rows)
    if height > LARGEST or not all(_has(row.font, row.text) for row in rows):
        return None
    ink = Image.new("L", (paper.dots, height), 0)
    draw = ImageDraw.Draw(ink)
    top = EDGE
    for row in rows:
        if row.rule:
            above = top + (row.height - RULE_DOTS) // 2
            draw.rectangle((0, above, paper.dots, above + RULE_DOTS - 1), fill=255)
        elif row.font is not None:
            middle = (paper.dots // 2, top + row.height // 2)
            draw.text(middle, row.text, fill=255, font=row.font, anchor="mm")
        top += row.height
    return _picture(ink)


def _rows(stamp: StampLine, paper: Paper, code_page: str) -> Iterator[_Row]:
    for line in stamp.lines:
        match line:
            case RuleLine():
                yield _Row(RULE_DOTS + 2 * RULE_ROOM, rule=True)
            case FeedLine():
                yield _Row(CELL_HEIGHT * line.lines)
            case TextLine():
                cell = CELL_HEIGHT * line.height
                font = _font(line.bold, round(cell * LETTER))
                for paragraph in line.text.split("\n"):
                    text = printable(paragraph, code_page)
                    pieces = wrap(text, paper.dots, balanced=True, measure=font.getlength)
                    for piece in pieces:
                        yield _Row(round(cell * PITCH), piece, font)
                yield _Row(BETWEEN)


def _picture(ink: Image.Image) -> Picture:
    """A 1-bit picture without the white columns at its sides, cropped equally on both."""
    dots = ink.point(lambda value: 255 if value >= INK else 0)
    box = dots.getbbox() or (0, 0, ink.width, 1)
    margin = min(box[0], ink.width - box[2]) // 8 * 8
    framed = dots.crop((margin, 0, ink.width - margin, ink.height))
    return Picture(framed.width, framed.height, without_commands(framed.convert("1").tobytes()))


@lru_cache(maxsize=16)
def _font(bold: bool, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(FACES[bold], size)


def _has(font: FreeTypeFont | None, text: str) -> bool:
    """Whether the typeface has all letters of ``text``, compared with its box for missing ones."""
    if font is None:
        return True
    box = bytes(font.getmask("\uffff"))
    return all(bytes(font.getmask(c)) != box for c in set(text) if c != " ")
