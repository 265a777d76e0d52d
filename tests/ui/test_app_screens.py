"""The application with its real screens and the real menu."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
from kivy.clock import Clock

from kiosk.app.kiosk_app import make_root_view
from kiosk.demo.plans import VisitPlan, plan_visits
from kiosk.domain.config import Settings
from kiosk.domain.delivery import Proof
from kiosk.domain.events import (
    AgencyChosen,
    BrowseAsked,
    DoneTapped,
    HomeTapped,
    LanguageChosen,
    RetryTapped,
    ServiceChosen,
    Touched,
)
from kiosk.domain.visit_screens import (
    Agencies,
    Issuing,
    Problem,
    Services,
    Shown,
)
from kiosk.errors import Refusal
from kiosk.screens.view_store import VIEWS
from kiosk.settings.loader import load_settings
from tests.ui.app_under_test import AppUnderTest
from tests.ui.kiosk_ports import FakeKioskPort

Make = Callable[..., AppUnderTest]
ROOT = Path(__file__).resolve().parents[2]
DUKCAPIL, KTP = AgencyChosen("disdukcapil"), ServiceChosen("ktp-el")


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "config", ROOT / "assets")


@pytest.fixture
def real(context: Make, settings: Settings) -> AppUnderTest:
    """The application with its real screens and a fake kiosk port that answers at once."""
    kiosk_port = FakeKioskPort()
    kiosk_port.settings = settings
    return context(kiosk_port, make_root_view)


def test_home_shows_that_no_numbers_are_given_until_they_are(real: AppUnderTest) -> None:
    root_view = real.root_view
    title = real.kiosk_port.settings.words.say("id", "trouble.numbers.title")
    real.kiosk_port.disabled = Refusal.NUMBERS
    real.until(lambda: type(root_view.view).__name__ == "MessageView", "the screen")
    assert (real.visit.screen, root_view.view.title) == (Agencies(), title)
    real.tap(BrowseAsked())
    real.tap(DUKCAPIL)
    assert real.robot.find(KTP) is None, "a button gives a number"
    real.tap(HomeTapped())
    real.kiosk_port.disabled = None
    real.until(lambda: type(root_view.view).__name__ == "AgenciesView", "the tiles")


def test_two_taps_show_the_number(real: AppUnderTest) -> None:
    real.tap(DUKCAPIL)
    real.tap(KTP)
    real.until(lambda: isinstance(real.visit.screen, Shown) and real.visit.screen.proof is not None)
    assert [r.service for r in real.kiosk_port.requests] == ["ktp-el"]
    real.tap(DoneTapped())
    assert real.visit.screen == Agencies()


@pytest.mark.usefixtures("unmeasured")
def test_the_robot_can_visit_every_open_agency(real: AppUnderTest, settings: Settings) -> None:
    many = plan_visits(settings.catalogue, real.kiosk_port.now(), 200)
    assert many[1].agency == "dpmptsp"
    assert many[1].language == "en"
    first_of = {plan.agency: VisitPlan(plan.agency, plan.service) for plan in reversed(many)}
    results = list(real.robot.visits(list(first_of.values())))
    assert len(results) > 20
    assert [r.trouble for r in results] == [""] * len(results)
    assert {r.proof for r in results} == {Proof.CONFIRMED}


def test_concurrent_and_repeated_touches_make_one_ticket(real: AppUnderTest) -> None:
    real.kiosk_port.answer = real.kiosk_port.nothing
    real.tap(DUKCAPIL)
    real.clock.advance(2)
    x, y = real.middle(KTP)
    touches = [(real.fingers.down(x + i, y), x + i) for i in range(-5, 5)]
    real.frames(1)
    for touch, at in touches:
        real.fingers.up(touch, at, y)
    for _ in range(50):
        real.fingers.tap(x, y)
        real.frames(1)
    assert isinstance(real.visit.screen, Issuing)
    assert len(real.kiosk_port.requests) == 1


def test_a_touch_held_during_a_change_of_screen_chooses_nothing(real: AppUnderTest) -> None:
    x, y = real.middle(DUKCAPIL)
    held = real.fingers.down(x, y)
    real.frames(2)
    real.app.dispatch(DUKCAPIL)
    real.clock.ahead_s += 5
    place = real.middle(KTP)
    real.fingers.move(held, *place)
    real.frames(2)
    real.fingers.up(held, *place)
    real.frames(3)
    assert isinstance(real.visit.screen, Services)
    assert real.kiosk_port.requests == []


def test_an_error_of_the_kiosk_port_is_shown_and_can_be_retried(
    real: AppUnderTest,
) -> None:
    real.kiosk_port.answer = real.kiosk_port.broken
    real.tap(DUKCAPIL)
    real.tap(KTP)
    real.on(Problem)
    real.kiosk_port.answer = real.kiosk_port.number_and_slip
    real.tap(RetryTapped())
    real.on(Shown)
    first, second = real.kiosk_port.requests
    assert first == second


def test_its_button_ends_the_idle_warning(real: AppUnderTest) -> None:
    real.tap(DUKCAPIL)
    real.clock.ahead_s += 46
    real.until(lambda: real.visit.warned_s is not None, "the warning")
    real.tap(Touched())
    real.until(lambda: real.visit.warned_s is None, "its end")
    assert isinstance(real.visit.screen, Services)


def test_the_language_can_be_changed_repeatedly(real: AppUnderTest) -> None:
    for code in ("en", "id", "en"):
        real.tap(LanguageChosen(code))
        assert real.visit.language == code


def test_a_finished_root_view_is_garbage_collected(context: Make, settings: Settings) -> None:
    kiosk_port = FakeKioskPort()
    kiosk_port.settings = settings
    one = context(kiosk_port, make_root_view)
    one.tap(DUKCAPIL)
    one.until(lambda: len(one.root_view._views) > len(VIEWS), "all screens")
    Clock.unschedule(one.root_view._views.build_ahead)
    reference = weakref.ref(one.root_view)
    one.end()
    one.app.root = None
    one.app._root_view = None
    gc.collect()
    assert reference() is None
