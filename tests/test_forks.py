"""A forked command is what a new Python would have been (``tests/forks.py``)."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import forks
from tests.e2e.site import SiteFolder

ROOT = Path(__file__).resolve().parents[1]
KIOSK = [sys.executable, "-m", "kiosk"]
SERVER = [sys.executable, "-m", "queue_server"]
MISSING = [*SERVER, "tickets", "--database", "nowhere/x.sqlite3", "--lang", "en"]


def both(
    argv: list[str], said: str | None = None, **more: Any
) -> tuple[tuple[int, str, str], tuple[int, str, str]]:
    """Code, output and errors of a forked process and of a new one."""
    started = forks.ForkedProcess(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )
    out, err = started.communicate(said, timeout=60)
    new = subprocess.run(argv, capture_output=True, input=said, text=True, timeout=60, **more)
    return (started.returncode, out, err), (new.returncode, new.stdout, new.stderr)


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        ([*KIOSK, "--version"], 0),
        ([*KIOSK, "check", "nowhere"], 1),
        ([*KIOSK, "status", "--state", "nowhere"], 3),
        ([*SERVER, "serve", "--bogus"], 2),
        (MISSING, 1),
    ],
    ids=lambda value: " ".join(value[2:]) if isinstance(value, list) else str(value),
)
def test_code_output_and_errors_are_those_of_a_new_python(argv: list[str], code: int) -> None:
    forked, new = both(argv, cwd=ROOT)
    assert forked == new
    assert forked[0] == code
    assert forked[1] + forked[2]


def test_a_command_sets_logging_up_itself(tmp_path: Path) -> None:
    site = SiteFolder(tmp_path)
    given = os.environ | {"KIOSK_LOG": "DEBUG"}
    done = forks.run(site.argv("issue", "ktp-el"), cwd=ROOT, env=given, text=True)
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert lines
    assert [line for line in lines if not re.match(r"\d{4}-\d\d-\d\d .* DEBUG ", line)] == []


def test_folder_environment_and_input_are_its_own(tmp_path: Path) -> None:
    environment = os.environ | {"KIOSK_LANG": "en", "PYTHONPATH": str(ROOT), "COLUMNS": "60"}
    for argv in ([*KIOSK, "check"], [*KIOSK, "check", "--help"]):
        forked, new = both(argv, cwd=tmp_path, env=environment)
        assert forked == new
    (tmp_path / "state").mkdir()
    pin = [*KIOSK, "set-pin", "--state", "state"]
    forked, new = both(pin, "12\n12\n", cwd=tmp_path, env=environment)
    assert forked == new
    assert forked[0] != 0


def test_it_is_a_child_that_can_be_stopped_and_killed() -> None:
    argv = [sys.executable, "-m", "virtual_printer", "--port", "0", "--until-stdin-closes"]
    process = forks.ForkedProcess(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    try:
        assert process.stdout is not None
        assert b"port" in process.stdout.readline()
        stat = Path(f"/proc/{process.pid}/stat").read_text()
        assert int(stat.rpartition(")")[2].split()[1]) == os.getpid()
        process.send_signal(signal.SIGSTOP)
        assert os.WIFSTOPPED(os.waitpid(process.pid, os.WUNTRACED)[1])
        assert process.poll() is None
    finally:
        process.kill()
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL


def test_what_python_reads_when_it_starts_makes_a_new_python(tmp_path: Path) -> None:
    (tmp_path / "kiosk").mkdir()
    (tmp_path / "kiosk" / "__init__.py").touch()
    (tmp_path / "kiosk" / "__main__.py").write_text("print('another one')")
    there = os.environ | {"PYTHONPATH": str(tmp_path)}
    for _ in range(2):
        done = forks.run([*KIOSK, "check"], cwd=tmp_path, env=there, text=True)
        assert (done.stdout, done.stderr) == ("another one\n", "")


def test_outside_of_a_test_a_command_is_a_new_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripts of ``benchmarks/`` start servers by the same functions and measure them."""
    argv = [*KIOSK, "--version"]
    with forks.start(argv, stdout=subprocess.PIPE) as process:
        assert isinstance(process, forks.ForkedProcess)
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    with forks.start(argv, stdout=subprocess.PIPE) as process:
        assert not isinstance(process, forks.ForkedProcess)
