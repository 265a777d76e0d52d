"""Draw a piece of paper dot for dot, as a thermal head of 203 dpi prints it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from virtual_printer.head import modules
from virtual_printer.paper import MARGIN_DOTS
from virtual_printer.sheet import (
    STRIP_DOTS,
    Bitmap,
    Element,
    Page,
    QrSymbol,
    Run,
    SlipRecord,
    Strip,
    TextRow,
)

PAPER = (252, 251, 247)
INK = (38, 35, 42)


TOOTH = 8
"""Width of one tooth of the cut edge in dots."""

FONT = Path(__file__).resolve().parent / "fonts" / "JetBrainsMono-Regular.ttf"

CAPITAL = 17 / 24
BASELINE = 19 / 24
"""Height of capitals and position of the base line, as parts of the cell's height."""

FINE = 4
"""Characters are drawn this many times larger and then scaled down to dots."""

SMOOTH_FROM = 4
"""``GS b`` smooths characters of at least four times the normal size."""


def render(slip: SlipRecord) -> Image.Image:
    """``slip`` as an RGBA picture of 8 dots to the millimetre, with margins and cut edges."""
    margin = MARGIN_DOTS[slip.paper_dots]
    height = sum(element.height for element in slip.elements)
    ink = Image.new("L", (slip.paper_dots, max(1, height)), 0)
    top = 0
    for element in slip.elements:
        _draw(ink, element, top)
        top += element.height
    size = (slip.paper_dots + 2 * margin, height + 3 * TOOTH)
    paper = Image.new("RGBA", size, (*PAPER, 255))
    paper.paste(Image.new("RGBA", ink.size, (*INK, 255)), (margin, 2 * TOOTH), ink)
    paper.putalpha(_edges(size))
    return paper


def save(slip: SlipRecord, path: Path) -> None:
    """Write ``slip`` to the PNG file ``path``, atomically: by rename."""
    unfinished = path.with_suffix(".part")
    render(slip).save(unfinished, "PNG", dpi=(203, 203))
    unfinished.replace(path)


def _edges(size: tuple[int, int]) -> Image.Image:
    """The alpha channel: teeth of the cutter at both ends."""
    alpha = Image.new("L", size, 255)
    draw = ImageDraw.Draw(alpha)
    width, height = size
    for x in range(0, width, TOOTH):
        middle, end = x + TOOTH // 2, x + TOOTH
        draw.polygon([(x, 0), (end, 0), (middle, TOOTH // 2)], fill=0)
        draw.polygon([(x, height), (end, height), (middle, height - TOOTH // 2)], fill=0)
    return alpha


def _draw(ink: Image.Image, element: Element, top: int) -> None:
    match element:
        case TextRow():
            _draw_row(ink, element, top)
        case Page():
            for placed in element.placed:
                area = Image.new("L", (ink.width - placed.left, placed.element.height), 0)
                _draw(area, replace(placed.element, align=0), 0)
                box = (placed.left, top + placed.top)
                old = ink.crop((*box, box[0] + area.width, box[1] + area.height))
                ink.paste(ImageChops.lighter(old, area), box)
        case Bitmap():
            size = (element.width, element.height)
            raster = element.raster.ljust(element.width // 8 * element.height, b"\0")
            bits = Image.frombytes("1", size, raster[: element.width // 8 * element.height])
            ink.paste(bits.convert("L"), (_left(ink, element.width, element.align), top))
        case QrSymbol():
            rows = modules(element.data, element.level)
            side = len(rows)
            flat = bytes(255 if cell else 0 for row in rows for cell in row)
            code = Image.frombytes("L", (side, side), flat)
            dots = side * element.module
            code = code.resize((dots, dots), Image.Resampling.NEAREST)
            ink.paste(code, (_left(ink, dots, element.align), top))


def _left(ink: Image.Image, dots: int, align: int) -> int:
    return (0, (ink.width - dots) // 2, ink.width - dots)[align]


def _draw_row(ink: Image.Image, row: TextRow, top: int) -> None:
    left = _left(ink, sum(run.dots for run in row.runs), row.align)
    for run in row.runs:
        # Characters and bit images of different heights share their lowest dots.
        if isinstance(run, Strip):
            _draw_strip(ink, run, left, top + row.tallest - STRIP_DOTS)
        else:
            _draw_run(ink, run, left, top + row.tallest - run.style.cell[1])
        left += run.dots


def _draw_strip(ink: Image.Image, strip: Strip, left: int, top: int) -> None:
    if strip.dots:
        # Its columns are the rows of a picture that lies on its side.
        bits = Image.frombytes("1", (STRIP_DOTS, strip.dots), strip.columns)
        ink.paste(bits.convert("L").transpose(Image.Transpose.TRANSPOSE), (left, top))


def _draw_run(ink: Image.Image, run: Run, left: int, top: int) -> None:
    style = run.style
    across, down = style.cell
    strip = Image.new("L", (run.dots, down), 0)
    for i, character in enumerate(run.text):
        if style.chinese:
            cell = _chinese(character).resize((across, down), Image.Resampling.NEAREST)
        else:
            cell = _cell(character, style.small, style.width, style.height, style.smooth)
        strip.paste(cell, (i * across, 0))
    if style.bold:
        # A print head prints bold characters twice, one dot apart.
        single = strip
        for shift in range(1, style.width + 1):
            further = ImageChops.offset(single, shift, 0)
            further.paste(0, (0, 0, shift, down))
            strip = ImageChops.lighter(strip, further)
    if style.underline:
        thick = style.underline * style.height
        strip.paste(255, (0, down - thick, strip.width, down))
    ink.paste(ImageChops.invert(strip) if style.invert else strip, (left, top))


@lru_cache(maxsize=2048)
def _cell(character: str, small: bool, width: int, height: int, smooth: bool) -> Image.Image:
    """One character in its cell; black dots are 255."""
    across, down = (9, 17) if small else (12, 24)
    if character == "─":
        # Drawn from edge to edge so that neighbours join.
        line = Image.new("L", (across * width, down * height), 0)
        line.paste(255, (0, down // 2 * height, line.width, (down // 2 + 2) * height))
        return line
    if smooth and width >= SMOOTH_FROM and height >= SMOOTH_FROM:
        return _glyph(character, across * width, down * height)
    glyph = _glyph(character, across, down)
    return glyph.resize((across * width, down * height), Image.Resampling.NEAREST)


@lru_cache(maxsize=512)
def _chinese(character: str) -> Image.Image:
    """A box of 24 x 24 dots with the character's GB18030 code: the typeface has no Chinese."""
    box = Image.new("L", (24, 24), 0)
    ImageDraw.Draw(box).rectangle((1, 1, 22, 22), outline=255)
    code = character.encode("gb18030", "replace")[:2].hex().upper().rjust(4, "0")
    for i, digit in enumerate(code):
        box.paste(_glyph(digit, 9, 10), (3 + i % 2 * 9, 2 + i // 2 * 10))
    return box


def _glyph(character: str, across: int, down: int) -> Image.Image:
    """One character, scaled to ``across`` x ``down`` dots."""
    font = _font(round(down * FINE * CAPITAL / _capital_ratio()))
    advance = max(1, round(font.getlength("0")))
    wide = Image.new("L", (advance, down * FINE), 0)
    draw = ImageDraw.Draw(wide)
    draw.text((0, round(down * FINE * BASELINE)), character, fill=255, font=font, anchor="ls")
    if character == "0":
        wide = _without_island(wide)
    small = wide.resize((across, down), Image.Resampling.LANCZOS)
    return small.point(lambda value: 255 if value >= 112 else 0)


def _without_island(glyph: Image.Image) -> Image.Image:
    """``glyph`` without what stands free inside its outline: printers' zeros are plain."""
    row = glyph.height // 2
    left = next(x for x in range(glyph.width) if glyph.getpixel((x, row)) == 255)
    ring = glyph.point(lambda value: 255 if value >= 128 else 0)
    ImageDraw.floodfill(ring, (left, row), 128)
    island = ring.point(lambda value: 255 if value == 255 else 0)
    return ImageChops.subtract(glyph, island.filter(ImageFilter.MaxFilter(5)))


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)


@lru_cache(maxsize=1)
def _capital_ratio() -> float:
    """Height of a capital letter, divided by the font size."""
    box = _font(1000).getbbox("H", anchor="ls")
    return -box[1] / 1000
