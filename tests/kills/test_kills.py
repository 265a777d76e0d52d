"""A seeded part of the kills; all of them: ``benchmarks/kills.py``."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.kills.sweep import Sweep, sweeping

SEED = 20261125


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sweep]:
    """One printer and one killer for all stories."""
    with sweeping(tmp_path_factory.mktemp("kills")) as made:
        yield made


@pytest.mark.parametrize(
    ("story", "slips", "kills"), [("plain", 1, 2), ("copied", 3, 1), ("mended", 2, 2)]
)
def test_whatever_step_the_kiosk_is_killed_at_nobody_has_anothers_number(
    sweep: Sweep, story: str, slips: int, kills: int
) -> None:
    """In the midst of each of its ``slips``, and ``kills`` anywhere."""
    steps, found = sweep.length(story)
    assert steps > 50
    places = random.Random(SEED).sample(range(1, steps), kills)
    for step in [*places, *(-n for n in range(1, slips + 1))]:
        found += sweep.kill(story, step)
    assert found == []
