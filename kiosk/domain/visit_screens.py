"""The screens of a visit, as values: what each of them holds and shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kiosk.domain.delivery import PrintResult, Proof
from kiosk.domain.live import Ahead
from kiosk.domain.staff import (
    PauseFor,
    PauseReason,
    StaffPage,
    StaffResult,
    StaffTask,
)
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.errors import Refusal
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
