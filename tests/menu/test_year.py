"""Single dates: holidays, seasons, holidays that are open; the days that staff are shown."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from menu.agencies import check_menu
from menu.catalogue import Catalogue
from menu.holidays import holidays_of
from menu.local_text import LocalText
from menu.schedule import (
    Closure,
    Opening,
    Period,
    Season,
    TicketWindow,
    Week,
    WeeklyHours,
    Why,
    by_date,
    opening,
)
from menu.year import calendar, check_notices, fewer_agencies, notices

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = (ROOT / "config" / "agencies.yaml").read_text(encoding="utf-8")
WITA = ZoneInfo("Asia/Makassar")

DECREED = """
2026-12-24 2026-12-25 2027-01-01 2027-01-05 2027-02-05 2027-03-08 2027-03-09 2027-03-10 2027-03-11
2027-03-12 2027-03-15 2027-03-25 2027-03-26 2027-05-06 2027-05-17 2027-05-18 2027-05-19 2027-05-20
2027-06-01 2027-08-17 2027-12-24
"""
"""The working days without work from 2026-11-27 to 2027-12-31, by the joint decrees (SKB)."""


def menu_of(text: str) -> Catalogue:
    checked = check_menu(text.encode(), "agencies.yaml")
    assert checked.catalogue is not None, [str(p) for p in checked.problems]
    return checked.catalogue


def answer(menu: Catalogue, service: str, now: datetime) -> Opening:
    found = menu.service(service)
    assert found is not None
    return opening(found.service.hours, menu.window, menu.closed, found.agency.code, now)


def days(first: date, last: date) -> Iterator[date]:
    for ahead in range((last - first).days + 1):
        yield first + timedelta(days=ahead)


def test_the_shipped_list_is_what_the_package_says() -> None:
    made = subprocess.run(
        [sys.executable, ROOT / "script" / "holidays", "--check"], capture_output=True, text=True
    )
    assert (made.returncode, made.stderr) == (0, "")


def test_the_shipped_menu_is_right_on_every_day_to_the_end_of_2027() -> None:
    """Each service at each quarter of an hour, against the decree and the file's plain hours."""
    menu = menu_of(SHIPPED)
    off = {date.fromisoformat(day) for day in DECREED.split()}
    shut = {0: (14, 0), 1: (14, 0), 2: (14, 0), 3: (14, 0), 4: (11, 0)}
    some = {(f.service.hours, f.agency.code): f for f in menu.services()}
    one_of_each = {hours: found for (hours, _), found in some.items()}.values()
    for day in days(date(2026, 11, 27), date(2027, 12, 31)):
        for quarter in range(24 * 4):
            clock = time(quarter // 4, quarter % 4 * 15)
            now = datetime.combine(day, clock, WITA)
            works = day.weekday() in shut and day not in off
            gives = works and time(7, 45) <= clock < earlier(shut[day.weekday()], 15)
            for found in one_of_each:
                said = answer(menu, found.service.code, now)
                assert said.open is gives, (now, found.service.code)
                if not gives and day in off:
                    assert said.why is Why.HOLIDAY


def earlier(clock: tuple[int, int], minutes: int) -> time:
    return (datetime(2000, 1, 1, *clock, tzinfo=WITA) - timedelta(minutes=minutes)).time()


def test_the_way_back_leads_over_all_holidays() -> None:
    """From the eve of the Idul Fitri of 2027 to the Tuesday after it, with its holiday named."""
    menu = menu_of(SHIPPED)
    eve = answer(menu, "ktp-el", datetime(2027, 3, 5, 12, tzinfo=WITA))
    assert (eve.why, eve.opens) == (Why.CUTOFF, datetime(2027, 3, 16, 7, 45, tzinfo=WITA))
    feast = answer(menu, "ktp-el", datetime(2027, 3, 10, 9, tzinfo=WITA))
    assert feast.reason is not None
    assert feast.reason.in_("en") == "Eid al-Fitr"
    assert feast.opens == eve.opens


HEAD = """version: 1
site: {name: MPP, timezone: Asia/Makassar}
hours: {mon-fri: "08:00-14:00"}
"""
AGENCIES = """agencies:
  - code: a
    prefix: A
    name: A
    services: [{code: a1, name: A1}]
  - code: b
    prefix: B
    name: B
    hours: {tue: "08:00-11:00"}
    services: [{code: b1, name: B1}, {code: b2, name: B2, hours: {tue: "10:00-16:00"}}]
"""
RAMADAN = (
    'hours_between:\n  - {from: 2027-02-08, to: 2027-03-07, hours: {mon-thu: "09:00-13:00"}}\n'
)


def open_times(menu: Catalogue, service: str, day: date) -> list[str]:
    """When counters of a service are open on ``day``."""
    found = menu.service(service)
    assert found is not None
    return [f"{p.start:%H:%M}-{p.end:%H:%M}" for p in found.service.hours.periods(day)]


def test_a_season_of_the_site_opens_no_agency_that_is_closed() -> None:
    menu = menu_of(HEAD + RAMADAN + AGENCIES)
    tuesday, wednesday, friday = date(2027, 2, 9), date(2027, 2, 10), date(2027, 2, 12)
    assert open_times(menu, "a1", tuesday) == ["09:00-13:00"]
    assert open_times(menu, "a1", friday) == []
    assert open_times(menu, "b1", tuesday) == ["09:00-11:00"]
    assert open_times(menu, "b2", tuesday) == ["10:00-13:00"]
    assert open_times(menu, "b1", wednesday) == []
    assert open_times(menu, "a1", date(2027, 2, 5)) == ["08:00-14:00"]
    assert open_times(menu, "a1", date(2027, 3, 8)) == ["08:00-14:00"]


def test_the_narrowest_season_counts() -> None:
    own = (
        '    hours_between: [{from: 2027-02-09, to: 2027-02-10, hours: {tue-wed: "07:00-08:00"}}]\n'
    )
    text = HEAD + RAMADAN + AGENCIES.replace("    name: B\n", "    name: B\n" + own)
    menu = menu_of(text)
    assert open_times(menu, "b1", date(2027, 2, 9)) == ["07:00-08:00"]
    assert open_times(menu, "b1", date(2027, 2, 10)) == ["07:00-08:00"]
    assert open_times(menu, "b2", date(2027, 2, 9)) == []
    assert open_times(menu, "b1", date(2027, 2, 16)) == ["09:00-11:00"]
    assert open_times(menu, "a1", date(2027, 2, 9)) == ["09:00-13:00"]


@pytest.mark.parametrize(
    ("line", "a1", "b1", "b2"),
    [
        ("open_on: [2027-03-09]\n", True, True, True),
        ("", False, False, False),
        ("agency", False, True, True),
        ("service", False, False, True),
        ("joint", True, True, True),
    ],
)
def test_a_listed_day_may_be_open_for_the_site_an_agency_or_a_service(
    line: str, a1: bool, b1: bool, b2: bool
) -> None:
    """2027-03-09 is a Tuesday of joint leave."""
    holidays = "holidays: {country: ID}\n"
    agencies = AGENCIES
    if line == "agency":
        agencies = agencies.replace("    name: B\n", "    name: B\n    open_on: 2027-03-09\n")
        line = ""
    elif line == "service":
        agencies = agencies.replace("name: B2,", "name: B2, open_on: [2027-03-09],")
        line = ""
    elif line == "joint":
        holidays, line = "holidays: {country: ID, joint_leave: open}\n", ""
    menu = menu_of(HEAD + holidays + line + agencies)
    ten = datetime(2027, 3, 9, 10, 30, tzinfo=WITA)
    assert [answer(menu, code, ten).open for code in ("a1", "b1", "b2")] == [a1, b1, b2]


def test_what_staff_close_is_closed_whatever_the_list_says() -> None:
    text = HEAD + "open_on: [2027-03-09]\nholidays: {country: ID}\n" + AGENCIES
    closures = "closures: [{date: 2027-03-09, reason: Rapat, agencies: [b]}]\n"
    menu = menu_of(text + closures)
    ten = datetime(2027, 3, 9, 10, 30, tzinfo=WITA)
    assert [answer(menu, code, ten).open for code in ("a1", "b1")] == [True, False]
    both = check_menu((text + "closures: [{date: 2027-03-09, reason: Rapat}]\n").encode(), "a.yaml")
    assert ["closures" in str(p) for p in both.errors] == [True]


def test_the_days_say_who_is_open_and_why_others_are_not() -> None:
    text = HEAD + "closures: [{date: 2026-12-01, reason: Rapat, agencies: [a]}]\n" + AGENCIES
    tuesday, wednesday = calendar(menu_of(text), date(2026, 12, 1), date(2026, 12, 2))
    assert [a.agency.code for a in tuesday.open] == ["b"]
    assert [(p.start.hour, p.end.hour) for p in tuesday.open[0].periods] == [(8, 16)]
    (shut,) = tuesday.closed
    assert shut.closure is not None
    assert shut.closure.reason.in_("id") == "Rapat"
    assert [(a.agency.code, a.closure) for a in wednesday.closed] == [("b", None)]


def said(text: str, today: date) -> list[tuple[str, bool]]:
    return [(notice.text, notice.warning) for notice in notices(menu_of(text), today, "en")]


def test_staff_are_told_what_is_closed_in_the_coming_sixty_days() -> None:
    text = HEAD + "holidays: {country: ID}\n" + AGENCIES
    told = said(text, date(2027, 2, 28))
    assert ("2027-03-08 closed: Day of Silence", False) in told
    assert any(line.startswith("2027-03-10 closed: Eid al-Fitr (estimated;") for line, _ in told)
    assert not any(warning for _, warning in told)


def test_staff_are_warned_of_holidays_that_the_menu_forgets() -> None:
    told = said(
        HEAD + "closures: [{date: 2026-12-25, reason: Natal}]\n" + AGENCIES, date(2026, 12, 1)
    )
    warned = [line[9:19] for line, warning in told if warning]
    assert warned == ["2026-12-24", "2027-01-01", "2027-01-05"]
    assert not [
        w for _, w in said(HEAD + "open_on: [2026-12-24]\n" + AGENCIES, date(2026, 10, 25)) if w
    ]
    abroad = HEAD.replace("Asia/Makassar", "Asia/Dili") + AGENCIES
    assert said(abroad, date(2026, 12, 1)) == []


def test_a_closure_of_one_agency_does_not_hide_that_others_work_on_a_holiday() -> None:
    one = "closures: [{date: 2027-03-10, reason: Rapat, agencies: [b]}]\n"
    wednesday = HEAD.replace("mon-fri", "mon-sun")
    warned = [line for line, w in said(wednesday + one + AGENCIES, date(2027, 3, 9)) if w]
    assert any("2027-03-10" in line for line in warned)
    agencies = AGENCIES.replace("    name: A\n", "    name: A\n    open_on: 2027-03-10\n")
    warned = [line for line, w in said(wednesday + one + agencies, date(2027, 3, 9)) if w]
    assert not any("2027-03-10" in line for line in warned)


def test_staff_are_warned_of_a_season_that_leaves_an_agency_no_hours() -> None:
    season = (
        'hours_between: [{from: 2027-02-08, to: 2027-03-07, hours: {mon-thu: "12:00-15:00"}}]\n'
    )
    warned = [line for line, w in said(HEAD + season + AGENCIES, date(2027, 2, 1)) if w]
    (told,) = [line for line in warned if "hours_between" in line]
    assert "from 2027-02-08 to 2027-03-07 the hours of B " in told
    assert not any(
        "hours of" in line for line, _ in said(HEAD + RAMADAN + AGENCIES, date(2027, 2, 1))
    )
    assert not any(
        "hours of" in line for line, _ in said(HEAD + season + AGENCIES, date(2027, 3, 8))
    )


def test_staff_are_warned_before_the_list_ends() -> None:
    text = HEAD + "holidays: {country: ID}\n" + AGENCIES
    last = date(holidays_of("ID").decreed, 12, 31)
    assert not [w for _, w in said(text, last - timedelta(days=60)) if w]
    assert [w for _, w in said(text, last - timedelta(days=59)) if w] == [True]


# ── against a slow reference ─────────────────────────────────────────────────────────────────────

START = date(2026, 12, 20)
REACH = 16
"""Days in which the random closures, seasons and moments lie, over a new year."""


@dataclass(frozen=True)
class Scope:
    """What the file says for the site, an agency or a service."""

    week: Week | None
    seasons: tuple[Season, ...] = ()
    open_on: frozenset[date] = frozenset()


def minutes(week: Week, day: date) -> set[int]:
    """The minutes of ``day`` at which counters are open."""
    found: set[int] = set()
    for period in week.days[day.weekday()]:
        begin = period.start.hour * 60 + period.start.minute
        found |= set(range(begin, period.end.hour * 60 + period.end.minute))
    return found


def reference(
    scopes: tuple[Scope, ...], window: TicketWindow, closures: list[Closure], moment: datetime
) -> bool:
    """Whether numbers are given, from the rules in the words of docs/configuration.md.

    ``scopes``: site, agency, service.
    """
    day, now = moment.date(), moment.hour * 60 + moment.minute
    for closure in closures:
        mine = not closure.agencies or "a" in closure.agencies
        opened = closure.listed and any(day in scope.open_on for scope in scopes)
        if closure.date == day and mine and not opened:
            return False
    level, chosen = -1, None
    for i, scope in enumerate(scopes):
        for season in scope.seasons:
            if season.first <= day <= season.last:
                level, chosen = i, season.week
    own, week = max((i, s.week) for i, s in enumerate(scopes) if s.week is not None)
    applied = [week] if chosen is None else [chosen]
    if chosen is not None and own > level:
        applied.append(week)
    open_minutes = set.intersection(*(minutes(week, day) for week in applied))
    if not open_minutes:
        return False
    runs: list[list[int]] = []
    for minute in sorted(open_minutes):
        if runs and minute == runs[-1][1]:
            runs[-1][1] = minute + 1
        else:
            runs.append([minute, minute + 1])
    if not any(week.break_closed for week in applied):
        runs = [[runs[0][0], runs[-1][1]]]
    runs[0][0] = max(0, runs[0][0] - window.open_minutes_before)
    runs[-1][1] -= window.stop_minutes_before
    return any(begin <= now < end for begin, end in runs)


quarter_clocks = st.integers(0, 24 * 4 - 1).map(lambda q: time(q // 4, q % 4 * 15))
dates = st.integers(0, REACH - 1).map(lambda ahead: START + timedelta(days=ahead))


@st.composite
def weeks(draw: st.DrawFn) -> Week:
    kinds = []
    for _ in range(2):
        edges = sorted(draw(st.sets(quarter_clocks, max_size=4)))
        pairs = zip(edges[::2], edges[1::2], strict=False)
        kinds.append(tuple(Period(a, b) for a, b in pairs))
    return Week(tuple(kinds[draw(st.integers(0, 1))] for _ in range(7)), draw(st.booleans()))


@st.composite
def scopes(draw: st.DrawFn, week: st.SearchStrategy[Week | None]) -> Scope:
    seasons = []
    if draw(st.booleans()):
        first = draw(dates)
        last = first + timedelta(days=draw(st.integers(0, 6)))
        seasons.append(Season(first, last, draw(weeks())))
    return Scope(draw(week), tuple(seasons), draw(st.frozensets(dates, max_size=3)))


closures_of = st.builds(
    Closure,
    dates,
    st.just(LocalText.same("x")),
    st.sampled_from([(), ("a",), ("b",), ("b", "a")]),
    listed=st.booleans(),
)


def merged(site: Scope, agency: Scope, service: Scope) -> WeeklyHours:
    """As ``build_catalogue`` merges them."""
    hours = WeeklyHours(((),) * 7)
    for scope in (site, agency, service):
        own = None if scope.week is None else WeeklyHours(scope.week.days, scope.week.break_closed)
        hours = hours.within(own)
        hours = replace(
            hours, seasons=scope.seasons + hours.seasons, open_on=hours.open_on | scope.open_on
        )
    return hours


zones = st.sampled_from([WITA, ZoneInfo("UTC")])


@settings(max_examples=150)
@given(
    scopes(weeks()),
    scopes(st.none() | weeks()),
    scopes(st.none() | weeks()),
    st.builds(TicketWindow, st.sampled_from([0, 15, 30]), st.sampled_from([0, 15])),
    st.lists(closures_of, max_size=4),
    st.tuples(dates, quarter_clocks),
    zones,
)
def test_the_schedule_agrees_with_a_slow_reference(
    site: Scope,
    agency: Scope,
    service: Scope,
    window: TicketWindow,
    closures: list[Closure],
    moment: tuple[date, time],
    zone: ZoneInfo,
) -> None:
    """Open now, and otherwise open again at the first quarter of an hour that the reference opens
    within two days."""
    now = datetime.combine(*moment, zone)
    three = (site, agency, service)
    told = opening(merged(*three), window, by_date(closures), "a", now)
    assert told.open is reference(three, window, closures, now)
    steps = [now + timedelta(minutes=15 * step) for step in range(1, 2 * 24 * 4)]
    if told.open:
        shut = next((s for s in steps if not reference(three, window, closures, s)), None)
        assert told.until is not None
        if told.until in steps and shut is not None:
            assert told.until <= shut
        assert reference(three, window, closures, told.until - timedelta(minutes=1))
    else:
        again = next((s for s in steps if reference(three, window, closures, s)), None)
        if again is not None:
            assert told.opens == again
        elif told.opens is not None:
            assert told.opens > steps[-1]


def test_the_file_is_merged_as_the_reference_merges() -> None:
    """``merged`` above, against a file with exceptions at all three levels."""
    text = HEAD + RAMADAN + "open_on: [2026-12-24]\nholidays: {country: ID}\n" + AGENCIES
    text = text.replace("name: B2,", "name: B2, open_on: [2026-12-25],")
    found = menu_of(text).service("b2")
    raw = yaml.safe_load(text)
    assert found is not None
    assert found.service.hours.open_on == {*raw["open_on"], date(2026, 12, 25)}
    usual = WeeklyHours(found.service.hours.days)
    assert [p.end.hour for p in usual.days[1]] == [16]
    (season,) = found.service.hours.wider
    assert (season.first, season.last) == (date(2027, 2, 8), date(2027, 3, 7))
    tuesday = found.service.hours.periods(date(2027, 2, 9))
    assert [(p.start.hour, p.end.hour) for p in tuesday] == [(10, 13)]


def test_a_closure_of_last_year_is_named_once() -> None:
    closures = "closures:\n" + "".join(
        f"  - {{date: {day}, reason: Libur}}\n"
        for day in ("2026-01-02", "2026-01-05", "2027-01-04")
    )
    menu, today = menu_of(HEAD + closures + AGENCIES), date(2026, 11, 27)
    plain = [notice.text for notice in notices(menu, today, "en")]
    first, *rest = check_notices(menu, today, "en")
    assert "days that are past (2026-01-02, 2026-01-05)" in first.text
    assert (first.warning, [notice.text for notice in rest]) == (True, plain)
    assert len(check_notices(menu, date(2026, 1, 2), "en")) == len(
        notices(menu, date(2026, 1, 2), "en")
    )


def test_a_file_that_was_cut_off_names_the_agencies_that_are_gone() -> None:
    used = menu_of(HEAD + AGENCIES)
    cut = replace(used, agencies=used.agencies[:1])
    (notice,) = fewer_agencies(used, cut, "en")
    assert f"has {len(used.agencies) - 1} agenc" in notice.text
    assert fewer_agencies(cut, used, "en") == []
