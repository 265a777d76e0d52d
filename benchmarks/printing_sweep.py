"""Each fault at each byte and along each millimetre of a slip, at each level, before the oracle.

Usage: printing_sweep.py [CASES] [SEED]. Without CASES: the whole matrix, a quarter of an hour or
more. A row for each level; the baseline is the same visits with nothing wrong.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from common import ROOT, table, verdict

sys.path.insert(0, str(ROOT))

from tests.printing.oracle.cases import LEVELS, Case, all_cases, some_cases
from tests.printing.oracle.stage import SLIP_BYTES, SLIP_MM, Stage, impatience

THREADS = 20
BASELINE = 10
EVERY = 1000


def main(arguments: list[str]) -> int:
    """Judge the cases; 0 when nothing is to be complained of."""
    count = int(arguments[0]) if arguments else 0
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    cases = (
        some_cases(count, seed, SLIP_BYTES, SLIP_MM)
        if count
        else list(all_cases(SLIP_BYTES, SLIP_MM))
    )
    well = [Case(level, "near_end") for level in LEVELS for _ in range(BASELINE)]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = judge(Path(folder), [*well, *cases])
    done, bad = Counter(c.level for c in cases), Counter(c.level for c, _ in found)
    plain = Counter(c.level for c, _ in found if c in well)
    rows = [
        (level, str(BASELINE), str(plain[level]), f"{done[level]:,}", str(bad[level]))
        for level in LEVELS
    ]
    heads = ("level", "without a fault", "complaints", "with a fault", "complaints")
    table(f"Slips against journal and screen, {time.monotonic() - began:.0f} s", heads, rows)
    for _, why in found[:40]:
        print(why)
    return verdict([("complaints of the oracle", float(len(found)), 0.0)])


def judge(folder: Path, cases: list[Case]) -> list[tuple[Case, str]]:
    """The complaints of all cases; most of each is waiting, so many run at once."""
    own, lock = threading.local(), threading.Lock()
    stages: list[Stage] = []

    def one(case: Case) -> list[tuple[Case, str]]:
        if not hasattr(own, "stage"):
            with lock:
                place = folder / str(len(stages))
                place.mkdir()
                own.stage = Stage(place)
                stages.append(own.stage)
        return [(case, why) for why in own.stage.complaints(case)]

    found: list[tuple[Case, str]] = []
    with impatience(), ThreadPoolExecutor(THREADS) as pool:
        for i, whys in enumerate(pool.map(one, cases), start=1):
            found += whys
            if i % EVERY == 0:
                print(f"{i:,} of {len(cases):,} cases, {len(found)} complaints", file=sys.stderr)
    for stage in stages:
        stage.close()
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
