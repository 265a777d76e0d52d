"""The sync loop: settles what the journal holds, tells how the kiosk is, learns how the queue is.

One exchange at a time, about every 5 s and at once after a ticket. It owns the "in touch" flag:
others may lower it, it alone raises it. Nothing here is waited for by a visitor.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Protocol

from kiosk.domain.live import NOT_LIVE, Live
from kiosk.errors import (
    JournalError,
    KioskError,
    ServerBusy,
    ServerRefused,
    SyncError,
    TokenDenied,
    TokenMissing,
    TokenRevoked,
)
from kiosk.messages import Text
from kiosk.store.journal import Journal
from kiosk.store.opening import CONFLICT
from kiosk.store.outbox import Batch
from kiosk.sync import values
from kiosk.sync.connectivity import Connectivity

BATCH = 500
EVERY_S = 5.0
LEAST_S, MOST_S = 0.5, 60.0
"""Bounds of what the server may ask for as ``next_sync_s``."""
JITTER = 0.2
RETRY_BASE_S, RETRY_MOST_S = 1.0, 60.0
RETRY_AFTER_MOST_S = 300.0
"""A Retry-After beyond this is not waited for."""
CONFLICT_EVERY_S = 3600.0
"""A server that sets one journal after the other aside is not followed."""

Answered = Callable[[values.SyncAnswer], None]
log = logging.getLogger(__name__)


class SyncServer(Protocol):
    """What the loop needs of ``kiosk.sync.client``."""

    def sync(self, request: values.SyncRequest) -> values.SyncAnswer:
        """One exchange. Raises SyncError."""


class ServerTimeClock(Protocol):
    """What the loop needs of the site's clock."""

    def __call__(self) -> datetime:
        """Now: aware."""

    def learn(self, server_time: datetime) -> None:
        """Take the server's word for the present moment."""


@dataclass(frozen=True)
class SyncPorts:
    """What the loop asks of the rest of the kiosk.

    ``journal``: the open journal, None while there is none. ``zone``: of the site. ``health``:
    how the kiosk is, as JSON holds it. ``etag``: of the catalogue that it has. ``answered`` is
    called after each exchange that went well. ``mono`` counts seconds; ``chance`` is evenly
    spread over 0 to 1.
    """

    journal: Callable[[], Journal | None]
    clock: ServerTimeClock
    zone: Callable[[], tzinfo]
    health: Callable[[], Mapping[str, Any]]
    etag: Callable[[], str] = lambda: ""
    answered: Answered = lambda _: None
    mono: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random


class SyncLoop:
    """One server's loop. ``start`` runs it on a thread; ``exchange`` makes one by hand."""

    def __init__(
        self, server: SyncServer, url: str, connectivity: Connectivity, ports: SyncPorts
    ) -> None:
        self._server = server
        self._url = url
        self._connectivity = connectivity
        self._ports = ports
        self._one = threading.Lock()
        self._batch = BATCH
        self._after = 0
        self._accused: tuple[str, int, str] | None = None
        self._failures = 0
        self._live = NOT_LIVE
        self._problem: Text = ""
        self._alert: Text = ""
        self._pruned: date | None = None
        self._conflict_s = float("-inf")
        self._turn = threading.Condition()
        self._woken = False
        self._stopped = False
        self._began = False
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)

    # ── what others see ──────────────────────────────────────────────────────────────────

    @property
    def live(self) -> Live:
        """What the server last said, in seconds of ``mono``."""
        return self._live

    @property
    def problem(self) -> Text:
        """Why the last exchange failed; empty when it went well, or before the first."""
        return self._problem

    @property
    def alert(self) -> Text:
        """What staff must do something about; empty for nothing."""
        return self._alert

    # ── the thread ───────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Begin, with all parked rows tried once more."""
        self._thread.start()

    def stop(self, timeout_s: float = 0.0) -> None:
        """Make no further exchange; wait ``timeout_s`` seconds at most for one under way."""
        with self._turn:
            self._stopped = True
            self._turn.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def wake(self) -> None:
        """There is a ticket: exchange now, unless the server is being left in peace."""
        with self._turn:
            self._woken = True
            self._turn.notify_all()

    def _run(self) -> None:
        delay_s = 0.0
        while not self._rest(delay_s):
            try:
                delay_s = self.exchange()
            except Exception:
                log.exception("an exchange with the queue server broke off")
                self._connectivity.mark_offline()
                delay_s = RETRY_MOST_S

    def _rest(self, delay_s: float) -> bool:
        """Wait for the next turn; whether it is the end."""
        with self._turn:
            self._turn.wait_for(
                lambda: self._stopped or (self._woken and not self._failures), delay_s
            )
            self._woken = False
            return self._stopped

    # ── one exchange ─────────────────────────────────────────────────────────────────────

    def exchange(self) -> float:
        """One exchange, or what is to be done instead; answers the seconds until the next."""
        with self._one:
            journal = self._ports.journal()
            if journal is None:
                return RETRY_BASE_S
            try:
                return self._exchange(journal)
            except JournalError as error:
                return self._failed(error)

    def _exchange(self, journal: Journal) -> float:
        if not self._began:
            journal.outbox.retry_parked()
            self._began = True
        now, begun = self._ports.clock(), self._connectivity.begin_exchange()
        limit = 0 if self._accused else self._batch
        batch = journal.outbox.unsent(limit, now, self._after)
        request = values.SyncRequest(
            journal=batch.journal,
            seq=batch.seq,
            follows=batch.follows,
            sent_at=now,
            catalogue=self._ports.etag(),
            tickets=tuple(
                values.ticket_row(r.ticket, None if r.origin == batch.journal else r.origin)
                for r in batch.rows
            ),
            health=self._ports.health(),
        )
        try:
            answer = self._server.sync(request)
        except ServerRefused as error:
            return self._refused(journal, batch, error)
        except TokenRevoked as error:
            journal.outbox.revoke(self._url)
            return self._failed(error, alert=True)
        except (TokenDenied, TokenMissing) as error:
            return self._failed(error, alert=True)
        except SyncError as error:
            return self._failed(error)
        return self._took(journal, batch, answer, begun)

    def _failed(self, error: KioskError, *, alert: bool = False) -> float:
        """Out of touch until an exchange goes well; jittered, longer each time."""
        self._connectivity.mark_offline()
        self._failures += 1
        self._problem = error.message
        if alert or isinstance(error, JournalError):
            self._alert = error.message
        log.log(logging.WARNING if self._failures == 1 else logging.DEBUG, "sync: %s", error)
        delay_s = min(RETRY_MOST_S, RETRY_BASE_S * 2.0 ** min(self._failures - 1, 16))
        delay_s *= 1 - self._ports.chance() / 2
        if isinstance(error, ServerBusy) and error.retry_after_s is not None:
            # Never sooner than asked for, and not all kiosks at the same moment.
            asked_s = min(error.retry_after_s, RETRY_AFTER_MOST_S)
            delay_s = max(delay_s, asked_s * (1 + JITTER * self._ports.chance()))
        return delay_s

    def _refused(self, journal: Journal, batch: Batch, error: ServerRefused) -> float:
        """The whole exchange was refused: halve it until the bad row stands alone.

        Before a row is parked, an exchange without rows must go well: else the row is not to
        blame.
        """
        if error.code == "journal_conflict":
            return self._conflict(journal, batch, error)
        if not batch.rows:
            self._accused = None
            return self._failed(error, alert=True)
        if len(batch.rows) > 1:
            self._batch = max(1, len(batch.rows) // 2)
            return 0.0
        ticket = batch.rows[0].ticket
        self._accused = (ticket.id, ticket.rev, error.code)
        self._alert = error.message
        return 0.0

    def _took(self, journal: Journal, batch: Batch, answer: values.SyncAnswer, begun: int) -> float:
        """The exchange went well: take what the server says."""
        ports, now_s = self._ports, self._ports.mono()
        today = answer.server_time.astimezone(ports.zone()).date()
        ports.clock.learn(answer.server_time)
        journal.outbox.learn(
            batch.journal, self._url, epoch=answer.epoch, letter=answer.letter, today=today
        )
        journal.correct_date(today)
        left = {c: s.quota_left for c, s in answer.services.items() if s.quota_left is not None}
        journal.outbox.keep_quota(today, left)
        if answer.notice == "journal_conflict":
            return self._conflict(journal, batch, None)
        self._failures, self._problem, self._alert = 0, "", ""
        taken = self._results(journal, batch, answer)
        # Rows that the server passes over in silence do not hold up those behind them.
        behind = len(batch.rows) > taken or self._after
        more = behind and journal.outbox.unsent(1, ports.clock(), batch.last).rows
        self._after = batch.last if more else 0
        if self._accused is not None:
            journal.outbox.park(*self._accused, ports.clock())
            self._accused, taken = None, 1
        self._batch = min(BATCH, self._batch * 2)
        if self._pruned != today:
            journal.outbox.prune(today)
            self._pruned = today
        self._live = Live(answer.services, now_s, self._connectivity.mark_online(begun))
        ports.answered(answer)
        if taken and journal.outbox.unsent(1, ports.clock(), self._after).rows:
            return 0.0
        every_s = min(MOST_S, max(LEAST_S, answer.next_sync_s or EVERY_S))
        return every_s * (1 + JITTER * (2 * ports.chance() - 1))

    def _results(self, journal: Journal, batch: Batch, answer: values.SyncAnswer) -> int:
        """Clear and park rows; how many of those sent the server has dealt with."""
        sent = {(row.ticket.id, row.ticket.rev): row.ticket for row in batch.rows}
        taken = []
        refused = 0
        for result in answer.results:
            ticket = sent.pop((result.id, result.rev), None)
            if ticket is None:
                log.warning("the queue server answered for a row that was not sent")
            elif result.status == "refused":
                refused += 1
                log.error("%s is refused (%s) and parked", ticket.number, result.code)
                journal.outbox.park(ticket.id, ticket.rev, result.code, self._ports.clock())
            else:
                if result.status == "conflict":
                    log.error("%s is another ticket's number too", ticket.number)
                taken.append((ticket.id, ticket.rev))
        if taken:
            journal.outbox.acknowledge(taken)
        return len(taken) + refused

    def _conflict(self, journal: Journal, batch: Batch, error: ServerRefused | None) -> float:
        """The journal is an old copy of itself, or has a twin: it goes no further."""
        now_s = self._ports.mono()
        if now_s - self._conflict_s < CONFLICT_EVERY_S:
            again = error or SyncError("server.conflict")
            return self._failed(again, alert=True)
        self._conflict_s = now_s
        log.error("the queue server has heard more of this journal than it holds: it is set aside")
        journal.replace(self._ports.clock(), batch.journal, CONFLICT)
        return 0.0
