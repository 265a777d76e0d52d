"""A site's own colour and emblem on the real screens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kiosk.domain.colours import code_of, colour
from kiosk.domain.config import LookSettings, Settings
from kiosk.domain.modes import Mode
from kiosk.preview.states import states
from kiosk.preview.studio import SIZES, Studio, settle
from kiosk.settings.loader import load_settings
from kiosk.widgets.pictures import emblem, emblem_size
from tests.ui import pixels

pytestmark = pytest.mark.usefixtures("unmeasured")

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "config", ROOT / "assets")


def with_look(settings: Settings, accent: str = "", name: str = "", folder: str = "") -> Settings:
    kiosk = replace(settings.kiosk, look=LookSettings(accent, name))
    return replace(settings, kiosk=kiosk, config_dir=folder or settings.config_dir)


def drawn(studio: Studio, settings: Settings, name: str) -> Any:
    return studio.picture(next(s for s in states(settings, "id") if s.name == name))


def test_a_sites_colour_replaces_the_blue_on_the_screen(settings: Settings, window: Any) -> None:
    green = with_look(settings, "#006A35")
    studio = Studio(green, SIZES["landscape-15"])
    for name in ("agencies-open", "services-long", "number-follow"):
        picture = drawn(studio, green, name)
        found = {
            shade: count for count, shade in picture.getcolors(picture.width * picture.height) or []
        }
        accent = tuple(round(255 * c) for c in colour("#006A35")[:3])
        blue = tuple(round(255 * c) for c in colour("#0048C8")[:3])
        assert found.get(accent, 0) > 1000, name
        assert blue not in found, name


def test_new_settings_bring_new_colours_without_a_restart(settings: Settings, window: Any) -> None:
    root_view = Studio(settings, SIZES["landscape-15"]).root_view
    state = next(s for s in states(settings, "id") if s.name == "agencies-open")
    root_view.show(state.visit, state.snapshot)
    root_view.new_settings(with_look(settings, "#006A35"))
    root_view.show(state.visit, state.snapshot)
    settle()
    assert code_of(root_view.look.colour.main) == "#006A35"
    assert root_view.view is not None
    assert root_view.view.look is root_view.look


def test_new_colours_that_come_during_high_contrast_are_there_after_it(
    settings: Settings, window: Any
) -> None:
    root_view = Studio(settings, SIZES["landscape-21"]).root_view
    state = next(s for s in states(settings, "id") if s.name == "agencies-open")
    high = replace(state.visit, modes=frozenset({Mode.CONTRAST}))
    root_view.show(state.visit, state.snapshot)
    root_view.show(high, state.snapshot)
    root_view.new_settings(with_look(settings, "#006A35"))
    root_view.show(high, state.snapshot)
    assert code_of(root_view.look.colour.main) == "#FFD400"
    root_view.show(state.visit, state.snapshot)
    assert code_of(root_view.look.colour.main) == "#006A35"


def test_a_sites_emblem_keeps_its_proportions_and_a_broken_one_gives_way(
    settings: Settings, window: Any, tmp_path: Path
) -> None:
    Image.new("RGBA", (300, 600), (255, 128, 0, 255)).save(tmp_path / "tall.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG no picture")
    for name, shown in (("tall.png", True), ("broken.png", False), ("gone.png", False)):
        studio = Studio(with_look(settings, "", name, str(tmp_path)), SIZES["landscape-15"])
        picture = drawn(studio, settings, "agencies-open")
        orange = {s: n for n, s in pixels.shades(picture)}.get((255, 128, 0), 0)
        assert (orange > 100) is shown, name
    width, height = emblem_size(str(tmp_path / "tall.png"), 100)
    assert (width, height) == (pytest.approx(50), pytest.approx(100))
    assert emblem(str(tmp_path / "broken.png")) is emblem()
