"""Calling staff, as a list of events: from any screen, one call at a time, never by accident."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kiosk.domain.effects import CallStaff
from kiosk.domain.events import CallStaffTapped, HelpTapped
from kiosk.domain.staff_call import CallState, StaffCall
from kiosk.domain.visit import begin, step
from kiosk.domain.visit_screens import (
    Agencies,
    Closed,
    Find,
    Help,
    Issuing,
    Problem,
    Screen,
    Services,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Touch,
    Visit,
)
from kiosk.errors import Refusal
from menu.schedule import Opening, Why
from tests.domain.menus import MENU, at

TEN_S = 10.0


def snapshot(state: CallState = CallState.READY, **more: Any) -> KioskSnapshot:
    known = StaffCall(state, "call-0001", at(9)) if state.open else StaffCall(state)
    return KioskSnapshot(MENU, at(9), 1000.0, call=known, **more)


def on(screen: Screen) -> Visit:
    return replace(begin(snapshot()), screen=screen, acted_s=1000.0 - TEN_S)


@pytest.mark.parametrize(
    "screen",
    [
        Agencies(),
        Find("asdfgh", (), "asdfgh"),
        Services("dlh"),
        Help(Agencies()),
        Closed("dlh", Opening(Why.CUTOFF)),
        Problem(Refusal.GENERIC),
    ],
)
def test_a_touch_calls_staff_and_leaves_the_screen(screen: Screen) -> None:
    visit, effects = step(on(screen), CallStaffTapped(), snapshot())
    assert effects == (CallStaff(),)
    assert visit.screen == screen


@pytest.mark.parametrize("state", [state for state in CallState if state is not CallState.READY])
def test_while_a_call_is_open_or_impossible_none_is_made(state: CallState) -> None:
    assert step(on(Help(Agencies())), CallStaffTapped(), snapshot(state))[1] == ()


def test_while_a_number_is_made_nothing_is_called() -> None:
    going: Any = Issuing(None, 0.0)  # type: ignore[arg-type]
    assert step(on(going), CallStaffTapped(), snapshot())[1] == ()


@pytest.mark.parametrize(("after_s", "calls"), [(0.65, 0), (1.1, 0), (1.3, 1)])
def test_the_second_touch_on_a_spot_calls_nobody(after_s: float, calls: int) -> None:
    visit, _ = step(on(Agencies()), HelpTapped(), snapshot())
    again = replace(snapshot(touch=Touch(1000.0 + after_s, apart_mm=2.0)), mono_s=1000.1 + after_s)
    assert len(step(visit, CallStaffTapped(), again)[1]) == calls
