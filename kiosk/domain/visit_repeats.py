"""Touches that nobody meant: the second of two, and one that came before its target was seen.

Apart from the step of the visit because these rules are about fingers, not about screens: times and
distances measured with people, which decide whether a tap reaches the step at all.
"""

from __future__ import annotations

from kiosk.domain.events import (
    AgencyChosen,
    BackTapped,
    EraseTapped,
    FoundChosen,
    HelpTapped,
    HomeTapped,
    LanguageChosen,
    LanguagesAsked,
    LetterTyped,
    ModesAsked,
    ModeToggled,
    PageChosen,
    Tap,
)
from kiosk.domain.staff import DigitTyped
from kiosk.domain.visit_screens import (
    Find,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)

DEBOUNCE_S = 0.5
"""A touch sooner than this after one that changed the screen is an unintended repeat: ignored.

A button that issues must have been in view for this long before the finger came down on it."""

REPEAT_S = 1.2
REPEAT_MM = 15.0
"""People who touch twice (a tremor, old age) touch the same spot again 0.5 to 1.1 s later. For
REPEAT_S after a change of the screen a touch within REPEAT_MM of a release chooses nothing."""

SWITCHES = (LanguageChosen, LanguagesAsked, ModeToggled, ModesAsked)
"""Keys that change how the screen is shown."""

TWICE = (LetterTyped, DigitTyped, EraseTapped, PageChosen, BackTapped, HomeTapped, HelpTapped)
"""Taps that people make twice on purpose. Any other one is not made for REPEAT_S by a second touch
on the spot of the first: it would give a number, end the screen that shows it, open what nobody
chose, or on a switch undo the first."""

BAR_KEYS = (BackTapped, HomeTapped, HelpTapped, *SWITCHES)
"""Keys of the bar. They give nothing, so one that is touched on another spot acts at once."""


def is_repeat(visit: Visit, event: Tap, snapshot: KioskSnapshot) -> bool:
    """Whether a tap is taken for an unintended repeat of the touch that changed the screen."""
    touch = snapshot.touch
    near = touch is not None and touch.apart_mm <= REPEAT_MM
    if near and touch is not None and touch.began_s - visit.switched_s < REPEAT_S:
        return True  # another target may lie there now
    if isinstance(event, BAR_KEYS) and touch is not None and not near:
        return False
    wait_s = REPEAT_S if near and not isinstance(event, TWICE) else DEBOUNCE_S
    screen = visit.screen
    # What has just appeared below the field of the search was not aimed at.
    since_s = screen.since_s if isinstance(screen, Find) else float("-inf")
    if isinstance(event, FoundChosen | AgencyChosen) and not was_in_view(since_s, snapshot):
        return True
    return _came_s(snapshot) - visit.acted_s < wait_s


def was_in_view(since_s: float, snapshot: KioskSnapshot) -> bool:
    """Whether what is on the screen since ``since_s`` could be seen before the finger came down."""
    return _came_s(snapshot) - since_s >= DEBOUNCE_S


def _came_s(snapshot: KioskSnapshot) -> float:
    """When the finger came down, or now for an event that has no place."""
    return snapshot.mono_s if snapshot.touch is None else snapshot.touch.began_s
