"""The rules of the protocol as switches: a search without one must find a violation."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, auto


class Rule(IntEnum):
    """A rule of kiosk or server. Without it, the model does the obvious simpler thing."""

    # ── the number of one visitor ──
    SERVER_KEYS_BY_ID = auto()
    """The ticket id is the key: a repeated message finds its ticket again."""
    WRITE_DECIDES = auto()
    """The write decides which number an id has, not an earlier read: if a concurrent message wrote
    first, the answer, and the settlement, use the stored row."""
    TRY_AGAIN_KEEPS_ID = auto()
    """"Try again" repeats the ticket id, and the journal answers the row that it holds."""
    ANSWER_NAMES_ID = auto()
    """The kiosk accepts a reservation only if it names the requested id."""
    COMMIT_BEFORE_SHOW = auto()
    """A number is committed to the journal before it is shown."""
    SERVER_COMMITS_FIRST = auto()
    """The server answers only after its commit is durable."""

    # ── reserve, then settle ──
    RESERVATION_LAPSES = auto()
    """A reservation not settled within two minutes no longer counts in the queue."""
    LATE_SETTLEMENT_TAKEN = auto()
    """A settlement after that is still accepted."""
    NUMBER_NEVER_AGAIN = auto()
    """A number handed out stays bound to its id for ever."""
    SHOWN_IS_TRUTH = auto()
    """The first settlement decides which number the id has, not the reservation."""
    DATE_OF_ANSWER = auto()
    """A reserved number keeps the business date of the server's answer."""

    # ── rows and acknowledgements ──
    ACK_NAMES_REV = auto()
    """An acknowledgement clears a row only if it names the row's current revision."""
    HIGHEST_REV_KEPT = auto()
    """An older revision that arrives later is ignored."""
    SETTLED_NUMBER_FIXED = auto()
    """The number of a settled id never changes."""
    CONFLICT_STORED = auto()
    """A number held by another ticket is stored as a conflict and acknowledged."""
    CONFLICT_NOT_CALLED = auto()
    """A ticket in conflict is shown to staff and never called by rule."""
    LETTERLESS_BY_RESERVATION = auto()
    """A letterless number settles only for the id for which it was reserved."""
    LETTERED_BY_HOLDER = auto()
    """A lettered number settles only from a journal that holds or held the letter."""

    # ── letters and journals ──
    LETTER_OF_JOURNAL = auto()
    """Each journal, not each machine, gets a letter that was never assigned before."""
    LETTER_BEFORE_OWN = auto()
    """A journal without a letter issues no numbers of its own series."""
    LETTER_FOR_ASKING_JOURNAL = auto()
    """A letter is stored only in the journal that requested it."""
    JOURNAL_BOUND_TO_MACHINE = auto()
    """A journal found on another machine is quarantined."""
    WATERMARK = auto()
    """A journal older than the watermark file next to it is quarantined."""
    STEP_BACK_IS_CONFLICT = auto()
    """An exchange whose seq is below the highest of its journal is a journal_conflict."""
    FOLLOWED_IS_CONFLICT = auto()
    """So is an exchange of a journal that another journal has replaced."""
    CONTACT_AFTER_RESTORE = auto()
    """A kiosk with a restored disk contacts the server before it serves (a rule for staff)."""
    QUARANTINE_IS_SALVAGED = auto()
    """The rows of a quarantined journal are sent by its successor."""
    ROW_NAMES_ITS_JOURNAL = auto()
    """A salvaged row is settled in the name of the journal that issued it."""
    SKIP_AFTER_UNCLEAN_STOP = auto()
    """After an unclean stop the own series skips numbers (20; here 1, for one lost write)."""
    SKIPS_ADD_UP = auto()
    """Each skip is written at start, before any number, and adds to an unused one."""
    SEQ_SKIPS_TOO = auto()
    """``seq`` skips as well: a journal that lost a write must not reach the same ``seq`` again."""

    # ── a server restored from a backup ──
    RESTORE_CHANGES_EPOCH = auto()
    """A restored server has a new epoch; a kiosk that sees it sends all its rows again."""
    ACKED_ROWS_KEPT = auto()
    """A kiosk keeps acknowledged rows (30 days)."""
    RESTORE_MOVES_SERIES = auto()
    """A restored server moves its series on by more than could be lost."""
    RESTORE_MOVES_NEW_SERIES = auto()
    """That includes today's series that the backup does not have."""
    RESTORE_MOVES_LETTERS = auto()
    """A restored server also skips letters."""
    RESTORE_TAKES_THE_GAP = auto()
    """A skipped number or letter belongs to the first ticket or journal that settles it."""

    # ── letters given again ──
    REUSE_AFTER_THE_END = auto()
    """A letter is given again only when another journal has replaced the one that held it. Without
    it: when that journal was not heard for as long."""
    END_SAID_BY_ITS_MACHINE = auto()
    """Only a journal on the machine to which the old one was bound says that it has replaced it."""
    REUSE_AFTER_DAYS = auto()
    """A letter is given again 31 days (here one) after the end of its journal, not at once."""
    SUCCESSOR_HEARD_SINCE = auto()
    """And only if the journal that replaced it was heard again after these days."""
    NO_LATER_NUMBER = auto()
    """And only if no number with it has a later date than the end of its journal."""
    DATED_AFTER_THE_END = auto()
    """The next holder dates no number before the end of the journal that held its letter."""
    FORMER_HOLDER_SETTLES = auto()
    """A journal settles numbers with a letter that another one holds now."""
    RESTORE_KEEPS_LETTERS = auto()
    """After a restore no letter is given again that was given before; one whose journal has ended
    belongs, too, to the first journal that settles with it."""

    # ── rejected ──
    LETTER_LEASED = auto()
    """A kiosk stops using its letter when its clock says that it had no answer for as long. Not
    enough in place of REUSE_AFTER_THE_END: the clock of a machine that is off may stand still."""


REJECTED = frozenset({Rule.LETTER_LEASED})
ALL = frozenset(Rule) - REJECTED


def without(*rules: Rule) -> frozenset[Rule]:
    """All rules but ``rules``."""
    return ALL.difference(rules)


class ModelFault(IntEnum):
    """Faults other than the network's. A scenario allows each a number of times."""

    CRASH = 0
    """The kiosk stops without warning and starts again."""
    LOST_WRITE = auto()
    """A crash in which the disk loses its last write, including the watermark's."""
    EARLY_RETRY = auto()
    """The screen times out while the job still runs, and the visitor tries again."""
    DAMAGE = auto()
    """The journal is found damaged while in use and quarantined; its rows are salvaged."""
    OLD_JOURNAL = auto()
    """The journal is replaced by an older copy; the watermark file is not."""
    OLD_DISK = auto()
    """The disk is replaced by an older copy after the server received all rows."""
    UNSYNCED_DISK = auto()
    """The same with rows that the server never received: no rule can prevent a double."""
    CLONE = auto()
    """A new kiosk starts with a copy of another kiosk's disk."""
    SERVER_CRASH = auto()
    """The server stops without warning and starts again."""
    RESTORE = auto()
    """The server is restored from a backup."""
    ROGUE = auto()
    """A misconfigured kiosk settles a number that is not its own."""
    MIDNIGHT = auto()
    """The business date changes."""
    TWO_MINUTES = auto()
    """Two minutes pass over a reservation."""
    MONTH = auto()
    """31 days pass. No visitor and no message waits for so long, every write is on the disk, and no
    older backup is put back."""
    WRONG_CLOCK = auto()
    """The clock of a kiosk is set a month back or ahead, until the server's next answer."""
    CONCURRENT = auto()
    """Race: the server read a message's ids before a concurrent message wrote them."""


def budget(faults: Iterable[ModelFault]) -> tuple[int, ...]:
    """How often each fault may happen: once for each time that it is listed."""
    named = list(faults)
    return tuple(named.count(fault) for fault in ModelFault)
