"""Measure the time from a touch to the frame that shows it: the press, and the next screen.

    python benchmarks/press_feedback.py

A thread puts a press into SDL's queue at random moments; the time ends with the frame in which the
button's pixels differ. Kiosk: a tile of the home screen, at the full frame rate and at the idle
frame rate, which applies after minutes without a touch. Baseline: a button of a bare window.
``read`` is the time until the program has read the event (p50, max); the rest is drawing, here in
software. ``turns``: turns of the event loop from reading the event to showing the press.

The second table: from the release to the frame that shows the next screen. Kiosk: the services of
the agency that has the most. Baseline: 8 buttons, built and laid out when they are shown.
"""

from __future__ import annotations

import sys

from benchmarks.common import measured, table, verdict
from benchmarks.loop import CHANGES, PRESSES
from benchmarks.paper import virtual_printer

PRESS_P95_MS, CHANGE_P95_MS = 50.0, 150.0
SHARE = 1.2
"""At most this many times the bare window's p95."""

MOST_TURNS = 1.0
BARE = "bare window"


def main() -> int:
    """Measure both windows."""
    with virtual_printer():
        runs = {
            BARE: measured("bare_window.py", "press"),
            "kiosk, full frame rate": measured("kiosk_window.py", "press"),
            "kiosk, idle frame rate": measured("kiosk_window.py", "press-calm"),
        }
        changes = {
            BARE: measured("bare_window.py", "change"),
            "kiosk": measured("kiosk_window.py", "change"),
        }
    rows = [
        [
            name,
            *(f"{run[key]:.1f}" for key in ("p50", "p95", "max", "read", "read_max")),
            f"{run['turns']:.0f}",
        ]
        for name, run in runs.items()
    ]
    heads = ("window", "p50", "p95", "max", "read", "read max", "turns")
    table(f"press feedback, ms, {PRESSES} presses", heads, rows)
    rows = [
        [name, *(f"{run[key]:.1f}" for key in ("p50", "p95", "max"))]
        for name, run in changes.items()
    ]
    table(f"screen change, ms, {CHANGES} touches", ("window", "p50", "p95", "max"), rows)
    presses = [run for name, run in runs.items() if name != BARE]
    press, change = max(run["p95"] for run in presses), changes["kiosk"]["p95"]
    return verdict(
        [
            ("press, p95, ms", press, PRESS_P95_MS),
            ("press, times the bare window", press / runs[BARE]["p95"], SHARE),
            ("turns of the loop", max(run["turns"] for run in presses), MOST_TURNS),
            ("screen change, p95, ms", change, CHANGE_P95_MS),
            ("screen change, times the bare window", change / changes[BARE]["p95"], SHARE),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
