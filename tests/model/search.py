"""Breadth-first search over all orders of events; finds the shortest trace to a violation."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from tests.model.network import prune
from tests.model.promises import ALL_PROMISES, Promise, quiesce, violated_at_end, violated_now
from tests.model.rules import ALL, Rule, budget
from tests.model.state import ModelState
from tests.model.world import Scenario, initial, successors

Rules = frozenset[Rule]
NO_BUDGET = budget(())
Parents = dict[ModelState, tuple[ModelState, str] | None]


@dataclass(frozen=True)
class SearchResult:
    """The result of a search.

    ``states``: states explored. ``complete``: all of them. ``broken``: the promise violated first;
    None if none. ``trace``: the events that lead there.
    """

    states: int
    complete: bool
    broken: Promise | None = None
    trace: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{n:3}. {event}" for n, event in enumerate(self.trace, start=1)]
        heading = f"{self.broken.value}:" if self.broken else "no promise broken"
        return "\n".join([f"{self.states} states, {heading}", *lines])


class StateChecker:
    """Checks states. Caches the verdict on quiescent states: many states lead to the same one."""

    def __init__(self, rules: Rules, promises: frozenset[Promise] = ALL_PROMISES) -> None:
        """``promises``: those to check."""
        self._rules = rules
        self._promises = promises
        self._ends: dict[object, Promise | None] = {}

    def broken(self, state: ModelState) -> Promise | None:
        """The first promise violated in ``state`` or in its quiescent state."""
        now = violated_now(state)
        if now in self._promises:
            return now
        # No old message is delivered on the way to the quiescent state: drop them from the key.
        key = state._replace(net=frozenset(), budget=NO_BUDGET, backup=None, hall=frozenset())
        if key not in self._ends:
            end = quiesce(key, self._rules)
            violated = [p for p in violated_at_end(end) if p in self._promises]
            self._ends[key] = violated[0] if violated else None
        return self._ends[key]


def search(
    scenario: Scenario,
    rules: Rules = ALL,
    promises: frozenset[Promise] = ALL_PROMISES,
    at_most: int = 1_000_000,
) -> SearchResult:
    """Search all states of ``scenario``; stops at a violation or after ``at_most`` states."""
    checker = StateChecker(rules, promises)
    start = initial(scenario)
    parents: Parents = {start: None}
    waiting = deque([start])
    while waiting:
        state = waiting.popleft()
        for label, after in successors(state, scenario, rules):
            after = prune(after, rules)
            if after in parents:
                continue
            parents[after] = (state, label)
            broken = checker.broken(after)
            if broken is not None:
                return SearchResult(len(parents), False, broken, _trace(parents, after))
            if len(parents) >= at_most:
                return SearchResult(len(parents), False)
            waiting.append(after)
    return SearchResult(len(parents), True)


def _trace(parents: Parents, state: ModelState) -> tuple[str, ...]:
    events: list[str] = []
    step = parents[state]
    while step is not None:
        state, label = step
        events.append(label)
        step = parents[state]
    return tuple(reversed(events))


def follow(scenario: Scenario, events: Iterable[str], rules: Rules = ALL) -> SearchResult:
    """Follow one trace, given by the beginnings of its labels; ends at an event that cannot be."""
    checker = StateChecker(rules)
    state = initial(scenario)
    trace: list[str] = []
    for event in events:
        found = [one for one in successors(state, scenario, rules) if one[0].startswith(event)]
        if not found:
            return SearchResult(len(trace), False, None, tuple(trace))
        label, state = found[0]
        trace.append(label)
        broken = checker.broken(state)
        if broken is not None:
            return SearchResult(len(trace), False, broken, tuple(trace))
    return SearchResult(len(trace), True, None, tuple(trace))


def walk(
    scenario: Scenario,
    choices: Iterable[int],
    rules: Rules = ALL,
    only: frozenset[Promise] = ALL_PROMISES,
) -> SearchResult:
    """Follow one trace: each of ``choices`` selects the next event among the possible ones."""
    checker = StateChecker(rules, only)
    state, trace = initial(scenario), []
    for choice in choices:
        events = list(successors(state, scenario, rules))
        if not events:
            break
        label, state = events[choice % len(events)]
        state = prune(state, rules)
        trace.append(label)
        broken = checker.broken(state)
        if broken is not None:
            return SearchResult(len(trace), False, broken, tuple(trace))
    return SearchResult(len(trace), True)
