"""Samples of long products of parameters: every value once, not every combination; and of long
rows of cases: every case in one of the tests that share them, not in each.

``script/test --all`` runs every combination.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Sequence
from itertools import cycle, islice, product
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

ALL = "KIOSK_TEST_ALL"
"""Environment variable that asks for every combination."""


def pairs(first: Iterable[A], second: Iterable[B]) -> list[tuple[A, B]]:
    """Each value of both in at least one pair."""
    left, right = list(first), list(second)
    if everything():
        return list(product(left, right))
    most = max(len(left), len(right))
    return list(zip(islice(cycle(left), most), islice(cycle(right), most), strict=True))


def everything() -> bool:
    """Whether every combination is asked for."""
    return bool(os.environ.get(ALL))


def is_share(case: str, place: int, of: int) -> bool:
    """Whether ``case`` is tried by the test at ``place``, of ``of`` tests that share all cases.

    It depends on the name of the case alone, so that a case that all of them know is tried by
    exactly one, and the next run tries the same.
    """
    return everything() or zlib.crc32(case.encode()) % of == place


def in_turn(values: Sequence[A], place: int) -> list[A]:
    """The value for the test at ``place``, so that neighbours get different ones."""
    return list(values) if everything() else [values[place % len(values)]]
