"""The ports of the application: the kiosk behind the screen, and the root view."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from kiosk.domain.config import Settings
from kiosk.domain.effects import PrintDetails
from kiosk.domain.events import Event
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import Live
from kiosk.domain.staff import CheckPin, DoStaffTask, StaffFacts
from kiosk.domain.staff_call import StaffCall
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)
from kiosk.errors import Refusal
from kiosk.messages import Text
from kiosk.widgets.reading import ReadItem

Post = Callable[[Event], None]


class StaffPort(Protocol):
    """The staff's side of the kiosk (``kiosk.background.staff_desk``). Returns at once."""

    def facts(self) -> StaffFacts:
        """The state of the machine as last looked at; begins another look."""

    def check_pin(self, wanted: CheckPin, post: Post) -> None:
        """Compare a PIN with the staff PIN; posts PinChecked."""

    def do(self, wanted: DoStaffTask, post: Post) -> None:
        """Carry a task out; posts StaffTaskDone."""


class KioskPort(Protocol):
    """The kiosk without its screen (``kiosk.runtime.Kiosk``), called on the UI thread."""

    @property
    def settings(self) -> Settings:
        """The settings in force."""

    @property
    def demo(self) -> bool:
        """Whether this is the demonstration; the screen then shows it."""

    @property
    def staff(self) -> StaffPort:
        """What staff do and see at the machine."""

    def now(self) -> datetime:
        """The present time: aware, in the site's zone."""

    def printer_health(self) -> PrinterHealth:
        """The printer's last known state."""

    def trouble(self) -> Refusal | None:
        """Why this machine can give no number now; None when it can."""

    def live(self) -> Live:
        """The live state of the queue, as far as it is recent enough to be shown."""

    def issue(self, request: TicketRequest, post: Post) -> None:
        """Make a number and print it; returns at once.

        Posts Committed, PrintFinished or Refused.
        """

    def print_copy(self, ticket: Ticket, post: Post) -> None:
        """Print a slip again, as a copy. Returns at once; posts PrintFinished."""

    def print_details(self, wanted: PrintDetails, post: Post) -> None:
        """Print the details of a service without a number; returns at once, posts
        DetailsPrinted."""

    def void(self, ticket: Ticket, post: Post) -> None:
        """Give a number back. Returns at once; posts Voided or NotVoided."""

    def search(self, text: str, post: Post) -> None:
        """Look for the services that answer ``text``; returns at once, posts SearchAnswered.

        An empty text only gets the search ready. A search that a later one has overtaken may stay
        without an answer.
        """

    def note_missed(self, text: str) -> None:
        """Count a text that was searched for and not found. Returns at once."""

    def call_staff(self) -> None:
        """Call for staff, unless a call is open. Returns at once; ``staff_call`` has the state."""

    def staff_call(self) -> StaffCall:
        """The call for staff: whether one can be made, and what has happened to it."""

    def unfinished(self) -> Ticket | None:
        """At start: the recent ticket without a print outcome that the last run left, or None."""

    def notices(self) -> tuple[Text, ...]:
        """Notices for staff, the most serious first; the screen only shows that there are some."""


class FocusPort(Protocol):
    """What can be reached with the keypad, and where its focus is."""

    @property
    def focused(self) -> ReadItem | None:
        """The item with the focus; None while the focus is not shown."""

    @property
    def way_back(self) -> Event | None:
        """The event of the key "Back"; None where it does nothing."""

    def move_focus(self, step: int) -> bool:
        """Move the focus by ``step`` items; whether it went over the end of the list."""

    def may_press(self) -> bool:
        """Whether the item with the focus may be pressed now; while speech is on it is said
        first."""


class RootViewPort(FocusPort, Protocol):
    """The screens, as one widget."""

    def show(
        self, visit: Visit, snapshot: KioskSnapshot, staff: bool = False, demo: bool = False
    ) -> None:
        """Show the visit's screen."""

    def tick(self, visit: Visit, snapshot: KioskSnapshot) -> None:
        """Update what depends on time."""

    def new_settings(self, settings: Settings) -> None:
        """Use other settings; called between visits."""
