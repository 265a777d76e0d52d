"""What goes wrong besides the network; each fault as often as the state's budget allows."""

from __future__ import annotations

from collections.abc import Iterator

from tests.model import kiosk, server
from tests.model.rules import Fault, Rule
from tests.model.state import (
    NO_LETTER,
    STRANGER,
    Disk,
    Journal,
    Kiosk,
    Number,
    Row,
    State,
    Sync,
    TicketId,
)

Rules = frozenset[Rule]
Step = tuple[str, State]

FROM_A_COPY = (Fault.OLD_JOURNAL, Fault.OLD_DISK, Fault.UNHEARD_DISK)
STRANGERS_ID = TicketId(STRANGER, 0)


def steps(state: State, rules: Rules) -> Iterator[Step]:
    """Every fault that may come next."""
    for at, one in enumerate(state.kiosks):
        if state.budget[Fault.CRASH]:
            yield (
                f"kiosk {at}: crash and start",
                _crash(state, at, one.disk.journal, Fault.CRASH, rules),
            )
        if state.budget[Fault.LIE] and one.before is not None:
            label = f"kiosk {at}: power cut, the last write is lost"
            yield label, _crash(state, at, one.before, Fault.LIE, rules)
        if state.budget[Fault.IMPATIENCE] and len(one.jobs) == 1:
            after, _ = kiosk.try_again(one, rules)
            label = f"kiosk {at}: visitor {after.jobs[1].id.visitor} tries again"
            yield label, spent(_put(state, at, after), Fault.IMPATIENCE)
        yield from _journals(state, at, one, rules)
    yield from _at_the_server(state, rules)
    yield from _strangers(state)


def _journals(state: State, at: int, one: Kiosk, rules: Rules) -> Iterator[Step]:
    """What happens to the files of one kiosk."""
    journal = one.disk.journal
    if state.budget[Fault.DAMAGE]:
        fresh = kiosk.set_aside(journal, at, state.journals, rules)
        after = _put(state, at, kiosk.written(one, fresh))
        yield f"kiosk {at}: journal damaged", spent(after, Fault.DAMAGE, fresh=1)
    if one.copy is None and any(state.budget[fault] for fault in FROM_A_COPY):
        yield f"kiosk {at}: its disk is copied", _put(state, at, one._replace(copy=one.disk))
    if one.copy is not None and _tells_apart(one.copy.journal) != _tells_apart(journal):
        if state.budget[Fault.OLD_JOURNAL]:
            yield (
                f"kiosk {at}: the old journal is put back",
                _put_back(
                    state, at, Disk(one.copy.journal, one.disk.watermark), Fault.OLD_JOURNAL, rules
                ),
            )
        heard = dict(state.server.seqs).get(journal.id) == journal.seq
        fault = Fault.OLD_DISK if heard else Fault.UNHEARD_DISK
        if state.budget[fault] and not one.jobs:
            label = f"kiosk {at}: the old disk is put back"
            yield label, _put_back(state, at, one.copy, fault, rules)
    if state.budget[Fault.CLONE]:
        yield from _clones(state, at, one, rules)


def _tells_apart(journal: Journal) -> tuple[int, int, int, int]:
    """A copy that is the same in these is no old one."""
    return journal.id, journal.seq, journal.last, len(journal.rows)


def _clones(state: State, at: int, one: Kiosk, rules: Rules) -> Iterator[Step]:
    for other, source in enumerate(state.kiosks):
        unused = not one.disk.journal.rows and not one.jobs
        if other != at and unused and source.disk.journal.rows:
            label = f"kiosk {at}: starts with a copy of the disk of kiosk {other}"
            yield label, _started(state, at, source.disk, Fault.CLONE, rules)


def _started(state: State, at: int, disk: Disk, fault: Fault, rules: Rules) -> State:
    after = kiosk.start(state.kiosks[at], disk, at, state.journals, rules)
    fresh = after.disk.journal.id == state.journals
    return spent(_put(state, at, after), fault, fresh=fresh)


def _put_back(state: State, at: int, disk: Disk, fault: Fault, rules: Rules) -> State:
    """An old copy takes the journal's place: later rows are gone from the disk."""
    lost = {row.id for row in state.kiosks[at].disk.journal.rows}
    lost -= {row.id for row in disk.journal.rows}
    one = state.kiosks[at]
    unseen = {job.id.visitor: None for job in one.jobs if not _has_seen(state, job.id)}
    state = _put(state, at, one._replace(todo=(*unseen, *one.todo)))
    state = _started(state, at, disk, fault, rules)
    if fault is not Fault.OLD_JOURNAL and Rule.MEET_AFTER_RESTORE in rules:
        state = _put(state, at, state.kiosks[at]._replace(met=False))
    return state._replace(gone=state.gone | lost)


def _crash(state: State, at: int, journal: Journal, fault: Fault, rules: Rules) -> State:
    one = state.kiosks[at]
    lost = {row.id for row in one.disk.journal.rows} - {row.id for row in journal.rows}
    after = kiosk.crash(one, {ticket for ticket, _ in state.shown}, journal, rules)
    return spent(_put(state, at, after), fault)._replace(gone=state.gone | lost)


def _at_the_server(state: State, rules: Rules) -> Iterator[Step]:
    if state.budget[Fault.RESTORE]:
        if state.backup is None:
            yield "server: a backup is made", state._replace(backup=state.server)
        else:
            back = server.restored(state.backup, state.day, state.server.epoch, rules)
            after = spent(state, Fault.RESTORE)
            after = after._replace(server=back, backup=None, lost_by_server=True)
            yield "server: the backup is put back", after
    # A server that commits first loses no more by a crash than the network may lose.
    if state.budget[Fault.SERVER_CRASH] and state.backup and Rule.SERVER_COMMITS_FIRST not in rules:
        after = spent(state, Fault.SERVER_CRASH)
        yield "server: crash and start", after._replace(server=state.backup, backup=None)
    if state.budget[Fault.MIDNIGHT]:
        yield "midnight", spent(state, Fault.MIDNIGHT)._replace(day=state.day + 1)
    if state.budget[Fault.TWO_MINUTES]:
        for entry in state.server.tickets:
            if not entry.rev and not entry.lapsed:
                lapsed = server.lapse(state.server, entry, rules)
                after = spent(state, Fault.TWO_MINUTES)._replace(server=lapsed)
                yield f"two minutes pass over the reservation {entry.number}", after


def _strangers(state: State) -> Iterator[Step]:
    """Rows of a journal that is not entitled to them."""
    if not state.budget[Fault.STRANGER]:
        return
    letterless = Number(state.day, NO_LETTER, state.server.lines[state.day] + 1)
    forged = [(STRANGERS_ID, letterless), (STRANGERS_ID, Number(state.day, 1, 1))]
    for letter, holder in state.server.holders:
        if holder == STRANGER:
            settled = [entry.id for entry in state.server.tickets if entry.rev]
            forged += [(ticket, Number(state.day, letter, 1)) for ticket in settled]
    for ticket, number in forged:
        row = Row(ticket, number, rev=1, acked=0, origin=STRANGER)
        message = Sync(STRANGER, 0, STRANGER, 1, (row,))
        after = spent(state, Fault.STRANGER)._replace(net=state.net | {message})
        yield f"a stranger settles {ticket} = {number}", after


def _put(state: State, at: int, one: Kiosk) -> State:
    kiosks = list(state.kiosks)
    kiosks[at] = one
    return state._replace(kiosks=tuple(kiosks))


def spent(state: State, fault: Fault, fresh: int = 0) -> State:
    """``state`` after a fault that may happen once less."""
    left = list(state.budget)
    left[fault] -= 1
    return state._replace(budget=tuple(left), journals=state.journals + fresh)


def _has_seen(state: State, ticket: TicketId) -> bool:
    return any(seen == ticket for seen, _ in state.shown)
