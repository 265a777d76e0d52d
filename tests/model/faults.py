"""Fault transitions other than the network's, each as often as the state's budget allows."""

from __future__ import annotations

from collections.abc import Iterator

from tests.model import kiosk, server
from tests.model.rules import ModelFault, Rule
from tests.model.state import (
    NO_LETTER,
    ROGUE,
    ModelDisk,
    ModelJournal,
    ModelKiosk,
    ModelNumber,
    ModelRow,
    ModelState,
    SyncMessage,
    TicketId,
)

Rules = frozenset[Rule]
Step = tuple[str, ModelState]

NEEDS_A_COPY = (ModelFault.OLD_JOURNAL, ModelFault.OLD_DISK, ModelFault.UNSYNCED_DISK)
ROGUE_TICKET = TicketId(ROGUE, 0)


def steps(state: ModelState, rules: Rules) -> Iterator[Step]:
    """Every fault that can happen next: its label and the state after it."""
    for at, one in enumerate(state.kiosks):
        if state.budget[ModelFault.CRASH]:
            yield (
                f"kiosk {at}: crash and start",
                _crash(state, at, one.disk.journal, ModelFault.CRASH, rules),
            )
        if state.budget[ModelFault.LOST_WRITE] and one.before is not None:
            label = f"kiosk {at}: power cut, the last write is lost"
            yield label, _crash(state, at, one.before, ModelFault.LOST_WRITE, rules)
        if state.budget[ModelFault.EARLY_RETRY] and len(one.jobs) == 1:
            after, _ = kiosk.try_again(one, rules)
            label = f"kiosk {at}: visitor {after.jobs[1].id.visitor} tries again"
            yield label, spent(_with_kiosk(state, at, after), ModelFault.EARLY_RETRY)
        if state.budget[ModelFault.WRONG_CLOCK] and not one.jobs:
            for ahead in (-1, 1):
                wrong = _with_kiosk(state, at, one._replace(ahead=ahead))
                label = f"kiosk {at}: its clock is set {'ahead' if ahead > 0 else 'back'}"
                if state.day + ahead >= 0:
                    yield label, spent(wrong, ModelFault.WRONG_CLOCK)
        yield from _journals(state, at, one, rules)
    yield from _server_faults(state, rules)
    yield from _rogue_rows(state)


def _journals(state: ModelState, at: int, one: ModelKiosk, rules: Rules) -> Iterator[Step]:
    """Faults of one kiosk's files: damage, copies put back, clones."""
    journal = one.disk.journal
    if state.budget[ModelFault.DAMAGE]:
        fresh = kiosk.quarantine(journal, at, state.journals, rules)
        after = _with_kiosk(state, at, kiosk.written(one, fresh))
        yield f"kiosk {at}: journal damaged", spent(after, ModelFault.DAMAGE, fresh=1)
    if one.copy is None and any(state.budget[fault] for fault in NEEDS_A_COPY):
        yield f"kiosk {at}: its disk is copied", _with_kiosk(state, at, one._replace(copy=one.disk))
    if one.copy is not None and _tells_apart(one.copy.journal) != _tells_apart(journal):
        if state.budget[ModelFault.OLD_JOURNAL]:
            yield (
                f"kiosk {at}: the old journal is put back",
                _put_back(
                    state,
                    at,
                    ModelDisk(one.copy.journal, one.disk.watermark),
                    ModelFault.OLD_JOURNAL,
                    rules,
                ),
            )
        heard = dict(state.server.seqs).get(journal.id) == journal.seq
        fault = ModelFault.OLD_DISK if heard else ModelFault.UNSYNCED_DISK
        if state.budget[fault] and not one.jobs:
            label = f"kiosk {at}: the old disk is put back"
            yield label, _put_back(state, at, one.copy, fault, rules)
    if state.budget[ModelFault.CLONE]:
        yield from _clones(state, at, one, rules)


def _tells_apart(journal: ModelJournal) -> tuple[int, int, int, int]:
    """What distinguishes an old copy from the current journal."""
    return journal.id, journal.seq, journal.last, len(journal.rows)


def _clones(state: ModelState, at: int, one: ModelKiosk, rules: Rules) -> Iterator[Step]:
    for other, source in enumerate(state.kiosks):
        unused = not one.disk.journal.rows and not one.jobs
        if other != at and unused and source.disk.journal.rows:
            label = f"kiosk {at}: starts with a copy of the disk of kiosk {other}"
            yield label, _started(state, at, source.disk, ModelFault.CLONE, rules)


def _started(
    state: ModelState, at: int, disk: ModelDisk, fault: ModelFault, rules: Rules
) -> ModelState:
    after = kiosk.start(state.kiosks[at], disk, at, state.journals, rules)
    fresh = after.disk.journal.id == state.journals
    return spent(_with_kiosk(state, at, after), fault, fresh=fresh)


def _put_back(
    state: ModelState, at: int, disk: ModelDisk, fault: ModelFault, rules: Rules
) -> ModelState:
    """An old copy replaces the journal: later rows are lost from the disk."""
    lost = {row.id for row in state.kiosks[at].disk.journal.rows}
    lost -= {row.id for row in disk.journal.rows}
    one = state.kiosks[at]
    unseen = {job.id.visitor: None for job in one.jobs if not _has_seen(state, job.id)}
    state = _with_kiosk(state, at, one._replace(todo=(*unseen, *one.todo)))
    state = _started(state, at, disk, fault, rules)
    if fault is not ModelFault.OLD_JOURNAL and Rule.CONTACT_AFTER_RESTORE in rules:
        state = _with_kiosk(state, at, state.kiosks[at]._replace(contacted=False))
    return state._replace(lost_rows=state.lost_rows | lost)


def _crash(
    state: ModelState, at: int, journal: ModelJournal, fault: ModelFault, rules: Rules
) -> ModelState:
    one = state.kiosks[at]
    lost = {row.id for row in one.disk.journal.rows} - {row.id for row in journal.rows}
    after = kiosk.crash(one, {ticket for ticket, _ in state.shown}, journal, rules)
    return spent(_with_kiosk(state, at, after), fault)._replace(lost_rows=state.lost_rows | lost)


def _server_faults(state: ModelState, rules: Rules) -> Iterator[Step]:
    if state.budget[ModelFault.RESTORE]:
        if state.backup is None and state.budget[ModelFault.MONTH]:
            pass  # it would be too old
        elif state.backup is None:
            yield "server: a backup is made", state._replace(backup=state.server)
        else:
            back = server.restored(state.backup, state.day, state.server.epoch, rules)
            after = spent(state, ModelFault.RESTORE)
            after = after._replace(server=back, backup=None, lost_by_server=True)
            yield "server: the backup is put back", after
    # A server that commits before it answers loses nothing in a crash but messages, which the
    # network loses anyway.
    if (
        state.budget[ModelFault.SERVER_CRASH]
        and state.backup
        and Rule.SERVER_COMMITS_FIRST not in rules
    ):
        after = spent(state, ModelFault.SERVER_CRASH)
        yield "server: crash and start", after._replace(server=state.backup, backup=None)
    if state.budget[ModelFault.MIDNIGHT]:
        yield "midnight", spent(state, ModelFault.MIDNIGHT)._replace(day=state.day + 1)
    if state.budget[ModelFault.MONTH] and not any(one.jobs for one in state.kiosks):
        kiosks = tuple(one._replace(before=None) for one in state.kiosks)
        after = spent(state, ModelFault.MONTH)._replace(day=state.day + 1, net=frozenset())
        after = after._replace(kiosks=kiosks, hall=frozenset(), backup=None)
        yield "a month passes", after
    if state.budget[ModelFault.TWO_MINUTES]:
        for entry in state.server.tickets:
            if not entry.rev and not entry.lapsed:
                lapsed = server.lapse(state.server, entry, rules)
                after = spent(state, ModelFault.TWO_MINUTES)._replace(server=lapsed)
                yield f"two minutes pass over the reservation {entry.number}", after


def _rogue_rows(state: ModelState) -> Iterator[Step]:
    """Settlements sent by a journal that is not entitled to the number."""
    if not state.budget[ModelFault.ROGUE]:
        return
    letterless = ModelNumber(state.day, NO_LETTER, state.server.last_values[state.day] + 1)
    forged = [(ROGUE_TICKET, letterless), (ROGUE_TICKET, ModelNumber(state.day, 1, 1))]
    for letter, holder in state.server.holders:
        if holder == ROGUE:
            settled = [entry.id for entry in state.server.tickets if entry.rev]
            forged += [(ticket, ModelNumber(state.day, letter, 1)) for ticket in settled]
    for ticket, number in forged:
        row = ModelRow(ticket, number, rev=1, acked=0, origin=ROGUE)
        message = SyncMessage(ROGUE, 0, ROGUE, 1, (row,))
        after = spent(state, ModelFault.ROGUE)._replace(net=state.net | {message})
        yield f"a rogue kiosk settles {ticket} = {number}", after


def _with_kiosk(state: ModelState, at: int, one: ModelKiosk) -> ModelState:
    kiosks = list(state.kiosks)
    kiosks[at] = one
    return state._replace(kiosks=tuple(kiosks))


def spent(state: ModelState, fault: ModelFault, fresh: int = 0) -> ModelState:
    """``state`` with one occurrence of ``fault`` taken from the budget."""
    left = list(state.budget)
    left[fault] -= 1
    return state._replace(budget=tuple(left), journals=state.journals + fresh)


def _has_seen(state: ModelState, ticket: TicketId) -> bool:
    return any(seen == ticket for seen, _ in state.shown)
