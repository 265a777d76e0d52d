"""What stands on the screen in a visit, and what a visit may know of the world."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from kiosk.domain.config import OnFault, Timeouts
from kiosk.domain.delivery import PrintResult, Proof
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import NOT_LIVE, QUOTA_FULL, Ahead, Live
from kiosk.domain.ticket import Ticket, TicketRequest
from menu.catalogue import Agency, Catalogue, Service
from menu.schedule import Opening, Why, opening


class Trouble(Enum):
    """Why there is no number, for the problem screen."""

    QUOTA = "quota"
    PAUSED = "paused"
    PRINTER = "printer"
    FULL = "full"
    READ_ONLY = "read_only"
    DAMAGED = "damaged"
    BUSY = "busy"
    NUMBERS = "numbers"
    SLOW = "slow"
    GENERIC = "generic"

    @property
    def retry(self) -> bool:
        """Whether trying again at once can help."""
        return self in (Trouble.BUSY, Trouble.SLOW, Trouble.DAMAGED, Trouble.GENERIC)


# ── what stands on the screen ────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Agencies:
    """Home: the agencies, ``page`` from 0."""

    page: int = 0


@dataclass(frozen=True, slots=True)
class Services:
    """The services of ``agency`` (a code). ``details``: the service whose list of what to
    bring is open; ``home_page`` is the page of the agencies to go back to."""

    agency: str
    page: int = 0
    details: str | None = None
    home_page: int = 0


@dataclass(frozen=True, slots=True)
class Confirm:
    """Many wait for ``service`` (a code): is it the right one? ``back`` is what stood before."""

    service: str
    back: Agencies | Services


@dataclass(frozen=True, slots=True)
class Issuing:
    """A number is being made for ``request``, since ``since_s``."""

    request: TicketRequest
    since_s: float


@dataclass(frozen=True, slots=True)
class Shown:
    """The number stands. ``result`` is None until the printer's outcome is known.

    ``since_s`` is when the present state of the paper was first shown. ``again``: the one
    copy that is printed by itself has been asked for. ``ahead``: who is before it,
    None where nobody knows.
    """

    ticket: Ticket
    since_s: float
    result: PrintResult | None = None
    copy: bool = False
    again: bool = False
    ahead: Ahead | None = None

    @property
    def proof(self) -> Proof | None:
        """What is proved of the paper; None while the outcome is open."""
        return None if self.result is None else self.result.proof


@dataclass(frozen=True, slots=True)
class Offered:
    """After a restart: a ticket without an outcome, offered to whoever waits for it."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Closed:
    """No numbers now for an agency, or one service of it; ``opening`` says why and when again."""

    agency: str
    opening: Opening
    service: str | None = None
    home_page: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """No number. ``request`` is repeated unchanged by "Try again"; None where that is useless."""

    trouble: Trouble
    request: TicketRequest | None = None


@dataclass(frozen=True, slots=True)
class Help:
    """How to use the machine and whom to ask; ``back`` is what stood before."""

    back: Screen


Screen = Agencies | Services | Confirm | Issuing | Shown | Offered | Closed | Problem | Help


def number_on(screen: Screen) -> Shown | None:
    """The number that stands, also where help stands before it; None without one."""
    under = screen.back if isinstance(screen, Help) else screen
    return under if isinstance(under, Shown) else None


@dataclass(frozen=True, slots=True)
class Visit:
    """One person in front of the screen.

    Times are seconds of a monotonic clock. ``warned_s``: since when the idle warning stands,
    None without one. ``touched_s``: the last touch of any kind; ``acted_s``: the last one that
    changed something.
    """

    language: str
    screen: Screen = field(default_factory=Agencies)
    priority: str | None = None
    touched_s: float = 0.0
    acted_s: float = float("-inf")
    warned_s: float | None = None


@dataclass(frozen=True, slots=True)
class KioskSnapshot:
    """What a step may know.

    ``now`` aware, in the site's zone; ``mono_s`` a monotonic clock in seconds;
    ``fresh_id`` and ``fresh_track`` an unused UUIDv7 and 32 hex digits. ``broken``: why this
    machine can give no number at all just now (its journal cannot be written). ``live``: what
    may be shown of the queue now.
    """

    catalogue: Catalogue
    now: datetime
    mono_s: float
    fresh_id: str = ""
    fresh_track: str = ""
    printer: PrinterHealth = field(default_factory=PrinterHealth)
    on_fault: OnFault = OnFault.SCREEN
    timeouts: Timeouts = field(default_factory=Timeouts)
    broken: Trouble | None = None
    live: Live = NOT_LIVE

    @property
    def language(self) -> str:
        """The language each visit begins in."""
        return self.catalogue.site.languages[0]

    @property
    def barred(self) -> Trouble | None:
        """Why no number can be given to anybody now; None when one can."""
        return self.broken or (Trouble.PRINTER if self.stopped else None)

    @property
    def stopped(self) -> bool:
        """Whether no numbers are given because of the printer."""
        return self.on_fault is OnFault.STOP and not self.printer.well

    def opening(self, agency: Agency, service: Service | None = None) -> Opening:
        """Whether numbers are given now for a service, or for any service of an agency."""
        menu = self.catalogue
        wanted = (service,) if service else agency.services
        answers = [self._now(agency, s) for s in wanted] or [
            opening(agency.hours, menu.window, menu.closures, agency.code, self.now)
        ]
        return best(answers)

    def _now(self, agency: Agency, service: Service) -> Opening:
        """By the hours, and where they let numbers be given by what the server says."""
        hours = self._hours(agency, service, self.now)
        state = self.live.services.get(service.code)
        if not hours.open or state is None or state.open:
            return hours
        if state.reason != QUOTA_FULL:
            return replace(hours, why=Why.PAUSED, until=None, opens=state.until)
        evening = self.now.replace(hour=23, minute=59, second=59)
        again = self._hours(agency, service, evening)
        return replace(again, why=Why.QUOTA, until=None, reason=None)

    def _hours(self, agency: Agency, service: Service, moment: datetime) -> Opening:
        menu = self.catalogue
        return opening(service.hours, menu.window, menu.closures, agency.code, moment)

    def busy(self, service: Service) -> bool:
        """Whether so many wait for a service that its visitor is asked before a number is given.

        Only the server's fresh word counts: ``live`` holds nothing older than 30 s.
        """
        above, state = self.catalogue.confirm_above, self.live.services.get(service.code)
        return above is not None and state is not None and (state.waiting or 0) > above

    def waiting(self, agency: Agency) -> int | None:
        """People who wait for any service of an agency; None where nobody knows."""
        states = (self.live.services.get(s.code) for s in agency.services)
        known = [s.waiting for s in states if s is not None and s.waiting is not None]
        return sum(known) if known else None


def best(answers: list[Opening]) -> Opening:
    """The opening that serves a visitor soonest; the latest shutting among open ones."""
    open_ones = [a for a in answers if a.open]
    if open_ones:
        return max(open_ones, key=lambda a: a.until.timestamp() if a.until else 0.0)
    return min(answers, key=lambda a: a.opens.timestamp() if a.opens else float("inf"))
