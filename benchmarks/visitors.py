"""500 simulated visitors on the real menu: touches, seconds, wrong numbers, given up.

    python benchmarks/visitors.py [VISITORS] [SIZE]

The real screens in a window, real touches and keys, and a clock that only the visitors advance.
They decide from what is on the screen. Their times are assumptions: seconds to look at a new
screen and at each of its targets until the wanted one (visual search of 0.2 to 0.3 s for each
item), to touch (pointing at arm's length, 0.8 to 1.2 s), to type a letter, and 1.5 s for the
slip; older visitors take twice as long.
Their mistakes too: a finger that lands on the next target, or that touches twice. The baseline: the
same visitors while the kiosk takes every touch for a meant one and takes no number back.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.common import ROOT, environment, quantile, table, verdict
from benchmarks.simulated_visitor import KINDS, Lobby, Story, Visitor

VISITORS = 500
LEFT = 0.005
"""Part of the visitors whose finger may slip twice in a row, then from the key that gives
a number back to one that ends the visit: later it could be given back by the next person."""
GAVE_UP = 0.1
"""Part of the visitors with a need alone who may not find it by the search."""


def visitors(lobby: Lobby, count: int) -> Iterator[Story]:
    """The stories of ``count`` visitors, each after the other."""
    from tests.search import corpus

    rng = random.Random(20261127)
    menu = lobby.settings.catalogue
    services = [found.service.code for found in menu.services()]
    queries = [q for q in corpus.read(corpus.HELD_OUT) if q.services and q.kind != "en"]
    for _ in range(count):
        (kind,) = rng.choices(KINDS, [k.share for k in KINDS])
        if kind.knows:
            yield Visitor(lobby, kind, rng.choice(services), "", rng).with_equal(()).visit()
        else:
            query = rng.choice(queries)
            visitor = Visitor(lobby, kind, query.services[0], query.words, rng)
            yield visitor.with_equal(query.services).visit()


def child(count: int, size: str, *, plain: bool) -> None:
    """Run all visitors in this process; print one line for each."""
    lobby = Lobby(size, plain=plain)
    for s in visitors(lobby, count):
        print(
            s.kind, s.taps, f"{s.seconds:.1f}", s.wrong, s.kept, s.second, int(s.gave_up), sep="\t"
        )


def run(count: int, size: str, *, plain: bool) -> list[Story]:
    """Run the visitors in a process of their own."""
    command = [sys.executable, __file__, str(count), size, "plain" if plain else "real"]
    done = subprocess.run(
        command, env=environment(), cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    stories = []
    for line in done.stdout.splitlines():
        kind, *figures = line.split("\t")
        if len(figures) != 6:
            continue
        taps, seconds, wrong, kept, second, gave_up = map(float, figures)
        stories.append(
            Story(kind, int(taps), seconds, int(wrong), int(kept), int(second), bool(gave_up))
        )
    return stories


def row(name: str, stories: list[Story], before: list[Story]) -> list[str]:
    """One line of the table."""
    taps = [float(s.taps) for s in stories]
    seconds = [s.seconds for s in stories]
    return [
        name,
        str(len(stories)),
        f"{quantile(taps, 0.5):.0f}",
        f"{quantile(taps, 0.9):.0f}",
        f"{quantile(seconds, 0.5):.0f}",
        f"{quantile(seconds, 0.9):.0f}",
        str(sum(s.wrong for s in stories)),
        str(sum(s.kept + s.second for s in stories)),
        str(sum(s.gave_up for s in stories)),
        str(sum(s.kept + s.second for s in before)),
    ]


def main() -> int:
    """Print the table; return 0 when each limit is kept."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else VISITORS
    size = sys.argv[2] if len(sys.argv) > 2 else "1080x1920"
    if len(sys.argv) > 3:
        child(count, size, plain=sys.argv[3] == "plain")
        return 0
    stories, before = run(count, size, plain=False), run(count, size, plain=True)
    rows, by_kind = [], {}
    for kind in KINDS:
        mine = by_kind[kind.name] = [s for s in stories if s.kind == kind.name]
        if mine:
            rows.append(row(kind.name, mine, [s for s in before if s.kind == kind.name]))
    rows.append(row("all", stories, before))
    heads = (
        *("visitors", "n", "taps p50", "p90", "s p50", "p90"),
        *("wrong", "not given back", "gave up", "baseline: not given back"),
    )
    table(f"{len(stories)} simulated visitors, {size}", heads, rows)
    right = [s for s in stories if not s.gave_up]
    known, need = (
        [s for s in right if s.kind == name] for name in ("knows the agency", "only a need")
    )
    lost = {kind: sum(s.gave_up for s in by_kind[kind.name]) for kind in KINDS}
    lost_by_need = sum(n for kind, n in lost.items() if not kind.knows)
    by_need = sum(len(by_kind[kind.name]) for kind in KINDS if not kind.knows)
    left = sum(s.kept + s.second for s in stories)
    return verdict(
        [
            ("knows the agency: taps p50", quantile([float(s.taps) for s in known], 0.5), 2.0),
            ("knows the agency: seconds p50", quantile([s.seconds for s in known], 0.5), 12.0),
            ("only a need: taps p50", quantile([float(s.taps) for s in need], 0.5), 8.0),
            ("only a need: seconds p90", quantile([s.seconds for s in need], 0.9), 40.0),
            ("wrong or second numbers not given back, part", left / len(stories), LEFT),
            (
                "gave up, part of those who know the agency",
                (sum(lost.values()) - lost_by_need) / max(1, len(stories) - by_need),
                LEFT,
            ),
            ("gave up, part of those with a need", lost_by_need / max(1, by_need), GAVE_UP),
            ("visitors missing from the table", float(count - len(stories)), 0.0),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
