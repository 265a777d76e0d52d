"""Events of a visit: touches, keys, timer ticks, and the results of desk, printer and search."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from kiosk.domain.delivery import PrintResult
from kiosk.domain.live import Ahead
from kiosk.domain.modes import Mode
from kiosk.domain.staff import StaffNews, StaffTap
from kiosk.domain.ticket import Ticket
from kiosk.errors import Refusal
from menu.local_text import LocalText
from menu.schedule import Opening


@dataclass(frozen=True, slots=True)
class AgencyChosen:
    """An agency was chosen on the home screen; ``code`` is its code."""

    code: str


@dataclass(frozen=True, slots=True)
class ServiceChosen:
    """The number of a service was asked for; ``code`` is its code."""

    code: str


@dataclass(frozen=True, slots=True)
class BrowseAsked:
    """While no numbers are given: show the agencies, to read what to bring."""


@dataclass(frozen=True, slots=True)
class ClosedAsked:
    """Show why a service gives no numbers now; ``code`` is its code. Never gives a number, even if
    the service has opened since the screen was drawn."""

    code: str


@dataclass(frozen=True, slots=True)
class FindTapped:
    """Open the search screen."""


@dataclass(frozen=True, slots=True)
class LetterTyped:
    """A key of the search screen; ``letter`` is a small letter or a space."""

    letter: str


@dataclass(frozen=True, slots=True)
class EraseTapped:
    """Erase the last letter; with ``all_`` the whole text."""

    all_: bool = False


@dataclass(frozen=True, slots=True)
class FoundChosen:
    """A search result or one of the usual needs was chosen; ``code`` is its service's. Leads to
    the services of its agency and never gives a number."""

    code: str


@dataclass(frozen=True, slots=True)
class DetailsAsked:
    """Open the list of what to bring for a service; None closes it."""

    code: str | None


@dataclass(frozen=True, slots=True)
class DetailsPrintTapped:
    """Print the details of a service, ``code``, on a slip without a number."""

    code: str


@dataclass(frozen=True, slots=True)
class PriorityChosen:
    """A priority group was touched; touching the chosen one again removes the choice."""

    code: str


@dataclass(frozen=True, slots=True)
class PriorityAsked:
    """In large text: show the priority groups in place of the services, or the services again."""

    open: bool


@dataclass(frozen=True, slots=True)
class PageChosen:
    """Go to a page of agencies or services, from 0."""

    page: int


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """Change to a language of the site."""

    code: str


@dataclass(frozen=True, slots=True)
class LanguagesAsked:
    """Show the keys of the languages in the bar, or the usual keys again."""

    open: bool


@dataclass(frozen=True, slots=True)
class ModeToggled:
    """Switch a mode on, or off when it is on. The screen stays the same."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class ModesAsked:
    """Show the keys of the modes in the bar, or the usual keys again."""

    open: bool


@dataclass(frozen=True, slots=True)
class BackTapped:
    """Go back one page or screen; only the last choice is lost.

    ``page``: the page on the screen, where the layout has fewer pages than the visit has turned (a
    mode was switched off since); None where it is the visit's page.
    """

    page: int | None = None


@dataclass(frozen=True, slots=True)
class HomeTapped:
    """Go to the home screen; the same visitor starts again."""


@dataclass(frozen=True, slots=True)
class HelpTapped:
    """Open the help screen."""


@dataclass(frozen=True, slots=True)
class CallStaffTapped:
    """Call for staff, who come to the machine."""


@dataclass(frozen=True, slots=True)
class ConfirmTapped:
    """Yes: issue the number of the busy service."""


@dataclass(frozen=True, slots=True)
class RetryTapped:
    """Try again, with the same ticket id."""


@dataclass(frozen=True, slots=True)
class OfferTaken:
    """After a restart: "this number is mine"; a copy is printed."""


@dataclass(frozen=True, slots=True)
class DoneTapped:
    """The visitor has the number and ends the visit."""


@dataclass(frozen=True, slots=True)
class AnotherTapped:
    """The same visitor wants another number; the language is kept."""


@dataclass(frozen=True, slots=True)
class CancelTapped:
    """On the number screen: the number was a mistake; asks before it is given back."""


@dataclass(frozen=True, slots=True)
class VoidConfirmed:
    """Yes: give the number back."""


@dataclass(frozen=True, slots=True)
class RestartTapped:
    """On the idle warning: start again from the home screen, as a new visit."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Any other touch: proof that the visitor is still present."""


class VoiceKey(Enum):
    """What the voice is asked for. ``ROUND``: louder, and softest again after the loudest."""

    REPEAT = "repeat"
    LOUDER = "louder"
    SOFTER = "softer"
    ROUND = "round"


@dataclass(frozen=True, slots=True)
class SpeechAsked:
    """A key of the voice. It changes nothing of the visit: the visitor is present."""

    key: VoiceKey


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key of the keypad, before it acts: the visitor is present and steers by keys. It does not
    end the idle warning, which has buttons to choose from, but its countdown begins anew. The first
    one switches speech on, where there is a voice."""


@dataclass(frozen=True, slots=True)
class HeadsetChanged:
    """A headset was put in (``plugged``), which switches speech on where there is a voice, or was
    pulled out, which ends it: what is said is for the visitor alone."""

    plugged: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """The timer ticked."""


@dataclass(frozen=True, slots=True)
class Committed:
    """The number is in the journal. ``ahead``: the queue before it, if the server sent it."""

    ticket: Ticket
    ahead: Ahead | None = None


@dataclass(frozen=True, slots=True)
class PrintFinished:
    """The print job ended; ``result`` is its outcome, as written to the journal."""

    ticket: Ticket
    result: PrintResult


@dataclass(frozen=True, slots=True)
class Refused:
    """No number for the request ``id``, because of closed hours (``opening``) or a trouble.

    ``until``: when numbers are given again, as far as known. ``words``: the reason in place of the
    usual words.
    """

    id: str
    trouble: Refusal = Refusal.GENERIC
    opening: Opening | None = None
    until: datetime | None = None
    words: LocalText | None = None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """At start: the journal holds a recent ticket without a print outcome."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Voided:
    """The journal holds ``ticket`` as void: the number was given back."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class NotVoided:
    """The number of the ticket ``id`` could not be given back; it stays valid."""

    id: str


@dataclass(frozen=True, slots=True)
class DetailsPrinted:
    """The print job ``job`` of a slip without a number ended; ``result`` is its outcome."""

    job: str
    result: PrintResult


@dataclass(frozen=True, slots=True)
class SearchAnswered:
    """The services (codes, best first) that answer ``text``; none where no service fits."""

    text: str
    services: tuple[str, ...]


Tap = (
    AgencyChosen
    | ServiceChosen
    | BrowseAsked
    | FindTapped
    | LetterTyped
    | EraseTapped
    | FoundChosen
    | ClosedAsked
    | DetailsAsked
    | DetailsPrintTapped
    | PriorityChosen
    | PriorityAsked
    | PageChosen
    | LanguageChosen
    | LanguagesAsked
    | ModeToggled
    | ModesAsked
    | BackTapped
    | HomeTapped
    | HelpTapped
    | CallStaffTapped
    | ConfirmTapped
    | RetryTapped
    | OfferTaken
    | DoneTapped
    | AnotherTapped
    | CancelTapped
    | VoidConfirmed
    | RestartTapped
    | StaffTap
)
News = (
    Committed
    | PrintFinished
    | Refused
    | Unfinished
    | Voided
    | NotVoided
    | DetailsPrinted
    | SearchAnswered
)
"""Events that no touch makes: results of desk, printer, journal and search."""

Event = Tap | Touched | SpeechAsked | KeyPressed | HeadsetChanged | Tick | News | StaffNews
