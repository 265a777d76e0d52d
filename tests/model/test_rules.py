"""Each rule of the protocol is needed: without it, the search finds a violation."""

from __future__ import annotations

import pytest

from tests.model.promises import ALL_PROMISES, Promise
from tests.model.rules import Rule, without
from tests.model.scenarios import LOST_WRITE, PROOFS
from tests.model.search import search

ABOUT_CONFLICTS = {Rule.CONFLICT_STORED, Rule.CONFLICT_NOT_CALLED}


@pytest.mark.parametrize("rule", PROOFS, ids=lambda rule: rule.name)
def test_without_the_rule_a_promise_is_broken(rule: Rule) -> None:
    proof = PROOFS[rule]
    found = search(proof.scenario, without(rule), frozenset({proof.broken}))
    print(f"without {rule.name}, {found}")
    assert found.broken is proof.broken
    assert len(found.trace) == proof.events, "the shortest trace has changed"


def test_every_rule_is_proved() -> None:
    assert set(PROOFS) | ABOUT_CONFLICTS == set(Rule)


# ── conflicts ────────────────────────────────────────────────────────────────────────────────
# With all rules, no ticket settles a number that another ticket holds. Two rules define what
# happens if one does; here a lost write without a skip causes it.

CAUSES_DOUBLE = Rule.SKIP_AFTER_UNCLEAN_STOP
OTHER_PROMISES = ALL_PROMISES - {Promise.ONE_VISITOR_A_NUMBER, Promise.NO_CONFLICT}


def test_after_a_double_on_paper_both_are_stored_and_one_is_called() -> None:
    found = search(LOST_WRITE, without(CAUSES_DOUBLE), OTHER_PROMISES)
    assert found.complete, found


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        (Rule.CONFLICT_STORED, Promise.ALL_ACKNOWLEDGED),
        (Rule.CONFLICT_STORED, Promise.SHOWN_IS_STORED),
        (Rule.CONFLICT_NOT_CALLED, Promise.CALLED_ONCE),
    ],
)
def test_after_a_double_on_paper_the_rules_about_conflicts_are_needed(
    rule: Rule, broken: Promise
) -> None:
    found = search(LOST_WRITE, without(CAUSES_DOUBLE, rule), frozenset({broken}))
    print(f"without {rule.name}, {found}")
    assert found.broken is broken
