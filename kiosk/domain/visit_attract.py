"""The attract screen of a visit: how it is left, and for what.

It shows while nobody is there. A touch on a key of the bar that changes how the screen is shown
wakes it with that choice, any other touch only wakes it: a person who walks up and touches the
glass has not read what lies beneath. A second touch on the same spot is a repeat (``is_repeat``).
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.events import (
    Event,
    HelpTapped,
    LanguageChosen,
    LanguagesAsked,
    ModesAsked,
    ModeToggled,
)
from kiosk.domain.visit_state import Agencies, Attract, KioskSnapshot, Visit, with_screen

CHOICES = (LanguageChosen, LanguagesAsked, ModeToggled, ModesAsked, HelpTapped)
"""Keys of the bar with which the screen wakes and that then act."""


def wake(visit: Visit, event: Event, snapshot: KioskSnapshot) -> tuple[Visit, bool]:
    """The home screen, and whether ``event`` still has to act on it."""
    woken = with_screen(visit, Agencies(), snapshot)
    return woken, isinstance(event, CHOICES)


def attract(visit: Visit, snapshot: KioskSnapshot) -> Visit:
    """After a time without a touch the attract screen takes the place of the untouched home.

    Not while this machine gives no numbers: then the home screen says so."""
    now, after_s = snapshot.mono_s, snapshot.attract_s
    if isinstance(visit.screen, Attract):
        home = replace(visit, screen=Agencies(), touched_s=now, acted_s=now)
        return home if snapshot.barred or not after_s else visit
    due = after_s and now - visit.touched_s >= after_s
    if not due or snapshot.barred or not snapshot.catalogue.agencies:
        return visit
    return replace(visit, screen=Attract(), acted_s=now)
