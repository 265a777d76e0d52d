"""What the benchmarks share, as far as it is not measured."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

PARENT = "import sys; from benchmarks.common import measured; print(measured(sys.argv[1]))"
CHILD = """
import os, sys, time
print(os.getpid(), file=sys.stderr, flush=True)
time.sleep(float(sys.argv[1]) if len(sys.argv) > 1 else 60)
"""


def test_a_benchmark_that_is_terminated_ends_its_child(tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(script)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stderr is not None
        child = int(parent.stderr.readline())
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(30) == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_the_figures_are_the_childs_last_line(tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text("print('warming up'); print('first_ms=12.5 files=3')")
    done = subprocess.run(
        [sys.executable, "-c", PARENT, str(script)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout == "{'first_ms': 12.5, 'files': 3.0}\n", done.stderr


@pytest.mark.parametrize("checkout", [None, "/nowhere"])
def test_without_fqm_its_benchmark_says_what_is_missing(checkout: str | None) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("FQM_")}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.fqm_beside"],
        cwd=ROOT,
        env=env | ({"FQM_CHECKOUT": checkout, "FQM_PYTHON": sys.executable} if checkout else {}),
        capture_output=True,
        text=True,
    )
    wanting = "FQM_CHECKOUT" if checkout else "FQM_CHECKOUT and FQM_PYTHON"
    assert done.stderr == f"{wanting} missing: script/prove-fqm says how\n"
    assert (done.returncode, done.stdout) == (2, "")
