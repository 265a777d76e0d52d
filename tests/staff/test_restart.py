"""A restart by staff: the same command line in the same process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kiosk import __version__
from kiosk.background.settings_folder import Opened
from kiosk.commands import run
from kiosk.errors import AlreadyRunning
from kiosk.signals import StopSignals
from tests.desk.rig import settings
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


def locked(times: int) -> Any:
    """A builder of a kiosk whose lock is held by a command the first ``times`` times."""
    calls: list[None] = []

    def build(*_: object) -> str:
        calls.append(None)
        if len(calls) <= times:
            raise AlreadyRunning("journal.running", pid=1)
        return "kiosk"

    return build


def test_after_a_restart_a_command_that_holds_the_lock_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Opened(settings(), None, None)
    monkeypatch.setattr(run, "build_kiosk", locked(times=3))
    monkeypatch.setattr(run, "LOCK_AGAIN_S", 0.0)
    with pytest.raises(AlreadyRunning):
        run._built(opened, tmp_path, StopSignals())
    monkeypatch.setenv(run.RESTARTED, "1")
    built: Any = run._built(opened, tmp_path, StopSignals())
    assert built == "kiosk"
    assert run.RESTARTED not in os.environ, "it counts once"
