"""Test every combination of old, missing and foreign files in a state folder (exhaustive form).

    python benchmarks/state_files.py [PART OF]

``PART OF`` splits the work among processes: ``0 4`` tests every fourth case, beginning with the
first. There are about 100,000 cases of 10 ms each. ``tests/store/state_files.py`` lists the rules.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.common import machine
from tests.store.state_files import ENDS, HISTORIES, KEPT, StateFilesSweep


def main() -> int:
    """Test the cases and print a table; return 1 when a rule is violated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="*", type=int, default=[0, 1], metavar="PART OF")
    part, of = parser.parse_args().part
    print(machine())
    print(f"{'history':10}{'end':8}{'server':9}{'cases':>7}{'wrong':>7}{'s':>7}")
    complaints = 0
    for history, end, server in itertools.product(HISTORIES, ENDS, (False, True)):
        begun, tried, wrong = time.monotonic(), 0, 0
        with tempfile.TemporaryDirectory(dir=_memory()) as folder:
            sweep = StateFilesSweep(Path(folder), history, clean=ENDS[end], server=server)
            for case in itertools.islice(sweep.every(), part, None, of):
                if sweep.hopeless(case):
                    continue
                tried += 1
                found = sweep.wrong(case)
                if found is not None:
                    wrong += 1
                    print(found, {n: w for n, w in case.items() if w != KEPT}, file=sys.stderr)
        took_s = time.monotonic() - begun
        where = "enrolled" if server else "alone"
        print(f"{history:10}{end:8}{where:9}{tried:7}{wrong:7}{took_s:7.0f}", flush=True)
        complaints += wrong
    return 1 if complaints else 0


def _memory() -> str | None:
    """A folder in memory, if the system has one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


if __name__ == "__main__":
    sys.exit(main())
