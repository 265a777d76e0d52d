"""The words of the report, from ``reports/locale`` (the format: ``menu/texts.py``)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from menu.texts import load

TEXTS = load(Path(__file__).parent / "locale")
say = TEXTS.say

_MARKS = {"id": (".", ","), "en": (",", ".")}
"""The thousands separator and the decimal mark of a language; others as in Indonesian."""


def month_name(language: str, month: date) -> str:
    """``November 2026``; the day of ``month`` does not matter."""
    return f"{say(language, f'report.month.{month.month}')} {month.year}"


def day_name(language: str, day: date) -> str:
    """``27 November 2026``."""
    return f"{day.day} {month_name(language, day)}"


def whole(language: str, number: int) -> str:
    """``1.234`` in Indonesian, ``1,234`` in English."""
    return f"{number:,}".replace(",", _marks(language)[0])


def decimal(language: str, number: float) -> str:
    """A number with one decimal: ``12,5`` in Indonesian, ``12.5`` in English."""
    return f"{number:.1f}".replace(".", _marks(language)[1])


def share(language: str, part: int, of: int) -> str:
    """``12,5%``; a dash where there is nothing to take a share of."""
    return f"{decimal(language, 100 * part / of)}%" if of else "–"


def _marks(language: str) -> tuple[str, str]:
    return _MARKS.get(language, _MARKS["id"])
