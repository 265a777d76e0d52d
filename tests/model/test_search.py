"""With all rules kept, no order of events breaks a promise: every state is looked at."""

from __future__ import annotations

import pytest

from tests.model.network import spent_dropped
from tests.model.promises import Promise
from tests.model.rules import ALL, Fault
from tests.model.scenarios import AT_ONCE, CRASH, DAMAGE, IN_FULL, IN_FULL_LONG, PROOFS
from tests.model.search import search
from tests.model.state import State
from tests.model.world import Scenario, initial, successors


@pytest.mark.parametrize("scenario", IN_FULL, ids=lambda scenario: scenario.name)
def test_no_order_of_events_breaks_a_promise(scenario: Scenario) -> None:
    found = search(scenario)
    print(found)
    assert found.complete, found
    assert found.states > 400, "a search of so few states has not tried anything"


def test_every_proof_is_from_a_scenario_that_is_searched_in_full() -> None:
    """Or a rule might be "needed" in a world where no rule helps."""
    searched = {*IN_FULL, *IN_FULL_LONG}
    assert {proof.scenario for proof in PROOFS.values()} <= searched


@pytest.mark.parametrize("scenario", [CRASH, DAMAGE, AT_ONCE], ids=lambda scenario: scenario.name)
def test_forgetting_spent_messages_hides_no_outcome(scenario: Scenario) -> None:
    """The search that keeps every message for ever comes to the same kiosks and servers."""
    small = Scenario("one visit", (1,), scenario.faults, revisions=True)
    assert _outcomes(small, forget=True) == _outcomes(small, forget=False)


def _outcomes(scenario: Scenario, *, forget: bool) -> set[State]:
    start = initial(scenario)
    seen, waiting = {start}, [start]
    while waiting:
        for _, after in successors(waiting.pop(), scenario, ALL):
            reached = spent_dropped(after, ALL) if forget else after
            if reached not in seen:
                seen.add(reached)
                waiting.append(reached)
    return {state._replace(net=frozenset()) for state in seen}


# ── what no rule can save ────────────────────────────────────────────────────────────────────


def test_a_disk_put_back_before_the_server_heard_of_its_numbers_gives_a_double() -> None:
    """Nothing anywhere remembers them: docs/protocol.md tells people what to do instead."""
    unheard = Scenario("1 x 2, an older disk than the server knows", (2,), (Fault.UNHEARD_DISK,))
    found = search(unheard, ALL, frozenset({Promise.ONE_VISITOR_A_NUMBER}))
    print(found)
    assert found.broken is Promise.ONE_VISITOR_A_NUMBER


def test_a_stranger_may_take_a_number_that_a_restored_server_forgot() -> None:
    """It cannot tell who shows a number in its gap first; the second one is a conflict."""
    both = Scenario("1 x 1, restored, a stranger", (1,), (Fault.RESTORE, Fault.STRANGER))
    found = search(both)
    print(found)
    assert found.broken is Promise.NO_CONFLICT
