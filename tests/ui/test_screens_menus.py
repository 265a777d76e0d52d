"""Extreme menus: the screens page and wrap them without overlap."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.config import Settings
from kiosk.domain.events import AgencyChosen, PageChosen, ServiceChosen
from kiosk.domain.visit_screens import (
    Agencies,
    Services,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)
from kiosk.preview.states import states
from kiosk.preview.studio import SIZES, Studio, settle
from kiosk.screens.agencies_plan import PlanArea, plan
from kiosk.screens.services_plan import plan_services
from kiosk.settings.loader import load_settings
from menu.catalogue import Agency, Catalogue, Place, Service
from menu.local_text import LocalText
from menu.schedule import Period, WeeklyHours
from tests.ui import screen_measures as measures

pytestmark = pytest.mark.usefixtures("unmeasured")

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 24, 9, 12, tzinfo=ZoneInfo("Asia/Makassar"))
ALL_DAY = WeeklyHours(tuple((Period(time(0, 0), time(23, 59)),) for _ in range(7)))
LONG = ("Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu " * 6)[:300].strip()
NAMES = [
    LONG,
    "X" * 300,
    "🏛️🎫",
    "Kantor 🏛️ Pajak",
    "مكتب الضرائب",
    "\u202eRekam KTP\u202c",
    "Dua\nbaris\tdan\x00nol\x07",
    "[b]Tebal[/b] [color=ff0000]merah[/color] &amp; & [ref=x]",
    "   ",
    "ŊDPMPTSP Kota Balikpapan",
    "e\u0301lan vital",
    "Банк",
]


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "config", ROOT / "assets")


def service(code: str, name: str) -> Service:
    return Service(code, LocalText.same(name), "AA", Place("1", ("19",)), ALL_DAY)


def agency(code: str, name: str, services: int = 2, popular: int | None = None) -> Agency:
    text = LocalText.same(name)
    made = tuple(service(f"{code}-{i}", f"Layanan {i}") for i in range(services))
    return Agency(
        code, "AA", text, text, text, "no-such-icon", Place("1", ("1",)), ALL_DAY, made, popular
    )


def menu(settings: Settings, *agencies: Agency) -> Catalogue:
    return replace(settings.catalogue, agencies=agencies, closures=())


@pytest.fixture(params=["portrait-21", "landscape-15"])
def studio(request: Any, settings: Settings, window: Any) -> Studio:
    return Studio(settings, SIZES[request.param])


def test_paging_reaches_all_of_200_agencies(studio: Studio, settings: Settings) -> None:
    many = [
        agency(f"a{i}", f"Instansi nomor {i}", popular=i + 1 if i < 6 else None) for i in range(200)
    ]
    snapshot = KioskSnapshot(menu(settings, *many), NOW, 10.0)
    met: set[str] = set()
    page = 0
    while True:
        studio.root_view.show(Visit("id", Agencies(page)), snapshot)
        settle()
        events = [t.event for t in measures.targets(studio.root_view)]
        met |= {e.code for e in events if isinstance(e, AgencyChosen)}
        assert not measures.too_near(studio.root_view)
        assert not measures.overflowing(studio.root_view)
        if PageChosen(page + 1) not in events:
            break
        page += 1
    assert met == {a.code for a in many}
    assert page < 20


def test_paging_reaches_all_of_50_services(studio: Studio, settings: Settings) -> None:
    snapshot = KioskSnapshot(menu(settings, agency("a", "Instansi", services=50)), NOW, 10.0)
    met: set[str] = set()
    page = 0
    while True:
        studio.root_view.show(Visit("id", Services("a", page)), snapshot)
        settle()
        events = [t.event for t in measures.targets(studio.root_view)]
        met |= {e.code for e in events if isinstance(e, ServiceChosen)}
        assert not measures.too_near(studio.root_view)
        assert not measures.too_small(studio.root_view, 20)
        if PageChosen(page + 1) not in events:
            break
        page += 1
    assert met == {f"a-{i}" for i in range(50)}


def test_a_page_beyond_the_last_shows_the_last(studio: Studio, settings: Settings) -> None:
    snapshot = KioskSnapshot(menu(settings, agency("a", "Instansi", services=50)), NOW, 10.0)
    for screen in (Agencies(99), Services("a", 99)):
        studio.root_view.show(Visit("id", screen), snapshot)
        settle()
        assert any(
            isinstance(t.event, AgencyChosen | ServiceChosen)
            for t in measures.targets(studio.root_view)
        )


def test_strange_names_are_drawn_within_their_tiles(studio: Studio, settings: Settings) -> None:
    strange = [agency(f"a{i}", name) for i, name in enumerate(NAMES)]
    strange += [
        replace(a, code=f"{a.code}s", services=(service(f"{a.code}s", NAMES[i]),))
        for i, a in enumerate(strange)
    ]
    snapshot = KioskSnapshot(menu(settings, *strange), NOW, 10.0)
    for screen in (
        Agencies(),
        Agencies(1),
        Services("a0"),
        Services("a3s"),
        Services("a1s"),
        Services("a1s", details="a1s"),
        Services("a2s"),
    ):
        studio.root_view.show(Visit("id", screen), snapshot)
        settle()
        for text in measures.texts(studio.root_view):
            assert text.texture_size[0] <= text.width + 1, (screen, text.text)
            assert text.texture_size[1] <= text.height + 1, (screen, text.text)
        assert not measures.colliding(studio.root_view)


def test_the_code_replaces_a_name_that_cannot_be_drawn(studio: Studio, settings: Settings) -> None:
    snapshot = KioskSnapshot(menu(settings, agency("kas", "🏛️🎫")), NOW, 10.0)
    studio.root_view.show(Visit("id"), snapshot)
    settle()
    assert [
        t.name for t in measures.targets(studio.root_view) if isinstance(t.event, AgencyChosen)
    ] == ["kas"]


def test_markup_in_a_name_is_shown_as_text(studio: Studio, settings: Settings) -> None:
    snapshot = KioskSnapshot(menu(settings, agency("a", "[b]Tebal[/b]")), NOW, 10.0)
    studio.root_view.show(Visit("id"), snapshot)
    settle()
    tile = next(t for t in measures.targets(studio.root_view) if isinstance(t.event, AgencyChosen))
    assert " ".join(tile.ids.name.fitted.lines) == "[b]Tebal[/b]"


def test_an_empty_menu_and_an_empty_agency_show_a_message(
    studio: Studio, settings: Settings
) -> None:
    studio.root_view.show(Visit("id"), KioskSnapshot(menu(settings), NOW, 10.0))
    settle()
    texts_shown = {t.text for t in measures.texts(studio.root_view)}
    assert "Belum ada instansi" in texts_shown
    bare = menu(settings, agency("a", "Instansi", services=0))
    studio.root_view.show(Visit("id", Services("a")), KioskSnapshot(bare, NOW, 10.0))
    settle()
    assert "Belum ada layanan" in {t.text for t in measures.texts(studio.root_view)}


def test_the_bar_offers_the_languages_of_the_site(studio: Studio, settings: Settings) -> None:
    for languages, shown in ((("id",), 0), (("id", "en"), 1)):
        site = replace(settings.catalogue.site, languages=languages)
        snapshot = KioskSnapshot(replace(settings.catalogue, site=site), NOW, 10.0)
        studio.root_view.show(Visit("id"), snapshot)
        settle()
        assert len(studio.root_view.bar.languages) == shown
        assert not measures.too_small(studio.root_view, 20)


def test_200_changes_of_screen_leave_no_widgets(settings: Settings, window: Any) -> None:
    studio = Studio(settings, SIZES["portrait-21"])
    rounds = list(states(settings, "id"))
    for state in rounds:
        studio.root_view.show(state.visit, state.snapshot)
        settle(1)
    gc.collect()
    widgets = _widgets()
    for i in range(200):
        state = rounds[i % len(rounds)]
        studio.root_view.show(
            replace(state.visit, language="id" if i % 3 else "en"), state.snapshot
        )
        settle(1)
    gc.collect()
    assert _widgets() <= widgets + 2
    root_view = weakref.ref(studio.root_view)
    from kivy.clock import Clock

    Clock.unschedule(studio.root_view._views.build_ahead)
    del studio
    settle(2)
    gc.collect()
    assert root_view() is None


def _widgets() -> int:
    from kivy.uix.widget import Widget

    return sum(issubclass(type(o), Widget) for o in gc.get_objects())


# ── layout plans of any menu ─────────────────────────────────────────────────────────────

SPACES = st.builds(PlanArea, st.floats(180, 700), st.floats(110, 700))


def test_a_list_without_most_visited_has_room_on_every_page() -> None:
    """Found in low reach: a heading of later pages pushed the last row into the pager."""
    for height in (145.0, 200.0, 300.0, 409.0):
        pages = plan(PlanArea(268.0, height), 0, 60)
        assert sum(len(page.others) for page in pages) == 60
        for page in pages:
            assert page.pager is not None
            assert max(rect.y + rect.h for rect in page.others) <= page.pager.y - 5 + 1e-6


@given(SPACES, st.integers(0, 40), st.integers(0, 300))
def test_every_agency_has_one_place_within_the_space(
    space: PlanArea, popular: int, others: int
) -> None:
    pages = plan(space, popular, others)
    places = [r for p in pages for r in (*p.popular, *p.others)]
    assert len(places) == popular + others
    assert [p.first for p in pages] == sorted(p.first for p in pages)
    for page in pages:
        for place in (*page.popular, *page.others):
            assert place.x >= 0
            assert place.x + place.w <= space.width + 0.01
            assert place.w >= 70 or space.columns == 1


@given(SPACES, st.integers(1, 80), st.integers(0, 8), st.integers(0, 90))
def test_every_service_has_one_place(space: PlanArea, services: int, chips: int, page: int) -> None:
    first = plan_services(space, services, chips, 0)
    count = 0
    for number in range(first.pages):
        made = plan_services(space, services, chips, number)
        assert made.first == count
        assert made.rows
        count += len(made.rows)
    assert count == services
    assert plan_services(space, services, chips, page).page <= first.pages - 1
