"""Parse a printer's replies from a stream of bytes that may arrive in pieces of any size.

Sources: Epson ESC/POS reference, "DLE EOT", "GS a" (automatic status back), "GS r",
"GS ( H" fn 48, "DLE DC4" fn 8, "GS I". The first byte of a reply tells its kind,
by fixed bits or as a header:

=============  =============================================================
first byte     reply
=============  =============================================================
``?xx1xx10``   one status byte (DLE EOT); bit 7 of n = 1 is 1 on kiosk printers whose slip hangs
               in the mouth (Cashino KP-628E manual, "DLE EOT")
``0xx1xx00``   automatic status, with three more of ``0xx0xxxx`` (XON, XOFF may come between)
``10 0F``      full status of Custom and Pyramid printers, with four more bytes; no automatic
               status has 0Fh as its second byte
``0xx0xxxx``   one byte of paper sensor (GS r), only sent when asked for
``37 id``      a block that ends with ``00``; ``5F``: the same, without id
``11`` ``13``  XON, XOFF
=============  =============================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from kiosk.domain.delivery import Fault

LONGEST_BLOCK = 128
"""Limit of bytes between header and ``00``; names of maker and model are shorter."""


@dataclass(frozen=True, slots=True)
class StatusByte:
    """One status byte, the reply to one DLE EOT."""

    bits: int


@dataclass(frozen=True, slots=True)
class FullStatus:
    """The four bytes after ``10 0F``: the reply to DLE EOT 20 (``kiosk.printing.mouth``)."""

    data: bytes


@dataclass(frozen=True, slots=True)
class AutomaticStatus:
    """Four bytes that the printer sends unasked after "GS a" has enabled it."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PaperSensor:
    """The reply to ``GS r 1``: bits 0 and 1 near end, bits 2 and 3 end of paper."""

    bits: int


@dataclass(frozen=True, slots=True)
class BlockReply:
    """Header, identifier (0 for a ``5F`` header) and data, without the closing ``00``."""

    header: int
    ident: int
    data: bytes


class FlowControl(Enum):
    """XON and XOFF: they carry no information about the printer."""

    XON = 0x11
    XOFF = 0x13


@dataclass(frozen=True, slots=True)
class UnknownByte:
    """A byte that belongs to no reply."""

    byte: int


Reply = (
    StatusByte | FullStatus | AutomaticStatus | PaperSensor | BlockReply | FlowControl | UnknownByte
)

PROCESS_ID = 0x22
BUFFER_CLEARED = 0x25


class ReplyParser:
    """Turns bytes into replies and keeps at most one incomplete reply, of bounded size.

    Bytes that fit no reply become UnknownByte; ``feed`` never raises.
    """

    def __init__(self) -> None:
        self._incomplete = b""

    def feed(self, data: bytes) -> list[Reply]:
        """The replies completed by ``data``, in order."""
        received = self._incomplete + data
        replies: list[Reply] = []
        at = 0
        while at < len(received):
            reply, used = _read(received, at)
            if reply is None:
                break
            replies.append(reply)
            at += used
        self._incomplete = received[at:]
        return replies


def _read(data: bytes, at: int) -> tuple[Reply | None, int]:
    """The reply that begins at ``at`` and its length; (None, 0) while it is incomplete."""
    first = data[at]
    if first in (0x11, 0x13):
        return FlowControl(first), 1
    if first & 0b0001_0011 == 0b0001_0010:
        return StatusByte(first), 1
    if first == 0x10 and data[at + 1 : at + 2] == b"\x0f":
        reply = FullStatus(data[at + 2 : at + 6])
        return (reply, 6) if len(reply.data) == 4 else (None, 0)
    if first & 0b1001_0011 == 0b0001_0000:
        return _automatic(data, at)
    if first in (0x37, 0x5F):
        return _block(data, at)
    if first & 0b1001_0000 == 0:
        return PaperSensor(first), 1
    return UnknownByte(first), 1


def _automatic(data: bytes, at: int) -> tuple[Reply | None, int]:
    """Four consecutive bytes, except for flow control between them ("GS a", notes)."""
    found = data[at : at + 1]
    for end in range(at + 1, len(data)):
        byte = data[end]
        if byte in (0x11, 0x13):
            continue
        if byte & 0b1001_0000:
            return UnknownByte(data[at]), 1
        found += data[end : end + 1]
        if len(found) == 4:
            return AutomaticStatus(found), end + 1 - at
    # Limit the number of flow control bytes inside one status.
    return (UnknownByte(data[at]), 1) if len(data) - at > LONGEST_BLOCK else (None, 0)


def _block(data: bytes, at: int) -> tuple[Reply | None, int]:
    """``37 id data 00`` or ``5F data 00``; data bytes are 20h to 7Eh."""
    header = data[at]
    start = at + (2 if header == 0x37 else 1)
    if start > len(data):
        return None, 0
    end = data.find(0, start, start + LONGEST_BLOCK)
    body = data[start:] if end < 0 else data[start:end]
    if any(byte < 0x20 or byte > 0x7E for byte in body[:LONGEST_BLOCK]):
        return UnknownByte(header), 1
    if end < 0:
        return (UnknownByte(header), 1) if len(body) >= LONGEST_BLOCK else (None, 0)
    ident = data[at + 1] if header == 0x37 else 0
    return BlockReply(header, ident, body), end - at + 1


def is_process_id(reply: Reply, ident: bytes) -> bool:
    """Whether ``reply`` says that the job marked with the four bytes ``ident`` is printed."""
    return reply == BlockReply(0x37, PROCESS_ID, ident)


def is_buffer_cleared(reply: Reply) -> bool:
    """Whether ``reply`` says that the printer has discarded everything not yet printed."""
    return reply == BlockReply(0x37, BUFFER_CLEARED, b"")


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """The four status bytes of DLE EOT 1 to 4, in this order."""

    bits: tuple[int, int, int, int]

    @classmethod
    def from_answers(cls, answers: Mapping[int, int]) -> PrinterStatus:
        """From the answers by the ``n`` of DLE EOT; missing ones count as "no fault" (12h)."""
        one, two, three, four = (answers.get(n, 0x12) for n in (1, 2, 3, 4))
        return cls((one, two, three, four))

    @classmethod
    def from_automatic(cls, data: bytes) -> PrinterStatus:
        """From the four bytes of an automatic status, which has the same bits elsewhere."""
        printer, error, paper, _ = data
        cover = 0x04 if printer & 0x20 else 0
        return cls((printer & 0x08, cover, error, (paper & 0x03) << 2 | (paper & 0x0C) << 3))

    @classmethod
    def from_full(cls, data: bytes, *, offline: bool = False) -> PrinterStatus:
        """From the four bytes of DLE EOT 20, which has the same states at other bits, except that
        it does not say whether the printer is ``offline``."""
        paper, user, recoverable, fatal = data
        cover = 0x04 if user & 0x03 else 0
        error = 0x08 if fatal & 0x01 else 0
        # Supply voltage, jam and black mark; memory. RS232 errors are no fault of the printer.
        error |= 0x20 if recoverable & 0xC8 or fatal & 0xFE else 0
        error |= 0x40 if recoverable & 0x01 else 0
        sensors = (0x60 if paper & 0x01 else 0) | (0x0C if paper & 0x04 else 0)
        return cls((0x08 * offline, cover, error, sensors))

    @property
    def fault(self) -> Fault | None:
        """The fault, the one to mend first where there are several; None without a fault."""
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
        """Whether the near-end sensor reports a nearly empty roll."""
        return bool(self.bits[3] & 0x0C)
