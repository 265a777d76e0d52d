"""Measure the time from an edit of the menu to the screen, on the machine and on the queue server.

    python benchmarks/menu_edit.py [TIMES]

The real kiosk shows its home screen. The first agency is renamed 20 times at random moments: in
the settings folder, which the kiosk follows and whose files count once they were unchanged for a
second; and, in a second process, in the agencies file that a real queue server on loopback serves.
Each measurement ends with the frame that shows the name. The baseline is a file that is loaded at
once: the cost of reading, checking and drawing alone.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.common import ROOT, measured, table, verdict
from benchmarks.paper import virtual_printer
from benchmarks.served import queue_server, server_environment
from menu.agencies import AGENCIES_FILE

TIMES = 20
SERVED_S, HERE_S = 10.0, 2.0
TURN_MS = 100.0


def main() -> int:
    """Measure the three kinds of edit."""
    times = sys.argv[1] if len(sys.argv) > 1 else str(TIMES)
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as folder, virtual_printer():
        menu = Path(folder) / AGENCIES_FILE
        shutil.copy(ROOT / "config" / AGENCIES_FILE, menu)
        figures = measured("kiosk_window.py", "edits", times)
        os.environ["KIOSK_BENCH_MENU"] = str(menu)
        with queue_server(menu) as server, server_environment(server):
            figures |= measured("kiosk_window.py", "edits", times)
    rows = []
    for where, way in (
        ("loaded at once (baseline)", "load"),
        ("in the settings folder", "here"),
        ("on the queue server", "served"),
    ):
        seconds = [f"{figures[f'{way}_{key}']:.2f}" for key in ("p50", "p95", "max")]
        rows.append([where, *seconds, f"{figures[f'{way}_turn_ms']:.0f}"])
    heads = ("edited", "p50", "p95", "max", "longest turn, ms")
    table(f"edit of the menu to the screen, s, {times} edits", heads, rows)
    return verdict(
        [
            ("in the settings folder, p95, s", figures["here_p95"], HERE_S),
            ("on the queue server, slowest, s", figures["served_max"], SERVED_S),
            ("longest turn of the loop, folder, ms", figures["here_turn_ms"], TURN_MS),
            ("longest turn of the loop, server, ms", figures["served_turn_ms"], TURN_MS),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
