"""Mutation testing of one target: change one thing in the code and check that a test fails.

Run by script/mutants with the Python of its own environment, which has cosmic-ray; the tests run
with the project's Python. Works on copies of the repository in a temporary folder, so that the
checkout is not changed and concurrent runs do not disturb each other.

1. Copy the repository; run the target's tests once. They must pass.
2. With ``select``, record which test executes which line (coverage contexts) and how long it takes.
   A mutant then runs only tests that execute its statement, the fastest first, for at most
   ``MAX_TESTS_S``. Not possible where the code under test runs in a subprocess: there every mutant
   runs all tests of the target.
3. List the mutants (mutators.py). Annotations, log calls and lines marked
   ``# pragma: no mutate`` are left out.
4. Run them in random order until the time is over. A mutant is killed when a test fails or the run
   exceeds its time limit; else it survived, and its diff is printed.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import queue
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mutated_copy import Copy, Coverage
from mutators import Mutant, mutants_of

MIN_LIMIT_S = 30.0
LIMIT_FACTOR = 3.0
"""A mutant's tests may take ``LIMIT_FACTOR`` times as long as without it, plus ``MIN_LIMIT_S``."""


@dataclass(frozen=True)
class Target:
    """``sources``: the mutated files (globs). ``tests``: the tests to run, with ``arguments``.

    ``select``: run only the tests that execute the mutated line.
    """

    sources: tuple[str, ...]
    tests: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    select: bool = True


TARGETS = {
    "domain": Target(
        ("kiosk/domain/*.py",),
        (
            "tests/domain",
            "tests/desk",
            "tests/flows",
            "tests/settings",
            "tests/printing/test_connection.py",
            "tests/printing/test_serial_line.py",
            "tests/printing/test_usb.py",
        ),
    ),
    "store": Target(("kiosk/store/*.py",), ("tests/store", "tests/sync/test_outbox.py")),
    "printer": Target(("kiosk/printer.py", "kiosk/printing/*.py"), ("tests/printing",)),
    "server": Target(
        ("queue_server/settle.py", "queue_server/reserve.py"),
        (
            "tests/queue_server/test_settle_edges.py",
            "tests/queue_server/test_settle.py",
            "tests/queue_server/test_limits.py",
            "tests/queue_server/test_reserve.py",
            "tests/queue_server/test_journals.py",
            "tests/queue_server/test_counters.py",
        ),
        select=False,  # the tests speak to server processes
    ),
}


class MutationRun:
    """All mutants of a target, until the time is over."""

    def __init__(self, target: Target, options: argparse.Namespace, folder: Path) -> None:
        self._target, self._options, self._folder = target, options, folder
        self._end = time.monotonic() + options.minutes * 60
        self._sources: dict[str, str] = {}
        self._tests: list[str] = []
        self._coverage: Coverage | None = None
        self._limit_s = MIN_LIMIT_S
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._survivors: list[tuple[str, Mutant]] = []

    def run(self) -> int:
        """Exit code: 0, or 1 where nothing could be judged."""
        first = Copy(self._folder / "0", self._options.python)
        mutants = self._mutants(first.root)
        if self._options.list:
            for mutant in mutants:
                print(f"{mutant.path}:{mutant.line} {mutant.operator}")
            return 0
        if not self._baseline(first):
            return 1
        waiting: queue.SimpleQueue[Mutant] = queue.SimpleQueue()
        for mutant in mutants:
            waiting.put(mutant)
        copies = [first] + [
            Copy(self._folder / str(n), self._options.python) for n in range(1, self._options.jobs)
        ]
        workers = [threading.Thread(target=self._work, args=(copy, waiting)) for copy in copies]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self._report(len(mutants))
        return 0

    def _mutants(self, root: Path) -> list[Mutant]:
        names = [
            str(path.relative_to(root))
            for pattern in self._target.sources
            for path in sorted(root.glob(pattern))
        ]
        wanted = self._options.only
        names = [name for name in names if not wanted or any(part in name for part in wanted)]
        if not names:
            sys.exit("No source file matches: the target's globs or --only are out of date.")
        self._sources = {name: (root / name).read_text(encoding="utf-8") for name in names}
        found = [m for name, source in self._sources.items() for m in mutants_of(name, source)]
        random.Random(self._options.seed).shuffle(found)  # noqa: S311
        done = self._done()
        left = [mutant for mutant in found if self._key(mutant) not in done]
        print(f"{len(names)} files, {len(found)} mutants, {len(found) - len(left)} known already")
        return left

    def _baseline(self, copy: Copy) -> bool:
        """Run the tests without a mutant; False, and their output, when they fail."""
        tests = [name for name in self._target.tests if (copy.root / name.split("::")[0]).exists()]
        missing = set(self._target.tests) - set(tests)
        if missing:
            sys.exit(f"No such tests: {sorted(missing)}. The target is out of date.")
        self._tests = [*self._target.arguments, *tests, *self._options.pytest]
        arguments = ["-q", "-x", *self._tests]
        data, report = self._folder / "coverage", self._folder / "report.xml"
        if self._target.select:
            folders = sorted({str(Path(name).parent) for name in self._sources})
            arguments += [f"--cov={folder}" for folder in folders]
            arguments += [
                "--cov-context=test",
                "--cov-fail-under=0",
                "--cov-report=",
                f"--junitxml={report}",
            ]
        print("Running the tests without a mutant …", flush=True)
        start = time.monotonic()
        code, output = copy.pytest(arguments, 3600, COVERAGE_FILE=str(data))
        took_s = time.monotonic() - start
        if code != 0:
            print(output[-5000:])
            print("The tests fail without a mutant; nothing can be judged.")
            return False
        self._limit_s = MIN_LIMIT_S + LIMIT_FACTOR * took_s
        if self._target.select:
            self._coverage = Coverage(data, report, copy.root)
        print(f"They pass in {took_s:.0f} s.", flush=True)
        # The time is for mutants.
        self._end += took_s
        return True

    def _work(self, copy: Copy, waiting: queue.SimpleQueue[Mutant]) -> None:
        while time.monotonic() < self._end:
            try:
                mutant = waiting.get_nowait()
            except queue.Empty:
                return
            start = time.monotonic()
            outcome = self._judge(copy, mutant)
            self._note(mutant, outcome, time.monotonic() - start)

    def _judge(self, copy: Copy, mutant: Mutant) -> str:
        source = self._sources[mutant.path]
        mutated = mutant.code(source)
        if mutated is None:
            return "not a change"
        tests, limit_s = self._selected(mutant, source)
        if tests == list(self._target.arguments):
            return "not covered"
        copy.write(mutant.path, mutated)
        try:
            code, _ = copy.pytest(["-q", "-x", *tests], limit_s)
        finally:
            copy.write(mutant.path, source)
        if code is None:
            return "killed (time)"
        if code == 0:
            return "survived"
        # 1: a test failed; 2: collection failed. Others are this script's own mistakes.
        return "killed" if code in (1, 2) else f"pytest exit code {code}"

    def _selected(self, mutant: Mutant, source: str) -> tuple[list[str], float]:
        """The tests that a mutant runs, and the time limit of that run in seconds."""
        if self._coverage is None:
            return self._tests, self._limit_s
        lines = range(mutant.line, mutant.line + 1)
        for node in ast.walk(ast.parse(source)):
            simple = isinstance(node, ast.stmt) and not hasattr(node, "body")
            end = getattr(node, "end_lineno", None) or 0
            if simple and getattr(node, "lineno", 0) <= mutant.line <= end:
                lines = range(getattr(node, "lineno", 0), end + 1)
        tests, seconds = self._coverage.tests_of(mutant.path, lines)
        return [*self._target.arguments, *tests], MIN_LIMIT_S + LIMIT_FACTOR * seconds

    def _note(self, mutant: Mutant, outcome: str, took_s: float) -> None:
        with self._lock:
            self._counts[outcome] += 1
            if outcome in ("survived", "not covered"):
                self._survivors.append((outcome, mutant))
            what = f"{mutant.path}:{mutant.line} {mutant.operator}"
            print(f"{outcome:14} {took_s:5.1f} s  {what}", flush=True)
            if self._options.results:
                with self._options.results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"key": self._key(mutant), "outcome": outcome}) + "\n")

    def _key(self, mutant: Mutant) -> str:
        """Names a mutant over several runs; another one once its file has changed."""
        content = hashlib.sha256(self._sources[mutant.path].encode()).hexdigest()[:12]
        return f"{mutant.path} {content} {mutant.operator} {mutant.occurrence}"

    def _done(self) -> set[str]:
        results = self._options.results
        if results is None or not results.exists():
            return set()
        return {json.loads(line)["key"] for line in results.read_text().splitlines()}

    def _report(self, total: int) -> None:
        for outcome, mutant in sorted(self._survivors, key=lambda one: (one[1].path, one[1].line)):
            print(f"\n{outcome}: {mutant.path}:{mutant.line} {mutant.operator}")
            print(mutant.diff(self._sources[mutant.path]))
        judged = sum(self._counts.values())
        print(f"\n{judged} of {total} mutants judged:")
        for outcome, count in sorted(self._counts.items()):
            print(f"  {count:5} {outcome}")


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        prog="script/mutants",
        description="Mutation testing.",
        epilog="After --: further arguments for pytest.",
    )
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--minutes", type=float, default=30, help="time for mutants (30)")
    parser.add_argument("--jobs", type=int, default=1, help="copies that run at once (1)")
    parser.add_argument("--seed", type=int, default=0, help="another order (0)")
    parser.add_argument(
        "--only", action="append", metavar="TEXT", help="files with TEXT in the path"
    )
    parser.add_argument(
        "--results", type=Path, metavar="FILE", help="note outcomes there; skip those noted"
    )
    parser.add_argument("--list", action="store_true", help="list the mutants, run none")
    parser.add_argument("--python", default=sys.executable, help=argparse.SUPPRESS)
    arguments = sys.argv[1:]
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_args(arguments[:cut])
    options.pytest = arguments[cut + 1 :]
    os.nice(19)
    with tempfile.TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)  # noqa: PTH101, S103  # run by root, tests start PostgreSQL as "nobody"
        return MutationRun(TARGETS[options.target], options, Path(folder)).run()


if __name__ == "__main__":
    sys.exit(main())
