"""The running kiosk without its screen: what the app, the commands and the tests call.

``kiosk.bootstrap.build_kiosk`` puts the parts together; this module only uses them. The screen
calls the methods under "called by the app", which never block: each slow one hands its work to a
desk thread and posts an event when it is done. The commands call the methods under "called by
commands", which wait for journal, printer or server.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.background.clock_manager import ClockManager
from kiosk.background.desk_opener import DeskOpener
from kiosk.background.desk_threads import DeskThreads, Post
from kiosk.background.journal_manager import JournalManager
from kiosk.background.numbers_left import LeftCounter
from kiosk.background.periodic_thread import PeriodicThread
from kiosk.background.printer_manager import PrinterManager
from kiosk.background.screen_monitor import ScreenMonitor
from kiosk.background.settings_folder import LOOK_EVERY_S, DiskStatus, OnDisk, SettingsFolder
from kiosk.background.settings_manager import SettingsManager
from kiosk.clock import SiteClock
from kiosk.desk import Desk, IssueResult, slip_of_details
from kiosk.domain.config import Settings
from kiosk.domain.delivery import PrintResult
from kiosk.domain.effects import PrintDetails
from kiosk.domain.health import Capabilities, ClockHealth, PrinterHealth
from kiosk.domain.live import NOT_LIVE, Live
from kiosk.domain.slip import Slip
from kiosk.domain.staff_call import NO_CALL, StaffCall
from kiosk.domain.ticket import KEY_BYTES, Ticket, TicketKey, TicketRequest, ticket_key
from kiosk.errors import JournalError, JournalFull, Refusal
from kiosk.messages import Message, Text
from kiosk.register import pause_words
from kiosk.staff.stops import Stops
from kiosk.store.journal import Journal
from kiosk.store.outbox import Backlog
from kiosk.store.queries import HourCount, TicketPage
from menu.schedule import opening

if TYPE_CHECKING:
    from kiosk.background.queue_manager import QueueManager
    from kiosk.background.search_manager import SearchManager
    from kiosk.background.staff_desk import StaffDesk

PROBE_EVERY_S = 1.0
STOP_S = 2.0
PRINTER_CLOSE_S = 5.0
LONGEST_S = 3600.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What the kiosk is made of.

    ``folder``: follows the edits of the settings files; None for a command that ends at once.
    ``state``: the folder of journal, lock and socket. ``demo``: say on the screen that this is a
    demonstration. ``queue``: None where no queue server is configured. ``make_desk`` makes the
    desk of an open journal. ``stops``: what staff have stopped at this machine.
    """

    state: Path
    demo: bool
    clock: SiteClock
    clock_manager: ClockManager
    settings: SettingsManager
    journal: JournalManager
    printer: PrinterManager
    queue: QueueManager | None
    search: SearchManager
    screen: ScreenMonitor
    stops: Stops
    make_desk: Callable[[Journal], Desk]
    folder: SettingsFolder | None = None


class Kiosk:
    """The kiosk without its screen. A context manager: leaving it closes the parts.

    A journal that cannot be opened (full or read-only disk) does not prevent the start, because
    the screen must show the reason. Opening is retried once a second and at each number.
    """

    def __init__(self, parts: Parts) -> None:
        """Take the parts; nothing is started yet except what the parts start themselves.

        Raises AlreadyRunning when another process owns the state folder.
        """
        self._parts = parts
        self.clock = parts.clock
        self._settings = parts.settings
        self._journal = parts.journal
        self._printer = parts.printer
        self._queue = parts.queue
        self._opener = DeskOpener(parts.journal, parts.make_desk)
        self._left = LeftCounter()
        self._hours_of: datetime | None = None
        self._open_now = False
        self._prober = PeriodicThread("prober", self._watch, PROBE_EVERY_S)
        self._follower: PeriodicThread | None = None
        if parts.folder is not None:
            self._follower = PeriodicThread("settings", parts.folder.look, LOOK_EVERY_S)
        self._desks = DeskThreads(
            self._opener,
            counted=lambda: self._count_left(given=True),
            send=self._wake_queue,
            print_without_desk=self._print_details_without_desk,
        )
        self._opener.open()

    def start(self) -> None:
        """Start the probe of the printer, the exchanges with the server, and the looks at the
        settings files and at what the staff screen shows."""
        self._prober.start()
        self.staff.facts()
        if self._follower is not None:
            self._follower.start()
        if self._queue is not None:
            self._queue.start()

    def close(self, within_s: float | None = None) -> bool:
        """Stop the parts; the journal last, marked as cleanly stopped.

        ``within_s``: seconds after which the journal is closed even if a slip is still being
        printed; its ticket then has no outcome and is offered at the next start. None waits for
        the end of each slip. Returns whether all threads of the desk have ended: one that has not
        keeps the interpreter from ending. Idempotent.
        """
        until = None if within_s is None else time.monotonic() + within_s

        def left_s(most: float) -> float:
            return most if until is None else min(most, max(0.0, until - time.monotonic()))

        try:
            self._prober.stop()
            if self._follower is not None:
                self._follower.stop(left_s(STOP_S))
            if "staff" in self.__dict__:  # not made where the app ends before its first frame
                self.staff.close(wait=until is None)
            self._desks.stop(wait_for_slips=until is None)
            self._desks.join(left_s(LONGEST_S))
            self._parts.search.close(left_s(STOP_S))
            if self._queue is not None:
                self._queue.close(left_s(STOP_S))
            self._printer.close(left_s(PRINTER_CLOSE_S))
        finally:
            self._journal.close()
        return self._desks.ended

    def __enter__(self) -> Kiosk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ── called by the app (kiosk.app.ports.KioskPort); never blocks ──────────────────────

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._settings.current

    @property
    def demo(self) -> bool:
        """Whether this is the demonstration."""
        return self._parts.demo

    @cached_property
    def staff(self) -> StaffDesk:
        """What staff do and see at the machine. Imported by ``start``, after the first frame."""
        from kiosk.background.staff_desk import StaffDesk

        return StaffDesk(self, self._parts.state, self._parts.stops)

    def now(self) -> datetime:
        """The time at the site, aware."""
        return self.clock()

    def printer_health(self) -> PrinterHealth:
        """The printer's last known state."""
        desk = self._opener.desk
        return desk.printer_health if desk else PrinterHealth()

    def issue(self, request: TicketRequest, post: Post) -> None:
        """Make a number and print it; returns at once.

        Posts Committed, PrintFinished or Refused.
        """
        self._desks.issue(request, post)

    def print_copy(self, ticket: Ticket, post: Post) -> None:
        """Print a ticket's slip again, as a copy; returns at once, posts PrintFinished."""
        self._desks.print_copy(ticket, post)

    def print_details(self, wanted: PrintDetails, post: Post) -> None:
        """Print the details of a service without a number; returns at once, posts
        DetailsPrinted."""
        self._desks.print_details(wanted, post)

    def void(self, ticket: Ticket, post: Post) -> None:
        """Give a number back; returns at once, posts Voided or NotVoided."""
        self._desks.void(ticket, post)

    def search(self, text: str, post: Post) -> None:
        """Look for services by need; returns at once, posts SearchAnswered."""
        self._parts.search.search(text, post)

    def note_missed(self, text: str) -> None:
        """Count a text that was searched for and not found; returns at once."""
        self._parts.search.note_missed(text)

    def call_staff(self) -> None:
        """Call for staff, unless a call is open; returns at once."""
        if self._queue is not None:
            self._queue.call_staff()

    def staff_call(self) -> StaffCall:
        """The call for staff; OFF without a server."""
        return NO_CALL if self._queue is None else self._queue.staff_call

    def unfinished(self) -> Ticket | None:
        """The recent ticket without a print outcome that the last run left; None without one."""
        return self._journal.found

    def trouble(self) -> Refusal | None:
        """Why no number can be given now, as of the last check; None when one can."""
        error = self._journal.error
        if error is None:
            if self._parts.stops.closed:
                return Refusal.SHUT
            barred = self._queue is not None and self._queue.status.barred
            return Refusal.NUMBERS if barred else None
        return Refusal.FULL if isinstance(error, JournalFull) else Refusal.READ_ONLY

    def notices(self) -> tuple[Text, ...]:
        """Notices for staff, the most serious first."""
        error, journal = self._journal.error, self._journal.journal
        said: list[Text] = [error.message] if error else []
        if not self.clock.believed():
            said.append(Message("clock.not_believed"))
        screen = self.screen.health()
        if screen is not None and screen.touch_trouble is not None:
            said.append(Message(f"touch.{screen.touch_trouble.value}"))
        if self.screen.fonts_left_out:
            files = ", ".join(self.screen.fonts_left_out)
            said.append(Message.of("notice.fonts", files=files))
        if journal is not None:
            said.extend(journal.notices)
        if self._queue is not None:
            said.extend(self._queue.status.notices)
        if self._parts.stops.closed:
            said.append(Message("notice.shut"))
        if self._parts.stops.unread:
            said.append(Message("notice.stops"))
        said.extend(problem.message for problem in self.settings.language_problems)
        on_disk = self.settings_on_disk
        if on_disk.notice and on_disk.state is not OnDisk.COMING:
            said.append(on_disk.notice)
        return tuple(said)

    @property
    def settings_on_disk(self) -> DiskStatus:
        """What became of the settings files as they are now."""
        return DiskStatus() if self._parts.folder is None else self._parts.folder.status

    @property
    def menu_of_server(self) -> bool:
        """Whether the menu in force is the server's."""
        return self._settings.of_server

    def backlog(self) -> Backlog:
        """Rows that the server has not taken, as last counted; none without a server."""
        return self._queue.status.backlog if self._queue is not None else Backlog()

    def reload_settings(self, *, accept: bool) -> DiskStatus:
        """Look at the settings files now, and ask the server for its menu."""
        self._wake_queue()
        folder = self._parts.folder
        return folder.reload(accept=accept) if folder is not None else DiskStatus()

    @property
    def queue(self) -> QueueManager | None:
        """The link to the queue server; None where none is configured."""
        return self._queue

    def live(self) -> Live:
        """The queue's live state, as far as it is recent enough to be shown."""
        live = self._queue.live if self._queue is not None else NOT_LIVE
        pauses = self._parts.stops.pauses(self.now())
        words = self.settings.words
        held = {code: (p.until, pause_words(words, p)) for code, p in pauses.items()}
        return live.shown(time.monotonic(), self._left.left).paused(held)

    def on_settings(self, listener: Callable[[], None]) -> None:
        """Call ``listener``, on any thread, after each change of ``settings``."""
        self._settings.on_change(listener)

    @property
    def screen(self) -> ScreenMonitor:
        """What is known of the screen; the app reports to it."""
        return self._parts.screen

    def clock_health(self) -> ClockHealth:
        """Whether the clock is confirmed and believed."""
        return self._parts.clock_manager.health()

    # ── called by commands; waits for journal, printer or server ─────────────────────────

    def issue_now(self, request: TicketRequest) -> IssueResult:
        """Make one number and print it; waits for the printer.

        Raises IssueRefused, NumberingError or JournalError.
        """
        done = self._opener.ready().issue(request)
        self._wake_queue()
        return done

    def reprint(self, ticket_id: str) -> PrintResult:
        """Print a ticket's slip again, as a copy. Raises IssueRefused or JournalError."""
        return self._opener.ready().reprint(ticket_id)

    def ready_journal(self) -> Journal:
        """The open journal. Raises the error that prevents opening it."""
        self._opener.ready()
        if self._journal.journal is None:
            raise self._opener.error()
        return self._journal.journal

    def tickets(self, business_date: date | None, limit: int) -> tuple[Ticket, ...]:
        """The journal's latest ``limit`` tickets, of one business date or of all, in order.

        Works on a read-only disk too. Raises JournalError, AlreadyRunning.
        """
        self._opener.open()
        return self._journal.tickets(business_date, limit)

    def ticket_page(self, business_date: date | None, limit: int, skip: int) -> TicketPage:
        """See ``Journal.page``. Works on a read-only disk too. Raises as ``tickets`` does."""
        self._opener.open()
        return self._journal.page(business_date, limit, skip)

    def complete_from(self) -> date | None:
        """The first business date of which the journal has all tickets; None where it never
        deleted any. Raises as ``tickets`` does."""
        self._opener.open()
        return self._journal.complete_from()

    def hour_counts(self, business_dates: Sequence[date]) -> dict[date, tuple[HourCount, ...]]:
        """The journal's tickets of these days by service and hour. Raises as ``tickets`` does."""
        self._opener.open()
        return self._journal.hour_counts(business_dates)

    def not_taken(self) -> frozenset[str]:
        """Ids of the tickets whose slip was not taken; none while the journal cannot be read."""
        journal = self._journal.journal
        return journal.not_taken() if journal is not None else frozenset()

    def tickets_today(self) -> int:
        """How many valid numbers were given today. Raises as ``tickets`` does."""
        self._opener.open()
        return self._journal.count(self.now().date())

    def exchange_with_server(self) -> None:
        """Make one exchange with the server, if one is configured.

        A failed exchange raises nothing; ``queue.problem`` says what went wrong.
        """
        if self._queue is not None and self._opener.desk is not None:
            self._queue.exchange_now()

    def send_pending(self) -> None:
        """Send what was just written, if the server is reachable."""
        if self._queue is not None and self._queue.online:
            self._queue.exchange_now()

    @property
    def state(self) -> Path:
        """The folder of journal, lock and socket."""
        return self._parts.state

    def probe_now(self) -> PrinterHealth:
        """Ask the printer for its state and wait for the answer."""
        desk = self._opener.desk
        return desk.probe() if desk else PrinterHealth()

    def print_now(self, slip: Slip) -> PrintResult:
        """Print a slip that is no ticket.

        It ends a hold of the printer: the caller confirms that the printer's buffer is clear.
        Raises JournalError when this process does not own the state folder.
        """
        if not self._journal.owner:
            raise self._journal.error or JournalError("journal.lock")
        return self._printer.print_test(slip)

    def survey_now(self) -> Capabilities:
        """Ask the printer what it can do. For staff: it empties the printer's buffer."""
        return self._printer.survey()

    def slips_page(self) -> str | None:
        """The web address of the virtual printer's slips; None with a real printer."""
        return self._printer.page

    def new_request(
        self,
        service: str,
        language: str | None = None,
        priority: str | None = None,
        key: TicketKey | None = None,
    ) -> TicketRequest:
        """A request for a number that is not asked for on the screen; with a fresh ``key`` if none
        is given."""
        now = self.now()
        key = key or ticket_key(now, os.urandom(KEY_BYTES))
        return TicketRequest(
            id=key.id,
            track=key.track,
            service=service,
            language=language or self.settings.catalogue.site.languages[0],
            requested_at=now,
            priority=priority,
        )

    # ── on the prober and the desk threads ───────────────────────────────────────────────

    def _watch(self) -> None:
        """One turn of the prober: retry a closed journal, ask the printer, check clock and disk."""
        self._opener.open()
        self._parts.clock_manager.look()
        if self._queue is not None:
            self._queue.refresh_status()
        self._count_left()
        self._note_hours()
        self.probe_now()
        self.check_disk()

    def _count_left(self, *, given: bool = False) -> None:
        heard_s = self._queue.live.at_s if self._queue is not None else 0.0
        menu = self.settings.catalogue
        self._left.count(self._opener.desk, menu, self.now(), heard_s, given=given)

    def _note_hours(self) -> None:
        """Tell the screen's monitor whether numbers are given now: then touches are expected."""
        now, menu = self.now(), self.settings.catalogue
        if now.replace(second=0, microsecond=0) != self._hours_of:
            self._hours_of = now.replace(second=0, microsecond=0)
            self._open_now = any(
                opening(f.service.hours, menu.window, menu.closed, f.agency.code, now).open
                for f in menu.services()
            )
        self.screen.note_hours(now.date(), open_now=self._open_now)

    def check_disk(self) -> None:
        """Check whether the disk has room for a number, for ``trouble``. Raises JournalError."""
        self._journal.look_at_disk()

    def _wake_queue(self) -> None:
        if self._queue is not None:
            self._queue.wake()

    def _print_details_without_desk(self, wanted: PrintDetails) -> PrintResult:
        """Details need no journal, so one that cannot be opened does not prevent them.

        Raises IssueRefused for an unknown service, JournalError where another process may own the
        printer.
        """
        if not self._journal.owner:
            raise self._opener.error()
        today = self.now() if self._parts.clock_manager.health().dated else None
        slip = slip_of_details(self.settings, wanted.service, wanted.language, today)
        return self._printer.print_unnumbered(slip)
