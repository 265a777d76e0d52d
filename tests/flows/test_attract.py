"""The attract screen as a list of events: when it comes, and what a touch does on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kiosk.domain.events import (
    AgencyChosen,
    BackTapped,
    Event,
    FindTapped,
    HelpTapped,
    HomeTapped,
    KeyPressed,
    LanguageChosen,
    ModesAsked,
    ModeToggled,
    PriorityChosen,
    ServiceChosen,
    Tick,
    Touched,
)
from kiosk.domain.modes import Mode
from kiosk.domain.visit import begin, step
from kiosk.domain.visit_screens import (
    Agencies,
    Attract,
    Help,
    Services,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Touch,
    Visit,
)
from kiosk.errors import Refusal
from tests.domain.menus import MENU, at

START_S = 1000.0
AFTER_S = 180.0


def snapshot(after_s: float = 0.0, **more: Any) -> KioskSnapshot:
    """The world ``after_s`` seconds after the start; the site is open."""
    return replace(KioskSnapshot(MENU, at(9), START_S + after_s, attract_s=AFTER_S), **more)


def resting() -> Visit:
    """A visit on the attract screen."""
    visit = step(begin(snapshot()), Tick(), snapshot(AFTER_S))[0]
    assert visit.screen == Attract()
    return visit


def test_it_comes_after_three_minutes_without_a_touch() -> None:
    visit = begin(snapshot())
    assert step(visit, Tick(), snapshot(AFTER_S - 1))[0].screen == Agencies()
    touched = step(visit, Touched(), snapshot(100))[0]
    assert step(touched, Tick(), snapshot(AFTER_S + 99))[0].screen == Agencies()
    assert step(touched, Tick(), snapshot(AFTER_S + 100))[0].screen == Attract()


@pytest.mark.parametrize(
    "visit",
    [
        Visit("en", touched_s=START_S),
        Visit("id", Agencies(1), touched_s=START_S),
        Visit("id", Services("dlh"), touched_s=START_S),
        Visit("id", modes=frozenset({Mode.CONTRAST}), touched_s=START_S),
        Visit("id", keypad=True, touched_s=START_S),
    ],
)
def test_a_visit_first_ends_with_its_warning(visit: Visit) -> None:
    warned = step(visit, Tick(), snapshot(AFTER_S))[0]
    assert warned.warned_s is not None
    ended = step(warned, Tick(), snapshot(AFTER_S + 60))[0]
    assert ended.screen == Agencies()
    assert step(ended, Tick(), snapshot(2 * AFTER_S + 60))[0].screen == Attract()


def test_with_0_it_never_comes_and_goes() -> None:
    never = replace(snapshot(9999), attract_s=0.0)
    assert step(begin(snapshot()), Tick(), never)[0].screen == Agencies()
    assert step(resting(), Tick(), never)[0].screen == Agencies()


def test_a_machine_that_gives_no_numbers_does_not_invite() -> None:
    broken = snapshot(AFTER_S, broken=Refusal.NUMBERS)
    assert step(begin(snapshot()), Tick(), broken)[0].screen == Agencies()
    assert step(resting(), Tick(), broken)[0].screen == Agencies()
    assert step(resting(), Tick(), snapshot(9999))[0].screen == Attract()


def test_a_closed_site_rests_too() -> None:
    night = replace(snapshot(AFTER_S), now=at(22))
    assert step(begin(snapshot()), Tick(), night)[0].screen == Attract()


@pytest.mark.parametrize(
    "event",
    [
        *(Touched(), AgencyChosen("dlh"), ServiceChosen("ukl"), FindTapped()),
        *(HomeTapped(), BackTapped(), PriorityChosen("lansia")),
    ],
)
def test_any_touch_wakes_and_chooses_nothing(event: Event) -> None:
    woken, effects = step(resting(), event, snapshot(200))
    assert (woken.screen, woken.language, effects) == (Agencies(), "id", ())
    assert woken.priorities == ()


def test_a_key_of_the_bar_wakes_with_its_choice() -> None:
    assert step(resting(), LanguageChosen("en"), snapshot(200))[0].language == "en"
    moded = step(resting(), ModeToggled(Mode.CONTRAST), snapshot(200))[0]
    assert (moded.screen, moded.modes) == (Agencies(), {Mode.CONTRAST})
    assert step(resting(), ModesAsked(open=True), snapshot(200))[0].modes_open
    assert step(resting(), HelpTapped(), snapshot(200))[0].screen == Help(Agencies())


def test_a_key_of_the_keypad_wakes_and_shows_the_focus() -> None:
    woken = step(resting(), KeyPressed(), snapshot(200))[0]
    assert (woken.screen, woken.keypad) == (Agencies(), True)


@pytest.mark.parametrize("after_s", [0.3, 0.55, 0.65, 0.8, 1.1])
def test_the_second_touch_of_the_one_that_woke_it_chooses_nothing(after_s: float) -> None:
    woken = step(resting(), Touched(), snapshot(200))[0]
    near = Touch(START_S + 200 + after_s, apart_mm=3.0)
    later = snapshot(200.1 + after_s, touch=near)
    for event in (AgencyChosen("dlh"), FindTapped(), LanguageChosen("en")):
        again = step(woken, event, later)[0]
        assert (again.screen, again.language) == (Agencies(), "id"), event


def test_a_touch_elsewhere_or_later_chooses() -> None:
    woken = step(resting(), Touched(), snapshot(200))[0]
    far = snapshot(200.8, touch=Touch(START_S + 200.7, apart_mm=60.0))
    late = snapshot(201.5, touch=Touch(START_S + 201.4, apart_mm=3.0))
    for later in (far, late):
        assert step(woken, AgencyChosen("dlh"), later)[0].screen == Services("dlh")
