"""The Excel file: every cell read back with openpyxl."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from reports.figures import MonthCounts, MonthReport
from reports.workbook import workbook
from tests.reports.months import MADE_AT, NOVEMBER, balikpapan, counts, menu_of, report_of


def read(report: MonthReport) -> Any:
    return openpyxl.load_workbook(io.BytesIO(workbook(report, MADE_AT)))


def matrix(sheet: Any) -> dict[str, list[Any]]:
    """The rows below the head by name; agencies and services of one name apart."""
    return {row[0]: list(row[1:]) for row in sheet.iter_rows(min_row=8, values_only=True) if row[0]}


@pytest.mark.parametrize(("language", "mark"), [("id", "L"), ("en", "C")])
def test_the_matrix_holds_every_figure(language: str, mark: str) -> None:
    report = report_of(counts(balikpapan(), NOVEMBER), language=language)
    sheet = read(report).worksheets[0]
    said = matrix(sheet)
    lines = [(one.agency.name, one.agency) for one in report.agencies]
    lines += [(s.name, s) for one in report.agencies for s in one.services]
    names = [name for name, _ in lines]
    for name, row in lines:
        if names.count(name) == 1:
            shown = [n if n or i not in row.closed else mark for i, n in enumerate(row.days)]
            assert said[name] == [*shown, row.issued], name
    everything = said["Semua instansi" if language == "id" else "All agencies"]
    assert everything[-1] == report.total.issued
    assert sum(n for n in everything[:-1] if isinstance(n, int)) == report.total.issued


def test_it_prints_on_a4_across_with_its_head_on_each_page() -> None:
    sheet = read(report_of(counts(balikpapan(), NOVEMBER))).worksheets[0]
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert (sheet.page_setup.fitToWidth, sheet.print_title_rows) == (1, "$6:$7")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.freeze_panes == "B8"


def test_a_name_that_looks_like_a_formula_is_text() -> None:
    menu = menu_of(
        "version: 1\nsite: {name: '=1+1', timezone: Asia/Jakarta}\n"
        "hours: {mon-fri: '08:00-14:00'}\n"
        "agencies: [{code: a, prefix: A, name: '=cmd|x', services: [{code: a1, name: '=2+2'}]}]\n"
    )
    book = read(report_of(MonthCounts(), menu))
    kinds = {
        cell.value: cell.data_type
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith("=")
    }
    assert kinds == {"=1+1": "s", "=cmd|x": "s", "=2+2": "s"}


@pytest.mark.parametrize("timed", [True, False])
def test_times_are_columns_only_where_they_are_known(timed: bool) -> None:
    sheet = read(report_of(counts(balikpapan(), NOVEMBER, timed=timed))).worksheets[1]
    head = [cell.value for cell in sheet[6]]
    assert ("Tunggu: median" in head) is timed
    total = [cell.value for cell in sheet[sheet.max_row]]
    report = report_of(counts(balikpapan(), NOVEMBER, timed=timed))
    assert total[1] == report.total.issued
    if timed:
        assert report.total.waiting is not None
        median = total[head.index("Tunggu: median")]
        assert median == pytest.approx(report.total.waiting.p50_s / 60)
