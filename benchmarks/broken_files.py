"""Break the shipped settings files by seeded mutation, and count the mistakes named on their line.

    python benchmarks/broken_files.py [FILES] [SEED]

Each file has one mistake of a kind that people make with a plain editor; the line that was changed
is known. A result is right where the first line that ``kiosk check`` names is that line (for a
bracket: also the one on which it was opened), and no other line is named. Then files with two and
with four mistakes: all are named at once, and nothing else. Both languages must name the same
lines. The baseline is the line in PyYAML's own message; it has none where the file is valid YAML.
"""

from __future__ import annotations

import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from pathlib import Path

import yaml

from benchmarks.common import quantile, table, verdict
from kiosk.settings import check_settings
from tests.settings.broken_files import SEED, BrokenTwice, broken_files, broken_twice
from tests.settings.folder import AGENCIES, ASSETS, KIOSK, TICKET

FILES = 500
TWICE = 100
SOUND = {"agencies.yaml": AGENCIES, "kiosk.yaml": KIOSK, "ticket.yaml": TICKET}
HEADS = ("files", "right", "silent", "wrong line", "more", "traceback", "PyYAML right")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def main() -> int:
    """Print the table by kind; return 0 when the limits were kept."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else FILES
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    times: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for broken in broken_files(number, seed):
            found = kinds[broken.kind]
            found["files"] += 1
            found["PyYAML right"] += _plain_line(broken.text) in broken.lines
            began = time.process_time()
            lines = _named(folder, broken.name, broken.text)
            times.append(time.process_time() - began)
            found[_outcome(lines, broken.lines)] += 1
        unnamed, further = _several(folder, seed)
    total: Counter[str] = sum(kinds.values(), Counter())
    rows = [[kind, *(str(n[head]) for head in HEADS)] for kind, n in [*kinds.items(), ("", total)]]
    table(f"{number} broken files, seed {seed}", ("kind", *HEADS), rows)
    print(f"p95 {quantile(times, 0.95):.2f} s of processor time for both languages\n")
    return verdict(
        [
            ("tracebacks", total["traceback"], 0),
            ("files without a message, %", 100 * total["silent"] / number, 0.5),
            ("first line named is not the true one, %", 100 * total["wrong line"] / number, 1),
            ("lines named without a mistake, % of files", 100 * total["more"] / number, 1),
            (f"mistakes not named in {2 * TWICE} files with two and four", unnamed, 0),
            ("lines named there without a mistake", further, 2),
        ]
    )


def _named(folder: Path, name: str, text: str) -> list[int] | None:
    """The lines that a check of this file names, in its order; None after a traceback. A 0 is added
    where the two languages name different ones."""
    for file, sound in SOUND.items():
        (folder / file).write_text(text if file == name else sound, "utf-8", newline="")
    found = []
    try:
        for lang in ("id", "en"):
            problems = check_settings(folder, ASSETS, lang).problems
            mine = [p for p in problems if p.file.endswith(name)]
            found.append([p.line for p in mine if not (p.warning and "logo" in p.text)])
    except Exception:  # noqa: BLE001 - counted: no file may cause one
        traceback.print_exc()
        return None
    return found[0] if found[0] == found[1] else [0, *found[0]]


def _outcome(lines: list[int] | None, right: frozenset[int]) -> str:
    if lines is None:
        return "traceback"
    if not lines:
        return "silent"
    if lines[0] not in right:
        return "wrong line"
    return "right" if right.issuperset(lines) else "more"


def _several(folder: Path, seed: int) -> tuple[int, int]:
    """Of files with two and four mistakes: how many are not named, and how many lines more."""
    unnamed = further = 0
    files: list[BrokenTwice] = [*broken_twice(TWICE, seed), *broken_twice(TWICE, seed, 4)]
    for broken in files:
        lines = set(_named(folder, broken.name, broken.text) or ())
        unnamed += sum(not lines & right for _, right in broken.mistakes)
        further += len(lines.difference(*(right for _, right in broken.mistakes)))
    return unnamed, further


def _plain_line(text: str) -> int:
    try:
        for _ in yaml.parse(text, LOADER):
            pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return mark.line + 1 if mark is not None else 0
    except yaml.YAMLError:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
