"""Every screen, touched at random points, once and twice, in one of the two languages.

``script/test --all`` touches each in both; ``benchmarks/touch_torture.py`` touches every point.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.events import ModeToggled
from kiosk.domain.modes import Mode
from kiosk.domain.staff import StaffAction, StaffTask
from kiosk.preview.cast import PreviewState
from kiosk.settings.loader import load_settings
from tests.samples import is_share
from tests.ui import touch_torture
from tests.ui.touch_torture import GESTURES, Gesture, TortureApp, torture

pytestmark = pytest.mark.usefixtures("unmeasured")

ROOT = Path(__file__).parents[2]
POINTS = 4
"""Random points of each screen, beside the centres of up to as many targets."""


@pytest.fixture
def app(window: Any) -> Iterator[TortureApp]:
    made = TortureApp(load_settings(ROOT / "config", ROOT / "assets"), window)
    yield made
    made.end()


LANGUAGES = ("id", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_comes_only_from_a_button_that_says_so(app: TortureApp, language: str) -> None:
    rng = random.Random(f"torture {language}")
    place = LANGUAGES.index(language)

    def chosen(state: PreviewState) -> list[tuple[tuple[float, float], Gesture]]:
        if not is_share(state.name, place, len(LANGUAGES)):
            return []
        points, centres = app.grid(state), app.centres(state)
        places = rng.sample(points, POINTS) + rng.sample(centres, min(POINTS, len(centres)))
        return [(at, rng.choice(GESTURES)) for at in places]

    made, given, wrong = 0, 0, []
    for _, gestures, numbers, mistakes in torture(app, chosen, language):
        made, given = made + gestures, given + numbers
        wrong += mistakes
    assert not wrong, "\n".join(wrong)
    assert given > 5, f"{made} gestures touched hardly any button that gives numbers"


TWICE = Gesture("twice 0.3 s", 0.3)
ONCE = GESTURES[0]


def at_text(app: TortureApp, name: str, key: str) -> tuple[PreviewState, tuple[float, float]]:
    """The state ``name``, and the centre of its first button with the text ``key``."""
    state = next(state for state in app.states("id") if state.name == name)
    app._show(state)
    button = app._saying([(key,)])[key,][0]
    return state, button.to_window(*button.center)


def test_speech_of_an_earlier_gesture_is_off_in_the_next(app: TortureApp) -> None:
    state, at = at_text(app, "services-long", "service.take_short")
    app._app.dispatch(ModeToggled(Mode.SPEECH))
    assert Mode.SPEECH in app._app.visit.modes
    assert app.play(state, at, ONCE).numbers == 1


@pytest.mark.parametrize("gesture", [ONCE, TWICE])
@pytest.mark.parametrize(
    ("name", "key", "effect"),
    [
        ("cancel-asked", "cancel.yes", "voids"),
        ("offered", "resume.yes", "copies"),
        ("details-full", "details.print", "details"),
    ],
)
def test_an_effect_of_a_button_that_does_not_say_so_is_found(
    app: TortureApp,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    key: str,
    effect: str,
    gesture: Gesture,
) -> None:
    state, at = at_text(app, name, key)
    assert app.play(state, at, gesture).wrong == ""
    assert len(getattr(app._port, effect)) == 1
    other = {("done.more",): "a number", ("done.finish",): "a void", ("done.noted",): "a copy"}
    other[("resume.no",)] = "a slip of details"
    monkeypatch.setattr(touch_torture, "EFFECT_WORDS", other)
    assert "does not say so" in app.play(state, at, gesture).wrong


@pytest.mark.parametrize("gesture", [ONCE, TWICE])
def test_a_staff_task_from_a_visitor_s_screen_is_found(app: TortureApp, gesture: Gesture) -> None:
    state, at = at_text(app, "services-long", "service.take_short")
    port = app._port
    port.answer = lambda *_: port.tasks.append(StaffTask(StaffAction.CLOSE))
    assert "a staff task" in app.play(state, at, gesture).wrong
