"""With all rules, no order of events violates a promise: every state is checked."""

from __future__ import annotations

import pytest

from tests.model.network import prune
from tests.model.promises import Promise
from tests.model.rules import ALL, ModelFault
from tests.model.scenarios import CONCURRENT, CRASH, DAMAGE, IN_FULL, IN_FULL_LONG, PROOFS
from tests.model.search import search
from tests.model.state import ModelState
from tests.model.world import Scenario, initial, successors

pytestmark = pytest.mark.usefixtures("unmeasured")


@pytest.mark.parametrize("scenario", IN_FULL, ids=lambda scenario: scenario.name)
def test_no_order_of_events_breaks_a_promise(scenario: Scenario) -> None:
    found = search(scenario)
    print(found)
    assert found.complete, found
    assert found.states > 400, "a search with this few states has tried nothing"


def test_every_proof_is_from_a_scenario_that_is_searched_in_full() -> None:
    """Otherwise a rule could seem needed in a scenario that no set of rules makes safe."""
    searched = {*IN_FULL, *IN_FULL_LONG}
    assert {proof.scenario for proof in PROOFS.values()} <= searched


@pytest.mark.parametrize(
    "scenario", [CRASH, DAMAGE, CONCURRENT], ids=lambda scenario: scenario.name
)
def test_pruning_inert_messages_hides_no_outcome(scenario: Scenario) -> None:
    """A search that keeps every message reaches the same kiosk and server states."""
    small = Scenario("one visit", (1,), scenario.faults, revisions=True)
    assert _outcomes(small, pruned=True) == _outcomes(small, pruned=False)


def _outcomes(scenario: Scenario, *, pruned: bool) -> set[ModelState]:
    start = initial(scenario)
    seen, waiting = {start}, [start]
    while waiting:
        for _, after in successors(waiting.pop(), scenario, ALL):
            reached = prune(after, ALL) if pruned else after
            if reached not in seen:
                seen.add(reached)
                waiting.append(reached)
    return {state._replace(net=frozenset()) for state in seen}


# ── what no rule can prevent ────────────────────────────────────────────────────────────────────


def test_a_disk_restored_before_its_numbers_were_synced_gives_a_double() -> None:
    """No copy of them exists: docs/protocol.md says what staff do instead."""
    unheard = Scenario(
        "1 x 2, an older disk than the server knows", (2,), (ModelFault.UNSYNCED_DISK,)
    )
    found = search(unheard, ALL, frozenset({Promise.ONE_VISITOR_A_NUMBER}))
    print(found)
    assert found.broken is Promise.ONE_VISITOR_A_NUMBER


def test_a_rogue_kiosk_may_take_a_number_that_a_restored_server_lost() -> None:
    """A number of the gap goes to the ticket that settles it first; the second is a conflict."""
    both = Scenario("1 x 1, restored, a rogue kiosk", (1,), (ModelFault.RESTORE, ModelFault.ROGUE))
    found = search(both)
    print(found)
    assert found.broken is Promise.NO_CONFLICT
