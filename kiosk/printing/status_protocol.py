"""The questions that a printer is asked about its state and its abilities.

Sources: Epson ESC/POS reference, "DLE EOT", "DLE DC4" fn 8, "GS ( H" fn 48, "GS r", "GS a",
"GS I".
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import monotonic

from kiosk.deadline import Deadline
from kiosk.domain.delivery import Fault
from kiosk.domain.health import no_job_waiting
from kiosk.errors import PrinterDeadline, PrinterGarbled, PrinterPreempted
from kiosk.printing.dialogue import QUIET_S, Dialogue
from kiosk.printing.mouth import ASK_FULL_STATUS
from kiosk.printing.profile import PrinterProfile
from kiosk.printing.replies import (
    BlockReply,
    PaperSensor,
    PrinterStatus,
    Reply,
    StatusByte,
    is_buffer_cleared,
    is_process_id,
)
from kiosk.printing.transport import Transport

ANSWER_S = 1.0
"""Limit for one answer: printers answer within milliseconds, slow clones take up to 1 s."""

ANSWER_MARGIN = 1.5
"""Factor on the longest answer of a slow printer."""

SHOWN_BY = {
    Fault.PAPER_OUT: 4,
    Fault.COVER_OPEN: 2,
    Fault.CUTTER: 3,
    Fault.ERROR: 3,
    Fault.OVERHEATED: 3,
}
"""Fault -> the question of DLE EOT whose answer shows it."""

OFFLINE = 0x08
"""Bit of DLE EOT 1."""

NEAR_END = 0x0C
PAPER_END = 0x60
"""Bits of DLE EOT 4."""

IN_MOUTH = 0x80
"""Bit of DLE EOT 1 of printers whose slip hangs in the mouth."""

FULL_AGAIN_S = 0.3
"""How often DLE EOT 20 is asked again of a printer that may be moving paper."""

CLEAR_BUFFER = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
RECOVER = b"\x10\x05\x02"
ASK_SENSOR = b"\x1dr\x01"
RESET = b"\x1b@\x1c."
"""``ESC @``, then ``FS .``: many printers sold in Asia start in Chinese mode, in which two bytes of
80h or more are one character. Epson printers without Kanji ignore it (Epson: "FS .")."""
ENABLE_AUTOMATIC_STATUS = b"\x1da\x0e"
"""Automatic status until the next RESET: sent at once, then with each change of online state,
errors and paper ("GS a", bits 1 to 3)."""
ASK_MAKER = b"\x1dIB"
ASK_MODEL = b"\x1dIC"
"""Names of maker and model ("GS I" 66 and 67); the reply is ``5F text 00``."""


class StatusProtocol(Dialogue):
    """What the kiosk asks of a printer. ``in_mouth``: the answer of ``status`` had bit 7."""

    def __init__(
        self, transport: Transport, job_waiting: Callable[[], bool] = no_job_waiting
    ) -> None:
        super().__init__(transport, job_waiting, ANSWER_S)
        self._slow = False
        self._answers_status = True
        self._full = False
        # The process id that was sent last and is not answered yet.
        self._ident: bytes | None = None
        self._near_end = 0
        # Whether it was offline in the last status, and ever online without paper.
        self._was_offline = self._online_without_paper = False
        self.in_mouth = False

    @property
    def longest_s(self) -> float:
        """The longest time of one answer in the last round of ``status``; 0 without an answer."""
        return max(self.times_s, default=0.0)

    def adapt(self, profile: PrinterProfile) -> None:
        """Ask as this printer can answer: a slow one fewer questions, with more time for each."""
        self._answer_s = max(ANSWER_S, ANSWER_MARGIN * profile.answer_s)
        self._slow = profile.slow
        self._answers_status = profile.status is not False
        self._full = profile.full

    def clear_replies(self) -> None:
        """See Dialogue. An echo that has come is not waited for any more."""
        if self._echoed():
            self._ident = None
        super().clear_replies()

    def status(
        self,
        deadline: Deadline,
        *,
        patience: float = 1,
        after: Fault | None = None,
        echoes: bool = False,
    ) -> PrinterStatus:
        """Ask DLE EOT, one after the other, because the answers do not say which is which.

        All four of a quick printer; of a slow one as few as show its fault, or that it has none
        (``_brief_questions``). ``after``: the fault that it had last. ``echoes``: whether an echo
        proves that it prints (level A). ``patience`` as in ``ask``. When preempted, returns what
        was answered so far if that names a fault.
        """
        self.times_s.clear()
        if self._full:
            return self._status_by_full(deadline, patience)
        bits: dict[int, int] = {}
        for n in self._questions(bits, after, deadline, echoes=echoes):
            question = b"\x10\x04" + bytes((n,))
            if n == 1 and self._echo_is_enough(echoes=echoes):
                # Answered in order, the other one at once: both cost the time of one answer.
                question += self._ask_to_echo()
            try:
                bits[n] = self.ask(question, StatusByte, deadline, patience=patience).bits
            except PrinterPreempted:
                # It is not known whether the question for an echo was sent.
                self._ident = None
                self._remember(bits)
                partial = PrinterStatus.from_answers(bits)
                if partial.fault is None:
                    raise
                return partial
            if n != 1 and bits[n] & IN_MOUTH:
                raise self._garbled()
        self._remember(bits)
        self.in_mouth = bool(bits.get(1, 0) & IN_MOUTH)
        self._near_end = bits.setdefault(4, self._near_end) & NEAR_END
        return PrinterStatus.from_answers(bits)

    def _remember(self, bits: Mapping[int, int]) -> None:
        """Keep from the answers ``bits`` what decides about the next questions."""
        self._was_offline = bool(bits.get(1, 0) & OFFLINE)
        if bits.get(4, 0) & PAPER_END and not self._was_offline:
            # Where the roll ended just between both answers, this costs a question.
            self._online_without_paper = True

    def _echo_is_enough(self, *, echoes: bool) -> bool:
        """Whether an echo may replace the question for the paper of a slow printer.

        It may after an offline state, because a printer that goes offline without paper is online
        again when it has some. One that stays online without paper may echo without paper.
        """
        return echoes and self._slow and self._was_offline and not self._online_without_paper

    def _questions(
        self, bits: Mapping[int, int], after: Fault | None, deadline: Deadline, *, echoes: bool
    ) -> Iterable[int]:
        """The ``n`` of DLE EOT to ask; ``bits`` has each answer before the next one is drawn."""
        if not self._answers_status:
            return ()
        if not self._slow:
            return (1, 2, 3, 4)
        return self._brief_questions(bits, after, deadline, echoes=echoes)

    def _brief_questions(
        self, bits: Mapping[int, int], after: Fault | None, deadline: Deadline, *, echoes: bool
    ) -> Iterator[int]:
        """As few as show the fault of a slow printer, or that it has none.

        While it is offline, the question which showed the fault last; when that fault is over,
        whether the printer is online now, because it may have been mended between two answers. A
        printer that was offline in the last round, is online and echoes has paper
        (``_echo_is_enough``). Any other one is asked for its paper as well, because some clones
        stay online without.
        """
        yield 1
        cause = None if after is None else SHOWN_BY.get(after)
        if cause is not None and bits[1] & OFFLINE:
            yield cause
            if _explained(bits):
                return
            yield 1
        online = not bits[1] & OFFLINE
        enough = online and self._echo_is_enough(echoes=echoes)
        if enough and self.read_until(self._echoed, deadline.sooner(QUIET_S)):
            return
        for n in (4, 2, 3):
            if n not in bits:
                yield n
            if _explained(bits):
                return

    @property
    def silent_while_feeding(self) -> bool:
        """Whether the printer answers nothing while it moves paper (``PrinterProfile.full``)."""
        return self._full

    def _status_by_full(self, deadline: Deadline, patience: float) -> PrinterStatus:
        """A late answer does no harm, because it bears its mark: the connection is not stale."""
        asked_s = monotonic()
        data = self.full_status(deadline, patience=patience)
        self.times_s = [monotonic() - asked_s]
        if data is None:
            raise PrinterDeadline("printer.silent", name=self.transport.name)
        limit = deadline.sooner(max(FULL_AGAIN_S, ANSWER_MARGIN * self.longest_s))
        return PrinterStatus.from_full(data, offline=self._says_offline(limit))

    def _says_offline(self, deadline: Deadline) -> bool:
        """By DLE EOT 1 of a printer without fixed bits; False when it does not answer.

        Such a byte looks like the answer to ``GS r``, which no job of this printer waits for: its
        level is never above STATUS (``PrinterSession.level``).
        """
        self._received.clear()
        self.transport.write_all(b"\x10\x04\x01", deadline)
        self.read_until(lambda: bool(self._received), deadline)
        return any(isinstance(r, PaperSensor) and r.bits & OFFLINE for r in self._received)

    def full_status(self, deadline: Deadline, *, patience: float = 1) -> bytes | None:
        """The four bytes of DLE EOT 20; None when there is no answer. A late one bears its mark.

        Asked again and again of a printer whose state it is: it drops questions that come while it
        moves paper.
        """
        self.drain()
        self._full_status = None
        limit = self._answer_limit(deadline, patience)
        while True:
            self.transport.write_all(ASK_FULL_STATUS, deadline)
            until = limit.sooner(FULL_AGAIN_S) if self._full else limit
            if self.read_until(lambda: self._full_status is not None, until) or limit.expired:
                return self._full_status

    def answers_status(self, deadline: Deadline, *, patience: float = 1) -> bool:
        """Whether the printer answers DLE EOT at all. A late answer is counted and skipped."""
        self.times_s.clear()
        try:
            self.ask(b"\x10\x04\x01", StatusByte, deadline, patience=patience)
        except PrinterDeadline:
            # A later answer is not taken for another's: ``heard_status`` says that it came.
            self.stale = False
            return False
        return True

    def echoes_process_id(self, deadline: Deadline, *, patience: float = 1) -> bool:
        """Whether the printer sends back a process id (level A). A late one bears another id.

        Waits for the one that ``status`` has sent, where it is not answered yet.
        """
        self.drain()
        self.transport.write_all(self._ask_to_echo(), deadline)
        asked_s = monotonic()
        echoed = self.read_until(self._echoed, self._answer_limit(deadline, patience))
        if echoed:
            self._took(asked_s)
        self._ident = None
        return echoed

    def _ask_to_echo(self) -> bytes:
        """The question for an echo; none while one is not answered yet, because they would fill
        the buffer of a printer that has stopped at a fault."""
        if self._ident is not None:
            return b""
        self._ident = new_ident()
        return ask_process_id(self._ident)

    def _echoed(self) -> bool:
        """Whether the echo asked for last has come."""
        ident = self._ident
        return ident is not None and self.has_reply(lambda reply: is_process_id(reply, ident))

    def answers_in_order(self, deadline: Deadline, *, patience: float = 1) -> bool:
        """Whether the printer answers ``GS r`` after the bytes before it (level B)."""
        return self._is_answered(
            ASK_SENSOR, lambda reply: isinstance(reply, PaperSensor), deadline, patience
        )

    def recover(self, deadline: Deadline) -> None:
        """Ask the printer to give up what it holds and recover ("DLE ENQ" 2). It never answers."""
        self._ident = None
        self.transport.write_all(RECOVER, deadline)

    def reports_changes(self, deadline: Deadline) -> bool:
        """Whether the printer sends automatic status once it is enabled.

        Asked twice, the second time as a job does it: after a reset.
        """
        for question in (ENABLE_AUTOMATIC_STATUS, RESET + ENABLE_AUTOMATIC_STATUS):
            self.drain()
            self.clear_replies()
            self.transport.write_all(question, deadline)
            if not self._answered(lambda: self.reported, deadline):
                return False
        return True

    def clear_buffer(self, deadline: Deadline) -> bool:
        """Make the printer discard what it has not printed. Returns whether it confirms that."""
        self._ident = None
        return self._is_answered(CLEAR_BUFFER, is_buffer_cleared, deadline)

    def _is_answered(
        self,
        question: bytes,
        accepts: Callable[[Reply], bool],
        deadline: Deadline,
        patience: float = 1,
    ) -> bool:
        """Whether a reply that ``accepts`` follows ``question``; nothing is stale without."""
        self.drain()
        self.clear_replies()
        self.transport.write_all(question, deadline)
        asked_s = monotonic()
        limit = self._answer_limit(deadline, patience)
        answered = self.read_until(lambda: self.has_reply(accepts), limit)
        if answered:
            self._took(asked_s)
        return answered

    def has_cutter(self, deadline: Deadline) -> bool | None:
        """Whether the printer has a cutter ("GS I" 2, bit 1); None when it does not answer."""
        try:
            return bool(self.ask(b"\x1dI\x02", PaperSensor, deadline).bits & 0x02)
        except (PrinterDeadline, PrinterGarbled):
            self.stale = True
            return None

    def name(self, question: bytes, deadline: Deadline) -> str:
        """The answer to ASK_MAKER or ASK_MODEL; empty when there is none."""
        try:
            block = self.ask(question, BlockReply, deadline)
        except (PrinterDeadline, PrinterGarbled):
            self.stale = True
            return ""
        return block.data.decode("ascii", "replace") if block.header == 0x5F else ""

    # -- internals ------------------------------------------------------------------------

    def _answered(self, done: Callable[[], bool], deadline: Deadline) -> bool:
        """Wait for the answer to the question just sent; without it the connection is stale."""
        came = False
        try:
            came = self.read_until(done, self._answer_limit(deadline))
        finally:
            self.stale = self.stale or not came
        return came


def _explained(bits: Mapping[int, int]) -> bool:
    """Whether the first answers of a slow printer say that it is online, or why it is not."""
    offline = bits[1] & OFFLINE
    return not offline or PrinterStatus.from_answers(bits).fault not in (None, Fault.OFFLINE)


def ask_process_id(ident: bytes) -> bytes:
    """Ask for ``37 22 ident 00`` once everything before it is printed ("GS ( H", fn 48)."""
    return b"\x1d(H\x06\x0000" + ident


def new_ident() -> bytes:
    """Four random bytes of 21h to 7Eh, so that an echo cannot belong to an earlier job."""
    return bytes(0x21 + byte % 94 for byte in os.urandom(4))
