"""The state of the model: plain tuples, which compare and hash fast."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

NO_LETTER = 0
ROGUE = 90
"""The journal, and the visitor, of a kiosk that violates the rules."""


class ModelNumber(NamedTuple):
    """A queue number: the business date, the letter (``NO_LETTER`` for none) and the value."""

    day: int
    letter: int
    value: int

    def __str__(self) -> str:
        letter = chr(ord("A") + self.letter - 1) if self.letter else ""
        return f"{letter}{self.value:03d}" + (f" of day {self.day + 1}" if self.day else "")


class TicketId(NamedTuple):
    """A ticket id, fresh for each visit. The visitor in it is used by the checks only."""

    visitor: int
    attempt: int

    def __str__(self) -> str:
        return f"t{self.visitor}.{self.attempt}"


class ModelRow(NamedTuple):
    """A ticket in a journal, unsent while ``acked`` < ``rev``. ``origin``: the issuing journal."""

    id: TicketId
    number: ModelNumber
    rev: int
    acked: int
    origin: int


class ModelJournal(NamedTuple):
    """A journal. ``day``, ``last``: the own number handed out last. ``skip``: what the
    next own number skips. ``follows``: the journal set aside for this one, -1 for none;
    ``ended``: on the machine to which that one was bound. ``since``: the first date of its
    letter. ``answered``: the kiosk's date at the last answer, where letters are leased.
    ``dated``: whether the date of the own number handed out last was right."""

    id: int
    machine: int
    letter: int
    epoch: int
    seq: int = 0
    day: int = 0
    last: int = 0
    skip: int = 0
    follows: int = -1
    rows: tuple[ModelRow, ...] = ()
    ended: bool = False
    since: int = 0
    answered: int = 0
    dated: bool = True

    def row(self, ticket: TicketId) -> ModelRow | None:
        """The row of a ticket id."""
        return next((row for row in self.rows if row.id == ticket), None)


class Phase(IntEnum):
    """The phase of a visit."""

    ASKING = 0
    SHOWN_EARLY = 1
    """Shown but not committed: only without COMMIT_BEFORE_SHOW."""
    COMMITTED = 2
    SHOWN = 3
    """Shown; the printer's outcome is not yet written as a new revision."""


class ModelVisit(NamedTuple):
    """A visit in progress. In memory: lost in a crash."""

    id: TicketId
    phase: Phase = Phase.ASKING
    number: ModelNumber | None = None


class ModelDisk(NamedTuple):
    """What a copy of a disk holds: the journal, and the watermark (journal id, seq)."""

    journal: ModelJournal
    watermark: tuple[int, int]


class ModelKiosk(NamedTuple):
    """A kiosk. ``todo``: visitors still to come. ``life``: counts starts; answers to an earlier
    life reach nobody. ``before``: the journal before its last write. ``met``: False after a whole
    disk was put back, until the server has answered. ``ahead``: days its clock is wrong by."""

    disk: ModelDisk
    todo: tuple[int, ...]
    jobs: tuple[ModelVisit, ...] = ()
    life: int = 0
    before: ModelJournal | None = None
    copy: ModelDisk | None = None
    contacted: bool = True
    ahead: int = 0


class Entry(NamedTuple):
    """A ticket on the server. ``rev`` 0: reserved, not settled."""

    id: TicketId
    number: ModelNumber
    rev: int = 0
    lapsed: bool = False
    conflict: bool = False

    @property
    def counts(self) -> bool:
        """Whether it counts in the queue."""
        return not self.lapsed and not self.conflict


class HeardJournal(NamedTuple):
    """When the server heard a journal first and last. ``ended``: the journal that it says to have
    replaced on the machine to which that one was bound, -1 for none."""

    journal: int
    first: int
    last: int
    ended: int = -1


class ModelServer(NamedTuple):
    """The server. ``lines``: the last letterless value of each day, 0 for a line not begun.
    ``holders``: (letter, journal). ``seqs``: (journal, highest seq). ``followed``: journals that
    were set aside. ``free``: numbers to be handed out again. ``gap``, ``letter_gap``: what a
    restore moved over, as (day,) first, last.

    ``reuses``: it has only ``unused`` letters left, then gives letters again. ``former``:
    (letter, journal) of those in ``holders`` whose letter another journal holds now. ``since``:
    (letter, first date) of a letter given again. ``kept``: letters up to this one are not given
    again."""

    last_values: tuple[int, int] = (0, 0)
    next_letter: int = 1
    tickets: tuple[Entry, ...] = ()
    holders: tuple[tuple[int, int], ...] = ()
    seqs: tuple[tuple[int, int], ...] = ()
    followed: frozenset[int] = frozenset()
    epoch: int = 0
    free: tuple[ModelNumber, ...] = ()
    gap: tuple[tuple[int, int, int], ...] = ()
    letter_gap: tuple[tuple[int, int], ...] = ()
    reuses: bool = False
    unused: int = 0
    heard: tuple[HeardJournal, ...] = ()
    former: frozenset[tuple[int, int]] = frozenset()
    since: tuple[tuple[int, int], ...] = ()
    kept: int = 0


class ReserveMessage(NamedTuple):
    """PUT /tickets/{id}"""

    kiosk: int
    id: TicketId

    def __str__(self) -> str:
        return f"PUT {self.id} of kiosk {self.kiosk}"


class ReserveReply(NamedTuple):
    """Its answer."""

    kiosk: int
    id: TicketId
    number: ModelNumber

    def __str__(self) -> str:
        return f"answer {self.id} = {self.number} to kiosk {self.kiosk}"


class SyncMessage(NamedTuple):
    """POST /sync; ``rows`` are those not acknowledged."""

    kiosk: int
    life: int
    journal: int
    seq: int
    rows: tuple[ModelRow, ...]
    follows: int = -1
    ended: bool = False

    def __str__(self) -> str:
        rows = ", ".join(f"{r.id} = {r.number} rev {r.rev}" for r in self.rows)
        return f"sync of journal {self.journal} seq {self.seq} [{rows}]"


class SyncReply(NamedTuple):
    """Its answer. ``results``: (id, rev) of what was taken. ``step_back``: journal_conflict."""

    kiosk: int
    life: int
    journal: int
    seq: int
    epoch: int
    results: tuple[tuple[TicketId, int], ...]
    letter: int
    step_back: bool
    since: int = 0

    def __str__(self) -> str:
        acks = ", ".join(f"{i} rev {r}" for i, r in self.results)
        tail = " journal_conflict" if self.step_back else ""
        return f"answer to sync of journal {self.journal} seq {self.seq} [{acks}]{tail}"


Message = ReserveMessage | ReserveReply | SyncMessage | SyncReply


class ModelState(NamedTuple):
    """The world. ``net``: all that was ever sent and may still arrive, any number of times.
    ``shown``, ``acked``, ``gone`` are for the checks: what visitors saw, what was acknowledged,
    and which rows a fault has taken from the disk; ``hall``, where letters are given again: what
    visitors saw on this day, whatever date the kiosk's clock gave it."""

    kiosks: tuple[ModelKiosk, ...]
    server: ModelServer
    budget: tuple[int, ...]
    net: frozenset[Message] = frozenset()
    day: int = 0
    journals: int = 0
    shown: frozenset[tuple[TicketId, ModelNumber]] = frozenset()
    acked: frozenset[tuple[TicketId, int]] = frozenset()
    lost_rows: frozenset[TicketId] = frozenset()
    backup: ModelServer | None = None
    lost_by_server: bool = False
    hall: frozenset[tuple[int, int, int]] = frozenset()
