"""A virtual printer in a process that is killed and started again on the same port."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests import forks
from tests.queue_server.servers import ROOT


class Piece(NamedTuple):
    """A piece of paper as the printer describes it."""

    text: str
    complete: bool


class KilledPrinter:
    """Writes each piece of paper into ``folder``, one folder for each run of the process.

    400 mm a second: the kiosk believes no answer that comes sooner than paper can be printed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs = 0
        self.port = 0
        self.start()

    def start(self) -> None:
        """Start it; returns when it accepts connections."""
        self._runs += 1
        out = self._folder / str(self._runs)
        command = [sys.executable, "-m", "virtual_printer", "--port", str(self.port)]
        command += ["--out", str(out), "--format", "json", "--keep", "100000"]
        self._process = forks.start(
            [*command, "--speed", "400", "--until-stdin-closes"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        ports = json.loads(self._process.stdout.readline())
        self.port, self._control_port = int(ports["port"]), int(ports["control_port"])

    def ask(self, do: str, **how: object) -> None:
        """Send one command to its control port."""
        address = ("127.0.0.1", self._control_port)
        with socket.create_connection(address, timeout=30) as line:
            line.sendall(json.dumps({"do": do, **how}).encode() + b"\n")
            answer = json.loads(line.makefile("rb").readline())
        assert answer["ok"], answer

    def kill(self) -> None:
        """Kill it (SIGKILL). A piece that it has not written by then is not in ``pieces``."""
        self._process.kill()
        self._end()

    def stop(self) -> None:
        """Stop it in order: all pieces are written."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._end()

    def _end(self) -> None:
        self._process.wait(30)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def pieces(self) -> list[Piece]:
        """All paper in the order in which it was cut."""
        files = [
            file
            for run in range(1, self._runs + 1)
            for file in sorted((self._folder / str(run)).glob("slip-*.json"))
        ]
        said = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        return [Piece(" ".join(one["lines"]), one["complete"]) for one in said]
