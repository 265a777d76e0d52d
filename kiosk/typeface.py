"""Read a font file's metrics: height of capitals and lines, and which characters it can draw.

Text sizes in the theme are heights of capitals in millimetres, so the font size depends on the
typeface; and a name in a menu may contain letters that the typeface lacks. Screens draw letter by
letter: without shaping, a script whose letters join or stack would be drawn wrongly, so its letters
count as missing from every font.
"""

from __future__ import annotations

import stat
import struct
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_OUTLINES = ({b"glyf", b"loca"}, {b"CFF "}, {b"CFF2"})
_DRAWING = tuple(outlines | {b"hmtx", b"maxp"} for outlines in _OUTLINES)
"""The tables that the drawing library needs beside those read here: one of these sets."""

STAND_IN = "?"
"""Replaces each run of letters that the typeface lacks."""

_SHAPED = (
    (0x0590, 0x109F),  # Hebrew and Arabic, the scripts of India, Thai, Lao, Tibetan, Burmese
    (0x1700, 0x18AF),  # Philippine scripts, Khmer, Mongolian
    (0x1900, 0x1CFF),  # Limbu to Batak, Balinese, Sundanese, Lepcha
    (0xA800, 0xA95F),  # Syloti Nagri to Rejang
    (0xA980, 0xAB2F),  # Javanese, Cham, Burmese extensions, Ethiopic extensions
    (0xABC0, 0xABFF),  # Meetei Mayek
    (0xFB1D, 0xFDFF),  # Presentation forms of Hebrew and Arabic
    (0xFE70, 0xFEFE),
    (0x10800, 0x12000),
)
"""First and last code points of scripts that need shaping or run from right to left."""

_STARTS = [first for first, _ in _SHAPED]


def needs_shaping(char: str) -> bool:
    """Whether a character belongs to a script that cannot be drawn letter by letter."""
    at = bisect_right(_STARTS, ord(char)) - 1
    return at >= 0 and ord(char) <= _SHAPED[at][1]


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

    def lacks(self, text: str) -> str:
        """The letters and digits of ``text`` that are drawn as ``?``, each once, in order."""
        composed = dict.fromkeys(unicodedata.normalize("NFC", text))
        return "".join(c for c in composed if c != STAND_IN and self._drawn(c) == STAND_IN)

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


def best_face(faces: Iterable[Face], text: str) -> int:
    """The index of the first of ``faces`` that lacks the fewest letters of ``text``: a text is
    drawn with one font."""
    lacking = [len(face.lacks(text)) for face in faces]
    return lacking.index(min(lacking))


def says_something(text: str) -> bool:
    """Whether a readable text contains a letter or a digit."""
    return any(c.isalnum() for c in text)


def read_face(path: Path) -> Face:
    """Read a TrueType or OpenType file, or the first font of a collection (OpenType 1.9: ``head``,
    ``hhea``, ``OS/2``, ``cmap`` format 4 or 12). Kept until the file changes.

    Raises OSError when the file cannot be read, ValueError when it is no such file, or only a part
    of one: the library that draws would raise on it, or draw nothing.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"{path.name} is no file")
    return _read_face(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=16)
def _read_face(path: Path, _changed_ns: int, _size: int) -> Face:
    data = path.read_bytes()
    try:
        start = struct.unpack_from(">I", data, 12)[0] if data[:4] == b"ttcf" else 0
        count = struct.unpack_from(">H", data, start + 4)[0]
        tables: dict[bytes, int] = {}
        for i in range(count):
            name, _, offset, length = struct.unpack_from(">4sIII", data, start + 12 + 16 * i)
            if offset + length > len(data):
                raise ValueError(f"table {name!r} ends after the file")
            tables[name] = offset
        if not any(drawing <= tables.keys() for drawing in _DRAWING):
            raise ValueError("there are no outlines")
        units = struct.unpack_from(">H", data, tables[b"head"] + 18)[0]
        ascent, descent, gap = struct.unpack_from(">hhh", data, tables[b"hhea"] + 4)
        cap_height = struct.unpack_from(">h", data, tables[b"OS/2"] + 88)[0]
        characters = _characters(data, tables[b"cmap"])
        drawn = frozenset(code for code in characters if not needs_shaping(chr(code)))
        return Face(cap_height / units, (ascent - descent + gap) / units, drawn)
    except (struct.error, KeyError, ZeroDivisionError, ValueError) as error:
        raise ValueError(f"{path.name} is no TrueType file") from error


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
                found.update(range(first, min(last, 0x10FFFF) + 1))
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
