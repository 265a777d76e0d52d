"""A restart by staff: the same command line in the same process."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kiosk import __version__
from kiosk.background.settings_folder import Opened, open_settings
from kiosk.commands import demo, run
from kiosk.errors import AlreadyRunning
from kiosk.messages import speaker
from kiosk.signals import StopSignals
from kiosk.store.lock import OwnerLock
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
    monkeypatch.setattr(run, "START_PATIENCE_S", 0.0)
    with pytest.raises(AlreadyRunning):
        run._built(opened, tmp_path, StopSignals())
    monkeypatch.setenv(run.RESTARTED, "1")
    built: Any = run._built(opened, tmp_path, StopSignals())
    assert built == "kiosk"
    assert run.RESTARTED not in os.environ, "it counts once"


def test_a_command_that_holds_the_lock_for_a_moment_delays_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = OwnerLock(tmp_path)
    threading.Timer(0.5, command.release).start()
    opened = open_settings(ROOT / "config", tmp_path, "id")
    run._built(opened, tmp_path, StopSignals()).close(5.0)


class Ended(Exception):
    """The process would have ended, or started again."""


class BuiltKiosk:
    """What the commands use of a kiosk besides its screen."""

    screen = SimpleNamespace(report_to=lambda *_: None)

    def close(self, _within_s: float) -> bool:
        return True


@contextmanager
def session(*_: object) -> Iterator[Any]:
    yield SimpleNamespace(kiosk=BuiltKiosk())


def ended(name: str) -> Any:
    def end(*_: object) -> None:
        raise Ended(name)

    return end


@pytest.mark.parametrize(("stopped", "how"), [(True, "ended"), (False, "started again")])
@pytest.mark.parametrize("command", [run, demo])
def test_a_stop_that_was_asked_for_wins_over_a_restart_by_staff(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Any, stopped: bool, how: str
) -> None:
    def show(*_: object, signals: StopSignals, **__: object) -> run.Ending:
        if stopped:
            signals._stop(signal.SIGTERM, None)
        return run.Ending(0, again=True)

    def nothing(*_: object) -> None:
        """In place of what writes files or changes the process."""

    for name in ("keep_private", "log_to", "ThreadDump", "claim_state", "announce"):
        monkeypatch.setattr(command, name, nothing, raising=False)
    monkeypatch.setattr(run, "_built", lambda *_: BuiltKiosk())
    monkeypatch.setattr(demo, "demo_session", session)
    monkeypatch.setattr(command, "show", show)
    monkeypatch.setattr(command, "start_again", ended("started again"))
    monkeypatch.setattr(run, "end_now", ended("ended"))
    parser = argparse.ArgumentParser()
    command.add_arguments(parser, speaker("id"))
    args = parser.parse_args(["--state", str(tmp_path), "--config", str(ROOT / "config")])
    args.lang = "id"
    came = "ended"  # a command that returns ends the process
    try:
        command.run(args)
    except Ended as end:
        came = str(end)
    assert came == how
