"""The call for staff: one at a time, promised only as far as the server has taken it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kiosk.background.staff_calls import ANSWERED_S, SENDING_S, StaffCalls
from kiosk.domain.staff_call import CallState, StaffCall
from kiosk.sync.values import CallAnswer
from tests.domain.menus import at

LASTS_S = 600.0


class Machine:
    """The calls of one machine, with a clock that the test moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.clock_off = timedelta(0)
        self.calls = StaffCalls(
            LASTS_S,
            lambda: at(9) + timedelta(seconds=self.now_s - 1000) + self.clock_off,
            lambda: self.now_s,
        )

    def state(self, *, online: bool = True) -> CallState:
        return self.calls.current(online=online).state

    @property
    def id(self) -> str:
        report = self.calls.report()
        return report["id"] if report else ""

    def answer(self, *, answered: bool = False, call_id: str | None = None) -> None:
        self.calls.heard(CallAnswer(call_id or self.id, answered), passed_on=True)


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_before_a_touch_nothing_is_reported(machine: Machine) -> None:
    assert machine.calls.current(online=True) == StaffCall(CallState.READY)
    assert machine.calls.report() is None


def test_a_second_touch_makes_no_second_call(machine: Machine) -> None:
    machine.calls.call()
    first = machine.calls.report()
    machine.now_s += 30
    machine.calls.call()
    assert machine.calls.report() == first
    assert first is not None
    assert first["since"] == at(9).isoformat()
    assert first["until"] == (at(9) + timedelta(seconds=LASTS_S)).isoformat()


def test_it_is_called_only_once_the_server_says_so(machine: Machine) -> None:
    machine.calls.call()
    assert machine.state() is CallState.SENDING
    machine.answer(call_id="another")
    assert machine.state() is CallState.SENDING
    machine.answer()
    assert machine.state() is CallState.CALLED
    assert machine.state(online=False) is CallState.CALLED, "the server has it"


def test_out_of_touch_it_is_not_called_and_may_still_be(machine: Machine) -> None:
    machine.calls.call()
    assert machine.state(online=False) is CallState.UNSENT
    machine.now_s += SENDING_S
    assert machine.state() is CallState.DELAYED, "the server answers, but not for the call"
    machine.answer()
    assert machine.state() is CallState.CALLED


def test_staff_answer_and_a_while_later_they_can_be_called_again(machine: Machine) -> None:
    machine.calls.call()
    first = machine.id
    machine.answer()
    machine.answer(answered=True)
    assert machine.state() is CallState.ANSWERED
    machine.now_s += ANSWERED_S - 1
    machine.answer(answered=True)
    assert machine.state() is CallState.ANSWERED
    machine.now_s += 1
    assert machine.state() is CallState.READY
    machine.calls.call()
    assert machine.id not in ("", first)
    machine.answer(answered=True, call_id=first)
    assert machine.state() is CallState.SENDING, "a late answer belongs to the call before"


@pytest.mark.parametrize("taken", [False, True])
def test_a_call_without_an_answer_ends(machine: Machine, taken: bool) -> None:
    machine.calls.call()
    if taken:
        machine.answer()
    machine.now_s += LASTS_S
    assert machine.state() is CallState.READY
    assert machine.calls.report() is None


def test_a_server_that_passes_no_calls_on_offers_none(machine: Machine) -> None:
    machine.calls.heard(None, passed_on=False)
    assert machine.state() is CallState.OFF
    machine.calls.heard(None, passed_on=True)
    assert machine.state() is CallState.READY


@pytest.mark.parametrize("off_h", [-3, 3])
def test_a_clock_that_is_set_during_a_call_does_not_end_it(machine: Machine, off_h: int) -> None:
    machine.clock_off = timedelta(hours=off_h)
    machine.calls.call()
    machine.answer()
    machine.clock_off, machine.now_s = timedelta(0), machine.now_s + 5
    report = machine.calls.report()
    assert report is not None
    assert report["since"] == at(9).isoformat()
    assert report["until"] == (at(9) + timedelta(seconds=LASTS_S)).isoformat()
    assert machine.calls.current(online=True).since == at(9), "the time that the screen says"


def test_a_small_correction_of_the_clock_redraws_nothing(machine: Machine) -> None:
    machine.calls.call()
    before = machine.calls.current(online=True)
    machine.clock_off = timedelta(seconds=1)
    assert machine.calls.current(online=True) == before


def test_a_call_that_the_server_no_longer_shows_is_not_called(machine: Machine) -> None:
    machine.calls.call()
    machine.answer()
    machine.now_s += SENDING_S
    machine.calls.heard(None, passed_on=True)
    assert machine.state(online=False) is CallState.UNSENT
    machine.answer(answered=True)
    machine.calls.heard(None, passed_on=True)
    assert machine.state() is CallState.ANSWERED


def test_what_the_server_has_not_read_says_nothing_about_the_call(machine: Machine) -> None:
    machine.calls.call()
    machine.answer()
    machine.calls.heard(None, passed_on=True, read=False)
    assert machine.state() is CallState.CALLED


def test_where_nothing_can_be_sent_no_call_is_offered(machine: Machine) -> None:
    assert machine.calls.current(online=False, possible=False).state is CallState.OFF
    machine.calls.call()
    machine.now_s += SENDING_S
    state = machine.calls.current(online=False, possible=False).state
    assert state is CallState.DELAYED, "it is not the network that fails"
