"""Large text on every screen: capitals, places and targets measured from the drawn geometry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.config import Settings
from kiosk.domain.events import (
    AgencyChosen,
    BackTapped,
    DetailsAsked,
    PageChosen,
    PriorityAsked,
    PriorityChosen,
    ServiceChosen,
)
from kiosk.domain.modes import NO_MODES, Mode, Modes
from kiosk.domain.visit_screens import (
    Agencies,
    Services,
)
from kiosk.domain.visit_state import (
    Visit,
)
from kiosk.preview.cast import PreviewState
from kiosk.preview.states import states
from kiosk.preview.studio import SIZES, Studio, settle
from kiosk.settings.loader import load_settings
from kiosk.ui.theme import face
from kiosk.widgets.bar import BarItem
from kiosk.widgets.large_row import LargeRow
from kiosk.widgets.large_tile import LargeTile
from kiosk.widgets.press import Touchable
from kiosk.widgets.text import Text
from tests.samples import in_turn
from tests.ui import pixels
from tests.ui import screen_measures as measures

pytestmark = pytest.mark.usefixtures("unmeasured")

ROOT = Path(__file__).parents[2]
LANGUAGES = load_settings(ROOT / "config", ROOT / "assets").catalogue.site.languages
LARGE = frozenset({Mode.LARGE})
BODY_MM, NAME_MM, PLACE_MM = 7.3, 8.2, 24.0
DESCENDER = 0.21
"""The part of the font size that letters reach below the line, at most."""

COMBINED: list[tuple[str, Modes, float | None]] = [
    *((size, LARGE | {Mode.CONTRAST}, None) for size in SIZES),
    ("portrait-21", LARGE | {Mode.LOW}, 900),
    ("portrait-21", LARGE | {Mode.LOW, Mode.CONTRAST}, 1050),
    ("landscape-21", LARGE | {Mode.LOW}, 1000),
    ("portrait-15", LARGE | {Mode.LOW}, 1000),
    ("landscape-15", LARGE | {Mode.LOW, Mode.CONTRAST}, 1050),
]
"""Large text with other modes, the lower edge of a screen that hangs high in millimetres."""

SPOKEN: list[tuple[str, Modes, float | None]] = [
    ("portrait-15", LARGE | {Mode.SPEECH}, None),
    ("portrait-21", LARGE | {Mode.SPEECH}, None),
    ("landscape-15", LARGE | {Mode.SPEECH}, None),
    ("landscape-21", LARGE | {Mode.SPEECH}, None),
    ("portrait-15", LARGE | {Mode.SPEECH, Mode.LOW, Mode.CONTRAST}, 1000),
]
"""Large text with the strip of the voice, each in one language unless all are asked for."""

SENTENCE = "Disdukcapil, Dinas Kependudukan dan Pencatatan Sipil, KTP, 12 menunggu, buka. " * 2


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "config", ROOT / "assets")


@pytest.fixture(scope="module", params=SIZES)
def studio(request: Any, settings: Settings, window: Any) -> Studio:
    return Studio(settings, SIZES[request.param])


def hung(settings: Settings, lower_edge_mm: float | None) -> Settings:
    if lower_edge_mm is None:
        return settings
    screen = replace(settings.kiosk.screen, lower_edge_mm=lower_edge_mm)
    return replace(settings, kiosk=replace(settings.kiosk, screen=screen))


def ink(text: Text) -> measures.Area:
    """Where a text has ink: from the capitals of the first line to the letters below the last.

    Large letters are set so close that the empty parts of their lines overlap; the ink must not."""
    area = measures.drawn(text)
    if text.trim:
        return area
    px, type_ = text.fitted.px, face()
    above = (type_.line_height - type_.cap_height) / 2 * px
    below = max(0.0, above - DESCENDER * px)
    return measures.Area(area.name, area.x, area.y + below, area.w, area.h - above - below)


def wrong_on(root_view: Any) -> Iterator[str]:
    """All that is wrong with what the root view shows now."""
    look = root_view.look
    mm, whole = look.metrics.px_per_mm, measures.Area("screen", 0, 0, *root_view.size)
    yield from (f"smaller than 20 mm: {a}" for a in measures.too_small(root_view, 20))
    yield from (f"nearer than 5 mm: {pair}" for pair in measures.too_near(root_view))
    texts = measures.texts(root_view)
    for text in texts:
        if text.cut:
            yield f"cut: {text.text!r}"
        if text.texture_size[0] > text.width + 1 or text.texture_size[1] > text.height + 1:
            yield f"{text.text!r} needs {text.texture_size}, has {text.size}"
        if not ink(text).within(whole):
            yield f"{text.text!r} leaves the screen"
        if measures.cap_mm(text) < BODY_MM - 0.05:
            yield f"{text.text!r}: capitals of {measures.cap_mm(text):.1f} mm"
        if isinstance(text.parent, Touchable):
            drawn, edge = measures.drawn(text), measures.box(text.parent)
            room = min(drawn.x - edge.x, edge.x + edge.w - drawn.x - drawn.w)
            if room < 2.0 * mm - 1.5:
                yield f"{text.text!r} is {room / mm:.1f} mm from the side of its target"
            if not ink(text).within(edge, slack=-0.4 * mm):
                yield f"{text.text!r} leaves its target"
    for (one, a), (two, b) in combinations([(text, ink(text)) for text in texts], 2):
        if a.gap_to(b) < -1:
            yield f"{one.text!r} over {two.text!r}"


def large_states(settings: Settings, language: str, modes: Modes = LARGE) -> Iterator[PreviewState]:
    """The states that large text changes: not the screens of staff."""
    return (s for s in states(settings, language, modes) if Mode.LARGE in s.visit.modes)


def show(studio: Studio, state: PreviewState) -> Any:
    studio.root_view.show(state.visit, state.snapshot, staff=state.staff)
    studio.root_view.say(SENTENCE)
    settle(5)
    return studio.root_view


def state_of(settings: Settings, name: str, language: str = "id") -> PreviewState:
    return next(s for s in states(settings, language, LARGE) if s.name == name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_has_large_letters_and_nothing_is_cut_or_overlaps(
    studio: Studio, settings: Settings, language: str
) -> None:
    wrong = [
        f"{state.name}: {what}"
        for state in large_states(settings, language)
        for what in wrong_on(show(studio, state))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("size", "modes", "lower_edge_mm", "languages"),
    [
        *((*combined, LANGUAGES) for combined in COMBINED),
        *((*spoken, in_turn(LANGUAGES, i)) for i, spoken in enumerate(SPOKEN)),
    ],
)
def test_large_text_combines_with_the_other_modes(
    settings: Settings,
    window: Any,
    size: str,
    modes: Modes,
    lower_edge_mm: float | None,
    languages: list[str],
) -> None:
    there = hung(settings, lower_edge_mm)
    studio, wrong = Studio(there, SIZES[size]), []
    for language in languages:
        for state in large_states(there, language, modes):
            wrong += [f"{language} {state.name}: {what}" for what in wrong_on(show(studio, state))]
    assert not wrong, "\n".join(wrong)


def test_capitals_are_as_high_in_pixels_as_the_geometry_says(
    settings: Settings, window: Any
) -> None:
    """The name of a tile whose letters are flat above and below, measured from its pixels."""
    studio = Studio(settings, SIZES["portrait-21"])
    state = state_of(settings, "agencies-open")
    picture = studio.picture(state)
    tile = next(
        t
        for t in measures.targets(studio.root_view)
        if isinstance(t, LargeTile) and t.name == "BNN"
    )
    text = tile.ids.name
    area = measures.drawn(text)
    part = pixels.crop(picture, area.x, area.y, area.w, area.h).convert("L")
    ground = part.getpixel((0, 0))
    rows = [
        y
        for y in range(part.height)
        if any(abs(part.getpixel((x, y)) - ground) > 100 for x in range(part.width))
    ]
    height_mm = (rows[-1] - rows[0] + 1) / text.look.metrics.px_per_mm
    assert height_mm == pytest.approx(NAME_MM, abs=0.4)
    assert measures.cap_mm(text) >= NAME_MM


@pytest.mark.parametrize(
    ("size", "columns", "count", "high_mm"),
    [
        ("portrait-21", 2, 14, 43),
        ("portrait-15", 2, 10, 35.9),
        ("landscape-21", 3, 9, 56),
        ("landscape-15", 3, 9, 39),
    ],
)
def test_the_first_page_of_agencies(
    settings: Settings, window: Any, size: str, columns: int, count: int, high_mm: float
) -> None:
    studio = Studio(settings, SIZES[size])
    root_view = show(studio, state_of(settings, "agencies-open"))
    scale = root_view.look.metrics.px_per_mm
    tiles = [t for t in measures.targets(root_view) if isinstance(t, LargeTile)]
    assert len(tiles) == count
    assert len({t.x for t in tiles}) == columns
    assert min(t.height for t in tiles) / scale >= high_mm
    if size == "portrait-21":
        assert min(t.width for t in tiles) / scale == pytest.approx(127, abs=1)
        tops = sorted({t.y for t in tiles})
        assert (tops[1] - tops[0]) / scale == pytest.approx(48, abs=1.5), "rows of 48 mm"
    popular = [a.code for a in settings.catalogue.popular()]
    assert [t.event.code for t in _in_order(tiles)][: len(popular)] == popular
    assert all(t.popular for t in _in_order(tiles)[: len(popular)])
    above = [t for t in tiles if t.chip and t.ids.name.top <= t.chip_pos[1] + 0.35 * t.ids.name.px]
    assert bool(above) is (size == "portrait-15"), "the icon is above the name"


def _in_order(tiles: list[LargeTile]) -> list[LargeTile]:
    return sorted(tiles, key=lambda t: (-t.y, t.x))


@pytest.mark.parametrize("size", SIZES)
def test_all_agencies_and_services_are_on_the_pages(
    settings: Settings, window: Any, size: str
) -> None:
    studio = Studio(settings, SIZES[size])
    snapshot = state_of(settings, "agencies-live").snapshot
    busy = max(settings.catalogue.agencies, key=lambda a: len(a.services))
    for home, kind, codes in (
        (True, AgencyChosen, [a.code for a in settings.catalogue.agencies]),
        (False, DetailsAsked, [s.code for s in busy.services]),
    ):
        met: list[str] = []
        page, more = 0, True
        while more:
            screen = Agencies(page) if home else Services(busy.code, page)
            root_view = show(studio, PreviewState("", Visit("id", screen, modes=LARGE), snapshot))
            events = [t.event for t in measures.targets(root_view)]
            met += [e.code for e in events if isinstance(e, kind) and e.code is not None]
            page, more = page + 1, PageChosen(page + 1) in events
        assert sorted(met) == sorted(codes), kind


def test_a_service_row_has_one_fact_and_a_button_of_40_mm_with_its_words(
    studio: Studio, settings: Settings
) -> None:
    for name in ("services-long", "services-live", "services-one"):
        root_view = show(studio, state_of(settings, name))
        scale = root_view.look.metrics.px_per_mm
        rows = [t for t in measures.targets(root_view) if isinstance(t, LargeRow)]
        assert rows, name
        assert len({row.x for row in rows}) == 1, "one column"
        for row in rows:
            take = row.ids.take
            assert min(take.size) / scale >= 39.7, (name, take.size)
            texts = [t for t in row.walk(restrict=True) if type(t) is Text and t.text]
            assert len(texts) <= 3, [t.text for t in texts]
            assert measures.cap_mm(row.ids.name) >= BODY_MM
            assert take.label in [t.text for t in texts]
        asked = {t.event for t in measures.targets(root_view) if isinstance(t.event, DetailsAsked)}
        assert len(asked) == len(rows), "the text of a row opens what it leaves out"
    states_ = [t for t in measures.targets(root_view) if isinstance(t.event, PriorityChosen)]
    assert not states_, "the groups are behind a key"


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_key_opens_the_priority_groups_over_the_whole_width(
    studio: Studio, settings: Settings, language: str
) -> None:
    state = state_of(settings, "services-long", language)
    root_view = show(studio, state)
    asks = [t for t in measures.targets(root_view) if t.event == PriorityAsked(open=True)]
    assert [a.label for a in asks] == [settings.words.say(language, "priority.ask")]
    shown = state.visit.screen
    assert isinstance(shown, Services)
    screen = replace(shown, choosing=True)
    groups = settings.catalogue.priority_groups
    group = groups[0]
    for modes in (LARGE, LARGE | {Mode.CONTRAST}):
        for chosen in ((), (group.code,), tuple(g.code for g in groups)):
            visit = replace(state.visit, screen=screen, modes=modes, priorities=chosen)
            root_view = show(studio, replace(state, visit=visit))
            assert not list(wrong_on(root_view))
            keys = [t for t in measures.targets(root_view) if isinstance(t.event, PriorityChosen)]
            assert len(keys) == len(settings.catalogue.priority_groups) == 4
            inner = root_view.width - 2 * root_view.look.margin
            assert all(abs(k.width - inner) <= 1 for k in keys)
            assert [k.chosen for k in keys] == [k.event.code in chosen for k in keys]
            events = [t.event for t in measures.targets(root_view)]
            assert PriorityAsked(open=False) in events
            assert isinstance(root_view.bar.back.event, BackTapped)
            assert not [e for e in events if isinstance(e, ServiceChosen)]
    several = settings.words.say(language, "priority.several", n=2)
    for count, label in ((1, group.name.in_(language)), (2, several)):
        done = replace(state.visit, priorities=tuple(g.code for g in groups[:count]))
        root_view = show(studio, replace(state, visit=done))
        key = next(t for t in measures.targets(root_view) if t.event == PriorityAsked(open=True))
        assert key.chosen
        assert key.label == label
        assert not list(wrong_on(root_view))


@pytest.mark.parametrize("name", ["number-confirmed", "number-ahead", "number-long-names"])
def test_the_place_has_24_mm_and_the_number_is_larger(
    studio: Studio, settings: Settings, name: str
) -> None:
    root_view = show(studio, state_of(settings, name))
    view: Any = root_view.view
    place = view.ids.place
    for line in (place.ids.floor, place.ids.counter):
        assert line.text
        assert measures.cap_mm(line) == pytest.approx(PLACE_MM, abs=0.2), line.text
    assert measures.cap_mm(view.ids.hero) > (0.85 if view.ids.badge.text else 0.98) * PLACE_MM


@pytest.mark.parametrize("size", ["portrait-15", "landscape-15"])
def test_above_the_strip_of_the_voice_the_place_has_24_mm_and_the_number_is_large(
    settings: Settings, window: Any, size: str
) -> None:
    studio = Studio(settings, SIZES[size])
    modes = LARGE | {Mode.SPEECH}
    for state in states(settings, "id", modes):
        least = {"number-ahead": 0.9, "number-long-names": 0.75, "number-kept": 0.6}
        if state.name not in least:
            continue
        view: Any = show(studio, state).view
        for line in (view.ids.place.ids.floor, view.ids.place.ids.counter):
            assert measures.cap_mm(line) == pytest.approx(PLACE_MM, abs=0.2), line.text
        height = measures.cap_mm(view.ids.hero)
        assert height >= least[state.name] * PLACE_MM, (state.name, height)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_number_is_larger_than_every_other_text(
    studio: Studio, settings: Settings, language: str
) -> None:
    for state in large_states(settings, language):
        if not state.name.startswith("number-"):
            continue
        root_view = show(studio, state)
        heights = {t.text: measures.cap_mm(t) for t in measures.texts(root_view)}
        view: Any = root_view.view
        number = heights.pop(view.number)
        hero = view.ids.hero
        fills = hero.texture_size[0] > 0.8 * hero.width  # eight signs on a small screen
        most = max(heights.values())
        assert number >= (0.85 if fills else 0.98) * most, (state.name, number, most)


def test_the_bar_has_two_rows_on_an_upright_screen(settings: Settings, window: Any) -> None:
    for size in SIZES:
        studio = Studio(settings, SIZES[size])
        for state in large_states(settings, "id"):
            if state.name not in ("agencies-open", "services-long", "number-confirmed"):
                continue
            root_view = show(studio, state)
            keys = [t for t in measures.targets(root_view) if isinstance(t, BarItem)]
            upright = size.startswith("portrait")
            assert len({k.y for k in keys}) == (2 if upright else 1), size
            rows = [sorted(k.x for k in keys if k.y == y) for y in {k.y for k in keys}]
            assert all(a < b for row in rows for a, b in pairwise(row))
            assert root_view.bar.back in keys
            assert root_view.bar.back.y == min(k.y for k in keys), "where it was"


def test_a_notice_moves_no_target(studio: Studio, settings: Settings) -> None:
    for plain, with_notice in (
        ("agencies-open", "agencies-banner-paper"),
        ("services-long", "services-banner"),
    ):
        places = []
        for name in (plain, with_notice):
            root_view = show(studio, state_of(settings, name))
            there = measures.targets(root_view)
            places.append({str(t.event): (*t.pos, *t.size) for t in there})
        assert root_view.notice.parent is not None
        assert places[0] == places[1], with_notice


def test_switching_off_brings_the_usual_screen_back(studio: Studio, settings: Settings) -> None:
    for name in ("agencies-live", "services-live", "number-ahead", "find-typed", "details"):
        state = state_of(settings, name)
        places = []
        for modes in (NO_MODES, LARGE, NO_MODES):
            root_view = show(studio, replace(state, visit=replace(state.visit, modes=modes)))
            there = measures.targets(root_view)
            places.append(sorted((str(t.event), *t.pos, *t.size) for t in there))
        assert places[0] == places[2], name
        assert places[0] != places[1], name


def test_few_type_sizes_are_used(studio: Studio, settings: Settings) -> None:
    """Kivy keeps each font size for ever: the mode adds few to those of the usual screens."""
    sizes: dict[bool, set[tuple[str, int]]] = {}
    for large in (False, True):
        sizes[large] = set()
        some = large_states(settings, "id") if large else states(settings, "id")
        for state in some:
            texts = measures.texts(show(studio, state))
            sizes[large] |= {(t.weight, t.fitted.px) for t in texts}
    assert len(sizes[True] - sizes[False]) <= MOST_SIZES


MOST_SIZES = 60
