"""The record of writes to the printer's picture memory, kept over restarts.

A printer lists its keys but not the pictures stored under them, and its memory wears out after
thousands of writes (Epson ESC/POS reference, "GS ( L": no more than ten times a day). The ledger
therefore records which pictures were written completely, and when. A picture whose write was cut
off is not in it and is never recalled.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

WRITES_A_DAY = 9
"""Limit of writes in 24 hours, one below the manual's."""

LONGEST = 65540
"""Length in bytes of the longest command that defines a picture."""

DAY = timedelta(days=1)
_TOO_MUCH = (OverflowError, RecursionError)


@dataclass(slots=True)
class NvWriteLedger:
    """Stored in the file ``path``; None keeps it in memory for this process only.

    ``whole`` maps a key to the digest of the picture that was written under it and confirmed.
    ``writes``: times of the writes in the last 24 hours. ``under_way``: length in bytes of the
    longest command that was begun and may have been cut off.
    """

    path: Path | None = None
    whole: dict[bytes, str] = field(default_factory=dict)
    writes: list[datetime] = field(default_factory=list)
    under_way: int = 0

    @staticmethod
    def read(path: Path | None) -> NvWriteLedger:
        """The ledger in ``path``; an empty one when the file is missing or cannot be read."""
        ledger = NvWriteLedger(path)
        if path is not None:
            try:
                values = json.loads(path.read_text(encoding="ascii"))
                ledger.whole = {bytes.fromhex(k): str(v) for k, v in values["whole"].items()}
                ledger.writes = [_moment(moment) for moment in values["writes"]]
                ledger.under_way = min(max(0, int(values["under_way"])), LONGEST)
            except (OSError, ValueError, LookupError, TypeError, AttributeError, *_TOO_MUCH):
                ledger = NvWriteLedger(path)
        return ledger

    def may_write(self, now: datetime) -> bool:
        """Whether one more write is within the limit. ``now`` is aware."""
        self.writes = [moment for moment in self.writes if abs(now - moment) < DAY]
        return len(self.writes) < WRITES_A_DAY

    def begin(self, key: bytes, length: int, now: datetime) -> None:
        """Record that a command of ``length`` bytes is about to change the picture under ``key``.

        Called before the write, so that a cut-off picture is not recalled after a crash. Raises
        OSError when the file cannot be written.
        """
        self.whole.pop(key, None)
        self.writes.append(now)
        self.under_way = max(self.under_way, length)
        self.save()

    def confirm(self, written: dict[bytes, str]) -> None:
        """Record that the printer has answered after the last write and stores ``written``."""
        if not written and not self.under_way:
            return
        self.whole.update(written)
        self.under_way = 0
        # A failure costs one more write after the next start.
        with contextlib.suppress(OSError):
            self.save()

    def save(self) -> None:
        """Replace the file atomically, by rename. Raises OSError when it cannot be written."""
        if self.path is None:
            return
        values = {
            "whole": {key.hex(): digest for key, digest in sorted(self.whole.items())},
            "writes": [moment.isoformat() for moment in self.writes],
            "under_way": self.under_way,
        }
        draft = self.path.with_name(self.path.name + ".new")
        draft.write_text(json.dumps(values), encoding="ascii")
        draft.replace(self.path)


def _moment(text: str) -> datetime:
    """An aware time. Raises ValueError for a naive or malformed one."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment
