"""The PDF: its pages rendered and read back with PDFium."""

from __future__ import annotations

from contextlib import closing
from datetime import date

import pypdfium2
import pytest

from reports.document import document
from reports.figures import MonthCounts, MonthReport
from reports.texts import whole
from tests.reports.months import MADE_AT, NOVEMBER, balikpapan, counts, menu_of, report_of

A4_ACROSS = (842, 595)


def pages(report: MonthReport) -> list[str]:
    """The text of each page, checked to be A4 across, with ink and clear edges."""
    found = []
    with closing(pypdfium2.PdfDocument(document(report, MADE_AT))) as pdf:
        for page in pdf:
            assert tuple(round(side) for side in page.get_size()) == A4_ACROSS
            picture = page.render(scale=0.5, grayscale=True).to_pil()
            wide, tall = picture.size
            inked = picture.point(lambda level: 255 if level < 200 else 0).getbbox()
            assert inked is not None
            left, top, right, bottom = inked
            assert min(left, top, wide - right, tall - bottom) >= 10, "beyond the margin"
            with closing(page.get_textpage()) as text:
                found.append(text.get_text_range())
    return found


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_service_and_sum_is_in_it(language: str) -> None:
    report = report_of(counts(balikpapan(), NOVEMBER), language=language)
    said = pages(report)
    assert len(said) <= 8
    text = " ".join(" ".join(said).split())
    title = {"id": "Laporan antrean November 2026", "en": "Queue report November 2026"}
    assert text.startswith(title[language])
    assert text.count(whole(language, report.total.issued)) >= 3
    assert ("1.234" if language == "id" else "1,234") == whole(language, 1234)
    for one in report.agencies:
        assert one.agency.name in text
        for service in one.services:
            assert service.name[:20] in text, service.name


@pytest.mark.parametrize("month", [date(2027, 2, 1), date(2026, 12, 1)])
def test_holidays_are_named(month: date) -> None:
    report = report_of(counts(balikpapan(), month), month=month)
    text = " ".join(" ".join(pages(report)).split())
    assert report.closures
    for closure in report.closures:
        assert closure.reason in text


def test_a_month_without_a_number_says_so() -> None:
    assert "Belum ada nomor pada bulan ini." in pages(report_of(MonthCounts()))[0]


def test_long_names_and_many_services_stay_on_the_page() -> None:
    services = ", ".join(
        f"{{code: s{n}, name: 'Layanan dengan nama yang sangat panjang sekali nomor {n} dari 150'}}"
        for n in range(150)
    )
    menu = menu_of(
        "version: 1\nsite: {name: MPP Besar, timezone: Asia/Jakarta}\n"
        "hours: {mon-fri: '08:00-14:00'}\n"
        f"agencies: [{{code: a, prefix: A, name: '{'Dinas ' * 12}', services: [{services}]}}]\n"
    )
    said = pages(report_of(counts(menu, NOVEMBER), menu))
    assert sum("(lanjutan)" in page for page in said) >= 3
