"""What staff did at the machine, one JSON object a line: when, what, and how it ended.

It holds no PIN and nothing about visitors except the numbers that were printed again. Beyond
``MOST_BYTES`` the file begins anew, and the one before it is kept.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

ACTIONS_FILE = "staff-actions.jsonl"
MOST_BYTES = 1_000_000
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ActionEntry:
    """``action``: a code; ``outcome``: ``begun``, ``done`` or ``failed``; ``detail``: which service
    or number, or why it failed, in English. ``at``: aware, in the site's zone."""

    at: datetime
    action: str
    outcome: str = "done"
    detail: str = ""


class ActionLog:
    """The log in the state folder ``state``. Any thread."""

    def __init__(self, state: Path) -> None:
        self._path = state / ACTIONS_FILE
        self._lock = threading.Lock()

    def add(self, entry: ActionEntry) -> None:
        """Append ``entry`` durably. A disk that refuses it is logged, and prevents no action."""
        body = asdict(entry) | {"at": entry.at.isoformat(timespec="seconds")}
        line = json.dumps(body, ensure_ascii=False) + "\n"
        log.info("staff: %s %s %s", entry.action, entry.outcome, entry.detail)
        with self._lock:
            try:
                self._rotate()
                handle = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
                with os.fdopen(handle, "a", encoding="utf-8") as file:
                    size = os.fstat(handle).st_size
                    # After a line that a full disk or a power cut left incomplete.
                    torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
                    file.write("\n" + line if torn else line)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError as error:
                log.error("a staff action is not written down: %s", error.strerror)  # noqa: TRY400

    def entries(self) -> tuple[ActionEntry, ...]:
        """All entries that can be read, oldest first."""
        return tuple(_entries(self._older)) + tuple(_entries(self._path))

    @property
    def _older(self) -> Path:
        return self._path.with_suffix(".1.jsonl")

    def _rotate(self) -> None:
        if self._path.exists() and self._path.stat().st_size >= MOST_BYTES:
            self._path.replace(self._older)


def _entries(path: Path) -> Iterator[ActionEntry]:
    """The entries of one file; a line that a power cut left incomplete is skipped."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        try:
            body = json.loads(line)
            at = datetime.fromisoformat(body["at"])
            yield ActionEntry(at, body["action"], body["outcome"], body["detail"])
        except (ValueError, KeyError, TypeError):
            continue
