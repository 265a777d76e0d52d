"""Numbers and the lines they come from.

A line is keyed by business date, prefix and letter. A number reads ``DK-027``, or with a
letter ``DK-B003``. The business date is the local date at the site, never UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

SKIP_AFTER_UNCLEAN_STOP = 20
"""A disk that lied about its last writes must not cost a double (design.md, Numbers)."""

LAST_NUMBER = 9999
"""The last number of a line; past 999 it is written with four figures."""

PREFIX = re.compile(r"[A-Z]{1,3}")
LETTER = re.compile(r"[A-HJ-NP-Z]{1,2}")
_NUMBER = re.compile(r"([A-Z]{1,3})-([A-HJ-NP-Z]{0,2})([0-9]{3,4})")


@dataclass(frozen=True, slots=True)
class Line:
    """One run of numbers: a day, a prefix, a letter (empty: the letterless line)."""

    business_date: date
    prefix: str
    letter: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Number:
    """A queue number: ``str()`` is what the visitor reads."""

    prefix: str
    letter: str
    value: int

    def __str__(self) -> str:
        return f"{self.prefix}-{self.letter}{self.value:03d}"

    @staticmethod
    def parse(text: str) -> Number:
        """``DK-027`` or ``DK-B003`` as a Number; ValueError for anything else."""
        match = _NUMBER.fullmatch(text)
        if match is None:
            raise ValueError(f"not a queue number: {text!r}")
        return Number(match[1], match[2], int(match[3]))
