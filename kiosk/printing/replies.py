"""What a printer says, read from bytes in whatever pieces they come.

Sources: Epson ESC/POS reference, "DLE EOT", "GS a" (automatic status back), "GS r",
"GS ( H" fn 48, "DLE DC4" fn 8, "GS ( L" fn 64, "GS I". Every kind of answer is known by
its fixed bits or its header:

=============  =============================================================
first byte     answer
=============  =============================================================
``0xx1xx10``   one status byte (DLE EOT)
``0xx1xx00``   automatic status, with three more of ``0xx0xxxx`` (XOFF may come between)
``0xx0xxxx``   one byte of paper sensor (GS r), never unasked for
``37 id``      a block that ends with ``00``; ``5F``: the same, without id
``11`` ``13``  XON, XOFF
=============  =============================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

LONGEST_BLOCK = 128
"""Bytes between header and ``00``; the longest that is asked for is a key list of 80."""


@dataclass(frozen=True, slots=True)
class Status:
    """One status byte, the answer to one DLE EOT."""

    bits: int


@dataclass(frozen=True, slots=True)
class AutomaticStatus:
    """Four bytes sent by the printer of its own accord."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PaperSensor:
    """The answer to ``GS r 1``: bits 0 and 1 near end, 2 and 3 end."""

    bits: int


@dataclass(frozen=True, slots=True)
class Block:
    """Header, identifier (0 for a ``5F`` header) and data, without the closing ``00``."""

    header: int
    ident: int
    data: bytes


class Flow(Enum):
    """Flow control: says nothing of the printer."""

    XON = 0x11
    XOFF = 0x13


@dataclass(frozen=True, slots=True)
class Rubbish:
    """A byte that is no part of any answer."""

    byte: int


Reply = Status | AutomaticStatus | PaperSensor | Block | Flow | Rubbish

PROCESS_ID = 0x22
BUFFER_CLEARED = 0x25
KEY_LIST = 0x72


class ReplyParser:
    """Feed it bytes in any pieces; it gives whole replies and keeps at most one unfinished.

    What fits nothing becomes Rubbish, byte by byte: it never raises and never grows.
    """

    def __init__(self) -> None:
        self._held = b""

    @property
    def unfinished(self) -> bool:
        """Whether an answer has begun and not ended."""
        return bool(self._held)

    def feed(self, data: bytes) -> list[Reply]:
        """The replies completed by ``data``, in order."""
        held = self._held + data
        replies: list[Reply] = []
        at = 0
        while at < len(held):
            reply, used = _read(held, at)
            if reply is None:
                break
            replies.append(reply)
            at += used
        self._held = held[at:]
        return replies


def _read(data: bytes, at: int) -> tuple[Reply | None, int]:
    """The reply that begins at ``at`` and its length; None where it is not yet whole."""
    first = data[at]
    if first in (0x11, 0x13):
        return Flow(first), 1
    if first & 0b1001_0011 == 0b0001_0010:
        return Status(first), 1
    if first & 0b1001_0011 == 0b0001_0000:
        return _automatic(data, at)
    if first in (0x37, 0x5F):
        return _block(data, at)
    if first & 0b1001_0000 == 0:
        return PaperSensor(first), 1
    return Rubbish(first), 1


def _automatic(data: bytes, at: int) -> tuple[Reply | None, int]:
    """Four bytes in a row, but for flow control ("GS a", notes)."""
    found = data[at : at + 1]
    for end in range(at + 1, len(data)):
        byte = data[end]
        if byte in (0x11, 0x13):
            continue
        if byte & 0b1001_0000:
            return Rubbish(data[at]), 1
        found += data[end : end + 1]
        if len(found) == 4:
            return AutomaticStatus(found), end + 1 - at
    # Nothing but flow control without end is no status.
    return (Rubbish(data[at]), 1) if len(data) - at > LONGEST_BLOCK else (None, 0)


def _block(data: bytes, at: int) -> tuple[Reply | None, int]:
    """``37 id data 00`` or ``5F data 00``; data is 20h to 7Eh, or a status of 40h/41h."""
    header = data[at]
    start = at + (2 if header == 0x37 else 1)
    if start > len(data):
        return None, 0
    end = data.find(0, start, start + LONGEST_BLOCK)
    body = data[start:] if end < 0 else data[start:end]
    if any(byte < 0x20 or byte > 0x7E for byte in body[:LONGEST_BLOCK]):
        return Rubbish(header), 1
    if end < 0:
        return (Rubbish(header), 1) if len(body) >= LONGEST_BLOCK else (None, 0)
    ident = data[at + 1] if header == 0x37 else 0
    return Block(header, ident, body), end - at + 1


def is_process_id(reply: Reply, ident: bytes) -> bool:
    """Whether this says that the job marked with these four bytes has been printed."""
    return isinstance(reply, Block) and (reply.header, reply.ident, reply.data) == (
        0x37,
        PROCESS_ID,
        ident,
    )


def is_buffer_cleared(reply: Reply) -> bool:
    """Whether this says that the printer has thrown away all it had not printed."""
    return isinstance(reply, Block) and (reply.header, reply.ident, reply.data) == (
        0x37,
        BUFFER_CLEARED,
        b"",
    )
