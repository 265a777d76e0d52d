"""A seeded sample of the kills; ``benchmarks/kills.py`` runs all of them."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.kills.sweep import KillSweep, sweeping

SEED = 20261125


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KillSweep]:
    """One sweep for all stories."""
    with sweeping(tmp_path_factory.mktemp("kills")) as made:
        yield made


@pytest.mark.parametrize(
    ("story", "slips", "kills"),
    [("single_visit", 1, 2), ("copy_by_staff", 3, 1), ("copy_after_repair", 2, 2)],
)
def test_a_kill_at_any_step_violates_no_rule(
    sweep: KillSweep, story: str, slips: int, kills: int
) -> None:
    """Kill once in the middle of each of the story's ``slips``, and at ``kills`` random steps."""
    steps, found = sweep.length(story)
    assert steps > 50
    places = random.Random(SEED).sample(range(1, steps), kills)
    for step in [*places, *(-n for n in range(1, slips + 1))]:
        found += sweep.kill(story, step)
    assert found == []
