"""A Debian that ``script/test-deploy`` has booted (or a chroot), and the run of checks on it."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SOURCE = "/srv/source"
KIOSK = "/opt/mpp-kiosk/current/venv/bin/kiosk"
PYTHON = "/opt/mpp-kiosk/current/venv/bin/python"
STATE = "/var/lib/mpp-kiosk"
CONFIG = "/etc/mpp-kiosk"
SERVICE = "ktp-el"
UNIT, SORRY = "mpp-kiosk.service", "mpp-kiosk-sorry.service"


class Machine:
    """Runs commands in the container (``leader``: its process 1) or in the chroot ``root``."""

    def __init__(self, root: Path, leader: int | None) -> None:
        self.root = root
        self._enter = (
            ["chroot", str(root)] if leader is None else ["nsenter", "-t", str(leader), "-a"]
        )
        lines = (root / "etc/network.environment").read_text().splitlines()
        self._environment = [
            *("HOME=/root", "LANG=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"),
            *("KIOSK_LANG=en", "PIP_ROOT_USER_ACTION=ignore", *lines),
        ]

    def run(self, *argv: str, timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a program to its end."""
        return subprocess.run(
            [*self._enter, "/usr/bin/env", "-i", *self._environment, *argv],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout_s,
        )  # fmt: skip

    def out(self, *argv: str) -> str:
        """What a program printed; RuntimeError when it failed."""
        done = self.run(*argv)
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()[-600:]
            raise RuntimeError(f"{' '.join(argv)}: exit {done.returncode}: {said}")
        return done.stdout.strip()

    def kiosk(self, *args: str) -> Any:
        """The JSON of a command of the kiosk."""
        done = self.run(KIOSK, *args, "--json")
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise RuntimeError(f"kiosk {' '.join(args)}: {done.stderr or done.stdout}") from None

    def show(self, unit: str, name: str) -> str:
        """A property of a unit."""
        return self.out("systemctl", "show", "--property", name, "--value", unit)

    def issue(self) -> str:
        """A number from the running app."""
        return str(self.kiosk("issue", SERVICE)["number"])

    def app(self) -> int:
        """The process id of the app that holds the lock."""
        text = (self.root / STATE.lstrip("/") / "kiosk.lock").read_bytes()[:15]
        return int(text or 0)

    def kill(self, signal: str) -> int:
        """Send a signal to the app; its process id."""
        was = self.app()
        self.out("kill", f"-{signal}", str(was))
        return was

    def home(self, was: int = 0, within_s: float = 90) -> float:
        """Wait until an app other than ``was`` has drawn its first frame; the seconds."""
        began = time.monotonic()

        def shown() -> bool:
            return (
                self.show(UNIT, "ActiveState") == "active"
                and self.app() != was
                and self.kiosk("status", "--timeout", "3")["screen"]["last_frame_s"] is not None
            )

        until(shown, within_s, f"no first frame; {self.show(UNIT, 'ActiveState')}")
        return time.monotonic() - began


def always_open(machine: Machine) -> None:
    """Settings of a site that is open now, as a folder for ``--config``."""
    folder = machine.root / "srv/config"
    folder.mkdir(exist_ok=True)
    text = (machine.root / SOURCE.lstrip("/") / "config/agencies.yaml").read_text(encoding="utf-8")
    hours = 'hours: {mon-sun: "00:00-23:59"}\n'
    text = re.sub(r"^hours:\n(?:  .*\n)+", hours, text, count=1, flags=re.MULTILINE)
    text = re.sub(r"stop_minutes_before: \d+", "stop_minutes_before: 0", text)
    (folder / "agencies.yaml").write_text(text, encoding="utf-8")


def until(condition: Callable[[], bool], within_s: float, what: str) -> None:
    """Wait for ``condition``; RuntimeError with ``what`` when it does not come."""
    end = time.monotonic() + within_s
    while True:
        with contextlib.suppress(RuntimeError, KeyError, TypeError, ValueError, OSError):
            if condition():
                return
        if time.monotonic() > end:
            raise RuntimeError(f"after {within_s:.0f} s: {what}")
        time.sleep(0.1)


def need(condition: object, text: str) -> None:
    """RuntimeError with ``text`` unless ``condition``."""
    if not condition:
        raise RuntimeError(text)


def number(text: str) -> int:
    """The figure of ``DK-012``."""
    return int(text.rsplit("-", 1)[1].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


class Checks:
    """Runs checks, one after another, and prints what each found."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.failed = self.passed = 0

    def __call__(self, name: str, check: Callable[[], str]) -> bool:
        """Run ``check``; its result is the figure. A RuntimeError is a failure."""
        began = time.monotonic()
        # The unit allows ten starts in a quarter of an hour; the checks together need more.
        self._machine.run("systemctl", "reset-failed", UNIT)
        try:
            found, good = check(), True
        except (
            RuntimeError,
            subprocess.TimeoutExpired,
            OSError,
            KeyError,
            TypeError,
            IndexError,
        ) as error:
            found, good = f"{type(error).__name__}: {error}", False
        self.passed += good
        self.failed += not good
        took = f"{time.monotonic() - began:6.1f} s"
        print(f"{'ok    ' if good else 'FAILED'} {took}  {name}: {found}", flush=True)
        return good
