"""What the application needs of the parts behind the screen, and of the root view before it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from kiosk.domain.config import Settings
from kiosk.domain.events import Event
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import Live
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.domain.visit_state import KioskSnapshot, Trouble, Visit
from kiosk.messages import Text

Post = Callable[[Event], None]


class KioskPort(Protocol):
    """The kiosk without its screen. Nothing here blocks: it is called on the UI thread."""

    @property
    def settings(self) -> Settings:
        """The settings that are live now."""

    @property
    def demo(self) -> bool:
        """Whether this is the demonstration, which the screen then says."""

    def now(self) -> datetime:
        """The time: aware, in the site's zone."""

    def printer_health(self) -> PrinterHealth:
        """The printer's last known state."""

    def trouble(self) -> Trouble | None:
        """Why no number can be given to anybody now, None when one can."""

    def live(self) -> Live:
        """What may be shown of the queue now."""

    def issue(self, request: TicketRequest, post: Post) -> None:
        """Make a number and print it; returns at once.

        Posts Committed, PrintFinished or Refused.
        """

    def print_copy(self, ticket: Ticket, post: Post) -> None:
        """Print a slip again, as a copy. Returns at once; posts PrintFinished."""

    def unfinished(self) -> Ticket | None:
        """At the start: a young ticket of which nobody knows whether its slip came."""

    def notices(self) -> tuple[Text, ...]:
        """One line each for staff, the gravest first; the screen only says that there are any."""


class RootViewPort(Protocol):
    """The screens, as one widget."""

    def show(
        self, visit: Visit, snapshot: KioskSnapshot, banner: str | None = None, demo: bool = False
    ) -> None:
        """Show the visit's screen."""

    def tick(self, visit: Visit, snapshot: KioskSnapshot) -> None:
        """Bring up to date what time alone changes."""

    def new_settings(self, settings: Settings) -> None:
        """Take other settings, between visits."""
