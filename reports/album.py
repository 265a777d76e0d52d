"""Pictures with captions, by section, as a PDF on upright A4: proof for an examination."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfgen.canvas import Canvas

from reports.fonts import load_fonts
from reports.plots import FACES, INK, LINE, SOFT

_WIDTH, _HEIGHT = A4
_MARGIN = 15 * mm
_ROOM = _WIDTH - 2 * _MARGIN
_GAP = 6 * mm
_ACROSS = 3
_TALLEST = 100 * mm
_CAPTION_H = 9 * mm
_DOTS = 700
"""Pixels of a picture's longer side: 180 dots an inch on paper."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file and what it shows."""

    path: Path
    caption: str


@dataclass(frozen=True, slots=True)
class Section:
    """One subject: ``text`` says what the pictures prove, or what is missing."""

    title: str
    text: str
    pictures: tuple[Picture, ...] = ()


def album(heading: Sequence[str], sections: Sequence[Section], language: str) -> bytes:
    """The bytes of the PDF. ``heading``: title, then lines below it; the last is on each page.

    Raises OSError for a picture that cannot be read.
    """
    load_fonts()
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, lang=language)
    canvas.setTitle(heading[0])
    pages = _Pages(canvas, heading)
    for section in sections:
        pages.section(section)
    canvas.save()
    return file.getvalue()


class _Pages:
    """Fills pages from above. ``_y``: how far the page is filled, in points from below."""

    def __init__(self, canvas: Canvas, heading: Sequence[str]) -> None:
        self._canvas, self._foot = canvas, heading[-1]
        self._page = 0
        self._y = 0.0
        self._begin()
        self._lines([heading[0]], 18, bold=True)
        for line in heading[1:]:
            self._lines(simpleSplit(line, FACES[0], 9.5, _ROOM), 9.5)

    def section(self, section: Section) -> None:
        """The title and text of a section with its pictures, at most three beside each other."""
        said = simpleSplit(section.text, FACES[0], 9.5, _ROOM)
        rows = [
            section.pictures[first : first + _ACROSS]
            for first in range(0, len(section.pictures), _ACROSS)
        ]
        needed = 18 * mm + len(said) * 13 + (_TALLEST + _CAPTION_H if rows else 0)
        if self._y - needed < _MARGIN:
            self._begin()
        self._y -= 6 * mm
        self._canvas.setStrokeColor(LINE)
        self._canvas.line(_MARGIN, self._y, _WIDTH - _MARGIN, self._y)
        self._y -= 2 * mm
        self._lines([section.title], 13, bold=True)
        self._lines(said, 9.5)
        self._y -= 3 * mm
        for row in rows:
            self._row(row)

    def _row(self, pictures: Sequence[Picture]) -> None:
        width = (_ROOM - (_ACROSS - 1) * _GAP) / _ACROSS
        shown = [(picture, _small(picture.path)) for picture in pictures]
        scale = [min(width / image.width, _TALLEST / image.height) for _, image in shown]
        tall = max(image.height * by for (_, image), by in zip(shown, scale, strict=True))
        if self._y - tall - _CAPTION_H < _MARGIN:
            self._begin()
        for n, ((picture, image), by) in enumerate(zip(shown, scale, strict=True)):
            left = _MARGIN + n * (width + _GAP)
            size = image.width * by, image.height * by
            bottom = self._y - size[1]
            self._canvas.drawImage(ImageReader(image), left, bottom, *size)
            self._canvas.setStrokeColor(LINE)
            self._canvas.rect(left, bottom, *size)
            self._canvas.setFillColor(INK)
            self._canvas.setFont(FACES[0], 7.5)
            for line, text in enumerate(simpleSplit(picture.caption, FACES[0], 7.5, width)[:2]):
                self._canvas.drawString(left, self._y - tall - (line + 1) * 3.2 * mm, text)
        self._y -= tall + _CAPTION_H

    def _begin(self) -> None:
        if self._page:
            self._canvas.showPage()
        self._page += 1
        self._y = _HEIGHT - _MARGIN
        self._canvas.setFont(FACES[0], 7.5)
        self._canvas.setFillColor(SOFT)
        self._canvas.drawString(_MARGIN, 8 * mm, self._foot)
        self._canvas.drawRightString(_WIDTH - _MARGIN, 8 * mm, str(self._page))

    def _lines(self, lines: Sequence[str], size: float, *, bold: bool = False) -> None:
        self._canvas.setFillColor(INK)
        self._canvas.setFont(FACES[bold], size)
        for line in lines:
            self._y -= size * 1.35
            self._canvas.drawString(_MARGIN, self._y, line)


def _small(path: Path) -> Image.Image:
    with Image.open(path) as image:
        made = image.convert("RGB")
    made.thumbnail((_DOTS, _DOTS))
    return made
