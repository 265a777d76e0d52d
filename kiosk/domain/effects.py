"""Effects of a visit: what a step asks desk, printer, search and staff to do."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.staff import StaffEffect
from kiosk.domain.ticket import Ticket, TicketRequest


@dataclass(frozen=True, slots=True)
class Issue:
    """Make a number for ``request`` and print its slip."""

    request: TicketRequest


@dataclass(frozen=True, slots=True)
class PrintCopy:
    """Print the slip of ``ticket`` again, marked as a copy."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class VoidTicket:
    """Give the number of ``ticket`` back."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class PrintDetails:
    """Print the details of ``service`` (a code) in ``language``, once, on a slip without a number.
    ``job``: an id that DetailsPrinted repeats."""

    job: str
    service: str
    language: str


@dataclass(frozen=True, slots=True)
class Search:
    """Look for the services that answer ``text``; for an empty text only get ready."""

    text: str


@dataclass(frozen=True, slots=True)
class NoteMissed:
    """Count ``text``: a visitor searched for it and found nothing."""

    text: str


@dataclass(frozen=True, slots=True)
class CallStaff:
    """Call for staff, unless a call is open."""


Effect = (
    Issue | PrintCopy | VoidTicket | PrintDetails | Search | NoteMissed | CallStaff | StaffEffect
)
