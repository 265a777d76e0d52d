"""Numbers and lines: what is written, when a line restarts, runs on and skips."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.numbering import (
    SKIP_AFTER_UNCLEAN_STOP,
    Series,
    SeriesState,
    business_date,
    own_letter,
)
from kiosk.errors import LetterMissing, SeriesExhausted
from menu.numbers import LAST_NUMBER, LETTER, Number

MONDAY = date(2026, 11, 23)
TUESDAY = date(2026, 11, 24)
USED = SeriesState(last=41, last_confirmed=True, confirmed=MONDAY)

prefixes = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=3)
letters = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ", max_size=2)
values = st.integers(1, LAST_NUMBER)


@given(prefixes, letters, values)
def test_parsing_a_number_s_text_gives_the_number(prefix: str, letter: str, value: int) -> None:
    number = Number(prefix, letter, value)
    assert Number.parse(str(number)) == number


@given(st.tuples(prefixes, letters, values), st.tuples(prefixes, letters, values))
def test_different_numbers_have_different_texts(
    one: tuple[str, str, int], other: tuple[str, str, int]
) -> None:
    assert (str(Number(*one)) == str(Number(*other))) == (one == other)


@pytest.mark.parametrize(
    "text", ["", "DK", "DK-27", "dk-027", "DK-I027", "DK-ABC001", "DK-027 ", "DK-0027", "DK-000"]
)
def test_an_invalid_number_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a queue number"):
        Number.parse(text)


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        (datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC), MONDAY),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), TUESDAY),
        (datetime(2026, 11, 24, 15, 59, tzinfo=UTC), TUESDAY),
    ],
)
def test_the_business_date_changes_at_midnight_of_the_site(utc: datetime, expected: date) -> None:
    assert business_date(utc, ZoneInfo("Asia/Makassar")) == expected


def test_a_naive_time_has_no_business_date() -> None:
    with pytest.raises(ValueError, match="zone"):
        business_date(datetime(2026, 11, 24, 9), UTC)  # noqa: DTZ001


def test_a_series_counts_up_by_one_within_a_day() -> None:
    state = SeriesState(last=41, last_confirmed=True, confirmed=TUESDAY)
    assert state.next_value(TUESDAY, confirmed=True, highest=41, skips=0) == 42


def test_a_series_restarts_at_one_on_a_confirmed_new_date() -> None:
    assert USED.next_value(TUESDAY, confirmed=True, highest=0, skips=0) == 1


def test_a_series_continues_on_an_unconfirmed_date() -> None:
    assert USED.next_value(TUESDAY, confirmed=False, highest=0, skips=0) == 42


def test_a_series_skips_after_an_unclean_stop_also_on_a_new_date() -> None:
    first = USED.next_value(TUESDAY, confirmed=True, highest=0, skips=1)
    assert first == 1 + SKIP_AFTER_UNCLEAN_STOP


def test_a_clock_that_goes_back_does_not_reopen_a_date() -> None:
    state = SeriesState(last=5, last_confirmed=True, confirmed=TUESDAY)
    assert state.next_value(MONDAY, confirmed=True, highest=41, skips=0) == 42
    assert state.next_value(MONDAY, confirmed=True, highest=0, skips=0) == 6


def test_a_series_continues_after_a_number_of_an_unconfirmed_date() -> None:
    """41 was handed out an hour ago by a clock that stood at yesterday; then it was set right."""
    wrong_clock = SeriesState(41, last_confirmed=False, confirmed=date(2026, 11, 20))
    assert wrong_clock.next_value(TUESDAY, confirmed=True, highest=0, skips=0) == 42
    right_clock = wrong_clock.after(42, TUESDAY, confirmed=True)
    tomorrow = TUESDAY + timedelta(days=1)
    assert right_clock.next_value(tomorrow, confirmed=True, highest=0, skips=0) == 1


def test_an_unconfirmed_future_date_does_not_prevent_the_restart_on_the_real_date() -> None:
    future = USED.after(42, date(2031, 1, 1), confirmed=False)
    right = future.after(43, TUESDAY, confirmed=True)
    assert right.next_value(date(2026, 11, 25), confirmed=True, highest=0, skips=0) == 1


def test_a_date_that_was_used_too_early_is_not_reopened_when_it_comes() -> None:
    early = SeriesState().after(1, TUESDAY, confirmed=False)
    right = early.after(2, MONDAY, confirmed=True)
    assert right.next_value(TUESDAY, confirmed=True, highest=1, skips=0) == 3


def test_the_latest_confirmed_date_never_goes_back_and_takes_no_unconfirmed_one() -> None:
    monday, tuesday, wednesday = (date(2026, 11, day) for day in (23, 24, 25))
    state = SeriesState().after(1, tuesday, confirmed=True)
    assert state.after(2, monday, confirmed=True) == SeriesState(2, True, tuesday)
    assert state.after(2, wednesday, confirmed=False) == SeriesState(2, False, tuesday)
    assert state.after(2, wednesday, confirmed=True) == SeriesState(2, True, wednesday)
    assert SeriesState().after(1, monday, confirmed=False) == SeriesState(1, False, None)


def test_an_exhausted_series_raises() -> None:
    line = Series(TUESDAY, "DK", "B")
    assert str(line.number(LAST_NUMBER)) == "DK-B9999"
    with pytest.raises(SeriesExhausted, match="DK-B9999 was the last"):
        line.number(LAST_NUMBER + 1)


@pytest.mark.parametrize(("prefix", "letter"), [("", ""), ("dk", ""), ("DK", "O"), ("DK", "ABC")])
def test_an_invalid_prefix_or_letter_is_refused(prefix: str, letter: str) -> None:
    with pytest.raises(ValueError, match="no number reads"):
        Series(TUESDAY, prefix, letter).number(1)


def _first(free: Sequence[str]) -> str:
    return free[0]


def _run(configured: str, choose: Callable[[Sequence[str]], str]) -> list[str]:
    """The letters of one kiosk, generation after generation, until there is none left."""
    run: list[str] = []
    with contextlib.suppress(LetterMissing):
        while True:
            run.append(own_letter(configured, len(run), run, choose))
    return run


def test_the_letters_of_the_only_kiosk() -> None:
    run = _run("", _first)
    assert run[:4] == ["", "A", "B", "C"]
    assert run[23:27] == ["Y", "Z", "AA", "AB"]
    assert len(set(run)) == len(run) == 24 + 576 + 1
    assert all(LETTER.fullmatch(letter) for letter in run[1:])


def test_the_letters_of_one_kiosk_among_several() -> None:
    run = _run("C", _first)
    assert run[:3] == ["C", "CA", "CB"]
    assert len(set(run)) == len(run) == 24 + 1
    assert _run("CD", _first) == ["CD"]


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["", "C"]), st.randoms(use_true_random=False))
def test_a_letter_at_random_is_free(configured: str, chance: Random) -> None:
    run = _run(configured, chance.choice)
    assert len(set(run)) == len(run) > 12
    assert all(letter.startswith(configured) for letter in run)


def test_letters_of_version_0_1_are_not_free() -> None:
    """It gave them by generation and did not record them."""
    offered: list[str] = []

    def choose(free: Sequence[str]) -> str:
        offered[:] = free
        return free[-1]

    assert own_letter("", 3, {"Q", "AB"}, choose) == "ZZ"
    assert len(offered) == 600 - 4
    assert not {"A", "B", "Q", "AB"} & set(offered)
    assert own_letter("C", 1, {"CA"}, choose) == "CZ"
    assert len(offered) == 23


# ── any sequence of days, clocks and stops ───────────────────────────────────────────────


@dataclass(frozen=True)
class Moment:
    """Some days went by; then the clock is right and known to be (None), or as many days off."""

    days: int
    clock: int | None
    unclean: bool


moments = st.builds(
    Moment,
    days=st.sampled_from([0, 0, 0, 1, 1, 2]),
    clock=st.none() | st.sampled_from([-1, 0, 1, 1, 30]),
    unclean=st.sampled_from([False, False, False, True]),
)


@settings(max_examples=500)
@given(st.lists(moments, max_size=60))
def test_no_number_twice_on_one_real_day_nor_on_one_date(steps: list[Moment]) -> None:
    state, today = SeriesState(), MONDAY
    by_date: set[tuple[date, int]] = set()
    by_real_day: set[tuple[date, int]] = set()
    for step in steps:
        today += timedelta(days=step.days)
        confirmed = step.clock is None
        says = today + timedelta(days=step.clock or 0)
        highest = max((value for day, value in by_date if day == says), default=0)
        skips = int(step.unclean)
        value = state.next_value(says, confirmed=confirmed, highest=highest, skips=skips)
        state = state.after(value, says, confirmed=confirmed)
        assert (says, value) not in by_date
        assert (today, value) not in by_real_day
        by_date.add((says, value))
        by_real_day.add((today, value))
