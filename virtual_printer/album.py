"""Writes slips as files in a folder, in a thread of its own: PNG, text, JSON."""

from __future__ import annotations

import json
import logging
import queue
import re
import threading
from pathlib import Path

from virtual_printer.sheet import SlipRecord
from virtual_printer.text import as_text

FORMATS = {"png": "png", "text": "txt", "json": "json"}
"""Format -> ending of the file's name."""

KEPT = 200
"""Slips kept in the folder; the oldest are deleted first, also those of earlier runs."""

MINE = re.compile(r"slip-\d{4,}\.(png|txt|json)")
log = logging.getLogger(__name__)


class Album:
    """Writes each slip to ``folder`` in ``formats``, and keeps the newest ``kept``."""

    def __init__(self, folder: Path, formats: tuple[str, ...], kept: int) -> None:
        self._folder = folder
        self._formats = formats
        self._kept = max(1, kept)
        self._newest = -1
        self._queue: queue.SimpleQueue[tuple[SlipRecord, tuple[str, ...]] | None] = (
            queue.SimpleQueue()
        )
        self._thread = threading.Thread(target=self._run, name="virtual-drawing", daemon=True)
        self._thread.start()

    def add(self, slip: SlipRecord) -> None:
        """Write ``slip``; sets ``slip.drawn`` when it is done."""
        if "png" in self._formats:
            slip.picture = self._folder / f"slip-{slip.index + 1:04d}.png"
        self._newest = slip.index
        self._queue.put((slip, self._formats))

    def moved(self, slip: SlipRecord) -> None:
        """Write the JSON of ``slip`` again: its fate has changed."""
        if "json" in self._formats and slip.index <= self._newest:
            self._queue.put((slip, ("json",)))

    def close(self) -> None:
        """End the thread after everything in the queue is written."""
        self._queue.put(None)
        self._thread.join(30)

    def _run(self) -> None:
        while (entry := self._queue.get()) is not None:
            slip, formats = entry
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                for kind in formats:
                    self._write(slip, kind)
                self._prune()
            except OSError as error:
                log.warning("no file of the slip: %s", error)
            slip.drawn.set()

    def _write(self, slip: SlipRecord, kind: str) -> None:
        path = self._folder / f"slip-{slip.index + 1:04d}.{FORMATS[kind]}"
        if kind == "png":
            # Imported here so that a printer without pictures does not load Pillow.
            from virtual_printer.render import save

            save(slip, path)
            return
        text = as_text(slip) if kind == "text" else json.dumps(slip.as_json(), indent=1) + "\n"
        unfinished = path.with_suffix(".part")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)

    def _prune(self) -> None:
        """Delete the oldest files of each format; leave other files in the folder alone."""
        mine = [path for path in self._folder.iterdir() if MINE.fullmatch(path.name)]
        mine.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
        for ending in FORMATS.values():
            of_kind = [path for path in mine if path.suffix == f".{ending}"]
            for old in of_kind[: -self._kept]:
                old.unlink(missing_ok=True)
