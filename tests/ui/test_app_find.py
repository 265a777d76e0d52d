"""Find by need with real touches on the real window: type, choose, take a number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.app.kiosk_app import make_root_view
from kiosk.domain.config import Settings
from kiosk.domain.events import (
    AgencyChosen,
    BackTapped,
    EraseTapped,
    FindTapped,
    FoundChosen,
    HelpTapped,
    HomeTapped,
    LanguageChosen,
    LetterTyped,
    ServiceChosen,
    Touched,
)
from kiosk.domain.visit_screens import (
    Agencies,
    Find,
    Help,
    Issuing,
    Services,
    Shown,
)
from kiosk.settings.loader import load_settings
from kiosk.widgets.service_row import ServiceRow
from tests.samples import is_share
from tests.ui import screen_measures as measures
from tests.ui.app_under_test import AppUnderTest
from tests.ui.kiosk_ports import FakeKioskPort

Make = Callable[..., AppUnderTest]
ROOT = Path(__file__).resolve().parents[2]
APART_S = [0.55, 0.65, 0.8, 1.1]


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "config", ROOT / "assets")


@pytest.fixture
def real(context: Make, settings: Settings) -> AppUnderTest:
    """The application with its real screens, on a kiosk port that answers at once."""
    kiosk_port = FakeKioskPort()
    kiosk_port.settings = settings
    app = context(kiosk_port, make_root_view)
    app.tap(FindTapped())
    app.on(Find)
    app.clock.advance(1)
    return app


def find(real: AppUnderTest) -> Find:
    screen = real.visit.screen
    assert isinstance(screen, Find)
    return screen


def type_(real: AppUnderTest, text: str, apart_s: float = 0.12) -> None:
    """Touch the keys of ``text`` as fast as a person types."""
    for letter in text:
        real.fingers.tap(*real.middle(LetterTyped(letter)))
        real.frames(1)
        real.clock.advance(apart_s)
    real.until(lambda: find(real).answered == find(real).text, "the answer")
    real.frames(2)


def rows(real: AppUnderTest) -> list[Any]:
    """The results, from top to bottom."""
    found = [t for t in measures.targets(real.root_view) if type(t).__name__ == "ResultRow"]
    return sorted(found, key=lambda row: -row.y)


def test_six_letters_a_result_and_the_number(real: AppUnderTest) -> None:
    type_(real, "ka te pe")
    assert find(real).found[0] == "ktp-el"
    first = rows(real)[0]
    assert first.name == "KTP elektronik"
    assert first.meta.startswith("Disdukcapil")
    real.clock.advance(1)
    real.tap(FoundChosen("ktp-el"))
    real.on(Services)
    assert real.kiosk_port.requests == []
    lit = [w for w in measures.shown(real.root_view) if isinstance(w, ServiceRow) and w.lit]
    assert [row.name for row in lit] == ["KTP elektronik"]
    real.tap(ServiceChosen("ktp-el"))
    real.on(Shown)
    assert [r.service for r in real.kiosk_port.requests] == ["ktp-el"]


def test_fast_letters_and_two_thumbs_are_all_typed(real: AppUnderTest) -> None:
    type_(real, "kk", apart_s=0.06)
    assert find(real).text == "kk"
    real.clock.advance(1)
    p, a = real.middle(LetterTyped("p")), real.middle(LetterTyped("a"))
    one = real.fingers.down(*p)
    real.frames(1)
    two = real.fingers.down(*a)
    real.frames(1)
    real.fingers.up(one, *p)
    real.frames(1)
    real.fingers.up(two, *a)
    real.frames(2)
    assert find(real).text == "kkpa"


@pytest.mark.parametrize("apart_s", APART_S)
def test_two_touches_on_the_field_of_the_home_screen_choose_nothing(
    real: AppUnderTest, apart_s: float
) -> None:
    real.tap(HomeTapped())
    real.clock.advance(2)
    place = real.middle(FindTapped())
    for wait_s in (apart_s, 0.0):
        real.fingers.tap(*place)
        real.frames(2)
        real.clock.advance(wait_s)
    assert real.visit.screen == Find()


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("apart_s", APART_S)
def test_two_touches_on_any_result_or_need_take_no_number(
    real: AppUnderTest, apart_s: float
) -> None:
    """Each result at every second distance in time; at each with ``script/test --all``."""
    turn, tried = APART_S.index(apart_s) % 2, 0
    for text in ("", "samsat", "bpjs", "paspor"):
        if text:
            type_(real, text)
        for target in [t for t in measures.targets(real.root_view) if _chooses(t)]:
            if not is_share(f"{text} {target.event}", turn, 2):
                continue
            tried += 1
            place, before = target.to_window(*target.center), real.visit.screen
            for wait_s in (apart_s, 2.0):
                real.fingers.tap(*place)
                real.frames(2)
                real.clock.advance(wait_s)
            assert isinstance(real.visit.screen, Services), target.event
            assert real.kiosk_port.requests == [], target.event
            # The second touch may have opened the details of a row: twice back.
            while not isinstance(real.visit.screen, Find):
                real.tap(BackTapped())
                real.clock.advance(2)
            assert find(real).text == find_text(before)
        if text:
            real.tap(EraseTapped(all_=True))
            real.clock.advance(1)
    assert tried > 3


def _chooses(target: Any) -> bool:
    return isinstance(target.event, FoundChosen)


def find_text(screen: object) -> str:
    assert isinstance(screen, Find)
    return screen.text


def test_nothing_found_offers_help_and_agencies_and_is_counted(real: AppUnderTest) -> None:
    type_(real, "asdfgh")
    assert rows(real) == []
    said = [t.text for t in measures.texts(real.root_view)]
    assert any(text.startswith("Tidak ditemukan") for text in said)
    real.clock.advance(1)
    help_ = [t for t in measures.targets(real.root_view) if t.event == HelpTapped()]
    assert len(help_) == 2, "in the bar and below the sentence"
    real.tap(HelpTapped())
    real.on(Help)
    real.tap(BackTapped())
    real.on(Find)
    real.tap(AgencyChosen("polresta"))
    real.on(Services)
    assert real.kiosk_port.missed == ["asdfgh"]
    assert real.kiosk_port.requests == []


def test_a_result_that_changes_under_the_finger_is_not_chosen(real: AppUnderTest) -> None:
    type_(real, "bpj")
    real.clock.advance(2)
    row = rows(real)[0]
    place = row.to_window(*row.center)
    finger = real.fingers.down(*place)
    real.frames(1)
    for letter in "xq":
        real.app.dispatch(LetterTyped(letter))
    real.frames(3)
    real.fingers.up(finger, *place)
    real.frames(2)
    assert isinstance(real.visit.screen, Find)


def test_sliding_over_the_keys_types_nothing(real: AppUnderTest) -> None:
    place, other = real.middle(LetterTyped("q")), real.middle(LetterTyped("e"))
    finger = real.fingers.down(*place)
    real.frames(1)
    real.fingers.move(finger, *other)
    real.frames(1)
    real.fingers.up(finger, *other)
    real.frames(1)
    assert find(real).text == ""


def test_the_next_person_finds_an_empty_field(real: AppUnderTest) -> None:
    type_(real, "paspor")
    real.clock.advance(46)
    real.until(lambda: real.visit.warned_s is not None, "the warning")
    real.clock.advance(25)
    real.until(lambda: real.visit.screen == Agencies(), "the end of the visit")
    real.clock.advance(2)
    real.tap(FindTapped())
    real.on(Find)
    assert find(real).text == ""
    field = next(w for w in measures.shown(real.root_view) if type(w).__name__ == "FindField")
    assert field.typed == ""


def test_the_warning_is_answered_and_the_text_stays(real: AppUnderTest) -> None:
    type_(real, "paspor")
    real.clock.advance(46)
    real.until(lambda: real.visit.warned_s is not None, "the warning")
    real.tap(Touched())
    real.until(lambda: real.visit.warned_s is None, "its end")
    assert find(real).text == "paspor"


def test_another_language_keeps_text_and_results(real: AppUnderTest) -> None:
    type_(real, "skck")
    real.clock.advance(1)
    real.tap(LanguageChosen("en"))
    real.frames(2)
    assert find(real).text == "skck"
    assert rows(real)[0].name.startswith("Police record certificate")
    assert not isinstance(real.visit.screen, Issuing)
