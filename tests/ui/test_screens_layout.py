"""Measurements of every screen in every state, reference size and language.

Sizes, gaps and texts are measured in each state at each size in each language. What gives a number
where it is pressed, and what the idle warning covers, is asked of each state at two of the four
sizes, and windows of other sizes show each state twice; ``script/test --all`` asks everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kiosk.domain.config import Settings
from kiosk.domain.events import (
    AgencyChosen,
    BrowseAsked,
    ConfirmTapped,
    DetailsAsked,
    OfferTaken,
    RetryTapped,
    ServiceChosen,
)
from kiosk.domain.ticket import TicketRequest
from kiosk.domain.visit_screens import (
    Agencies,
    Problem,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)
from kiosk.domain.words import Words
from kiosk.errors import Refusal
from kiosk.preview.cast import PreviewState
from kiosk.preview.states import states
from kiosk.preview.studio import SIZES, Studio, settle
from kiosk.settings.loader import load_settings
from kiosk.widgets.bar import Bar, BarItem
from kiosk.widgets.press import Touchable
from kiosk.widgets.service_row import ServiceRow
from kiosk.widgets.text import Text
from tests.samples import is_share, pairs
from tests.ui import screen_measures as measures

pytestmark = pytest.mark.usefixtures("unmeasured")

ROOT = Path(__file__).parents[2]
LANGUAGES = load_settings(ROOT / "config", ROOT / "assets").catalogue.site.languages
MORNING = datetime(2026, 11, 24, 9, 12, tzinfo=ZoneInfo("Asia/Makassar"))
REQUEST = TicketRequest("id-1", "0" * 32, "ktp-el", "id", MORNING)
SMALL_PRINT_MM = 3.3
"""Least height of capitals for the demo mark and for names longer than those of the real menu."""


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "config", ROOT / "assets")


@pytest.fixture(scope="module", params=SIZES)
def studio(request: Any, settings: Settings, window: Any) -> Studio:
    return Studio(settings, SIZES[request.param])


@pytest.mark.parametrize("language", LANGUAGES)
def test_targets_and_texts_of_every_state_keep_their_sizes_and_gaps(
    studio: Studio, settings: Settings, language: str
) -> None:
    """Targets of 20 mm, main ones of 25 mm, 5 mm apart and from the bar; capitals of 4.8 mm in the
    real menu, 2 mm from the edge of their target."""
    wrong: list[str] = []
    for state in states(settings, language):
        root_view = studio.root_view
        root_view.show(state.visit, state.snapshot, staff=state.staff)
        settle()
        found = [
            *measures.faults(root_view),
            *(f"smaller than 25 mm: {name}" for name in small_main_targets(root_view)),
            *measures.low_capitals(root_view),
            *(f"less than 2 mm from the edge of its target: {t}" for t in near_edges(root_view)),
        ]
        if state.visit.warned_s is None:
            found += [f"nearer than 5 mm to the bar: {name}" for name in near_bar(root_view)]
        wrong += [f"{state.name}: {what}" for what in found]
    assert not wrong, "\n".join(wrong)


def small_main_targets(root_view: Any) -> Iterator[str]:
    """Tiles and rows of services that are smaller than 25 mm."""
    from kiosk.widgets.tile import AgencyTile

    least = 25 * root_view.look.metrics.px_per_mm - 1
    for target in measures.targets(root_view):
        if isinstance(target, AgencyTile | ServiceRow) and min(target.size) < least:
            yield f"{target.name}: {target.size}"


def near_edges(root_view: Any) -> Iterator[str]:
    """Texts that are less than 2 mm from the left or right edge of their target."""
    least = 2.0 * root_view.look.metrics.px_per_mm - 1.5
    for text in measures.texts(root_view):
        if isinstance(text.parent, Touchable):
            drawn, edge = measures.drawn(text), measures.box(text.parent)
            left, right = drawn.x - edge.x, edge.x + edge.w - drawn.x - drawn.w
            if min(left, right) < least:
                yield f"{text.text!r}: {left:.0f} and {right:.0f} px"


def near_bar(root_view: Any) -> Iterator[str]:
    """Targets that are less than 5 mm above the bar, where there is one: staff screens, and the
    dark one, have none."""
    least = 5.0 * root_view.look.metrics.px_per_mm - 1.5
    if root_view.bar.parent is not None:
        for target in measures.targets(root_view):
            if not isinstance(target, BarItem) and target.y - root_view.bar.top < least:
                yield measures.box(target).name


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_27_agencies_fit_one_portrait_page_in_three_columns(
    settings: Settings, window: Any, language: str
) -> None:
    root_view = Studio(settings, SIZES["portrait-21"]).root_view
    state = next(s for s in states(settings, language) if s.name == "agencies-open")
    root_view.show(state.visit, state.snapshot)
    settle()
    tiles = [t for t in measures.targets(root_view) if type(t).__name__ == "AgencyTile"]
    scale = root_view.look.metrics.px_per_mm
    assert len(tiles) == 27
    assert len({round(t.x) for t in tiles}) == 3
    assert len({round(t.y) for t in tiles}) == 9
    assert min(t.width for t in tiles) / scale == pytest.approx(83, abs=0.6)
    assert min(t.height for t in tiles) / scale >= 34
    assert max(len(t.ids.name.fitted.lines) for t in tiles) == 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["attract", "attract-queue"])
def test_the_attract_screen_welcomes_and_invites_in_large_letters(
    studio: Studio, settings: Settings, language: str, name: str
) -> None:
    """Capitals of 12 and 16 mm at 21.5 inch, up to a pixel; less where 15.6 inch has no room."""
    state = next(s for s in states(settings, language) if s.name == name)
    studio.root_view.show(state.visit, state.snapshot)
    settle()
    metrics = studio.root_view.look.metrics
    reference = max(metrics.width_mm, metrics.height_mm) > 400
    view: Any = studio.root_view.view
    ids = view.ids
    for text, least in (
        (ids.welcome, 12.0 if reference else 8.0),
        (ids.sentence, 15.85 if reference else 9.5),
    ):
        assert measures.cap_mm(text) >= least, text.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_number_is_the_largest_text_of_its_screen(
    studio: Studio, settings: Settings, language: str
) -> None:
    for state in states(settings, language):
        if not state.name.startswith("number-"):
            continue
        studio.root_view.show(state.visit, state.snapshot)
        settle()
        heights = {t.text: measures.cap_mm(t) for t in measures.texts(studio.root_view)}
        view: Any = studio.root_view.view
        number = heights.pop(view.number)
        assert number >= 18, (state.name, number)
        assert number > max(heights.values()), state.name
        assert measures.cap_mm(view.ids.place.ids.floor) >= 5.5, state.name


def test_a_notice_moves_no_target_and_adds_no_page(studio: Studio, settings: Settings) -> None:
    known = {s.name: s for s in states(settings, "id")}
    for plain, with_notice in (
        ("agencies-open", "agencies-banner-paper"),
        ("services-long", "services-banner"),
    ):
        places = []
        for state in (known[plain], known[with_notice]):
            studio.root_view.show(state.visit, state.snapshot, staff=state.staff)
            settle()
            here = {str(t.event): (*t.pos, *t.size) for t in measures.targets(studio.root_view)}
            places.append(here)
        assert studio.root_view.notice.parent is not None
        assert places[0] == places[1], with_notice


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_notice_is_laid_out_at_once(
    settings: Settings, window: Any, language: str
) -> None:
    for size in SIZES.values():
        root_view = Studio(settings, size).root_view
        state = next(s for s in states(settings, language) if s.name == "agencies-banner-paper")
        root_view.show(state.visit, state.snapshot)
        settle()
        assert not measures.colliding(root_view), size
        text, strip = measures.drawn(root_view.notice.ids.title), measures.box(root_view.notice)
        assert text.within(strip), size


@pytest.mark.parametrize(("language", "word"), [("id", " antre"), ("en", " waiting")])
def test_the_number_of_people_waiting_does_not_overlap_other_texts(
    studio: Studio, settings: Settings, language: str, word: str
) -> None:
    met = 0
    for name in ("agencies-open", "agencies-live", "agencies-crowded"):
        state = next(s for s in states(settings, language) if s.name == name)
        studio.root_view.show(state.visit, state.snapshot)
        settle()
        scale = studio.root_view.look.metrics.px_per_mm
        tiles = [t for t in measures.targets(studio.root_view) if getattr(t, "waiting", "")]
        assert tiles or name == "agencies-open", name
        for tile in tiles:
            assert tile.waiting.endswith(word), tile.waiting
            assert tile.ids.note.text, "the hint is missing"
            for pill in tile.children:
                if type(pill).__name__ != "WaitingPill" or not pill.opacity:
                    continue
                met += 1
                place = measures.box(pill)
                assert place.within(measures.box(tile), slack=-1.4 * scale), (name, tile.name)
                for text in (tile.ids.name, tile.ids.note):
                    # Texts may share half of a line's empty part.
                    assert measures.drawn(text).gap_to(place) > -0.22 * text.fitted.px, tile.name
    assert met >= 2, "too few tiles show the count"


def test_a_chosen_priority_group_shows_that_staff_may_ask_to_confirm(
    studio: Studio, settings: Settings
) -> None:
    state = next(s for s in states(settings, "id") if s.name == "services-priority")
    studio.root_view.show(state.visit, state.snapshot)
    settle()
    assert any(
        "Petugas dapat meminta konfirmasi" in t.text for t in measures.texts(studio.root_view)
    )


def shared_states(studio: Studio, settings: Settings, language: str) -> Iterator[PreviewState]:
    """Half of the states: those that the two screens of the other diagonal leave out."""
    place = int(studio.root_view.look.metrics.diagonal_inch > 20)
    return (s for s in states(settings, language) if is_share(s.name, place, 2))


GIVES = (ServiceChosen, ConfirmTapped, RetryTapped, OfferTaken)


@pytest.mark.parametrize(("studio", "language"), pairs(SIZES, LANGUAGES), indirect=["studio"])
def test_only_the_labelled_button_gives_a_number(
    studio: Studio, settings: Settings, language: str
) -> None:
    """Press every point of a 4 mm grid: a press that gives a number hits a labelled button."""
    root_view, met = studio.root_view, 0
    step = round(4 * root_view.look.metrics.px_per_mm)
    dead = root_view.look.gap - 2
    labels = {
        settings.words.say(language, key)
        for key in (
            *("service.take_short", "service.take_priority", "service.take_priority_short"),
            *("confirm.yes", "confirm.yes_screen", "nav.retry", "resume.yes"),
        )
    }
    for state in shared_states(studio, settings, language):
        root_view.show(state.visit, state.snapshot)
        settle()
        targets = measures.targets(root_view)
        gives = [measures.box(t) for t in targets if isinstance(t.event, GIVES)]
        for x in range(step // 2, int(root_view.width), step) if gives else ():
            column = [b for b in gives if b.x - dead < x < b.x + b.w + dead]
            for y in range(step // 2, int(root_view.height), step) if column else ():
                if not any(b.y - dead < y < b.y + b.h + dead for b in column):
                    continue
                pressed = measures.pressed_target(root_view, x, y, targets)
                if pressed is None:
                    continue
                met += 1
                assert isinstance(pressed.event, GIVES), (state.name, x, y, pressed.event)
                drawn = {t.text for t in pressed.walk(restrict=True) if isinstance(t, Text)}
                assert drawn & labels, (state.name, drawn)
                assert pressed.collide_point(x, y)
    assert met > 100


def test_the_text_of_a_row_opens_the_details(studio: Studio, settings: Settings) -> None:
    for state in states(settings, "id"):
        if not state.name.startswith("services-"):
            continue
        studio.root_view.show(state.visit, state.snapshot)
        settle()
        rows = [t for t in measures.targets(studio.root_view) if isinstance(t, ServiceRow)]
        assert rows, state.name
        for row in rows:
            pressed = measures.pressed_target(
                studio.root_view, row.ids.name.x + 5, row.ids.name.center_y
            )
            assert pressed is row, state.name
            assert isinstance(row.event, DetailsAsked), state.name


def test_no_button_of_the_idle_warning_covers_one_that_gives_a_number(
    studio: Studio, settings: Settings
) -> None:
    root_view, met = studio.root_view, 0
    for state in shared_states(studio, settings, "id"):
        if state.visit.warned_s is not None:
            continue
        root_view.show(state.visit, state.snapshot)
        settle()
        gives = [measures.box(t) for t in measures.targets(root_view) if isinstance(t.event, GIVES)]
        met += len(gives)
        warned = replace(state.visit, warned_s=state.snapshot.mono_s)
        root_view.show(warned, state.snapshot)
        settle()
        buttons = [measures.box(t) for t in measures.targets(root_view)]
        assert buttons, state.name
        for button in buttons:
            for give in gives:
                assert button.gap_to(give) >= 0, (state.name, button, give)
    assert met > 10


def test_a_small_window_shows_all_targets_scaled_down(settings: Settings, window: Any) -> None:
    sizes = ((540, 960, 21.5), (640, 480, 21.5), (1366, 768, 15.6), (1024, 600, 7.0))
    for place, size in enumerate(sizes):
        root_view = Studio(settings, size).root_view
        for state in states(settings, "id"):
            if not is_share(state.name, place % 2, 2):
                continue
            root_view.show(state.visit, state.snapshot)
            settle()
            whole = measures.Area("root_view", 0, 0, *root_view.size)
            for target in measures.targets(root_view):
                assert measures.box(target).within(whole), (size, state.name, target)
            assert not measures.too_near(root_view), (size, state.name)


def test_closed_agencies_stay_in_place_with_a_note(settings: Settings, window: Any) -> None:
    root_view = Studio(settings, SIZES["portrait-21"]).root_view
    by_name = {s.name: s for s in states(settings, "id")}
    places = []
    for name in ("agencies-open", "agencies-closed"):
        root_view.show(by_name[name].visit, by_name[name].snapshot)
        settle()
        tiles = [t for t in measures.targets(root_view) if type(t).__name__ == "AgencyTile"]
        places.append({t.event: tuple(t.pos) for t in tiles})
    assert places[0] == places[1]
    note = settings.words.say("id", "state.paused_short")
    assert [t.note for t in tiles if t.shut] == [note] * 26


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_home_without_numbers_shows_one_message(
    studio: Studio, settings: Settings, language: str
) -> None:
    """The message, the information desk and a button to the requirements; no tiles, no notice."""
    words = settings.words
    browse, desk = words.say(language, "state.browse"), settings.catalogue.site.desk
    assert desk is not None
    named = {s.name: s for s in states(settings, language)}
    for name in ("site-closed", "site-closed-early", "machine", "machine-printer"):
        state = named[name]
        studio.root_view.show(state.visit, state.snapshot, staff=True)
        settle()
        targets = measures.targets(studio.root_view)
        assert not [t for t in targets if isinstance(t.event, AgencyChosen)], name
        assert [t.label for t in targets if t.event == BrowseAsked()] == [browse], name
        texts_shown = " ".join(t.text for t in measures.texts(studio.root_view))
        assert desk.where.in_(language) in texts_shown, name
        assert studio.root_view.notice is None or studio.root_view.notice.parent is None, name
    assert words.say(language, "trouble.elsewhere") not in texts_shown
    studio.root_view.show(named["machine-of-two"].visit, named["machine-of-two"].snapshot)
    settle()
    texts_shown = " ".join(t.text for t in measures.texts(studio.root_view))
    assert words.say(language, "trouble.elsewhere") in texts_shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_names_only_buttons_of_its_screen(
    studio: Studio, settings: Settings, language: str
) -> None:
    retry = settings.words.say(language, "nav.retry")
    for trouble in Refusal:
        for request in (None, REQUEST):
            visit = Visit(language, Problem(trouble, request))
            snapshot = KioskSnapshot(settings.catalogue, MORNING, 10.0)
            studio.root_view.show(visit, snapshot)
            settle()
            texts_shown = " ".join(
                t.text for t in measures.texts(studio.root_view) if not isinstance(t.parent, Bar)
            )
            labels = {getattr(t, "label", "") for t in measures.targets(studio.root_view)}
            assert (f"“{retry}”" in texts_shown) <= (retry in labels), (trouble, request)


def test_an_idle_root_view_draws_nothing(settings: Settings, window: Any) -> None:
    root_view = Studio(settings, SIZES["portrait-21"]).root_view
    snapshot = next(states(settings, "id")).snapshot
    snapshot = KioskSnapshot(settings.catalogue, snapshot.now, 10.0)
    visit = Visit("id", Agencies())
    root_view.show(visit, snapshot)
    settle(6)
    root_view.canvas.ask_update()
    before = _pictures(root_view)
    for second in range(50):
        root_view.tick(
            visit,
            KioskSnapshot(settings.catalogue, snapshot.now.replace(second=second), 10 + second),
        )
    assert _pictures(root_view) == before


def _pictures(root_view: Any) -> list[tuple[int, int]]:
    return [(id(w), id(w.texture)) for w in root_view.walk(restrict=True) if hasattr(w, "texture")]


def test_the_screens_fit_a_window_that_changes_its_size(settings: Settings, window: Any) -> None:
    root_view = Studio(settings, SIZES["landscape-15"]).root_view
    shown = {s.name: s for s in states(settings, "id")}
    for name in ("agencies-open", "services-long", "number-screen", "closed-cutoff", "help"):
        state = shown[name]
        for size in ((1280, 800), (800, 1280), (1280, 800)):
            root_view.size = size
            root_view.show(state.visit, state.snapshot)
            settle()
            assert not measures.overflowing(root_view), (name, size)
            assert not measures.too_near(root_view), (name, size)
            assert root_view.header.width == size[0]


def test_new_settings_change_the_texts(settings: Settings, window: Any) -> None:
    root_view = Studio(settings, SIZES["portrait-21"]).root_view
    state = next(s for s in states(settings, "id") if s.name == "agencies-open")
    root_view.show(state.visit, state.snapshot)
    texts = {k: dict(v) for k, v in settings.words.by_language.items()}
    texts["id"]["agency.title"] = "Pilih kantor"
    root_view.new_settings(replace(settings, words=Words(texts)))
    root_view.show(state.visit, state.snapshot)
    assert root_view.header.title == "Pilih kantor"
