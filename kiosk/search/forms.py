"""Forms of one word: "mengaktifkan", "diaktifkan" and "aktif"; "moved" and "moving".

Affixes of Indonesian, written and spoken, and endings of English are cut by rule, without a list of
roots: each cut gives a possible root. Two words are taken as forms of one word when they share a
possible root; a root that is no word does no harm, because the other word must give it too. A first
"h" is often not said ("ilang", "abis").
"""

from __future__ import annotations

from functools import lru_cache

LEAST_ROOT = 4
"""A shorter root is shared by words that have nothing to do with each other."""
LEAST_ENGLISH = 3

_ENDINGS = ("nya", "kan", "an", "in", "ku", "mu", "lah", "i")
_BEGINNINGS: dict[str, tuple[str, ...]] = {
    "meng": ("", "k"),
    "meny": ("s",),
    "mem": ("", "p"),
    "men": ("", "t"),
    "me": ("",),
    "peng": ("", "k"),
    "peny": ("s",),
    "pem": ("", "p"),
    "pen": ("", "t"),
    "pe": ("",),
    "per": ("",),
    "ber": ("",),
    "be": ("",),
    "ter": ("",),
    "di": ("",),
    "ke": ("",),
    "se": ("",),
    "ny": ("s", "c"),
    "nge": ("",),
    "ng": ("", "k"),
    "n": ("t", ""),
    "m": ("p",),
}
"""What stands before a root, and the letters of the root that it replaces ("menulis": "tulis")."""

_ENGLISH: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ies", ("y",)),
    ("ied", ("y",)),
    ("ing", ("", "e")),
    ("ment", ("",)),
    ("es", ("", "e")),
    ("ed", ("", "e")),
    ("al", ("",)),
    ("s", ("",)),
)
"""Endings of English, and what the root has instead."""


@lru_cache(maxsize=4096)
def roots(word: str) -> frozenset[str]:
    """The word and its possible roots."""
    found = {word}
    for bare in _without_beginning(word):
        found.add(bare)
        found |= _without_ending(bare)
    found |= _without_ending(word)
    if word[0] in "aiueo":
        found.add("h" + word)
    for ending, others in _ENGLISH:
        if word.endswith(ending):
            stem = word[: -len(ending)]
            found |= {stem + other for other in others if len(stem + other) >= LEAST_ENGLISH}
            if len(stem) > LEAST_ENGLISH and stem[-1] == stem[-2]:
                found.add(stem[:-1])
    return frozenset(found)


def _without_beginning(word: str) -> set[str]:
    """The word without one beginning, and without two ("memperpanjang", "dipindah")."""
    once = _cut(word)
    return once.union(*(_cut(part) for part in once)) if once else once


def _cut(word: str) -> set[str]:
    return {
        other + word[len(beginning) :]
        for beginning, others in _BEGINNINGS.items()
        if word.startswith(beginning)
        for other in others
        if len(other) + len(word) - len(beginning) >= LEAST_ROOT
    }


def _without_ending(word: str) -> set[str]:
    """The word without one ending, and without two ("bayarkannya")."""
    once = _trim(word)
    return once.union(*(_trim(part) for part in once)) if once else once


def _trim(word: str) -> set[str]:
    found = {word[: -len(ending)] for ending in _ENDINGS if word.endswith(ending)}
    return {part for part in found if len(part) >= LEAST_ROOT}
