"""Kill a whole kiosk at every step of a story, start it again, and check the rules.

    python benchmarks/kills.py [EVERY]

EVERY: kill only at each EVERYth step. The table has a row for each story; the baseline is the same
story without a kill.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.common import table, verdict
from tests.kills.killable_kiosk import STORIES
from tests.kills.sweep import sweeping


def main() -> int:
    """Run all stories; return 0 when no rule is violated."""
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    rows, wrong = [], 0
    with tempfile.TemporaryDirectory() as folder, sweeping(Path(folder)) as sweep:
        for name in STORIES:
            begun = time.monotonic()
            steps, plain = sweep.length(name)
            kills = range(1, steps, every)
            found = [why for step in kills for why in sweep.kill(name, step)]
            wrong += len(found) + len(plain)
            for why in (*plain, *found):
                print(why)
            figures = (steps, len(plain), len(kills), len(found), round(time.monotonic() - begun))
            rows.append([name, *map(str, figures)])
    heads = ("story", "steps", "complaints, not killed", "kills", "complaints", "s")
    table("a kiosk killed at each step and started again", heads, rows)
    return verdict([("complaints", float(wrong), 0.0)])


if __name__ == "__main__":
    sys.exit(main())
