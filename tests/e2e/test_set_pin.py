"""``kiosk set-pin`` as staff run it: on a terminal and from a script."""

from __future__ import annotations

import argparse
import io
import os
import pty
import select
import stat
import subprocess
import time
from pathlib import Path

import pytest

from kiosk.commands import set_pin as set_pin_command
from kiosk.commands import shared
from kiosk.errors import KioskError
from kiosk.messages import speaker
from kiosk.staff.attempts import PinAttempts
from kiosk.staff.pin import PIN_FILE, PinFile
from tests.e2e.site import ROOT, SiteFolder

PATIENCE_S = 60.0


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    site = SiteFolder(tmp_path)
    site.state.mkdir(parents=True)
    return site


def set_pin(site: SiteFolder, text: str, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the command with ``text`` on its standard input."""
    argv = [*site.argv("set-pin", *more)]
    at = argv.index("--config")
    del argv[at : at + 2]
    return subprocess.run(
        argv, cwd=ROOT, input=text, capture_output=True, text=True, timeout=PATIENCE_S
    )


def test_a_script_sets_the_pin_and_wrong_tries_are_forgotten(site: SiteFolder) -> None:
    for _ in range(5):
        assert PinAttempts(site.state).begin()
    done = set_pin(site, "508213\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "tekan lambang" in done.stdout
    assert str(site.state) in done.stdout, "the folder in which the PIN is set"
    assert PinFile(site.state).matches("508213")
    assert PinAttempts(site.state).wait_s() == 0
    assert stat.S_IMODE((site.state / PIN_FILE).stat().st_mode) == 0o600
    assert "508213" not in done.stdout + done.stderr


def as_root(argv: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """Run the command in this process as root would, in folders of its own; its exit code."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(set_pin_command, "as_owner", lambda _folder: None)
    monkeypatch.setattr("sys.stdin", io.StringIO("508213\n"))
    parser = argparse.ArgumentParser()
    set_pin_command.add_arguments(parser, speaker("id"))
    args = parser.parse_args(argv)
    args.lang = "id"
    return set_pin_command.run(args)


def test_root_sets_no_pin_in_a_folder_that_it_would_have_to_create(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KioskError) as caught:
        as_root(["--state", str(tmp_path / "none")], monkeypatch)
    assert "--state" in caught.value.in_("id")
    monkeypatch.setattr(shared, "SYSTEM_STATE", tmp_path / "mpp-kiosk")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    with pytest.raises(KioskError):
        as_root([], monkeypatch)
    assert list(tmp_path.iterdir()) == []
    assert as_root(["--state", str(tmp_path)], monkeypatch) == 0
    assert PinFile(tmp_path).matches("508213")


@pytest.mark.parametrize("text", ["0000\n", "1234\n", "", "\n", "12345\n"])
def test_a_weak_pin_is_refused_in_one_line_and_the_old_one_stays(
    site: SiteFolder, text: str
) -> None:
    set_pin(site, "508213\n")
    done = set_pin(site, text)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "PIN" in done.stderr
    assert "Traceback" not in done.stderr
    english = set_pin(site, text, "--lang", "en")
    assert english.stderr != done.stderr
    assert PinFile(site.state).matches("508213")


@pytest.mark.parametrize(("second", "code"), [("508213", 0), ("508214", 1)])
def test_on_a_terminal_it_asks_twice_and_shows_no_digit(
    site: SiteFolder, second: str, code: int
) -> None:
    argv = site.argv("set-pin")
    at = argv.index("--config")
    del argv[at : at + 2]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execv(argv[0], argv)
    shown = _answer(terminal, "PIN baru", "508213")
    shown += _answer(terminal, "Sekali lagi", second)
    shown += _rest(terminal)
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == code, shown
    assert "5082" not in shown
    assert PinFile(site.state).is_set == (code == 0)


def _answer(terminal: int, question: str, text: str) -> str:
    """Wait for ``question`` and type ``text``."""
    shown, deadline = "", time.monotonic() + PATIENCE_S
    while question not in shown:
        assert time.monotonic() < deadline, shown
        if select.select([terminal], [], [], 1.0)[0]:
            shown += os.read(terminal, 4096).decode(errors="replace")
    os.write(terminal, text.encode() + b"\n")
    return shown


def _rest(terminal: int) -> str:
    shown = b""
    while True:
        try:
            more = os.read(terminal, 4096)
        except OSError:
            return shown.decode(errors="replace")
        if not more:
            return shown.decode(errors="replace")
        shown += more
