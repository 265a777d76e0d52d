"""The report as an Excel workbook (XLSX).

Sums are values, not formulas: Excel's protected view, in which a file from an e-mail opens, and
previews on a phone calculate nothing and would show empty sums. Text is always stored as text, so
that an agency whose name begins with ``=`` is no formula.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from reports.figures import MonthReport, ReportRow, Spread
from reports.notes import heading, notes
from reports.texts import TEXTS

_CLOSED = PatternFill("solid", fgColor="E1E4EA")
_HEAD = PatternFill("solid", fgColor="0048C8")
_AGENCY = PatternFill("solid", fgColor="E4EEFF")
_LINE = Side(style="thin", color="C9D5E8")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_BOLD = Font(bold=True)
_WHITE = Font(bold=True, color="FFFFFF")
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_INDENT = Alignment(indent=1)
_WHOLE, _DECIMAL, _SHARE = "#,##0", "0.0", "0.0%"
_HEAD_ROWS = 5
"""The heading of a sheet: title, site, address, when it was made, an empty row."""


def workbook(report: MonthReport, made_at: datetime) -> bytes:
    """The bytes of the XLSX file. ``made_at``: aware, in the site's zone."""
    book = Workbook()
    writer = _Writer(report, made_at)
    first = book.active
    if not isinstance(first, Worksheet):
        raise TypeError("openpyxl makes a workbook with a sheet")
    writer.matrix(first)
    writer.summary(book.create_sheet())
    writer.hours(book.create_sheet())
    writer.notes(book.create_sheet())
    # The time of the file's properties is the report's: openpyxl would take the system's clock.
    book.properties.creator = report.site
    book.properties.title = writer.title
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


class _Writer:
    """Fills the sheets of one report."""

    def __init__(self, report: MonthReport, made_at: datetime) -> None:
        self._report = report
        self._say = partial(TEXTS.say, report.language)
        self._lines = heading(report, made_at)
        self.title = self._lines[0]

    def matrix(self, sheet: Worksheet) -> None:
        """Agency and service by day, with sums."""
        report, days = self._report, len(self._report.dates)
        self._begin(sheet, "report.sheet.matrix")
        top = _HEAD_ROWS + 1
        self._head(sheet, top, [self._say("report.name"), *(d.day for d in report.dates), ""])
        weekdays = [self._say(f"report.weekday.short.{d.weekday()}") for d in report.dates]
        self._head(sheet, top + 1, ["", *weekdays, self._say("report.total")])
        row = top + 2
        for one in report.agencies:
            self._days(sheet, row, one.agency, one.agency.name, agency=True)
            for service in one.services:
                row += 1
                self._days(sheet, row, service, service.name)
            row += 1
        self._days(sheet, row, report.total, self._say("report.all"), agency=True)
        sheet.column_dimensions["A"].width = 44
        for index in range(days):
            sheet.column_dimensions[get_column_letter(index + 2)].width = 5.2
        sheet.column_dimensions[get_column_letter(days + 2)].width = 9
        sheet.freeze_panes = sheet.cell(top + 2, 2)
        self._for_paper(sheet, f"{top}:{top + 1}")
        self._chart(sheet, top, row, days)

    def summary(self, sheet: Worksheet) -> None:
        """One line for each agency and service, with shares and times."""
        self._begin(sheet, "report.sheet.summary")
        timed = self._report.timed
        names = ["issued", "share", "open_days", "mean", "priority", "priority_share"]
        names += ["offline", "offline_share", "void"]
        if timed:
            names += ["waiting", "waiting_p50", "waiting_p90"]
            names += ["serving", "serving_p50", "serving_p90"]
        top = _HEAD_ROWS + 1
        said = [self._say(f"report.column.{name}") for name in names]
        self._head(sheet, top, [self._say("report.name"), *said])
        row = top + 1
        for one in self._report.agencies:
            self._figures(sheet, row, one.agency, one.agency.name, agency=True)
            for service in one.services:
                row += 1
                self._figures(sheet, row, service, service.name)
            row += 1
        self._figures(sheet, row, self._report.total, self._say("report.all"), agency=True)
        sheet.column_dimensions["A"].width = 44
        for index in range(len(names)):
            sheet.column_dimensions[get_column_letter(index + 2)].width = 12
        sheet.row_dimensions[top].height = 45
        sheet.freeze_panes = sheet.cell(top + 1, 2)
        self._for_paper(sheet, f"{top}:{top}")

    def hours(self, sheet: Worksheet) -> None:
        """Valid numbers by weekday and hour of issue."""
        self._begin(sheet, "report.sheet.hours")
        busy = [hour for hour in range(24) if any(day[hour] for day in self._report.hours)]
        hours = range(busy[0], busy[-1] + 1) if busy else range(8, 15)
        top = _HEAD_ROWS + 1
        said = [f"{hour:02}.00" for hour in hours]
        self._head(sheet, top, ["", *said, self._say("report.total")])
        for day, counts in enumerate(self._report.hours):
            values: list[str | int] = [self._say(f"report.weekday.{day}")]
            values += [counts[hour] for hour in hours]
            self._line(sheet, top + 1 + day, [*values, sum(counts)])
        sums = [sum(day[hour] for day in self._report.hours) for hour in hours]
        last: list[str | int] = [self._say("report.total"), *sums]
        # Not the total of the month: of old tickets only the day is known (``days_only``).
        self._line(sheet, top + 8, [*last, sum(sums)], font=_BOLD)
        sheet.column_dimensions["A"].width = 16
        self._for_paper(sheet, None)

    def notes(self, sheet: Worksheet) -> None:
        """What the figures mean."""
        self._begin(sheet, "report.sheet.notes")
        for row, line in enumerate(notes(self._report), start=_HEAD_ROWS + 1):
            _put(sheet.cell(row, 1), line)
        sheet.column_dimensions["A"].width = 110
        self._for_paper(sheet, None)

    def _begin(self, sheet: Worksheet, name: str) -> None:
        sheet.title = self._say(name)
        for row, line in enumerate(self._lines, start=1):
            cell = sheet.cell(row, 1)
            _put(cell, line)
            cell.font = Font(bold=True, size=14) if row == 1 else Font()

    def _head(self, sheet: Worksheet, row: int, values: Iterable[str | int]) -> None:
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row, column)
            _put(cell, value)
            cell.font, cell.fill, cell.alignment = _WHITE, _HEAD, _CENTRE

    def _line(
        self, sheet: Worksheet, row: int, values: Sequence[str | int], font: Font | None = None
    ) -> None:
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row, column)
            _put(cell, value)
            cell.border, cell.number_format = _BORDER, _WHOLE
            if font is not None:
                cell.font = font

    def _days(
        self, sheet: Worksheet, row: int, line: ReportRow, name: str, *, agency: bool = False
    ) -> None:
        last = self._report.until.day if self._report.until else len(line.days)
        values: list[str | int | None] = [name]
        for index, issued in enumerate(line.days):
            closed = index in line.closed and not issued
            coming = index >= last and not issued
            mark = self._say("report.closed_mark") if closed else None if coming else issued
            values.append(mark)
        values.append(line.issued)
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row, column)
            _put(cell, value)
            cell.border, cell.number_format = _BORDER, _WHOLE
            if column == 1:
                cell.alignment = Alignment() if agency else _INDENT
            elif isinstance(value, str):
                cell.alignment = _CENTRE
            if agency:
                cell.font, cell.fill = _BOLD, _AGENCY
            if 0 <= column - 2 < len(line.days) and column - 2 in line.closed:
                cell.fill = _CLOSED

    def _figures(
        self, sheet: Worksheet, row: int, line: ReportRow, name: str, *, agency: bool = False
    ) -> None:
        everything = self._report.total.issued
        values: list[tuple[str | float | None, str]] = [
            (name, "General"),
            (line.issued, _WHOLE),
            (_part(line.issued, everything), _SHARE),
            (line.open_days, _WHOLE),
            (line.issued / line.open_days if line.open_days else None, _DECIMAL),
            (line.priority, _WHOLE),
            (_part(line.priority, line.issued), _SHARE),
            (line.offline if line.connected else None, _WHOLE),
            (_part(line.offline, line.connected), _SHARE),
            (line.void, _WHOLE),
        ]
        if self._report.timed:
            for spread in (line.waiting, line.serving):
                values += [(minutes, _DECIMAL) for minutes in _minutes(spread)]
        for column, (value, form) in enumerate(values, start=1):
            cell = sheet.cell(row, column)
            _put(cell, value)
            cell.border, cell.number_format = _BORDER, form
            if column == 1 and not agency:
                cell.alignment = _INDENT
            if agency:
                cell.font, cell.fill = _BOLD, _AGENCY

    def _for_paper(self, sheet: Worksheet, repeated: str | None) -> None:
        """A4 across, as wide as the page, the head on each page."""
        sheet.page_setup.paperSize = 9  # A4 (ECMA-376 part 1, 18.3.1.63)
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.oddFooter.right.text = "&P / &N"
        if repeated is not None:
            sheet.print_title_rows = repeated

    def _chart(self, sheet: Worksheet, top: int, total: int, days: int) -> None:
        """The numbers by day as bars, below the table."""
        chart = BarChart()
        chart.title, chart.legend = self._say("report.plot.days"), None
        chart.width, chart.height = 32, 8
        chart.add_data(
            Reference(sheet, min_col=2, max_col=days + 1, min_row=total, max_row=total),
            from_rows=True,
        )
        chart.set_categories(Reference(sheet, min_col=2, max_col=days + 1, min_row=top))
        chart.x_axis.delete = chart.y_axis.delete = False
        sheet.add_chart(chart, f"A{total + 2}")


def _put(cell: object, value: str | float | None) -> None:
    """Store a value; a text never as a formula."""
    if not isinstance(cell, Cell):
        raise TypeError("a merged cell takes no value")
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
    else:
        cell.value = value


def _part(part: int, of: int) -> float | None:
    return part / of if of else None


def _minutes(spread: Spread | None) -> tuple[float | None, ...]:
    if spread is None:
        return (None, None, None)
    return tuple(seconds / 60 for seconds in (spread.mean_s, spread.p50_s, spread.p90_s))
