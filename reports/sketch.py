"""A drawing of the kiosk's front, on which three places are marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from PIL import Image
from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from reports.plots import FACES, INK, LINE, MARK

SKETCH_H = 46 * mm
ALARM = HexColor("#B3200E")
GREY = HexColor("#3D4655")
_DOTS = 900
"""Pixels of the picture's longer side: it is small on paper."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """The front of the machine with three marks: ``emblem`` at the upper left of the screen,
    ``keys`` at its lower edge, ``slip`` at the printer below.

    ``screen``: a picture of the screen; without one it is drawn as a few rectangles. ``portrait``:
    whether the screen is higher than wide.
    """

    emblem: str
    keys: str
    slip: str
    portrait: bool = True
    screen: Path | None = None


def draw_sketch(canvas: Canvas, sketch: Sketch, left: float, bottom: float, width: float) -> None:
    """The machine at the right of a column ``width`` wide, what is marked on it at the left."""
    shown = _screen(sketch)
    ratio = shown.width / shown.height if shown else (9 / 16 if sketch.portrait else 16 / 9)
    frame, foot = 2 * mm, 15 * mm
    high = min(SKETCH_H - foot - 2 * frame, 44 * mm / ratio)
    wide = high * ratio
    right, top = left + width - frame, bottom + SKETCH_H - frame
    x, y = right - wide, top - high
    # The body with the printer's mouth and a slip below the screen.
    canvas.setFillColor(GREY)
    body = y - frame - 6 * mm
    canvas.roundRect(
        x - frame, body, wide + 2 * frame, top + frame - body, 2 * mm, stroke=0, fill=1
    )
    _slip(canvas, x + wide / 2, y - frame - 2 * mm)
    if shown:
        canvas.drawImage(ImageReader(shown), x, y, wide, high)
    else:
        _blocks(canvas, x, y, wide, high, portrait=sketch.portrait)
    header = high * (0.088 if sketch.portrait else 0.11)
    bar = high * (0.053 if sketch.portrait else 0.075)
    canvas.setStrokeColor(ALARM)
    canvas.setLineWidth(2)
    centre = x + header * 0.45, top - header / 2
    canvas.circle(*centre, header * 0.62, stroke=1, fill=0)
    canvas.roundRect(x - 1, y - 1, wide + 2, bar + 2, 1, stroke=1, fill=0)
    room = x - frame - left - 7 * mm
    ends = (
        (sketch.emblem, centre[1], centre[0] - header * 0.62, "below"),
        (sketch.keys, y + bar / 2, x - 1, "above"),
        (sketch.slip, y - frame - 7 * mm, x + wide / 2 - 6 * mm, "below"),
    )
    for text, level, target, side in ends:
        _label(canvas, text, (left, level), room, target, above=side == "above")


def _label(
    canvas: Canvas,
    text: str,
    at: tuple[float, float],
    room: float,
    target: float,
    *,
    above: bool,
) -> None:
    """A text that begins at the level of its line to ``target``, or with ``above`` ends there."""
    size = 13.0
    while size > 6 and len(simpleSplit(text, FACES[1], size, room)) > 3:
        size -= 0.5
    lines = simpleSplit(text, FACES[1], size, room)[:4]
    left, level = at
    first = level - size * 0.34 + (len(lines) - 1) * size * 1.15 * above
    for n, line in enumerate(lines):
        draw_string(canvas, left, first - n * size * 1.15, line, size, INK)
    beside = lines[-1] if above else lines[0]
    canvas.setStrokeColor(ALARM)
    canvas.setLineWidth(1.2)
    canvas.line(left + stringWidth(beside, FACES[1], size) + 1.5 * mm, level, target, level)


def _slip(canvas: Canvas, middle: float, mouth: float) -> None:
    """A slip that hangs out of the printer's mouth."""
    canvas.setFillColor(INK)
    canvas.rect(middle - 8 * mm, mouth - 1.5 * mm, 16 * mm, 1.5 * mm, stroke=0, fill=1)
    canvas.setFillColor(white)
    canvas.setStrokeColor(GREY)
    canvas.setLineWidth(0.8)
    canvas.rect(middle - 6 * mm, mouth - 11 * mm, 12 * mm, 10 * mm, stroke=1, fill=1)
    canvas.setFillColor(INK)
    for base, wide, high in ((3.6, 8.0, 0.5), (6.6, 7.0, 2.0), (8.2, 8.0, 0.5), (9.6, 5.0, 0.5)):
        canvas.rect(middle - wide / 2 * mm, mouth - base * mm, wide * mm, high * mm, 0, 1)


def _blocks(
    canvas: Canvas, x: float, y: float, wide: float, high: float, *, portrait: bool
) -> None:
    """A screen without a picture: header, tiles and bar."""
    canvas.setFillColor(white)
    canvas.rect(x, y, wide, high, stroke=0, fill=1)
    header = high * (0.088 if portrait else 0.11)
    canvas.setFillColor(MARK)
    canvas.rect(x, y + high - header, wide, header, stroke=0, fill=1)
    canvas.setFillColor(white)
    side = header * 0.5
    canvas.rect(x + header * 0.2, y + high - header * 0.5 - side / 2, side, side, 0, 1)
    across, down = (3, 6) if portrait else (5, 3)
    for left, right in pairwise(_steps(x + wide * 0.03, x + wide * 0.99, across)):
        for low, top in pairwise(_steps(y + high * 0.1, y + high - header - wide * 0.02, down)):
            canvas.setFillColor(LINE)
            canvas.rect(left, low, right - left - wide * 0.03, top - low - high * 0.015, 0, 1)


def _steps(first: float, last: float, parts: int) -> Iterator[float]:
    return (first + (last - first) * n / parts for n in range(parts + 1))


def _screen(sketch: Sketch) -> Image.Image | None:
    if sketch.screen is None:
        return None
    with Image.open(sketch.screen) as image:
        made = image.convert("RGB")
    made.thumbnail((_DOTS, _DOTS))
    return made


def draw_string(
    canvas: Canvas,
    left: float,
    base: float,
    text: str,
    size: float,
    colour: Color,
    *,
    bold: bool = True,
) -> None:
    canvas.setFont(FACES[bold], size)
    canvas.setFillColor(colour)
    canvas.drawString(left, base, text)
