"""Deadlines: one limit handed down, never extended."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.deadline import Deadline

SECONDS = st.floats(-1e6, 1e6)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock, in a list of one."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_it_counts_down_and_expires_at_its_very_moment(clock: list[float]) -> None:
    deadline = Deadline.after(2.0)
    assert (deadline.left(), deadline.expired) == (2.0, False)
    clock[0] = 101.5
    assert (deadline.left(), deadline.expired) == (0.5, False)
    clock[0] = 102.0
    assert (deadline.left(), deadline.expired) == (0.0, True)
    clock[0] = 999.0
    assert (deadline.left(), deadline.expired) == (0.0, True)


def test_one_of_no_seconds_has_expired(clock: list[float]) -> None:
    assert Deadline.after(0).expired


def test_sooner_is_never_later(clock: list[float]) -> None:
    deadline = Deadline.after(2.0)
    assert deadline.sooner(0.5) == Deadline(100.5)
    assert deadline.sooner(5.0) is deadline
    assert deadline.sooner(2.0) is deadline
    assert deadline.sooner(float("inf")) is deadline


def test_before_keeps_some_of_the_time(clock: list[float]) -> None:
    assert Deadline.after(2.0).before(0.5) == Deadline(101.5)


@given(SECONDS, SECONDS)
def test_sooner_bounds_what_is_left(seconds: float, limit: float) -> None:
    deadline = Deadline.after(seconds)
    assert deadline.sooner(limit).at_s <= deadline.at_s
    assert deadline.sooner(limit).left() <= max(0.0, limit)
