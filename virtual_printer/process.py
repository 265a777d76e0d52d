"""The virtual printer in a process of its own, for demos, tests and benchmarks.

The process ends with its parent: its standard input is a pipe that closes when the parent dies.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

START_S = 20.0
"""Limit for the first line of output, in seconds."""

ANSWER_S = 70.0
"""Limit for one exchange on the control port: more than the longest ``wait`` (60 s)."""


class VirtualPrinterError(Exception):
    """The virtual printer's process did not start, has ended, or does not answer."""


class VirtualPrinterProcess:
    """A running virtual printer, reachable at ``host``, ``port`` and ``control_port``.

    ``paper_mm`` is 80 or 58, ``character`` and ``settings`` say what kind of printer it is
    (``character``), ``level`` A to D changes it, ``speed_mm_s`` is millimetres of paper a second
    or ``"real"`` (None: printing takes no time). With ``out_dir`` each slip is drawn there as PNG.
    Raises VirtualPrinterError when the process does not start within START_S.
    """

    def __init__(
        self,
        out_dir: Path | None = None,
        *,
        paper_mm: int = 80,
        level: str | None = None,
        speed_mm_s: float | str | None = None,
        character: str = "epson",
        settings: Mapping[str, object] | None = None,
    ) -> None:
        command = [sys.executable, "-m", "virtual_printer", "--port", "0"]
        command += ["--until-stdin-closes", "--paper-mm", str(paper_mm)]
        command += ["--character", character]
        if level is not None:
            command += ["--level", level]
        for name, value in (settings or {}).items():
            command += ["--set", f"{name}={json.dumps(value)}"]
        if out_dir is not None:
            command += ["--out", str(out_dir.absolute())]
        if speed_mm_s is not None:
            command += ["--speed", str(speed_mm_s)]
        parents = (str(Path(__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", ""))
        path = os.pathsep.join(part for part in parents if part)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        try:
            ports = self._first_line()
        except VirtualPrinterError:
            self.close()
            raise
        self.host, self.port = str(ports["host"]), int(ports["port"])
        self.control_port = int(ports["control_port"])

    def __enter__(self) -> VirtualPrinterProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def connection(self) -> str:
        """``network:HOST:PORT``, for the settings of a program that prints."""
        return f"network:{self.host}:{self.port}"

    def ask(self, do: str, **request: object) -> dict[str, Any]:
        """Send one request to the control port (see ``control``) and return its answer.

        Raises VirtualPrinterError when the process has ended or does not answer within
        ANSWER_S, ValueError with the printer's message when it refuses the request.
        """
        line = json.dumps({"do": do, **request}).encode() + b"\n"
        address = (self.host, self.control_port)
        try:
            with socket.create_connection(address, timeout=ANSWER_S) as control:
                control.sendall(line)
                answer = control.makefile("rb").readline()
        except OSError as error:
            raise VirtualPrinterError(f"control port {self.control_port}: {error}") from error
        if not answer:
            raise VirtualPrinterError(f"control port {self.control_port}: no answer")
        reply: dict[str, Any] = json.loads(answer)
        if not reply.pop("ok"):
            raise ValueError(reply["error"])
        return reply

    def close(self) -> None:
        """End the process; pictures that are being drawn are finished first."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _first_line(self) -> dict[str, Any]:
        out = self._process.stdout
        if out is not None and select.select([out], [], [], START_S)[0]:
            line = out.readline()
            if line:
                ports: dict[str, Any] = json.loads(line)
                return ports
        raise VirtualPrinterError("the virtual printer did not start")
