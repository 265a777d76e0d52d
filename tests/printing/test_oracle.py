"""The oracle over a seeded part of all faults, and proof that it can fail.

All of it: ``benchmarks/printing_sweep.py``.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.domain.delivery import Level, Outcome, PrintResult
from kiosk.domain.slip import BadgeLine, Slip
from kiosk.printer import Printer
from tests.printing.oracle.cases import Case, all_cases, some_cases
from tests.printing.oracle.stage import SLIP_BYTES, SLIP_MM, Stage, Wrap, impatience

CASES = 240
SEED = 20261125
THREADS = 8


def verdicts(folder: Path, cases: list[Case], wrap: Wrap = lambda port: port) -> list[str]:
    """What the oracle complains of; the cases wait much, so several run at once."""
    own, lock = threading.local(), threading.Lock()
    stages: list[Stage] = []

    def judged(case: Case) -> list[str]:
        if not hasattr(own, "stage"):
            with lock:
                place = folder / f"journal-{len(stages)}"
                place.mkdir()
                own.stage = Stage(place, wrap)
                stages.append(own.stage)
        return own.stage.complaints(case)

    with impatience(), ThreadPoolExecutor(THREADS) as pool:
        found = [why for whys in pool.map(judged, cases) for why in whys]
    for stage in stages:
        stage.close()
    return found


def test_paper_journal_and_screen_agree_whatever_fails(tmp_path: Path) -> None:
    cases = some_cases(CASES, SEED, SLIP_BYTES, SLIP_MM)
    assert {(case.level, case.fault) for case in cases} == {
        (case.level, case.fault) for case in all_cases(1, 1.0)
    }
    assert verdicts(tmp_path, cases) == []


class Liar:
    """A printer's port that breaks one promise."""

    def __init__(self, port: Printer) -> None:
        self.port = port

    def __getattr__(self, name: str) -> object:
        return getattr(self.port, name)


class Boaster(Liar):
    """Calls every slip confirmed that was sent."""

    def print(self, slip: Slip) -> PrintResult:
        result = self.port.print(slip)
        sure = replace(result, outcome=Outcome.PRINTED, level=Level.PROCESS_ID, fault=None)
        return sure if result.outcome is Outcome.UNCERTAIN else result


class Denier(Liar):
    """Says that a slip certainly did not come out when nobody knows."""

    def print(self, slip: Slip) -> PrintResult:
        result = self.port.print(slip)
        unsure = result.outcome is Outcome.UNCERTAIN
        return replace(result, outcome=Outcome.NOT_PRINTED) if unsure else result


class Forgetful(Liar):
    """Leaves SALINAN away."""

    def print(self, slip: Slip) -> PrintResult:
        return self.port.print(
            Slip(slip.number, tuple(li for li in slip.lines if not isinstance(li, BadgeLine)))
        )


@pytest.mark.parametrize(
    ("wrap", "case", "complaint"),
    [
        (Boaster, Case("A", "swallow", (("at_byte", 100),)), "0 whole slips are there"),
        (Boaster, Case("B", "paper_out", (("at_mm", 60.0),)), "0 whole slips are there"),
        (Denier, Case("A", "mute"), "bears it again without SALINAN"),
        (Forgetful, Case("A", "near_end"), "bears it again without SALINAN"),
    ],
)
def test_the_oracle_sees_a_broken_promise(
    tmp_path: Path, wrap: Wrap, case: Case, complaint: str
) -> None:
    assert any(complaint in why for why in verdicts(tmp_path, [case], wrap))


def test_the_oracle_sees_two_numbers_on_one_paper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.printer.direct.PRELUDE", b"")
    found = verdicts(tmp_path, [Case("D", "close", (("at_byte", 330),))])
    assert any("piece 1 bears DK-001 and DK-00" in why for why in found)


def test_the_matrix_holds_each_fault_at_each_byte_and_along_the_paper() -> None:
    cases = list(all_cases(SLIP_BYTES, SLIP_MM))
    places = {(c.level, c.fault, *c.how) for c in cases}
    assert len(places) > 4 * 9 * SLIP_BYTES
    for level in "ABCD":
        for fault in ("stall", "close", "reset", "swallow", "cover_open", "mute"):
            seen = ((level, fault, ("at_byte", k)) in places for k in range(SLIP_BYTES))
            assert all(seen) or (level, fault) == ("D", "swallow")
        assert all(
            (level, "paper_out", ("at_mm", mm)) in places for mm in range(0, int(SLIP_MM), 2)
        )
