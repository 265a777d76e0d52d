"""The logos and stamps of one kiosk, and which of them are stored in the printer's memory.

"NV graphics" is the manuals' name for pictures in a printer's non-volatile memory ("GS ( L").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from kiosk.domain.slip import LogoLine, StampLine
from kiosk.errors import PrinterError
from kiosk.printing.nv_write_ledger import NvWriteLedger
from kiosk.printing.paper import Paper
from kiosk.printing.pictures import Picture, delete, load_picture
from kiosk.printing.stamps import draw_stamp

PictureFinder = Callable[[str], Path | None]
"""File name in ``ticket.yaml`` -> its path; None where there is no such file."""

Drawing = LogoLine | StampLine
"""Parts of a slip that can be stored in the printer's memory."""


class NvGraphics:
    """Pictures for one paper and code page; ``ledger`` records writes to the printer's memory.

    A picture is read again when its file has changed. ``faults`` maps the name of a picture that
    cannot be used to the reason; slips are printed without it. Stamps are drawn only by
    ``changes`` and ``kept``, which run between slips; until the printer stores a stamp, its lines
    are printed as text. ``largest`` limits the bytes of one write. ``wanted`` are the drawings
    that slips have asked for or will ask for; ``keys`` are those that the printer has listed.
    """

    def __init__(
        self,
        find: PictureFinder,
        paper: Paper,
        code_page: str,
        ledger: NvWriteLedger | None = None,
        largest: int = 65535,
    ) -> None:
        self._find = find
        self._paper = paper
        self._code_page = code_page
        self._ledger = NvWriteLedger() if ledger is None else ledger
        self._largest = largest
        self._loaded: dict[str, tuple[tuple[str, int, int], Picture | None]] = {}
        self._stamps: dict[StampLine, Picture | None] = {}
        self.keys: frozenset[bytes] = frozenset()
        # Key to digest of pictures written since the printer last listed its keys.
        self._sent: dict[bytes, str] = {}
        self._tried: set[str] = set()
        self._full = False
        self.wanted: set[Drawing] = set()
        self.faults: dict[str, str] = {}

    def commands(self, drawing: Drawing) -> bytes:
        """The commands that print ``drawing``: a recall where the printer stores it."""
        self.wanted.add(drawing)
        if isinstance(drawing, StampLine):
            stamp = self._stamps.get(drawing)
            return stamp.recall() if stamp and self._keeps(stamp) else b""
        picture = self.get(drawing.name)
        if picture is None:
            return b""
        return picture.recall() if self._keeps(picture) else picture.draw()

    # -- the printer's memory ---------------------------------------------------------

    @property
    def under_way(self) -> int:
        """Length of a write that an earlier process may have left cut off, 0 for none."""
        return self._ledger.under_way

    def forget(self) -> None:
        """Forget the printer's keys, because another printer may be connected now."""
        self.keys = frozenset()
        self._sent.clear()

    def update_keys(self, keys: frozenset[bytes]) -> None:
        """Take the printer's list of keys, sent after everything written so far."""
        self.keys = keys
        if self._sent:
            self._full = bool(self._sent.keys() - keys)
        self._ledger.confirm({key: self._sent[key] for key in self._sent.keys() & keys})
        self._sent.clear()

    def kept(self) -> list[Picture]:
        """The wanted pictures that the printer stores."""
        return [picture for picture in self._pictures() if self._keeps(picture)]

    def changes(self, now: Callable[[], datetime]) -> Iterator[bytes]:
        """Commands that bring the memory up to date, within the limit of writes per day.

        Missing pictures are written, each at most once in the life of this process. When the memory
        was full, pictures that the kiosk wrote earlier and no slip uses any more are deleted and
        the missing ones tried once more. The caller sends each command before it takes the next,
        and calls ``update_keys`` with the printer's list after the last one.
        """
        wanted = self._pictures()
        ours = self._ledger.whole.keys() & self.keys
        stale = ours - {picture.key for picture in wanted} if self._full else frozenset()
        if stale:
            self._tried.clear()
        missing = [p for p in wanted if not self._keeps(p) and p.digest not in self._tried]
        steps = [(key, delete(key), "") for key in sorted(stale)]
        steps += [(p.key, p.define(), p.digest) for p in missing]
        for key, command, digest in steps:
            if len(command) > self._largest or not self._ledger.may_write(now()):
                continue
            try:
                self._ledger.begin(key, len(command), now())
            except OSError as error:
                self.faults["memory"] = str(error)
                return
            self._tried.add(digest)
            if digest:
                self._sent[key] = digest
            yield command

    def _keeps(self, picture: Picture) -> bool:
        return picture.key in self.keys and self._ledger.whole.get(picture.key) == picture.digest

    # -- the pictures -----------------------------------------------------------------

    def _pictures(self) -> list[Picture]:
        """The wanted pictures, one for each key, in the order of the keys."""
        found = {p.key: p for drawing in self.wanted if (p := self._picture(drawing))}
        return [found[key] for key in sorted(found)]

    def _picture(self, drawing: Drawing) -> Picture | None:
        if isinstance(drawing, LogoLine):
            return self.get(drawing.name)
        if drawing not in self._stamps:
            self._stamps[drawing] = None
            try:
                self._stamps[drawing] = draw_stamp(drawing, self._paper, self._code_page)
            except OSError as error:
                self.faults["stamp"] = str(error)
        return self._stamps[drawing]

    def get(self, name: str) -> Picture | None:
        """The picture ``name``; None when it cannot be used, with the reason in ``faults``."""
        path = self._find(name)
        try:
            if path is None:
                raise PrinterError("picture.missing", name=name)
            info = path.stat()
            mark = (str(path), info.st_mtime_ns, info.st_size)
            kept = self._loaded.get(name)
            if kept is None or kept[0] != mark:
                kept = (mark, None)
                self._loaded[name] = kept
                kept = (mark, load_picture(path, self._paper))
                self._loaded[name] = kept
                self.faults.pop(name, None)
        except (OSError, PrinterError) as error:
            self.faults[name] = str(error)
            return None
        return kept[1]
