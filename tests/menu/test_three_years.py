"""Hours, the year and quotas against a slow reference, at every quarter of an hour of chosen days
of three years: midnight, the leap day, new years, days on which the clock is set, and random ones.
``benchmarks/year_long.py`` takes all days, and the shipped menu."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from tests.menu.years import FIRST, LAST, ZONES, compare, compare_quota, random_menu, shipped_menu

EDGES = (
    *(date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1), date(2028, 12, 31)),
    *(date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1), date(2027, 3, 10)),
    *(date(2026, 3, 29), date(2026, 10, 25), date(2028, 3, 26), date(2027, 10, 31)),
    *(date(2026, 3, 8), date(2026, 11, 1), date(2026, 4, 5), date(2026, 10, 4)),
)


@pytest.mark.parametrize("seed", range(8))
def test_numbers_are_given_as_the_page_says(seed: int) -> None:
    chance = random.Random(seed)
    zone = ZONES[seed % len(ZONES)]
    some = [FIRST + timedelta(days=chance.randrange((LAST - FIRST).days)) for _ in range(6)]
    assert compare(random_menu(chance, zone), [*EDGES, *some]) > 2 * 22 * 91


def test_the_shipped_menu_gives_numbers_as_the_page_says() -> None:
    assert compare(shipped_menu(), [*EDGES]) >= len(EDGES) * 96


@pytest.mark.parametrize("seed", range(8))
def test_a_quota_lets_through_whom_the_page_says(seed: int) -> None:
    chance = random.Random(seed)
    root = random_menu(chance, ZONES[seed % len(ZONES)])
    assert sum(compare_quota(root, day, chance) for day in chance.sample(EDGES, 4)) > 100
