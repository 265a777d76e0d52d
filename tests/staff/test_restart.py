"""A restart by staff: the same command line in the same process."""

from __future__ import annotations

import subprocess
import sys

from kiosk import __version__
from tests.e2e.site import ROOT

PROGRAM = """
import os, sys
print(os.getpid(), flush=True)
sys.argv = ["kiosk", "--version"]
from kiosk.commands.run import start_again
start_again()
"""


def test_it_runs_the_same_command_line_in_the_same_process() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    out, _ = child.communicate(timeout=60)
    assert child.returncode == 0
    assert out.split() == [str(child.pid), "kiosk", __version__]
