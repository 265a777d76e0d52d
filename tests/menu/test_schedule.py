"""Hours: when numbers are given, and the reason and next opening when they are not."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menu.local_text import LocalText
from menu.schedule import (
    Closure,
    Opening,
    Period,
    TicketWindow,
    WeeklyHours,
    Why,
    by_date,
    next_open_day,
    opening,
)
from tests.domain.menus import USUAL, at, hours

WINDOW = TicketWindow(open_minutes_before=30, stop_minutes_before=15)
FRIDAY = date(2026, 11, 27)
BREAKS = hours(*["08:15-12:00 13:00-14:00"] * 4, "08:15-11:00")


def ask(now: datetime, week: WeeklyHours = USUAL, closures: tuple[Closure, ...] = ()) -> Opening:
    return opening(week, WINDOW, by_date(closures), "dukcapil", now)


@pytest.mark.parametrize(
    ("now", "why", "opens"),
    [
        (at(7, 44), Why.NOT_YET, at(7, 45)),
        (at(7, 45), Why.OPEN, None),
        (at(13, 44), Why.OPEN, None),
        (at(13, 45), Why.CUTOFF, at(7, 45, date(2026, 11, 25))),
        (at(10, 45, FRIDAY), Why.CUTOFF, at(7, 45, date(2026, 11, 30))),
        (at(10, 0, date(2026, 11, 28)), Why.NOT_TODAY, at(7, 45, date(2026, 11, 30))),
        (at(0, 0), Why.NOT_YET, at(7, 45)),
        (at(23, 59), Why.CUTOFF, at(7, 45, date(2026, 11, 25))),
    ],
)
def test_window_against_the_hours(now: datetime, why: Why, opens: datetime | None) -> None:
    answer = ask(now)
    assert (answer.why, answer.opens) == (why, opens)


def test_open_says_until_when_and_closed_says_when_counters_open() -> None:
    assert ask(at(9)).until == at(13, 45)
    assert ask(at(7)).service_opens == at(8, 15)


def test_numbers_go_on_in_a_break_unless_it_is_closed() -> None:
    assert ask(at(12, 30), BREAKS).why is Why.OPEN
    strict = WeeklyHours(BREAKS.days, break_closed=True)
    answer = ask(at(12, 30), strict)
    assert (answer.why, answer.opens) == (Why.BREAK, at(13))
    assert ask(at(11, 59), strict).until == at(12)
    assert ask(at(13), strict).until == at(13, 45)


def test_closure_gives_its_reason_and_the_day_after() -> None:
    day = date(2026, 11, 24)
    reason = LocalText.of(id="Hari raya", en="Holiday")
    answer = ask(at(9), closures=(Closure(day, reason),))
    assert (answer.why, answer.reason) == (Why.HOLIDAY, reason)
    assert answer.opens == at(7, 45, date(2026, 11, 25))


def test_closure_of_another_agency_closes_nothing_here() -> None:
    day = date(2026, 11, 24)
    others = (Closure(day, LocalText.same("rapat"), ("imigrasi",)),)
    assert ask(at(9), closures=others).why is Why.OPEN
    mine = (Closure(day, LocalText.same("rapat"), ("dukcapil",)),)
    assert ask(at(9), closures=mine).why is Why.HOLIDAY


def test_an_agency_of_some_days_says_which() -> None:
    some = hours("", "09:00-11:00", "", "09:00-11:00")
    answer = ask(at(10, 0, date(2026, 11, 25)), some)
    assert (answer.why, answer.weekdays) == (Why.NOT_TODAY, (1, 3))
    assert answer.opens == at(8, 30, date(2026, 11, 26))


def test_no_hours_at_all_is_never() -> None:
    answer = ask(at(9), hours())
    assert (answer.why, answer.opens) == (Why.NEVER, None)


def test_a_window_shorter_than_its_cutoff_opens_never_but_raises_nothing() -> None:
    answer = opening(hours(*["09:00-09:10"] * 7), TicketWindow(0, 15), {}, "x", at(9, 5))
    assert not answer.open
    assert answer.opens is None


def test_the_window_never_reaches_into_the_day_before() -> None:
    early = hours(*["00:10-02:00"] * 7)
    assert opening(early, WINDOW, {}, "x", at(0, 0)).why is Why.OPEN
    assert opening(early, WINDOW, {}, "x", at(23, 59)).opens == at(0, 0, date(2026, 11, 25))


def test_next_open_day_skips_weekends_and_closures() -> None:
    friday_off = by_date([Closure(FRIDAY, LocalText.same("libur"))])
    assert next_open_day((USUAL,), {}, FRIDAY) == FRIDAY
    assert next_open_day((USUAL,), friday_off, FRIDAY) == date(2026, 11, 30)
    assert next_open_day((), {}, FRIDAY) == FRIDAY


clocks = st.times(min_value=time(0, 0), max_value=time(23, 59)).map(
    lambda t: t.replace(second=0, microsecond=0)
)


@st.composite
def weeks(draw: st.DrawFn) -> WeeklyHours:
    days = []
    for _ in range(7):
        edges = sorted(draw(st.sets(clocks, max_size=6)))
        pairs = zip(edges[::2], edges[1::2], strict=False)
        days.append(tuple(Period(a, b) for a, b in pairs))
    return WeeklyHours(tuple(days), draw(st.booleans()))


moments = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: at(0, 0, date(2026, 1, 1)) + timedelta(minutes=minutes)
)
windows = st.builds(TicketWindow, st.integers(0, 120), st.integers(0, 120))


@given(weeks(), windows, moments)
def test_the_answer_is_true_at_its_own_edges(
    week: WeeklyHours, window: TicketWindow, now: datetime
) -> None:
    answer = opening(week, window, {}, "x", now)
    if answer.open:
        assert answer.until is not None
        assert answer.until > now
        assert not opening(week, window, {}, "x", answer.until).open or week.break_closed
        assert opening(week, window, {}, "x", answer.until - timedelta(microseconds=1)).open
    elif answer.opens is not None:
        assert answer.opens > now
        assert opening(week, window, {}, "x", answer.opens).open
        before = answer.opens - timedelta(microseconds=1)
        assert before < now or not opening(week, window, {}, "x", before).open
    else:
        assert answer.why is Why.NEVER
