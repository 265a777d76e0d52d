"""The screens with the strip of the voice above the bar: targets, gaps and texts, at every size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.config import Settings
from kiosk.domain.events import ModeToggled, SpeechAsked, VoiceKey
from kiosk.domain.modes import Mode, Modes
from kiosk.preview.states import states
from kiosk.preview.studio import SIZES, Studio, settle
from kiosk.settings.loader import load_settings
from kiosk.widgets.reading import ReadItem
from tests.samples import pairs
from tests.ui import screen_measures as measures

pytestmark = pytest.mark.usefixtures("unmeasured")

ROOT = Path(__file__).parents[2]
SPEECH = frozenset({Mode.SPEECH})
LONG = "Disdukcapil, Dinas Kependudukan dan Pencatatan Sipil, KTP, 12 menunggu, buka. " * 3


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "config", ROOT / "assets")


@pytest.fixture(scope="module", params=SIZES)
def studio(request: Any, settings: Settings, window: Any) -> Studio:
    return Studio(settings, SIZES[request.param])


@pytest.mark.parametrize(
    ("modes", "language"), pairs([SPEECH, SPEECH | {Mode.CONTRAST}], ["id", "en"])
)
def test_every_screen_has_room_for_the_strip(
    studio: Studio, settings: Settings, language: str, modes: Modes
) -> None:
    wrong: list[str] = []
    for state in states(settings, language, modes):
        root_view = studio.root_view
        root_view.show(state.visit, state.snapshot, staff=state.staff)
        root_view.say(LONG)
        settle()
        found = [*measures.faults(root_view), *measures.low_capitals(root_view)]
        wrong += [f"{state.name}: {what}" for what in found]
    assert not wrong, "\n".join(wrong)


def test_the_strip_lies_above_the_bar_with_its_five_keys(
    studio: Studio, settings: Settings
) -> None:
    state = next(s for s in states(settings, "id", SPEECH) if s.name == "agencies-open")
    root_view = studio.root_view
    root_view.show(state.visit, state.snapshot)
    settle()
    strip, bar = root_view.strip, root_view.bar
    assert strip.y == bar.top
    assert root_view.view is not None
    assert root_view.view.y == strip.top
    assert strip.height >= 24.9 * root_view.look.metrics.px_per_mm
    events = [item.event for item in strip.reading().items]
    assert events == [
        SpeechAsked(VoiceKey.REPEAT),
        SpeechAsked(VoiceKey.SOFTER),
        SpeechAsked(VoiceKey.LOUDER),
        ModeToggled(Mode.CURTAIN),
        ModeToggled(Mode.SPEECH),
    ]
    root_view.say("Pilih instansi")
    assert strip.shown == "Pilih instansi"
    root_view.say(LONG)
    assert strip.shown.endswith("…")


def test_large_text_shows_more_of_the_sentence_than_its_first_word(
    studio: Studio, settings: Settings
) -> None:
    state = next(s for s in states(settings, "id", SPEECH | {Mode.LARGE}) if s.name == "confirm")
    root_view = studio.root_view
    root_view.show(state.visit, state.snapshot)
    root_view.say(LONG)
    settle()
    shown = root_view.strip.shown
    assert LONG.startswith(shown.removesuffix(" …"))
    assert len(shown.split()) > 3, shown
    words = root_view.strip.ids.words
    assert measures.cap_mm(words) >= 7.25
    assert not words.cut


@pytest.mark.parametrize("modes", [SPEECH, SPEECH | {Mode.CONTRAST}, SPEECH | {Mode.LARGE}])
def test_the_curtain_shows_why_the_screen_is_dark_and_nothing_else(
    studio: Studio, settings: Settings, modes: Modes
) -> None:
    root_view = studio.root_view
    root_view.steering.voice = Silent()
    said = {"id": "Layar ini gelap", "en": "This screen is dark"}
    for language, words in said.items():
        pictures = []
        for state in states(settings, language, modes | {Mode.CURTAIN}):
            if state.name not in ("agencies-live", "number-ahead", "keypad-services"):
                continue
            pictures.append(studio.picture(state))
            assert root_view.curtain.said.startswith(words)
            text = root_view.curtain.children[0]
            assert measures.drawn(text).within(measures.box(root_view))
        first, *others = [picture.tobytes() for picture in pictures]
        assert all(other == first for other in others), "something of a screen shines through"
        assert pictures[0].getcolors() is not None
        black = next(count for count, colour in pictures[0].getcolors() if colour == (0, 0, 0))
        assert black > 0.9 * root_view.width * root_view.height
    root_view.steering.voice = None


class Silent:
    """A voice that says nothing."""

    def reach(self, item: ReadItem, end: str = "") -> None:
        """Say nothing."""

    def ready(self, item: ReadItem) -> bool:
        """Whether it was said."""
        return True
