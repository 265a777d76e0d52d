"""The attract screen of a visit, and the dark one outside hours: how they come and are left.

They show while nobody is there. A touch on a key of the bar that changes how the screen is shown
wakes it with that choice, any other touch only wakes it: a person who walks up and touches the
glass has not read what lies beneath. A second touch on the same spot is a repeat: see
``visit_repeats``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from kiosk.domain.config import NightSettings
from kiosk.domain.events import (
    Event,
    HelpTapped,
    LanguageChosen,
    LanguagesAsked,
    ModesAsked,
    ModeToggled,
)
from kiosk.domain.visit_screens import (
    Agencies,
    Attract,
    Dark,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
    with_screen,
)
from menu.catalogue import Catalogue
from menu.schedule import closure_on

CHOICES = (LanguageChosen, LanguagesAsked, ModeToggled, ModesAsked, HelpTapped)
"""Keys of the bar with which the screen wakes and that then act."""

DARK_AFTER_S = 60.0
"""Outside hours the screen goes dark after this long without a touch."""


def wake(visit: Visit, event: Event, snapshot: KioskSnapshot) -> tuple[Visit, bool]:
    """The home screen, and whether ``event`` still has to act on it."""
    woken = with_screen(visit, Agencies(), snapshot)
    return woken, isinstance(event, CHOICES)


def attract(visit: Visit, snapshot: KioskSnapshot) -> Visit:
    """After a time without a touch the attract screen, or outside hours the dark one, takes the
    place of the untouched home.

    Not while this machine gives no numbers: then the home screen says so."""
    now, screen = snapshot.mono_s, visit.screen
    wanted = None if snapshot.barred else _wanted(visit, snapshot)
    if wanted == screen:
        return visit
    if wanted is None:
        home = replace(visit, screen=Agencies(), touched_s=now, acted_s=now)
        return home if isinstance(screen, Attract) else visit
    return replace(visit, screen=wanted, acted_s=now)


def _wanted(visit: Visit, snapshot: KioskSnapshot) -> Attract | None:
    """The screen for nobody that is due; None: home."""
    untouched_s, after_s = snapshot.mono_s - visit.touched_s, snapshot.attract_s
    if not snapshot.catalogue.agencies:
        return None
    if (
        snapshot.night is not None
        and untouched_s >= DARK_AFTER_S
        and is_dark(snapshot.catalogue, snapshot.night, snapshot.now)
    ):
        return Dark()
    # Once it shows it stays, also where touched_s was set by what is not a touch.
    rests = after_s and (untouched_s >= after_s or visit.screen == Attract())
    return Attract() if rests else None


def is_dark(menu: Catalogue, night: NightSettings, now: datetime) -> bool:
    """Whether ``now`` (aware, in the site's zone) is outside hours: after the last closing time of
    a day and before the first numbers of the next. False where no service ever has hours."""
    if not night.dark:
        return False
    after = timedelta(minutes=night.after_close_min)
    before = timedelta(minutes=night.before_open_min + menu.window.open_minutes_before)
    days = [now.date() + timedelta(days=ahead) for ahead in (-1, 0, 1)]
    ever = False
    for found in menu.services():
        hours = found.service.hours
        ever = ever or any(hours.days)
        for day in days:
            periods = hours.periods(day)
            if not periods or closure_on(day, hours, menu.closed, found.agency.code):
                continue
            begins = datetime.combine(day, periods[0].start, tzinfo=now.tzinfo)
            ends = datetime.combine(day, periods[-1].end, tzinfo=now.tzinfo)
            if begins - before <= now < ends + after:
                return False
    return ever
