"""Every screen, touched at random points, once and twice (benchmarks/touch_torture.py: all)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.preview.states import PreviewState
from kiosk.settings.loader import load_settings
from tests.ui.touch_torture import GESTURES, Gesture, TortureApp, torture

ROOT = Path(__file__).parents[2]
POINTS = 6
"""Random points of each screen, beside the centres of up to as many targets."""


@pytest.fixture
def app(window: Any) -> Iterator[TortureApp]:
    made = TortureApp(load_settings(ROOT / "config", ROOT / "assets"), window)
    yield made
    made.end()


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_number_comes_only_from_a_button_that_says_so(app: TortureApp, language: str) -> None:
    rng = random.Random(f"torture {language}")

    def chosen(state: PreviewState) -> list[tuple[tuple[float, float], Gesture]]:
        points, centres = app.grid(state), app.centres(state)
        places = rng.sample(points, POINTS) + rng.sample(centres, min(POINTS, len(centres)))
        return [(at, rng.choice(GESTURES)) for at in places]

    made, given, wrong = 0, 0, []
    for _, gestures, numbers, mistakes in torture(app, chosen, language):
        made, given = made + gestures, given + numbers
        wrong += mistakes
    assert not wrong, "\n".join(wrong)
    assert given > 5, f"{made} gestures touched hardly any button that gives numbers"
