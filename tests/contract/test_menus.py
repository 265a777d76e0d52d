"""One verdict on each menu of the corpus: by the kiosk, by the server, and by both commands.

The expected verdicts are the same for both, and so is the code that reads a menu: each menu is
given to one of the two, those of a kind in turn. ``script/test --all`` gives each to both.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests import forks
from tests.contract.corpus import VERDICTS, MenuCase, corpus
from tests.contract.verdict import FILE, verdict_of_kiosk, verdict_of_server
from tests.samples import everything
from tests.settings.folder import KIOSK, ROOT, TICKET

pytestmark = pytest.mark.usefixtures("unmeasured")

CASES = corpus()
EXPECTED: dict[str, Any] = json.loads(VERDICTS.read_text("utf-8"))


def half_of_the_cases(place: int) -> pytest.MarkDecorator:
    """Every second menu of each kind; all with ``script/test --all``."""
    cases = CASES if everything() else CASES[place::2]
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


BY_COMMANDS = [
    case
    for case in CASES
    if case.name in ("shipped-00", "typos-00", "traps-00", "prefixes-04", "bytes-00", "tops-00")
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A settings folder whose own two files are good."""
    (tmp_path / "kiosk.yaml").write_text(KIOSK)
    (tmp_path / "ticket.yaml").write_text(TICKET)
    return tmp_path


def test_the_corpus_has_good_and_bad_menus_and_a_verdict_on_each() -> None:
    good = Counter(EXPECTED[case.name]["summary"] is not None for case in CASES)
    assert len(CASES) >= 200
    assert good[True] >= 40
    assert good[False] >= 100
    assert set(EXPECTED) == {case.name for case in CASES}


def test_a_misspelt_quota_is_refused() -> None:
    said = EXPECTED["typos-00"]
    assert said["summary"] is None
    assert any("'qouta' tidak dikenal; maksud Anda 'quota'?" in p for p in said["problems"])


@half_of_the_cases(0)
def test_the_kiosk_gives_the_expected_verdict(case: MenuCase, folder: Path) -> None:
    assert verdict_of_kiosk(case.body, folder) == EXPECTED[case.name]


@half_of_the_cases(1)
def test_the_server_gives_the_expected_verdict(case: MenuCase) -> None:
    expected = EXPECTED[case.name]
    errors = [p.removeprefix("E ") for p in expected["problems"] if p.startswith("E ")]
    assert verdict_of_server(case.body) == {"summary": expected["summary"], "errors": errors}


@pytest.mark.parametrize("case", BY_COMMANDS, ids=lambda case: case.name)
@pytest.mark.parametrize("lang", ["id", "en"])
def test_both_commands_print_the_same(case: MenuCase, folder: Path, lang: str) -> None:
    file = folder / FILE
    file.write_bytes(case.body)
    kiosk = _run("kiosk", "check", str(folder), "--lang", lang)
    server = _run("queue_server", "check", "--catalogue", str(file), "--lang", lang)

    assert len(BY_COMMANDS) == 6
    assert kiosk.stderr == server.stderr
    assert kiosk.returncode == server.returncode
    assert kiosk.returncode == (EXPECTED[case.name]["summary"] is None)
    assert server.stdout == (f"{file}: {kiosk.stdout}" if kiosk.stdout else "")
    if lang == "id":
        problems = EXPECTED[case.name]["problems"]
        printed = [line.removeprefix(f"{folder}/") for line in kiosk.stderr.splitlines()]
        if len(problems) > 1:
            warnings = sum(p.startswith("W") for p in problems)
            count = f"{len(problems) - warnings} kesalahan, {warnings} peringatan"
            assert printed.pop() == count
        assert sorted(line.replace("peringatan: ", "") for line in printed) == sorted(
            p[2:] for p in problems
        )


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return forks.run([sys.executable, "-m", *arguments], text=True, cwd=ROOT)
