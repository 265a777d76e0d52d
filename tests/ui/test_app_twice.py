"""A second touch on the same spot must not act on the next screen.

Some visitors, often older ones, touch a button twice.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.app.kiosk_app import make_root_view
from kiosk.domain.config import Settings
from kiosk.domain.events import (
    AgencyChosen,
    BackTapped,
    CancelTapped,
    HomeTapped,
    PriorityChosen,
    RestartTapped,
    ServiceChosen,
    Touched,
    VoidConfirmed,
)
from kiosk.domain.visit_screens import (
    Agencies,
    CancelAsked,
    Cancelled,
    Issuing,
    Services,
    Shown,
)
from kiosk.settings.loader import load_settings
from tests.samples import pairs
from tests.ui.app_under_test import AppUnderTest
from tests.ui.kiosk_ports import FakeKioskPort

pytestmark = pytest.mark.usefixtures("unmeasured")

ROOT = Path(__file__).parents[2]
Make = Callable[..., AppUnderTest]
APART_S = (0.1, 0.55, 0.65, 0.8, 1.1)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "config", ROOT / "assets")


@pytest.fixture
def real(context: Make, settings: Settings) -> AppUnderTest:
    """The application with its real screens and a fake kiosk port that answers at once."""
    kiosk_port = FakeKioskPort()
    kiosk_port.settings = settings
    made = context(kiosk_port, make_root_view)
    made.clock.freeze()
    return made


def twice(app: AppUnderTest, place: tuple[float, float], apart_s: float) -> None:
    """Touch the same spot twice, ``apart_s`` apart on the frozen clock."""
    for wait_s in (apart_s, 0.0):
        app.fingers.tap(*place)
        app.frames(2)
        app.clock.advance(wait_s)


@pytest.mark.parametrize("apart_s", APART_S)
def test_two_touches_on_the_idle_warning_s_button_take_no_number(
    real: AppUnderTest, apart_s: float
) -> None:
    real.tap(AgencyChosen("disdukcapil"))
    real.clock.advance(46)
    real.until(lambda: real.visit.warned_s is not None, "the warning")
    twice(real, real.middle(Touched()), apart_s)
    assert real.kiosk_port.requests == []
    assert real.visit.warned_s is None


@pytest.mark.parametrize(
    ("code", "apart_s"),
    pairs(["pdam", "disdukcapil", "samsat", "dpmptsp", "imigrasi"], APART_S),
)
def test_two_touches_on_a_tile_take_no_number(
    real: AppUnderTest, code: str, apart_s: float
) -> None:
    twice(real, real.middle(AgencyChosen(code)), apart_s)
    assert real.kiosk_port.requests == []


def test_two_touches_on_each_tile_take_no_number(real: AppUnderTest, settings: Settings) -> None:
    for agency in settings.catalogue.agencies:
        real.clock.advance(5)
        twice(real, real.middle(AgencyChosen(agency.code)), 0.65)
        assert real.kiosk_port.requests == [], agency.code
        real.clock.advance(5)
        if real.visit.screen != Agencies():
            real.tap(HomeTapped())
        real.until(lambda: real.visit.screen == Agencies(), "home")


@pytest.mark.parametrize(
    ("service", "apart_s"), pairs(["ktp-el", "akta-kelahiran", "pindah-datang", "kia"], APART_S)
)
def test_two_touches_on_the_button_that_issues_leave_the_number_on_the_screen(
    real: AppUnderTest, service: str, apart_s: float
) -> None:
    real.tap(AgencyChosen("disdukcapil"))
    real.clock.advance(2)
    twice(real, real.middle(ServiceChosen(service)), apart_s)
    assert isinstance(real.visit.screen, Shown)
    assert len(real.kiosk_port.requests) == 1


@pytest.mark.parametrize("apart_s", APART_S)
def test_two_touches_on_a_priority_mark_choose_it(real: AppUnderTest, apart_s: float) -> None:
    real.tap(AgencyChosen("disdukcapil"))
    group = real.kiosk_port.settings.catalogue.priority_groups[0].code
    real.clock.advance(2)
    twice(real, real.middle(PriorityChosen(group)), apart_s)
    assert real.visit.priorities == (group,)


def test_a_second_touch_after_a_second_acts_on_the_same_spot(real: AppUnderTest) -> None:
    real.tap(AgencyChosen("disdukcapil"))
    place = real.middle(ServiceChosen("ktp-el"))
    real.fingers.tap(*place)
    real.frames(2)
    real.clock.advance(1.3)
    if real.visit.screen == Services("disdukcapil"):
        real.fingers.tap(*place)
    real.on(Shown)
    assert len(real.kiosk_port.requests) == 1


def test_a_quick_touch_on_another_spot_acts(real: AppUnderTest) -> None:
    x, y = real.middle(AgencyChosen("disdukcapil"))
    real.fingers.tap(x, y)
    real.frames(2)
    assert isinstance(real.visit.screen, Services)
    real.clock.advance(0.2)
    real.fingers.tap(*real.middle(BackTapped()))
    real.frames(2)
    assert real.visit.screen == Agencies()


def test_start_again_on_the_idle_warning_ends_the_visit(real: AppUnderTest) -> None:
    real.tap(AgencyChosen("disdukcapil"))
    real.clock.advance(46)
    real.until(lambda: real.visit.warned_s is not None, "the warning")
    real.clock.advance(1)
    real.tap(RestartTapped())
    assert real.visit.screen == Agencies()
    assert real.visit.warned_s is None


def test_a_press_that_began_during_the_debounce_issues_nothing(
    real: AppUnderTest,
) -> None:
    real.fingers.tap(*real.middle(AgencyChosen("disdukcapil")))
    real.frames(2)
    real.clock.advance(0.3)
    place = real.middle(ServiceChosen("akta-kematian"))
    touch = real.fingers.down(*place)
    real.frames(2)
    real.clock.advance(2)
    real.fingers.up(touch, *place)
    real.frames(2)
    assert not isinstance(real.visit.screen, Issuing | Shown)
    assert real.kiosk_port.requests == []


def test_giving_a_number_back_needs_two_touches_on_two_spots(real: AppUnderTest) -> None:
    real.tap(AgencyChosen("disdukcapil"))
    real.clock.advance(2)
    real.tap(ServiceChosen("ktp-el"))
    real.on(Shown)
    real.clock.advance(1)
    twice(real, real.middle(CancelTapped()), 0.65)
    assert (isinstance(real.visit.screen, CancelAsked), real.kiosk_port.voids) == (True, [])
    real.clock.advance(2)
    real.tap(VoidConfirmed())
    real.on(Cancelled)
    assert len(real.kiosk_port.voids) == 1
