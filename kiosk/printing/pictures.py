"""Pictures for the slip: dithered for a thermal head, without command bytes, stored by key.

A printer with NV memory receives a picture once and then prints it for eleven bytes per slip
(Epson ESC/POS reference, "GS ( L": fn 67 defines it from raster data, fn 64 lists the keys,
fn 69 prints it, fn 66 deletes it). The two-byte key is derived from the picture's hash, so a
changed picture has another key, and the list of keys shows whether a write is needed. Other
printers receive it as raster data with every slip ("GS v 0").
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kiosk.errors import PrinterError
from kiosk.printing.paper import Paper

LARGEST_HEIGHT = 400
"""Limit for the height of a logo in dots, 50 mm."""

LARGEST_FILE = 8_000_000
LARGEST_PIXELS = 40_000_000

REAL_TIME = re.compile(rb"\x10(?=[\x04\x05\x14])")
"""Real-time commands, executed also inside a picture's data ("DLE EOT/ENQ/DC4")."""

KEY_LIST = b"\x1d(L\x04\x000@KC"
"""Ask for the keys in the printer's memory ("GS ( L", fn 64)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of 1 bit per dot, in rows of ``width // 8`` bytes from the top; 1 is black."""

    width: int
    height: int
    raster: bytes

    @property
    def key(self) -> bytes:
        """Its key in the printer's memory: two bytes of 20h to 7Eh, from its hash."""
        digest = int(self.digest[:16], 16)
        return bytes((0x20 + digest % 95, 0x20 + digest // 95 % 95))

    @property
    def digest(self) -> str:
        """Hash of width and raster data."""
        return _digest(self.width, self.raster)

    def define(self) -> bytes:
        """Write it to the printer's memory ("GS ( L", fn 67)."""
        height, raster = self.height, self.raster
        if REAL_TIME.search((11 + len(raster)).to_bytes(2, "little")):
            # The length bytes themselves would be a real-time command: add one white row.
            height, raster = height + 1, raster + bytes(self.width // 8)
        size = self.width.to_bytes(2, "little") + height.to_bytes(2, "little")
        body = b"0C0" + self.key + b"\x01" + size + b"1" + raster
        return b"\x1d(L" + len(body).to_bytes(2, "little") + body

    def recall(self) -> bytes:
        """Print it from the printer's memory ("GS ( L", fn 69): 11 bytes."""
        return b"\x1d(L\x06\x000E" + self.key + b"\x01\x01"

    def draw(self) -> bytes:
        """Print it from these bytes ("GS v 0", m = 0)."""
        across = (self.width // 8).to_bytes(2, "little")
        return b"\x1dv0\x00" + across + self.height.to_bytes(2, "little") + self.raster


def delete(key: bytes) -> bytes:
    """Delete the picture ``key`` from the printer's memory ("GS ( L", fn 66)."""
    return b"\x1d(L\x04\x000B" + key


@lru_cache(maxsize=64)
def _digest(width: int, raster: bytes) -> str:
    return hashlib.sha256(width.to_bytes(2, "little") + raster).hexdigest()


def load_picture(path: Path, paper: Paper) -> Picture:
    """Read ``path`` (PNG or another format of Pillow) and scale it down to fit ``paper``.

    Transparent parts become white; greys are dithered. Raises PrinterError for a file that is no
    picture or too large.
    """
    from PIL import Image, ImageOps

    try:
        if path.stat().st_size > LARGEST_FILE:
            raise PrinterError("picture.large", name=path.name, mb=LARGEST_FILE // 1_000_000)
        with Image.open(path) as image:
            if image.width * image.height > LARGEST_PIXELS:
                raise PrinterError(
                    "picture.pixels", name=path.name, width=image.width, height=image.height
                )
            rgba = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PrinterError("picture.unreadable", name=path.name, why=error) from error
    ground = Image.new("RGBA", rgba.size, "white")
    grey = Image.alpha_composite(ground, rgba).convert("L")
    scale = min(1.0, paper.dots / grey.width, LARGEST_HEIGHT / grey.height)
    if scale < 1:
        size = (max(1, int(grey.width * scale)), max(1, int(grey.height * scale)))
        grey = grey.resize(size, Image.Resampling.LANCZOS)
    # Rows are whole bytes: pad with white, half of it on each side.
    width = (grey.width + 7) // 8 * 8
    left = (width - grey.width) // 2
    framed = ImageOps.expand(grey, (left, 0, width - grey.width - left, 0), fill=255)
    dots = ImageOps.invert(framed).convert("1", dither=Image.Dither.FLOYDSTEINBERG)
    return Picture(width, framed.height, without_commands(dots.tobytes()))


def without_commands(raster: bytes) -> bytes:
    """``raster`` with one dot added wherever its bytes would be a real-time command."""
    return REAL_TIME.sub(b"\x11", raster)
