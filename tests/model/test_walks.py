"""Random traces with more kiosks, visitors and faults than can be searched in full."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.model.rules import ALL, ModelFault, Rule, without
from tests.model.search import walk
from tests.model.world import Scenario

pytestmark = pytest.mark.usefixtures("unmeasured")

# Without rogue kiosks: what one can do to a restored server is shown in test_search.
LETTERS_AGAIN = {ModelFault.MONTH, ModelFault.WRONG_CLOCK}
FAULTS = tuple(
    set(ModelFault)
    - {ModelFault.MIDNIGHT, ModelFault.ROGUE, ModelFault.UNSYNCED_DISK}
    - LETTERS_AGAIN
)


def possible(faults: list[ModelFault]) -> tuple[ModelFault, ...]:
    """``faults`` without a combination that no rule can handle: a restored disk that then loses
    the write by which its journal was quarantined."""
    return tuple(
        f for f in faults if f is not ModelFault.LOST_WRITE or ModelFault.OLD_DISK not in faults
    )


scenarios = st.builds(
    Scenario,
    name=st.just("a walk"),
    visits=st.sampled_from([(2, 2, 2), (1, 1, 1), (3, 3), (5,), (2,)]),
    faults=st.tuples(
        st.lists(st.sampled_from(sorted(FAULTS)), max_size=5),
        st.sampled_from([(), (ModelFault.MIDNIGHT,)]),
    ).map(lambda both: (*possible(both[0]), *both[1])),
    revisions=st.booleans(),
)
choices = st.lists(st.integers(0, 1 << 12), min_size=10, max_size=90)


@settings(
    max_examples=300, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(scenarios, choices)
def test_no_history_breaks_a_promise(scenario: Scenario, events: list[int]) -> None:
    found = walk(scenario, events)
    assert found.complete, found


def test_such_walks_find_what_a_missing_rule_breaks() -> None:
    """Otherwise these walks might miss every violation."""
    rng = random.Random(3)
    scenario = Scenario(
        "3 kiosks", (2, 2, 2), (ModelFault.CRASH, ModelFault.DAMAGE), revisions=True
    )
    histories = [[rng.randrange(1 << 12) for _ in range(90)] for _ in range(60)]
    assert all(walk(scenario, events, ALL).complete for events in histories)
    for rule in (Rule.SHOWN_IS_TRUTH, Rule.LETTER_FOR_ASKING_JOURNAL, Rule.COMMIT_BEFORE_SHOW):
        found = [walk(scenario, events, without(rule)) for events in histories]
        assert any(one.broken for one in found), rule.name
