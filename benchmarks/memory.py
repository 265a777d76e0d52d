"""Memory after many visits, and what it grew by on the way.

    python benchmarks/memory.py [VISITS]

Proportional set size (PSS) of the kiosk's process after 200 visits made with real touches, and
its growth since the 50th. Baseline: a bare Kivy window with 27 buttons.
"""

from __future__ import annotations

import sys

from common import measured, table, verdict
from paper import virtual_printer

VISITS = 200
MOST_TIMES = 1.3
MOST_GROWTH_MIB = 2.0


def main() -> int:
    """Measure both."""
    visits = sys.argv[1] if len(sys.argv) > 1 else str(VISITS)
    with virtual_printer():
        bare = measured("bare_window.py", "memory")["pss_kib"] / 1024
        kiosk = measured("kiosk_window.py", "memory", visits)
    early, late = kiosk["early_kib"] / 1024, kiosk["late_kib"] / 1024
    rows = [
        ["bare window", f"{bare:.1f}"],
        ["kiosk after 50 visits", f"{early:.1f}"],
        [f"kiosk after {visits} visits", f"{late:.1f}"],
    ]
    table("memory (PSS), MiB", ("window", "MiB"), rows)
    return verdict(
        [
            ("kiosk against bare window, times", late / bare, MOST_TIMES),
            ("growth since visit 50, MiB", late - early, MOST_GROWTH_MIB),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
