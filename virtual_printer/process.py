"""The virtual printer in a process of its own, for the demo, tests and benchmarks.

It ends with whoever started it: its standard input is a pipe that closes then.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from kiosk.errors import PrinterDeadline, PrinterUnreachable

START_S = 20.0


class VirtualPrinterProcess:
    """A running virtual printer; ``connection`` is what ``kiosk.yaml`` would say of it.

    PrinterUnreachable when it cannot be started. Lengths in mm, speed in mm a second
    (None: in no time); slips are drawn to ``out_dir``.
    """

    def __init__(
        self,
        out_dir: Path | None = None,
        *,
        paper_mm: int = 80,
        level: str = "A",
        speed_mm_s: float | None = None,
    ) -> None:
        command = [sys.executable, "-m", "virtual_printer", "--port", "0"]
        command += ["--until-stdin-closes", "--paper-mm", str(paper_mm), "--level", level]
        if out_dir is not None:
            command += ["--out", str(out_dir.absolute())]
        if speed_mm_s is not None:
            command += ["--speed", str(speed_mm_s)]
        root = Path(__file__).resolve().parents[1]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
        )
        try:
            ports = self._first_line()
        except PrinterUnreachable:
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
        """As ``kiosk.yaml`` writes it."""
        return f"network:{self.host}:{self.port}"

    def ask(self, do: str, **request: object) -> dict[str, Any]:
        """One exchange on the control port (see ``control``): its answer.

        PrinterUnreachable when the process has gone, PrinterDeadline when it does not
        answer, ValueError when it refuses.
        """
        line = json.dumps({"do": do, **request}).encode() + b"\n"
        try:
            with socket.create_connection((self.host, self.control_port), timeout=70) as control:
                control.sendall(line)
                answer = control.makefile("rb").readline()
        except TimeoutError as error:
            raise PrinterDeadline("virtual printer: no answer on its control port") from error
        except OSError as error:
            raise PrinterUnreachable(f"virtual printer: {error}") from error
        if not answer:
            raise PrinterUnreachable("virtual printer: no answer on its control port")
        said: dict[str, Any] = json.loads(answer)
        if not said.pop("ok"):
            raise ValueError(said["error"])
        return said

    def close(self) -> None:
        """End it; pictures under way are finished first."""
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
        raise PrinterUnreachable("virtual printer: did not start")
