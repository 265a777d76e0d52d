"""Scripts of printer answers, correct and wrong, drawn from a ``random.Random``.

Hypothesis supplies a ``Random`` whose choices it can shrink.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

READY = b"\x12"
FAULT_STATUS = (b"\x38\x00\x00\x00", b"\x18\x00\x0f\x00", b"\x18\x08\x00\x00", b"\x18\x20\x00\x00")
"""Automatic status (``GS a``): cover open, no paper, cutter error, another error."""

READY_STATUS = (b"\x10\x00\x00\x00", b"\x10\x00\x03\x00")
"""Automatic status: no fault, and paper near its end."""

FRAGMENTS = (
    b"\x12", b"\x16", b"\x1a", b"\x32", b"\x72", b"\x10", b"\x10\x00", b"\x37", b"\x37\x22",
    b"\x37\x22abcd\x00", b"\x37\x25\x00", b"\x37\x72\x41\x00", b"\x37\x72\x40ab\x00", b"\x5f",
    b"\x5fEPSON\x00", b"\x00", b"\x03", b"\x0c", b"\x0f", b"\x11", b"\x13", b"\xff", b"\x93",
)  # fmt: skip
"""Parts of correct answers: random bytes alone would seldom look like an answer."""

FLOOD = 70_000
"""More bytes than the kiosk ever discards."""


@dataclass(frozen=True, slots=True)
class AnswerStep:
    """One step of an answer. ``kind``:

    - ``correct``: the answer of a printer without a fault to this question
    - ``stale``: the correct answer to the previous question
    - ``late``: the correct answer, delayed until the next step
    - ``short``: the first ``count`` bytes of the correct answer
    - ``other``: the correct answer for another job
    - ``bytes``: ``data``
    - ``flood``: ``count`` bytes of noise without a pause
    - ``close``, ``reset``: ends the connection
    """

    kind: str
    data: bytes = b""
    count: int = 0


CORRECT = AnswerStep("correct")
Answer = tuple[AnswerStep, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """``before`` answers the questions before a slip, ``after`` those from its first letter on.

    Both restart with each slip; correct answers follow the end of each. ``pieces``: lengths into
    which the bytes are split, repeated; empty for no splitting.
    """

    level: str
    before: tuple[Answer, ...]
    after: tuple[Answer, ...]
    pieces: tuple[int, ...]


def random_script(rng: Random) -> Script:
    """A random script. Most begin with correct answers: else the kiosk sends no slip."""
    level = rng.choice(("A", "A", "B", "B", "C", "auto"))
    wild = rng.random() < 0.3
    before = tuple(_answer(rng) if wild else (CORRECT,) for _ in range(rng.randint(0, 14)))
    after = tuple(_answer(rng) for _ in range(rng.randint(0, 8)))
    pieces = tuple(rng.randint(1, 6) for _ in range(rng.randint(0, 5)))
    return Script(level, before, after, pieces)


def _answer(rng: Random) -> Answer:
    return tuple(_step(rng) for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 6))))


def _step(rng: Random) -> AnswerStep:
    kind = rng.choice(
        ("correct",) * 8
        + ("fragment",) * 6
        + ("noise",) * 4
        + ("stale", "late", "short", "other", "flow", "ready", "ready", "fault", "fault")
        + ("close", "reset", "flood")
    )
    if kind == "fragment":
        return AnswerStep("bytes", rng.choice(FRAGMENTS))
    if kind == "noise":
        return AnswerStep("bytes", _noise(rng, rng.randint(1, 200)))
    if kind == "flow":
        return AnswerStep("bytes", rng.choice((b"\x11", b"\x13")))
    if kind in ("ready", "fault"):
        return AnswerStep("bytes", rng.choice(READY_STATUS if kind == "ready" else FAULT_STATUS))
    count = {"short": rng.randint(1, 6), "flood": rng.choice((300, FLOOD))}.get(kind, 0)
    return AnswerStep(kind, b"", count)


def _noise(rng: Random, count: int) -> bytes:
    return rng.getrandbits(8 * count).to_bytes(count, "big")
