"""Questions to a printer over one open transport, and the matching of its answers.

Several answers look alike (the four bytes of DLE EOT do not say which is which), so an answer is
accepted only when exactly one question is open. A question without an answer makes the connection
``stale``: the answer may still come and would be taken for another's.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import TypeVar

from kiosk.deadline import Deadline
from kiosk.domain.delivery import Fault
from kiosk.errors import PrinterDeadline, PrinterError, PrinterGarbled, PrinterPreempted
from kiosk.printing.replies import (
    AutomaticStatus,
    BlockReply,
    FullStatus,
    PaperSensor,
    PrinterStatus,
    Reply,
    ReplyParser,
    StatusByte,
    UnknownByte,
)
from kiosk.printing.transport import Transport

PREEMPT_CHECK_S = 0.02
"""How often, while waiting for an answer, ``job_waiting`` is checked."""

QUIET_S = 0.1
"""Silence after which no older answer is expected any more."""

MAX_BACKLOG = 65536
"""Limit of bytes drained at once; a printer that sends more never stops."""

MAX_UNKNOWN_BYTES = 64
"""Limit of unknown bytes before one answer."""

T = TypeVar("T", bound=Reply)


class Dialogue:
    """Question and answer over one open transport. Used by one thread at a time.

    ``job_waiting`` is checked while waiting for an answer; once it returns True the question is
    abandoned with PrinterPreempted. Status bytes that then arrive late are counted and skipped.
    ``answer_s``: limit for one answer.

    ``stale``: a question went unanswered, so the connection must be made anew. Since
    ``clear_replies``: ``unknown_bytes`` counts bytes that no printer sends, ``reported`` says that
    an automatic status has come, ``reported_faults`` are the faults it named, and ``heard_status``
    says that an answer to DLE EOT has come. ``times_s``: the time of
    each answer, since it was emptied. ``least_s``: the shortest time of any answer so far.
    """

    def __init__(
        self, transport: Transport, job_waiting: Callable[[], bool], answer_s: float
    ) -> None:
        self.transport = transport
        self._job_waiting = job_waiting
        self._answer_s = answer_s
        # Status bytes still to come for abandoned questions.
        self._late_status = 0
        self._full_status: bytes | None = None
        self.times_s: list[float] = []
        self.least_s = math.inf
        self.stale = False
        self.unknown_bytes = 0
        self.reported = False
        self.heard_status = False
        self.reported_faults: set[Fault] = set()
        # The moments between which the last block or sensor byte came.
        self.answered_between = (0.0, 0.0)
        self._parser = ReplyParser()
        self._received: deque[BlockReply | PaperSensor] = deque(maxlen=32)

    # -- reading --------------------------------------------------------------------------

    def drain(self) -> None:
        """Read what has arrived, without waiting. Blocks are kept for ``has_reply``.

        Raises PrinterGarbled when the printer sends without end, PrinterUnreachable when the
        connection has ended.
        """
        read = 0
        while data := self.transport.read_some(Deadline.after(0)):
            self._sort(self._parser.feed(data))
            read += len(data)
            if read > MAX_BACKLOG:
                raise self._endless()

    def drain_until_quiet(self, deadline: Deadline) -> None:
        """Discard answers to an earlier connection, until QUIET_S without a byte.

        For transports on which opening does not begin a new connection: USB and serial lines.
        Raises PrinterGarbled when the printer sends without end.
        """
        read = 0
        while data := self.transport.read_some(deadline.sooner(QUIET_S)):
            read += len(data)
            if read > MAX_BACKLOG:
                raise self._endless()

    def clear_replies(self) -> None:
        """Forget replies and counts so far: what follows belongs to a new job."""
        self._received.clear()
        self.unknown_bytes = 0
        self.reported = self.heard_status = False
        self.reported_faults.clear()

    def has_reply(self, accepts: Callable[[Reply], bool]) -> bool:
        """Whether a block or sensor byte that ``accepts`` has come since ``clear_replies``."""
        return any(accepts(reply) for reply in self._received)

    def read_until(self, done: Callable[[], bool], deadline: Deadline) -> bool:
        """Read until ``done`` returns True. Returns False when it does not in time."""
        while not done():
            data = self._read(deadline)
            self._sort(self._parser.feed(data))
            if not data or deadline.expired:
                return done()
        return True

    # -- questions ------------------------------------------------------------------------

    def _took(self, asked_s: float) -> float:
        """Note that an answer to a question of ``asked_s`` has come; the seconds it took."""
        took_s = monotonic() - asked_s
        self.least_s = min(self.least_s, took_s)
        return took_s

    def ask(self, question: bytes, kind: type[T], deadline: Deadline, *, patience: float = 1) -> T:
        """Send ``question`` and return the one reply of ``kind`` that follows.

        Waits ``patience`` times the time for one answer, at most until ``deadline``; before it
        sends, as long for a late answer to an earlier question. Raises PrinterDeadline when no
        reply comes, PrinterGarbled when unknown bytes or a second reply come, PrinterPreempted
        when a job waits, and what the transport raises.
        """
        self.drain()
        limit = self._answer_limit(deadline, patience)
        if not self.read_until(lambda: not self._late_status, limit):
            raise self.silence()
        self.transport.write_all(question, deadline)
        asked_s = monotonic()
        try:
            reply = self._only(kind, self._answer_limit(deadline, patience))
            self.times_s.append(self._took(asked_s))
            return reply
        except PrinterPreempted:
            if kind is StatusByte:
                self._late_status += 1
            else:
                self.stale = True
            raise

    def _only(self, kind: type[T], deadline: Deadline) -> T:
        """Read the one reply of ``kind``; see ``ask``."""
        found: list[T] = []
        unknown = 0
        while not found:
            data = self._read(deadline)
            replies = self._sort(self._parser.feed(data))
            found += [reply for reply in replies if isinstance(reply, kind)]
            unknown += sum(isinstance(reply, UnknownByte) for reply in replies)
            if unknown > MAX_UNKNOWN_BYTES or (unknown and (found or not data)):
                raise self._garbled()
            if not data:
                raise self.silence()
        if len(found) > 1:
            raise self._garbled()
        return found[0]

    # -- internals ------------------------------------------------------------------------

    def _answer_limit(self, deadline: Deadline, patience: float = 1) -> Deadline:
        """When an answer to a question sent now is too late."""
        return deadline.sooner(patience * self._answer_s)

    def _read(self, deadline: Deadline) -> bytes:
        """``Transport.read_some``, with PrinterPreempted as soon as a job is waiting."""
        while True:
            limit = deadline.sooner(PREEMPT_CHECK_S)
            data = self.transport.read_some(limit)
            if data or limit is deadline or deadline.expired:
                return data
            if self._job_waiting():
                raise PrinterPreempted("printer.preempted", name=self.transport.name)

    def _sort(self, replies: list[Reply]) -> list[Reply]:
        for reply in replies:
            if isinstance(reply, BlockReply | PaperSensor):
                self._received.append(reply)
                alone = len(replies) == 1
                self.answered_between = self.transport.received_between(alone=alone)
            elif isinstance(reply, AutomaticStatus):
                self.reported = True
                fault = PrinterStatus.from_automatic(reply.data).fault
                if fault is not None:
                    self.reported_faults.add(fault)
            elif isinstance(reply, FullStatus):
                self._full_status = reply.data
            elif isinstance(reply, UnknownByte):
                self.unknown_bytes += 1
            elif isinstance(reply, StatusByte):
                self.heard_status = True
                self._late_status = max(0, self._late_status - 1)
        return replies

    def silence(self) -> PrinterError:
        """The error for an answer that did not come; the connection is stale from now on."""
        self.stale = True
        return PrinterDeadline("printer.silent", name=self.transport.name)

    def _garbled(self) -> PrinterError:
        self.stale = True
        return PrinterGarbled("printer.garbled", name=self.transport.name)

    def _endless(self) -> PrinterError:
        return PrinterGarbled("printer.endless", name=self.transport.name)
