"""Which messages may be forgotten: those that can never change anything again.

A message that was sent stays in ``State.net`` and may arrive any number of times. Most are spent
soon: the server knows all that they say, and so does the kiosk. Forgetting these joins many
states into one. Each case below holds for good only while the server never goes back, and
looks for what it has before it writes.
"""

from __future__ import annotations

from tests.model import kiosk, server
from tests.model.rules import Fault, Rule
from tests.model.state import STRANGER, Message, Phase, Reserve, Reserved, State, Sync, Synced

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
"""The rules on which the cases below stand."""


def spent_dropped(state: State, rules: Rules) -> State:
    """``state`` without the messages that can never change it again."""
    if MONOTONE - rules:
        return state
    to_come = state.budget[Fault.RESTORE] or state.budget[Fault.AT_ONCE]
    for_good = not to_come and not state.lost_by_server
    spent = [message for message in state.net if _spent(state, message, for_good, rules)]
    return state._replace(net=state.net.difference(spent)) if spent else state


def _spent(state: State, message: Message, for_good: bool, rules: Rules) -> bool:
    if isinstance(message, Synced):
        return _heard(state, message, for_good, rules)
    if isinstance(message, Reserved):
        return not _asked(state, message)
    if not for_good:
        return False
    if isinstance(message, Reserve):
        known = server.entry_of(state.server, message.id) is not None
        return known and not _asked(state, message)
    return _all_said(state, message, rules)


def _asked(state: State, message: Reserve | Reserved) -> bool:
    """Whether a visit still waits for this answer; an id is asked for in one life only."""
    jobs = state.kiosks[message.kiosk].jobs
    return any(job.id == message.id and job.phase is Phase.ASKING for job in jobs)


def _heard(state: State, answer: Synced, for_good: bool, rules: Rules) -> bool:
    """An answer to an earlier life, or one that tells nothing new: revisions only rise."""
    one = state.kiosks[answer.kiosk]
    if answer.life != one.life or answer.journal != one.disk.journal.id:
        return True
    return for_good and kiosk.learn(one, answer, state.journals, rules) == one


def _all_said(state: State, message: Sync, rules: Rules) -> bool:
    after, answer = server.synced(state.server, message, rules)
    if after != state.server:
        return False
    return message.kiosk == STRANGER or _heard(state, answer, True, rules)
