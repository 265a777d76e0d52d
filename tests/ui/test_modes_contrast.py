"""High contrast on every screen, measured from rendered pixels; and that nothing moves.

Each state is drawn at one of two sizes, and compared with the normal one at one of the four:
colours and edges belong to a widget, which is the same at every size. ``script/test --all``
measures each state at each size.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.config import Settings
from kiosk.domain.modes import NO_MODES, Mode, Modes
from kiosk.preview.cast import PreviewState
from kiosk.preview.states import states
from kiosk.preview.studio import SIZES, Studio, settle
from kiosk.settings.loader import load_settings
from kiosk.widgets.bar import BarItem
from kiosk.widgets.find_parts import ResultRow
from kiosk.widgets.tile import AgencyTile
from tests.samples import is_share
from tests.ui import pixels
from tests.ui import screen_measures as measures

pytestmark = pytest.mark.usefixtures("unmeasured")

ROOT = Path(__file__).parents[2]
HIGH = frozenset({Mode.CONTRAST})
NORMAL_STATES = (
    "agencies-live",
    "agencies-closed",
    "services-",
    "number-f",
    "site-closed",
    "confirm",
)
BLACK, WHITE, YELLOW = (0, 0, 0), (255, 255, 255), (255, 212, 0)
MEASURED = {"portrait-21": "id", "landscape-15": "en"}
"""Pixels are measured at two sizes; at the others the layout is the same (see below)."""
TURNED = (
    ("portrait-21", "id"),
    ("landscape-21", "en"),
    ("portrait-15", "en"),
    ("landscape-15", "id"),
)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "config", ROOT / "assets")


@pytest.fixture(scope="module", params=MEASURED)
def sized(request: Any, settings: Settings, window: Any) -> tuple[Studio, str]:
    return Studio(settings, SIZES[request.param]), MEASURED[request.param]


def test_every_text_has_7_to_1_and_every_edge_3_to_1(
    sized: tuple[Studio, str], settings: Settings
) -> None:
    studio, language = sized
    weak: list[str] = []
    place = list(MEASURED.values()).index(language)
    for state in states(settings, language, HIGH):
        if not is_share(state.name, place, len(MEASURED)):
            continue
        picture = studio.picture(state)
        for text, value in pixels.text_contrasts(studio, picture):
            if value < 7:
                weak.append(f"{state.name}: {text!r} {value:.1f}")
        for name, value in pixels.edge_contrasts(studio, picture):
            if value < 3:
                weak.append(f"{state.name}: edge of {name} {value:.1f}")
        # No tints, shadows or gradients: what covers more than letters' rims is one of three.
        area = picture.width * picture.height
        for count, shade in pixels.shades(picture):
            if count > 0.02 * area and shade not in (BLACK, WHITE, YELLOW):
                weak.append(f"{state.name}: {shade} covers {100 * count / area:.1f} %")
    assert not weak, "\n".join(weak)


def test_the_normal_palette_has_4_5_and_3_on_the_screen_too(
    sized: tuple[Studio, str], settings: Settings
) -> None:
    studio, language = sized
    weak: list[str] = []
    for state in states(settings, language):
        if not state.name.startswith(NORMAL_STATES):
            continue
        picture = studio.picture(state)
        weak += [
            f"{state.name}: {text!r} {value:.1f}"
            for text, value in pixels.text_contrasts(studio, picture)
            if value < 4.5
        ]
        # A key of the bar is known by its icon and word; it has no edge of its own.
        edges = dict(pixels.edge_contrasts(studio, picture))
        keys = {measures.box(t).name for t in pixels.touchables(studio) if isinstance(t, BarItem)}
        weak += [
            f"{state.name}: edge of {name} {value:.1f}"
            for name, value in edges.items()
            if value < 3 and name not in keys
        ]
    assert not weak, "\n".join(weak)


@pytest.mark.parametrize(("size", "language"), TURNED)
def test_high_contrast_moves_nothing(
    settings: Settings, window: Any, size: str, language: str
) -> None:
    """Same layout, nothing to learn anew: each target is where it was; no text is cut."""
    root_view = Studio(settings, SIZES[size]).root_view
    place = TURNED.index((size, language))
    all_states = [s for s in states(settings, language) if is_share(s.name, place, len(TURNED))]
    places: dict[Modes, list[object]] = {NO_MODES: [], HIGH: []}
    for modes, there in places.items():
        for state in all_states:
            visit = replace(state.visit, modes=modes)
            root_view.show(visit, state.snapshot, staff=state.staff)
            settle()
            targets = {str(t.event): (*t.pos, *t.size) for t in measures.targets(root_view)}
            there.append((state.name, targets))
            assert not measures.overflowing(root_view), state.name
            assert not measures.colliding(root_view), state.name
    assert places[NO_MODES] == places[HIGH]


def test_edges_are_one_millimetre(settings: Settings, window: Any) -> None:
    for size in SIZES.values():
        studio = Studio(settings, size)
        mm = studio.root_view.look.metrics.px_per_mm
        for name in ("agencies-live", "services-live", "number-follow", "confirm"):
            _show(studio, _state(settings, name, "id"))
            for target in pixels.touchables(studio):
                assert target.border_px == pytest.approx(mm, abs=0.5), (name, target)


def test_closed_is_said_by_a_dashed_edge_and_a_word(
    sized: tuple[Studio, str], settings: Settings
) -> None:
    studio, language = sized
    word = settings.words.say(language, "state.closed_short").upper()
    picture = studio.picture(_state(settings, "agencies-closed", language))
    tiles = [t for t in pixels.touchables(studio) if isinstance(t, AgencyTile)]
    assert {t.shut for t in tiles} == {True, False}
    for tile in tiles:
        assert (word in tile.said) is tile.shut
        box = measures.box(tile)
        seen = pixels.shades(pixels.crop(picture, box.x + 1, box.y + 0.2 * box.h, 1, 0.6 * box.h))
        yellow = sum(n for n, shade in seen if shade == YELLOW) / sum(n for n, _ in seen)
        assert 0.3 < yellow < 0.75 if tile.shut else yellow > 0.95, (tile.name, yellow)
    _show(studio, _state(settings, "find-closed", language))
    rows = [t for t in pixels.touchables(studio) if isinstance(t, ResultRow)]
    assert all(row.dashed is (word in row.meta) is row.shut for row in rows)
    assert any(row.shut for row in rows)
    _show(studio, _state(settings, "services-closed", language))
    buttons = [t for t in pixels.touchables(studio) if getattr(t, "label", "") == word]
    assert buttons
    assert all(b.dashed for b in buttons)


def test_the_code_keeps_its_white_field(sized: tuple[Studio, str], settings: Settings) -> None:
    studio, language = sized
    state = _state(settings, "number-follow", language)
    picture = studio.picture(state)
    view: Any = studio.root_view.view
    code = view.ids.code
    x = round(code.x + (code.height - code.side) / 2)
    y = round(code.y + (code.height - code.side) / 2)
    found = {s: n for n, s in pixels.shades(pixels.crop(picture, x, y, code.side, code.side))}
    assert set(found) == {BLACK, WHITE}
    assert found[WHITE] > found[BLACK]
    # The quiet zone: four modules on each side (ISO/IEC 18004, 5.3.8).
    module = code.side / code.picture.width
    rim = pixels.crop(picture, x, y, code.side, 4 * module - 1)
    assert [shade for _, shade in pixels.shades(rim)] == [WHITE]


def _state(settings: Settings, name: str, language: str) -> PreviewState:
    return next(s for s in states(settings, language, HIGH) if s.name == name)


def _show(studio: Studio, state: PreviewState) -> None:
    studio.root_view.show(state.visit, state.snapshot)
    settle()
