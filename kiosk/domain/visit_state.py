"""The state of a visit, and the snapshot that a step reads."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from kiosk.domain.availability import Availability
from kiosk.domain.config import NightSettings, OnFault, Timeouts
from kiosk.domain.effects import Effect
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import NOT_LIVE, Ahead, Live
from kiosk.domain.modes import NO_MODES, Mode, Modes
from kiosk.domain.staff import (
    NO_FACTS,
    StaffFacts,
)
from kiosk.domain.staff_call import NO_CALL, StaffCall

# ── screens ──────────────────────────────────────────────────────────────────────────────
from kiosk.domain.visit_screens import (
    Agencies,
    Attract,
    Screen,
    Services,
    Staff,
    StaffPin,
)
from kiosk.errors import Refusal
from menu.catalogue import Agency, Catalogue, PriorityGroup, Service
from menu.schedule import Opening


@dataclass(frozen=True, slots=True)
class Visit:
    """The visit of one person.

    ``priorities``: codes of the chosen priority groups, in the menu's order.
    ``modes``: those that are on. ``modes_open``: the bar shows the keys of the modes in place of
    the usual ones (only where both do not fit), ``languages_open`` those of the languages.
    ``keypad``: the visitor steers by the keypad, so
    the screen shows the focus.

    Times are seconds of a monotonic clock. ``switched_s``: the last switch of a mode or choice in
    large text, which may have moved every target of the screen. ``touched_s``: the last touch of
    any kind. ``acted_s``: the last touch that changed something. ``warned_s``: since when the idle
    warning is shown; None without it. ``details_s``: the last time when a slip with the details of
    a service was asked for, also in an earlier visit; ``details``: the services whose slip this
    visit has.
    """

    language: str
    screen: Screen = field(default_factory=Agencies)
    priorities: tuple[str, ...] = ()
    modes: Modes = NO_MODES
    modes_open: bool = False
    languages_open: bool = False
    keypad: bool = False
    switched_s: float = float("-inf")
    touched_s: float = 0.0
    acted_s: float = float("-inf")
    warned_s: float | None = None
    details: tuple[str, ...] = ()
    details_s: float = float("-inf")


@dataclass(frozen=True, slots=True)
class Touch:
    """The touch that an event comes from.

    ``began_s``: when the finger came down, in seconds of the snapshot's clock. ``apart_mm``: its
    distance to the nearest recent release of a finger, in millimetres on the glass.
    """

    began_s: float
    apart_mm: float = float("inf")


@dataclass(frozen=True, slots=True)
class KioskSnapshot:
    """What the kiosk knows at one moment: all that a step and the screens may read.

    ``now``: aware, in the site's zone. ``mono_s``: a monotonic clock in seconds. ``fresh_id`` and
    ``fresh_track``: an unused UUIDv7 and 32 hex digits. ``broken``: why this machine can give no
    number at all (its journal cannot be written). ``live``: the live state of the queue.
    ``kiosks``: how many machines give numbers at this site.
    ``touch``: where the event's touch was; None where an event has no place, such as a key.
    ``staff``: what the staff screen shows, filled in while it is open.
    ``call``: the machine's call for staff. ``attract_s``: time without a touch before the attract
    screen; 0 for never. ``night``: when the screen goes dark outside hours; None for never.
    ``voice``: whether this machine can speak.
    ``headset``: whether a headset that is put in starts speech.
    """

    catalogue: Catalogue
    now: datetime
    mono_s: float
    fresh_id: str = ""
    fresh_track: str = ""
    printer: PrinterHealth = field(default_factory=PrinterHealth)
    on_fault: OnFault = OnFault.SCREEN
    timeouts: Timeouts = field(default_factory=Timeouts)
    broken: Refusal | None = None
    live: Live = NOT_LIVE
    kiosks: int = 1
    touch: Touch | None = None
    staff: StaffFacts = NO_FACTS
    call: StaffCall = NO_CALL
    attract_s: float = 0.0
    night: NightSettings | None = None
    voice: bool = False
    headset: bool = False

    @property
    def language(self) -> str:
        """The language in which each visit begins."""
        return self.catalogue.site.languages[0]

    def priority_groups(self, agency: Agency) -> tuple[PriorityGroup, ...]:
        """The groups that can be chosen for a number of ``agency``; none while it gives none."""
        gives = not self.barred and self.opening(agency).open
        return self.catalogue.priority_groups if gives else ()

    @property
    def barred(self) -> Refusal | None:
        """Why this machine can give no number now; None when it can."""
        return self.broken or (Refusal.PRINTER if self.stopped else None)

    @property
    def stopped(self) -> bool:
        """Whether no numbers are given because of the printer (``on_fault: stop``)."""
        return self.on_fault is OnFault.STOP and not self.printer.well

    @property
    def offers(self) -> bool:
        """Whether the home screen has an agency to offer that gives numbers on this machine."""
        return bool(self.catalogue.agencies) and not self.barred and self.site_closed is None

    @property
    def availability(self) -> Availability:
        """When each service gives numbers."""
        return Availability(self.catalogue, self.now, self.live)

    @property
    def site_closed(self) -> Opening | None:
        """See ``Availability.site_closed``."""
        return self.availability.site_closed

    def opening(self, agency: Agency, service: Service | None = None) -> Opening:
        """See ``Availability.opening``."""
        return self.availability.opening(agency, service)

    def busy(self, service: Service) -> bool:
        """See ``Availability.busy``."""
        return self.availability.busy(service)

    def late(self, agency: Agency, service: Service) -> bool:
        """See ``Availability.late``."""
        return self.availability.late(agency, service)

    def ends_late(self, service: Service, ahead: Ahead) -> bool:
        """See ``Availability.ends_late``."""
        return self.availability.ends_late(service, ahead)

    def waiting(self, agency: Agency) -> int | None:
        """See ``Availability.waiting``."""
        return self.availability.waiting(agency)


def chooses_priority(visit: Visit, snapshot: KioskSnapshot) -> bool:
    """Whether the screen shows the priority groups in place of the services."""
    screen = visit.screen
    if not isinstance(screen, Services) or not screen.choosing or Mode.LARGE not in visit.modes:
        return False
    agency = snapshot.catalogue.agency(screen.agency)
    return agency is not None and bool(snapshot.priority_groups(agency))


def speaks(visit: Visit) -> bool:
    """Whether the screen is said: with speech on, but not to staff, whose PIN nobody may hear."""
    return Mode.SPEECH in visit.modes and not isinstance(visit.screen, Staff | StaffPin)


def is_curtained(visit: Visit) -> bool:
    """Whether the screen curtain covers the screen; not the attract screen, which shows nothing of
    a visit."""
    return speaks(visit) and Mode.CURTAIN in visit.modes and not isinstance(visit.screen, Attract)


Step = tuple[Visit, tuple[Effect, ...]]
"""What an event leads to: the next visit, and the effects to carry out."""


def with_screen(visit: Visit, screen: Screen, snapshot: KioskSnapshot, **changes: object) -> Visit:
    """The visit with another screen, after a touch; with the screen, what the bar had opened
    closes."""
    now, stays = snapshot.mono_s, screen == visit.screen
    moved = replace(visit, screen=screen, touched_s=now, acted_s=now, warned_s=None)
    moved = moved if stays else usual_bar(moved)
    return replace(moved, **changes) if changes else moved  # type: ignore[arg-type]


def usual_bar(visit: Visit) -> Visit:
    """The visit with the usual keys in the bar."""
    return replace(visit, modes_open=False, languages_open=False)
