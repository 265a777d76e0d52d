"""A past month is reported with the menus of its days, not with today's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from reports.figures import DayCount, MonthCounts, MonthReport, month_report
from reports.menus import KeptMenu, month_menus
from reports.notes import notes
from reports.texts import day_name
from tests.reports.months import NOVEMBER, menu_of

OCTOBER = """
version: 1
site: {name: MPP Lama, timezone: Asia/Jakarta, languages: [id, en]}
hours: {mon-fri: "08:00-14:00"}
closures: [{date: 2026-11-10, reason: Hari Pahlawan}]
agencies:
  - {code: a, prefix: A, name: Dinas A, services: [{code: a1, name: Satu}, {code: a2, name: Dua}]}
  - {code: c, prefix: C, name: Dinas C, services: [{code: c1, name: Tiga}]}
"""
"""In force from 1 October."""

MIDDLE = OCTOBER.replace("name: Dinas A", "name: Badan A").replace("{code: a2, name: Dua}", "")
"""From 16 November: A has another name, and a2 is gone."""

TODAY = """
version: 1
site: {name: MPP Baru, timezone: Asia/Jakarta, languages: [id, en]}
hours: {mon-fri: "08:00-14:00"}
agencies:
  - {code: b, prefix: B, name: Dinas B, services: [{code: b1, name: Empat}]}
"""
"""From 5 December: another name of the site, no closure, another agency."""

KEPT = [
    KeptMenu(date(2026, 10, 1), OCTOBER.encode()),
    KeptMenu(date(2026, 11, 16), TODAY.encode()),
    KeptMenu(date(2026, 11, 16), MIDDLE.encode()),
    KeptMenu(date(2026, 12, 5), TODAY.encode()),
]
DAYS = (
    DayCount(date(2026, 11, 2), "a2", 4),
    DayCount(date(2026, 11, 3), "c1", 3),
    DayCount(date(2026, 11, 17), "a1", 5),
)


def november(
    kept: list[KeptMenu], days: tuple[DayCount, ...] = DAYS, today: date = date(2027, 1, 9)
) -> MonthReport:
    menus = month_menus(NOVEMBER, kept, menu_of(TODAY), {count.service for count in days})
    counted = MonthCounts(days)
    return month_report(menus, NOVEMBER, counted, today=today, language="id", removed="Tiada")


def rows(report: MonthReport) -> list[tuple[str, list[tuple[str, int]]]]:
    return [(a.agency.name, [(s.name, s.issued) for s in a.services]) for a in report.agencies]


def test_names_and_removed_services_are_those_of_the_month() -> None:
    report = november(KEPT)
    assert report.site == "MPP Lama"
    assert rows(report) == [
        ("Badan A", [("Satu", 5), ("Dua", 4)]),
        ("Dinas C", [("Tiga", 3)]),
    ]
    assert report.total.issued == 12


def test_closed_days_are_those_of_the_menu_of_each_day() -> None:
    report = november(KEPT)
    one, two = report.agencies[0].services
    weekend = {i for i, day in enumerate(report.dates) if day.weekday() > 4}
    assert one.closed == weekend | {9}
    assert two.closed == weekend | {9} | set(range(15, 30)), "not in the menu from the 16th on"
    assert (one.open_days, two.open_days) == (20, 9)
    assert report.agencies[0].agency.closed == weekend | {9}
    assert [(c.date.day, c.reason) for c in report.closures] == [(10, "Hari Pahlawan")]


def test_a_service_of_another_time_is_found_by_name_and_an_unknown_one_by_code() -> None:
    days = (*DAYS, DayCount(date(2026, 11, 4), "b1", 2), DayCount(date(2026, 11, 4), "zz", 1))
    assert rows(november(KEPT, days))[2:] == [("Dinas B", [("Empat", 2)]), ("Tiada", [("zz", 1)])]
    assert "Dinas B" not in str(rows(november(KEPT))), "without a number it has no row"


def test_a_month_before_the_first_kept_menu_has_that_one() -> None:
    later = [replace(KEPT[2], since=date(2026, 11, 20)), KEPT[3]]
    report = november(later)
    assert rows(report)[0] == ("Badan A", [("Satu", 5)])
    assert any(day_name("id", date(2026, 11, 20)) in note for note in notes(report))
    assert not any(day_name("id", date(2026, 10, 1)) in note for note in notes(november(KEPT)))


@pytest.mark.parametrize("kept", [[], [KeptMenu(date(2026, 10, 1), b"broken: [")]])
def test_without_a_readable_menu_it_is_the_one_in_use(kept: list[KeptMenu]) -> None:
    report = november(kept)
    assert report.site == "MPP Baru"
    assert rows(report)[1] == ("Tiada", [("a1", 5), ("a2", 4), ("c1", 3)])
    assert any("berlaku sekarang" in note for note in notes(report))


def test_a_file_that_is_refused_today_leaves_the_one_before_it() -> None:
    kept = [KEPT[0], KeptMenu(date(2026, 11, 16), b"broken: [")]
    assert rows(november(kept))[0] == ("Dinas A", [("Satu", 5), ("Dua", 4)])
