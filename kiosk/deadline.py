"""The moment by which a blocking call must return.

One ``Deadline`` is handed down through all calls of an operation, so that connecting, writing and
reading share one limit instead of adding up their own. It reads the monotonic clock, therefore
``domain`` does not use it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """``at_s`` is a moment of ``time.monotonic()``, in seconds."""

    at_s: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The moment ``seconds`` from now; 0 for a call that must not wait."""
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds until then, never below 0."""
        return max(0.0, self.at_s - time.monotonic())

    @property
    def expired(self) -> bool:
        """Whether the moment has passed."""
        return time.monotonic() >= self.at_s

    def sooner(self, seconds: float) -> Deadline:
        """This deadline, or the moment ``seconds`` from now where that is earlier."""
        return min(self, Deadline.after(seconds))

    def before(self, seconds: float) -> Deadline:
        """The moment ``seconds`` before this one."""
        return Deadline(self.at_s - seconds)
