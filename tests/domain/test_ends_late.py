"""Whether a wait ends before closing, against a count of the minutes that counters work."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.live import Ahead
from kiosk.domain.visit_state import (
    KioskSnapshot,
)
from menu.schedule import Period, Season, Week, WeeklyHours
from tests.domain.menus import MENU

DAYS = (
    (date(2026, 11, 27), ZoneInfo("Asia/Makassar")),
    (date(2028, 2, 29), ZoneInfo("Asia/Jayapura")),
    (date(2027, 3, 28), ZoneInfo("Europe/Berlin")),  # 23 hours
    (date(2027, 10, 31), ZoneInfo("Europe/Berlin")),  # 25 hours
)
FIVE = 5
"""Hours, moments and waits are multiples of five minutes: the count steps by so many."""


@st.composite
def periods(draw: st.DrawFn) -> tuple[Period, ...]:
    """One to three periods of a day, from 04:00, after the hour that a change of time skips."""
    edges = draw(st.lists(st.integers(48, 287), min_size=2, max_size=6, unique=True).map(sorted))
    times = [time(edge // 12, edge % 12 * FIVE) for edge in edges[: len(edges) // 2 * 2]]
    return tuple(Period(a, b) for a, b in zip(times[::2], times[1::2], strict=True))


@st.composite
def weeks(draw: st.DrawFn) -> WeeklyHours:
    hours = WeeklyHours((draw(periods()),) * 7, break_closed=draw(st.booleans()))
    if draw(st.booleans()):
        season = Season(date(2026, 1, 1), date(2028, 12, 31), Week((draw(periods()),) * 7))
        hours = replace(hours, seasons=(season,))
    return hours


def ends_late_by_count(hours: WeeklyHours, now: datetime, wait: int) -> bool:
    """Let the day pass in steps and subtract from the wait while a period runs."""
    left, moment = wait, now
    while left > 0:
        local = moment.astimezone(now.tzinfo)
        if local.date() != now.date():
            return True
        if any(p.start <= local.time() < p.end for p in hours.periods(now.date())):
            left -= FIVE
        moment = (moment.astimezone(ZoneInfo("UTC"))) + timedelta(minutes=FIVE)
    return False


def judged(hours: WeeklyHours, now: datetime, wait: int) -> bool:
    found = MENU.service("ktp")
    assert found is not None
    snapshot = KioskSnapshot(MENU, now, 1.0)
    return snapshot.ends_late(replace(found.service, hours=hours), Ahead(3, (0, wait)))


@settings(max_examples=150)
@given(weeks(), st.sampled_from(DAYS), st.integers(0, 287), st.integers(1, 120))
def test_a_wait_is_late_when_the_minutes_of_work_do_not_suffice(
    hours: WeeklyHours, day: tuple[date, ZoneInfo], at: int, steps: int
) -> None:
    now = datetime.combine(day[0], time(at // 12, at % 12 * FIVE), day[1])
    assert judged(hours, now, steps * FIVE) is ends_late_by_count(hours, now, steps * FIVE)


@pytest.mark.parametrize(
    ("now", "wait", "late"),
    [
        (time(7, 45), 240, False),  # half an hour before opening takes nothing off the four hours
        (time(7, 45), 245, True),
        (time(11, 0), 120, False),  # the break is left out: 60 minutes before it, 60 after it
        (time(11, 0), 125, True),  # by the clock this ends at 13:05, well before 14:00
        (time(12, 30), 60, False),
        (time(12, 30), 65, True),
        (time(14, 5), 5, True),
        (time(11, 0), 0, False),
    ],
)
def test_a_break_is_no_time_of_service(now: time, wait: int, late: bool) -> None:
    day = (Period(time(9), time(12)), Period(time(13), time(14)))
    moment = datetime.combine(*DAYS[0][:1], now, DAYS[0][1])
    assert judged(WeeklyHours((day,) * 7), moment, wait) is late


def test_a_day_that_ends_early_counts_to_its_own_end() -> None:
    """Ramadan: the last period ends at 15:00, in the usual week at 16:00."""
    usual, short = ((Period(time(8), time(end)),) for end in (16, 15))
    season = Season(date(2026, 11, 1), date(2026, 11, 30), Week((short,) * 7))
    hours = WeeklyHours((usual,) * 7, seasons=(season,))
    moment = datetime.combine(DAYS[0][0], time(14), DAYS[0][1])
    assert judged(hours, moment, 65)
    assert not judged(replace(hours, seasons=()), moment, 65)
