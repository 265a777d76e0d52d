"""The watermark: a small file beside the journal that remembers how far it had come.

A journal that is older than its watermark was put back from a backup, and one that is missing
beside a watermark was lost: in both cases its numbers have been handed out, and it knows nothing
of them. The watermark is written after each commit; one that lags behind is harmless.

A backup may bring back the watermark with the journal. So it says when and as which file it was
made: where the file that is read is another one, the folder was put back or copied.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.store.file_identity import boot_id, born_s


@dataclass(frozen=True, slots=True)
class Watermark:
    """``journal`` is the journal's id, ``lost`` its place in the row of journals, ``seq`` the
    count of changes it had made. ``put_back``: the file is a copy of the one that was written."""

    journal: str
    lost: int
    seq: int
    put_back: bool = False

    def write(self, path: Path) -> None:
        """Replace the watermark at ``path`` in one step. Raises OSError.

        It is not forced to the disk: after a power cut an older one is as good.
        """
        draft = path.with_name(path.name + ".new")
        draft.unlink(missing_ok=True)
        with draft.open("x", encoding="utf-8") as file:
            said = {
                "journal": self.journal,
                "lost": self.lost,
                "seq": self.seq,
                "born_s": born_s(draft),
                "file": os.fstat(file.fileno()).st_ino,
                "boot": boot_id(),
            }
            file.write(json.dumps(said))
        draft.replace(path)

    @staticmethod
    def read(path: Path) -> Watermark | None:
        """The watermark at ``path``; None when missing or unreadable."""
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            journal, lost, seq = str(said["journal"]), int(said["lost"]), int(said["seq"])
            return Watermark(journal, lost, seq, _is_copy(path, said))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _is_copy(path: Path, said: dict[str, Any]) -> bool:
    """Whether the file at ``path`` is not the one that ``said`` was written into."""
    if said.get("born_s") is not None:
        return bool(said["born_s"] != born_s(path))
    return bool(said.get("boot") == boot_id() and said["file"] != path.stat().st_ino)
