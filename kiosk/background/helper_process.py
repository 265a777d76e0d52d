"""A helper process of the app: the virtual printer, and the demo's queue server."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kiosk.errors import KioskError


class HelperProcess:
    """A Python module running in its own process.

    Its first line on stdout is a JSON object with its addresses, kept as ``greeting``. It ends with
    ``close``, and with this process however that ends: its standard input is a pipe from here, and
    it exits at end-of-file.
    """

    def __init__(
        self,
        module: str,
        args: Sequence[str],
        deadline_s: float = 20.0,
        log_file: Path | None = None,
    ) -> None:
        """Start the process; does not wait. ``deadline_s``: seconds until ``greeting`` gives up.

        Its stderr overwrites ``log_file``; without one it is discarded.
        """
        self._module = module
        self._until = time.monotonic() + deadline_s
        self._greeting: dict[str, Any] | None = None
        with (log_file or Path(os.devnull)).open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *args],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def greeting(self) -> dict[str, Any]:
        """The first line of the process; waits for it. Raises KioskError at the deadline."""
        if self._greeting is None:
            self._greeting = self._read()
        return self._greeting

    def kill(self) -> None:
        """End the process at once (SIGKILL)."""
        self._process.kill()
        self.close()

    def close(self, timeout_s: float = 5.0) -> None:
        """Close its standard input and wait; kill it after ``timeout_s`` seconds."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> dict[str, Any]:
        pipe = self._process.stdout
        if pipe is None:
            raise KioskError("child.no_output", name=self._module)
        line = bytearray()
        while not line.endswith(b"\n"):
            left = self._until - time.monotonic()
            ready = left > 0 and select.select([pipe], [], [], left)[0]
            piece = os.read(pipe.fileno(), 65536) if ready else b""
            if not piece:
                raise KioskError("child.not_started", name=self._module)
            line += piece
        answer = json.loads(line.splitlines()[0])
        if not isinstance(answer, dict):
            raise KioskError("child.greeting", name=self._module)
        return answer
