"""One upright A4 page to hang beside the kiosk: numbered cards, a sketch of the machine, and lines
on which staff write whom to call.

The page is read from 1.5 m by people who have no time: the letters are as large as the texts allow.
Texts that a site makes longer make the letters smaller, never a second page.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from reports.fonts import load_fonts
from reports.plots import FACES, INK, LINE, MARK, SOFT
from reports.sketch import ALARM, GREY, SKETCH_H, Sketch, draw_sketch, draw_string

_WIDTH, _HEIGHT = A4
_MARGIN = 9 * mm
_LEFT, _RIGHT = _MARGIN, _WIDTH - _MARGIN
_GAP = 2.5 * mm
_COLUMN = (_RIGHT - _LEFT - _GAP) / 2
_HEADER = 23 * mm
_PERSON = 10 * mm
_FOOT = 5 * mm
_PAD = 2.2 * mm
_MOST_STRETCH = 8 * mm
"""What a card may be higher than its text, so that both columns end on one line."""

_SIZES = tuple(quarter / 4 for quarter in range(64, 19, -1))
"""Sizes of letters in points, the largest first. The last one holds a page of the longest texts:
those that a site writes are cut by the caller."""

_LEADING = 1.18
_TITLE = 1.14
_PALE = HexColor("#EFF4FC")


@dataclass(frozen=True, slots=True)
class Card:
    """One question and its answers.

    ``lines`` and ``warning`` are markup: text of ``plain`` and ``strong``. ``warning``: what must
    not be done; empty for nothing.
    """

    title: str
    lines: tuple[str, ...]
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page. ``people``: whom to call, each with a blank for ``name`` and for ``phone``."""

    title: str
    site: str
    machine: str
    cards: tuple[Card, ...]
    sketch: Sketch
    people: tuple[str, ...]
    name: str
    phone: str
    foot: str


def plain(text: str) -> str:
    """``text`` as markup."""
    return escape(text)


def strong(text: str) -> str:
    """``text`` as markup, in bold."""
    return f'<font name="{FACES[1]}">{escape(text)}</font>'


def page(sheet: Sheet, language: str) -> bytes:
    """The bytes of the PDF. Raises OSError for a picture that cannot be read."""
    load_fonts()
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, lang=language)
    canvas.setTitle(f"{sheet.title}: {sheet.machine}")
    canvas.setAuthor(sheet.site)
    _header(canvas, sheet)
    bottom = _people(canvas, sheet)
    top = _HEIGHT - _MARGIN - _HEADER - _GAP
    _columns(canvas, sheet, top, bottom + _GAP)
    canvas.save()
    return file.getvalue()


# ── the frame ────────────────────────────────────────────────────────────────────────────────


def _header(canvas: Canvas, sheet: Sheet) -> None:
    base = _HEIGHT - _MARGIN - _HEADER
    canvas.setFillColor(MARK)
    canvas.roundRect(_LEFT, base, _RIGHT - _LEFT, _HEADER, 3 * mm, stroke=0, fill=1)
    most = (_RIGHT - _LEFT) * 0.5
    size, machine = _fitted(sheet.machine, 18, 8, most - 8 * mm)
    wide = stringWidth(machine, FACES[1], size) + 8 * mm
    left, high = _RIGHT - 5 * mm - wide, 10 * mm
    canvas.setFillColor(white)
    canvas.roundRect(left, base + _HEADER - 3 * mm - high, wide, high, 2 * mm, stroke=0, fill=1)
    middle = base + _HEADER - 3 * mm - high / 2
    draw_string(canvas, left + 4 * mm, middle - size * 0.34, machine, size, MARK)
    room = left - _LEFT - 10 * mm
    size, title = _fitted(sheet.title, 27, 14, room)
    draw_string(canvas, _LEFT + 5 * mm, middle - size * 0.34, title, size, white)
    size, site = _fitted(sheet.site, 15, 9, _RIGHT - _LEFT - 10 * mm)
    draw_string(canvas, _LEFT + 5 * mm, base + 3.5 * mm, site, size, white)


def _people(canvas: Canvas, sheet: Sheet) -> float:
    """Draw the blanks and the foot; the upper edge of what is drawn."""
    size, foot = _fitted(sheet.foot, 8.5, 6, _RIGHT - _LEFT, bold=False)
    draw_string(canvas, _LEFT, _MARGIN, foot, size, SOFT, bold=False)
    base: float = _MARGIN + _FOOT
    high: float = len(sheet.people) * _PERSON + 4 * mm
    canvas.setStrokeColor(MARK)
    canvas.setLineWidth(1.4)
    canvas.roundRect(_LEFT, base, _RIGHT - _LEFT, high, 2 * mm, stroke=1, fill=0)
    roles = [_fitted(role, 15, 9, 46 * mm) for role in sheet.people]
    labels = [stringWidth(label, FACES[0], 11) for label in (sheet.name, sheet.phone)]
    first = _LEFT + 3 * mm + max(stringWidth(role, FACES[1], size) for size, role in roles) + 5 * mm
    second = first + (_RIGHT - first) * 0.55
    for n, (size, role) in enumerate(roles, 1):
        line = base + high - n * _PERSON
        draw_string(canvas, _LEFT + 3 * mm, line, role, size, INK)
        for left, right, label, wide in (
            (first, second - 4 * mm, sheet.name, labels[0]),
            (second, _RIGHT - 4 * mm, sheet.phone, labels[1]),
        ):
            draw_string(canvas, left, line, label, 11, GREY, bold=False)
            canvas.setStrokeColor(INK)
            canvas.setLineWidth(0.7)
            canvas.line(left + wide + 2 * mm, line - 1, right, line - 1)
    return base + high


# ── cards ────────────────────────────────────────────────────────────────────────────────────


class _Laid(NamedTuple):
    """A card, wrapped: its paragraphs, each with its height, and the height of the whole."""

    number: int
    title: Paragraph
    title_h: float
    lines: list[tuple[Paragraph, float]]
    height: float


def _columns(canvas: Canvas, sheet: Sheet, top: float, bottom: float) -> None:
    """Draw the cards: the first ones at the left, the sketch and the others at the right."""
    size, split, laid = _layout(sheet.cards, top - bottom)
    below = top - SKETCH_H - _GAP
    draw_sketch(canvas, sheet.sketch, _LEFT + _COLUMN + _GAP, top - SKETCH_H, _COLUMN)
    _column(canvas, laid[:split], _LEFT, top, bottom, size)
    _column(canvas, laid[split:], _LEFT + _COLUMN + _GAP, below, bottom, size)


def _layout(cards: Sequence[Card], room: float) -> tuple[float, int, list[_Laid]]:
    """The largest letters with which the cards fit, how many are at the left, and the cards."""
    size, split, laid = _SIZES[-1], len(cards) // 2, list[_Laid]()
    for size in _SIZES:
        laid = [_lay(n, card, size) for n, card in enumerate(cards, 1)]
        split = min(range(len(laid) + 1), key=lambda at: max(_heights(laid, at)))
        if max(_heights(laid, split)) <= room:
            break
    return size, split, laid


def _heights(laid: Sequence[_Laid], split: int) -> tuple[float, float]:
    """How high both columns are with ``split`` cards at the left."""
    left = [one.height for one in laid[:split]]
    right = [SKETCH_H, *(one.height for one in laid[split:])]
    return sum(left) + _GAP * (len(left) - 1), sum(right) + _GAP * (len(right) - 1)


def _lay(number: int, card: Card, size: float) -> _Laid:
    inner, disc = _COLUMN - 2 * _PAD, _disc(size)
    large = ParagraphStyle(
        "title",
        fontName=FACES[1],
        fontSize=size * _TITLE,
        leading=size * _TITLE * 1.1,
        textColor=INK,
    )
    usual = ParagraphStyle(
        "line",
        fontName=FACES[0],
        fontSize=size,
        leading=size * _LEADING,
        textColor=INK,
        leftIndent=size * 0.95,
        bulletFontName=FACES[1],
        bulletFontSize=size,
        bulletColor=MARK,
    )
    alarm = ParagraphStyle(
        "warning", parent=usual, fontName=FACES[1], textColor=ALARM, bulletColor=ALARM
    )
    title, title_h = _wrapped(plain(card.title), large, inner - disc * 2 - 2 * mm)
    lines = [_wrapped(line, usual, inner, "•") for line in card.lines]
    if card.warning:
        lines.append(_wrapped(card.warning, alarm, inner, "!"))
    high = max(title_h, disc * 2) + sum(high + size * 0.18 for _, high in lines) + 2 * _PAD
    return _Laid(number, title, title_h, lines, high)


def _wrapped(
    text: str, style: ParagraphStyle, width: float, bullet: str | None = None
) -> tuple[Paragraph, float]:
    made = Paragraph(text, style, bulletText=bullet)
    return made, made.wrap(width, _HEIGHT)[1]


def _disc(size: float) -> float:
    """Radius of the disc with a card's number, in points."""
    return size * 0.78


def _column(
    canvas: Canvas, laid: Sequence[_Laid], left: float, top: float, bottom: float, size: float
) -> None:
    """Draw cards from ``top`` down, each stretched by an equal part of the room that is left."""
    if not laid:
        return
    used = sum(one.height for one in laid) + _GAP * (len(laid) - 1)
    more = max(0.0, min((top - bottom - used) / len(laid), _MOST_STRETCH))
    for one in laid:
        high = one.height + more
        _card(canvas, one, left, top, high, size)
        top -= high + _GAP


def _card(canvas: Canvas, card: _Laid, left: float, top: float, height: float, size: float) -> None:
    canvas.setFillColor(_PALE)
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.8)
    canvas.roundRect(left, top - height, _COLUMN, height, 2 * mm, stroke=1, fill=1)
    disc, number = _disc(size), str(card.number)
    y = top - _PAD - (height - card.height) / 2
    canvas.setFillColor(MARK)
    canvas.circle(left + _PAD + disc, y - disc, disc, stroke=0, fill=1)
    wide = stringWidth(number, FACES[1], size)
    draw_string(canvas, left + _PAD + disc - wide / 2, y - disc - size * 0.34, number, size, white)
    head = max(card.title_h, disc * 2)
    beside = left + _PAD + disc * 2 + 2 * mm
    card.title.drawOn(canvas, beside, y - (head + card.title_h) / 2 + size * 0.1)
    y -= head
    for line, high in card.lines:
        y -= high + size * 0.18
        line.drawOn(canvas, left + _PAD, y)


# ── letters ──────────────────────────────────────────────────────────────────────────────────


def _fitted(
    text: str, size: float, least: float, room: float, *, bold: bool = True
) -> tuple[float, str]:
    """``text`` and the size at which it fits into one line; cut off where ``least`` is too much."""
    wide = stringWidth(text, FACES[bold], size)
    if wide > room:
        size = max(least, size * room / wide)
    if stringWidth(text, FACES[bold], size) > room + 0.01:
        while text and stringWidth(text + "…", FACES[bold], size) > room:
            text = text[:-1]
        text = text.rstrip() + "…"
    return size, text
