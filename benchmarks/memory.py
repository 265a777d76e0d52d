"""Measure the memory after many visits, and its growth.

    python benchmarks/memory.py [VISITS]

Proportional set size (PSS) of the kiosk's process after 200 visits made with simulated touches, and
the growth of its private part since the 50th. 40 different visits are repeated, so that the caches
are filled before the 50th. Baseline: a bare Kivy window with 27 buttons. PSS divides the size of
shared libraries among their users, so both windows need the same other processes on the machine.
"""

from __future__ import annotations

import sys

from benchmarks.common import measured, table, verdict
from benchmarks.paper import virtual_printer

VISITS = 200
MOST_TIMES = 1.3
MOST_GROWTH_MIB = 2.0


def main() -> int:
    """Measure both windows."""
    visits = sys.argv[1] if len(sys.argv) > 1 else str(VISITS)
    with virtual_printer():
        bare = measured("bare_window.py", "memory")["pss_kib"] / 1024
        kiosk = measured("kiosk_window.py", "memory", visits)
    pss, early, late = (kiosk[key] / 1024 for key in ("pss_kib", "early_kib", "late_kib"))
    rows = [
        ["bare window", f"{bare:.1f}", "-"],
        ["kiosk after 50 visits", "-", f"{early:.1f}"],
        [f"kiosk after {visits} visits", f"{pss:.1f}", f"{late:.1f}"],
    ]
    table("memory, MiB", ("window", "PSS", "private"), rows)
    return verdict(
        [
            ("kiosk against bare window, times", pss / bare, MOST_TIMES),
            ("growth since visit 50, MiB", late - early, MOST_GROWTH_MIB),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
