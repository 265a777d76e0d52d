"""The searches: which are made in full, and which one shows that a rule is needed."""

from __future__ import annotations

from dataclasses import dataclass

from tests.model.promises import Promise
from tests.model.rules import Fault, Rule
from tests.model.world import Scenario

CALM = Scenario("1 kiosk x 2 visits, network only", (2,), revisions=True)
CALM_TWO = Scenario("2 kiosks x 1 visit, network only", (1, 1), revisions=True)
HASTE = Scenario("1 x 2, a visitor tries again", (2,), (Fault.IMPATIENCE,))
AT_ONCE = Scenario("1 x 2, two messages at once", (2,), (Fault.AT_ONCE,))
AT_ONCE_TWO = Scenario("2 x 1, two messages at once", (1, 1), (Fault.AT_ONCE,))
CRASH = Scenario("1 x 2, a crash", (2,), (Fault.CRASH,))
CRASH_TWO = Scenario("2 x 1, a crash", (1, 1), (Fault.CRASH,))
LIE = Scenario("1 x 2, a disk that lied", (2,), (Fault.LIE,))
LIES = Scenario("1 x 2, a crash and a disk that lied", (2,), (Fault.CRASH, Fault.LIE))
DAMAGE = Scenario("1 x 2, a journal damaged in use", (2,), (Fault.DAMAGE,))
DAMAGE_TWO = Scenario("2 x 1, a journal damaged in use", (1, 1), (Fault.DAMAGE,))
OLD_JOURNAL = Scenario("1 x 2, an old journal put back", (2,), (Fault.OLD_JOURNAL,))
LIE_OLD_JOURNAL = Scenario(
    "1 x 2, a lie, an old journal put back", (2,), (Fault.LIE, Fault.OLD_JOURNAL)
)
OLD_DISK = Scenario("1 x 2, an old disk put back", (2,), (Fault.OLD_DISK,))
OLDER_DISK = Scenario(
    "1 x 2, an old disk put back after damage", (2,), (Fault.DAMAGE, Fault.OLD_DISK)
)
CLONE = Scenario("2 x 1, a disk cloned", (1, 1), (Fault.CLONE,))
CLONE_LATER = Scenario("2 + 1, a disk cloned", (2, 1), (Fault.CLONE,))
SERVER_CRASH = Scenario("1 x 2, the server crashes", (2,), (Fault.SERVER_CRASH,))
RESTORE = Scenario("1 x 2, the server restored", (2,), (Fault.RESTORE,))
RESTORE_TWO = Scenario("2 x 1, the server restored", (1, 1), (Fault.RESTORE,))
RESTORE_LETTERS = Scenario(
    "1 x 1, two journals damaged, the server restored",
    (1,),
    (Fault.DAMAGE, Fault.DAMAGE, Fault.RESTORE),
)
STRANGER = Scenario("1 x 2, a stranger", (2,), (Fault.STRANGER,))
MIDNIGHT = Scenario("1 x 2, midnight", (2,), (Fault.MIDNIGHT,))
MIDNIGHT_TWO = Scenario("2 x 1, midnight", (1, 1), (Fault.MIDNIGHT,))
LATE = Scenario("1 x 2, two minutes pass", (2,), (Fault.TWO_MINUTES,))
LATE_TWO = Scenario("2 x 1, two minutes pass", (1, 1), (Fault.TWO_MINUTES,))

IN_FULL = (
    CALM,
    CALM_TWO,
    HASTE,
    AT_ONCE,
    AT_ONCE_TWO,
    CRASH,
    CRASH_TWO,
    LIE,
    DAMAGE,
    DAMAGE_TWO,
    OLD_DISK,
    CLONE,
    SERVER_CRASH,
    RESTORE_TWO,
    RESTORE_LETTERS,
    STRANGER,
    MIDNIGHT,
    MIDNIGHT_TWO,
    LATE,
    LATE_TWO,
)
"""Searched to the last state on each run."""

IN_FULL_LONG = (
    OLD_JOURNAL,
    LIE_OLD_JOURNAL,
    LIES,
    RESTORE,
    CLONE_LATER,
    OLDER_DISK,
    Scenario("1 x 2, a crash, revisions", (2,), (Fault.CRASH,), True),
    Scenario("2 x 1, a crash, revisions", (1, 1), (Fault.CRASH,), True),
    Scenario("1 x 2, a lie, revisions", (2,), (Fault.LIE,), True),
    Scenario("1 x 2, damage, revisions", (2,), (Fault.DAMAGE,), True),
    Scenario("1 x 2, restored, midnight", (2,), (Fault.RESTORE, Fault.MIDNIGHT)),
    Scenario("2 x 1, a lie and damage", (1, 1), (Fault.LIE, Fault.DAMAGE)),
)
"""Searched to the last state by benchmarks/model_long.py."""


@dataclass(frozen=True)
class Proof:
    """Without a rule, ``broken`` is broken in ``scenario``; the shortest history that does it
    has this many ``events``."""

    scenario: Scenario
    broken: Promise
    events: int


TWO_NUMBERS, TWO_VISITORS = Promise.ONE_NUMBER_A_VISITOR, Promise.ONE_VISITOR_A_NUMBER
LOST, CONFLICT = Promise.SHOWN_IS_STORED, Promise.NO_CONFLICT

PROOFS = {
    Rule.SERVER_KEYS_BY_ID: Proof(CALM, Promise.STORED_ONCE, 5),
    Rule.WRITE_DECIDES: Proof(AT_ONCE, LOST, 4),
    Rule.TRY_AGAIN_KEEPS_ID: Proof(HASTE, TWO_NUMBERS, 6),
    Rule.ANSWER_NAMES_ID: Proof(CALM, TWO_VISITORS, 8),
    Rule.COMMIT_BEFORE_SHOW: Proof(CRASH, LOST, 3),
    Rule.SERVER_COMMITS_FIRST: Proof(SERVER_CRASH, TWO_VISITORS, 9),
    Rule.RESERVATION_LAPSES: Proof(CALM, Promise.NO_GHOST, 2),
    Rule.LATE_SETTLEMENT_TAKEN: Proof(LATE, LOST, 4),
    Rule.NUMBER_NEVER_AGAIN: Proof(LATE, TWO_VISITORS, 9),
    Rule.SHOWN_IS_TRUTH: Proof(CALM, LOST, 3),
    Rule.DATE_OF_ANSWER: Proof(MIDNIGHT, TWO_VISITORS, 9),
    Rule.ACK_NAMES_REV: Proof(CALM, Promise.LATEST_STORED, 7),
    Rule.HIGHEST_REV_KEPT: Proof(CALM, Promise.LATEST_STORED, 9),
    Rule.SETTLED_NUMBER_FIXED: Proof(STRANGER, LOST, 8),
    Rule.LETTERLESS_BY_RESERVATION: Proof(STRANGER, CONFLICT, 5),
    Rule.LETTERED_BY_HOLDER: Proof(STRANGER, CONFLICT, 4),
    Rule.LETTER_OF_JOURNAL: Proof(OLD_JOURNAL, TWO_VISITORS, 11),
    Rule.LETTER_BEFORE_OWN: Proof(DAMAGE, TWO_VISITORS, 7),
    Rule.LETTER_FOR_ASKING_JOURNAL: Proof(DAMAGE, TWO_VISITORS, 10),
    Rule.JOURNAL_BOUND_TO_MACHINE: Proof(CLONE_LATER, TWO_VISITORS, 10),
    Rule.WITNESS: Proof(OLD_JOURNAL, TWO_VISITORS, 8),
    Rule.STEP_BACK_IS_CONFLICT: Proof(OLD_DISK, TWO_VISITORS, 13),
    Rule.FOLLOWED_IS_CONFLICT: Proof(OLDER_DISK, TWO_VISITORS, 14),
    Rule.MEET_AFTER_RESTORE: Proof(OLD_DISK, TWO_VISITORS, 10),
    Rule.SET_ASIDE_IS_SALVAGED: Proof(DAMAGE, LOST, 3),
    Rule.ROW_NAMES_ITS_JOURNAL: Proof(DAMAGE, LOST, 3),
    Rule.SKIP_AFTER_UNCLEAN_STOP: Proof(LIE, TWO_VISITORS, 7),
    Rule.SKIPS_ADD_UP: Proof(LIES, TWO_VISITORS, 8),
    Rule.SEQ_SKIPS_TOO: Proof(LIE_OLD_JOURNAL, TWO_VISITORS, 11),
    Rule.RESTORE_CHANGES_EPOCH: Proof(RESTORE_TWO, LOST, 7),
    Rule.ACKED_ROWS_KEPT: Proof(RESTORE_TWO, LOST, 7),
    Rule.RESTORE_MOVES_LINES: Proof(RESTORE_TWO, TWO_VISITORS, 10),
    Rule.RESTORE_MOVES_NEW_LINES: Proof(RESTORE_TWO, TWO_VISITORS, 10),
    Rule.RESTORE_MOVES_LETTERS: Proof(RESTORE_LETTERS, LOST, 9),
    Rule.RESTORE_TAKES_THE_GAP: Proof(RESTORE_TWO, LOST, 5),
}
"""Every rule but the two about conflicts, which need a double on paper first (test_rules)."""
