"""A kiosk as installed at a site: commands, the real menu, real processes, its own folders."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import forks

ROOT = Path(__file__).resolve().parents[2]
ALWAYS = 'hours: {mon-sun: "00:00-23:59"}\n'
PATIENCE_S = 60.0
ENGLISH = {"KIOSK_LANG": "en"}
"""Most tests read the English output; ``--lang id`` on the command line wins over it."""


@dataclass(frozen=True)
class Answer:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class SiteFolder:
    """``config/`` of the product, open around the clock, and an empty state folder."""

    def __init__(self, base: Path) -> None:
        self.config = base / "config"
        self.state = base / "state"
        shutil.copytree(ROOT / "config", self.config)
        menu = self.config / "agencies.yaml"
        text = menu.read_text(encoding="utf-8")
        text = re.sub(r"^hours:\n(?:  .*\n)+", ALWAYS, text, count=1, flags=re.MULTILINE)
        text = re.sub(r"stop_minutes_before: \d+", "stop_minutes_before: 0", text)
        text = re.sub(r"^holidays: .*\n", "", text, count=1, flags=re.MULTILINE)
        menu.write_text(text, encoding="utf-8")
        self.machine("connection: virtual")

    def machine(self, printer: str, more: str = "") -> None:
        """Write ``kiosk.yaml`` with these lines about the printer."""
        text = f"version: 1\nid: lobi-1\nprinter: {{{printer}}}\n{more}"
        (self.config / "kiosk.yaml").write_text(text, encoding="utf-8")

    def argv(self, *args: str) -> list[str]:
        """The command line of ``kiosk`` in these folders."""
        where = ["--config", str(self.config), "--state", str(self.state)]
        return [sys.executable, "-m", "kiosk", args[0], *where, *args[1:]]

    def kiosk(self, *args: str) -> Answer:
        """Run a command to its end."""
        done = forks.run(
            self.argv(*args), cwd=ROOT, env=os.environ | ENGLISH, text=True, timeout=PATIENCE_S
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def check(self, *args: str) -> Answer:
        """``kiosk check`` of this folder."""
        return self.stateless("check", *args)

    def stateless(self, command: str, *args: str) -> Answer:
        """Run a command that has no state folder."""
        argv = [sys.executable, "-m", "kiosk", command, "--config", str(self.config), *args]
        done = forks.run(argv, cwd=ROOT, env=os.environ | ENGLISH, text=True, timeout=PATIENCE_S)
        return Answer(done.returncode, done.stdout, done.stderr)

    def start(self, *args: str, **env: str) -> subprocess.Popen[bytes]:
        """Run a command in the background."""
        return forks.start(
            self.argv(*args), cwd=ROOT, env=os.environ | ENGLISH | env, stderr=subprocess.PIPE
        )

    def tickets(self) -> list[dict[str, Any]]:
        """The journal."""
        answer = self.kiosk("tickets", "--json")
        assert answer.code == 0, answer.err
        found: list[dict[str, Any]] = answer.json
        return found


class VirtualPrinterProgram:
    """The virtual printer as a separate process."""

    def __init__(self, out: Path, *more: str) -> None:
        self._out = out
        self._process = forks.start(
            [sys.executable, "-m", "virtual_printer", "--port", "0", "--out", str(out),
             "--speed", "400", "--until-stdin-closes", *more],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdout is not None
        ready = select.select([self._process.stdout], [], [], PATIENCE_S)[0]
        assert ready, "the virtual printer did not start"
        self.ports = json.loads(self._process.stdout.readline())
        self.connection = f'connection: "network:127.0.0.1:{self.ports["port"]}"'

    def slips(self) -> list[Path]:
        """The pictures of the slips that were cut off."""
        return sorted(self._out.glob("*.png"))

    def close(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=PATIENCE_S)


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for ``condition``."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def one_line(text: str) -> str:
    """The one line of an error, which is no traceback."""
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    assert "Traceback" not in text
    return lines[0]
