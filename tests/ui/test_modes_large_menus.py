"""Extreme menus in large text: pages reach everything, names stay within their tiles and rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kiosk.domain.config import Settings
from kiosk.domain.events import AgencyChosen, PageChosen, ServiceChosen
from kiosk.domain.modes import Mode
from kiosk.domain.visit_screens import (
    Agencies,
    Services,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)
from kiosk.preview.studio import SIZES, Studio, settle
from kiosk.settings.loader import load_settings
from tests.ui import screen_measures as measures
from tests.ui.test_screens_menus import NAMES, NOW, ROOT, agency, menu, service

pytestmark = pytest.mark.usefixtures("unmeasured")

LARGE = frozenset({Mode.LARGE})


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "config", ROOT / "assets")


@pytest.fixture(scope="module", params=["portrait-21", "portrait-15", "landscape-15"])
def studio(request: Any, settings: Settings, window: Any) -> Studio:
    return Studio(settings, SIZES[request.param])


def show(studio: Studio, screen: Any, snapshot: KioskSnapshot) -> list[Any]:
    studio.root_view.show(Visit("id", screen, modes=LARGE), snapshot)
    settle()
    assert not measures.too_near(studio.root_view), screen
    assert not measures.too_small(studio.root_view, 20), screen
    return [t.event for t in measures.targets(studio.root_view)]


@pytest.mark.parametrize("count", [1, 3, 60, 150])
def test_pages_reach_all_agencies(studio: Studio, settings: Settings, count: int) -> None:
    many = [
        agency(f"a{i}", f"Instansi nomor {i}", popular=i + 1 if i < 6 else None)
        for i in range(count)
    ]
    snapshot = KioskSnapshot(menu(settings, *many), NOW, 10.0)
    met: list[str] = []
    page, more = 0, True
    while more:
        events = show(studio, Agencies(page), snapshot)
        met += [e.code for e in events if isinstance(e, AgencyChosen)]
        page, more = page + 1, PageChosen(page + 1) in events
    assert sorted(met) == sorted(a.code for a in many)


@pytest.mark.parametrize("count", [1, 2, 40])
def test_pages_reach_all_services(studio: Studio, settings: Settings, count: int) -> None:
    snapshot = KioskSnapshot(menu(settings, agency("a", "Instansi", services=count)), NOW, 10.0)
    met: list[str] = []
    page, more = 0, True
    while more:
        events = show(studio, Services("a", page), snapshot)
        met += [e.code for e in events if isinstance(e, ServiceChosen)]
        page, more = page + 1, PageChosen(page + 1) in events
    assert sorted(met) == sorted(f"a-{i}" for i in range(count))


def test_strange_names_are_drawn_within_their_tiles(studio: Studio, settings: Settings) -> None:
    strange = [agency(f"a{i}", name) for i, name in enumerate(NAMES)]
    strange += [
        replace(a, code=f"{a.code}s", services=(service(f"{a.code}s", NAMES[i]),))
        for i, a in enumerate(strange)
    ]
    snapshot = KioskSnapshot(menu(settings, *strange), NOW, 10.0)
    screens = [Agencies(page) for page in range(3)]
    for screen in (
        *screens,
        *(Services(code) for code in ("a0", "a3s", "a1s", "a2s")),
        Services("a1s", details="a1s"),
    ):
        show(studio, screen, snapshot)
        for text in measures.texts(studio.root_view):
            assert text.texture_size[0] <= text.width + 1, (screen, text.text)
            assert text.texture_size[1] <= text.height + 1, (screen, text.text)
