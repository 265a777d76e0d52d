"""The mouth of a kiosk printer: whether a slip hangs there, and what becomes of one that stays.

Sources: Custom KPM210/216 user manual, 3-9 ("DLE EOT" 20: ``10 0F`` and four bytes, of which the
first has bit 5 "ticket present in output") and 3-49 ("GS e": 2 retract, 3 m present, 5 eject; after
"GS V" the slip stays inside until then); the same in Pyramid's escpos documentation for Reliance.
Cashino KP-628E user manual, "Real-time transmission status": bit 7 of n = 1. Star's presenters are
missing: their status and "ESC SYN" belong to Star Line Mode (its command specifications, 3-93 and
5-12), in which a printer does not understand ESC/POS.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class Mouth(Enum):
    """How a printer tells that a slip hangs in its mouth."""

    NONE = "none"
    CUSTOM = "custom"
    """By the six bytes of DLE EOT 20. It presents, retracts and ejects slips."""
    CASHINO = "cashino"
    """By bit 7 of DLE EOT 1. It cannot move the slip."""


ASK_FULL_STATUS = b"\x10\x04\x14"
PRESENT = b"\x1de\x03\x0c"
REMOVE = {"retract": b"\x1de\x02", "eject": b"\x1de\x05"}
"""Setting ``mouth_then`` -> the command that removes a slip that nobody takes."""

IN_OUTPUT = 0x20
"""Bit of the first byte after ``10 0F``."""


MOUTH_TRIES = 3
"""How often ``DLE EOT`` 20 goes unanswered before the printer counts as one without an answer."""


@dataclass(frozen=True, slots=True)
class FullStatusAnswers:
    """Whether a printer answers ``DLE EOT`` 20. One answer may be lost: it proves nothing.

    ``misses``: questions in a row without an answer. ``answered``: one came on this connection.
    """

    misses: int = 0
    answered: bool = False

    @property
    def unknown(self) -> bool:
        """Whether the printer does not know the question."""
        return not self.answered and self.misses >= MOUTH_TRIES

    def after(self, *, answered: bool) -> FullStatusAnswers:
        """After one more question."""
        if answered:
            return FullStatusAnswers(answered=True)
        return replace(self, misses=self.misses + 1)


@dataclass(frozen=True, slots=True)
class MouthWatch:
    """What was seen of the mouth so far.

    ``since_s``: since when a slip hangs there (monotonic), None without one. ``left_over``: this
    slip was already counted. ``not_taken`` counts the slips that nobody took in time.
    """

    since_s: float | None = None
    left_over: bool = False
    not_taken: int = 0

    @property
    def occupied(self) -> bool:
        """Whether a slip hangs in the mouth."""
        return self.since_s is not None

    def seen(self, *, occupied: bool, now_s: float, limit_s: float) -> MouthWatch:
        """After a look at ``now_s``; a slip that hangs for ``limit_s`` seconds is not taken."""
        if not occupied:
            return replace(self, since_s=None, left_over=False)
        since_s = now_s if self.since_s is None else self.since_s
        if self.left_over or now_s - since_s < limit_s:
            return replace(self, since_s=since_s)
        return MouthWatch(since_s, left_over=True, not_taken=self.not_taken + 1)
