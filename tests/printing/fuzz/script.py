"""What a printer says to each question, true or not, drawn from a source of chance.

The source is ``random.Random``: hypothesis gives one whose choices it can make simpler.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

STATUS_WELL = b"\x12"
TROUBLE = (b"\x38\x00\x00\x00", b"\x18\x00\x0f\x00", b"\x18\x08\x00\x00", b"\x18\x20\x00\x00")
"""Automatic status: cover open, no paper, cutter, an error ("GS a")."""

WELL = (b"\x10\x00\x00\x00", b"\x10\x00\x03\x00")
"""Automatic status: well, and paper near its end."""

SHARDS = (
    b"\x12", b"\x16", b"\x1a", b"\x32", b"\x72", b"\x10", b"\x10\x00", b"\x37", b"\x37\x22",
    b"\x37\x22abcd\x00", b"\x37\x25\x00", b"\x37\x72\x41\x00", b"\x37\x72\x40ab\x00", b"\x5f",
    b"\x5fEPSON\x00", b"\x00", b"\x03", b"\x0c", b"\x0f", b"\x11", b"\x13", b"\xff", b"\x93",
)  # fmt: skip
"""Pieces of true answers, so that chance is given every chance."""

FLOOD = 70_000
"""More bytes than are ever read away."""


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing said. ``kind``: ``truth`` (what a printer that is well answers to this
    question), ``stale`` (what it answered to the last), ``late`` (the truth, but only in front
    of what is said next), ``short`` (the first ``count`` bytes of the truth), ``other`` (the
    truth for another job), ``bytes`` (``data``), ``flood`` (``count`` bytes of noise without a
    pause), ``close`` and ``reset`` (the end of the connection)."""

    kind: str
    data: bytes = b""
    count: int = 0


TRUTH = Saying("truth")
Answer = tuple[Saying, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """``before`` answers the questions before a slip, ``behind`` those from its first letter on;
    both begin anew with each slip, and where one ends the truth is told. ``pieces`` are the
    lengths in which bytes are sent, again and again; empty: as they come."""

    level: str
    before: tuple[Answer, ...]
    behind: tuple[Answer, ...]
    pieces: tuple[int, ...]


def a_script(chance: Random) -> Script:
    """Any script; most begin well, so that slips are sent."""
    level = chance.choice(("A", "A", "B", "B", "C", "auto"))
    wild = chance.random() < 0.3
    before = tuple(_answer(chance) if wild else (TRUTH,) for _ in range(chance.randint(0, 14)))
    behind = tuple(_answer(chance) for _ in range(chance.randint(0, 8)))
    pieces = tuple(chance.randint(1, 6) for _ in range(chance.randint(0, 5)))
    return Script(level, before, behind, pieces)


def _answer(chance: Random) -> Answer:
    return tuple(_saying(chance) for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3, 6))))


def _saying(chance: Random) -> Saying:
    kind = chance.choice(
        ("truth",) * 8
        + ("shard",) * 6
        + ("noise",) * 4
        + ("stale", "late", "short", "other", "flow", "watch", "watch", "trouble", "trouble")
        + ("close", "reset", "flood")
    )
    if kind == "shard":
        return Saying("bytes", chance.choice(SHARDS))
    if kind == "noise":
        return Saying("bytes", _noise(chance, chance.randint(1, 200)))
    if kind == "flow":
        return Saying("bytes", chance.choice((b"\x11", b"\x13")))
    if kind in ("watch", "trouble"):
        return Saying("bytes", chance.choice(WELL if kind == "watch" else TROUBLE))
    count = {"short": chance.randint(1, 6), "flood": chance.choice((300, FLOOD))}.get(kind, 0)
    return Saying(kind, b"", count)


def _noise(chance: Random, count: int) -> bytes:
    return chance.getrandbits(8 * count).to_bytes(count, "big")
