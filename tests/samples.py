"""Samples of long products of parameters: every value once, not every combination.

``script/test --all`` runs every combination.
"""

from __future__ import annotations

import os
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
    if os.environ.get(ALL):
        return list(product(left, right))
    most = max(len(left), len(right))
    return list(zip(islice(cycle(left), most), islice(cycle(right), most), strict=True))


def in_turn(values: Sequence[A], place: int) -> list[A]:
    """The value for the test at ``place``, so that neighbours get different ones."""
    return list(values) if os.environ.get(ALL) else [values[place % len(values)]]
