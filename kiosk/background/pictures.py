"""Pictures of a site, read and scaled off the UI thread.

A folder may hold anything: a picture that is broken, too large, or no regular file is skipped and
logged once. Nothing here raises, and a read that never ends holds up only further pictures.
"""

from __future__ import annotations

import contextlib
import logging
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.background.worker import Worker

SUFFIXES = (".jpg", ".jpeg", ".png")
FILE_MOST = 30_000_000
"""Bytes of a file. A photograph of a telephone has about 5 million."""

PIXELS_MOST = 50_000_000
"""Pixels of a picture. JPEG is decoded at a fraction of its size; such a PNG takes 150 MB."""

FILES_MOST = 200
DEADLINE_S = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Photo:
    """``pixels``: RGB, rows from the top down, of exactly ``size``. ``name``: of the file."""

    name: str
    size: tuple[int, int]
    pixels: bytes


Post = Callable[[Photo | None], None]


class PictureFolder:
    """The pictures in ``folder``, one after the other in the order of their names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last = ""
        self._skipped: set[tuple[str, int, int]] = set()
        self._worker: Worker | None = None

    def next(self, size: tuple[int, int], post: Post) -> None:
        """Read the next picture, scaled and cropped to fill ``size``; returns at once.

        ``post`` is called on another thread, with None where there is no readable picture."""
        if self._worker is None:
            self._worker = Worker("pictures", limit=2)
        # Dropped if the queue is full: the last one is still being read.
        self._worker.submit(lambda: post(self.read(size)), DEADLINE_S)

    def close(self) -> None:
        """Stop the thread; does not wait for a read under way."""
        if self._worker is not None:
            self._worker.stop(timeout_s=0.0)
            self._worker = None

    def read(self, size: tuple[int, int]) -> Photo | None:
        """The next readable picture; None where there is none. Never raises."""
        found = picture_files(self._folder)
        at = next((i for i, (path, _) in enumerate(found) if path.name > self._last), 0)
        for path, key in (*found[at:], *found[:at]):
            if key in self._skipped:
                continue
            try:
                photo = _read(path, size)
            except Exception as error:  # noqa: BLE001 - decoders raise exceptions of many kinds
                log.warning("the picture %s cannot be shown: %s", path, error)
                self._skipped.add(key)
                continue
            self._last = path.name
            return photo
        return None


def picture_files(folder: Path) -> list[tuple[Path, tuple[str, int, int]]]:
    """The regular files in ``folder`` with a picture's suffix, by name, each with name, size in
    bytes and time of change; at most ``FILES_MOST``. Empty where it cannot be read."""
    found = []
    try:
        paths = sorted(folder.iterdir())
    except OSError:
        return []
    for path in paths:
        if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
            continue
        with contextlib.suppress(OSError):
            known = path.stat()
            if stat.S_ISREG(known.st_mode):
                found.append((path, (path.name, known.st_size, known.st_mtime_ns)))
    return found[:FILES_MOST]


def _read(path: Path, size: tuple[int, int]) -> Photo:
    """Decode, turn upright, scale and crop. Raises for a file that is no picture or too large."""
    from PIL import Image, ImageOps  # imported here: most kiosks have no pictures

    if path.stat().st_size > FILE_MOST:
        raise ValueError(f"more than {FILE_MOST // 1_000_000} MB")
    with Image.open(path, formats=("JPEG", "PNG")) as opened:
        if opened.width * opened.height > PIXELS_MOST:
            raise ValueError(f"{opened.width} x {opened.height} pixels")
        opened.draft("RGB", size)
        image: Any = ImageOps.exif_transpose(opened)
        image = ImageOps.fit(image.convert("RGB"), size, Image.Resampling.LANCZOS)
    return Photo(path.name, size, image.tobytes())
