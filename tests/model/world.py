"""The transitions: visitors, kiosk steps, network. Faults are in ``faults``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.model import faults, kiosk, server
from tests.model.rules import ModelFault, Rule, budget
from tests.model.state import (
    NO_LETTER,
    ROGUE,
    Message,
    ModelDisk,
    ModelJournal,
    ModelKiosk,
    ModelNumber,
    ModelServer,
    ModelState,
    Phase,
    ReserveMessage,
    ReserveReply,
    SyncMessage,
    SyncReply,
    TicketId,
)

Rules = frozenset[Rule]
Step = tuple[str, ModelState]

ROGUE_LETTER = 20


@dataclass(frozen=True)
class Scenario:
    """What to search: visitors of each kiosk, faults allowed, whether revisions are modelled.

    ``reuse``: the server has only ``unused`` letters left, then gives letters again. It reserves
    no numbers, and all kiosks but the first are new ones without a letter.
    """

    name: str
    visits: tuple[int, ...]
    faults: tuple[ModelFault, ...] = ()
    revisions: bool = False
    reuse: bool = False
    unused: int = 0


def initial(scenario: Scenario) -> ModelState:
    """The initial state: all kiosks enrolled, each journal with a letter, no visitor served."""
    kiosks, holders, visitor = [], [], 0
    for at, visits in enumerate(scenario.visits):
        new = scenario.reuse and at > 0
        journal = ModelJournal(id=at, machine=at, letter=NO_LETTER if new else at + 1, epoch=0)
        kiosks.append(
            ModelKiosk(ModelDisk(journal, (at, 0)), tuple(range(visitor, visitor + visits)))
        )
        if not new:
            holders.append((at + 1, at))
        visitor += visits
    if ModelFault.ROGUE in scenario.faults:
        holders.append((ROGUE_LETTER, ROGUE))
    count = len(kiosks)
    return ModelState(
        kiosks=tuple(kiosks),
        server=ModelServer(
            next_letter=count + 1,
            holders=tuple(holders),
            reuses=scenario.reuse,
            unused=scenario.unused,
        ),
        budget=budget(scenario.faults),
        journals=count,
    )


def successors(state: ModelState, scenario: Scenario, rules: Rules) -> Iterator[Step]:
    """Every possible next event: its label and the state after it."""
    if not any(state.budget):
        # Partial-order reduction: without faults nothing can come between commit and screen.
        for at, one in enumerate(state.kiosks):
            if any(job.phase is Phase.COMMITTED for job in one.jobs):
                yield from _visits(state, at, scenario, rules)
                return
    for at in range(len(state.kiosks)):
        yield from _visits(state, at, scenario, rules)
        yield from _sends(state, at)
    for message in state.net:
        after = delivered(state, message, rules)
        if after != state:
            yield f"arrives: {message}", after
    if state.budget[ModelFault.CONCURRENT]:
        yield from _concurrent(state, rules)
    yield from faults.steps(state, rules)


# ── at one kiosk ─────────────────────────────────────────────────────────────────────────────


def _visits(state: ModelState, at: int, scenario: Scenario, rules: Rules) -> Iterator[Step]:
    one = state.kiosks[at]
    if kiosk.may_be_served(one):
        after, ticket = kiosk.tap(one)
        state_after = with_kiosk(state, at, after)
        if not state.server.reuses:
            state_after = state_after._replace(net=state.net | {ReserveMessage(at, ticket)})
        yield f"kiosk {at}: visitor {ticket.visitor} taps, id {ticket}", state_after
    for which, job in enumerate(one.jobs):
        if job.phase is Phase.ASKING:
            own = kiosk.take_own(one, which, state.day, rules)
            if own is not None:
                after_own = with_job(state, at, own, which)
                yield f"kiosk {at}: no answer for {job.id} in time, own series", after_own
        elif job.phase is Phase.SHOWN_EARLY and job.number is not None:
            late = kiosk.commit(one, which, job.number)
            yield f"kiosk {at}: commits {job.id}", with_kiosk(state, at, late)
        elif job.phase is Phase.COMMITTED:
            done, seen = kiosk.show(one, which, scenario.revisions)
            yield (
                f"kiosk {at}: shows {seen[0]} = {seen[1]}",
                _seen(with_kiosk(state, at, done), seen),
            )
        elif job.phase is Phase.SHOWN:
            revised = kiosk.outcome(one, which)
            yield f"kiosk {at}: printer's outcome of {job.id}", with_kiosk(state, at, revised)


def _seen(state: ModelState, seen: tuple[TicketId, ModelNumber]) -> ModelState:
    """A visitor sees a number."""
    state = state._replace(shown=state.shown | {seen})
    if not state.server.reuses:
        return state
    ticket, number = seen
    return state._replace(hall=state.hall | {(number.letter, number.value, ticket.visitor)})


def _sends(state: ModelState, at: int) -> Iterator[Step]:
    """Begin an exchange if there are unsent rows, no letter, or no contact since a restore, and
    where letters are given again on each day."""
    one = state.kiosks[at]
    journal = one.disk.journal
    heard = {entry.journal for entry in state.server.heard if entry.last == state.day}
    due = state.server.reuses and journal.id not in heard
    if kiosk.unsent(journal) or journal.letter == NO_LETTER or not one.contacted or due:
        message = sync_of(state, at)
        if message not in state.net:
            yield f"kiosk {at}: sends {message}", state._replace(net=state.net | {message})


def sync_of(state: ModelState, at: int) -> SyncMessage:
    """The exchange that a kiosk would begin now."""
    one = state.kiosks[at]
    journal = one.disk.journal
    return SyncMessage(
        *(at, one.life, journal.id, journal.seq, kiosk.unsent(journal), journal.follows),
        ended=journal.ended,
    )


def with_kiosk(state: ModelState, at: int, one: ModelKiosk) -> ModelState:
    """``state`` with the kiosk at index ``at`` replaced."""
    if not state.budget[ModelFault.LOST_WRITE]:
        one = one._replace(before=None)
    kiosks = list(state.kiosks)
    kiosks[at] = one
    return state._replace(kiosks=tuple(kiosks))


def with_job(state: ModelState, at: int, one: ModelKiosk, which: int) -> ModelState:
    """``with_kiosk``; a job that shows its number before the commit is seen by its visitor."""
    state = with_kiosk(state, at, one)
    job = one.jobs[which]
    if job.phase is Phase.SHOWN_EARLY and job.number is not None:
        state = state._replace(shown=state.shown | {(job.id, job.number)})
    return state


def today(state: ModelState) -> int:
    """The server's date where letters depend on it; else 0, so that fewer calls differ."""
    return state.day if state.server.reuses else 0


# ── on the network ───────────────────────────────────────────────────────────────────────────


def delivered(state: ModelState, message: Message, rules: Rules) -> ModelState:
    """Deliver ``message``. It stays in the network and may be delivered again."""
    if isinstance(message, ReserveMessage):
        after, number = server.reserve(state.server, message.id, state.day, rules)
        return _answered(state, after, ReserveReply(message.kiosk, message.id, number), rules)
    if isinstance(message, SyncMessage):
        after, answer = server.synced(state.server, message, rules, today(state))
        return _answered(state, after, answer, rules)
    if isinstance(message, ReserveReply):
        return _reserved(state, message, rules)
    return learned(state, message, rules)


def _concurrent(state: ModelState, rules: Rules) -> Iterator[Step]:
    """Deliver a message in a race: it read its ids before a concurrent message wrote them."""
    for message in state.net:
        answer: Message
        if isinstance(message, ReserveMessage) and server.entry_of(state.server, message.id):
            after, number = server.reserve_concurrently(state.server, message.id, state.day, rules)
            answer = ReserveReply(message.kiosk, message.id, number)
        elif isinstance(message, SyncMessage):
            after, answer = server.synced(
                state.server, message, rules, today(state), concurrent=True
            )
        else:
            continue
        answered = _answered(state, after, answer, rules)
        yield f"arrives concurrently: {message}", faults.spent(answered, ModelFault.CONCURRENT)


def _answered(state: ModelState, after: ModelServer, answer: Message, rules: Rules) -> ModelState:
    backup = state.backup
    if Rule.SERVER_COMMITS_FIRST not in rules and after != state.server:
        backup = state.server
    net = state.net if answer.kiosk == ROGUE else state.net | {answer}
    return state._replace(server=after, net=net, backup=backup)


def _reserved(state: ModelState, answer: ReserveReply, rules: Rules) -> ModelState:
    one = state.kiosks[answer.kiosk]
    for which, job in enumerate(one.jobs):
        if job.phase is not Phase.ASKING:
            continue
        if job.id != answer.id and Rule.ANSWER_NAMES_ID in rules:
            continue
        number = answer.number
        if Rule.DATE_OF_ANSWER not in rules:
            number = number._replace(day=state.day)
        return with_job(state, answer.kiosk, kiosk.take(one, which, number, rules), which)
    return state


def learned(state: ModelState, answer: SyncReply, rules: Rules) -> ModelState:
    """A kiosk reads an answer to sync."""
    one = state.kiosks[answer.kiosk]
    after = kiosk.learn(one, answer, state.journals, rules, today(state))
    if after == one:
        return state
    acked = {
        (row.id, row.rev)
        for row in one.disk.journal.rows
        if row.acked < row.rev and not _unsent_in(after, row.id)
    }
    fresh = after.disk.journal.id == state.journals
    state = with_kiosk(state, answer.kiosk, after)
    return state._replace(acked=state.acked | acked, journals=state.journals + fresh)


def _unsent_in(one: ModelKiosk, ticket: object) -> bool:
    return any(row.id == ticket for row in kiosk.unsent(one.disk.journal))
