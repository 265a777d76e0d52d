"""The limits on a service: which there are, what they leave, and when numbers are given again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menu.limits import (
    Limit,
    again_after,
    hour_end,
    hour_start,
    limits_at,
    limits_of,
    room,
    too_late,
)
from menu.quota import DayQuota, Quota
from tests.domain.menus import TUESDAY, agency, at, daily, menu, service
from tests.menu.strangers_rule import MOST, WORDS, add_rule

PLAIN, FEW, MANY = service("ktp"), service("akta", quota=2), service("kk", quota=100)
MENU = menu(agency("dukcapil", PLAIN, FEW, MANY))
TOMORROW = at(0, day=TUESDAY + timedelta(days=1))
EIGHT_AN_HOUR = Quota.every_day(DayQuota(day=40, hour=8, before=((time(12), 25),)))


def all_of(*moments: datetime) -> Callable[[datetime | None], int]:
    """The numbers given at these moments, counted from one of them on."""
    return lambda since: len([m for m in moments if since is None or m >= since])


def test_the_quota_is_a_limit_until_midnight() -> None:
    assert limits_of(PLAIN, at(9)) == ()
    assert limits_of(FEW, at(9)) == (Limit(2, TOMORROW),)
    found = {"akta": (Limit(2, TOMORROW),), "kk": (Limit(100, TOMORROW),)}
    assert limits_at(MENU, at(9)) == found


def test_after_a_full_quota_numbers_are_given_on_the_next_day_with_hours() -> None:
    (limit,) = limits_of(FEW, at(9))
    assert again_after(MENU, FEW, limit) == at(7, 45, day=TUESDAY + timedelta(days=1))


def test_an_hour_counts_its_own_numbers_and_a_time_those_until_then() -> None:
    one = replace(PLAIN, quota=EIGHT_AN_HOUR)
    day, hour, noon = Limit(40, TOMORROW), Limit(8, at(10), since=at(9)), Limit(25, at(12))
    assert limits_of(one, at(9, 20)) == (day, hour, noon)
    assert limits_of(one, at(12)) == (day, Limit(8, at(13), since=at(12)))


def test_a_full_hour_ends_at_the_next_one_and_a_full_morning_at_noon() -> None:
    one = replace(PLAIN, quota=EIGHT_AN_HOUR)
    hour = all_of(*[at(8, 30)] * 3, *[at(9, 10)] * 8)
    found = room(limits_of(one, at(9, 20)), hour)
    assert found is not None
    assert (found.left, again_after(menu(agency("a", one)), one, found.limit)) == (0, at(10))
    found = room(limits_of(one, at(10)), hour)
    assert found is not None
    assert found.left == 8
    found = room(limits_of(one, at(10, 20)), all_of(*[at(8)] * 17, *[at(10, 10)] * 8))
    assert found == (0, Limit(25, at(12))), "the limit that ends last says when"


def test_a_full_last_hour_says_the_next_day() -> None:
    one = replace(PLAIN, quota=Quota.every_day(DayQuota(hour=1)))
    found = room(limits_of(one, at(13, 10)), all_of(at(13, 1)))
    assert found is not None
    again = again_after(menu(agency("a", one)), one, found.limit)
    assert again == at(7, 45, day=TUESDAY + timedelta(days=1)), "numbers stop at 13.45"


def test_each_weekday_has_its_own_quota() -> None:
    week = [DayQuota(day=40)] * 4 + [DayQuota(day=20)] + [DayQuota()] * 2
    one = replace(PLAIN, quota=Quota(tuple(week)))
    most = [
        [limit.most for limit in limits_of(one, at(9, day=TUESDAY + timedelta(days=ahead)))]
        for ahead in range(7)
    ]
    assert most == [[40], [40], [40], [20], [], [], [40]]


def test_a_strangers_rule_joins_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    add_rule(monkeypatch)
    noon = Limit(MOST, at(12), WORDS)
    morning = limits_at(MENU, at(9))
    assert morning == {
        "ktp": (noon,),
        "akta": (Limit(2, TOMORROW), noon),
        "kk": (Limit(100, TOMORROW), noon),
    }
    assert again_after(MENU, MANY, noon) == at(12)
    assert limits_at(MENU, at(12)).keys() == {"akta", "kk"}


def test_of_two_limits_that_are_reached_the_later_one_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_rule(monkeypatch)
    limits = limits_of(replace(MANY, quota=daily(MOST)), at(9))
    assert room(limits, all_of(*[at(8)] * MOST)) == (0, Limit(MOST, TOMORROW))
    assert room(limits, all_of(*[at(8)] * (MOST + 1))) == (-1, Limit(MOST, TOMORROW))
    assert room((), all_of()) is None


@pytest.mark.parametrize(
    ("wait", "refused"),
    [((40, 79), False), ((40, 80), False), ((40, 81), True), ((65, 70), True), (None, False)],
)
def test_last_by_closing_goes_by_the_middle_of_the_estimate(
    wait: tuple[int, int] | None, refused: bool
) -> None:
    """At 13.00, closing is at 14.00."""
    assert too_late(replace(MENU, last_by_closing=True), PLAIN, at(13), wait) is refused
    assert not too_late(MENU, PLAIN, at(13), wait)


# ── the hour of the clock, where the clock is set ────────────────────────────────────────────────

ZONES = ("Asia/Makassar", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns")


@settings(max_examples=300, derandomize=True)
@given(st.sampled_from(ZONES), st.integers(0, 3 * 366 * 24 * 12))
def test_an_hour_holds_each_moment_with_its_figure_and_no_other(zone: str, steps: int) -> None:
    """Every five minutes of three years, through UTC: the hour that the clock shows."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    moment = (begin + timedelta(minutes=5 * steps)).astimezone(ZoneInfo(zone))
    start, end = hour_start(moment).timestamp(), hour_end(moment).timestamp()
    assert start <= moment.timestamp() < end
    for minutes in range(-180, 185, 5):
        near = (moment.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone))
        same = (near.date(), near.hour) == (moment.date(), moment.hour)
        assert same is (start <= near.timestamp() < end), near


@pytest.mark.parametrize(
    ("day", "hour", "hours"),
    [((2026, 3, 29), 1, 1.0), ((2026, 10, 25), 2, 2.0), ((2028, 2, 29), 23, 1.0)],
)
def test_the_hours_at_the_edges_of_the_clock(
    day: tuple[int, int, int], hour: int, hours: float
) -> None:
    """Before the hour that is skipped, the hour that comes twice, the end of a leap day."""
    moment = datetime(*day, hour, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    took = hour_end(moment).timestamp() - hour_start(moment).timestamp()
    assert took == hours * 3600
