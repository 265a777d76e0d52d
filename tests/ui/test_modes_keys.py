"""The modes' keys in the bar: what they say, where they are, what a switch costs and leaves."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.config import Settings
from kiosk.domain.events import (
    AgencyChosen,
    BackTapped,
    FindTapped,
    HelpTapped,
    LetterTyped,
    ModesAsked,
    ModeToggled,
    ServiceChosen,
)
from kiosk.domain.modes import NO_MODES, Mode, Modes
from kiosk.domain.theme import theme_of
from kiosk.domain.visit_screens import (
    Agencies,
    Find,
    Services,
    Shown,
)
from kiosk.preview.states import states
from kiosk.preview.studio import SIZES, Studio, settle
from kiosk.screens.bar_keys import MODES
from kiosk.settings.loader import load_settings
from kiosk.widgets.bar import BarItem
from tests.samples import pairs
from tests.ui import pixels
from tests.ui import screen_measures as measures
from tests.ui.app_under_test import AppUnderTest
from tests.ui.kiosk_ports import FakeKioskPort

pytestmark = pytest.mark.usefixtures("unmeasured")

ROOT = Path(__file__).parents[2]
ALL = frozenset(MODES)
LANGUAGES = ("id", "en")
HIGH_UP_MM = 1050.0
"""With the screen at this height every mode has a key at every size."""


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "config", ROOT / "assets")


def keys(root_view: Any) -> list[BarItem]:
    return sorted(
        (t for t in measures.targets(root_view) if isinstance(t, BarItem)), key=lambda t: t.x
    )


@pytest.mark.parametrize(("size", "language"), pairs(SIZES, LANGUAGES))
def test_each_mode_has_a_key_that_says_whether_it_is_on(
    settings: Settings, window: Any, size: str, language: str
) -> None:
    screen = replace(settings.kiosk.screen, lower_edge_mm=HIGH_UP_MM)
    hung = replace(settings, kiosk=replace(settings.kiosk, screen=screen))
    root_view = Studio(hung, SIZES[size]).root_view
    for modes in (NO_MODES, *(frozenset({m}) for m in MODES), ALL):
        # Seven words in large text do not fit the width of a small landscape screen.
        wordy = size == "landscape-15" and Mode.LARGE in modes
        folded = size == "portrait-15" or wordy
        for state in states(settings, language, modes):
            if state.name not in ("agencies-open", "agencies-display", "services-long"):
                continue
            root_view.show(state.visit, state.snapshot)
            settle()
            shown = keys(root_view)
            opened = state.name == "agencies-display"
            for mode in MODES:
                found = [k for k in shown if k.event == ModeToggled(mode)]
                assert len(found) == (0 if folded and not opened else 1), (state.name, mode)
                for key in found:
                    _says(key, settings, language, on=mode in modes)
            display = [k for k in shown if k.event == ModesAsked(open=True)]
            assert len(display) == (1 if folded and not opened else 0)
            for key in display:
                _says(key, settings, language, on=bool(modes))
            closes = [k for k in shown if k.event == ModesAsked(open=False)]
            assert len(closes) == (1 if folded and opened else 0)
            assert not measures.faults(root_view), state.name


@pytest.mark.parametrize(
    ("modes", "language"), pairs([NO_MODES, *(frozenset({m}) for m in MODES), ALL], LANGUAGES)
)
def test_beneath_the_key_that_closes_the_modes_lies_the_key_that_opens_them(
    settings: Settings, window: Any, language: str, modes: Modes
) -> None:
    root_view = Studio(settings, SIZES["portrait-15"]).root_view
    names = ("agencies-open", "services-long", "find", "offered", "number-follow")
    for state in states(settings, language, modes):
        if state.name not in names:
            continue
        root_view.show(replace(state.visit, modes_open=True), state.snapshot)
        settle()
        opened = {type(k.event): (*k.pos, *k.size) for k in keys(root_view)}
        closes = next(k for k in keys(root_view) if k.event == ModesAsked(open=False))
        place = (*closes.pos, *closes.size)
        root_view.show(replace(state.visit, modes_open=False), state.snapshot)
        settle()
        opens = next(k for k in keys(root_view) if k.event == ModesAsked(open=True))
        assert (*opens.pos, *opens.size) == place, state.name
        helps = [k for k in keys(root_view) if k.event == HelpTapped()]
        assert [(*k.pos, *k.size) for k in helps] == [opened[HelpTapped]] * len(helps)


@pytest.mark.parametrize("after_s", [0.55, 0.65, 1.1])
def test_a_double_touch_on_the_key_that_closes_the_modes_keeps_the_search(
    window: Any, settings: Settings, after_s: float
) -> None:
    from kiosk.app.kiosk_app import make_root_view

    screen = replace(settings.kiosk.screen, diagonal_inch=15.6)
    port = FakeKioskPort(settings.catalogue)
    port.settings = replace(settings, kiosk=replace(settings.kiosk, screen=screen))
    app = AppUnderTest(window, port, make_root_view)
    try:
        app.tap(FindTapped())
        app.tap(LetterTyped("k"))
        app.tap(ModesAsked(open=True))
        where = app.middle(ModesAsked(open=False))
        app.tap(ModesAsked(open=False))
        assert not app.visit.modes_open
        search = app.visit.screen
        app.clock.freeze()
        app.clock.advance(after_s)
        touch = app.fingers.down(*where)
        app.frames(1)
        app.fingers.up(touch, *where)
        app.frames(2)
        assert isinstance(search, Find)
        assert search.text == "k"
        assert app.visit.screen == search
        assert not app.visit.modes_open
    finally:
        app.end()


def _says(key: BarItem, settings: Settings, language: str, *, on: bool) -> None:
    """Filled, ticked and in words: never by colour alone."""
    said = f"{key.label} {key.word}".strip()
    word = settings.words.say(language, "mode.on")
    assert key.chosen is on
    assert said.endswith(f": {word}") is on
    assert (key.icon == "check-bold") is on
    colours = key.look.colour
    assert tuple(key.fill) == (colours.chosen if on else colours.bar)


def test_a_mode_changes_the_screen_in_place(settings: Settings, window: Any) -> None:
    root_view = Studio(settings, SIZES["portrait-15"]).root_view
    state = next(s for s in states(settings, "id") if s.name == "services-priority")
    visit = replace(state.visit, screen=Services(state.visit.screen.agency, page=0))  # type: ignore[union-attr]
    root_view.show(visit, state.snapshot)
    settle()
    view = root_view.view
    assert view is not None
    ground = root_view.look.colour.ground
    chosen = [t.label for t in measures.targets(root_view) if getattr(t, "chosen", False)]
    root_view.show(replace(visit, modes=ALL), state.snapshot)
    settle()
    assert root_view.view is view
    assert root_view.look.colour.ground != ground
    assert all(w.look is root_view.look for w in (root_view.bar, root_view.header, view))
    again = [t.label for t in measures.targets(root_view) if getattr(t, "chosen", False)]
    assert len(chosen) == 2
    assert [label for label in again if label.startswith("2 ")], "large text has one key for both"
    root_view.show(replace(visit, modes=frozenset({Mode.CONTRAST})), state.snapshot)
    settle()
    again = [t.label for t in measures.targets(root_view) if getattr(t, "chosen", False)]
    assert set(chosen) <= set(again)
    root_view.show(visit, state.snapshot)
    settle()
    assert root_view.look.colour.ground == ground


def test_a_screen_that_was_not_shown_meanwhile_comes_in_the_mode(
    settings: Settings, window: Any
) -> None:
    studio = Studio(settings, SIZES["landscape-15"])
    known = {s.name: s for s in states(settings, "id")}
    names = ("services-long", "number-follow", "agencies-banner-paper", "idle-warning", "help")
    for name in names:
        studio.picture(known[name])
    high = frozenset({Mode.CONTRAST})
    for name in names:
        state = known[name]
        picture = studio.picture(replace(state, visit=replace(state.visit, modes=high)))
        area = picture.width * picture.height
        found = {shade for n, shade in pixels.shades(picture) if n > 0.02 * area}
        assert found <= {(0, 0, 0), (255, 255, 255), (255, 212, 0)}, (name, found)


def test_200_switches_leave_nothing_behind(settings: Settings, window: Any) -> None:
    """Widgets, textures and looks are those of the first switches."""
    root_view = Studio(settings, SIZES["portrait-21"]).root_view
    known = {s.name: s for s in states(settings, "id")}
    names = ("agencies-open", "services-short", "number-follow")

    def switch(count: int) -> tuple[int, int]:
        for i in range(count):
            state = known[names[i % 3]]
            modes = ALL if i % 2 else NO_MODES
            root_view.show(replace(state.visit, modes=modes), state.snapshot)
            settle(1)
        gc.collect()
        widgets = sum(1 for _ in root_view.walk(restrict=True))
        return widgets, _resident_kb()

    switch(12)
    widgets, before = switch(18)
    later, after = switch(204)
    assert later == widgets
    assert after - before < 2048, f"{after - before} KB more after 204 switches"


def _resident_kb() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4


@pytest.fixture
def app(window: Any, settings: Settings) -> Iterator[AppUnderTest]:
    from kiosk.app.kiosk_app import make_root_view

    port = FakeKioskPort(settings.catalogue)
    port.settings = settings
    under_test = AppUnderTest(window, port, make_root_view)
    yield under_test
    under_test.end()


def test_a_real_touch_switches_and_the_next_person_starts_without(
    app: AppUnderTest, settings: Settings
) -> None:
    ground = app.window.clearcolor
    agency = next(a for a in settings.catalogue.agencies if a.services)
    app.tap(AgencyChosen(agency.code))
    screen = app.visit.screen
    app.tap(ModeToggled(Mode.CONTRAST))
    assert app.visit.screen == screen
    assert app.visit.modes == {Mode.CONTRAST}
    assert tuple(app.window.clearcolor) == (0, 0, 0, 1)
    app.tap(ServiceChosen(agency.services[0].code))
    app.on(Shown)
    assert app.visit.modes == {Mode.CONTRAST}
    app.clock.advance(60)
    app.until(lambda: app.visit.screen == Agencies(), "home")
    assert app.visit.modes == NO_MODES
    app.frames(2)
    assert app.window.clearcolor == ground


def test_a_screen_that_cannot_be_drawn_in_a_mode_is_drawn_without(
    app: AppUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.frames(2)

    def broken(modes: Any, accent: str = "") -> Any:
        if modes:
            raise RuntimeError("no such theme")
        return theme_of(modes, accent)

    monkeypatch.setattr("kiosk.screens.looks.theme_of", broken)
    app.app.dispatch(ModesAsked(open=True))
    app.tap(ModeToggled(Mode.CONTRAST))
    app.frames(3)
    assert app.visit.modes == NO_MODES
    assert not app.visit.modes_open
    app.until(lambda: app.robot.find(BackTapped()) is not None, "a screen to go on from")
