"""Runs the scripts beside the units with the programs that they call replaced by recorders."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

LIBEXEC = Path(__file__).resolve().parents[2] / "deploy" / "libexec"


class Script:
    """Runs a script of deploy/libexec with programs of this folder first in the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"
        (folder / "bin").mkdir()
        self.env = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "CALLS": str(self.calls)}

    def program(self, name: str, body: str = "") -> None:
        """Replace a program: it notes its arguments, then does ``body``."""
        file = self.folder / "bin" / name
        file.write_text(f'#!/bin/sh\necho "{name} $*" >>"$CALLS"\n{body}\n')
        file.chmod(0o755)

    def run(self, name: str, *args: str, **env: object) -> subprocess.CompletedProcess[str]:
        more = {key: str(value) for key, value in env.items()}
        return subprocess.run(
            [LIBEXEC / name, *args], env=os.environ | self.env | more,
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    def called(self) -> list[str]:
        """The calls since the last time."""
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        self.calls.unlink(missing_ok=True)
        return lines
