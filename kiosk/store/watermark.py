"""The watermark: a small file beside the journal that records its latest change.

It is the proof that a journal file is the latest one. A journal with a lower sequence number than
its watermark was put back from a backup; a missing journal beside a watermark was deleted; a
journal without a watermark could be any old copy. None of them may continue its number series.

A backup may contain the watermark as well. So the watermark records its own birth time and inode
and is made anew at each write: a file with other values than those it records is a copy.

Durability:

* *Always* fsync when a journal is created, opened and closed cleanly. A new journal is put in
  place only after its watermark is on the disk (``kiosk.store.opening``).
* *No need* to fsync after each number: after a power cut an older watermark still admits the
  journal. Replacing a file by rename leaves either the old or the new content on ext4
  (``auto_da_alloc``, on by default) and btrfs. A filesystem that leaves an empty file costs the
  journal its letter, never a double number.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.durable import sync_folder
from kiosk.store.file_identity import boot_id, born_s


@dataclass(frozen=True, slots=True)
class Watermark:
    """The latest change of a journal.

    ``journal`` is the journal's id, ``generation`` counts the journals of this kiosk before it,
    ``seq`` its sequence number. ``letters``: the letters known to be used by this kiosk's
    journals. ``put_back``: the file that was read is a copy of the one that was written.
    """

    journal: str
    generation: int
    seq: int
    letters: tuple[str, ...] = ()
    put_back: bool = False

    def write(self, path: Path, *, durable: bool = False) -> None:
        """Replace the watermark at ``path`` atomically. Raises OSError.

        ``durable``: it is on the disk when this returns, the folder's entry included.
        """
        draft = path.with_name(path.name + ".new")
        draft.unlink(missing_ok=True)
        with draft.open("x", encoding="utf-8") as file:
            content = {
                "journal": self.journal,
                "lost": self.generation,  # the key of version 0.1
                "seq": self.seq,
                "letters": self.letters,
                "born_s": born_s(draft),
                "file": os.fstat(file.fileno()).st_ino,
                "boot": boot_id(),
            }
            file.write(json.dumps(content))
            if durable:
                file.flush()
                os.fsync(file.fileno())
        draft.replace(path)
        if durable:
            sync_folder(path.parent)

    @staticmethod
    def read(path: Path) -> Watermark | None:
        """The watermark at ``path``; None when missing or damaged.

        Raises PermissionError where another user owns the file: it may prove the journal, so the
        journal must not be given up.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return Watermark(
                journal=str(content["journal"]),
                generation=int(content["lost"]),
                seq=int(content["seq"]),
                letters=tuple(str(letter) for letter in content.get("letters", ())),
                put_back=_is_copy(path, content),
            )
        except PermissionError:
            raise
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None


def _is_copy(path: Path, content: dict[str, Any]) -> bool:
    """Whether the file at ``path`` is not the one that ``content`` was written into."""
    if content.get("born_s") is not None:
        return bool(content["born_s"] != born_s(path))
    return bool(content.get("boot") == boot_id() and content["file"] != path.stat().st_ino)
