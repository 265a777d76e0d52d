"""``kiosk preview`` draws all states, and no picture is empty."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from PIL import Image

from kiosk.domain.visit_state import Closed, Screen
from kiosk.errors import KioskError, Refusal
from kiosk.preview.states import states
from kiosk.preview.studio import render
from kiosk.settings.loader import load_settings
from menu.schedule import Why

pytestmark = pytest.mark.usefixtures("unmeasured")

ROOT = Path(__file__).parents[2]


def test_every_state_has_a_picture(tmp_path: Path, window: Any) -> None:
    settings = load_settings(ROOT / "config", ROOT / "assets")
    drawn = render(settings, tmp_path, ["landscape-15"], ["id"], modes=["normal"])
    names = {path.stem for path in drawn}
    assert {f"closed-{w.value}" for w in Why if w is not Why.OPEN} <= names
    assert {f"problem-{t.value}" for t in Refusal} <= names
    assert {"agencies-open", "services-long", "details", "issuing", "offered", "help"} <= names
    assert {
        f"number-{p}" for p in ("printing", "confirmed", "sent", "uncertain", "screen")
    } <= names
    assert len(drawn) == len(list(states(settings, "id"))) + 1
    for path in drawn:
        with Image.open(path) as picture:
            assert len(picture.getcolors(maxcolors=1 << 24) or []) > 50, path.name
            if not path.stem.endswith("sheet"):
                assert picture.size == (1280, 800)
                assert path.parent == tmp_path / "landscape-15" / "id"


def test_a_single_screen_can_be_drawn(tmp_path: Path, window: Any) -> None:
    settings = load_settings(ROOT / "config", ROOT / "assets")
    drawn = render(settings, tmp_path, ["landscape-15"], ["id"], only="help*")
    folders = {path.parent.name for path in drawn if not path.stem.endswith("sheet")}
    assert folders == {"id", "id-contrast", "id-large", "id-speech"}, (
        "with the shipped height low reach moves nothing"
    )
    assert {path.stem for path in drawn} == {
        *(
            f"help{what}"
            for what in ("", "-no-call", "-number-printing", "-number-printed", "-number-screen")
        ),
        "id-sheet",
        "id-contrast-sheet",
        "id-large-sheet",
        "id-speech-sheet",
    }
    with pytest.raises(KioskError, match="no screen is called halp; there are: agencies-"):
        render(settings, tmp_path, only="halp")


def test_every_kind_of_screen_has_a_state() -> None:
    """The layout tests measure the states, so that a screen without one is measured by none."""
    settings = load_settings(ROOT / "config", ROOT / "assets")
    drawn = {type(state.visit.screen) for state in states(settings, "id")}
    assert drawn == set(get_args(Screen))


def test_closed_states_agree_with_the_schedule() -> None:
    """Each closed state has the reason and the opening that its menu gives at its time."""
    settings = load_settings(ROOT / "config", ROOT / "assets")
    met = set()
    for state in states(settings, "id"):
        screen, snapshot = state.visit.screen, state.snapshot
        if not isinstance(screen, Closed) or state.name == "closed-paused-until":
            continue
        agency = snapshot.catalogue.agency(screen.agency)
        assert agency is not None
        assert screen.opening == snapshot.opening(agency), state.name
        assert not screen.opening.open, state.name
        met.add(screen.opening.why)
    assert met == set(Why) - {Why.OPEN}
