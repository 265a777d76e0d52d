"""Calling staff with real touches on the real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.app.kiosk_app import make_root_view
from kiosk.domain.config import Settings
from kiosk.domain.events import BackTapped, CallStaffTapped, FindTapped, HelpTapped, LetterTyped
from kiosk.domain.staff_call import NO_CALL, CallState, StaffCall
from kiosk.domain.visit_screens import (
    Agencies,
    Find,
    Help,
)
from kiosk.errors import Refusal
from kiosk.settings.loader import load_settings
from tests.ui import screen_measures as measures
from tests.ui.app_under_test import AppUnderTest
from tests.ui.kiosk_ports import FakeKioskPort

Make = Callable[..., AppUnderTest]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "config", ROOT / "assets")


@pytest.fixture
def real(context: Make, settings: Settings) -> AppUnderTest:
    """The application with its real screens, on a kiosk with a server that passes calls on."""
    kiosk_port = FakeKioskPort()
    kiosk_port.settings = settings
    kiosk_port.call = StaffCall(CallState.READY)
    app = context(kiosk_port, make_root_view)
    app.clock.advance(5)
    return app


def said(real: AppUnderTest) -> str:
    """All texts on the screen."""
    return "\n".join(text.text for text in measures.texts(real.root_view))


def becomes(real: AppUnderTest, state: CallState) -> None:
    """The server's word comes; the screen is drawn at the next tick."""
    call = StaffCall(state, "call-0001", real.kiosk_port.now())
    real.kiosk_port.call = call if state.open else StaffCall(state)
    real.frames(1)


def test_a_touch_calls_staff_and_each_state_is_said(real: AppUnderTest) -> None:
    real.tap(HelpTapped())
    real.on(Help)
    assert "Panggil petugas" in said(real)
    real.tap(CallStaffTapped())
    real.until(lambda: "Petugas sedang dipanggil" in said(real), "the first word")
    assert real.kiosk_port.calls == 1
    for state, words in (
        (CallState.UNSENT, "Petugas belum dapat dipanggil"),
        (CallState.CALLED, "Petugas sudah dipanggil pukul 09.00"),
        (CallState.ANSWERED, "Petugas sudah melihat panggilan ini"),
        (CallState.READY, "Panggil petugas"),
    ):
        becomes(real, state)
        real.until(lambda words=words: words in said(real), words)  # type: ignore[misc]
    assert "meja informasi" in said(real).lower()


def test_a_second_touch_on_the_same_place_calls_no_second_time(real: AppUnderTest) -> None:
    real.tap(HelpTapped())
    real.on(Help)
    real.clock.advance(2)
    x, y = real.middle(CallStaffTapped())
    for _ in range(4):
        real.fingers.tap(x, y)
        real.frames(2)
        real.clock.advance(0.65)
    assert real.kiosk_port.calls == 1
    assert isinstance(real.visit.screen, Help), "nothing has moved under the finger"


def test_the_next_visitor_finds_the_open_call(real: AppUnderTest) -> None:
    real.tap(HelpTapped())
    real.tap(CallStaffTapped())
    becomes(real, CallState.CALLED)
    real.tap(BackTapped())
    real.on(Agencies)
    real.tap(HelpTapped())
    real.on(Help)
    real.until(lambda: "Petugas sudah dipanggil" in said(real), "the open call")
    assert real.robot.find(CallStaffTapped()) is None


def test_a_machine_that_gives_no_numbers_and_a_search_without_result_offer_it(
    real: AppUnderTest,
) -> None:
    real.tap(FindTapped())
    real.on(Find)
    for letter in "asdfgh":
        real.clock.advance(1)
        real.fingers.tap(*real.middle(LetterTyped(letter)))
        real.frames(1)
    real.until(lambda: "Tidak ditemukan" in said(real), "the answer")
    real.tap(CallStaffTapped())
    assert real.kiosk_port.calls == 1
    becomes(real, CallState.READY)
    real.tap(BackTapped())
    real.on(Agencies)
    real.kiosk_port.disabled = Refusal.NUMBERS
    real.until(lambda: "belum dapat memberi nomor" in said(real), "the machine's screen")
    real.tap(CallStaffTapped())
    assert real.kiosk_port.calls == 2


def test_without_a_server_there_is_no_button(real: AppUnderTest) -> None:
    real.kiosk_port.call = NO_CALL
    real.tap(HelpTapped())
    real.on(Help)
    real.frames(2)
    assert "Panggil petugas" not in said(real)
    assert real.robot.find(CallStaffTapped()) is None
