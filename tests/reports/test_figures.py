"""The figures of a month: sums, closed days, services that the menu no longer has."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.figures import DayCount, MonthCounts, Spread, Times, dates_of
from reports.files import last_month, month_of
from reports.notes import heading, notes
from reports.texts import day_name
from reports.values import report_values
from tests.reports.months import MADE_AT, NOVEMBER, balikpapan, counts, menu_of, report_of

SMALL = """
version: 1
site: {name: MPP Kecil, timezone: Asia/Jakarta, languages: [id, en]}
hours: {mon-fri: "08:00-14:00"}
closures:
  - {date: 2026-11-10, reason: {id: Hari Pahlawan, en: Heroes' Day}}
  - {date: 2026-11-11, reason: {id: Pelatihan, en: Training}, agencies: [a]}
agencies:
  - {code: a, prefix: A, name: Dinas A, services: [{code: a1, name: Satu}, {code: a2, name: Dua}]}
  - code: b
    prefix: B
    name: Dinas B
    hours: {tue: "08:00-12:00"}
    services: [{code: b1, name: Tiga}]
"""


@pytest.mark.parametrize(
    ("month", "days"), [("2026-11", 30), ("2026-12", 31), ("2027-02", 28), ("2028-02", 29)]
)
def test_a_month_has_its_days(month: str, days: int) -> None:
    dates = dates_of(month_of(month))
    assert [day.day for day in dates] == list(range(1, days + 1))
    assert {f"{day:%Y-%m}" for day in dates} == {month}


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "11-2026", "2026-11-01", "", "２０２６-11"])
def test_other_texts_are_no_month(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        month_of(text)


def test_without_a_month_it_is_the_one_before() -> None:
    assert last_month(date(2027, 1, 31)) == date(2026, 12, 1)
    assert last_month(date(2026, 11, 1)) == date(2026, 10, 1)


def test_the_sums_of_days_services_and_agencies_agree() -> None:
    counted = counts(balikpapan(), date(2026, 11, 1))
    report = report_of(counted)
    issued = sum(count.issued for count in counted.days)
    by_service = Counter[str]()
    for count in counted.days:
        by_service[count.service] += count.issued
    assert report.total.issued == issued > 5000
    assert sum(one.agency.issued for one in report.agencies) == issued
    for one in report.agencies:
        assert one.agency.days == tuple(map(sum, zip(*(s.days for s in one.services), strict=True)))
        assert [s.issued for s in one.services] == [by_service[s.code] for s in one.services]
    assert report.total.priority == sum(count.priority for count in counted.days)
    assert report.total.void == sum(count.void for count in counted.days)
    assert sum(map(sum, report.hours)) == issued


def test_closed_days_are_those_of_the_menu() -> None:
    report = report_of(MonthCounts(), menu_of(SMALL))
    weekend = {i for i, day in enumerate(report.dates) if day.weekday() > 4}
    first, second = (one.agency for one in report.agencies)
    assert first.closed == weekend | {9, 10}
    tuesdays = {i for i, day in enumerate(report.dates) if day.weekday() == 1}
    assert second.closed == set(range(30)) - tuesdays | {9}
    assert report.total.closed == weekend | {9, 10}, (
        "on the 11th one is closed, and one never comes"
    )
    assert (first.open_days, second.open_days, report.total.open_days) == (19, 3, 19)
    assert [(c.date.day, c.reason, c.agencies) for c in report.closures] == [
        (10, "Hari Pahlawan", ()),
        (11, "Pelatihan", ("Dinas A",)),
    ]


def test_days_that_have_not_come_are_not_open_days() -> None:
    report = report_of(MonthCounts(), menu_of(SMALL), today=date(2026, 11, 4))
    assert (report.until, report.total.open_days) == (date(2026, 11, 4), 3)
    assert report_of(MonthCounts(), menu_of(SMALL), today=date(2026, 11, 30)).until is None


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_month_whose_first_days_were_deleted_says_so_in_its_heading(language: str) -> None:
    whole, later = NOVEMBER, date(2026, 11, 10)
    for complete_from, said in ((whole, False), (later, True)):
        report = report_of(MonthCounts(), language=language, complete_from=complete_from)
        day = day_name(language, later)
        assert (day in heading(report, MADE_AT)[0]) is said
        assert (day in notes(report)[0]) is said


@pytest.mark.parametrize("language", ["id", "en"])
def test_numbers_without_an_hour_are_in_the_notes(language: str) -> None:
    days = (DayCount(date(2026, 11, 2), "a1", 4), DayCount(date(2026, 11, 3), "b1", 3))
    for days_only, said in ((0, False), (3, True)):
        counted = MonthCounts(days, {(2, 9): 7 - days_only}, {}, days_only=days_only)
        report = report_of(counted, menu_of(SMALL), language=language)
        assert any(note.startswith("3 ") for note in notes(report)) is said
        assert report.total.issued == 7 == sum(map(sum, report.hours)) + report.days_only


def test_the_sums_of_a_small_month_by_hand() -> None:
    """a1: 4 and 6, a2: 5, b1: 10 on a day on which B is closed. Open days so far: A 4, B 1."""
    days = (
        DayCount(date(2026, 11, 2), "a1", 4, priority=1, offline=2, connected=4, void=1),
        DayCount(date(2026, 11, 3), "a1", 6, connected=6),
        DayCount(date(2026, 11, 3), "a2", 5, priority=2, connected=5),
        DayCount(date(2026, 11, 5), "b1", 10, void=3),
    )
    times = {"a1": Times((60, 120), (30,)), "a2": Times((600,))}
    counted = MonthCounts(days, {}, times)
    report = report_of(counted, menu_of(SMALL), today=date(2026, 11, 5))
    a, b = report.agencies
    assert [row.issued for row in (*a.services, a.agency, b.agency, report.total)] == [
        *(10, 5, 15, 10, 25),
    ]
    assert a.agency.days[:5] == (0, 4, 11, 0, 0)
    assert report.total.days[:5] == (0, 4, 11, 0, 10)
    total = report.total
    assert (total.priority, total.offline, total.connected, total.void) == (3, 2, 15, 4)
    assert (a.agency.open_days, b.agency.open_days, total.open_days) == (4, 1, 4)
    assert a.agency.waiting == total.waiting == Spread(3, 260.0, 120, 600)
    assert (a.agency.serving, b.agency.waiting) == (Spread(1, 30.0, 30, 30), None)


def test_numbers_of_a_removed_service_are_counted() -> None:
    days = (DayCount(date(2026, 11, 2), "a1", 4), DayCount(date(2026, 11, 3), "gone", 3, void=2))
    report = report_of(MonthCounts(days), menu_of(SMALL))
    last = report.agencies[-1]
    assert (last.agency.name, last.agency.issued) == ("Tidak ada lagi di menu", 3)
    assert [(row.name, row.void) for row in last.services] == [("gone", 2)]
    assert (report.total.issued, report.total.void) == (7, 2)
    assert 0 in report.total.closed, "a removed service opens no Sunday"


@given(st.lists(st.integers(0, 10_000), min_size=1))
def test_a_percentile_is_a_value_that_occurred(seconds: list[int]) -> None:
    spread = Spread.of(seconds)
    assert spread is not None
    for share, value in ((0.5, spread.p50_s), (0.9, spread.p90_s)):
        assert value in seconds
        assert sum(s <= value for s in seconds) >= share * len(seconds)
        assert sum(s < value for s in seconds) < share * len(seconds)


def test_json_has_the_same_figures() -> None:
    report = report_of(counts(balikpapan(), date(2026, 11, 1), timed=False), language="en")
    said = report_values(report)
    assert (said["month"], said["site"]) == ("2026-11", "Balikpapan Public Service Mall")
    total, agencies = said["total"], said["agencies"]
    assert isinstance(total, dict)
    assert isinstance(agencies, list)
    assert total["total"] == report.total.issued == sum(a["total"] for a in agencies)
    assert total["waiting_s"] is None
    assert total["closed"] == [1, 7, 8, 14, 15, 21, 22, 28, 29]
