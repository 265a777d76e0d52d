"""The report as a PDF on A4 across: figures and plots, a line for each agency, the days, notes.

Drawn on reportlab's canvas and not with its tables: 4,000 cells take a tenth of a second instead of
several.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from reports.figures import MonthReport, ReportRow, Spread
from reports.fonts import load_fonts
from reports.notes import heading, notes
from reports.plots import FACES, INK, LINE, MARK, SHADE, SOFT, Frame, bars, face, ranking
from reports.texts import TEXTS, decimal, share, whole

_WIDTH, _HEIGHT = landscape(A4)
_MARGIN = 10 * mm
_LEFT, _RIGHT = _MARGIN, _WIDTH - _MARGIN
_TOP, _BOTTOM = _HEIGHT - _MARGIN, _MARGIN + 5 * mm
_ROW = 4.9 * mm
_NAME_W = 62 * mm
_SUM_W = 15 * mm
_PALE = HexColor("#E4EEFF")
_MOST_AGENCIES = 10


def document(report: MonthReport, made_at: datetime) -> bytes:
    """The bytes of the PDF. ``made_at``: aware, in the site's zone."""
    load_fonts()
    pages = _Pages(report, made_at)
    pages.overview()
    pages.agencies()
    pages.matrix()
    pages.notes()
    return pages.finished()


class _Pages:
    """The pages of one report. ``_y``: how far the current page is filled, from below."""

    def __init__(self, report: MonthReport, made_at: datetime) -> None:
        self._report, self._language = report, report.language
        self._say = partial(TEXTS.say, report.language)
        self._lines = heading(report, made_at)
        self._file = io.BytesIO()
        self._canvas = Canvas(self._file, pagesize=(_WIDTH, _HEIGHT), lang=report.language)
        self._canvas.setTitle(self._lines[0])
        self._canvas.setAuthor(report.site)
        self._page = 0
        self._y = _TOP

    def finished(self) -> bytes:
        self._canvas.save()
        return self._file.getvalue()

    # ── pages ────────────────────────────────────────────────────────────────────────────

    def overview(self) -> None:
        """The first page: the figures of the whole, and three plots."""
        report, total = self._report, self._report.total
        self._begin()
        figures = [(whole(self._language, total.issued), "issued")]
        mean = total.issued / total.open_days if total.open_days else 0
        figures.append((decimal(self._language, mean), "mean"))
        figures.append((share(self._language, total.priority, total.issued), "priority"))
        if total.connected:
            figures.append((share(self._language, total.offline, total.connected), "offline"))
        figures.append((whole(self._language, total.void), "void"))
        if total.waiting is not None:
            minutes = decimal(self._language, total.waiting.p50_s / 60)
            figures.append((minutes, "waiting"))
        self._figures(figures)
        left, gap = _LEFT, 8 * mm
        half = (_RIGHT - _LEFT - gap) / 2
        top = self._y - 6 * mm
        tall = 62 * mm
        marks = [str(day.day) for day in report.dates]
        self._title(left, top, "report.plot.days")
        frame = Frame(left, top - 5 * mm - tall, _RIGHT - _LEFT, tall)
        bars(self._canvas, frame, list(total.days), marks, total.closed, self._whole)
        top -= tall + 14 * mm
        tall = top - 5 * mm - _BOTTOM
        hours = [sum(day[hour] for day in report.hours) for hour in range(24)]
        busy = [hour for hour, issued in enumerate(hours) if issued] or [8, 14]
        shown = range(busy[0], busy[-1] + 1)
        self._title(left, top, "report.plot.hours")
        frame = Frame(left, top - 5 * mm - tall, half, tall)
        marks = [f"{hour:02}" for hour in shown]
        bars(self._canvas, frame, [hours[h] for h in shown], marks, frozenset(), self._whole)
        self._title(left + half + gap, top, "report.plot.agencies")
        frame = Frame(left + half + gap, top - 5 * mm - tall, half, tall)
        found = sorted((one.agency for one in report.agencies), key=lambda row: -row.issued)
        most = [(row.name, row.issued) for row in found[:_MOST_AGENCIES] if row.issued]
        ranking(self._canvas, frame, most, self._whole)
        if not total.issued:
            self._text(left, top - 12 * mm, self._say("report.plot.none"), 9)

    def agencies(self) -> None:
        """One line for each agency, with shares and times."""
        heads = ["issued", "share", "open_days", "mean", "priority", "priority_share"]
        heads += ["offline", "offline_share", "void"]
        titles = [self._say(f"report.column.{name}") for name in heads]
        groups: list[tuple[int, str]] = []
        if self._report.timed:
            short = [self._say(f"report.short.{name}") for name in ("mean", "p50", "p90")]
            groups = [(len(titles), self._say("report.group.wait"))]
            groups += [(len(titles) + 3, self._say("report.group.serve"))]
            titles += short + short
        width = min(24 * mm, (_RIGHT - _LEFT - _NAME_W) / len(titles))
        edges = [_LEFT + _NAME_W + width * n for n in range(len(titles) + 1)]

        def head() -> None:
            if groups:
                self._band(2 * _ROW, edges[-1])
                for first, name in groups:
                    middle = (edges[first] + edges[first + 3]) / 2
                    self._middle(middle, self._y + _ROW + 1.4 * mm, name, 7, bold=True)
            else:
                self._band(_ROW, edges[-1])
            self._text(
                _LEFT + 1 * mm, self._y + 1.4 * mm, self._say("report.agency"), 7.5, bold=True
            )
            for n, name in enumerate(titles):
                middle = (edges[n] + edges[n + 1]) / 2
                self._middle(middle, self._y + 1.4 * mm, name, 6.6, bold=True, room=width)

        rows = [(one.agency.name, one.agency) for one in self._report.agencies]
        rows.append((self._say("report.all"), self._report.total))
        self._begin()
        head()
        for name, row in rows:
            if self._y - _ROW < _BOTTOM:
                self._begin()
                head()
            last = row is self._report.total
            self._y -= _ROW
            self._ground(_LEFT, self._y, edges[-1] - _LEFT, _PALE if last else None)
            self._fit(_LEFT + 1 * mm, self._y + 1.4 * mm, name, 8, _NAME_W - 2 * mm, bold=last)
            for n, value in enumerate(self._values(row)):
                self._right(edges[n + 1] - 1.5 * mm, self._y + 1.4 * mm, value, 8, bold=last)

    def matrix(self) -> None:
        """Agency and service by day."""
        report = self._report
        width = (_RIGHT - _LEFT - _NAME_W - _SUM_W) / len(report.dates)
        edges = [_LEFT + _NAME_W + width * n for n in range(len(report.dates) + 1)]

        def head() -> None:
            self._band(2 * _ROW, _RIGHT)
            self._text(_LEFT + 1 * mm, self._y + 1.4 * mm, self._say("report.name"), 7.5, bold=True)
            for n, day in enumerate(report.dates):
                middle = edges[n] + width / 2
                weekday = self._say(f"report.weekday.short.{day.weekday()}")
                self._middle(middle, self._y + _ROW + 1.2 * mm, str(day.day), 7.5, bold=True)
                self._middle(middle, self._y + 1.4 * mm, weekday, 6)
            said = self._say("report.total")
            self._right(_RIGHT - 1 * mm, self._y + 1.4 * mm, said, 7.5, bold=True)

        def line(row: ReportRow, name: str, *, agency: bool) -> None:
            self._y -= _ROW
            self._ground(_LEFT, self._y, _RIGHT - _LEFT, _PALE if agency else None)
            indent = 1 * mm if agency else 4 * mm
            room = _NAME_W - indent - 1 * mm
            self._fit(_LEFT + indent, self._y + 1.4 * mm, name, 7.5, room, bold=agency)
            self._days(row, edges, width, agency=agency)
            issued = self._whole(row.issued)
            self._right(_RIGHT - 1 * mm, self._y + 1.4 * mm, issued, 7.5, bold=True)

        self._begin()
        head()
        for one in report.agencies:
            # An agency's line is never the last of a page, without any of its services.
            if self._y - _ROW * (2 if one.services else 1) < _BOTTOM:
                self._begin()
                head()
            line(one.agency, one.agency.name, agency=True)
            for service in one.services:
                if self._y - _ROW < _BOTTOM:
                    self._begin()
                    head()
                    self._y -= _ROW
                    self._ground(_LEFT, self._y, _RIGHT - _LEFT, _PALE)
                    name = f"{one.agency.name} ({self._say('report.continued')})"
                    self._fit(_LEFT + mm, self._y + 1.4 * mm, name, 7.5, _RIGHT - _LEFT, bold=True)
                line(service, service.name, agency=False)
        if self._y - _ROW < _BOTTOM:
            self._begin()
            head()
        line(report.total, self._say("report.all"), agency=True)

    def notes(self) -> None:
        """What the figures mean, and where to sign."""
        if self._y - 70 * mm < _BOTTOM:
            self._begin()
        self._y -= 8 * mm
        self._text(_LEFT, self._y, self._say("report.notes"), 9, bold=True)
        for note in notes(self._report):
            for part in simpleSplit(note, FACES[0], 8, _RIGHT - _LEFT):
                if self._y - 5 * mm < _BOTTOM:
                    self._begin()
                self._y -= 4.4 * mm
                self._text(_LEFT, self._y, part, 8)
        if self._y - 36 * mm < _BOTTOM:
            self._begin()
        left = _RIGHT - 75 * mm
        self._text(left, self._y - 10 * mm, self._say("report.signed"), 9)
        self._canvas.setStrokeColor(INK)
        self._canvas.line(left, self._y - 30 * mm, _RIGHT, self._y - 30 * mm)
        self._text(left, self._y - 34 * mm, self._say("report.signed_line"), 8)

    # ── parts of a page ──────────────────────────────────────────────────────────────────

    def _begin(self) -> None:
        """A new page with its heading; the first one has the address too."""
        if self._page:
            self._canvas.showPage()
        self._page += 1
        self._y = _TOP
        title, site, address, made = self._lines
        size = 16 if self._page == 1 else 11
        self._y -= size
        self._text(_LEFT, self._y, title, size, bold=True)
        if self._page == 1:
            self._y -= 5.5 * mm
            self._text(_LEFT, self._y, site, 10, bold=True)
            self._y -= 4.5 * mm
            self._text(_LEFT, self._y, address, 8.5)
        else:
            self._right(_RIGHT, self._y, site, 8.5)
        self._y -= 4 * mm
        self._text(_LEFT, _MARGIN - 1 * mm, made, 7)
        said = self._say("report.page", page=self._page)
        self._right(_RIGHT, _MARGIN - 1 * mm, said, 7)

    def _figures(self, figures: Sequence[tuple[str, str]]) -> None:
        width = (_RIGHT - _LEFT) / len(figures)
        self._y -= 15 * mm
        for n, (value, name) in enumerate(figures):
            left = _LEFT + n * width
            self._canvas.setFillColor(_PALE)
            self._canvas.roundRect(left, self._y, width - 3 * mm, 15 * mm, 2 * mm, stroke=0, fill=1)
            self._text(left + 3 * mm, self._y + 6.5 * mm, value, 17, bold=True)
            self._text(left + 3 * mm, self._y + 2.2 * mm, self._say(f"report.figure.{name}"), 8)

    def _values(self, row: ReportRow) -> list[str]:
        language, everything = self._language, self._report.total.issued
        found = [
            self._whole(row.issued),
            share(language, row.issued, everything),
            str(row.open_days),
            decimal(language, row.issued / row.open_days) if row.open_days else "–",
            self._whole(row.priority),
            share(language, row.priority, row.issued),
            self._whole(row.offline) if row.connected else "–",
            share(language, row.offline, row.connected),
            self._whole(row.void),
        ]
        if self._report.timed:
            found += [*self._minutes(row.waiting), *self._minutes(row.serving)]
        return found

    def _minutes(self, spread: Spread | None) -> list[str]:
        if spread is None:
            return ["–"] * 3
        seconds = (spread.mean_s, spread.p50_s, spread.p90_s)
        return [decimal(self._language, one / 60) for one in seconds]

    def _days(self, row: ReportRow, edges: list[float], width: float, *, agency: bool) -> None:
        last = self._report.until.day if self._report.until else len(row.days)
        for index, issued in enumerate(row.days):
            closed = index in row.closed
            middle, base = edges[index] + width / 2, self._y + 1.4 * mm
            if closed:
                self._canvas.setFillColor(SHADE)
                self._canvas.rect(edges[index], self._y, width, _ROW, stroke=0, fill=1)
            if issued or (not closed and index < last):
                self._middle(middle, base, self._whole(issued), 7, bold=agency, room=width)
            elif closed:
                mark = self._say("report.closed_mark")
                self._middle(middle, base, mark, 6, colour=SOFT)
        self._canvas.setStrokeColor(LINE)
        self._canvas.setLineWidth(0.3)
        self._canvas.line(_LEFT, self._y, _RIGHT, self._y)

    def _band(self, height: float, right: float) -> None:
        """The ground of a table's head; text on it is white."""
        self._y -= height
        self._canvas.setFillColor(MARK)
        self._canvas.rect(_LEFT, self._y, right - _LEFT, height, stroke=0, fill=1)
        self._on_mark = True

    def _ground(self, left: float, base: float, width: float, colour: HexColor | None) -> None:
        self._on_mark = False
        if colour is not None:
            self._canvas.setFillColor(colour)
            self._canvas.rect(left, base, width, _ROW, stroke=0, fill=1)
        self._canvas.setStrokeColor(LINE)
        self._canvas.setLineWidth(0.3)
        self._canvas.line(left, base, left + width, base)

    def _title(self, left: float, base: float, key: str) -> None:
        self._text(left, base, self._say(key), 10, bold=True)

    def _whole(self, number: int) -> str:
        return whole(self._language, number)

    _on_mark = False

    def _pen(self, text: str, size: float, colour: HexColor | None, *, bold: bool) -> str:
        """Set the font and the colour for ``text``; the font's name."""
        name = face(text, bold=bold)
        self._canvas.setFont(name, size)
        self._canvas.setFillColor(colour or (white if self._on_mark else INK))
        return name

    def _text(
        self, left: float, base: float, text: str, size: float, *, bold: bool = False
    ) -> None:
        self._pen(text, size, None, bold=bold)
        self._canvas.drawString(left, base, text)

    def _right(
        self, right: float, base: float, text: str, size: float, *, bold: bool = False
    ) -> None:
        self._pen(text, size, None, bold=bold)
        self._canvas.drawRightString(right, base, text)

    def _middle(
        self,
        middle: float,
        base: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        room: float | None = None,
        colour: HexColor | None = None,
    ) -> None:
        """Centred text, drawn smaller where it is wider than ``room``."""
        name = face(text, bold=bold)
        wide = pdfmetrics.stringWidth(text, name, size)
        if room is not None and wide > room - 1:
            size *= (room - 1) / wide
        self._pen(text, size, colour, bold=bold)
        self._canvas.drawCentredString(middle, base, text)

    def _fit(
        self, left: float, base: float, text: str, size: float, room: float, *, bold: bool = False
    ) -> None:
        """Text that is cut off, with a mark, where it is wider than ``room``."""
        name = self._pen(text, size, None, bold=bold)
        if pdfmetrics.stringWidth(text, name, size) > room:
            while text and pdfmetrics.stringWidth(text + "…", name, size) > room:
                text = text[:-1]
            text = text.rstrip() + "…"
        self._canvas.drawString(left, base, text)
