"""Measure the time from a touch to the frame that shows the press.

    python benchmarks/press_feedback.py

A thread puts a press into SDL's queue at random moments; the time ends with the frame in which the
button's pixels differ. Kiosk: a tile of the home screen, at the full frame rate and at the idle
frame rate, which applies after minutes without a touch. Baseline: a button of a bare window.
``read`` is the time until the program has read the event (p50, max); the rest is drawing, here in
software. ``turns``: turns of the event loop from reading the event to showing the press.
"""

from __future__ import annotations

import sys

from benchmarks.common import measured, table, verdict
from benchmarks.paper import virtual_printer

MOST_MS = 100.0
MOST_TURNS = 1.0


def main() -> int:
    """Measure both windows."""
    with virtual_printer():
        runs = {
            "bare window": measured("bare_window.py", "press"),
            "kiosk, full frame rate": measured("kiosk_window.py", "press"),
            "kiosk, idle frame rate": measured("kiosk_window.py", "press-calm"),
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
    table("press feedback, ms, 60 presses", heads, rows)
    kiosks = [run for name, run in runs.items() if name != "bare window"]
    return verdict(
        [
            ("longest, ms", max(run["max"] for run in kiosks), MOST_MS),
            ("turns of the loop", max(run["turns"] for run in kiosks), MOST_TURNS),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
