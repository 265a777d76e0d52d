"""Layout of the bar: its height, its rows, and where the keys of the modes do not fit.

Pure geometry in millimetres. Without large text the bar is one row with the icon above the word.
In large text a portrait screen has two rows with the icon beside the word: the lower one is as high
as a word and the state of a mode below it, or the upper one where that has the modes.
"""

from __future__ import annotations

from dataclasses import dataclass

FOLD_BELOW_MM = 260.0
"""On a narrower screen the keys of the modes are behind one key of the bar."""

LARGE_KEY_MM = 54.0
"""Width of a key with a word in large text: a landscape screen that has less for each key of its
single row has the modes behind one key."""

KEY_MM = 40.0
"""Width of a key with its gap that has the name of a language in letters of usual size."""

KEY_H = 20.4
STATE_H = 24.2
"""Heights of a key in large text: with one line, and with a mode's name and state in two lines."""

GAP = 5.0
INSET_LARGE = 1.2
LEAST_WIDE_INSET = 24.0


@dataclass(frozen=True, slots=True)
class BarRow:
    """A row of keys: its distance from the bar's lower edge, its height; ``modes``: it has the keys
    of the modes when they are shown."""

    y: float
    h: float
    modes: bool = False


def bar_mm(*, portrait: bool, large: bool) -> float:
    """The height of the bar."""
    if large:
        return STATE_H + 2 * INSET_LARGE + (KEY_H + GAP if portrait else 0.0)
    return 25.0 if portrait else 21.6


def bar_rows(width: float, *, portrait: bool, large: bool) -> tuple[BarRow, ...]:
    """The rows from the lower edge up."""
    if not large:
        height = bar_mm(portrait=portrait, large=False)
        inset = 2.0 if height > LEAST_WIDE_INSET else 0.7
        return (BarRow(inset, height - 2 * inset, modes=True),)
    if not portrait:
        return (BarRow(INSET_LARGE, STATE_H, modes=True),)
    narrow = width < FOLD_BELOW_MM
    low, high = (STATE_H, KEY_H) if narrow else (KEY_H, STATE_H)
    upper = INSET_LARGE + low + GAP
    return (BarRow(INSET_LARGE, low, modes=narrow), BarRow(upper, high, modes=not narrow))


def folded(width: float, keys: int, *, portrait: bool, large: bool) -> bool:
    """Whether the modes are behind one key, where ``keys`` is the number of keys without that."""
    if large and not portrait:
        return width < keys * LARGE_KEY_MM
    return width < FOLD_BELOW_MM


def languages_folded(width: float, keys: int, *, large: bool) -> bool:
    """Whether the languages are behind one key, where ``keys`` is the number of keys without
    that."""
    return width < keys * (LARGE_KEY_MM if large else KEY_MM)
