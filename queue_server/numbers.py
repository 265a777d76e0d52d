"""Numbers as visitors read them, and the letters of journals.

``DK-027`` is of the letterless line, which the server hands out; ``DK-B003`` of the line of the
journal that holds the letter B.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LAST_VALUE = 9999
"""The last number of a line; past 999 it is written with four figures."""

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What a letter is made of: I and O are read as 1 and 0."""

_BASE = len(LETTERS)
LAST_LETTER = _BASE + _BASE * _BASE
"""How many letters there are: one figure, then two."""

PREFIX = re.compile(r"[A-Z]{1,3}")
_NUMBER = re.compile(r"([A-Z]{1,3})-([A-HJ-NP-Z]{0,2})([0-9]{3,4})")


class Number(NamedTuple):
    """A queue number; ``letter`` is empty on the letterless line."""

    prefix: str
    letter: str
    value: int

    def __str__(self) -> str:
        return f"{self.prefix}-{self.letter}{self.value:03d}"


def parse(text: str) -> Number:
    """``DK-027`` or ``DK-B003``; ValueError for anything else, ``DK-0027`` and ``DK-000`` too."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError("not a queue number")
    number = Number(match[1], match[2], int(match[3]))
    if str(number) != text or not number.value:
        raise ValueError("not a queue number")
    return number


def letter_at(ordinal: int) -> str:
    """The letter number ``ordinal`` (from 1): A … Z, AA … ZZ; ValueError past the last."""
    if not 1 <= ordinal <= LAST_LETTER:
        raise ValueError("no such letter")
    if ordinal <= _BASE:
        return LETTERS[ordinal - 1]
    first, second = divmod(ordinal - 1 - _BASE, _BASE)
    return LETTERS[first] + LETTERS[second]
