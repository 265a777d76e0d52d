"""Numbers as words, in Indonesian and English."""

from __future__ import annotations

from collections.abc import Callable

MOST = 999_999_999
"""A larger number is read figure by figure."""

_ID_NAMES = "nol satu dua tiga empat lima enam tujuh delapan sembilan"
_EN_NAMES = "zero one two three four five six seven eight nine"
_EN_TEEN_NAMES = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_EN_TEN_NAMES = "- - twenty thirty forty fifty sixty seventy eighty ninety"
_ID, _EN = _ID_NAMES.split(), _EN_NAMES.split()
_EN_TEENS, _EN_TENS = _EN_TEEN_NAMES.split(), _EN_TEN_NAMES.split()


def indonesian(number: int) -> str:
    """``number``, 0 to MOST: 27 as "dua puluh tujuh"."""
    if number < 10:
        return _ID[number]
    if number < 12:
        return ("sepuluh", "sebelas")[number - 10]
    if number < 20:
        return f"{_ID[number - 10]} belas"
    for size, noun, one in (
        (1_000_000, "juta", "satu juta"),
        (1000, "ribu", "seribu"),
        (100, "ratus", "seratus"),
        (10, "puluh", ""),
    ):
        if number >= size:
            count, rest = divmod(number, size)
            said = one if count == 1 else f"{indonesian(count)} {noun}"
            return f"{said} {indonesian(rest)}" if rest else said
    raise ValueError(number)


def english(number: int) -> str:
    """``number``, 0 to MOST: 27 as "twenty seven"."""
    if number < 10:
        return _EN[number]
    if number < 20:
        return _EN_TEENS[number - 10]
    if number < 100:
        tens, rest = divmod(number, 10)
        return f"{_EN_TENS[tens]} {_EN[rest]}" if rest else _EN_TENS[tens]
    for size, noun in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= size:
            count, rest = divmod(number, size)
            said = f"{english(count)} {noun}"
            joined = f"{said} and" if rest and rest < 100 else said
            return f"{joined} {english(rest)}" if rest else said
    raise ValueError(number)


def figures(text: str, cardinal: Callable[[int], str]) -> str:
    """Figure by figure: 027 as "nol dua tujuh"."""
    return " ".join(cardinal(int(figure)) for figure in text if figure.isdecimal())
