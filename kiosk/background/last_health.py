"""The app's last status in a file of the state folder, for when the app cannot answer.

A frozen app accepts no command, and a command that takes the kiosk's lock in its place could keep a
starting app out. This file answers ``kiosk status --timeout`` without either.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiosk.background.periodic_thread import PeriodicThread

NAME = "health.json"
WRITE_EVERY_S = 10.0


class LastHealth:
    """Writes the result of ``status`` into ``folder`` every ``every_s`` seconds while entered.

    A write that fails is skipped: a full disk must not stop the kiosk, and its status says so.
    """

    def __init__(
        self,
        folder: Path,
        status: Callable[[], Mapping[str, Any]],
        every_s: float = WRITE_EVERY_S,
    ) -> None:
        self._path = folder / NAME
        self._status = status
        self._starting = True
        self._thread = PeriodicThread("health", self._write, every_s)

    def __enter__(self) -> LastHealth:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.stop(1.0)

    def _write(self) -> None:
        if self._starting:
            # The thread's first call comes while the app opens its window: not in its way.
            self._starting = False
            return
        at = datetime.now(UTC).isoformat(timespec="seconds")
        draft = self._path.with_suffix(".json.part")
        with contextlib.suppress(OSError):
            # Not synchronised to the disk: after a power cut an older one, or none, serves as well.
            draft.write_text(json.dumps({**self._status(), "at": at}) + "\n", encoding="utf-8")
            draft.replace(self._path)


def read_health(folder: Path) -> dict[str, Any] | None:
    """The last status, with ``at`` (UTC, ISO 8601); None where none can be read."""
    try:
        said = json.loads((folder / NAME).read_text(encoding="utf-8"))
        datetime.fromisoformat(said["at"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return said if isinstance(said, dict) and "printer" in said else None
