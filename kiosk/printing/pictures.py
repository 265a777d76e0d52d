"""The logo: scaled to 10 mm, dithered for a thermal head, sent as bit images with each slip.

``ESC *`` is the one picture command that every receipt printer has, in standard and in page mode,
and it keeps each command short: after a broken job, few NUL bytes complete it. A logo of 10 mm
takes about 1 kB. On a slow serial line it is sent at a sixth of its dots instead, and left out
where even that would keep a visitor waiting (``LOGO_S``). For the printer's own picture memory
nothing is left to save (docs/decisions/0013-slip-of-text.md).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.config import MOST_LOGO_BYTES, MOST_LOGO_PIXELS
from kiosk.errors import PrinterError
from kiosk.printing.paper import DOTS_PER_MM, Paper

if TYPE_CHECKING:
    from PIL import Image

log = logging.getLogger(__name__)

PictureFinder = Callable[[str], Path | None]
"""File name in ``ticket.yaml`` -> its path; None where there is no such file."""

LOGO_HEIGHT = 10 * DOTS_PER_MM
"""Limit for the height of a logo in dots, 10 mm."""

LOGO_S = 0.3
"""Limit for the time that a logo takes on a serial line."""

STRIP = 24
"""Height of one bit image in dots."""

LONGEST_STRIP = 160
"""Limit for the columns of one ``ESC *``, so that its command stays below 512 bytes."""

REAL_TIME = re.compile(rb"\x10(?=[\x04\x05\x14])")
"""Real-time commands, executed also inside a picture's data ("DLE EOT/ENQ/DC4")."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A logo as bit images of ``ESC *``, from top to bottom, each 24 dots high.

    ``width`` and ``height`` in dots. Of ``strips``, each to be followed by a line feed, the last
    may end in white. ``last`` replaces it in page mode, where strips may overlap: it ends with the
    logo.
    """

    width: int
    height: int
    strips: tuple[bytes, ...]
    last: bytes

    @property
    def size(self) -> int:
        """Bytes of all strips, without their line feeds."""
        return sum(len(strip) for strip in self.strips)


def load_picture(path: Path, paper: Paper, *, coarse: bool = False) -> Picture:
    """Read ``path`` (PNG or another format of Pillow); scale it down to 10 mm and to ``paper``.

    Transparent parts become white; greys are dithered. ``coarse``: with dots two wide and three
    high. Raises PrinterError for a file that is no picture or too large.
    """
    from PIL import Image, ImageOps

    try:
        if path.stat().st_size > MOST_LOGO_BYTES:
            raise PrinterError("picture.large", name=path.name, mb=MOST_LOGO_BYTES // 1_000_000)
        with Image.open(path) as image:
            if image.width * image.height > MOST_LOGO_PIXELS:
                raise PrinterError(
                    "picture.pixels", name=path.name, width=image.width, height=image.height
                )
            rgba = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PrinterError("picture.unreadable", name=path.name, why=error) from error
    ground = Image.new("RGBA", rgba.size, "white")
    grey = Image.alpha_composite(ground, rgba).convert("L")
    scale = min(1.0, paper.dots / grey.width, LOGO_HEIGHT / grey.height)
    across, down = (2, 3) if coarse else (1, 1)
    width = max(1, round(grey.width * scale) // across)
    height = max(1, round(grey.height * scale) // down)
    if (width, height) != grey.size:
        grey = grey.resize((width, height), Image.Resampling.LANCZOS)
    dots = ImageOps.invert(grey).convert("1", dither=Image.Dither.FLOYDSTEINBERG)
    tall = STRIP // down

    def strip(top: int) -> bytes:
        return _bit_images(dots.crop((0, top, width, top + tall)), coarse=coarse)

    strips = tuple(strip(top) for top in range(0, height, tall))
    return Picture(width * across, height * down, strips, strip(max(0, height - tall)))


def _bit_images(strip: Image.Image, *, coarse: bool) -> bytes:
    """``strip`` as ``ESC *`` commands: m = 33 has 24 dots to a column; m = 0 has 8, each printed
    two wide and three high (Epson: "ESC *")."""
    from PIL import Image

    mode = b"\x00" if coarse else b"\x21"
    commands = []
    for left in range(0, strip.width, LONGEST_STRIP):
        part = strip.crop((left, 0, min(left + LONGEST_STRIP, strip.width), strip.height))
        # On its side, the columns are rows of whole bytes.
        columns = without_commands(part.transpose(Image.Transpose.TRANSPOSE).tobytes())
        commands.append(b"\x1b*" + mode + part.width.to_bytes(2, "little") + columns)
    return b"".join(commands)


def without_commands(data: bytes) -> bytes:
    """``data`` with one dot added wherever its bytes would be a real-time command."""
    return REAL_TIME.sub(b"\x11", data)


Pictures = Callable[[str], Picture | None]
"""File name of a logo -> the logo; None when it cannot be printed."""


class Logos:
    """The logos of one kiosk, for one paper; read again when a file has changed.

    ``line_bytes_s``: speed of a serial line in bytes a second, None for a fast connection.
    ``faults`` maps the name of a logo that cannot be used to the reason, which is logged once;
    slips are printed without it.
    """

    def __init__(
        self, find: PictureFinder, paper: Paper, line_bytes_s: float | None = None
    ) -> None:
        self._find = find
        self._paper = paper
        self._most_bytes = None if line_bytes_s is None else int(line_bytes_s * LOGO_S)
        self._loaded: dict[str, tuple[tuple[str, int, int], Picture | None]] = {}
        self.faults: dict[str, str] = {}

    def get(self, name: str) -> Picture | None:
        """The logo ``name``; None when it cannot be used, with the reason in ``faults``."""
        path = self._find(name)
        try:
            if path is None:
                raise PrinterError("picture.missing", name=name)
            info = path.stat()
            mark = (str(path), info.st_mtime_ns, info.st_size)
            kept = self._loaded.get(name)
            if kept is None or kept[0] != mark:
                self._loaded[name] = (mark, None)
                kept = (mark, self._load(path))
                self._loaded[name] = kept
                self.faults.pop(name, None)
        except (OSError, PrinterError) as error:
            if self.faults.get(name) != str(error):
                self.faults[name] = str(error)
                log.warning("slips are printed without a logo: %s", error)
            return None
        return kept[1]

    def _load(self, path: Path) -> Picture | None:
        """The logo in the finest form that the line carries in time; None when there is none."""
        for coarse in (False, True):
            picture = load_picture(path, self._paper, coarse=coarse)
            if self._most_bytes is None or picture.size <= self._most_bytes:
                return picture
        return None
