"""The dark screen outside hours as a list of events: when it comes, and that a touch wakes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, get_args

import pytest

from kiosk.domain.config import NightSettings
from kiosk.domain.events import AgencyChosen, BackTapped, Event, KeyPressed, Tick, Touched
from kiosk.domain.live import QUOTA_FULL, Live, ServiceLive
from kiosk.domain.modes import Mode
from kiosk.domain.visit import begin, step
from kiosk.domain.visit_attract import DARK_AFTER_S, is_dark
from kiosk.domain.visit_screens import (
    Agencies,
    Attract,
    Dark,
    Screen,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Touch,
    Visit,
)
from kiosk.errors import Refusal
from kiosk.preview.states import states
from kiosk.settings.loader import load_settings
from menu.schedule import TicketWindow
from tests.domain.menus import MENU, at, hours
from tests.settings.folder import ASSETS, ROOT

START_S = 1000.0
NIGHT = NightSettings()
SATURDAY = date(2026, 11, 28)
LATE = at(22)


def snapshot(after_s: float = 0.0, now: datetime = LATE, **more: Any) -> KioskSnapshot:
    """The world ``after_s`` seconds after the start, at night."""
    return replace(
        KioskSnapshot(MENU, now, START_S + after_s, attract_s=180.0, night=NIGHT), **more
    )


def dark() -> Visit:
    """A visit on the dark screen."""
    visit = step(begin(snapshot()), Tick(), snapshot(DARK_AFTER_S))[0]
    assert visit.screen == Dark()
    return visit


def test_it_comes_a_minute_after_the_last_touch() -> None:
    visit = begin(snapshot())
    assert step(visit, Tick(), snapshot(DARK_AFTER_S - 1))[0].screen == Agencies()
    touched = step(visit, Touched(), snapshot(30))[0]
    assert step(touched, Tick(), snapshot(DARK_AFTER_S + 29))[0].screen == Agencies()
    assert step(touched, Tick(), snapshot(DARK_AFTER_S + 30))[0].screen == Dark()
    assert step(dark(), Tick(), snapshot(9999))[0].screen == Dark()


def test_the_attract_screen_gives_way_to_it_and_comes_back_before_the_site_opens() -> None:
    evening = step(begin(snapshot()), Tick(), snapshot(180, at(14, 59)))[0]
    assert evening.screen == Attract()
    night = step(evening, Tick(), snapshot(200, at(15)))[0]
    assert night.screen == Dark()
    morning = step(night, Tick(), snapshot(60_000, at(7, 45)))[0]
    assert morning.screen == Attract()
    home = snapshot(60_000, at(7, 45), attract_s=0.0)
    assert step(night, Tick(), home)[0].screen == Agencies()


@pytest.mark.parametrize("event", [Touched(), AgencyChosen("dlh"), BackTapped()])
def test_any_touch_wakes_it_and_chooses_nothing(event: Event) -> None:
    woken, effects = step(dark(), event, snapshot(500))
    assert (woken.screen, woken.language, effects) == (Agencies(), "id", ())
    again = step(woken, AgencyChosen("dlh"), snapshot(500.9, touch=Touch(START_S + 500.8, 3.0)))[0]
    assert again.screen == Agencies(), "a second touch on the same spot"
    assert step(woken, Tick(), snapshot(501 + DARK_AFTER_S))[0].screen == Dark()


def test_a_key_of_the_keypad_wakes_it() -> None:
    woken = step(dark(), KeyPressed(), snapshot(500))[0]
    assert (woken.screen, woken.keypad) == (Agencies(), True)


def test_no_visit_ever_goes_dark() -> None:
    """Every screen of every kind, and a home screen on which somebody has chosen something: at
    night, long after the last touch."""
    settings = load_settings(ROOT / "config", ASSETS)
    left = set(get_args(Screen)) - {Agencies, Attract, Dark}
    for state in states(settings, "id"):
        if isinstance(state.visit.screen, Attract) or state.visit.screen == Agencies():
            continue
        late = replace(
            state.snapshot,
            night=NIGHT,
            now=state.snapshot.now.replace(hour=22),
            mono_s=state.snapshot.mono_s + DARK_AFTER_S + 1,
        )
        assert step(state.visit, Tick(), late)[0].screen != Dark(), state.name
        left.discard(type(state.visit.screen))
    assert not left
    for visit in (
        Visit("en", touched_s=START_S),
        Visit("id", Agencies(1), touched_s=START_S),
        Visit("id", modes=frozenset({Mode.CONTRAST}), touched_s=START_S),
        Visit("id", keypad=True, touched_s=START_S),
        Visit("id", touched_s=START_S, warned_s=START_S),
    ):
        assert step(visit, Tick(), snapshot(DARK_AFTER_S))[0].screen != Dark()


def test_a_machine_that_gives_no_numbers_says_so_all_night() -> None:
    broken = snapshot(9999, broken=Refusal.NUMBERS)
    assert step(dark(), Tick(), broken)[0].screen == Agencies()


def test_a_day_whose_numbers_are_given_is_not_dark() -> None:
    """People still wait in the hall."""
    full = {f.service.code: ServiceLive(open=False, reason=QUOTA_FULL) for f in MENU.services()}
    day = snapshot(9999, at(10), live=Live(full, 0.0, in_touch=True, linked=True))
    assert day.site_closed is not None
    assert step(begin(snapshot()), Tick(), day)[0].screen == Attract()


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(7, 14), True),  # the first numbers at 07:45
        (at(7, 15), False),
        (at(14, 59), False),  # the last service closes at 14:00
        (at(15), True),
        (at(23, 59), True),
        (at(0), True),
        (at(12, 0, SATURDAY), True),
    ],
)
def test_it_is_dark_outside_hours(now: datetime, expected: bool) -> None:
    assert is_dark(MENU, NIGHT, now) is expected
    assert not is_dark(MENU, replace(NIGHT, dark=False), now)


def one_service(*days: str, **more: Any) -> Any:
    """The menu with these hours for every service."""
    week = hours(*days)
    agencies = tuple(
        replace(a, services=tuple(replace(s, hours=week) for s in a.services))
        for a in MENU.agencies
    )
    return replace(MENU, agencies=agencies, **more)


def test_breaks_are_not_dark() -> None:
    menu = one_service(*["08:00-11:00 15:00-16:00"] * 5)
    assert not is_dark(menu, NIGHT, at(13))


def test_an_evening_that_ends_late_is_not_dark_after_midnight() -> None:
    menu = one_service(*["18:00-23:30"] * 5)
    assert not is_dark(menu, NIGHT, at(0, 29))
    assert is_dark(menu, NIGHT, at(0, 30))


def test_numbers_that_are_given_before_the_hours_count() -> None:
    menu = replace(MENU, window=TicketWindow(open_minutes_before=60))
    assert not is_dark(menu, NIGHT, at(6, 45))
    assert is_dark(menu, NIGHT, at(6, 44))


def test_hours_after_midnight_light_the_screen_before_it() -> None:
    menu = one_service(*["00:10-08:00"] * 5)
    evening = at(23, 10) - timedelta(days=1)
    assert not is_dark(menu, NIGHT, evening)
    assert is_dark(menu, NIGHT, evening - timedelta(minutes=1))


def test_a_menu_without_hours_is_never_dark() -> None:
    assert not is_dark(one_service(), NIGHT, at(12))
    assert not is_dark(replace(MENU, agencies=()), NIGHT, at(12))
