"""The pictures and stamps of one kiosk, and which of them its printer keeps."""

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
"""File name as ``ticket.yaml`` has it -> where it lies; None where there is none."""

Drawing = LogoLine | StampLine
"""What of a slip can stand in the printer's memory."""


class NvGraphics:
    """For one paper and code page; ``book`` notes what was written into the printer's memory.

    A picture is read again when its file has changed. ``faults`` holds, by name, why one could
    not be used; the slip is printed without it. A stamp is drawn only while nobody waits, in
    ``changes`` and ``kept``: until the printer keeps it, it goes as text. ``largest`` bounds
    the bytes of one picture on its way into the memory.
    """

    def __init__(
        self,
        find: PictureFinder,
        paper: Paper,
        code_page: str,
        book: NvWriteLedger | None = None,
        largest: int = 65535,
    ) -> None:
        self._find = find
        self._paper = paper
        self._code_page = code_page
        self._book = NvWriteLedger() if book is None else book
        self._largest = largest
        self._loaded: dict[str, tuple[tuple[str, int, int], Picture | None]] = {}
        self._stamps: dict[StampLine, Picture | None] = {}
        self.keys: frozenset[bytes] = frozenset()
        """What the printer has said that it holds."""
        self._sent: dict[bytes, str] = {}
        self._tried: set[str] = set()
        self._full = False
        self.wanted: set[Drawing] = set()
        """What slips have asked for, or will."""
        self.faults: dict[str, str] = {}

    def commands(self, drawing: Drawing) -> bytes:
        """What prints ``drawing``: a recall where the printer keeps it."""
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
        """Bytes of a command for the memory that an earlier process may have left cut off."""
        return self._book.under_way

    def forget(self) -> None:
        """Another printer may be there now: nothing is known of its memory."""
        self.keys = frozenset()
        self._sent.clear()

    def heard(self, keys: frozenset[bytes]) -> None:
        """The printer has said which keys it holds, after all that it was sent."""
        self.keys = keys
        if self._sent:
            self._full = bool(self._sent.keys() - keys)
        self._book.confirm({key: self._sent[key] for key in self._sent.keys() & keys})
        self._sent.clear()

    def kept(self) -> list[Picture]:
        """The pictures that slips ask for and the printer keeps."""
        return [picture for picture in self._pictures() if self._keeps(picture)]

    def changes(self, now: Callable[[], datetime]) -> Iterator[bytes]:
        """Commands that bring the memory up to date, few enough for a day.

        What is missing is written, each picture once in the life of this process. Where the
        memory was full, what the kiosk wrote earlier and no slip asks for any more is deleted,
        and the rest tried once more. Each command is to be sent before the next is asked for,
        and ``heard`` to be told when all are through.
        """
        wanted = self._pictures()
        ours = self._book.whole.keys() & self.keys
        stale = ours - {picture.key for picture in wanted} if self._full else frozenset()
        if stale:
            self._tried.clear()
        missing = [p for p in wanted if not self._keeps(p) and p.digest not in self._tried]
        steps = [(key, delete(key), "") for key in sorted(stale)]
        steps += [(p.key, p.define(), p.digest) for p in missing]
        for key, command, digest in steps:
            if len(command) > self._largest or not self._book.may_write(now()):
                continue
            try:
                self._book.begin(key, len(command), now())
            except OSError as error:
                self.faults["memory"] = str(error)
                return
            self._tried.add(digest)
            if digest:
                self._sent[key] = digest
            yield command

    def _keeps(self, picture: Picture) -> bool:
        return picture.key in self.keys and self._book.whole.get(picture.key) == picture.digest

    # -- the pictures -----------------------------------------------------------------

    def _pictures(self) -> list[Picture]:
        """One for each key, in the order of the keys."""
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
        """The picture ``name``, or None; ``faults`` then says why."""
        path = self._find(name)
        try:
            if path is None:
                raise PrinterError(f"{name}: not found")
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
