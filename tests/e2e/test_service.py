"""``kiosk run`` as a service manager starts, watches and stops it."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.background.queue_manager import health_of
from kiosk.bootstrap import build_kiosk
from kiosk.commands.handlers import handlers
from kiosk.control import in_words
from kiosk.domain.events import Committed, Event
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.signals import IGNORED
from tests.e2e.site import ENGLISH, ROOT, SiteFolder, VirtualPrinterProgram, until
from tests.ui.x11 import Display

RUN = ("run", "--windowed", "--size", "540x960")


WITHIN_S = 10.0
"""The app ends long before the 20 s of the slip that it is in. It takes 1.5 s and what a busy
machine adds."""


class Manager:
    """The service manager's end of NOTIFY_SOCKET."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)

    def next(self, within_s: float) -> str | None:
        """The next message; None without one in time."""
        self._socket.settimeout(within_s)
        try:
            return self._socket.recv(4096).decode()
        except TimeoutError:
            return None

    def drain(self) -> list[str]:
        """All messages that have come."""
        found = []
        while (message := self.next(0.01)) is not None:
            found.append(message)
        return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    made = Manager(tmp_path)
    yield made
    made.close()


def control(printer: VirtualPrinterProgram, **wish: object) -> None:
    """Tell the virtual printer by its control port."""
    with socket.create_connection(("127.0.0.1", printer.ports["control_port"]), 5) as line:
        line.sendall(json.dumps(wish).encode() + b"\n")
        assert json.loads(line.makefile().readline())["ok"]


def ends(
    app: subprocess.Popen[bytes], code: int, within_s: float = WITHIN_S, said: bytes = b""
) -> None:
    """Wait for the end of ``app``: in time, with ``code``, and on stderr one line with ``said``."""
    asked = time.monotonic()
    _, errors = app.communicate(timeout=60)
    took_s = time.monotonic() - asked
    assert app.returncode == code, errors
    assert (said in errors, errors.count(b"\n")) == (True, 1 if said else 0), errors
    assert took_s < within_s


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


# ── the watchdog ─────────────────────────────────────────────────────────────────────────


def test_the_service_manager_hears_of_frames_and_of_the_end(
    site: SiteFolder, manager: Manager
) -> None:
    """READY at the first frame, WATCHDOG while idle, nothing while frozen, STOPPING at the end."""
    env = {"SDL_VIDEODRIVER": "offscreen", "NOTIFY_SOCKET": manager.address, "WATCHDOG_PID": "1"}
    app = site.start(*RUN, **env)
    try:
        assert manager.next(60) == "READY=1"
        assert [manager.next(10) for _ in range(3)] == ["WATCHDOG=1"] * 3
        shown = site.kiosk("status", "--json").json["screen"]
        assert 0 <= shown["last_frame_s"] < 10
        assert (shown["frames_failed"], shown["last_touch_s"]) == (0, None)
        assert "drawn" in site.kiosk("status").out
        app.send_signal(signal.SIGSTOP)
        manager.drain()
        assert manager.next(6) is None
        app.send_signal(signal.SIGCONT)
        assert manager.next(10) == "WATCHDOG=1"
    finally:
        app.send_signal(signal.SIGCONT)
        app.terminate()
    ends(app, 0)
    assert manager.drain()[-1] == "STOPPING=1"


FAILING_LOOP = """
import sys
from kiosk.cli import main
from kiosk.runtime import Kiosk

def fail_from_now_on(kiosk):
    from kivy.clock import Clock

    def broken(_dt):
        Clock.schedule_once(broken, 0)
        raise ZeroDivisionError("the frame loop broke")

    Clock.schedule_once(broken, 3)

Kiosk.start = fail_from_now_on
sys.exit(main(sys.argv[1:]))
"""


def test_a_failing_frame_loop_ends_with_70_and_a_closed_journal(
    site: SiteFolder, manager: Manager
) -> None:
    assert site.kiosk("issue", "ktp-el", "--json").json["number"] == "DK-001"
    app = subprocess.Popen(
        [sys.executable, "-c", FAILING_LOOP, *site.argv(*RUN)[3:]],
        cwd=ROOT,
        env=os.environ | ENGLISH | {"NOTIFY_SOCKET": manager.address},
        stderr=subprocess.PIPE,
    )
    assert manager.next(60) == "READY=1"
    ends(app, 70, 20, said=b"ends for a restart")
    assert manager.drain()[-1] == "STOPPING=1"
    assert "the frame loop broke" in (site.state / "kiosk.log").read_text()
    assert site.kiosk("issue", "ktp-el", "--json").json["number"] == "DK-002"


def test_a_frozen_app_is_answered_for_by_its_last_health(site: SiteFolder) -> None:
    """Within the given time, and without the lock: a command that held it would keep an app out."""
    app = start(site)
    try:
        alive = site.kiosk("status", "--timeout", "30", "--json").json
        assert (alive["running"], "answered" in alive) == (True, False)
        until((site.state / "health.json").exists, "the file of the last health")
        app.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        said = site.kiosk("status", "--timeout", "2", "--json")
        took_s = time.monotonic() - began
        assert (said.code, said.json["state"]) == (3, "out_of_service")
        assert (said.json["running"], said.json["answered"]) == (True, False)
        assert said.json["printer"]["connection"] == "virtual"
        assert took_s < WITHIN_S
        assert "gives no answer" in site.kiosk("status", "--timeout", "2").out
    finally:
        app.send_signal(signal.SIGKILL)
        app.communicate(timeout=60)
    gone = site.kiosk("status", "--timeout", "2", "--json")
    assert (gone.code, gone.json["running"], gone.json["answered"]) == (3, False, False)
    (site.state / "health.json").write_text('{"at": "yesterday"}')
    none = site.kiosk("status", "--timeout", "2")
    assert (none.code, none.out, none.err.count("\n")) == (3, "", 1)


@pytest.mark.parametrize("wrong", ["0", "-1", "61", "soon", "nan", ""])
def test_a_time_that_is_none_is_refused(site: SiteFolder, wrong: str) -> None:
    refused = site.kiosk("status", f"--timeout={wrong}")
    assert (refused.code, refused.err.count("\n")) == (2, 1)


# ── what staff and server read ───────────────────────────────────────────────────────────


def test_the_status_names_a_frozen_screen_and_a_broken_panel(
    site: SiteFolder, printer: VirtualPrinterProgram
) -> None:
    now_s = [1000.0]
    with build_kiosk(load_settings(site.config, ASSETS), site.state) as kiosk:
        kiosk.probe_now()
        screen = kiosk._parts.screen
        screen._now = lambda: now_s[0]

        def status() -> dict[str, Any]:
            answer: dict[str, Any] = in_words(handlers(kiosk)["status"]({}), "en")
            return answer

        assert (status()["screen"], status()["state"]) == (None, "well")
        screen.begin()
        screen.drawn()
        now_s[0] += 29
        assert (status()["screen"]["last_frame_s"], status()["state"]) == (29.0, "well")
        now_s[0] += 2
        assert status()["state"] == "out_of_service"
        screen.drawn()
        for _ in range(600):
            now_s[0] += 0.1
            screen.touch_dropped()
        screen.drawn()
        said = status()
        assert (said["state"], said["screen"]["touches_dropped"]) == ("degraded", 600)
        assert any("more touches than fingers" in notice for notice in said["notices"])
        reported = health_of(kiosk.printer_health(), None, screen.health())
        assert reported["screen"]["touch_trouble"] == "ghost"
        json.dumps(reported, allow_nan=False)


# ── the end, in the middle of a slip and of a display ────────────────────────────────────


def test_a_stop_in_the_middle_of_a_slip_is_clean_and_quick(
    site: SiteFolder, printer: VirtualPrinterProgram
) -> None:
    site.machine(printer.connection + ", deadline_s: 20")
    app = start(site)
    assert site.kiosk("issue", "ktp-el", "--json").json["number"] == "DK-001"
    control(printer, do="fault", name="stall", at_byte=100)
    visitor = subprocess.Popen(
        site.argv("issue", "ktp-el"), cwd=ROOT, env=os.environ | ENGLISH,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until(lambda: len(site.tickets()) == 2, "the number of the hanging slip")
    # Else it would open the journal itself once the app has ended, and be killed with it open.
    visitor.kill()
    visitor.wait()
    app.terminate()
    ends(app, 0)
    control(printer, do="mend")
    assert [(t["number"], t["state"]) for t in site.tickets()] == [
        ("DK-001", "issued"),
        ("DK-002", "issued"),
    ]
    assert site.kiosk("issue", "ktp-el", "--json").json["number"] == "DK-003"


def test_a_visitor_whose_slip_was_cut_off_is_offered_the_number_again(
    site: SiteFolder, printer: VirtualPrinterProgram
) -> None:
    """As from the screen: on a desk thread, which still waits for the printer at the end."""
    site.machine(printer.connection + ", deadline_s: 6")
    settings = load_settings(site.config, ASSETS)
    given: list[str] = []
    kiosk = build_kiosk(settings, site.state)
    kiosk.probe_now()
    control(printer, do="fault", name="stall", at_byte=100)

    def note(event: Event) -> None:
        if isinstance(event, Committed):
            given.append(event.ticket.number)

    kiosk.issue(kiosk.new_request("ktp-el"), note)
    until(lambda: len(given) == 1, "the number")
    began = time.monotonic()
    assert kiosk.close(1.0) is False
    assert time.monotonic() - began < WITHIN_S
    control(printer, do="mend")
    with build_kiosk(settings, site.state) as again:
        offered = again.unfinished()
        assert offered is not None
        assert offered.number == given[0]
        assert again.issue_now(again.new_request("ktp-el")).ticket.number == "DK-002"
    # A process would end here, and its connection with it.
    manager = kiosk._parts.printer
    assert manager.worker.stop(WITHIN_S)
    assert manager._printer is not None
    manager._printer.close()


def test_a_lost_display_ends_with_75_and_a_closed_journal(site: SiteFolder) -> None:
    assert site.kiosk("issue", "ktp-el", "--json").json["number"] == "DK-001"
    display = Display()
    try:
        app = site.start("run", SDL_VIDEODRIVER="x11", DISPLAY=display.name)
        until(lambda: (site.state / "control.sock").exists(), "the control socket")
        until(lambda: _drawn(site), "a frame")
        assert site.kiosk("issue", "ktp-el", "--json").json["number"] == "DK-002"
        os.kill(display.pid, signal.SIGKILL)
        ends(app, 75)
    finally:
        display.close()
    assert "connection to the display is lost" in (site.state / "kiosk.log").read_text()
    assert site.kiosk("issue", "ktp-el", "--json").json["number"] == "DK-003"


def _drawn(site: SiteFolder) -> bool:
    screen = site.kiosk("status", "--json").json["screen"]
    return screen is not None and screen["last_frame_s"] is not None
