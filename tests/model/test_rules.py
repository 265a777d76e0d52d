"""Each rule of the protocol is needed: without it, the search finds a violation."""

from __future__ import annotations

import pytest

from tests.model.promises import ALL_PROMISES, Promise
from tests.model.rules import ALL, ModelFault, Rule, without
from tests.model.scenarios import LOST_WRITE, PROOFS, REUSE_CLOCK_SILENT, REUSE_SILENT
from tests.model.search import follow, search
from tests.model.world import Scenario

pytestmark = pytest.mark.usefixtures("unmeasured")

ABOUT_CONFLICTS = {Rule.CONFLICT_STORED, Rule.CONFLICT_NOT_CALLED}


@pytest.mark.parametrize("rule", PROOFS, ids=lambda rule: rule.name)
def test_without_the_rule_a_promise_is_broken(rule: Rule) -> None:
    proof = PROOFS[rule]
    found = search(proof.scenario, without(rule), frozenset({proof.broken}))
    print(f"without {rule.name}, {found}")
    assert found.broken is proof.broken
    assert len(found.trace) == proof.events, "the shortest trace has changed"


def test_every_rule_is_proved() -> None:
    assert set(PROOFS) | ABOUT_CONFLICTS | {Rule.RESTORE_KEEPS_LETTERS} == ALL


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


# ── letters given again ──────────────────────────────────────────────────────────────────────
# A kiosk that is silent may be out of touch and at work with its letter. Stopping it by its own
# clock is not enough: a machine that was off cannot know for how long.

LEASED = without(Rule.REUSE_AFTER_THE_END) | {Rule.LETTER_LEASED}


def test_a_lease_by_the_clock_is_safe_while_every_clock_is_right() -> None:
    found = search(REUSE_SILENT, LEASED)
    assert found.complete, found


def test_a_lease_by_the_clock_gives_a_double_where_a_clock_stood_still() -> None:
    found = search(REUSE_CLOCK_SILENT, LEASED, frozenset({Promise.ONE_VISITOR_A_DAY}))
    print(found)
    assert found.broken is Promise.ONE_VISITOR_A_DAY
    assert any("its clock is set back" in event for event in found.trace)


GIVEN_BEFORE_A_RESTORE = (
    "kiosk 0: journal damaged",
    "kiosk 0: sends sync of journal 3",
    "arrives: sync of journal 3",
    "arrives: answer to sync of journal 3",
    "a month passes",
    "kiosk 0: sends sync of journal 3",
    "arrives: sync of journal 3",
    "server: a backup is made",
    "kiosk 1: visitor 0 taps",
    "kiosk 1: sends sync of journal 1",
    "arrives: sync of journal 1",
    "arrives: answer to sync of journal 1",
    "kiosk 1: no answer for t0.0 in time, own series",
    "kiosk 1: shows t0.0 = A001 of day 2",
    "server: the backup is put back",
    "kiosk 2: visitor 1 taps",
    "kiosk 2: sends sync of journal 2",
    "arrives: sync of journal 2",
    "arrives: answer to sync of journal 2",
)


def test_a_restored_server_gives_no_letter_again_that_it_may_have_given_since() -> None:
    faults = (ModelFault.DAMAGE, ModelFault.MONTH, ModelFault.RESTORE)
    scenario = Scenario("3 kiosks", (0, 1, 1), faults, reuse=True, unused=1)
    own = "kiosk 2: no answer for t1.0 in time, own series"

    doubled = follow(scenario, [*GIVEN_BEFORE_A_RESTORE, own], without(Rule.RESTORE_KEEPS_LETTERS))
    safe = follow(scenario, [*GIVEN_BEFORE_A_RESTORE, own])

    print(doubled)
    assert doubled.broken is not None
    assert safe.broken is None
    assert safe.trace[-1] == "arrives: answer to sync of journal 2 seq 0 []", (
        "kiosk 2 has no letter, and gives no number of its own"
    )
