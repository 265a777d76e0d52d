"""The composition root: settings, journal, printer and desk put together.

The app, the commands and the tests all build the kiosk here, from real parts.
"""

from __future__ import annotations

import logging
import os
import secrets
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.background.journal_manager import JournalManager
from kiosk.background.periodic_thread import PeriodicThread
from kiosk.background.printer_manager import PrinterManager
from kiosk.background.site_clock import SiteClock
from kiosk.desk import Delivered as Done
from kiosk.desk import Desk
from kiosk.domain.config import Settings
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.domain.events import Committed, Delivered, Event, Refused
from kiosk.domain.health import Capabilities, PrinterHealth
from kiosk.domain.live import NOT_LIVE, Live
from kiosk.domain.slip import Slip
from kiosk.domain.ticket import Ticket, TicketRequest, uuid7
from kiosk.domain.trouble import trouble_of
from kiosk.domain.visit_state import Trouble
from kiosk.errors import IssueRefused, JournalError, JournalFull, KioskError
from kiosk.register import refusal
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.store.journal import Journal

if TYPE_CHECKING:
    from kiosk.background.queue_manager import QueueManager

DESKS = 32
"""Each waits with its visitor's slip: a stalled printer must not keep the next from a number."""

PROBE_EVERY_S = 1.0

Post = Callable[[Event], None]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """How to put the kiosk together.

    ``demo``: say so on the screen. ``start``: the simulated clock's first moment, None for the
    real time. ``slips``: where the virtual printer leaves its pictures, all of them; None for
    the newest ones in the state folder. ``printer``: without one, for commands that only read,
    nothing is started that prints.
    """

    demo: bool = False
    start: datetime | None = None
    slips: Path | None = None
    printer: bool = True


OPTIONS = Options()


class Kiosk:
    """The kiosk without its screen: what the app, the commands and the tests drive.

    A journal that cannot be opened (a full or read-only disk) does not keep the kiosk from
    starting: the visitor must be told. It is tried again at each number.
    """

    def __init__(self, settings: Settings, state: Path, options: Options = OPTIONS) -> None:
        """Put the parts together.

        Raises AlreadyRunning when another process owns ``state``.
        """
        self._settings = settings
        self._state = state
        self._options = options
        self.clock = SiteClock(settings.catalogue.site.timezone, options.start)
        self._opening = threading.Lock()
        self._keeper = JournalManager(state, self.now)
        self._desk: Desk | None = None
        self._left: Mapping[str, int] = {}
        self._left_seen: tuple[object, ...] = ()
        self._printer = PrinterManager(
            lambda: self._settings, state, self.now, suspect=lambda: self._keeper.suspect
        )
        if options.printer:
            if options.slips is None:
                self._printer.start_virtual(state / "slips")
            else:
                self._printer.start_virtual(options.slips, keep=sys.maxsize)
        self._prober = PeriodicThread("prober", self._look_after, PROBE_EVERY_S)
        self._desks = ThreadPoolExecutor(DESKS, thread_name_prefix="desk")
        self._settings_listeners: list[Callable[[], None]] = []
        self._queue = self._link() if settings.kiosk.server.url else None
        self._open_desk()

    def start(self) -> None:
        """Begin to watch the printer, and to keep in step with the server."""
        self._prober.start()
        if self._queue is not None:
            self._queue.start()

    def close(self) -> None:
        """Stop the parts, the journal last, with the mark of a clean stop."""
        self._prober.stop()
        self._desks.shutdown(wait=True, cancel_futures=True)
        if self._queue is not None:
            self._queue.close()
        self._printer.close()
        self._keeper.close()

    def __enter__(self) -> Kiosk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ── what the app sees (kiosk.app.ports) ──────────────────────────────────────────

    @property
    def settings(self) -> Settings:
        """The settings that are live."""
        return self._settings

    @property
    def demo(self) -> bool:
        """Whether this is the demonstration."""
        return self._options.demo

    def now(self) -> datetime:
        """The time at the site."""
        return self.clock()

    def printer_health(self) -> PrinterHealth:
        """The printer's last known state."""
        desk = self._desk
        return desk.printer_health if desk else PrinterHealth()

    def issue(self, request: TicketRequest, post: Post) -> None:
        """Make a number and print it; returns at once, posts Committed, Delivered or Refused."""
        self._desks.submit(self._issue, request, post)

    def print_copy(self, ticket: Ticket, post: Post) -> None:
        """Print a ticket's slip again, as a copy; returns at once, posts Delivered."""
        self._desks.submit(self._print_copy, ticket, post)

    def unfinished(self) -> Ticket | None:
        """The young ticket without an outcome that the last run left behind."""
        return self._keeper.found

    def trouble(self) -> Trouble | None:
        """Why no number can be given to anybody now, as last looked at; never blocks."""
        error = self._keeper.error
        if error is None:
            return Trouble.NUMBERS if self._queue is not None and self._queue.seen.barred else None
        return Trouble.FULL if isinstance(error, JournalFull) else Trouble.READ_ONLY

    def notices(self) -> tuple[str, ...]:
        """What staff should know, the gravest first."""
        error, journal = self._keeper.error, self._keeper.journal
        said = [str(error)] if error else []
        if journal is not None:
            said.extend(journal.notices)
        if self._queue is not None:
            said.extend(self._queue.seen.notices)
        return tuple(said)

    @property
    def queue(self) -> QueueManager | None:
        """The link to the queue server; None where none is configured."""
        return self._queue

    def live(self) -> Live:
        """What may be shown of the queue now; never blocks."""
        live = self._queue.live if self._queue is not None else NOT_LIVE
        return live.shown(time.monotonic(), self._left)

    def on_settings(self, listener: Callable[[], None]) -> None:
        """Have ``listener`` called, on any thread, when ``settings`` are others."""
        self._settings_listeners.append(listener)

    # ── what commands do ─────────────────────────────────────────────────────────────────

    def issue_now(self, request: TicketRequest) -> Done:
        """One number, made and printed; waits for the printer.

        Raises IssueRefused, NumberingError or JournalError.
        """
        done = self._ready_desk().issue(request)
        if self._queue is not None:
            self._queue.wake()
        return done

    def reprint(self, ticket_id: str) -> PrintResult:
        """A ticket's slip again, as a copy. Raises IssueRefused or JournalError."""
        return self._ready_desk().reprint(ticket_id)

    def ready_journal(self) -> Journal:
        """The journal, open. Raises what keeps it shut."""
        self._ready_desk()
        if self._keeper.journal is None:
            raise self._shut()
        return self._keeper.journal

    def tickets(self, business_date: date | None, limit: int) -> tuple[Ticket, ...]:
        """The journal's latest ``limit`` tickets, of one business date or of all, in order.

        Read also where nothing can be written. Raises JournalError, AlreadyRunning.
        """
        self._open_desk()
        return self._keeper.tickets(business_date, limit)

    def tickets_today(self) -> int:
        """How many numbers stand for today. As ``tickets``."""
        self._open_desk()
        return self._keeper.count(self.now().date())

    def meet_server(self) -> None:
        """For commands: one exchange with the server, where there is one; never raises for it."""
        if self._queue is not None and self._desk is not None:
            self._queue.exchange_now()

    def settle(self) -> None:
        """For commands: send what was just written, where the server is in touch."""
        if self._queue is not None and self._queue.in_touch:
            self._queue.exchange_now()

    @property
    def state(self) -> Path:
        """The folder of journal, lock and socket."""
        return self._state

    def probe_now(self) -> PrinterHealth:
        """Ask the printer and wait for its answer."""
        desk = self._desk
        return desk.probe() if desk else PrinterHealth()

    def print_now(self, slip: Slip) -> PrintResult:
        """Print a slip that is no ticket; whoever asks for it says that the printer is clear."""
        if not self._keeper.owner:
            raise self._keeper.error or JournalError("the state folder cannot be locked")
        return self._printer.print_test(slip)

    def survey_now(self) -> Capabilities:
        """What the printer can do. For staff: it empties the printer's buffer."""
        return self._printer.survey()

    def slips_page(self) -> str | None:
        """Where the demo's slips can be looked at with a browser; None without that printer."""
        return self._printer.page

    def new_request(
        self, service: str, language: str | None = None, priority: str | None = None
    ) -> TicketRequest:
        """A request with a fresh id, for a number that is not asked for on the screen."""
        now = self.now()
        return TicketRequest(
            id=uuid7(int(now.timestamp() * 1000), os.urandom(10)),
            track=secrets.token_hex(16),
            service=service,
            language=language or self._settings.catalogue.site.languages[0],
            requested_at=now,
            priority=priority,
        )

    # ── inside ───────────────────────────────────────────────────────────────────────────

    def _look_after(self) -> None:
        """While nobody touches: try to open what is shut, and ask the printer how it is."""
        self._open_desk()
        if self._queue is not None:
            self._queue.look()
        self._count_left()
        self.probe_now()
        self.look_after_disk()

    def _count_left(self, *, given: bool = False) -> None:
        """See how many numbers are left, where a number was given or the server said something."""
        desk = self._desk
        heard = self._queue.live.at_s if self._queue is not None else 0.0
        seen = (desk, self.now().date(), heard, self._settings.catalogue)
        if desk is None or (seen == self._left_seen and not given):
            return
        try:
            self._left, self._left_seen = desk.numbers_left(), seen
        except JournalError as error:
            log.warning("the numbers left cannot be counted: %s", error)

    def look_after_disk(self) -> None:
        """Note whether the disk has room for a number. Raises JournalError."""
        self._keeper.look_at_disk()

    def _link(self) -> QueueManager:
        # Only where there is a server: what speaks HTTP takes its time to import.
        from kiosk.background.queue_manager import QueueManager, health_of

        return QueueManager(
            self._settings,
            self._state,
            self.clock,
            journal=lambda: self._keeper.journal,
            health=lambda: health_of(self.printer_health(), self.trouble()),
            load=self._load_menu,
            apply=self._use_menu,
        )

    def _load_menu(self, menu: Path) -> Settings:
        return load_settings(Path(self._settings.config_dir), ASSETS, menu=menu)

    def _use_menu(self, read: Settings) -> None:
        """Take the server's menu; what concerns this machine stays as it was started."""
        self._settings = replace(self._settings, catalogue=read.catalogue, words=read.words)
        for listener in self._settings_listeners:
            listener()

    def _open_desk(self) -> None:
        """Open journal and desk; what keeps them shut is kept for whoever asks."""
        with self._opening:
            if self._desk is not None:
                return
            journal = self._keeper.open()
            if journal is not None:
                self._desk = Desk(
                    journal,
                    self._printer,
                    self._printer.worker,
                    settings=lambda: self._settings,
                    now=self.now,
                    date_confirmed=self.clock.confirmed,
                    queue=self._queue,
                )

    def _ready_desk(self) -> Desk:
        self._open_desk()
        if self._desk is None:
            raise self._shut()
        return self._desk

    def _shut(self) -> KioskError:
        return self._keeper.error or JournalError("the journal is not open")

    def _issue(self, request: TicketRequest, post: Post) -> None:
        try:
            done = self._ready_desk().issue(request, lambda *news: post(Committed(*news)))
        except IssueRefused as error:
            post(refusal(request.id, error))
        except KioskError as error:
            log.error("no number for %s: %s", request.service, error)  # noqa: TRY400
            post(Refused(request.id, trouble_of(error)))
        except Exception:
            log.exception("no number for %s", request.service)
            post(Refused(request.id, Trouble.GENERIC))
        else:
            post(Delivered(done.ticket, done.result))
            self._count_left(given=True)
        if self._queue is not None:
            self._queue.wake()

    def _print_copy(self, ticket: Ticket, post: Post) -> None:
        try:
            result = self._ready_desk().reprint(ticket.id)
        except Exception:
            log.exception("no copy of %s", ticket.number)
            result = PrintResult(Outcome.NOT_PRINTED, Level.BLIND, Fault.ERROR)
        post(Delivered(ticket, result))
