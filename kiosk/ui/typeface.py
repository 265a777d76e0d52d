"""Read a TrueType file's metrics: height of capitals and lines, and which characters it has.

Text sizes in the theme are heights of capitals in millimetres, so the font size depends on the
typeface; and a name in a menu may contain letters that the typeface lacks.
"""

from __future__ import annotations

import struct
import unicodedata
from dataclasses import dataclass
from pathlib import Path

STAND_IN = "?"
"""Replaces each run of letters that the typeface lacks."""


@dataclass(frozen=True, slots=True)
class Face:
    """One weight of a typeface; ``cap_height`` and ``line_height`` as parts of the font size."""

    cap_height: float
    line_height: float
    characters: frozenset[int]

    def readable(self, text: str) -> str:
        """``text`` as one line that can be drawn.

        Control characters, direction marks and emoji are removed. An accented letter that the
        typeface lacks loses its accent. Each run of other missing letters becomes one ``?``.
        """
        out: list[str] = []
        for char in unicodedata.normalize("NFC", text):
            drawn = self._drawn(char)
            if drawn == STAND_IN and out and out[-1] == STAND_IN and char != STAND_IN:
                continue
            out.append(drawn)
        return " ".join("".join(out).split())

    def _drawn(self, char: str) -> str:
        if ord(char) in self.characters:
            return char
        kind = unicodedata.category(char)
        if kind[0] == "Z" or char in "\n\r\t\v\f":
            return " "
        plain = "".join(c for c in unicodedata.normalize("NFKD", char) if ord(c) in self.characters)
        if plain.strip():
            return plain
        return STAND_IN if kind[0] in "LN" else ""


def says_something(text: str) -> bool:
    """Whether a readable text contains a letter or a digit."""
    return any(c.isalnum() for c in text)


def read_face(path: Path) -> Face:
    """Read a TrueType file (OpenType 1.9: ``head``, ``hhea``, ``OS/2``, ``cmap`` format 4 or 12).

    Raises OSError when the file cannot be read, ValueError when it is not TrueType.
    """
    data = path.read_bytes()
    try:
        count = struct.unpack_from(">H", data, 4)[0]
        tables: dict[bytes, int] = {}
        for i in range(count):
            name, _, offset, _ = struct.unpack_from(">4sIII", data, 12 + 16 * i)
            tables[name] = offset
        units = struct.unpack_from(">H", data, tables[b"head"] + 18)[0]
        ascent, descent, gap = struct.unpack_from(">hhh", data, tables[b"hhea"] + 4)
        cap_height = struct.unpack_from(">h", data, tables[b"OS/2"] + 88)[0]
        characters = _characters(data, tables[b"cmap"])
    except (struct.error, KeyError) as error:
        raise ValueError(f"{path.name} is no TrueType file") from error
    return Face(cap_height / units, (ascent - descent + gap) / units, characters)


def _characters(data: bytes, cmap: int) -> frozenset[int]:
    """The code points of all Unicode subtables in a supported format."""
    found: set[int] = set()
    for i in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        offset = cmap + struct.unpack_from(">HHI", data, cmap + 4 + 8 * i)[2]
        kind = struct.unpack_from(">H", data, offset)[0]
        if kind == 4:
            found |= _segments(data, offset)
        elif kind == 12:
            for g in range(struct.unpack_from(">I", data, offset + 12)[0]):
                first, last, _ = struct.unpack_from(">III", data, offset + 16 + 12 * g)
                found.update(range(first, last + 1))
    return frozenset(found - {0xFFFF})


def _segments(data: bytes, offset: int) -> set[int]:
    """The code points of a format 4 subtable that have a glyph."""
    found: set[int] = set()
    twice = struct.unpack_from(">H", data, offset + 6)[0]
    ends, starts = offset + 14, offset + 16 + twice
    deltas, ranges = starts + twice, starts + 2 * twice
    for i in range(0, twice, 2):
        end = struct.unpack_from(">H", data, ends + i)[0]
        start = struct.unpack_from(">H", data, starts + i)[0]
        delta = struct.unpack_from(">H", data, deltas + i)[0]
        jump = struct.unpack_from(">H", data, ranges + i)[0]
        for code in range(start, end + 1):
            if jump == 0:
                glyph = (code + delta) & 0xFFFF
            else:
                glyph = struct.unpack_from(">H", data, ranges + i + jump + 2 * (code - start))[0]
            if glyph:
                found.add(code)
    return found
