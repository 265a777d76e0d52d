"""The kiosk of the model. Each function is one atomic step: a crash can happen between two."""

from __future__ import annotations

from collections.abc import Container
from functools import lru_cache

from tests.model.rules import Rule
from tests.model.server import CACHE_SIZE
from tests.model.state import (
    NO_LETTER,
    ModelDisk,
    ModelJournal,
    ModelKiosk,
    ModelNumber,
    ModelRow,
    ModelVisit,
    Phase,
    SyncReply,
    TicketId,
)

Rules = frozenset[Rule]

LEASE = 1
"""For how many days a leased letter may be used: 28, scaled down."""


def may_be_served(kiosk: ModelKiosk) -> bool:
    """Whether the next visitor can tap."""
    return bool(kiosk.todo) and not kiosk.jobs and kiosk.contacted


def tap(kiosk: ModelKiosk) -> tuple[ModelKiosk, TicketId]:
    """A visitor's last tap: a fresh ticket id, and a reservation request."""
    visitor, *later = kiosk.todo
    ticket = TicketId(visitor, 2 * kiosk.life)
    return kiosk._replace(todo=tuple(later), jobs=(ModelVisit(ticket),)), ticket


def try_again(kiosk: ModelKiosk, rules: Rules) -> tuple[ModelKiosk, TicketId]:
    """The screen timed out while the job still runs; the visitor taps "Try again"."""
    ticket = kiosk.jobs[0].id
    if Rule.TRY_AGAIN_KEEPS_ID not in rules:
        ticket = ticket._replace(attempt=ticket.attempt + 1)
    return kiosk._replace(jobs=(*kiosk.jobs, ModelVisit(ticket))), ticket


def written(kiosk: ModelKiosk, journal: ModelJournal) -> ModelKiosk:
    """One durable write: the journal, and the watermark after it."""
    disk = ModelDisk(journal, (journal.id, journal.seq))
    return kiosk._replace(disk=disk, before=kiosk.disk.journal)


def _moved_to(kiosk: ModelKiosk, at: int, job: ModelVisit | None) -> ModelKiosk:
    jobs = list(kiosk.jobs)
    jobs[at : at + 1] = [job] if job else []
    return kiosk._replace(jobs=tuple(jobs))


# ── numbers ──────────────────────────────────────────────────────────────────────────────────


def own_number(journal: ModelJournal, day: int, rules: Rules, ahead: int = 0) -> ModelNumber | None:
    """The next number of the own series; None if this journal may not issue one.

    ``day``: the date by the kiosk's clock, which is wrong by ``ahead`` days. The series restarts
    only on a later date, when this date and that of the number before are right.
    """
    if journal.letter == NO_LETTER and Rule.LETTER_BEFORE_OWN in rules:
        return None
    if Rule.LETTER_LEASED in rules and day - journal.answered >= LEASE:
        return None
    if Rule.DATED_AFTER_THE_END in rules:
        day = max(day, journal.since)
    goes_on = day <= journal.day or ahead or not journal.dated
    last = journal.last if goes_on else 0
    if ahead or day != journal.day:
        mine = (row.number for row in journal.rows if row.origin == journal.id)
        same = [n.value for n in mine if (n.day, n.letter) == (day, journal.letter)]
        last = max([last, *same])
    return ModelNumber(day, journal.letter, last + 1 + journal.skip)


def take_own(kiosk: ModelKiosk, at: int, day: int, rules: Rules) -> ModelKiosk | None:
    """Timeout: take a number of the own series, or the row that the id already has."""
    journal = kiosk.disk.journal
    held = journal.row(kiosk.jobs[at].id)
    if held:
        return commit(kiosk, at, held.number)
    number = own_number(journal, day + kiosk.ahead, rules, kiosk.ahead)
    return None if number is None else take(kiosk, at, number, rules)


def take(kiosk: ModelKiosk, at: int, number: ModelNumber, rules: Rules) -> ModelKiosk:
    """Commit a visit's number; without COMMIT_BEFORE_SHOW, show it before the commit."""
    job = kiosk.jobs[at]._replace(number=number)
    if Rule.COMMIT_BEFORE_SHOW in rules:
        return commit(kiosk, at, number)
    return _moved_to(kiosk, at, job._replace(phase=Phase.SHOWN_EARLY))


def commit(kiosk: ModelKiosk, at: int, number: ModelNumber) -> ModelKiosk:
    """One transaction: the row, and the series if the number is the kiosk's own."""
    job, journal = kiosk.jobs[at], kiosk.disk.journal
    held = journal.row(job.id)
    kept = held.number if held else number
    kiosk = _moved_to(kiosk, at, ModelVisit(job.id, Phase.COMMITTED, kept))
    if held:
        return kiosk
    row = ModelRow(job.id, number, rev=1, acked=0, origin=journal.id)
    journal = journal._replace(rows=(*journal.rows, row), seq=journal.seq + 1)
    if number.letter == journal.letter != NO_LETTER:
        dated = not kiosk.ahead
        journal = journal._replace(day=number.day, last=number.value, skip=0, dated=dated)
    return written(kiosk, journal)


def show(
    kiosk: ModelKiosk, at: int, revisions: bool
) -> tuple[ModelKiosk, tuple[TicketId, ModelNumber]]:
    """Show the committed number on screen and on paper."""
    job = kiosk.jobs[at]
    if job.number is None:
        raise AssertionError(f"{job.id} is committed without a number")
    after = ModelVisit(job.id, Phase.SHOWN) if revisions else None
    return _moved_to(kiosk, at, after), (job.id, job.number)


def outcome(kiosk: ModelKiosk, at: int) -> ModelKiosk:
    """Write the printer's outcome as a new revision; the visit ends."""
    job, journal = kiosk.jobs[at], kiosk.disk.journal
    kiosk = _moved_to(kiosk, at, None)
    if not any(row.id == job.id and row.rev == 1 for row in journal.rows):
        return kiosk
    rows = tuple(r._replace(rev=2) if r.id == job.id else r for r in journal.rows)
    return written(kiosk, journal._replace(rows=rows, seq=journal.seq + 1))


# ── an answer to sync ────────────────────────────────────────────────────────────────────────


def unsent(journal: ModelJournal) -> tuple[ModelRow, ...]:
    """The rows that the server has not acknowledged at their present revision."""
    return tuple(row for row in journal.rows if row.acked < row.rev)


@lru_cache(maxsize=CACHE_SIZE)
def learn(
    kiosk: ModelKiosk, answer: SyncReply, fresh: int, rules: Rules, day: int = 0
) -> ModelKiosk:
    """Apply an answer to sync. ``fresh``: the id for a new journal, if one is needed; ``day``: the
    server's date, which sets the kiosk's clock right."""
    journal = kiosk.disk.journal
    same = answer.journal == journal.id
    if answer.life != kiosk.life or not (same or Rule.LETTER_FOR_ASKING_JOURNAL not in rules):
        return kiosk
    if answer.epoch != journal.epoch:
        rows = tuple(row._replace(acked=0) for row in journal.rows)
        journal = journal._replace(epoch=answer.epoch, rows=rows)
    journal = journal._replace(rows=_acknowledged(journal.rows, answer, rules))
    if journal.letter == NO_LETTER:
        journal = journal._replace(letter=answer.letter, since=answer.since)
    if Rule.LETTER_LEASED in rules:
        if journal.letter != answer.letter:
            journal = journal._replace(letter=answer.letter, since=answer.since)
        journal = journal._replace(answered=day)
    if answer.step_back and same and answer.seq == journal.seq:
        journal = quarantine(journal, journal.machine, fresh, rules)
    if journal != kiosk.disk.journal:
        kiosk = written(kiosk, journal)
    return kiosk._replace(contacted=True, ahead=0)


def _acknowledged(
    rows: tuple[ModelRow, ...], answer: SyncReply, rules: Rules
) -> tuple[ModelRow, ...]:
    results = set(answer.results)
    if Rule.ACK_NAMES_REV in rules:
        rows = tuple(
            row._replace(acked=row.rev) if (row.id, row.rev) in results else row for row in rows
        )
    else:
        ids = {ticket for ticket, _ in results}
        rows = tuple(row._replace(acked=row.rev) if row.id in ids else row for row in rows)
    if Rule.ACKED_ROWS_KEPT not in rules:
        rows = tuple(row for row in rows if row.acked < row.rev)
    return rows


# ── starts ───────────────────────────────────────────────────────────────────────────────────


def quarantine(journal: ModelJournal, machine: int, fresh: int, rules: Rules) -> ModelJournal:
    """Replace a journal that must not be used any more by a new one with the id ``fresh``."""
    rows = journal.rows if Rule.QUARANTINE_IS_SALVAGED in rules else ()
    ended = journal.machine == machine
    return ModelJournal(
        *(fresh, machine, NO_LETTER, journal.epoch), rows=rows, follows=journal.id, ended=ended
    )


def start(kiosk: ModelKiosk, disk: ModelDisk, machine: int, fresh: int, rules: Rules) -> ModelKiosk:
    """Start with ``disk``; everything in memory is lost."""
    journal, (watermark_id, seq) = disk
    foreign = journal.machine != machine and Rule.JOURNAL_BOUND_TO_MACHINE in rules
    older = (journal.id != watermark_id or journal.seq < seq) and Rule.WATERMARK in rules
    if foreign or older:
        journal = quarantine(journal, machine, fresh, rules)
        disk = ModelDisk(journal, (journal.id, journal.seq))
    return kiosk._replace(disk=disk, jobs=(), life=kiosk.life + 1, before=None)


def crash(
    kiosk: ModelKiosk, shown: Container[TicketId], journal: ModelJournal, rules: Rules
) -> ModelKiosk:
    """An unclean stop and a restart with ``journal`` on the disk.

    A committed number without an outcome is offered to the visitor in front of the kiosk; a
    visitor who has not seen a number starts again.
    """
    if Rule.SKIP_AFTER_UNCLEAN_STOP in rules:
        pending = journal.skip if Rule.SKIPS_ADD_UP in rules else 0
        journal = journal._replace(skip=pending + 1)
    if Rule.SEQ_SKIPS_TOO in rules:
        journal = journal._replace(seq=journal.seq + 1)
    after = start(
        kiosk, ModelDisk(journal, (journal.id, journal.seq)), journal.machine, 0, frozenset()
    )
    back = []
    for job in kiosk.jobs:
        row = journal.row(job.id)
        if row is not None and row.rev == 1 and job.phase >= Phase.COMMITTED:
            after = after._replace(jobs=(ModelVisit(job.id, Phase.COMMITTED, row.number),))
        elif job.id not in shown:
            back.append(job.id.visitor)
    if after.jobs:
        back = []
    return after._replace(todo=(*dict.fromkeys(back), *after.todo))
