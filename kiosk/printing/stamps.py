"""Stamps: what is the same on every slip, drawn with the house's typeface at the paper's dots.

The words are those that would be printed as text, character for character: a stamp that
cannot be drawn, or that the printer does not keep, goes as text instead.
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
"""By whether it is bold."""

LETTER = 27 / CELL_HEIGHT
"""Size of the letters, of the cell's height: capitals a little taller than the printer's own."""

PITCH = 31 / CELL_HEIGHT
"""From one line to the next."""

BETWEEN = 5
"""Further dots from one text to the next: what was broken into lines stays together."""

RULE_DOTS, RULE_ROOM = 2, 13
"""How thick a rule is, and the white above and below it."""

LARGEST = 800
"""Dots, 100 mm: what is higher is printed as text. At most 58 KB of the printer's memory."""

EDGE = 8
"""White above and below a stamp, 1 mm."""

INK = 128
"""Of 255: what is as dark as this becomes a dot."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of a stamp: words, a rule, or room."""

    height: int
    text: str = ""
    font: FreeTypeFont | None = None
    rule: bool = False


@lru_cache(maxsize=32)
def draw_stamp(stamp: StampLine, paper: Paper, code_page: str) -> Picture | None:
    """``stamp`` as a picture for ``paper``; None for one that is better printed as text.

    That is: with letters that the typeface lacks, or higher than ``LARGEST``. Raises PrinterError
    for a code page that is not known, OSError when the typeface cannot be read.
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
    """Black where there is ink; white columns beside it are left out, the same on both sides."""
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
    """Whether the typeface has all these letters: none is drawn as the box for a missing one."""
    if font is None:
        return True
    box = bytes(font.getmask("\uffff"))
    return all(bytes(font.getmask(c)) != box for c in set(text) if c != " ")
