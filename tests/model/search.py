"""Every order of events, shortest first; and the shortest way to a broken promise."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from tests.model.network import spent_dropped
from tests.model.promises import EVERY, Promise, at_the_end, broken_at_the_end, broken_now
from tests.model.rules import ALL, Rule, budget
from tests.model.state import State
from tests.model.world import Scenario, initial, successors

Rules = frozenset[Rule]
NOTHING_LEFT = budget(())
Came = dict[State, tuple[State, str] | None]


@dataclass(frozen=True)
class Found:
    """What a search found: how many states, the promise broken first (None: none in any state)
    and the events that lead to it. ``complete``: every state was seen."""

    states: int
    complete: bool
    broken: Promise | None = None
    trace: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{n:3}. {event}" for n, event in enumerate(self.trace, start=1)]
        told = f"{self.broken.value}:" if self.broken else "no promise broken"
        return "\n".join([f"{self.states} states, {told}", *lines])


class Judge:
    """Checks states; ends are remembered, since many states lead to the same one."""

    def __init__(self, rules: Rules, promises: frozenset[Promise] = EVERY) -> None:
        """``promises``: those that count."""
        self._rules = rules
        self._promises = promises
        self._ends: dict[object, Promise | None] = {}

    def broken(self, state: State) -> Promise | None:
        """The first promise that ``state``, or the end it comes to, does not keep."""
        now = broken_now(state)
        if now in self._promises:
            return now
        # No message of the past is delivered on the way to the end.
        key = state._replace(net=frozenset(), budget=NOTHING_LEFT, backup=None)
        if key not in self._ends:
            end = at_the_end(key, self._rules)
            told = [p for p in broken_at_the_end(end) if p in self._promises]
            self._ends[key] = told[0] if told else None
        return self._ends[key]


def search(
    scenario: Scenario,
    rules: Rules = ALL,
    promises: frozenset[Promise] = EVERY,
    at_most: int = 1_000_000,
) -> Found:
    """Breadth first over all states of ``scenario``; stops at the first broken promise."""
    judge = Judge(rules, promises)
    start = initial(scenario)
    came: Came = {start: None}
    waiting = deque([start])
    while waiting:
        state = waiting.popleft()
        for label, after in successors(state, scenario, rules):
            after = spent_dropped(after, rules)
            if after in came:
                continue
            came[after] = (state, label)
            broken = judge.broken(after)
            if broken is not None:
                return Found(len(came), False, broken, _trace(came, after))
            if len(came) >= at_most:
                return Found(len(came), False)
            waiting.append(after)
    return Found(len(came), True)


def _trace(came: Came, state: State) -> tuple[str, ...]:
    events: list[str] = []
    step = came[state]
    while step is not None:
        state, label = step
        events.append(label)
        step = came[state]
    return tuple(reversed(events))


def walk(
    scenario: Scenario, choices: Iterable[int], rules: Rules = ALL, only: frozenset[Promise] = EVERY
) -> Found:
    """One history: each of ``choices`` picks the next event among those that can be."""
    judge = Judge(rules, only)
    state, trace = initial(scenario), []
    for choice in choices:
        events = list(successors(state, scenario, rules))
        if not events:
            break
        label, state = events[choice % len(events)]
        state = spent_dropped(state, rules)
        trace.append(label)
        broken = judge.broken(state)
        if broken is not None:
            return Found(len(trace), False, broken, tuple(trace))
    return Found(len(trace), True)
