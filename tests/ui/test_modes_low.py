"""Low reach: on screens that hang high, everything that can be touched lies below 1220 mm."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.config import Settings
from kiosk.domain.events import AgencyChosen, BackTapped, ModeToggled, PageChosen, ServiceChosen
from kiosk.domain.modes import NO_MODES, REACH_MM, Mode, Modes
from kiosk.domain.visit import step
from kiosk.domain.visit_screens import (
    Agencies,
    Dark,
    Services,
    Staff,
)
from kiosk.domain.visit_state import (
    Visit,
)
from kiosk.preview.states import states
from kiosk.preview.studio import SIZES, Studio, settle
from kiosk.settings.loader import load_settings
from tests.samples import ALL
from tests.ui import screen_measures as measures

pytestmark = pytest.mark.usefixtures("unmeasured")

ROOT = Path(__file__).parents[2]
LOW = frozenset({Mode.LOW})
SPOKEN = LOW | {Mode.SPEECH}
HIGH_UP: list[tuple[str, float, str, Modes]] = [
    ("portrait-21", 900, "id", LOW),
    ("portrait-21", 985, "en", SPOKEN),
    ("landscape-21", 1000, "en", SPOKEN),
    ("portrait-15", 985, "id", SPOKEN),
    ("landscape-15", 1050, "en", LOW),
]
"""Size, lower edge in millimetres above the floor, language, modes. With the strip of the voice a
screen that hangs higher has not the height within reach that it needs."""

HIGHEST: list[tuple[str, float, str, Modes]] = [
    ("portrait-21", 1015, "en", LOW),
    ("portrait-15", 1000, "id", LOW),
]
"""Without the strip, where as much height is left as with it: only if all is asked for."""

SENTENCE = "Disdukcapil, Dinas Kependudukan dan Pencatatan Sipil, KTP, 12 menunggu, buka. " * 2


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "config", ROOT / "assets")


def hung(settings: Settings, lower_edge_mm: float) -> Settings:
    screen = replace(settings.kiosk.screen, lower_edge_mm=lower_edge_mm)
    return replace(settings, kiosk=replace(settings.kiosk, screen=screen))


def highest_mm(root_view: Any, lower_edge_mm: float) -> float:
    """The upper edge of the highest target, above the floor."""
    scale = root_view.look.metrics.px_per_mm
    tops = [t.top / scale for t in measures.targets(root_view) if t.event is not None]
    return lower_edge_mm + max(tops)


@pytest.mark.parametrize(
    ("size", "lower_edge_mm", "language", "modes"),
    [*HIGH_UP, *(HIGHEST if os.environ.get(ALL) else [])],
)
def test_every_target_of_every_screen_is_within_reach(
    settings: Settings, window: Any, size: str, lower_edge_mm: float, language: str, modes: Modes
) -> None:
    root_view = Studio(hung(settings, lower_edge_mm), SIZES[size]).root_view
    assert root_view.plan.can_move
    wrong: list[str] = []
    for state in states(settings, language, modes):
        if isinstance(state.visit.screen, Staff):
            # Behind the PIN the mode is off: these pages use the whole height for staff.
            assert not state.visit.modes
            continue
        root_view.show(state.visit, state.snapshot, staff=state.staff)
        root_view.say(SENTENCE)
        settle()
        if isinstance(state.visit.screen, Dark):
            assert not measures.targets(root_view), "a touch anywhere wakes it"
        elif highest_mm(root_view, lower_edge_mm) > REACH_MM + 0.5:
            wrong.append(f"{state.name}: {highest_mm(root_view, lower_edge_mm):.0f} mm")
        found = [*measures.faults(root_view), *measures.low_capitals(root_view)]
        wrong += [f"{state.name}: {what}" for what in found]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("size", SIZES)
def test_there_is_no_key_where_nothing_would_move(
    settings: Settings, window: Any, size: str
) -> None:
    root_view = Studio(settings, SIZES[size]).root_view
    state = next(s for s in states(settings, "id") if s.name == "agencies-display")
    root_view.show(state.visit, state.snapshot)
    settle()
    events = [t.event for t in measures.targets(root_view)]
    assert ModeToggled(Mode.CONTRAST) in events
    assert ModeToggled(Mode.LOW) not in events, "the shipped height is low enough"
    assert not root_view.plan.can_move


def test_a_screen_hung_elsewhere_gets_its_key_without_a_restart(
    settings: Settings, window: Any
) -> None:
    root_view = Studio(settings, SIZES["portrait-21"]).root_view
    state = next(s for s in states(settings, "id", LOW) if s.name == "agencies-open")
    root_view.show(state.visit, state.snapshot)
    root_view.new_settings(hung(settings, 1000))
    root_view.show(state.visit, state.snapshot)
    settle()
    assert ModeToggled(Mode.LOW) in [t.event for t in measures.targets(root_view)]
    assert highest_mm(root_view, 1000) <= REACH_MM + 0.5
    root_view.new_settings(settings)
    root_view.show(state.visit, state.snapshot)
    settle()
    assert ModeToggled(Mode.LOW) not in [t.event for t in measures.targets(root_view)]


def test_low_reach_shows_the_same_agencies_and_services_on_more_pages(
    settings: Settings, window: Any
) -> None:
    root_view = Studio(hung(settings, 1000), SIZES["portrait-21"]).root_view
    snapshot = next(s for s in states(settings, "id") if s.name == "agencies-live").snapshot
    busy = max(settings.catalogue.agencies, key=lambda a: len(a.services))
    for home, kind, codes in (
        (True, AgencyChosen, {a.code for a in settings.catalogue.agencies}),
        (False, ServiceChosen, {s.code for s in busy.services}),
    ):
        met: set[str] = set()
        page, more = 0, True
        while more:
            screen = Agencies(page) if home else Services(busy.code, page)
            root_view.show(Visit("id", screen, modes=LOW), snapshot)
            settle()
            events = [t.event for t in measures.targets(root_view)]
            met |= {e.code for e in events if hasattr(e, "code") and e.code in codes}
            assert highest_mm(root_view, 1000) <= REACH_MM + 0.5
            page, more = page + 1, PageChosen(page + 1) in events
        assert met == codes, kind


def test_what_is_only_read_fills_the_space_above_and_nothing_else_changes(
    settings: Settings, window: Any
) -> None:
    root_view = Studio(hung(settings, 1000), SIZES["portrait-21"]).root_view
    known = {s.name: s for s in states(settings, "id")}
    for name, moves in (("agencies-live", True), ("services-live", True), ("number-ahead", False)):
        state, tops = known[name], []
        for modes in (NO_MODES, LOW):
            root_view.show(replace(state.visit, modes=modes), state.snapshot)
            settle()
            assert root_view.header.top == root_view.height
            assert root_view.view is not None
            assert root_view.header.y == root_view.view.top
            tops.append(root_view.view.top)
        assert (tops[0] > tops[1]) is moves, name


@pytest.mark.parametrize("name", ["agencies-open", "services-long"])
@pytest.mark.parametrize("size", ["portrait-21", "portrait-15"])
def test_back_leaves_the_page_that_is_shown_after_low_reach_is_switched_off(
    settings: Settings, window: Any, size: str, name: str
) -> None:
    """Low reach has more pages; 21 inches need only one without it."""
    root_view = Studio(hung(settings, 1050), SIZES[size]).root_view
    state = next(s for s in states(settings, "id") if s.name == name)
    pages: list[int] = []
    visit = replace(state.visit, screen=at_page(state.visit.screen, 99))
    for modes in (LOW, NO_MODES):
        visit = replace(visit, modes=modes)
        root_view.show(visit, state.snapshot)
        settle()
        assert root_view.view is not None
        assert root_view.view.page is not None
        pages.append(root_view.view.page)
        visit = replace(visit, screen=at_page(visit.screen, pages[0]))
    many, shown = pages
    assert many > shown
    assert (shown == 0) is (size == "portrait-21")
    back = root_view.bar.back.event
    if name == "agencies-open" and not shown:
        assert back is None, "no key that does nothing"
        assert root_view.bar.home.event is None
        return
    assert isinstance(back, BackTapped)
    later = replace(state.snapshot, mono_s=state.snapshot.mono_s + 5)
    after, _ = step(visit, back, later)
    assert after.screen == (at_page(visit.screen, shown - 1) if shown else Agencies())


def at_page(screen: Any, page: int) -> Any:
    return replace(screen, page=page)
