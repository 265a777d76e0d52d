"""The witness: a small file beside the journal that remembers how far it had come.

A journal that is older than its witness was put back from a backup, and one that is missing
beside a witness was lost: in both cases its numbers have been handed out, and it knows nothing
of them. The witness is written after each commit; one that lags behind is harmless.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Witness:
    """``journal`` is the journal's id, ``lost`` its place in the row of journals, ``seq`` the
    count of changes it had made."""

    journal: str
    lost: int
    seq: int

    def write(self, path: Path) -> None:
        """Replace the witness at ``path`` in one step. Raises OSError.

        It is not forced to the disk: after a power cut an older one is as good.
        """
        draft = path.with_name(path.name + ".new")
        text = json.dumps({"journal": self.journal, "lost": self.lost, "seq": self.seq})
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)

    @staticmethod
    def read(path: Path) -> Witness | None:
        """The witness at ``path``; None when missing or unreadable."""
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            return Witness(str(said["journal"]), int(said["lost"]), int(said["seq"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
