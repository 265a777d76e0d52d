"""Everything that concerns the queue server: client, connectivity, sync loop and catalogue.

The desk reserves numbers here; screen and staff commands read the live state and the status.
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
from kiosk.background.staff_calls import StaffCalls
from kiosk.background.sync_loop import CONFLICT_NOTICE, SyncLoop, SyncPorts
from kiosk.clock import SiteClock
from kiosk.domain.config import (
    FQM,
    NOVOSGA,
    ServerSettings,
    Settings,
    coordinates,
    server_id,
)
from kiosk.domain.health import PrinterHealth, ScreenHealth, screen_values
from kiosk.domain.live import Live
from kiosk.domain.staff_call import StaffCall
from kiosk.domain.ticket import TicketRequest
from kiosk.errors import (
    IssueRefused,
    JournalError,
    NotReserving,
    Refusal,
    ServerRefused,
    SyncError,
    TokenRevoked,
)
from kiosk.messages import Message, Text
from kiosk.store.journal import Journal
from kiosk.store.outbox import Backlog, Terms
from kiosk.sync.client import QueueClient
from kiosk.sync.connectivity import Connectivity
from kiosk.sync.port import Promise, QueueServer
from kiosk.sync.values import Reservation, SyncAnswer
from menu.catalogue import Catalogue

EXPLAINED = (
    *("invalid", "letter_not_held", "not_found"),
    *("not_reserved", "number_changed", "service_changed"),
)
"""Refusal codes of the server for which the catalogue has an explanation."""
EXPLAINED_BY_ADAPTERS = ("no_task", "no_service", "past_day")
"""The same for rows that an adapter cannot deliver to a server of another kind."""
MOST_NAMED = 3
STOP_S = 2.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """Status of the link. ``barred``: this kiosk can give no number, because its token is revoked
    or because it is offline and has no letter. ``notices``: lines for staff."""

    barred: bool = False
    terms: Terms = field(default_factory=Terms)
    backlog: Backlog = field(default_factory=Backlog)
    notices: tuple[Text, ...] = ()


NO_LETTER = {
    "too_many_journals": Message("server.too_many_journals"),
    "letters_used_up": Message("server.letters_used_up"),
}
"""The server's notices that a journal gets no letter: it can give no number while offline."""


class QueueManager:
    """The link to the queue server of ``settings``.

    ``journal`` returns the open journal or None. ``load`` and ``apply``: see
    ``CatalogueManager``. ``health`` returns the kiosk's state as JSON values; ``limits`` how many
    numbers the limits of this moment allow, by service; ``menu`` the menu in force.
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
        limits: Callable[[], Mapping[str, int]] = dict,
        menu: Callable[[], Catalogue] | None = None,
    ) -> None:
        server, folder = settings.kiosk.server, Path(settings.config_dir)
        self._address = server.url.rstrip("/")
        self._url = server_id(server.kind, server.url)
        self._kind = server.kind
        self._letter = settings.kiosk.letter
        self._deadline_s = server.deadline_s
        self._clock = clock
        self._journal = journal
        self._status = QueueStatus()
        self._no_letter = ""
        self._zone_name = settings.catalogue.site.timezone
        self._client = _client(server, folder, menu or (lambda: settings.catalogue))
        self._connectivity = Connectivity()
        self._calls = StaffCalls(settings.kiosk.timeouts.call_s, clock)
        self._catalogue = CatalogueManager(state, self._url, load, apply)
        ports = SyncPorts(
            journal=journal,
            clock=clock,
            zone=self._zone,
            health=lambda: self._health(health()),
            etag=lambda: self._catalogue.etag,
            limits=limits,
            heard=self._heard,
            answered=self._answered,
        )
        self._loop = SyncLoop(self._client, self._url, self._connectivity, ports)
        self._catalogue.restore()

    def start(self) -> None:
        """Start the sync loop."""
        self._loop.start()

    def close(self, timeout_s: float = STOP_S) -> None:
        """Stop the sync loop, waiting ``timeout_s`` seconds at most for an exchange under way;
        unsent rows stay in the journal."""
        self._loop.stop(timeout_s)
        self._client.close()

    # ── the desk's port ──────────────────────────────────────────────────────────────────

    @property
    def url(self) -> str:
        """See ``kiosk.register.QueuePort``."""
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
            reason = Refusal.of_wire(error.code) if error.status == 409 else None
            if reason is not None:
                # In the site's zone, as the answers of an exchange: the screen shows it as written.
                until = None if error.until is None else error.until.astimezone(self._zone())
                raise IssueRefused(reason, error.detail, until=until, words=error.words) from error
            log.error("number from the own series: %s", error)  # noqa: TRY400
        except TokenRevoked as error:
            self._revoke()
            raise IssueRefused(Refusal.REVOKED, "issue.revoked") from error
        except NotReserving as error:
            log.debug("number from the own series: %s", error)
        except SyncError as error:
            self._connectivity.mark_offline()
            log.warning("number from the own series: %s", error)
        return None

    def _zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self._zone_name)

    # ── what others see ──────────────────────────────────────────────────────────────────

    @property
    def address(self) -> str:
        """The server's URL as configured, without a trailing ``/``."""
        return self._address

    @property
    def kind(self) -> str:
        """The kind of the server, as configured."""
        return self._kind

    @property
    def lacks(self) -> tuple[Promise, ...]:
        """What this kind of server does not do for the kiosk, the most important first."""
        return tuple(one for one in Promise if one in self._client.lacks)

    @property
    def remarks(self) -> Sequence[Text]:
        """What of the menu does not fit into this kind of server."""
        return self._client.remarks

    @property
    def online(self) -> bool:
        """Whether numbers are reserved on the server now."""
        return self._connectivity.online

    @property
    def live(self) -> Live:
        """The server's last live state of the services; times in seconds of ``time.monotonic``."""
        return replace(self._loop.live, in_touch=self._connectivity.online, linked=True)

    @property
    def problem(self) -> Text:
        """Why the last exchange failed; empty when it did not."""
        return self._loop.problem

    @property
    def status(self) -> QueueStatus:
        """The status of the last ``refresh_status``; never blocks."""
        return self._status

    def refresh_status(self) -> QueueStatus:
        """Read the status from journal and loop. Reads the disk: not for the UI thread."""
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
        waits = coordinates(self._url) and not (self._connectivity.online or terms.letter)
        barred = counts and (terms.revoked or waits)
        self._status = QueueStatus(barred, terms, backlog, self._notices(terms, parked))
        return self._status

    def terms(self) -> Terms:
        """Letter, epoch and revocation from the journal; defaults while it is closed."""
        journal = self._journal()
        try:
            terms = journal.outbox.terms(self._url) if journal else Terms()
            if journal is None or coordinates(self._url):
                return terms
            return replace(terms, letter=journal.own_letter(self._letter))
        except JournalError:
            return Terms()

    def _notices(self, terms: Terms, parked: Text) -> tuple[Text, ...]:
        alert = Message("server.revoked") if terms.revoked else self._loop.alert
        said = [alert, self._catalogue.problem]
        if self._no_letter and not terms.letter:
            said.append(NO_LETTER[self._no_letter])
        if self._clock.ahead_s:
            said.append(Message.of("server.clock", minutes=round(self._clock.ahead_s / 60)))
        said += self._client.notices
        said.append(parked)
        return tuple(one for one in said if one)

    # ── calls for staff ──────────────────────────────────────────────────────────────────

    def call_staff(self) -> None:
        """Call for staff, unless a call is open; returns at once."""
        self._calls.call()
        self.wake()

    @property
    def staff_call(self) -> StaffCall:
        """The call for staff, as the screen shows it."""
        online = self._connectivity.online or self._loop.degraded
        return self._calls.current(online=online, possible=self._loop.can_report)

    def _health(self, machine: Mapping[str, Any]) -> dict[str, Any]:
        """The kiosk's state for the server's list of kiosks: of the ``machine``, and of the link.

        ``staff_call`` is left out without a call: a server that does not know it shows nothing."""
        call = self._calls.report()
        said = {**machine, "refused": self._status.backlog.parked}
        return said | {"staff_call": call} if call else said

    # ── exchanges ────────────────────────────────────────────────────────────────────────

    def wake(self) -> None:
        """A ticket was written: exchange now."""
        self._loop.wake()

    def exchange_now(self) -> None:
        """Make one exchange and wait for it; ``problem`` has its error."""
        self._loop.exchange()
        self.refresh_status()

    def _heard(self, answer: SyncAnswer) -> None:
        # With a journal conflict the server has not read the report: null says nothing.
        read = answer.notice != CONFLICT_NOTICE
        self._calls.heard(answer.staff_call, passed_on=answer.calls, read=read)

    def _answered(self, answer: SyncAnswer) -> None:
        self._no_letter = answer.notice if answer.notice in NO_LETTER else ""
        self._catalogue.offer(answer.catalogue, self._client.catalogue)
        self.refresh_status()

    def _revoke(self) -> None:
        self._connectivity.mark_offline()
        journal = self._journal()
        if journal is not None:
            journal.outbox.revoke(self._url)
        self.refresh_status()


def _client(server: ServerSettings, folder: Path, menu: Callable[[], Catalogue]) -> QueueServer:
    """The adapter that ``server.kind`` names."""
    token_file = folder / server.token_file
    ca_file = folder / server.ca_file if server.ca_file else None
    if server.kind == FQM:
        from kiosk.sync.fqm import FqmClient

        return FqmClient(server.url, token_file, ca_file, menu=menu)
    if server.kind == NOVOSGA:
        from kiosk.sync.novosga import NovoSgaClient

        return NovoSgaClient(server.url, server.unit, token_file, ca_file, menu=menu)
    return QueueClient(server.url, token_file, ca_file)


def _parked(refused: Sequence[tuple[str, str]]) -> Message:
    """The notice about refused numbers, with the server's reason for each."""
    named: Text = ""
    known = EXPLAINED + EXPLAINED_BY_ADAPTERS
    for number, code in refused[:MOST_NAMED]:
        why: Text = Message(f"parked.{code}") if code in known else code
        one = Message.of("parked.one", number=number, why=why)
        named = Message.of("parked.list", list=named, one=one) if named else one
    if len(refused) > MOST_NAMED:
        named = Message.of("parked.more", list=named, n=len(refused) - MOST_NAMED)
    return Message.of("parked", n=len(refused), which=named)


def health_of(
    printer: PrinterHealth, trouble: Refusal | None, screen: ScreenHealth | None = None
) -> dict[str, Any]:
    """The kiosk's state as sent to the server; ``screen`` None while no app draws."""
    return {
        "version": __version__,
        "printer": printer.fault.value if printer.fault else "held" if printer.held else "ready",
        "paper_near_end": printer.near_end,
        "slips_left": printer.slips_left,
        "slips_not_taken": printer.not_taken if printer.has_mouth else None,
        "trouble": trouble.value if trouble else None,
        "screen": screen_values(screen),
    }
