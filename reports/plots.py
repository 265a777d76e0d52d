"""Plots drawn on a PDF canvas: bars over a line of marks, and a ranking of names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

INK = HexColor("#000818")
SOFT = HexColor("#5D6880")
LINE = HexColor("#C9D5E8")
MARK = HexColor("#0048C8")
SHADE = HexColor("#E1E4EA")

FACES = ("Report", "Report-Bold")
"""The names under which the fonts of words are known in the file: regular and bold."""

_FIGURES = ("Helvetica", "Helvetica-Bold")
"""For figures: the zero of the words' typeface has a slash, and is read as 8 where it is small."""

_DIGITS = frozenset("0123456789.,%–")
_STEPS = 4
_MARK_H = 5 * mm
_SCALE_W = 12 * mm


class Frame(NamedTuple):
    """Where a plot is drawn, in points from the lower left corner of the page."""

    left: float
    bottom: float
    width: float
    height: float


def face(text: str, *, bold: bool = False) -> str:
    """The name of the font for ``text``."""
    return (_FIGURES if _DIGITS.issuperset(text) else FACES)[bold]


def scale(most: int) -> int:
    """The upper end of an axis for values up to ``most``: a round number, a multiple of 4."""
    unit = 1
    while True:
        for factor in (1, 2, 3, 5):
            if most <= _STEPS * factor * unit:
                return _STEPS * factor * unit
        unit *= 10


def bars(
    canvas: Canvas,
    frame: Frame,
    values: Sequence[int],
    marks: Sequence[str],
    shaded: frozenset[int],
    said: Callable[[int], str],
) -> None:
    """A bar for each value, its number above it; ``shaded``: indexes on a grey ground."""
    if not values:
        return
    top = scale(max(values))
    left, base = frame.left + _SCALE_W, frame.bottom + _MARK_H
    tall = frame.height - _MARK_H - 4 * mm
    width = (frame.width - _SCALE_W) / len(values)
    canvas.setFillColor(SHADE)
    for index in shaded:
        canvas.rect(left + index * width, base, width, tall, stroke=0, fill=1)
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.5)
    canvas.setFont(_FIGURES[0], 7)
    for step in range(_STEPS + 1):
        y = base + tall * step / _STEPS
        canvas.line(left, y, frame.left + frame.width, y)
        canvas.setFillColor(SOFT)
        canvas.drawRightString(left - 1.5 * mm, y - 2, said(top * step // _STEPS))
    for index, (value, mark) in enumerate(zip(values, marks, strict=True)):
        middle, height = left + (index + 0.5) * width, tall * value / top
        canvas.setFillColor(MARK)
        if value:
            canvas.rect(middle - width * 0.35, base, width * 0.7, height, stroke=0, fill=1)
        canvas.setFillColor(INK)
        canvas.setFont(_FIGURES[0], 7)
        canvas.drawCentredString(middle, base - 3.5 * mm, mark)
        text = said(value)
        if value and pdfmetrics.stringWidth(text, _FIGURES[1], 6.5) < width * 1.1:
            canvas.setFont(_FIGURES[1], 6.5)
            canvas.drawCentredString(middle, base + height + 1 * mm, text)


def ranking(
    canvas: Canvas,
    frame: Frame,
    rows: Sequence[tuple[str, int]],
    said: Callable[[int], str],
) -> None:
    """Names with bars beside them, the greatest value first."""
    if not rows:
        return
    most = max(value for _, value in rows)
    height = min(6.5 * mm, frame.height / len(rows))
    names = max(pdfmetrics.stringWidth(name, FACES[0], 7.5) for name, _ in rows)
    names = min(names, frame.width * 0.45)
    left = frame.left + names + 2 * mm
    room = frame.width - names - 14 * mm
    for index, (name, value) in enumerate(rows):
        base = frame.bottom + frame.height - (index + 1) * height
        while pdfmetrics.stringWidth(name, FACES[0], 7.5) > names and len(name) > 1:
            name = f"{name[:-2].rstrip()}…"
        canvas.setFillColor(INK)
        canvas.setFont(FACES[0], 7.5)
        canvas.drawRightString(left - 2 * mm, base + height * 0.3, name)
        canvas.setFillColor(MARK)
        canvas.rect(left, base + height * 0.12, room * value / most, height * 0.7, stroke=0, fill=1)
        canvas.setFillColor(INK)
        canvas.setFont(_FIGURES[1], 7.5)
        canvas.drawString(left + room * value / most + 1.5 * mm, base + height * 0.3, said(value))
