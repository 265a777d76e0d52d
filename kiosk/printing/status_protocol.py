"""Questions to a printer, and answers believed only when they answer the question asked.

Sources: Epson ESC/POS reference, "DLE EOT", "DLE DC4" fn 8, "GS ( H" fn 48, "GS r", "GS a",
"GS ( L" fn 64, "GS I". Deadlines are moments of ``time.monotonic()``.
"""

from __future__ import annotations

import math
import os
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from kiosk.domain.delivery import Fault
from kiosk.errors import PrinterDeadline, PrinterError, PrinterGarbled, PrinterWanted
from kiosk.printing.pictures import KEY_LIST as ASK_KEYS
from kiosk.printing.replies import (
    KEY_LIST,
    AutomaticStatus,
    Block,
    PaperSensor,
    Reply,
    ReplyParser,
    Rubbish,
    Status,
    is_buffer_cleared,
    is_process_id,
)
from kiosk.printing.transport import Transport

ANSWER_S = 1.0
"""A printer that is well answers a question in milliseconds; slow clones need up to this."""

GLANCE_S = 0.02
"""How long an answer is waited for before it is asked whether somebody wants the printer."""

QUIET_S = 0.1
"""A line on which nothing came for so long has no answer of before under way."""

MAX_BACKLOG = 65536
"""Bytes read away before a question; a printer never has so many to say."""

CLEAR_BUFFER = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
ASK_SENSOR = b"\x1dr\x01"
ACKNOWLEDGE = b"\x06"
RESET = b"\x1b@"
WATCH = b"\x1da\x0e"
"""Automatic status from now to the next RESET: sent at once, then with each change of online,
errors and paper ("GS a", bits 1 to 3). A RESET ends it."""
ASK_MAKER = b"\x1dIB"
ASK_MODEL = b"\x1dIC"
"""Its names for people ("GS I" 66 and 67): ``5F text 00``."""

T = TypeVar("T", bound=Reply)


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """The four bytes of DLE EOT 1 to 4, in this order."""

    bits: tuple[int, int, int, int]

    @classmethod
    def of(cls, bits: list[int]) -> PrinterStatus:
        """From the answers in their order; what was not asked is well."""
        one, two, three, four, *_ = [*bits, *[0x12] * 4]
        return cls((one, two, three, four))

    @classmethod
    def told(cls, data: bytes) -> PrinterStatus:
        """The same from the four bytes of an automatic status, which has them elsewhere."""
        printer, error, paper, _ = data
        cover = 0x04 if printer & 0x20 else 0
        return cls((printer & 0x08, cover, error, (paper & 0x03) << 2 | (paper & 0x0C) << 3))

    @property
    def fault(self) -> Fault | None:
        """The fault that they name, the one to mend first; None when all is well."""
        online, offline, error, paper = self.bits
        if offline & 0x04:
            return Fault.COVER_OPEN
        if paper & 0x60 or offline & 0x20:
            return Fault.PAPER_OUT
        if error & 0x08:
            return Fault.CUTTER
        if error & 0x24:
            return Fault.ERROR
        if error & 0x40:
            return Fault.OVERHEATED
        if offline & 0x40:
            return Fault.ERROR
        if online & 0x08:
            return Fault.OFFLINE
        return None

    @property
    def near_end(self) -> bool:
        """Whether the roll is nearly used up."""
        return bool(self.bits[3] & 0x0C)


def _never() -> bool:
    return False


class StatusProtocol:
    """One reader on one transport. Used from one thread at a time.

    ``wanted``: whether somebody has a slip to print. Then what waits for an answer is broken
    off with PrinterWanted; a status that is still to come is not taken for a later one.

    ``stale`` says that a question went unanswered: its answer may still come and would be
    taken for another's, so the connection has to be made anew. Since ``forget``: ``rubbish``
    counts bytes that no printer sends, ``watched`` says that the printer has told its state of
    its own accord, and ``troubles`` are the faults that it told so.
    """

    def __init__(self, transport: Transport, wanted: Callable[[], bool] = _never) -> None:
        self.transport = transport
        self._wanted = wanted
        # Answers to DLE EOT that nobody waited for.
        self._owed = 0
        self.stale = False
        self.rubbish = 0
        self.watched = False
        self.troubles: set[Fault] = set()
        self._parser = ReplyParser()
        self._kept: deque[Block | PaperSensor] = deque(maxlen=32)

    def hush(self) -> None:
        """Read away what has come unasked; a whole block is kept for ``take``.

        PrinterGarbled when there is no end to it, PrinterUnreachable when the connection
        has ended.
        """
        read = 0
        while data := self.transport.read_some(0.0):
            self._sort(self._parser.feed(data))
            read += len(data)
            if read > MAX_BACKLOG:
                raise PrinterGarbled(f"{self.transport.name}: talks without end")

    def settle(self, deadline: float) -> None:
        """Read away what still comes of an older connection, until nothing has for QUIET_S.

        For lines that are not made anew by opening them: USB, serial. PrinterGarbled when
        there is no end to it.
        """
        read = 0
        while data := self.transport.read_some(min(deadline, time.monotonic() + QUIET_S)):
            read += len(data)
            if read > MAX_BACKLOG:
                raise PrinterGarbled(f"{self.transport.name}: talks without end")

    def forget(self) -> None:
        """Begin a job: what was kept or counted before does not belong to it."""
        self._kept.clear()
        self.rubbish = 0
        self.watched = False
        self.troubles.clear()

    def ask(self, question: bytes, kind: type[T], deadline: float, *, patience: float = 1.0) -> T:
        """Send ``question`` and give the one reply of ``kind`` that follows.

        It has ``patience`` times ANSWER_S for it, and until ``deadline`` at most.
        PrinterDeadline when none comes, PrinterGarbled when rubbish or a second one does.
        """
        self.hush()
        if not self.read_until(lambda: not self._owed, _within(deadline, patience)):
            raise self._mute()
        self.transport.write_all(question, deadline)
        try:
            return self._only(kind, _within(deadline, patience))
        except PrinterWanted:
            if kind is Status:
                self._owed += 1
            else:
                self.stale = True
            raise

    def _only(self, kind: type[T], deadline: float) -> T:
        """The one reply of ``kind`` that comes; see ``ask``."""
        found: list[T] = []
        rubbish = 0
        while not found:
            data = self._read(deadline)
            replies = self._sort(self._parser.feed(data))
            found += [reply for reply in replies if isinstance(reply, kind)]
            rubbish += sum(isinstance(reply, Rubbish) for reply in replies)
            if rubbish > MAX_RUBBISH or (rubbish and (found or not data)):
                raise self._garbled()
            if not data:
                raise self._mute()
        if len(found) > 1:
            raise self._garbled()
        return found[0]

    def status(self, deadline: float, *, patience: float = 1.0) -> PrinterStatus:
        """Ask DLE EOT 1 to 4, one after the other: the answers do not say which is which.

        ``patience`` as in ``ask``. Broken off, it answers what was heard so far, where that names
        a fault.
        """
        bits: list[int] = []
        for n in (1, 2, 3, 4):
            try:
                question = b"\x10\x04" + bytes((n,))
                bits.append(self.ask(question, Status, deadline, patience=patience).bits)
            except PrinterWanted:
                heard = PrinterStatus.of(bits)
                if heard.fault is None:
                    raise
                return heard
        return PrinterStatus.of(bits)

    def answers(self, deadline: float) -> bool:
        """Whether the printer answers DLE EOT at all."""
        try:
            self.ask(b"\x10\x04\x01", Status, deadline)
        except PrinterDeadline:
            return False
        return True

    def has(self, wanted: Callable[[Reply], bool]) -> bool:
        """Whether a block or sensor byte that is ``wanted`` has come."""
        return any(wanted(reply) for reply in self._kept)

    def read_until(self, done: Callable[[], bool], deadline: float) -> bool:
        """Read until ``done``; False when it is not so in time."""
        while not done():
            data = self._read(deadline)
            self._sort(self._parser.feed(data))
            if not data or time.monotonic() >= deadline:
                return done()
        return True

    def _comes(self, done: Callable[[], bool], deadline: float) -> bool:
        """Whether the answer to what was just asked comes in time; else it may still come."""
        came = False
        try:
            came = self.read_until(done, _within(deadline))
        finally:
            self.stale = self.stale or not came
        return came

    def echoes(self, deadline: float) -> bool:
        """Whether the printer sends back a process id (level A)."""
        ident = new_ident()
        self.hush()
        self.transport.write_all(ask_process_id(ident), deadline)
        return self._comes(lambda: self.has(lambda reply: is_process_id(reply, ident)), deadline)

    def senses(self, deadline: float) -> bool:
        """Whether the printer answers ``GS r`` in its turn (level B)."""
        try:
            self.ask(ASK_SENSOR, PaperSensor, deadline)
        except PrinterDeadline:
            return False
        return True

    def watches(self, deadline: float) -> bool:
        """Whether the printer tells its state of its own accord when asked to (``WATCH``).

        Asked twice, the second time as a job does it: behind a reset.
        """
        for question in (WATCH, RESET + WATCH):
            self.hush()
            self.forget()
            self.transport.write_all(question, deadline)
            if not self._comes(lambda: self.watched, deadline):
                return False
        return True

    def clear(self, deadline: float) -> bool:
        """Have the printer throw away all that it has not printed; whether it says so."""
        self.hush()
        self.forget()
        self.transport.write_all(CLEAR_BUFFER, deadline)
        return self._comes(lambda: self.has(is_buffer_cleared), deadline)

    def keys(self, deadline: float, *, patient: bool = False) -> frozenset[bytes] | None:
        """The names of the pictures in the printer's memory; None when it does not say.

        ``patient``: it may still be busy writing there, and has until ``deadline``.
        """
        found: set[bytes] = set()
        question = ASK_KEYS
        for _ in range(MAX_KEY_BLOCKS):
            try:
                block = self.ask(question, Block, deadline, patience=math.inf if patient else 1.0)
            except PrinterDeadline:
                return None
            if block.header != 0x37 or block.ident != KEY_LIST or len(block.data) % 2 == 0:
                return None
            more, names = block.data[0] == 0x40, block.data[1:]
            found |= {names[i : i + 2] for i in range(0, len(names), 2)}
            if not more:
                self.transport.write_all(ACKNOWLEDGE, deadline)
                return frozenset(found)
            question = ACKNOWLEDGE
        return None

    def has_cutter(self, deadline: float) -> bool | None:
        """Whether the printer has a cutter ("GS I" 2, bit 1); None when it does not say."""
        try:
            return bool(self.ask(b"\x1dI\x02", PaperSensor, deadline).bits & 0x02)
        except (PrinterDeadline, PrinterGarbled):
            self.stale = True
            return None

    def name(self, question: bytes, deadline: float) -> str:
        """The printer's answer to ASK_MAKER or ASK_MODEL; empty when it says nothing."""
        try:
            block = self.ask(question, Block, deadline)
        except (PrinterDeadline, PrinterGarbled):
            self.stale = True
            return ""
        return block.data.decode("ascii", "replace") if block.header == 0x5F else ""

    def _read(self, deadline: float) -> bytes:
        """What has come, as ``Transport.read_some`` has it; PrinterWanted when it is wanted."""
        while True:
            until = min(deadline, time.monotonic() + GLANCE_S)
            data = self.transport.read_some(until)
            if data or until >= deadline:
                return data
            if self._wanted():
                raise PrinterWanted(f"{self.transport.name}: a slip is to be printed")

    def _sort(self, replies: list[Reply]) -> list[Reply]:
        for reply in replies:
            if isinstance(reply, Block | PaperSensor):
                self._kept.append(reply)
            elif isinstance(reply, AutomaticStatus):
                self.watched = True
                fault = PrinterStatus.told(reply.data).fault
                if fault is not None:
                    self.troubles.add(fault)
            elif isinstance(reply, Rubbish):
                self.rubbish += 1
            elif isinstance(reply, Status) and self._owed:
                self._owed -= 1
        return replies

    def _mute(self) -> PrinterError:
        self.stale = True
        return PrinterDeadline(f"{self.transport.name}: does not answer")

    def _garbled(self) -> PrinterError:
        self.stale = True
        return PrinterGarbled(f"{self.transport.name}: answers what no printer answers")


MAX_RUBBISH = 64
MAX_KEY_BLOCKS = 32


def ask_process_id(ident: bytes) -> bytes:
    """Ask for ``37 22 ident 00`` once all before it is printed ("GS ( H", fn 48)."""
    return b"\x1d(H\x06\x0000" + ident


def new_ident() -> bytes:
    """Four random bytes of 21h to 7Eh: an echo of them cannot be an older job's."""
    return bytes(0x21 + byte % 94 for byte in os.urandom(4))


def _within(deadline: float, patience: float = 1.0) -> float:
    """The moment at which one answer is too late."""
    return min(deadline, time.monotonic() + patience * ANSWER_S)
