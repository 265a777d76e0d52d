"""Which taps count as an unintended repeat of the touch before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.events import (
    AgencyChosen,
    AnotherTapped,
    BackTapped,
    CancelTapped,
    ConfirmTapped,
    DetailsAsked,
    DoneTapped,
    EraseTapped,
    FindTapped,
    HomeTapped,
    LetterTyped,
    OfferTaken,
    PageChosen,
    PriorityChosen,
    RetryTapped,
    ServiceChosen,
    Tap,
)
from kiosk.domain.visit_repeats import DEBOUNCE_S, REPEAT_MM, REPEAT_S, is_repeat
from kiosk.domain.visit_screens import (
    Services,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Touch,
    Visit,
)
from tests.domain.menus import MENU, at

GIVES: list[Tap] = [ServiceChosen("ktp"), ConfirmTapped(), RetryTapped(), OfferTaken()]
CHOOSES: list[Tap] = [
    AgencyChosen("dukcapil"),
    DoneTapped(),
    AnotherTapped(),
    CancelTapped(),
    DetailsAsked("ktp"),
    PriorityChosen("elderly"),
    FindTapped(),
]
FAR_MM = REPEAT_MM + 1
VISIT = Visit("id", Services("dukcapil"), acted_s=100.0)


def repeats(event: Tap, after_s: float, apart_mm: float, held_s: float = 0.0) -> bool:
    """Whether a touch that begins ``after_s`` after the change of the screen is ignored."""
    touch = Touch(100.0 + after_s, apart_mm)
    snapshot = KioskSnapshot(MENU, at(9), 100.0 + after_s + held_s, touch=touch)
    return is_repeat(VISIT, event, snapshot)


@pytest.mark.parametrize("event", GIVES)
@pytest.mark.parametrize("after_s", [0.0, 0.55, 0.65, 1.1, 1.19])
def test_a_second_touch_on_the_same_spot_is_ignored_at_first(event: Tap, after_s: float) -> None:
    assert repeats(event, after_s, 0.0)
    assert repeats(event, after_s, REPEAT_MM)


@pytest.mark.parametrize("event", GIVES)
def test_a_later_touch_on_the_same_spot_acts(event: Tap) -> None:
    assert not repeats(event, REPEAT_S, 0.0)


@pytest.mark.parametrize("event", GIVES)
def test_a_touch_on_another_spot_acts_after_the_button_has_been_visible(event: Tap) -> None:
    assert repeats(event, 0.49, FAR_MM)
    assert not repeats(event, 0.5, FAR_MM)


@given(held_s=st.floats(0, 60))
def test_a_long_press_does_not_make_up_for_an_early_one(held_s: float) -> None:
    assert repeats(ServiceChosen("ktp"), 0.3, FAR_MM, held_s)
    assert repeats(ServiceChosen("ktp"), 0.7, 0.0, held_s)


@pytest.mark.parametrize("event", [BackTapped(), HomeTapped()])
def test_a_bar_item_on_another_spot_acts_at_once(event: Tap) -> None:
    assert not repeats(event, 0.05, FAR_MM)
    assert repeats(event, 0.45, 0.0)
    assert not repeats(event, 0.55, 0.0)


@pytest.mark.parametrize("event", [PageChosen(1), LetterTyped("k"), EraseTapped()])
def test_what_people_touch_twice_is_ignored_for_half_a_second(event: Tap) -> None:
    assert repeats(event, 0.45, FAR_MM)
    assert not repeats(event, 0.55, 0.0)


@pytest.mark.parametrize("event", CHOOSES)
def test_a_second_touch_chooses_nothing_on_a_screen_that_nobody_has_read(event: Tap) -> None:
    assert repeats(event, 1.19, REPEAT_MM)
    assert not repeats(event, REPEAT_S, 0.0)
    assert repeats(event, 0.45, FAR_MM)
    assert not repeats(event, 0.55, FAR_MM)


def test_an_event_without_a_position_is_ignored_for_half_a_second() -> None:
    snapshot = KioskSnapshot(MENU, at(9), 100.0 + DEBOUNCE_S)
    assert not is_repeat(VISIT, ServiceChosen("ktp"), snapshot)
    assert is_repeat(VISIT, BackTapped(), replace(snapshot, mono_s=100.2))
