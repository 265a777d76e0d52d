"""Look for memory and screen objects that visits leave behind.

    python benchmarks/leak.py [VISITS]

5,000 visits by visitors who touch what they see: from the home or the attract screen each makes up
to ten touches on random targets (agencies, pages, details, search, priority, numbers, languages,
modes, help), then leaves, and the kiosk goes home by itself. Touches, window, journal and virtual
printer are real. Baseline: the same process after the first 500 visits, when the caches are full.
"""

from __future__ import annotations

import sys

from benchmarks.common import measured, table, verdict
from benchmarks.paper import virtual_printer

VISITS = 5000
MOST_GROWTH_MIB = 5.0


def main() -> int:
    """Measure one process twice."""
    visits = sys.argv[1] if len(sys.argv) > 1 else str(VISITS)
    with virtual_printer():
        found = measured("kiosk_window.py", "wander", visits)
    rows = [
        [
            f"after {found[f'{when}_visits']:.0f} visits",
            f"{found[f'{when}_kib'] / 1024:.1f}",
            *(f"{found[f'{when}_{what}']:.0f}" for what in ("widgets", "textures", "files")),
        ]
        for when in ("early", "late")
    ]
    table("memory and objects", ("", "private, MiB", "widgets", "textures", "files"), rows)
    print(
        f"{found['touches']:.0f} touches, {found['numbers']:.0f} numbers, "
        f"{found['screens']:.0f} kinds of screens, {found['modes']:.0f} modes\n"
    )
    growth = {what: found[f"late_{what}"] - found[f"early_{what}"] for what in ("kib", "widgets")}
    return verdict(
        [
            ("growth, MiB", growth["kib"] / 1024, MOST_GROWTH_MIB),
            ("widgets more than early", growth["widgets"], 0),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
