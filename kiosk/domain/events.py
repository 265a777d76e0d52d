"""What can happen in a visit, and what a step may ask to be done."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.delivery import PrintResult
from kiosk.domain.live import Ahead
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.domain.visit_state import Trouble
from menu.schedule import Opening


@dataclass(frozen=True, slots=True)
class AgencyChosen:
    """A tile of the home screen."""

    code: str


@dataclass(frozen=True, slots=True)
class ServiceChosen:
    """A row of the services screen."""

    code: str


@dataclass(frozen=True, slots=True)
class DetailsAsked:
    """What to bring for a service; None closes it."""

    code: str | None


@dataclass(frozen=True, slots=True)
class PriorityChosen:
    """A priority group; the one that is chosen already takes the choice back."""

    code: str


@dataclass(frozen=True, slots=True)
class PageChosen:
    """A page of agencies or services, from 0."""

    page: int


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """A language of the site."""

    code: str


@dataclass(frozen=True, slots=True)
class BackTapped:
    """Back: one screen, losing nothing but the last choice."""


@dataclass(frozen=True, slots=True)
class HomeTapped:
    """Home: the same visitor starts over."""


@dataclass(frozen=True, slots=True)
class HelpTapped:
    """Help."""


@dataclass(frozen=True, slots=True)
class ConfirmTapped:
    """Yes: the number that was asked for."""


@dataclass(frozen=True, slots=True)
class RetryTapped:
    """Try again: the same ticket id."""


@dataclass(frozen=True, slots=True)
class OfferTaken:
    """After a restart: "this number is mine", a copy is printed."""


@dataclass(frozen=True, slots=True)
class DoneTapped:
    """The visitor has the number and goes."""


@dataclass(frozen=True, slots=True)
class AnotherTapped:
    """The same visitor wants another number: the language stays."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Any touch that is nothing else; it proves that somebody is there."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time went by."""


@dataclass(frozen=True, slots=True)
class Committed:
    """The number exists in the journal. ``ahead``: who is before it, where the server said so."""

    ticket: Ticket
    ahead: Ahead | None = None


@dataclass(frozen=True, slots=True)
class PrintFinished:
    """The printer's outcome for a ticket, as written to the journal."""

    ticket: Ticket
    result: PrintResult


@dataclass(frozen=True, slots=True)
class Refused:
    """No number for the request ``id``: its hours (``opening``) or a trouble."""

    id: str
    trouble: Trouble = Trouble.GENERIC
    opening: Opening | None = None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """At the start: a young ticket without an outcome was found."""

    ticket: Ticket


Tap = (
    AgencyChosen
    | ServiceChosen
    | DetailsAsked
    | PriorityChosen
    | PageChosen
    | LanguageChosen
    | BackTapped
    | HomeTapped
    | HelpTapped
    | ConfirmTapped
    | RetryTapped
    | OfferTaken
    | DoneTapped
    | AnotherTapped
)
Event = Tap | Touched | Tick | Committed | PrintFinished | Refused | Unfinished


# ── effects ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Issue:
    """Make a number for ``request`` and print its slip."""

    request: TicketRequest


@dataclass(frozen=True, slots=True)
class PrintCopy:
    """Print the slip of ``ticket`` again, marked as a copy."""

    ticket: Ticket


Effect = Issue | PrintCopy
