"""Prepare text for a printer: one code page, no command bytes, wrapped at words.

Nothing from YAML or a server may reach the printer as a command. The result contains only
characters of one code page, each a single printable byte.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from kiosk.errors import PrinterError

CODE_PAGES = {
    "CP437": (0, "cp437"),
    "CP850": (2, "cp850"),
    "CP860": (3, "cp860"),
    "CP863": (4, "cp863"),
    "CP865": (5, "cp865"),
    "CP1252": (16, "cp1252"),
    "CP866": (17, "cp866"),
    "CP852": (18, "cp852"),
    "CP858": (19, "cp858"),
}
"""Name as python-escpos has it -> (n of ``ESC t``, codec of Python).

Epson ESC/POS reference, "ESC t": pages 0, 2 to 5 and 16 to 19.
"""

SUBSTITUTE = "?"
"""Printed in place of a character that the code page lacks, so that the loss is visible."""

MAX_CHARACTERS = 2000
"""Limit for one paragraph: far above any name, and a bound on the length of a slip."""

SEPARATORS = ("·", "•", "|")

SENTENCE_ENDS = (".", "?", "!")

ELLIPSIS = "..."

_PLAIN = str.maketrans(
    {
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
        "‘": "'", "’": "'", "‚": ",", "‛": "'", "′": "'", "ʼ": "'", "ʻ": "'",
        "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"',
        "…": "...", "•": "*", "‣": "*", "·": "·", "⁄": "/", "∕": "/",
        "→": "->", "←": "<-", "×": "x", "€": "EUR", "™": "(TM)", "©": "(C)", "®": "(R)",
        "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "ħ": "h", "Ħ": "H",
        "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ß": "ss", "ẞ": "SS", "þ": "th", "Þ": "Th",
        "ı": "i", "ŋ": "ng", "Ŋ": "NG",
    }
)  # fmt: skip
"""Replacements for characters that the code page may lack."""


def codec_of(code_page: str) -> str:
    """The Python codec of an ESC/POS code page. Raises PrinterError for an unknown page."""
    try:
        return CODE_PAGES[code_page.upper()][1]
    except KeyError:
        known = ", ".join(CODE_PAGES)
        raise PrinterError("printer.code_page", value=repr(code_page), known=known) from None


def printable(text: str, code_page: str) -> str:
    """``text`` in characters that ``code_page`` has, each one byte of 20h or more.

    Control characters, line and paragraph separators, marks of writing direction and
    no-break spaces become spaces; runs of spaces become one. A character that the page lacks
    is replaced by a similar one (``“`` by ``"``, ``ǧ`` by ``g``), else by ``?``.
    Raises PrinterError for an unknown code page.
    """
    codec = codec_of(code_page)
    composed = unicodedata.normalize("NFC", text[: MAX_CHARACTERS + 1])
    if len(composed) > MAX_CHARACTERS:
        composed = composed[: MAX_CHARACTERS - len(ELLIPSIS)] + ELLIPSIS
    return " ".join("".join(_fit(c, codec) for c in composed).split())


@lru_cache(maxsize=4096)
def _fit(character: str, codec: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp", "Zs") or unicodedata.bidirectional(character) in _DIRECTIONS:
        return " "
    if category in ("Cf", "Mn", "Me") or character in _SKIN_TONES:
        return ""
    if _has(codec, character):
        return character
    for candidate in (
        character.translate(_PLAIN),
        unicodedata.normalize("NFKC", character),
        _without_marks(character),
        _without_marks(character).translate(_PLAIN),
    ):
        if candidate and all(_has(codec, c) for c in candidate):
            return candidate
    return SUBSTITUTE


_DIRECTIONS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))


def _has(codec: str, character: str) -> bool:
    """Whether the code page has this character as one printable byte."""
    if unicodedata.category(character) == "Cc":
        return False
    try:
        encoded = character.encode(codec)
    except UnicodeEncodeError:
        return False
    return len(encoded) == 1 and encoded[0] >= 0x20 and encoded[0] != 0x7F


def _without_marks(character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", character)
    return "".join(c for c in decomposed if unicodedata.category(c) not in ("Mn", "Me"))


def wrap(text: str, columns: int, *, balanced: bool = False) -> list[str]:
    """Break ``text`` between words into lines of at most ``columns`` characters.

    A word longer than a line is broken inside; no character is lost. ``balanced``: the same number
    of lines, of about equal length or broken after a sentence, which reads better when centred.
    """
    lines = _wrap(text, columns)
    if not balanced or len(lines) < 2:
        return lines
    if len(lines) == 2 and (sentences := _sentences(text, columns)):
        return sentences
    # Binary search for the least number of columns that needs no more lines.
    longest = max(len(word) for word in text.split(" "))
    if longest > columns:
        return lines
    low, high = max(longest, len(text) // len(lines)), columns
    while low < high:
        middle = (low + high) // 2
        if len(_wrap(text, middle)) <= len(lines):
            high = middle
        else:
            low = middle + 1
    return _wrap(text, high)


def _sentences(text: str, columns: int) -> list[str]:
    """``text`` in two lines that break after a sentence; empty where neither line would be long
    enough to stand alone, or one would be too long."""
    words = text.split(" ")
    for i in range(len(words) - 1, 0, -1):
        if words[i - 1].endswith(SENTENCE_ENDS):
            lines = [" ".join(words[:i]), " ".join(words[i:])]
            shorter, longer = sorted(len(line) for line in lines)
            if longer <= columns and shorter * 3 >= longer:
                return lines
    return []


def _wrap(text: str, columns: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for long_word in text.split(" "):
        word = long_word
        longer = f"{line} {word}" if line else word
        if len(longer) <= columns:
            line = longer
            continue
        if line:
            lines.append(_without_separator(line))
        if lines and word in SEPARATORS:
            line = ""
            continue
        while len(word) > columns:
            lines.append(word[:columns])
            word = word[columns:]
        line = word
    if line:
        lines.append(line)
    return lines


def _without_separator(line: str) -> str:
    """``line`` without a separator at its end, which separates nothing there."""
    words = line.split(" ")
    return " ".join(words[:-1]) if len(words) > 1 and words[-1] in SEPARATORS else line
