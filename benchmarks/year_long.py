"""Compare hours, holidays and quotas with the slow reference of ``tests/menu/years.py`` at every
quarter of an hour of three years, for the shipped menu and for random ones.

    python benchmarks/year_long.py [MENUS] [SEED]

Prints a line for each menu, or its first difference; exits with 1 if one differs.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from datetime import timedelta

from tests.menu.years import (
    FIRST,
    LAST,
    ZONES,
    compare,
    compare_quota,
    random_menu,
    shipped_menu,
)

EVERY_DAY = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


def main(arguments: list[str]) -> int:
    """Run with ``arguments`` as in the module's docstring; return the exit code."""
    menus, seed = [*map(int, arguments), *(8, 1)[len(arguments) :]]
    print(f"{'menu':32} {'moments':>10} {'visitors':>10} {'s':>7}")
    same = _line("shipped", lambda: (compare(shipped_menu(), EVERY_DAY), 0))
    return 0 if all([same, *(_random(seed + n) for n in range(menus))]) else 1


def _random(seed: int) -> bool:
    chance, zone = random.Random(seed), ZONES[seed % len(ZONES)]
    root = random_menu(chance, zone)

    def work() -> tuple[int, int]:
        visitors = sum(compare_quota(root, day, chance) for day in EVERY_DAY[::7])
        return compare(root, EVERY_DAY), visitors

    return _line(f"seed {seed}, {zone}", work)


def _line(name: str, work: Callable[[], tuple[int, int]]) -> bool:
    begun = time.monotonic()
    try:
        moments, visitors = work()
    except AssertionError as error:
        print(f"{name:32} differs: {error}")
        return False
    print(f"{name:32} {moments:10,} {visitors:10,} {time.monotonic() - begun:7.1f}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
