"""State-space reduction: remove messages that can never change anything again.

A sent message stays in ``State.net`` and may be delivered any number of times. Most become inert
soon: server and kiosk know everything in them. Removing these merges many states. Each case below
is valid only while the server's state is monotone (no restore to come) and it looks up what it has
before it writes (no concurrent message to come).
"""

from __future__ import annotations

from tests.model import kiosk, server
from tests.model.rules import ModelFault, Rule
from tests.model.state import (
    ROGUE,
    Message,
    ModelState,
    Phase,
    ReserveMessage,
    ReserveReply,
    SyncMessage,
    SyncReply,
)
from tests.model.world import today

Rules = frozenset[Rule]

MONOTONE = frozenset(
    {
        Rule.SERVER_KEYS_BY_ID,
        Rule.ANSWER_NAMES_ID,
        Rule.SERVER_COMMITS_FIRST,
        Rule.HIGHEST_REV_KEPT,
        Rule.SETTLED_NUMBER_FIXED,
        Rule.ACK_NAMES_REV,
        Rule.LETTER_FOR_ASKING_JOURNAL,
    }
)
"""The rules that the cases below depend on."""


def prune(state: ModelState, rules: Rules) -> ModelState:
    """``state`` without its inert messages."""
    if MONOTONE - rules:
        return state
    to_come = state.budget[ModelFault.RESTORE] or state.budget[ModelFault.CONCURRENT]
    server_monotone = not to_come and not state.lost_by_server
    inert = [message for message in state.net if _is_inert(state, message, server_monotone, rules)]
    return state._replace(net=state.net.difference(inert)) if inert else state


def _is_inert(state: ModelState, message: Message, server_monotone: bool, rules: Rules) -> bool:
    if isinstance(message, SyncReply):
        return _changes_nothing(state, message, server_monotone, rules)
    if isinstance(message, ReserveReply):
        return not _is_awaited(state, message)
    if not server_monotone:
        return False
    if isinstance(message, ReserveMessage):
        known = server.entry_of(state.server, message.id) is not None
        return known and not _is_awaited(state, message)
    return _is_known(state, message, rules)


def _is_awaited(state: ModelState, message: ReserveMessage | ReserveReply) -> bool:
    """Whether a visit still waits for this answer. Ids are not reused in another life."""
    jobs = state.kiosks[message.kiosk].jobs
    return any(job.id == message.id and job.phase is Phase.ASKING for job in jobs)


def _changes_nothing(
    state: ModelState, answer: SyncReply, server_monotone: bool, rules: Rules
) -> bool:
    """Whether an answer is to an earlier life, or has no effect now and, being monotone, later."""
    one = state.kiosks[answer.kiosk]
    if answer.life != one.life or answer.journal != one.disk.journal.id:
        return True
    learned = kiosk.learn(one, answer, state.journals, rules, today(state))
    return server_monotone and learned == one


def _is_known(state: ModelState, message: SyncMessage, rules: Rules) -> bool:
    after, answer = server.synced(state.server, message, rules, today(state))
    if after != state.server:
        return False
    return message.kiosk == ROGUE or _changes_nothing(state, answer, True, rules)
