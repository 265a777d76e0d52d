"""Visits killed at every step: no number is given twice or lost, and no two visitors get the same
slip.

Every step is tried of one visit, of one whose slip is printed again, of one that gives its number
back, and of the first start. Three kills in a row, a damaged journal and the reads and writes of a
printer are tried at every second or third step, because neighbours differ little there: each is a
statement of the same migration or a read of the same wait. ``script/test --all`` tries them all,
and ``benchmarks/kills.py`` does so with a whole kiosk.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.domain.delivery import Level, Proof
from kiosk.domain.health import PrinterHealth
from kiosk.store.watermark import Watermark
from menu.numbers import Number
from tests.desk.killable_visits import (
    AGAIN,
    BACK,
    PAPER,
    SHOWN,
    VOIDED,
    FilePrinter,
    open_kiosk_printer,
)
from tests.desk.rig import DeskRig
from tests.samples import everything
from virtual_printer import SlipRecord, VirtualPrinter

pytestmark = pytest.mark.usefixtures("unmeasured")

MAX_STEPS = 400


class Killer:
    """The helper process that forks the visits (``tests.desk.killable_visits``)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.desk.killable_visits"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[2],
        )

    def visit(self, folder: Path, ticket_id: str, step: int, printer: str = "-") -> bool:
        """Serve a visit; True if it was killed at ``step``, False if it ended before."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(folder, ticket_id, step, printer, file=self._process.stdin, flush=True)
        status = int(self._process.stdout.readline())
        assert status in (0, signal.SIGKILL), "the visit ended by an error"
        return status == signal.SIGKILL

    def close(self) -> None:
        self._process.communicate(timeout=10)


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    killer = Killer()
    yield killer
    killer.close()


@contextlib.contextmanager
def reopened(folder: Path) -> Iterator[DeskRig[FilePrinter]]:
    rig = DeskRig(folder, printer=FilePrinter(folder, lambda: None))
    yield rig
    rig.close()


def lines(path: Path) -> list[list[str]]:
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def check_after(folder: Path, earlier: set[str], ticket_id: str) -> None:
    """Check a folder after the visit ``ticket_id`` was killed one or more times.

    ``earlier``: the numbers given before it.
    """
    shown = {number for _, number in lines(folder / SHOWN)}
    assert len(shown) <= 1, "one visitor saw two numbers"
    with reopened(folder) as rig:
        held = rig.journal.get(ticket_id)
        if shown:
            assert held is not None, "a shown number is missing in the journal"
            assert {held.number} == shown
        void = held is not None and held.state == "void"
        assert void or not lines(folder / VOIDED), (
            "a void confirmed to the visitor is missing in the journal"
        )
        if void:
            assert rig.desk.unfinished() is None, "a void number is offered"
        elif held is not None and held.printed is None:
            assert rig.desk.unfinished() == held, "the unfinished ticket is not offered"
        again = rig.desk.issue(rig.request(ticket_id)).ticket
        assert held is None or again.number == held.number
        news = [rig.desk.issue(rig.request(f"n{i}")).ticket.number for i in range(2)]
    assert len({again.number, *news} | earlier) == 3 + len(earlier), "a number was given twice"
    same_series = [n for n in earlier if Number.parse(n).letter == Number.parse(news[0]).letter]
    first = Number.parse(news[0]).value
    assert all(first > Number.parse(n).value for n in same_series)
    paper = Counter(
        (kind, number) for what, number, kind in lines(folder / PAPER) if what == "begun"
    )
    assert all(n == 1 for (kind, _), n in paper.items() if kind == "slip"), (
        "two slips without a copy mark"
    )
    assert {number for _, number in paper} <= {again.number, *news, *earlier}


def grown_here(template: Path, folder: Path) -> None:
    """Copy ``template``, and write its watermarks anew: else the journal is detected as a copy."""
    shutil.copytree(template, folder)
    for path in folder.glob("*.witness"):
        watermark = Watermark.read(path)
        assert watermark is not None
        watermark.write(path)


def steps_of(first: int, every: int) -> range:
    """Each ``every``th step from ``first`` on; each step with ``script/test --all``."""
    return range(1, MAX_STEPS) if everything() else range(first, MAX_STEPS, every)


def sweep(
    killer: Killer,
    template: Path,
    work: Path,
    earlier: set[str],
    kills: int,
    visit: str = "visit",
    steps: range = range(1, MAX_STEPS),
) -> Iterator[tuple[int, Path]]:
    """Yield each of ``steps`` of the visit with a folder in which it was killed there ``kills``
    times."""
    for step in steps:
        folder = work / f"step-{step}"
        grown_here(template, folder)
        killed = [killer.visit(folder, visit, step) for _ in range(kills)]
        check_after(folder, earlier, visit)
        yield step, folder
        shutil.rmtree(folder)
        if not any(killed):
            return
    raise AssertionError("the visit has more than MAX_STEPS steps")


def used(folder: Path) -> set[str]:
    """Make a state folder with two earlier visits and a clean stop; return their numbers."""
    folder.mkdir()
    with reopened(folder) as rig:
        return {rig.desk.issue(rig.request(f"old{i}")).ticket.number for i in range(2)}


@pytest.mark.parametrize("kills", [1, 3])
def test_killed_at_every_step(killer: Killer, tmp_path: Path, kills: int) -> None:
    earlier = used(tmp_path / "template")
    steps, chosen = 0, steps_of(1, kills)
    for step, folder in sweep(
        killer, tmp_path / "template", tmp_path, earlier, kills, steps=chosen
    ):
        steps = step
        with reopened(folder) as rig:
            assert rig.journal.notices == (), "a kill was reported as damage"
    assert steps > 20, "steps are not counted"


def test_killed_at_every_step_of_a_visit_whose_slip_is_printed_again(
    killer: Killer, tmp_path: Path
) -> None:
    """The copy is printed at most once and is marked; no number is lost."""
    earlier = used(tmp_path / "template")
    copies = steps = 0
    for step, folder in sweep(killer, tmp_path / "template", tmp_path, earlier, 1, AGAIN):
        steps = step
        kinds = [kind for what, _, kind in lines(folder / PAPER) if what == "begun"]
        copies += "copy" in kinds
    assert steps > 30
    assert copies > 5, "too few kills during the copy"


def test_killed_at_every_step_of_a_visit_that_gives_its_number_back(
    killer: Killer, tmp_path: Path
) -> None:
    """Before the void the number is valid and offered; after it, it never is again."""
    earlier = used(tmp_path / "template")
    voids = confirmed = steps = 0
    for step, folder in sweep(killer, tmp_path / "template", tmp_path, earlier, 1, BACK):
        steps = step
        confirmed += bool(lines(folder / VOIDED))
        with reopened(folder) as rig:
            held = rig.journal.get(BACK)
            voids += held is not None and held.state == "void"
    assert steps > 30
    assert voids >= confirmed > 5, "too few kills after the confirmation"


def test_killed_at_every_step_of_the_first_start(killer: Killer, tmp_path: Path) -> None:
    (tmp_path / "template").mkdir()
    steps = 0
    for step, folder in sweep(killer, tmp_path / "template", tmp_path, set(), 1):
        steps = step
        with reopened(folder) as rig:
            assert rig.journal.notices == ()
    assert steps > 30


def lost_identity(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("DELETE FROM journal")
    db.commit()
    db.close()


def garbage(path: Path) -> None:
    path.write_bytes(b"\x00\xff" * 5000)


@pytest.mark.parametrize("harm", [lost_identity, garbage])
def test_killed_at_every_step_of_replacing_a_damaged_journal(
    killer: Killer, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    template = tmp_path / "template"
    earlier = used(template)
    harm(template / "journal.sqlite3")
    chosen = steps_of(1 if harm is garbage else 2, 2)
    for _, folder in sweep(killer, template, tmp_path, earlier, 1, steps=chosen):
        with reopened(folder) as rig:
            assert rig.journal.notices, "no notice for staff"
            if harm is lost_identity:
                kept = {t.number for t in rig.journal.tickets()}
                assert earlier <= kept, "readable tickets were lost"
        assert list(folder.glob("journal-0-damaged-*.sqlite3"))


def test_after_a_kill_the_number_series_skips_numbers(killer: Killer, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    used(folder)
    assert killer.visit(folder, "visit", 12)
    with reopened(folder) as rig:
        number = rig.desk.issue(rig.request("next")).ticket.number
        assert number in {"DK-023", "DK-024"}


# ── over a real connection ───────────────────────────────────────────────────────────────


def _ready(health: PrinterHealth) -> bool:
    return health.well and health.level is Level.PROCESS_ID


def numbers_on(slip: SlipRecord) -> set[str]:
    return set(re.findall(r"[A-Z]{1,3}-[A-Z]{0,2}[0-9]{3}", " ".join(slip.lines)))


def test_killed_at_every_read_and_write_of_a_printer(killer: Killer, tmp_path: Path) -> None:
    """Each complete slip has one visitor's number, and each further slip of a number is a copy."""
    earlier = used(tmp_path / "template")
    for step in steps_of(2, 3):
        folder = tmp_path / f"step-{step}"
        shutil.copytree(tmp_path / "template", folder)
        with VirtualPrinter(level="A", speed_mm_s=400.0) as virtual:
            killed = killer.visit(folder, "visit", step, virtual.connection)
            virtual.wait_until_idle()
            rig = DeskRig(folder, printer=open_kiosk_printer(virtual.connection, suspect=True))
            assert any(_ready(rig.desk.probe()) for _ in range(5)), (
                "the printer is not ready after five probes"
            )
            offered = rig.desk.unfinished()
            if offered is not None:
                rig.desk.reprint(offered.id)
            again = rig.desk.issue(rig.request("visit")).ticket
            other = rig.desk.issue(rig.request("next"))
            rig.close()
            rig.printer.close()
            virtual.wait_until_idle()
            slips = [s for s in virtual.slips if s.complete]
        assert len({again.number, other.ticket.number} | earlier) == 2 + len(earlier)
        assert other.result.proof is other.ticket.printed is Proof.CONFIRMED
        assert all(len(numbers_on(s)) <= 1 for s in virtual.slips), "a slip shows two numbers"
        plain = Counter(n for s in slips for n in numbers_on(s) if "SALINAN" not in str(s.lines))
        assert max(plain.values()) == 1
        assert plain[other.ticket.number] == 1
        assert any(again.number in numbers_on(s) for s in slips), "the visitor has no slip"
        shutil.rmtree(folder)
        if not killed:
            assert step > 30
            return
    raise AssertionError("the visit has more than MAX_STEPS steps")
