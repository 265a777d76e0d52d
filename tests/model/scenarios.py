"""The scenarios to search in full, and for each rule the one that proves that it is needed."""

from __future__ import annotations

from dataclasses import dataclass

from tests.model.promises import Promise
from tests.model.rules import ModelFault, Rule
from tests.model.world import Scenario

CALM = Scenario("1 kiosk x 2 visits, network only", (2,), revisions=True)
CALM_TWO = Scenario("2 kiosks x 1 visit, network only", (1, 1), revisions=True)
TRY_AGAIN = Scenario("1 x 2, a visitor tries again", (2,), (ModelFault.EARLY_RETRY,))
CONCURRENT = Scenario("1 x 2, concurrent messages", (2,), (ModelFault.CONCURRENT,))
CONCURRENT_TWO = Scenario("2 x 1, concurrent messages", (1, 1), (ModelFault.CONCURRENT,))
CRASH = Scenario("1 x 2, a crash", (2,), (ModelFault.CRASH,))
CRASH_TWO = Scenario("2 x 1, a crash", (1, 1), (ModelFault.CRASH,))
LOST_WRITE = Scenario("1 x 2, a lost write", (2,), (ModelFault.LOST_WRITE,))
LOST_WRITES = Scenario(
    "1 x 2, a crash and a lost write", (2,), (ModelFault.CRASH, ModelFault.LOST_WRITE)
)
DAMAGE = Scenario("1 x 2, a journal damaged in use", (2,), (ModelFault.DAMAGE,))
DAMAGE_TWO = Scenario("2 x 1, a journal damaged in use", (1, 1), (ModelFault.DAMAGE,))
OLD_JOURNAL = Scenario("1 x 2, an old journal put back", (2,), (ModelFault.OLD_JOURNAL,))
LOST_WRITE_OLD_JOURNAL = Scenario(
    "1 x 2, a lost write, an old journal put back",
    (2,),
    (ModelFault.LOST_WRITE, ModelFault.OLD_JOURNAL),
)
OLD_DISK = Scenario("1 x 2, an old disk put back", (2,), (ModelFault.OLD_DISK,))
OLDER_DISK = Scenario(
    "1 x 2, an old disk put back after damage", (2,), (ModelFault.DAMAGE, ModelFault.OLD_DISK)
)
CLONE = Scenario("2 x 1, a disk cloned", (1, 1), (ModelFault.CLONE,))
CLONE_LATER = Scenario("2 + 1, a disk cloned", (2, 1), (ModelFault.CLONE,))
SERVER_CRASH = Scenario("1 x 2, the server crashes", (2,), (ModelFault.SERVER_CRASH,))
RESTORE = Scenario("1 x 2, the server restored", (2,), (ModelFault.RESTORE,))
RESTORE_TWO = Scenario("2 x 1, the server restored", (1, 1), (ModelFault.RESTORE,))
RESTORE_LETTERS = Scenario(
    "1 x 1, two journals damaged, the server restored",
    (1,),
    (ModelFault.DAMAGE, ModelFault.DAMAGE, ModelFault.RESTORE),
)
ROGUE = Scenario("1 x 2, a rogue kiosk", (2,), (ModelFault.ROGUE,))
MIDNIGHT = Scenario("1 x 2, midnight", (2,), (ModelFault.MIDNIGHT,))
MIDNIGHT_TWO = Scenario("2 x 1, midnight", (1, 1), (ModelFault.MIDNIGHT,))
LATE = Scenario("1 x 2, two minutes pass", (2,), (ModelFault.TWO_MINUTES,))
LATE_TWO = Scenario("2 x 1, two minutes pass", (1, 1), (ModelFault.TWO_MINUTES,))

REUSE_SILENT = Scenario(
    "1 x 1 and a new kiosk, letters given again", (1, 1), (ModelFault.MONTH,), reuse=True
)
REUSE = Scenario(
    "2 x 1, a journal damaged, letters given again",
    (1, 1),
    (ModelFault.DAMAGE, ModelFault.MONTH),
    reuse=True,
    unused=1,
)
REUSE_OWN = Scenario(
    "2 + 1, a journal damaged, its letter given again",
    (2, 1),
    (ModelFault.DAMAGE, ModelFault.MONTH),
    reuse=True,
)
REUSE_LOST_WRITE = Scenario(
    "1 + 2, a journal damaged, a lost write, letters given again",
    (1, 2),
    (ModelFault.DAMAGE, ModelFault.LOST_WRITE, ModelFault.MONTH),
    reuse=True,
)
REUSE_CLONE = Scenario(
    "2 + 1, a disk cloned, letters given again",
    (2, 1),
    (ModelFault.CLONE, ModelFault.MONTH),
    reuse=True,
)
REUSE_CLOCK_SILENT = Scenario(
    "1 x 1 and a new kiosk, a wrong clock, letters given again",
    (1, 1),
    (ModelFault.MONTH, ModelFault.WRONG_CLOCK),
    reuse=True,
)
REUSE_CLOCK = Scenario(
    "1 x 2, a journal damaged, a wrong clock, its letter given again",
    (2,),
    (ModelFault.DAMAGE, ModelFault.MONTH, ModelFault.WRONG_CLOCK),
    reuse=True,
)
REUSE_RESTORE = Scenario(
    "2 x 1, a journal damaged, letters given again, the server restored",
    (1, 1),
    (ModelFault.DAMAGE, ModelFault.MONTH, ModelFault.RESTORE),
    reuse=True,
    unused=1,
)

IN_FULL = (
    CALM,
    CALM_TWO,
    TRY_AGAIN,
    CONCURRENT,
    CONCURRENT_TWO,
    CRASH,
    CRASH_TWO,
    LOST_WRITE,
    DAMAGE,
    DAMAGE_TWO,
    OLD_DISK,
    CLONE,
    SERVER_CRASH,
    RESTORE_TWO,
    RESTORE_LETTERS,
    ROGUE,
    MIDNIGHT,
    MIDNIGHT_TWO,
    LATE,
    LATE_TWO,
    REUSE_SILENT,
    REUSE,
    REUSE_OWN,
    REUSE_LOST_WRITE,
    REUSE_CLONE,
    REUSE_CLOCK_SILENT,
    REUSE_CLOCK,
)
"""Searched completely by the tests."""

IN_FULL_LONG = (
    OLD_JOURNAL,
    LOST_WRITE_OLD_JOURNAL,
    LOST_WRITES,
    RESTORE,
    CLONE_LATER,
    OLDER_DISK,
    Scenario("1 x 2, a crash, revisions", (2,), (ModelFault.CRASH,), True),
    Scenario("2 x 1, a crash, revisions", (1, 1), (ModelFault.CRASH,), True),
    Scenario("1 x 2, a lost write, revisions", (2,), (ModelFault.LOST_WRITE,), True),
    Scenario("1 x 2, damage, revisions", (2,), (ModelFault.DAMAGE,), True),
    Scenario("1 x 2, restored, midnight", (2,), (ModelFault.RESTORE, ModelFault.MIDNIGHT)),
    Scenario("2 x 1, a lost write and damage", (1, 1), (ModelFault.LOST_WRITE, ModelFault.DAMAGE)),
    REUSE_RESTORE,
    Scenario(
        "2 + 1, damage, a wrong clock, letters given again",
        (2, 1),
        (ModelFault.DAMAGE, ModelFault.MONTH, ModelFault.WRONG_CLOCK),
        reuse=True,
    ),
    Scenario(
        "2 x 1, damage, a wrong clock, letters given again",
        (1, 1),
        (ModelFault.DAMAGE, ModelFault.MONTH, ModelFault.WRONG_CLOCK),
        reuse=True,
        unused=1,
    ),
    Scenario(
        "2 x 1, two journals damaged, letters given again",
        (1, 1),
        (ModelFault.DAMAGE, ModelFault.DAMAGE, ModelFault.MONTH),
        reuse=True,
    ),
    Scenario(
        "2 x 1, damage, an old disk put back, letters given again",
        (1, 1),
        (ModelFault.DAMAGE, ModelFault.OLD_DISK, ModelFault.MONTH),
        reuse=True,
    ),
)
"""Searched completely by benchmarks/model_long.py."""


@dataclass(frozen=True)
class RuleProof:
    """Without the rule, ``scenario`` violates ``broken``. ``events``: length of the shortest
    trace."""

    scenario: Scenario
    broken: Promise
    events: int


TWO_NUMBERS, TWO_VISITORS = Promise.ONE_NUMBER_A_VISITOR, Promise.ONE_VISITOR_A_NUMBER
LOST, CONFLICT = Promise.SHOWN_IS_STORED, Promise.NO_CONFLICT
ONE_DAY = Promise.ONE_VISITOR_A_DAY

PROOFS = {
    Rule.SERVER_KEYS_BY_ID: RuleProof(CALM, Promise.STORED_ONCE, 5),
    Rule.WRITE_DECIDES: RuleProof(CONCURRENT, LOST, 4),
    Rule.TRY_AGAIN_KEEPS_ID: RuleProof(TRY_AGAIN, TWO_NUMBERS, 6),
    Rule.ANSWER_NAMES_ID: RuleProof(CALM, TWO_VISITORS, 8),
    Rule.COMMIT_BEFORE_SHOW: RuleProof(CRASH, LOST, 3),
    Rule.SERVER_COMMITS_FIRST: RuleProof(SERVER_CRASH, TWO_VISITORS, 9),
    Rule.RESERVATION_LAPSES: RuleProof(CALM, Promise.NO_ABANDONED_RESERVATION, 2),
    Rule.LATE_SETTLEMENT_TAKEN: RuleProof(LATE, LOST, 4),
    Rule.NUMBER_NEVER_AGAIN: RuleProof(LATE, TWO_VISITORS, 9),
    Rule.SHOWN_IS_TRUTH: RuleProof(CALM, LOST, 3),
    Rule.DATE_OF_ANSWER: RuleProof(MIDNIGHT, TWO_VISITORS, 9),
    Rule.ACK_NAMES_REV: RuleProof(CALM, Promise.LATEST_STORED, 7),
    Rule.HIGHEST_REV_KEPT: RuleProof(CALM, Promise.LATEST_STORED, 9),
    Rule.SETTLED_NUMBER_FIXED: RuleProof(ROGUE, LOST, 8),
    Rule.LETTERLESS_BY_RESERVATION: RuleProof(ROGUE, CONFLICT, 5),
    Rule.LETTERED_BY_HOLDER: RuleProof(ROGUE, CONFLICT, 4),
    Rule.LETTER_OF_JOURNAL: RuleProof(OLD_JOURNAL, TWO_VISITORS, 11),
    Rule.LETTER_BEFORE_OWN: RuleProof(DAMAGE, TWO_VISITORS, 7),
    Rule.LETTER_FOR_ASKING_JOURNAL: RuleProof(DAMAGE, TWO_VISITORS, 10),
    Rule.JOURNAL_BOUND_TO_MACHINE: RuleProof(CLONE_LATER, TWO_VISITORS, 10),
    Rule.WATERMARK: RuleProof(OLD_JOURNAL, TWO_VISITORS, 8),
    Rule.STEP_BACK_IS_CONFLICT: RuleProof(OLD_DISK, TWO_VISITORS, 13),
    Rule.FOLLOWED_IS_CONFLICT: RuleProof(OLDER_DISK, TWO_VISITORS, 14),
    Rule.CONTACT_AFTER_RESTORE: RuleProof(OLD_DISK, TWO_VISITORS, 10),
    Rule.QUARANTINE_IS_SALVAGED: RuleProof(DAMAGE, LOST, 3),
    Rule.ROW_NAMES_ITS_JOURNAL: RuleProof(DAMAGE, LOST, 3),
    Rule.SKIP_AFTER_UNCLEAN_STOP: RuleProof(LOST_WRITE, TWO_VISITORS, 7),
    Rule.SKIPS_ADD_UP: RuleProof(LOST_WRITES, TWO_VISITORS, 8),
    Rule.SEQ_SKIPS_TOO: RuleProof(LOST_WRITE_OLD_JOURNAL, TWO_VISITORS, 11),
    Rule.RESTORE_CHANGES_EPOCH: RuleProof(RESTORE_TWO, LOST, 7),
    Rule.ACKED_ROWS_KEPT: RuleProof(RESTORE_TWO, LOST, 7),
    Rule.RESTORE_MOVES_SERIES: RuleProof(RESTORE_TWO, TWO_VISITORS, 10),
    Rule.RESTORE_MOVES_NEW_SERIES: RuleProof(RESTORE_TWO, TWO_VISITORS, 10),
    Rule.RESTORE_MOVES_LETTERS: RuleProof(RESTORE_LETTERS, LOST, 9),
    Rule.RESTORE_TAKES_THE_GAP: RuleProof(RESTORE_TWO, LOST, 5),
    Rule.REUSE_AFTER_THE_END: RuleProof(REUSE_SILENT, TWO_VISITORS, 10),
    Rule.END_SAID_BY_ITS_MACHINE: RuleProof(REUSE_CLONE, TWO_VISITORS, 16),
    Rule.REUSE_AFTER_DAYS: RuleProof(REUSE, ONE_DAY, 12),
    Rule.SUCCESSOR_HEARD_SINCE: RuleProof(REUSE_LOST_WRITE, TWO_VISITORS, 17),
    Rule.NO_LATER_NUMBER: RuleProof(REUSE_CLOCK, TWO_VISITORS, 14),
    Rule.DATED_AFTER_THE_END: RuleProof(REUSE_CLOCK, TWO_VISITORS, 14),
    Rule.FORMER_HOLDER_SETTLES: RuleProof(REUSE_RESTORE, Promise.ALL_ACKNOWLEDGED, 8),
}
"""Every rule but the two about conflicts, which need a double on paper first, and the one about
letters after a restore, whose shortest history is too long for a search (test_rules)."""
