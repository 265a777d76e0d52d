"""The state of a visit, one class for each screen, and the snapshot that a step reads."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from kiosk.domain.availability import Availability
from kiosk.domain.config import NightSettings, OnFault, Timeouts
from kiosk.domain.delivery import PrintResult, Proof
from kiosk.domain.events import Effect
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import NOT_LIVE, Ahead, Live
from kiosk.domain.modes import NO_MODES, Mode, Modes
from kiosk.domain.staff import (
    NO_FACTS,
    PauseFor,
    PauseReason,
    StaffFacts,
    StaffPage,
    StaffResult,
    StaffTask,
)
from kiosk.domain.staff_call import NO_CALL, StaffCall
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.errors import Refusal
from menu.catalogue import Agency, Catalogue, PriorityGroup, Service
from menu.local_text import LocalText
from menu.schedule import Opening

# ── screens ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Agencies:
    """Home: the agencies; ``page`` counts from 0. ``browse``: only to read what to bring, while
    no numbers are given."""

    page: int = 0
    browse: bool = False


@dataclass(frozen=True, slots=True)
class Attract:
    """While nobody is there: pictures, and the invitation to touch the screen."""


@dataclass(frozen=True, slots=True)
class Dark(Attract):
    """Outside hours, while nobody is there: a dark screen, which wakes as the attract screen."""


@dataclass(frozen=True, slots=True)
class Find:
    """The search screen: ``text`` as typed so far.

    ``found``: codes of the services that answer ``answered``, which is ``text`` or an earlier text
    while its answer is on the way. ``since_s``: when the present ``area`` was first shown.
    ``noted``: the last text of which it is counted that nothing was found. ``home_page`` and
    ``browse``: those of the home screen to go back to.
    """

    text: str = ""
    found: tuple[str, ...] = ()
    answered: str = ""
    since_s: float = float("-inf")
    noted: str = ""
    home_page: int = 0
    browse: bool = False

    @property
    def nothing(self) -> bool:
        """Whether no service answers the text, and the text is long enough to say so."""
        complete = self.answered == self.text and len(self.text.strip()) >= FIND_LETTERS
        return complete and not self.found

    @property
    def area(self) -> tuple[str, ...] | bool:
        """What the area below the field shows: the results; True: that nothing was found, and
        agencies; False: the usual needs."""
        return (self.found if self.text else ()) or self.nothing


FIND_LETTERS = 3
"""A shorter text may be the beginning of anything: that nothing answers it yet is not said."""

PAGE_OF_LIT = -1
"""In place of a page of services: the page with the lit service."""


@dataclass(frozen=True, slots=True)
class Services:
    """The services of ``agency`` (a code). ``details``: the service whose details are open, at
    their page ``details_page``. ``home_page`` and ``browse``: those of the home screen to go back
    to. ``lit``: the service that a search led to; ``find``: the search to go back to.
    ``choosing``: in large text the priority groups are shown in place of the services."""

    agency: str
    page: int = 0
    details: str | None = None
    details_page: int = 0
    home_page: int = 0
    browse: bool = False
    lit: str | None = None
    find: Find | None = None
    choosing: bool = False


@dataclass(frozen=True, slots=True)
class DetailsSlip:
    """The details of a service are printed on a slip without a number, in the print job ``job`` (an
    id), since ``since_s``. ``result`` is None until the job ends. ``back``: the details."""

    job: str
    since_s: float
    back: Services
    result: PrintResult | None = None


@dataclass(frozen=True, slots=True)
class Confirm:
    """Confirmation of a busy ``service`` (a code). ``back``: the screen before it."""

    service: str
    back: Services


@dataclass(frozen=True, slots=True)
class Issuing:
    """A number is being issued for ``request``, since ``since_s``.

    ``back``: the services screen on which it was taken; None after "try again"."""

    request: TicketRequest
    since_s: float
    back: Services | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A committed number is shown. ``result`` is None until the print job ends.

    ``since_s``: when the present result was first shown. ``copy``: the slip is a copy.
    ``again``: the one automatic copy was requested. ``ahead``: the queue before the number;
    None if unknown. ``kept``: it could not be given back. ``hung_s``: since when its slip hangs in
    the printer's mouth, None where it does not or the printer does not tell; ``taken``: it hung
    there, and was pulled out. ``not_taken``: the printer's count when it began to hang.
    """

    ticket: Ticket
    since_s: float
    result: PrintResult | None = None
    copy: bool = False
    again: bool = False
    ahead: Ahead | None = None
    kept: bool = False
    hung_s: float | None = None
    taken: bool = False
    not_taken: int = 0

    @property
    def hangs(self) -> bool:
        """Whether the slip hangs in the printer's mouth."""
        return self.hung_s is not None and not self.taken

    @property
    def proof(self) -> Proof | None:
        """What is proved about the slip; None while the job is under way."""
        return None if self.result is None else self.result.proof


@dataclass(frozen=True, slots=True)
class CancelAsked:
    """The question whether ``number`` is given back. It lies over the number, as help does."""

    number: Shown


@dataclass(frozen=True, slots=True)
class Cancelling:
    """``number`` is being given back, since ``since_s``; it is valid until the journal answers."""

    number: Shown
    since_s: float


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The number of ``ticket`` was given back, at ``since_s``."""

    ticket: Ticket
    since_s: float


@dataclass(frozen=True, slots=True)
class Offered:
    """After a restart: a ticket without a print outcome is offered to the waiting visitor."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Closed:
    """No numbers now for an agency or one of its services; ``opening`` says why and until when.

    ``back``: the services screen to go back to; None for an agency, and after "try again".
    """

    agency: str
    opening: Opening
    service: str | None = None
    home_page: int = 0
    back: Services | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """No number. "Try again" repeats ``request`` unchanged; None where a retry cannot help."""

    trouble: Refusal
    request: TicketRequest | None = None
    until: datetime | None = None
    words: LocalText | None = None


@dataclass(frozen=True, slots=True)
class Help:
    """Help. ``back``: the screen before it."""

    back: Screen


@dataclass(frozen=True, slots=True)
class StaffPin:
    """The PIN pad of the staff screen.

    ``back``: the screen below. ``typed``: the digits so far. ``quits``: the PIN ends the app.
    ``checking``: it is being compared, since ``since_s``, in the try ``asked`` (an id): only the
    answer to that try counts. ``wrong``: the last one was refused.
    """

    back: Screen
    quits: bool = False
    typed: str = field(default="", repr=False)
    checking: bool = False
    since_s: float = 0.0
    asked: str = ""
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Staff:
    """A page of the staff screen.

    ``doing``: the task under way, since ``since_s``, in the request ``asked`` (an id): only the
    answer to that request counts; ``result``: how the last one ended.
    ``agency``, ``service``, ``reason`` and ``length``: what is chosen for a pause. ``list_page``:
    the page of a long list, from 0.
    """

    page: StaffPage = StaffPage.MENU
    doing: StaffTask | None = None
    since_s: float = 0.0
    asked: str = ""
    result: StaffResult | None = None
    agency: str = ""
    service: str = ""
    reason: PauseReason = PauseReason.ABSENT
    length: PauseFor = PauseFor.MINUTES_30
    list_page: int = 0


Screen = (
    Agencies
    | Attract
    | Dark
    | Find
    | Services
    | DetailsSlip
    | Confirm
    | Issuing
    | Shown
    | CancelAsked
    | Cancelling
    | Cancelled
    | Offered
    | Closed
    | Problem
    | Help
    | StaffPin
    | Staff
)


def uncovered(screen: Screen) -> Screen:
    """The screen below help or below the question of a void; any other screen as it is."""
    match screen:
        case Help(back):
            return back
        case CancelAsked(number):
            return number
        case _:
            return screen


def waits(screen: Screen) -> bool:
    """Whether the screen only waits for a result: it can be neither left nor covered."""
    if isinstance(screen, DetailsSlip):
        return screen.result is None
    return isinstance(screen, Issuing | Cancelling)


def untyped(screen: Screen) -> Screen:
    """``screen`` without what a visitor types: equal screens have the same keys in the same
    places, so that a finger may be down on one while another is typed."""
    if isinstance(screen, StaffPin):
        return StaffPin(screen.back, screen.quits)
    if not isinstance(screen, Find):
        return screen
    return Find(home_page=screen.home_page, browse=screen.browse)


def number_on(screen: Screen) -> Shown | None:
    """The number on the screen, also while help covers it; None without one."""
    under = uncovered(screen)
    return under if isinstance(under, Shown) else None


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
