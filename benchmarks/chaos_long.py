"""Check the three promises over 2,000 tickets on 4 kiosks with network faults and kills.

    python benchmarks/chaos_long.py [VISITORS] [SEED] [sqlite|postgresql] [--keep FOLDER]

Kiosks, their printers, servers and PostgreSQL are processes that are killed (SIGKILL) at random
moments; a proxy in front of each kiosk drops, delays, doubles, cuts and half-closes connections.
The faults and the kills are drawn from the seed and printed with it. Every number that a visitor
saw must be in the server exactly once; no piece of paper shows two numbers, each further piece of a
number says SALINAN, and a slip that the journal records as printed exists. With PostgreSQL there
are two server processes. Exits 1 when a promise is broken.

500 visits with all kinds of kills on SQLite: ``python benchmarks/chaos_long.py 500 1 sqlite``.

``--keep`` keeps the files of all sides in FOLDER: the kiosks' journals and notes, the servers'
logs, the server's database (PostgreSQL's as a dump).
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from pathlib import Path

from benchmarks.common import table
from tests.chaos.run import Chaos, ChaosResult, Extent
from tests.queue_server.postgres import Postgres

WAIT_S = 3600.0


KINDS = ("sqlite", "postgresql")


def run(kind: str, visitors: int, seed: int, keep: Path | None) -> ChaosResult:
    """Run once on one kind of database; keep its files in ``keep`` unless that is None."""
    extent = Extent(
        visitors,
        servers=2 if kind == "postgresql" else 1,
        kiosk_kills=visitors // 25,
        server_kills=visitors // 50,
        database_kills=visitors // 100 if kind == "postgresql" else 0,
        printers=Extent.kiosks,
        printer_kills=visitors // 25,
        wait_s=WAIT_S,
    )
    with contextlib.ExitStack() as ends:
        base = ends.enter_context(tempfile.TemporaryDirectory(prefix="chaos-"))
        folder = Path(base)
        if keep is not None:
            folder = keep / f"{kind}-{visitors}-{seed}"
            folder.mkdir(parents=True)
        if kind == "sqlite":
            return Chaos(folder, str(folder / "queue.sqlite3"), seed, extent).run()
        postgres = Postgres()
        ends.callback(postgres.remove)
        postgres.start()
        database = postgres.new_database()
        if keep is not None:
            ends.callback(postgres.dump, database, folder / "queue.sql")
        return Chaos(folder, database, seed, extent, postgres.crash).run()


def main() -> int:
    """Run on each kind of database and print the results."""
    parser = argparse.ArgumentParser(
        description="Check the three promises with network faults and kills."
    )
    parser.add_argument("visitors", nargs="?", type=int, default=2000)
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("kinds", nargs="*", metavar="|".join(KINDS))
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the files of all sides")
    asked = parser.parse_args()
    if not set(asked.kinds) <= set(KINDS):
        parser.error(f"a database is {' or '.join(KINDS)}")
    kinds = asked.kinds or KINDS
    outcomes = {kind: run(kind, asked.visitors, asked.seed, asked.keep) for kind in kinds}
    rows = []
    for kind, one in outcomes.items():
        tickets = len({seen.ticket for seen in one.shown})
        figures = [tickets, one.own]
        figures += [one.kills[what] for what in ("kiosk", "printer", "server", "database")]
        figures += [one.pieces, one.confirmed]
        figures += [sum(one.faults.values()), round(one.seconds), len(one.wrong)]
        rows.append([kind, *map(str, figures)])
    heads = ["on", "tickets", "own series", "kiosk kills", "printer kills", "server kills"]
    heads += ["database kills", "pieces of paper", "proved slips"]
    table(f"Chaos, seed {asked.seed}", [*heads, "faults met", "seconds", "broken"], rows)
    for kind, one in outcomes.items():
        print(f"{kind}: " + ", ".join(f"{fault} {n}" for fault, n in one.faults.most_common()))
        for violation in one.wrong:
            print(f"  {violation}")
    return 1 if any(one.wrong for one in outcomes.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
