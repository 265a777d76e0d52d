"""Where a line of text may break: at spaces, and between the letters of scripts without spaces.

A simple form of Unicode Standard Annex 14: between two ideographs or kana a line may break, unless
the second is a mark that closes or the first one that opens.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

_IDEOGRAPHS = ((0x2E80, 0x30FF), (0x3100, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_WIDE = (*_IDEOGRAPHS, (0xFF00, 0xFFEF), (0x20000, 0x3FFFF))
_CLOSING = frozenset(
    "、。，．：；？！）］｝〉》」』】〕”’…ー々ゝゞっゃゅょぁぃぅぇぉッャュョァィゥェォ%％,.:;?!)]}"
)
_OPENING = frozenset("（［｛〈《「『【〔“‘([{")


@lru_cache(maxsize=320)
def pieces(text: str) -> tuple[tuple[str, str], ...]:
    """``text`` without line feeds as pieces that are not broken, each with what joins it to the one
    before: a space or nothing."""
    words = text.split(" ")
    if text.isascii():
        return tuple((" ", word) for word in words)
    found: list[tuple[str, str]] = []
    for word in words:
        glue = " "
        start = 0
        for i, (one, other) in enumerate(pairwise(word), start=1):
            if _may_break(one, other):
                found.append((glue, word[start:i]))
                glue, start = "", i
        found.append((glue, word[start:]))
    return tuple(found)


def _may_break(one: str, other: str) -> bool:
    if other in _CLOSING or one in _OPENING or one.isdecimal():
        return False  # nor after a figure: "22" stays with the word for "counter"
    return _wide(one) or _wide(other)


def _wide(char: str) -> bool:
    code = ord(char)
    return code >= _WIDE[0][0] and any(first <= code <= last for first, last in _WIDE)
