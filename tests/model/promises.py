"""The invariants (promises), and the quiescent state in which most of them are checked."""

from __future__ import annotations

from enum import Enum

from tests.model import kiosk, server
from tests.model.rules import Rule
from tests.model.state import ModelState, Phase, TicketId
from tests.model.world import learned, sync_of, today, with_kiosk

Rules = frozenset[Rule]

MAX_ROUNDS = 6
"""Exchanges of each kiosk until nothing changes: more than any search here needs."""


class Promise(Enum):
    """An invariant. The value describes its violation."""

    ONE_NUMBER_A_VISITOR = "a visitor holds two numbers"
    ONE_VISITOR_A_NUMBER = "two visitors hold one number"
    ONE_VISITOR_A_DAY = "two visitors hold one number on the same day"
    SHOWN_IS_STORED = "a number that was shown is not in the server as it was shown"
    NO_CONFLICT = "a number that one visitor was shown is a conflict in the server"
    STORED_ONCE = "a number is in the server twice"
    LATEST_STORED = "the server has an older revision than the journal"
    ALL_ACKNOWLEDGED = "a row is never acknowledged"
    ACKED_IS_STORED = "a row that was acknowledged is not in the server"
    CALLED_ONCE = "two tickets in the queue have one number"
    NO_ABANDONED_RESERVATION = "a reservation that no visitor holds counts in the queue"


ALL_PROMISES = frozenset(Promise)


def violated_now(state: ModelState) -> Promise | None:
    """The promise violated in this very state, of those that must hold in every state."""
    numbers: dict[int, object] = {}
    visitors: dict[object, int] = {}
    for ticket, number in state.shown:
        if numbers.setdefault(ticket.visitor, number) != number:
            return Promise.ONE_NUMBER_A_VISITOR
        if visitors.setdefault(number, ticket.visitor) != ticket.visitor:
            return Promise.ONE_VISITOR_A_NUMBER
    if len({(letter, value) for letter, value, _ in state.hall}) < len(state.hall):
        return Promise.ONE_VISITOR_A_DAY
    return None


def quiesce(state: ModelState, rules: Rules) -> ModelState:
    """The quiescent state: no more faults or visitors; jobs finish and every exchange succeeds."""
    for at, one in enumerate(state.kiosks):
        jobs = one.jobs
        while one.jobs:
            job = one.jobs[0]
            if job.phase is Phase.SHOWN_EARLY and job.number is not None:
                one = kiosk.commit(one, 0, job.number)
            elif job.phase is Phase.COMMITTED:
                one, seen = kiosk.show(one, 0, revisions=False)
                state = state._replace(shown=state.shown | {seen})
            else:
                one = one._replace(jobs=one.jobs[1:])
        if jobs:
            state = with_kiosk(state, at, one)
    for _ in range(MAX_ROUNDS):
        before = state
        for at in range(len(state.kiosks)):
            after, answer = server.synced(state.server, sync_of(state, at), rules, today(state))
            state = learned(state._replace(server=after), answer, rules)
        if state == before:
            break
    for entry in state.server.tickets:
        if not entry.rev and not entry.lapsed:
            state = state._replace(server=server.lapse(state.server, entry, rules))
    return state


def violated_at_end(state: ModelState) -> list[Promise]:
    """The promises violated in a quiescent state."""
    tickets = state.server.tickets
    broken = []
    for ticket, number in state.shown:
        mine = [e for e in tickets if e.id == ticket and e.number == number and e.rev]
        if not mine and ticket not in state.lost_rows:
            broken.append(Promise.SHOWN_IS_STORED)
        if any(entry.conflict for entry in mine):
            broken.append(Promise.NO_CONFLICT)
        if len(mine) > 1:
            broken.append(Promise.STORED_ONCE)
    revs = {entry.id: entry.rev for entry in tickets}
    for one in state.kiosks:
        if any(revs.get(row.id, 0) < row.rev for row in one.disk.journal.rows):
            broken.append(Promise.LATEST_STORED)
        if kiosk.unsent(one.disk.journal):
            broken.append(Promise.ALL_ACKNOWLEDGED)
    called = [entry.number for entry in tickets if entry.counts]
    if len(called) != len(set(called)):
        broken.append(Promise.CALLED_ONCE)
    if any(entry.counts and not entry.rev for entry in tickets):
        broken.append(Promise.NO_ABANDONED_RESERVATION)
    if any(
        revs.get(ticket, 0) < rev for ticket, rev in state.acked if _is_owed(state, ticket, rev)
    ):
        broken.append(Promise.ACKED_IS_STORED)
    return broken


def _is_owed(state: ModelState, ticket: TicketId, rev: int) -> bool:
    """Whether the server must have this row.

    Not if a restore took the server's copy and another fault the journal's.
    """
    rows = (row for one in state.kiosks for row in one.disk.journal.rows)
    held = any(row.id == ticket and row.rev >= rev for row in rows)
    return held or not state.lost_by_server
