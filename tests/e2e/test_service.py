"""``kiosk run`` as a service manager starts and stops it: signals, file modes, exit codes."""

from __future__ import annotations

import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest

from kiosk.signals import IGNORED
from tests.e2e.site import SiteFolder, VirtualPrinterProgram, until

RUN = ("run", "--windowed", "--size", "540x960")


def start(site: SiteFolder) -> subprocess.Popen[bytes]:
    """Start the app; wait until it answers commands.

    No command is run before: without an app it takes the lock itself, and keeps the app out.
    """
    app = site.start(*RUN, SDL_VIDEODRIVER="offscreen")
    until(lambda: (site.state / "control.sock").exists(), "the control socket")
    return app


def test_the_app_survives_every_signal_that_does_not_stop_it(site: SiteFolder) -> None:
    app = start(site)
    for number in (*IGNORED, signal.SIGWINCH, signal.SIGURG, signal.SIGCONT):
        app.send_signal(number)
    assert site.kiosk("issue", "ktp-el").code == 0
    assert app.poll() is None
    app.terminate()
    _, errors = app.communicate(timeout=60)
    assert (app.returncode, errors) == (0, b"")


def test_files_of_the_kiosk_are_private(site: SiteFolder, printer: VirtualPrinterProgram) -> None:
    site.state.mkdir(mode=0o755)
    old = site.state / "kiosk.log"
    old.write_text("of an earlier version\n")
    old.chmod(0o644)
    app = start(site)
    assert site.kiosk("issue", "ktp-el").code == 0
    app.terminate()
    app.communicate(timeout=60)
    assert site.kiosk("tickets").code == 0
    modes = {
        str(path.relative_to(site.state)): stat.S_IMODE(path.lstat().st_mode)
        for path in (site.state, *site.state.rglob("*"))
    }
    assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}
    assert {"journal.sqlite3", "kiosk.log", "."} <= modes.keys()


@pytest.mark.parametrize("after_s", [0.0, 0.3, 0.6])
def test_a_stop_during_the_start_is_clean(site: SiteFolder, tmp_path: Path, after_s: float) -> None:
    """The journal of a start that was stopped has its mark: no number is skipped."""
    assert site.kiosk("issue", "ktp-el", "--json").json["number"] == "DK-001"
    app = site.start(*RUN, SDL_VIDEODRIVER="offscreen")
    log = site.state / "kiosk.lock"
    until(lambda: app.poll() is not None or _owner(log) == app.pid, "the lock")
    time.sleep(after_s)
    app.terminate()
    _, errors = app.communicate(timeout=60)
    assert (app.returncode, errors) == (0, b"")
    assert site.kiosk("issue", "ktp-el", "--json").json["number"] == "DK-002"


def _owner(lock: Path) -> int:
    """The process id in the lock file."""
    text = lock.read_bytes()[:16].strip() if lock.exists() else b""
    return int(text) if text.isdigit() else 0
