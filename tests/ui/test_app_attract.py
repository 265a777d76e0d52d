"""The attract screen, and the dark one at night, with real touches on the real window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kiosk.app.kiosk_app import make_root_view
from kiosk.domain.config import AttractSettings, NightSettings, Settings
from kiosk.domain.events import AgencyChosen, HelpTapped, LanguageChosen, ModeToggled
from kiosk.domain.live import Live, ServiceLive
from kiosk.domain.modes import Mode
from kiosk.domain.visit_screens import (
    Agencies,
    Attract,
    Dark,
    Help,
)
from kiosk.settings.loader import load_settings
from kiosk.widgets.slideshow import Slideshow
from tests.domain.menus import at
from tests.ui import screen_measures as measures
from tests.ui.app_under_test import AppUnderTest
from tests.ui.kiosk_ports import FakeKioskPort

Make = Callable[..., AppUnderTest]
ROOT = Path(__file__).resolve().parents[2]
BLUE = (20, 60, 220)
OPENS = "Buka lagi Rabu, 25 November, pukul 08.15 WITA"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The shipped settings, with one broken and one good picture in a folder of their own."""
    (tmp_path / "lobby").mkdir()
    (tmp_path / "lobby" / "0.jpg").write_text("broken")
    Image.new("RGB", (900, 500), BLUE).save(tmp_path / "lobby" / "1.png")
    shipped = load_settings(ROOT / "config", ROOT / "assets")
    attract = AttractSettings(pictures="lobby")
    kiosk = replace(shipped.kiosk, attract=attract)
    return replace(shipped, kiosk=kiosk, config_dir=str(tmp_path))


@pytest.fixture
def real(context: Make, settings: Settings) -> Iterator[AppUnderTest]:
    """The application with its real screens, at rest."""
    kiosk_port = FakeKioskPort()
    kiosk_port.settings = settings
    app = context(kiosk_port, make_root_view)
    rest(app)
    yield app
    show(app).hide()


def rest(app: AppUnderTest) -> None:
    app.clock.advance(app.kiosk_port.settings.kiosk.attract.after_s + 1)
    app.on(Attract)
    app.frames(3)


def show(app: AppUnderTest) -> Slideshow:
    found = app.root_view._views.get("attract").ids.pictures
    assert isinstance(found, Slideshow)
    return found


def said(app: AppUnderTest) -> str:
    return "\n".join(text.text for text in measures.texts(app.root_view))


def test_both_languages_the_hours_and_a_picture_are_shown(real: AppUnderTest) -> None:
    for words in (
        "Selamat datang di Mal Pelayanan Publik",
        "Sentuh layar untuk mengambil nomor antrean",
        "Touch the screen to get a queue number",
        "Gratis, tanpa KTP · Free, no ID card needed",
        "08.15–14.00",
    ):
        assert words in said(real)
    real.until(lambda: show(real).picture is not None, "the picture")
    picture: Any = show(real).picture
    assert tuple(picture.pixels[:3]) == BLUE
    assert not measures.overflowing(real.root_view)


def test_who_waits_where_is_shown_and_followed(real: AppUnderTest) -> None:
    assert "Sedang menunggu" not in said(real)
    real.kiosk_port.queue = Live({"ktp-el": ServiceLive(48)}, 0.0, in_touch=True, linked=True)
    real.until(lambda: "48 antre" in said(real), "the queue")
    assert "Disdukcapil" in said(real)


def test_a_touch_anywhere_only_wakes_it(real: AppUnderTest) -> None:
    """Where a tile will lie, in the picture, in the header and between the keys of the bar."""
    real.clock.freeze()
    tile = (540.0, 1000.0)
    for place in (tile, (540.0, 1500.0), (540.0, 1880.0), (5.0, 5.0), tile):
        real.fingers.tap(*place)
        real.frames(3)
        assert real.visit.screen == Agencies(), place
        real.clock.advance(0.65)
        real.fingers.tap(*place)
        real.frames(3)
        assert real.visit.screen == Agencies(), f"the second touch at {place}"
        assert real.visit.language == "id"
        rest(real)
    assert real.kiosk_port.requests == []


def test_a_touch_that_slides_only_wakes_it(real: AppUnderTest) -> None:
    finger = real.fingers.down(300, 900)
    real.frames(2)
    assert real.visit.screen == Attract(), "it wakes when the finger is lifted"
    real.fingers.move(finger, 700, 1400)
    real.frames(2)
    real.fingers.up(finger, 700, 1400)
    real.frames(3)
    assert real.visit.screen == Agencies()


def test_a_key_of_the_bar_acts_with_the_touch_that_wakes(real: AppUnderTest) -> None:
    real.fingers.tap(*real.middle(LanguageChosen("en")))
    real.frames(3)
    assert (real.visit.screen, real.visit.language) == (Agencies(), "en")
    real.clock.advance(400)
    real.until(lambda: real.visit.warned_s is not None, "the warning")
    real.clock.advance(60)
    real.until(lambda: real.visit.language == "id", "the end")
    rest(real)
    real.fingers.tap(*real.middle(ModeToggled(Mode.CONTRAST)))
    real.frames(3)
    assert (real.visit.screen, real.visit.modes) == (Agencies(), {Mode.CONTRAST})


def test_help_is_one_touch_away(real: AppUnderTest) -> None:
    real.fingers.tap(*real.middle(HelpTapped()))
    real.frames(3)
    assert real.visit.screen == Help(Agencies())


def test_nothing_on_it_can_be_chosen(real: AppUnderTest) -> None:
    assert real.robot.find(AgencyChosen("disdukcapil")) is None
    bar = real.root_view.bar
    assert all(target.y <= bar.top for target in measures.targets(real.root_view))


def test_the_picture_is_freed_when_a_visitor_comes(real: AppUnderTest) -> None:
    real.until(lambda: show(real).picture is not None, "the picture")
    real.fingers.tap(540, 900)
    real.frames(3)
    assert show(real).picture is None


def test_at_rest_nothing_is_drawn_until_something_changes(real: AppUnderTest) -> None:
    """The processor sleeps as on the home screen: no frame between two changes, but for the one
    that is forced every 4 s. 15 idle turns take 3 s."""
    real.until(lambda: show(real).picture is not None, "the picture")
    real.frames(10)
    flips: list[int] = []
    count: Callable[..., None] = lambda *_: flips.append(1)  # noqa: E731
    real.window.fbind("on_flip", count)
    for _ in range(15):
        real.app.frame()
    real.window.funbind("on_flip", count)
    assert len(flips) <= 1


def test_an_edit_of_the_settings_is_taken_up_at_rest(real: AppUnderTest) -> None:
    site = real.kiosk_port.settings
    real.kiosk_port.settings = replace(
        site, kiosk=replace(site.kiosk, attract=AttractSettings(pictures="gone"))
    )
    real.app.settings_changed()
    real.until(lambda: show(real).picture is None and not show(real).waiting, "no picture")
    assert real.visit.screen == Attract()
    assert "Selamat datang" in said(real)


def night(app: AppUnderTest) -> None:
    """Evening comes while nobody is there."""
    app.kiosk_port.clock = lambda: at(21, 30)
    app.clock.advance(61)
    app.on(Dark)
    app.frames(3)


def test_at_night_the_screen_is_dark_until_it_is_touched(real: AppUnderTest) -> None:
    for place in ((540.0, 1000.0), (540.0, 1880.0), (80.0, 1860.0), (5.0, 5.0)):
        night(real)
        assert set(said(real).splitlines()) == {"21.30", OPENS}
        assert measures.targets(real.root_view) == []
        assert measures.overflowing(real.root_view) == []
        real.fingers.tap(*place)
        real.frames(3)
        assert (real.visit.screen, real.visit.language) == (Agencies(), "id"), place
        assert real.robot.find(HelpTapped()) is not None, "the bar is back"
        assert "Selamat datang" not in said(real)
    assert real.kiosk_port.requests == []


def test_a_key_held_at_the_emblem_opens_nothing_in_the_dark(real: AppUnderTest) -> None:
    night(real)
    assert real.root_view.emblem.event is None
    assert real.root_view.header.parent is None
    real.fingers.tap(540, 900)
    real.frames(3)
    assert real.root_view.emblem.event is not None
    assert real.root_view.header.parent is real.root_view


def test_without_the_setting_the_attract_screen_stays(real: AppUnderTest) -> None:
    site = real.kiosk_port.settings
    settings = replace(site, kiosk=replace(site.kiosk, night=NightSettings(dark=False)))
    real.kiosk_port.settings = settings
    real.app.settings_changed()
    real.kiosk_port.clock = lambda: at(21)
    real.clock.advance(600)
    real.frames(3)
    assert real.visit.screen == Attract()
