"""The application on a real X display with real X events; needs Xvfb and xdotool."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from tests.ui.x11 import WAIT_S, Display, ask_to_close

ROOT = Path(__file__).resolve().parents[2]
DUKCAPIL, KTP = "AgencyChosen(code='dukcapil')", "ServiceChosen(code='ktp')"


class Child:
    """The application in a child process (``tests.ui.child_app``)."""

    def __init__(self, display: Display, home: Path) -> None:
        env = {k: v for k, v in os.environ.items() if not k.startswith(("KIVY_", "SDL_"))}
        env |= {"DISPLAY": display.name, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.ui.child_app", str(home)],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reports: queue.Queue[dict[str, Any]] = queue.Queue()
        assert self.process.stdout is not None
        threading.Thread(
            target=self._read_reports, args=(self.process.stdout,), daemon=True
        ).start()

    def _read_reports(self, stream: IO[str]) -> None:
        for line in stream:
            self._reports.put(json.loads(line))

    def shows(self, screen: str) -> dict[str, Any]:
        """Wait until the application reports ``screen``; return the report."""
        while True:
            report = self._reports.get(timeout=WAIT_S)
            if report["screen"] == screen:
                return report

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=WAIT_S)


@pytest.fixture
def display() -> Iterator[Display]:
    """A virtual display."""
    one = Display()
    yield one
    one.close()


@pytest.fixture
def child(display: Display, tmp_path: Path) -> Iterator[Child]:
    """The application on that display."""
    one = Child(display, tmp_path)
    yield one
    one.close()


def test_clicks_make_one_number_and_keys_have_no_effect(display: Display, child: Child) -> None:
    home = child.shows("Agencies")
    display.window()
    for key in ("Escape", "F1", "ctrl+e", "F11", "F12", "alt+F4", "super", "ctrl+alt+Delete"):
        display.do("key", key)
    display.click(home["buttons"][DUKCAPIL], button="3")
    display.click(home["buttons"][DUKCAPIL])
    services = child.shows("Services")
    assert services["requests"] == 0
    place = services["buttons"][KTP]
    # The child's clock decides when the debounce is over, so click until the screen changes.
    while child._reports.empty():
        display.click(place)
    assert child.shows("Shown")["requests"] == 1
    assert child.process.poll() is None


def test_a_close_request_of_the_window_manager_is_refused(display: Display, child: Child) -> None:
    home = child.shows("Agencies")
    ask_to_close(display.name, int(display.window()))
    display.click(home["buttons"][DUKCAPIL])
    child.shows("Services")
    assert child.process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_application_without_output_on_stderr(
    child: Child, number: signal.Signals
) -> None:
    child.shows("Agencies")
    child.process.send_signal(number)
    child.shows("ended")
    _, errors = child.process.communicate(timeout=WAIT_S)
    assert child.process.returncode == 0
    assert errors == ""


def test_the_window_fills_the_screen(display: Display, child: Child) -> None:
    child.shows("Agencies")
    assert "1080x1920" in display.do("getwindowgeometry", display.window())
