"""The rules of the protocol, each one a switch: a search without one must find a broken promise."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, auto


class Rule(IntEnum):
    """A rule that kiosk or server keeps to. Taken out, the model does the obvious other thing."""

    # ── the number of one visitor ──
    SERVER_KEYS_BY_ID = auto()
    """The ticket id is the key: a repeated message finds its ticket again."""
    WRITE_DECIDES = auto()
    """What an id holds is decided as it is written: a message that had looked before another one
    wrote answers what stands there, and settles that."""
    TRY_AGAIN_KEEPS_ID = auto()
    """"Try again" repeats the ticket id, and the journal answers the row that it holds."""
    ANSWER_NAMES_ID = auto()
    """The kiosk takes a reservation only when it names the id that was asked for."""
    COMMIT_BEFORE_SHOW = auto()
    """A number is in the journal before anybody sees it."""
    SERVER_COMMITS_FIRST = auto()
    """The server answers after its commit is on the disk."""

    # ── reserve, then settle ──
    RESERVATION_LAPSES = auto()
    """A reservation that was not settled for two minutes counts in the queue no longer."""
    LATE_SETTLEMENT_TAKEN = auto()
    """A settlement that comes after that is taken."""
    NUMBER_NEVER_AGAIN = auto()
    """A number that was handed out once stays bound to its id, whatever becomes of it."""
    SHOWN_IS_TRUTH = auto()
    """The first settlement says which number the id has, whatever was reserved for it."""
    DATE_OF_ANSWER = auto()
    """A reserved number keeps the business date of the server's answer."""

    # ── rows and acknowledgements ──
    ACK_NAMES_REV = auto()
    """An acknowledgement clears a row only while the revision that it names is present."""
    HIGHEST_REV_KEPT = auto()
    """An older revision that comes later changes nothing."""
    SETTLED_NUMBER_FIXED = auto()
    """The number of a settled id never changes."""
    CONFLICT_STORED = auto()
    """A number that another ticket holds is stored as a conflict and acknowledged."""
    CONFLICT_NOT_CALLED = auto()
    """A conflict is for staff; it is never called by itself."""
    LETTERLESS_BY_RESERVATION = auto()
    """A number without a letter settles only for the id that it was reserved for."""
    LETTERED_BY_HOLDER = auto()
    """A number with a letter settles only from a journal that holds or held the letter."""

    # ── letters and journals ──
    LETTER_OF_JOURNAL = auto()
    """Each journal gets a letter that nobody had; not each machine."""
    LETTER_BEFORE_OWN = auto()
    """A journal without a letter gives no own numbers."""
    LETTER_FOR_ASKING_JOURNAL = auto()
    """A letter is written only into the journal in whose name it was asked for."""
    JOURNAL_BOUND_TO_MACHINE = auto()
    """A journal that wakes up on another machine is set aside."""
    WITNESS = auto()
    """A journal older than the watermark beside it is set aside."""
    STEP_BACK_IS_CONFLICT = auto()
    """An exchange whose seq is below the highest of its journal is a journal_conflict."""
    FOLLOWED_IS_CONFLICT = auto()
    """So is an exchange of a journal that another one has followed."""
    MEET_AFTER_RESTORE = auto()
    """A disk put back whole meets the server before it serves a visitor (a rule for people)."""
    SET_ASIDE_IS_SALVAGED = auto()
    """The rows of a journal that was set aside are sent by the one that follows it."""
    ROW_NAMES_ITS_JOURNAL = auto()
    """A row that was salvaged is settled in the name of the journal that handed it out."""
    SKIP_AFTER_UNCLEAN_STOP = auto()
    """After an unclean stop the own line skips (20; here 1, for one lost write)."""
    SKIPS_ADD_UP = auto()
    """Each skip is written at the start, before any number, and adds to one not yet used."""
    SEQ_SKIPS_TOO = auto()
    """So does seq: a journal that lost a write must not count up to the same seq again."""

    # ── a server put back from a backup ──
    RESTORE_CHANGES_EPOCH = auto()
    """A restored server has a new epoch, and a kiosk that sees it sends its rows again."""
    ACKED_ROWS_KEPT = auto()
    """A kiosk keeps acknowledged rows (30 days)."""
    RESTORE_MOVES_LINES = auto()
    """A restored server moves its lines on by more than could be lost."""
    RESTORE_MOVES_NEW_LINES = auto()
    """That holds for today's lines too of which the backup knows nothing."""
    RESTORE_MOVES_LETTERS = auto()
    """A restored server moves its letters on as well."""
    RESTORE_TAKES_THE_GAP = auto()
    """A number or letter that it moved over is taken from the first who shows it."""


ALL = frozenset(Rule)


def without(*rules: Rule) -> frozenset[Rule]:
    """All rules but ``rules``."""
    return ALL.difference(rules)


class Fault(IntEnum):
    """What may go wrong, besides the network. A search allows each a number of times."""

    CRASH = 0
    """The kiosk stops without warning and starts again."""
    LIE = auto()
    """The same, and the disk loses its last write, the watermark's with it."""
    IMPATIENCE = auto()
    """The screen gives up on a job that still runs, and the visitor tries again."""
    DAMAGE = auto()
    """The journal is found damaged in use, set aside, and its rows are read from it."""
    OLD_JOURNAL = auto()
    """The journal is replaced by an older copy; the watermark beside it is not."""
    OLD_DISK = auto()
    """The whole disk is replaced by an older copy, after the server had heard of all its rows."""
    UNHEARD_DISK = auto()
    """The same, with rows of which the server had not heard: no rule can save that."""
    CLONE = auto()
    """A new kiosk starts with a copy of another one's disk."""
    SERVER_CRASH = auto()
    """The server stops without warning and starts again."""
    RESTORE = auto()
    """The server is put back from a backup."""
    STRANGER = auto()
    """A kiosk that was set up wrongly settles a number that is not its own."""
    MIDNIGHT = auto()
    """The business date changes."""
    TWO_MINUTES = auto()
    """Two minutes pass over a reservation."""
    AT_ONCE = auto()
    """The server has looked for a message's ids before another message wrote them."""


def budget(faults: Iterable[Fault]) -> tuple[int, ...]:
    """How often each fault may happen; name a fault twice for two times."""
    named = list(faults)
    return tuple(named.count(fault) for fault in Fault)
