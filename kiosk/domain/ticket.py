"""A ticket: a number given to one visitor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kiosk.domain.delivery import Proof

KEY_BYTES = 26
"""Random bytes of a ticket key: 10 of the id, 16 of the track."""


@dataclass(frozen=True, slots=True)
class TicketRequest:
    """What the visitor asked for. Made once; "Try again" repeats it unchanged, with the same id.

    ``id`` is a UUIDv7 in canonical text; ``track`` 32 hex digits (128 random bits);
    ``service`` a service code; ``priority`` a group's code or None; ``language`` that of the
    slip; ``requested_at`` aware. ``also``: codes of the other groups that were chosen; the slip
    has them, the server is sent ``priority`` alone.
    """

    id: str
    track: str
    service: str
    language: str
    requested_at: datetime
    priority: str | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketKey:
    """What a request is known by before it has a number: the ``id`` and ``track`` of a
    TicketRequest. Whoever may have to repeat a request makes its key once."""

    id: str
    track: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """A committed number.

    ``rev`` counts revisions from 1; ``printed``: what is proved about the slip, None while the job
    is under way; ``state``: ``issued`` or ``void``; ``issued_at`` aware, site time.
    """

    id: str
    track: str
    number: str
    business_date: date
    service: str
    language: str
    issued_at: datetime
    priority: str | None = None
    state: str = "issued"
    printed: Proof | None = None
    rev: int = 1

    @property
    def anonymous(self) -> bool:
        """Whether what is personal in it was removed; it is then counted, but not changed."""
        return not self.track


def ticket_key(now: datetime, random_bytes: bytes) -> TicketKey:
    """A key made of an aware time and KEY_BYTES random bytes."""
    if len(random_bytes) != KEY_BYTES:
        raise ValueError(f"a ticket key needs {KEY_BYTES} random bytes")
    made = uuid7(int(now.timestamp() * 1000), random_bytes[:10])
    return TicketKey(made, random_bytes[10:].hex())


def uuid7(unix_ms: int, random_bytes: bytes) -> str:
    """A UUIDv7 (RFC 9562, 5.7) from a time in milliseconds and 10 random bytes."""
    if len(random_bytes) != 10:
        raise ValueError("uuid7 needs 10 random bytes")
    value = (unix_ms & ((1 << 48) - 1)) << 80 | int.from_bytes(random_bytes, "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
