"""How a queue number reads: ``DK-027``, or with a letter ``DK-B003``.

``DK-027`` belongs to the series without a letter, which the queue server hands out; ``DK-B003``
to the series of the journal that holds the letter B. The format is part of the menu because
``agencies.yaml`` sets the prefixes, and kiosk and server must print and parse the same text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LAST_NUMBER = 9999
"""The last number of a series; past 999 it is written with four figures."""

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What a letter is made of: I and O are read as 1 and 0."""

PREFIX = re.compile(r"[A-Z]{1,3}")
LETTER = re.compile(r"[A-HJ-NP-Z]{1,2}")
_NUMBER = re.compile(r"([A-Z]{1,3})-([A-HJ-NP-Z]{0,2})([0-9]{3,4})")


@dataclass(frozen=True, slots=True, order=True)
class Number:
    """A queue number; ``letter`` is empty in the series without one. ``str()`` is its text."""

    prefix: str
    letter: str
    value: int

    def __str__(self) -> str:
        return f"{self.prefix}-{self.letter}{self.value:03d}"

    @staticmethod
    def parse(text: str) -> Number:
        """The number that ``text`` reads. ValueError for any other text, for ``DK-0027`` too.

        Each number has one spelling: a text that ``str()`` would not write is refused.
        """
        match = _NUMBER.fullmatch(text)
        number = None if match is None else Number(match[1], match[2], int(match[3]))
        if number is None or str(number) != text or not number.value:
            raise ValueError(f"not a queue number: {text[:40]!r}")
        return number
