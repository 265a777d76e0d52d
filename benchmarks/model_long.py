"""Search the protocol's model further than the tests do (see tests/model and docs/protocol.md).

    python benchmarks/model_long.py [SECONDS] [SEED]     larger searches, then random histories
    python benchmarks/model_long.py --traces             shortest failure without each rule

Prints a table of the exhaustive searches; exits with 1 when a promise is broken.
"""

from __future__ import annotations

import random
import sys
import time

from tests.model.rules import ModelFault, without
from tests.model.scenarios import IN_FULL, IN_FULL_LONG, PROOFS
from tests.model.search import search, walk
from tests.model.test_walks import FAULTS, possible
from tests.model.world import Scenario

AT_MOST = 1_500_000
VISITS = ((2, 2, 2), (1, 1, 1), (3, 3), (6,), (4,), (2,))


def main(arguments: list[str]) -> int:
    """Run with ``arguments`` as in the module's docstring; return the exit code."""
    if arguments == ["--traces"]:
        return traces()
    seconds, seed = [*map(int, arguments), *(60, 1)[len(arguments) :]]
    broken = searches()
    return 1 if walks(seconds, seed) or broken else 0


def traces() -> int:
    """Print the shortest history that breaks a promise without each rule."""
    for rule, proof in PROOFS.items():
        found = search(proof.scenario, without(rule), frozenset({proof.broken}))
        print(f"{rule.name}: {rule.__doc__ or ''}\n{proof.scenario.name}; {found}\n")
    return 0


def searches() -> int:
    """Run all searches exhaustively; return how many found a broken promise."""
    print(f"{'search':48} {'states':>9} {'s':>6}")
    broken = 0
    for scenario in (*IN_FULL, *IN_FULL_LONG):
        begun = time.monotonic()
        found = search(scenario, at_most=AT_MOST)
        took = time.monotonic() - begun
        note = "" if found.complete else f"  stopped: {found}"
        print(f"{scenario.name:48} {found.states:9,} {took:6.1f}{note}", flush=True)
        broken += found.broken is not None
    return broken


def walks(seconds: int, seed: int) -> int:
    """Run random histories for ``seconds``; return how many broke a promise."""
    rng = random.Random(seed)
    until = time.monotonic() + seconds
    made = events = broken = 0
    while time.monotonic() < until:
        faults = [rng.choice(FAULTS) for _ in range(rng.randrange(6))]
        if rng.random() < 0.3:
            faults.append(ModelFault.MIDNIGHT)
        scenario = Scenario("a walk", rng.choice(VISITS), possible(faults), rng.random() < 0.5)
        found = walk(scenario, [rng.randrange(1 << 16) for _ in range(rng.choice((30, 70, 140)))])
        made, events = made + 1, events + len(found.trace)
        if found.broken is not None:
            broken += 1
            print(f"{scenario}\n{found}", flush=True)
    print(f"{made:,} random histories, seed {seed}: {broken} broke a promise")
    return broken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
