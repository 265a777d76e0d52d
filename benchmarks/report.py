"""Measure ``kiosk report --month`` on a journal with 40,000 tickets in the month.

    python benchmarks/report.py [TICKETS]

Each figure is that of a whole process, from its start to its end, the fastest of three. Baselines:
``kiosk tickets --json`` of the same journal, which a script would count by itself, and one SQL
query with ``GROUP BY`` in a bare Python process.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from benchmarks.common import ROOT, environment, table, verdict
from kiosk.store.journal import JOURNAL_NAME
from tests.reports.months import balikpapan, journal_of_month

TICKETS = 40_000
MOST_S = 3.0
RUNS = 3

_BARE = """
import sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute(
    "SELECT business_date, service, count(*) FROM ticket WHERE state = 'issued' GROUP BY 1, 2")
print(sum(row[2] for row in rows))
"""


def seconds(argv: Sequence[str]) -> float:
    """The time of the fastest of RUNS processes."""
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        subprocess.run(
            argv, cwd=ROOT, env=environment(), check=True, stdout=subprocess.DEVNULL, timeout=600
        )
        times.append(time.perf_counter() - begun)
    return min(times)


def main() -> int:
    """Print the table; return 1 if the limit is missed."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else TICKETS
    with tempfile.TemporaryDirectory() as name:
        state = Path(name) / "state"
        journal_of_month(state, balikpapan(), date(2026, 11, 1), count)
        kiosk = [sys.executable, "-m", "kiosk"]
        where = ["--config", str(ROOT / "config"), "--state", str(state)]
        report = [*kiosk, "report", *where, "--month", "2026-11"]
        ways = {
            "kiosk report, XLSX and PDF": [*report, "--out", f"{name}/out"],
            "kiosk report --json": [*report, "--json"],
            "kiosk tickets --json": [*kiosk, "tickets", *where, "--json", "--limit", "1000000"],
            "one GROUP BY in a bare process": [
                *(sys.executable, "-c", _BARE, str(state / JOURNAL_NAME))
            ],
        }
        spent = {way: seconds(argv) for way, argv in ways.items()}
        size = {path.suffix: path.stat().st_size for path in (Path(name) / "out").iterdir()}
    rows = [[way, f"{one:.2f}"] for way, one in spent.items()]
    table(f"a month with {count} tickets", ("way", "s"), rows)
    print(", ".join(f"{suffix} {size[suffix] // 1000} kB" for suffix in sorted(size)), "\n")
    return verdict([("kiosk report, XLSX and PDF, s", spent["kiosk report, XLSX and PDF"], MOST_S)])


if __name__ == "__main__":
    sys.exit(main())
