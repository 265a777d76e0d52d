"""How long the clock has gone without confirmation, over restarts.

The time of the last confirmation is kept in the state folder. Ages within one run are measured by
the clock since boot, which cannot be set.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from kiosk.clock import SiteClock, since_boot
from kiosk.domain.health import ClockHealth

RECORD_NAME = "clock.json"
WRITE_EVERY_S = 600.0


class ClockManager:
    """The health of ``clock``; its record is a file in the folder ``state``.

    A record that cannot be read counts as none, one that cannot be written loses its age at the
    next restart and nothing else. One thread at a time calls ``look``.
    """

    def __init__(
        self, state: Path, clock: SiteClock, since_boot: Callable[[], float] = since_boot
    ) -> None:
        self._path = state / RECORD_NAME
        self._clock = clock
        self._since_boot = since_boot
        self._written_s: float | None = None
        # The age of the last confirmation at a moment of the clock since boot; None before ``age``.
        self._known: tuple[float, float] | None = None

    def health(self) -> ClockHealth:
        """The clock's health now. From any thread; asks the kernel, and the disk once."""
        confirmed, believed = self._clock.confirmed(), self._clock.believed()
        if confirmed:
            self._known = (0.0, self._since_boot())
            return ClockHealth(confirmed, believed, 0.0)
        return ClockHealth(confirmed, believed, self._age_s())

    def look(self) -> None:
        """Update the record. Called periodically by the app."""
        if self._clock.simulated:
            return
        health, now_s = self.health(), self._since_boot()
        due = self._written_s is None or now_s - self._written_s >= WRITE_EVERY_S
        first = health.believed and not self._path.exists()
        if due and (health.confirmed or first):
            self._written_s = now_s
            self._write(self._clock(), confirmed=health.confirmed)

    def _age_s(self) -> float:
        """Seconds since the last confirmation, or since the first start."""
        now_s = self._since_boot()
        if self._known is None:
            since = self._read()
            age_s = (self._clock() - since).total_seconds() if since is not None else 0.0
            self._known = (max(0.0, age_s), now_s)
        age_s, known_s = self._known
        return age_s + now_s - known_s

    def _read(self) -> datetime | None:
        """When the clock was last confirmed or, if it never was, when the kiosk was first
        started."""
        try:
            said = json.loads(self._path.read_text(encoding="utf-8"))
            since = datetime.fromisoformat(said["confirmed_at"] or said["first_at"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return since if since.tzinfo is not None else None

    def _write(self, now: datetime, *, confirmed: bool) -> None:
        moment = now.isoformat(timespec="seconds")
        body = {"confirmed_at": moment if confirmed else None, "first_at": moment}
        draft = self._path.with_suffix(".part")
        with contextlib.suppress(OSError):
            draft.write_text(json.dumps(body) + "\n", encoding="utf-8")
            draft.replace(self._path)
