"""The kiosk's link to its queue server: client, "in touch" flag, sync loop and menu together.

The desk asks it for numbers, the sync loop runs in it, the screen and staff read it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kiosk import __version__
from kiosk.background.catalogue_manager import CatalogueManager, Load
from kiosk.background.sync_loop import SyncLoop, SyncPorts
from kiosk.clock import SiteClock
from kiosk.domain.config import Settings
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import Live
from kiosk.domain.ticket import TicketRequest
from kiosk.domain.visit_state import Trouble
from kiosk.errors import IssueRefused, JournalError, ServerRefused, SyncError, TokenRevoked
from kiosk.messages import Message, Text
from kiosk.store.journal import Journal
from kiosk.store.outbox import Backlog, Terms
from kiosk.sync.client import QueueClient
from kiosk.sync.connectivity import Connectivity
from kiosk.sync.values import Reservation, SyncAnswer

REFUSALS = {"closed": "closed", "paused": "paused", "quota_full": "quota"}
"""The only answers that send a visitor away, and the desk's words for them."""

EXPLAINED = (
    *("invalid", "letter_not_held", "not_found"),
    *("not_reserved", "number_changed", "service_changed"),
)
"""Codes with which the server refuses a number, and that have words of their own."""
MOST_NAMED = 3
STOP_S = 2.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """How the link is. ``barred``: no number can be given to anybody, because the token is
    revoked, or because neither the server nor a letter is at hand. ``notices`` are for staff."""

    barred: bool = False
    terms: Terms = field(default_factory=Terms)
    backlog: Backlog = field(default_factory=Backlog)
    notices: tuple[Text, ...] = ()


class QueueManager:
    """The link to the server in ``settings``.

    ``journal`` answers the open journal or None; ``load`` and ``apply`` are the menu's
    (``CatalogueManager``); ``health`` says how the kiosk is, as JSON holds it.
    """

    def __init__(
        self,
        settings: Settings,
        state: Path,
        clock: SiteClock,
        *,
        journal: Callable[[], Journal | None],
        health: Callable[[], Mapping[str, Any]],
        load: Load,
        apply: Callable[[Settings], None],
    ) -> None:
        server, folder = settings.kiosk.server, Path(settings.config_dir)
        self._url = server.url.rstrip("/")
        self._deadline_s = server.deadline_s
        self._clock = clock
        self._journal = journal
        self._status = QueueStatus()
        ca_file = folder / server.ca_file if server.ca_file else None
        self._client = QueueClient(self._url, folder / server.token_file, ca_file)
        self._connectivity = Connectivity()
        self._catalogue = CatalogueManager(state, self._url, load, apply)
        ports = SyncPorts(
            journal=journal,
            clock=clock,
            zone=lambda: ZoneInfo(settings.catalogue.site.timezone),
            # The server's own staff see in the list of kiosks that it refuses numbers.
            health=lambda: {**health(), "refused": self._status.backlog.parked},
            etag=lambda: self._catalogue.etag,
            answered=self._answered,
        )
        self._loop = SyncLoop(self._client, self._url, self._connectivity, ports)
        self._catalogue.restore()

    def start(self) -> None:
        """Begin to keep in step."""
        self._loop.start()

    def close(self) -> None:
        """Stop; what is not sent stays in the journal."""
        self._loop.stop(STOP_S)
        self._client.close()

    # ── the desk's port ──────────────────────────────────────────────────────────────────

    @property
    def url(self) -> str:
        """The configured server."""
        return self._url

    @property
    def revoked(self) -> bool:
        """Whether the server has revoked this kiosk's token. Reads the journal."""
        return self.terms().revoked

    def reserve(self, request: TicketRequest) -> Reservation | None:
        """See ``kiosk.register.QueuePort``."""
        if not self._connectivity.online:
            return None
        try:
            return self._client.reserve(request, self._deadline_s)
        except ServerRefused as error:
            if error.status == 409 and error.code in REFUSALS:
                raise IssueRefused(REFUSALS[error.code], error.detail) from error
            log.error("own line: %s", error)  # noqa: TRY400
        except TokenRevoked as error:
            self._revoke()
            raise IssueRefused("revoked", "issue.revoked") from error
        except SyncError as error:
            self._connectivity.mark_offline()
            log.warning("own line: %s", error)
        return None

    # ── what others see ──────────────────────────────────────────────────────────────────

    @property
    def in_touch(self) -> bool:
        """Whether numbers come from the server now."""
        return self._connectivity.online

    @property
    def live(self) -> Live:
        """What the server last said of the services, in seconds of ``time.monotonic``."""
        return replace(self._loop.live, in_touch=self._connectivity.online, linked=True)

    @property
    def problem(self) -> Text:
        """Why the last exchange failed; empty when it did not."""
        return self._loop.problem

    @property
    def status(self) -> QueueStatus:
        """What ``look`` saw last; never blocks."""
        return self._status

    def refresh_status(self) -> QueueStatus:
        """See how things are for visitors and staff. Reads the journal: not on the UI thread."""
        journal, terms = self._journal(), self.terms()
        backlog, counts = Backlog(), False
        parked: Text = ""
        if journal is not None:
            try:
                backlog = journal.outbox.backlog()
                parked = _parked(journal.outbox.parked()) if backlog.parked else ""
                counts = journal.outbox.in_force(self._url, self._clock().date()) == self._url
            except JournalError as error:
                log.warning("the outbox cannot be read: %s", error)
        barred = counts and (terms.revoked or not (self._connectivity.online or terms.letter))
        self._status = QueueStatus(barred, terms, backlog, self._notices(terms, parked))
        return self._status

    def terms(self) -> Terms:
        """Letter, epoch and revocation as the journal has them; nothing while it is shut."""
        journal = self._journal()
        try:
            return journal.outbox.terms(self._url) if journal else Terms()
        except JournalError:
            return Terms()

    def _notices(self, terms: Terms, parked: Text) -> tuple[Text, ...]:
        alert = Message("server.revoked") if terms.revoked else self._loop.alert
        said = [alert, self._catalogue.problem]
        if self._clock.ahead_s:
            said.append(Message.of("server.clock", minutes=round(self._clock.ahead_s / 60)))
        said.append(parked)
        return tuple(one for one in said if one)

    # ── what happens ─────────────────────────────────────────────────────────────────────

    def wake(self) -> None:
        """There is a ticket to be sent."""
        self._loop.wake()

    def exchange_now(self) -> None:
        """One exchange, waited for; ``problem`` says what came of it."""
        self._loop.exchange()
        self.refresh_status()

    def _answered(self, answer: SyncAnswer) -> None:
        self._catalogue.offer(answer.catalogue, self._client.catalogue)
        self.refresh_status()

    def _revoke(self) -> None:
        self._connectivity.mark_offline()
        journal = self._journal()
        if journal is not None:
            journal.outbox.revoke(self._url)
        self.refresh_status()


def _parked(refused: Sequence[tuple[str, str]]) -> Message:
    """The notice about refused numbers, each with the server's code."""
    named: Text = ""
    for number, code in refused[:MOST_NAMED]:
        why: Text = Message(f"parked.{code}") if code in EXPLAINED else code
        one = Message.of("parked.one", number=number, why=why)
        named = Message.of("parked.list", list=named, one=one) if named else one
    if len(refused) > MOST_NAMED:
        named = Message.of("parked.more", list=named, n=len(refused) - MOST_NAMED)
    return Message.of("parked", n=len(refused), which=named)


def health_of(printer: PrinterHealth, trouble: Trouble | None) -> dict[str, Any]:
    """How the kiosk is, as the server is told."""
    return {
        "version": __version__,
        "printer": printer.fault.value if printer.fault else "held" if printer.held else "ready",
        "paper_near_end": printer.near_end,
        "slips_left": printer.slips_left,
        "trouble": trouble.value if trouble else None,
    }
