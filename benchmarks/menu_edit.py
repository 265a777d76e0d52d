"""Measure the time from an edit of the menu to the screen, on the queue server and locally.

    python benchmarks/menu_edit.py [TIMES]

The real kiosk shows its home screen, with a real queue server on loopback. The first agency is
renamed 12 times, at random moments between two exchanges, in the agencies file that the server
serves; each measurement ends with the frame that shows the name. The baseline is the same edit in a
local file that is loaded at once: the cost of reading, checking and drawing alone.
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

TIMES = 12
SERVED_S, HERE_S = 10.0, 2.0


def main() -> int:
    """Measure both kinds of edit."""
    times = sys.argv[1] if len(sys.argv) > 1 else str(TIMES)
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as folder:
        menu = Path(folder) / AGENCIES_FILE
        shutil.copy(ROOT / "config" / AGENCIES_FILE, menu)
        os.environ["KIOSK_BENCH_MENU"] = str(menu)
        with queue_server(menu) as server, virtual_printer(), server_environment(server):
            figures = measured("kiosk_window.py", "edits", times)
    rows = [
        [way, f"{figures[key + '_p50']:.2f}", f"{figures[key + '_max']:.2f}"]
        for way, key in (("on the queue server", "served"), ("on the machine", "here"))
    ]
    table(f"edit of the menu to the screen, s, {times} edits", ("edited", "p50", "max"), rows)
    return verdict(
        [
            ("on the queue server, slowest, s", figures["served_max"], SERVED_S),
            ("on the machine, slowest, s", figures["here_max"], HERE_S),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
