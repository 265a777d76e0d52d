"""2,000 tickets on 4 kiosks, with a bad network and kills between them: is any promise broken?

    python benchmarks/chaos_long.py [VISITORS] [SEED] [sqlite|postgresql]

Kiosks and servers are processes of their own, killed again and again; a proxy before each kiosk
drops, delays, doubles, cuts and half-closes. The fault of each connection and the plan of kills
are drawn from the seed, and printed with it. Every number that a visitor saw must be in the server
once, as it was seen. PostgreSQL has two server processes. Exits 1 when a promise is broken.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import table
from tests.chaos.run import Chaos, Extent, Outcome
from tests.queue_server.servers import Postgres

WAIT_S = 3600.0


def run(kind: str, visitors: int, seed: int) -> Outcome:
    """One run on one kind of database."""
    extent = Extent(
        visitors,
        servers=2 if kind == "postgresql" else 1,
        kiosk_kills=visitors // 25,
        server_kills=visitors // 50,
        wait_s=WAIT_S,
    )
    with tempfile.TemporaryDirectory(prefix="chaos-") as base:
        if kind == "sqlite":
            return Chaos(Path(base), str(Path(base) / "queue.sqlite3"), seed, extent).run()
        postgres = Postgres()
        try:
            postgres.start()
            return Chaos(Path(base), postgres.new_database(), seed, extent).run()
        finally:
            postgres.remove()


def main() -> int:
    """Run it, print what came of it."""
    visitors = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    kinds = sys.argv[3:] or ["sqlite", "postgresql"]
    outcomes = {kind: run(kind, visitors, seed) for kind in kinds}
    rows = []
    for kind, one in outcomes.items():
        tickets = len({seen.ticket for seen in one.shown})
        figures = [tickets, one.own, one.kills["kiosk"], one.kills["server"]]
        figures += [sum(one.faults.values()), round(one.seconds), len(one.wrong)]
        rows.append([kind, *map(str, figures)])
    heads = ["database", "tickets", "own line", "kiosk kills", "server kills", "faults met"]
    table(f"Chaos, seed {seed}", [*heads, "seconds", "promises broken"], rows)
    for kind, one in outcomes.items():
        print(f"{kind}: " + ", ".join(f"{fault} {n}" for fault, n in one.faults.most_common()))
        for said in one.wrong:
            print(f"  {said}")
    return 1 if any(one.wrong for one in outcomes.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
