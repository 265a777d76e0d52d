"""A screen looks after a mode as it did before it: pixel by pixel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import ImageChops

from kiosk.domain.modes import Mode
from kiosk.preview.states import states
from kiosk.preview.studio import SIZES, Studio
from kiosk.settings.loader import load_settings

pytestmark = pytest.mark.usefixtures("unmeasured")

ROOT = Path(__file__).parents[2]
EACH = frozenset({Mode.CONTRAST, Mode.LARGE})
SCREENS = (
    "agencies-live",
    "services-priority",
    "details",
    "help",
    "confirm",
    "number-ahead",
    "closed-cutoff",
    "idle-warning",
    "find-typed",
)


@pytest.mark.parametrize("size", ["portrait-21", "landscape-15"])
def test_a_screen_is_the_same_after_a_mode(size: str, window: Any) -> None:
    settings = load_settings(ROOT / "config", ROOT / "assets")
    studio, language = Studio(settings, SIZES[size]), "id"
    plain = {s.name: s for s in states(settings, language) if s.name in SCREENS}
    changed = {s.name: s for s in states(settings, language, EACH) if s.name in SCREENS}
    assert {*plain} == {*changed} == {*SCREENS}
    wrong = []
    for name in SCREENS:
        before = studio.picture(plain[name])
        studio.picture(changed[name])
        box = ImageChops.difference(before, studio.picture(plain[name])).getbbox()
        if box is not None:
            wrong.append(f"{name}: {box}")
    assert not wrong, "\n".join(wrong)
