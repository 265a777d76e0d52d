"""What the kiosk has written into the printer's memory, kept over restarts.

A printer says which keys it holds, not what stands under them, and its memory wears out when it
is written thousands of times (Epson ESC/POS reference, "GS ( L": no more than ten times a day).
So the kiosk keeps a book: which pictures it wrote whole, and when it wrote. A picture whose
writing broke off is not in it, and is never printed.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

WRITES_A_DAY = 9
LONGEST = 65540
"""Bytes of the longest command that defines a picture."""

DAY = timedelta(days=1)
_TOO_MUCH = (OverflowError, RecursionError)


@dataclass(slots=True)
class NvWriteLedger:
    """Kept in the file ``path``, or only as long as this process where there is none.

    ``whole``: key -> digest of the picture that was written under it and confirmed.
    ``writes``: when the memory was written in the last day. ``under_way``: bytes of the longest
    command that was begun and may have been cut off.
    """

    path: Path | None = None
    whole: dict[bytes, str] = field(default_factory=dict)
    writes: list[datetime] = field(default_factory=list)
    under_way: int = 0

    @staticmethod
    def read(path: Path | None) -> NvWriteLedger:
        """The book in ``path``; an empty one where there is none, or none that can be read."""
        book = NvWriteLedger(path)
        if path is not None:
            try:
                said = json.loads(path.read_text(encoding="ascii"))
                book.whole = {bytes.fromhex(k): str(v) for k, v in said["whole"].items()}
                book.writes = [_moment(moment) for moment in said["writes"]]
                book.under_way = min(max(0, int(said["under_way"])), LONGEST)
            except (OSError, ValueError, LookupError, TypeError, AttributeError, *_TOO_MUCH):
                book = NvWriteLedger(path)
        return book

    def may_write(self, now: datetime) -> bool:
        """Whether the memory may be written once more today. ``now`` is aware."""
        self.writes = [moment for moment in self.writes if abs(now - moment) < DAY]
        return len(self.writes) < WRITES_A_DAY

    def begin(self, key: bytes, length: int, now: datetime) -> None:
        """A command of ``length`` bytes is about to change what stands under ``key``.

        OSError when that cannot be noted.
        """
        self.whole.pop(key, None)
        self.writes.append(now)
        self.under_way = max(self.under_way, length)
        self.save()

    def confirm(self, written: dict[bytes, str]) -> None:
        """The printer has answered after its last command, and holds ``written``."""
        if not written and not self.under_way:
            return
        self.whole.update(written)
        self.under_way = 0
        # Not noted: what was written is written once more after the next start.
        with contextlib.suppress(OSError):
            self.save()

    def save(self) -> None:
        """Replace the file in one step. OSError when it cannot be written."""
        if self.path is None:
            return
        said = {
            "whole": {key.hex(): digest for key, digest in sorted(self.whole.items())},
            "writes": [moment.isoformat() for moment in self.writes],
            "under_way": self.under_way,
        }
        draft = self.path.with_name(self.path.name + ".new")
        draft.write_text(json.dumps(said), encoding="ascii")
        draft.replace(self.path)


def _moment(text: str) -> datetime:
    """An aware time; ValueError for another."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment
