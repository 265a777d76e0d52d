"""A copy of the repository in which tests run, and which test executes which line."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAX_TESTS_S = 40.0
"""The tests of one mutant take at most this long without it."""


class Copy:
    """A copy of the repository in which tests run."""

    def __init__(self, folder: Path, python: str) -> None:
        self.root = folder / "repository"
        self._python = python
        self._temporary = folder / "t"  # short: socket paths have at most 107 bytes
        self._temporary.mkdir(parents=True)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            source, copy = ROOT / name, self.root / name
            if source.is_file():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, copy)
        if (ROOT / ".venv").exists():
            (self.root / ".venv").symlink_to(ROOT / ".venv")
        self._stamp = int(time.time())

    def write(self, name: str, text: str) -> None:
        """Write a source file.

        Python reuses bytecode if the size and the modification time in seconds are equal, so each
        write sets another modification time.
        """
        path = self.root / name
        path.write_text(text, encoding="utf-8")
        self._stamp += 1
        os.utime(path, (self._stamp, self._stamp))

    def pytest(
        self, arguments: Sequence[str], limit_s: float, **env: str
    ) -> tuple[int | None, str]:
        """Run pytest: its exit code, None when it exceeded ``limit_s``; and its output."""
        listed = self.root / ".mutants-tests"
        listed.write_text("\n".join(arguments), encoding="utf-8")
        process = subprocess.Popen(
            [self._python, "-m", "pytest", "-p", "no:cacheprovider", f"@{listed.name}"],
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            env={
                **os.environ,
                "PYTHONPATH": str(self.root),
                "TMPDIR": str(self._temporary),
                "HYPOTHESIS_STORAGE_DIRECTORY": str(self._temporary / "hypothesis"),
                **env,
            },
        )
        try:
            output, _ = process.communicate(timeout=limit_s)
            return process.returncode, output
        except subprocess.TimeoutExpired:
            return None, ""
        finally:
            # Also what the tests started and did not end: servers, kiosks.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for left in self._temporary.iterdir():
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)


class Coverage:
    """Which tests execute which line, from coverage's database, and how long each test takes."""

    def __init__(self, data: Path, report: Path, root: Path) -> None:
        """``data``: coverage's database. ``report``: pytest's report in JUnit's format."""
        self._tests: dict[tuple[str, int], set[str]] = {}
        self._of_file: dict[str, set[str]] = {}
        with contextlib.closing(sqlite3.connect(data)) as connection:
            # Branch coverage (pyproject.toml) records pairs of lines; a negative one is an entry or
            # exit of a function.
            rows = connection.execute(
                "SELECT DISTINCT file.path, context.context, line FROM"
                " (SELECT file_id, context_id, fromno AS line FROM arc"
                " UNION SELECT file_id, context_id, tono FROM arc)"
                " JOIN file ON file.id = file_id JOIN context ON context.id = context_id"
                " WHERE line > 0"
            )
            for path, context, line in rows:
                name = str(Path(path).relative_to(root)) if path.startswith(str(root)) else path
                test = context.partition("|")[0]
                self._of_file.setdefault(name, set()).add(test)
                self._tests.setdefault((name, line), set()).add(test)
        if not self._tests:
            sys.exit("No test was recorded for any line: the coverage settings have changed.")
        self._seconds: dict[str, float] = {}
        for case in ET.parse(report).iter("testcase"):  # noqa: S314  # our own report
            test = f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
            self._seconds[test] = float(case.get("time", 0))

    def tests_of(self, path: str, lines: Sequence[int]) -> tuple[list[str], float]:
        """The tests that execute one of ``lines``, the fastest first, and their seconds.

        For a statement that runs at import (a constant, a class body): the tests of the file.
        """
        found: set[str] = set()
        for line in lines:
            found |= self._tests.get((path, line), set())
        if "" in found and found == {""}:
            found = self._of_file[path]
        chosen: list[str] = []
        total_s = 0.0
        for test in sorted(found - {""}, key=lambda one: (self._seconds.get(one, 1.0), one)):
            seconds = self._seconds.get(test, 1.0)
            if chosen and total_s + seconds > MAX_TESTS_S:
                break
            chosen.append(test)
            total_s += seconds
        return chosen, total_s
