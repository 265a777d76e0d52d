"""Measure the time from process start to the first frame that accepts touches.

    python benchmarks/cold_start.py [RUNS]

Kiosk: it reads and checks the settings, opens the journal, watches the printer and shows the home
screen of ``config/``. Baseline: a bare Kivy window with 27 buttons. The two alternate, each in a
new process; the first pair fills the disk cache and is not counted.
"""

from __future__ import annotations

import sys

from benchmarks.common import measured, quantile, table, verdict
from benchmarks.paper import virtual_printer

RUNS = 7
MOST_TIMES = 2.0


def main() -> int:
    """Measure ``RUNS`` pairs."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    bare: list[float] = []
    kiosk: list[float] = []
    with virtual_printer():
        for _ in range(runs + 1):
            bare.append(measured("bare_window.py", "first")["first_ms"])
            kiosk.append(measured("kiosk_window.py", "first")["first_ms"])
    rows = []
    for name, values in (("bare window", bare[1:]), ("kiosk", kiosk[1:])):
        rows.append(
            [name, *(f"{v:.0f}" for v in (quantile(values, 0.5), min(values), max(values)))]
        )
    table(f"cold start, ms, {runs} runs", ("window", "p50", "min", "max"), rows)
    times = quantile(kiosk[1:], 0.5) / quantile(bare[1:], 0.5)
    return verdict([("kiosk against bare window, times", times, MOST_TIMES)])


if __name__ == "__main__":
    sys.exit(main())
