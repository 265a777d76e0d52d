"""The sync loop: sends unsent rows and the kiosk's state, and receives the live state of the queue.

One exchange at a time, about every 5 s and at once after a ticket. Only this loop marks the kiosk
online (``Connectivity``). No visitor waits for anything here.
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
from kiosk.store.server_quotas import GivenNumbers
from kiosk.sync import values
from kiosk.sync.connectivity import Connectivity
from menu.limits import hour_start

BATCH = 500
EVERY_S = 5.0
LEAST_S, MOST_S = 0.5, 60.0
"""Bounds of the server's ``next_sync_s``."""
JITTER = 0.2
RETRY_BASE_S, RETRY_MOST_S = 1.0, 60.0
RETRY_AFTER_MOST_S = 300.0
"""A longer Retry-After is cut to this."""
CONFLICT_EVERY_S = 3600.0
"""At most one journal in this time is replaced on the server's demand."""

CONFLICT_NOTICE = "journal_conflict"
"""The code of the server's notice, and of its refusal."""

Answered = Callable[[values.SyncAnswer], None]
log = logging.getLogger(__name__)


class SyncServer(Protocol):
    """The part of ``kiosk.sync.port.QueueServer`` that the loop uses."""

    def sync(self, request: values.SyncRequest) -> values.SyncAnswer:
        """Make one exchange. Raises SyncError."""


class ServerTimeClock(Protocol):
    """The part of ``kiosk.clock.SiteClock`` that the loop uses."""

    def __call__(self) -> datetime:
        """Now: aware."""

    def learn(self, server_time: datetime) -> None:
        """Take the server's time as the present moment."""

    def confirmed(self) -> bool:
        """Whether the date is confirmed by the server or by a synchronised system clock."""


@dataclass(frozen=True)
class SyncPorts:
    """What the loop needs of the rest of the kiosk.

    ``journal`` returns the open journal, or None. ``zone``: the site's time zone. ``health``: the
    kiosk's state as JSON values. ``etag``: of the present catalogue. ``limits``: how many numbers
    the limits of this moment allow, by service. ``heard`` is called with each answer, before the
    journal is written; ``answered`` after each successful exchange. ``mono``: monotonic seconds.
    ``chance``: uniform from 0 to 1.
    """

    journal: Callable[[], Journal | None]
    clock: ServerTimeClock
    zone: Callable[[], tzinfo]
    health: Callable[[], Mapping[str, Any]]
    etag: Callable[[], str] = lambda: ""
    limits: Callable[[], Mapping[str, int]] = dict
    heard: Answered = lambda _: None
    answered: Answered = lambda _: None
    mono: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random


class SyncLoop:
    """The loop of one server. ``start`` runs it on a thread; ``exchange`` makes one exchange."""

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
        self._known: tuple[str, int, str | None, bool] | None = None
        self._reached = False
        self._degraded = False
        self._journal_fails = False
        self._turn = threading.Condition()
        self._woken = False
        self._stopped = False
        self._began = False
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)

    # ── status ───────────────────────────────────────────────────────────────────────────

    @property
    def live(self) -> Live:
        """The server's last live state; times in seconds of ``mono``."""
        return self._live

    @property
    def problem(self) -> Text:
        """Why the last exchange failed; empty after a success and before the first exchange."""
        return self._problem

    @property
    def alert(self) -> Text:
        """A problem that staff must solve; empty for none."""
        return self._alert

    @property
    def can_report(self) -> bool:
        """Whether the kiosk's state can be sent: the contract requires a journal in each request.

        With a journal that fails, it can once the server has taken an exchange of that journal."""
        failed_at_once = self._journal_fails and self._known is None
        return self._ports.journal() is not None and not failed_at_once

    @property
    def degraded(self) -> bool:
        """Whether the last exchange failed although the server answered: the kiosk reserves no
        numbers there, but its state arrives."""
        return self._degraded

    # ── the thread ───────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Start the thread; its first exchange retries all parked rows."""
        self._thread.start()

    def stop(self, timeout_s: float = 0.0) -> None:
        """Make no further exchange; wait at most ``timeout_s`` seconds for one under way."""
        with self._turn:
            self._stopped = True
            self._turn.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def wake(self) -> None:
        """Exchange now, unless the loop is backing off after a failure of server or network."""
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
        """Wait for the next exchange. The result: whether to stop."""
        with self._turn:
            self._turn.wait_for(lambda: self._stopped or (self._woken and self._ready), delay_s)
            self._woken = False
            return self._stopped

    @property
    def _ready(self) -> bool:
        """Whether a wake may shorten the wait: the server has answered the last exchange."""
        return not self._failures or (self._journal_fails and self._degraded)

    # ── one exchange ─────────────────────────────────────────────────────────────────────

    def exchange(self) -> float:
        """Make one exchange; returns the seconds to wait before the next."""
        with self._one:
            journal = self._ports.journal()
            if journal is None:
                return RETRY_BASE_S
            self._reached, fails = False, False
            try:
                return self._exchange(journal)
            except JournalError as error:
                fails, delay_s = True, self._failed(error)
                return min(delay_s, EVERY_S) if self._reached else delay_s
            finally:
                self._journal_fails = fails
                self._degraded = self._reached and self._failures > 0

    def _exchange(self, journal: Journal) -> float:
        now, begun = self._ports.clock(), self._connectivity.begin_exchange()
        try:
            if not self._began:
                journal.outbox.retry_parked()
                self._began = True
            limit = 0 if self._accused else self._batch
            batch = journal.outbox.unsent(limit, now, self._after)
        except JournalError:
            self._report()
            raise
        request = values.SyncRequest(
            journal=batch.journal,
            seq=batch.seq,
            follows=batch.predecessor,
            sent_at=now,
            catalogue=self._ports.etag(),
            tickets=tuple(
                values.ticket_row(r.ticket, None if r.origin == batch.journal else r.origin)
                for r in batch.rows
            ),
            health=self._ports.health(),
            ended=batch.ended,
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

    def _report(self) -> None:
        """Send the kiosk's state, and a call for staff in it, while the journal cannot be read.

        The request names the journal as of the last exchange and has no rows: to the server it is
        a repetition without news. Of the answer only ``heard`` learns."""
        if self._known is None:
            return
        journal, seq, follows, ended = self._known
        ports = self._ports
        request = values.SyncRequest(
            journal, seq, follows, ports.clock(), ports.etag(), (), ports.health(), ended
        )
        try:
            answer = self._server.sync(request)
        except SyncError as error:
            log.debug("sync, without the journal: %s", error)
            return
        self._reached = True
        ports.heard(answer)

    def _failed(self, error: KioskError, *, alert: bool = False) -> float:
        """Mark the kiosk offline; returns the back-off in seconds (exponential, with jitter)."""
        self._connectivity.mark_offline()
        self._failures += 1
        self._problem = error.message
        if alert or isinstance(error, JournalError):
            self._alert = error.message
        log.log(logging.WARNING if self._failures == 1 else logging.DEBUG, "sync: %s", error)
        delay_s = min(RETRY_MOST_S, RETRY_BASE_S * 2.0 ** min(self._failures - 1, 16))
        delay_s *= 1 - self._ports.chance() / 2
        if isinstance(error, ServerBusy) and error.retry_after_s is not None:
            # Not before Retry-After, and with jitter, so that kiosks do not retry together.
            asked_s = min(error.retry_after_s, RETRY_AFTER_MOST_S)
            delay_s = max(delay_s, asked_s * (1 + JITTER * self._ports.chance()))
        return delay_s

    def _refused(self, journal: Journal, batch: Batch, error: ServerRefused) -> float:
        """The whole exchange was refused: halve the batch until one row is left, then accuse it.

        The accused row is parked only if an exchange without rows succeeds; otherwise the row
        was not the cause.
        """
        if error.code == CONFLICT_NOTICE:
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
        """The exchange succeeded: apply the answer."""
        ports, now_s = self._ports, self._ports.mono()
        known = batch.journal, batch.seq, batch.predecessor, batch.ended
        self._reached, self._known = True, known
        answer = answer.at_site(ports.zone())
        ports.heard(answer)
        today = (answer.server_time or ports.clock()).astimezone(ports.zone()).date()
        if answer.server_time is not None:
            ports.clock.learn(answer.server_time)
        journal.outbox.learn(
            batch.journal,
            self._url,
            epoch=answer.epoch,
            letter=answer.letter,
            today=today,
            since=answer.letter_since,
        )
        if answer.server_time is not None:
            journal.correct_date(today)
        if answer.notice == CONFLICT_NOTICE:
            return self._conflict(journal, batch, None)
        taken = self._results(journal, batch, answer)
        # After the rows of this exchange are acknowledged: the server's figures include them.
        left = {c: s.quota_left for c, s in answer.services.items() if s.quota_left is not None}
        journal.server_quotas.store(today, left, ports.limits(), _given(answer, ports.zone()))
        self._failures, self._problem, self._alert = 0, "", ""
        # Skip rows the server did not answer for (no head-of-line blocking).
        behind = len(batch.rows) > taken or self._after
        more = behind and journal.outbox.unsent(1, ports.clock(), batch.last).rows
        self._after = batch.last if more else 0
        if self._accused is not None:
            journal.outbox.park(*self._accused, ports.clock())
            self._accused, taken = None, 1
        self._batch = min(BATCH, self._batch * 2)
        dated = answer.server_time is not None or ports.clock.confirmed()
        if self._pruned != today and dated:
            journal.outbox.prune(today)
            self._pruned = today
        self._live = Live(answer.services, now_s, self._connectivity.mark_online(begun))
        ports.answered(answer)
        if taken and journal.outbox.unsent(1, ports.clock(), self._after).rows:
            return 0.0
        every_s = min(MOST_S, max(LEAST_S, answer.next_sync_s or EVERY_S))
        return every_s * (1 + JITTER * (2 * ports.chance() - 1))

    def _results(self, journal: Journal, batch: Batch, answer: values.SyncAnswer) -> int:
        """Acknowledge and park rows; returns how many of the sent rows were answered."""
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
        """The server knows more of this journal than it holds: it is an old copy or has a twin.

        Quarantine it and continue with a new journal."""
        self._known, now_s = None, self._ports.mono()
        if now_s - self._conflict_s < CONFLICT_EVERY_S:
            again = error or SyncError("server.conflict")
            return self._failed(again, alert=True)
        self._conflict_s = now_s
        log.error(
            "the queue server knows more of this journal than it holds: it goes to quarantine"
        )
        journal.replace(self._ports.clock(), batch.journal, CONFLICT)
        return 0.0


def _given(answer: values.SyncAnswer, zone: tzinfo) -> dict[str, GivenNumbers]:
    """The numbers that the server counts, by service, and the hour of the clock of its answer."""
    if answer.server_time is None:
        return {}
    hour = hour_start(answer.server_time.astimezone(zone))
    return {
        code: GivenNumbers(state.given_day, state.given_hour, hour)
        for code, state in answer.services.items()
    }
