"""Every subset and age of the files in a state folder: no number twice, nothing lost.

Each combination of the journal, its log and the watermark is tried after one of five histories;
``script/test --all`` tries all after each. ``benchmarks/state_files.py`` is the long form, with all
files combined.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.store import opening
from tests.samples import everything, is_share
from tests.store.making import FILE, WITNESS
from tests.store.state_files import ENDS, KEPT, LOG, MISSING, StateFilesSweep

pytestmark = pytest.mark.usefixtures("unmeasured")

SHM = Path("/dev/shm")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: thousands of journals are created."""
    if not os.access(SHM, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=SHM) as name:
        yield Path(name)


HISTORIES = (
    ("plain", "clean", False),
    ("plain", "killed", False),
    ("replaced", "clean", False),
    ("replaced", "killed", False),
    ("plain", "killed", True),
)


@pytest.mark.parametrize(("history", "end", "server"), HISTORIES)
def test_no_number_twice_and_nothing_lost(
    folder: Path, history: str, end: str, server: bool
) -> None:
    place = HISTORIES.index((history, end, server))
    sweep = StateFilesSweep(folder, history, clean=ENDS[end], server=server)
    tried, wrong = 0, []
    for case in sweep.core():
        if is_share(f"{case}", place, len(HISTORIES)) and not sweep.hopeless(case):
            tried += 1
            found = sweep.wrong(case)
            if found is not None:
                wrong.append((found, {n: w for n, w in case.items() if w != KEPT}))
    assert tried > (500 if everything() else 100)
    assert not wrong, (len(wrong), wrong[:5])


def test_the_sweep_detects_a_double_number(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rule for a missing watermark it complains."""
    monkeypatch.setattr(opening, "_objection", lambda *_: None)
    sweep = StateFilesSweep(folder, "plain", clean=False)
    case = dict.fromkeys(sweep.choices(), KEPT) | {FILE: "1", LOG: MISSING, WITNESS: MISSING}
    assert "was shown, after" in str(sweep.wrong(case))
