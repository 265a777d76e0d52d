"""Processor time while nobody is there.

    python benchmarks/idle_cpu.py [SECONDS]

Both windows stand for a while, then are watched. The kiosk asks its printer for its state
meanwhile, and shows the time. Baseline: a bare Kivy window with 27 buttons.
"""

from __future__ import annotations

import sys

from common import measured, table, verdict
from paper import virtual_printer

SECONDS = 30


def main() -> int:
    """Measure both."""
    seconds = sys.argv[1] if len(sys.argv) > 1 else str(SECONDS)
    with virtual_printer():
        bare = measured("bare_window.py", "idle", seconds)["percent"]
        kiosk = measured("kiosk_window.py", "idle", seconds)["percent"]
    rows = [["bare window", f"{bare:.2f}"], ["kiosk", f"{kiosk:.2f}"]]
    table(f"idle for {seconds} s, percent of one processor", ("window", "percent"), rows)
    return verdict([("kiosk, percent", kiosk, bare)])


if __name__ == "__main__":
    sys.exit(main())
