"""Kill the kiosk at a step of a story, start it again, and check these rules.

1. A visitor has one number, the one that was shown, and no two visitors have the same.
2. No piece of paper shows the numbers of two visitors.
3. Every piece after the first that shows a number says SALINAN.
4. A slip that the journal records as confirmed exists and is complete.
5. An unfinished ticket is offered after the start, and its visitor gets a complete slip.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kiosk.domain.delivery import Proof
from kiosk.domain.ticket import Ticket
from kiosk.store.watermark import Watermark
from tests.kills.killable_kiosk import ROOT, SHOWN, STEPS, Visitors, running, settings_on
from virtual_printer import VirtualPrinterProcess

NUMBER = re.compile(r"\b[A-Z]{1,3}-[A-Z]{0,2}[0-9]{3,}\b")
NEVER = 1_000_000
Piece = dict[str, Any]


class KillSweep:
    """One printer for all kills, the process that forks the kiosks, and a working folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._printer = VirtualPrinterProcess(speed_mm_s=400.0)
        self._settings = settings_on(self._printer.port)
        self._forker = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.killable_kiosk"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self._template = folder / "template"
        self._template.mkdir()
        with running(self._settings, self._template) as kiosk:
            Visitors(kiosk, lambda _: None).visit()

    def close(self) -> None:
        """Stop both processes."""
        self._forker.communicate(timeout=30)
        self._printer.close()

    def length(self, story: str) -> tuple[int, list[str]]:
        """The number of steps of ``story``, and the violated rules without a kill."""
        with self._state(story) as state:
            found = self._violations(state, story, NEVER)
            return int((state / STEPS).read_text()), found

    def kill(self, story: str, step: int) -> list[str]:
        """The violated rules after a kill at ``step`` of ``story``."""
        with self._state(story) as state:
            return self._violations(state, story, step)

    @contextmanager
    def _state(self, story: str) -> Iterator[Path]:
        """A state folder after one visit and a clean stop."""
        state = self._folder / story
        shutil.copytree(self._template, state)
        for path in state.glob("*.witness"):
            # Write the watermark anew: else the kiosk detects a copied journal and begins new
            # number series.
            watermark = Watermark.read(path)
            assert watermark is not None
            watermark.write(path)
        yield state
        shutil.rmtree(state)

    def _violations(self, state: Path, story: str, step: int) -> list[str]:
        before = len(self._printer.ask("slips")["slips"])
        self._run(state, story, step)
        # As staff do when they put in paper.
        self._printer.ask("mend")
        return [f"{story}, step {step}: {why}" for why in self._check_after_restart(state, before)]

    def _run(self, state: Path, story: str, step: int) -> None:
        assert self._forker.stdin is not None
        assert self._forker.stdout is not None
        ports = self._printer.port, self._printer.control_port
        print(state, story, step, *ports, file=self._forker.stdin, flush=True)
        status = int(self._forker.stdout.readline())
        # 0: the number of steps varies by the reads that the printer's answers arrive in.
        assert status in (0, signal.SIGKILL), f"{story}, step {step}: ended with {status}"

    def _check_after_restart(self, state: Path, before: int) -> Iterator[str]:
        """Start again, print a copy of the offered ticket, serve another visitor, check rules."""
        path = state / SHOWN
        shown = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
        with running(self._settings, state) as kiosk:
            visitors = Visitors(kiosk, lambda ticket: shown.append([ticket.id, ticket.number]))
            left = kiosk.ready_journal().tickets()
            offered = kiosk.unfinished()
            if offered is not None:
                visitors.copy(offered)
            other = visitors.visit()
            tickets = kiosk.ready_journal().tickets()
        if other.result.proof is not Proof.CONFIRMED:
            yield f"the next visitor has no slip: {other.result}"
        pieces = [p for p in self._printer.ask("slips")["slips"] if p["index"] >= before]
        yield from _check_numbers(shown, tickets)
        yield from _check_paper(pieces, tickets)
        for ticket in left:
            if ticket.printed is None and ticket != offered:
                yield f"{ticket.number} is unfinished but not offered"
            if ticket.printed is None and not _has_complete_slip(pieces, ticket.number):
                yield f"{ticket.number}: its visitor has no complete slip"


def _check_numbers(shown: list[list[str]], tickets: Sequence[Ticket]) -> Iterator[str]:
    held = {ticket.id: ticket.number for ticket in tickets}
    if len(set(held.values())) < len(held):
        yield f"a number is given twice: {sorted(held.values())}"
    for ticket, number in shown:
        if held.get(ticket) != number:
            yield f"{number} was shown, but the journal has {held.get(ticket)}"


def _check_paper(pieces: list[Piece], tickets: Sequence[Ticket]) -> Iterator[str]:
    pieces_by_number: dict[str, list[Piece]] = {}
    for piece in pieces:
        numbers = _numbers_on(piece)
        if len(numbers) > 1:
            yield f"piece {piece['index'] + 1} shows {' and '.join(sorted(numbers))}"
        for number in numbers:
            pieces_by_number.setdefault(number, []).append(piece)
    for number, mine in pieces_by_number.items():
        if any("SALINAN" not in " ".join(piece["lines"]) for piece in mine[1:]):
            yield f"{number} is on a second piece without SALINAN"
    # The first ticket was served before the story; its slip is not among these pieces.
    for ticket in tickets[1:]:
        if ticket.printed is Proof.CONFIRMED and not _has_complete_slip(pieces, ticket.number):
            yield f"{ticket.number} is recorded as confirmed, but no complete slip exists"


def _numbers_on(piece: Piece) -> set[str]:
    return set(NUMBER.findall(" ".join(piece["lines"])))


def _has_complete_slip(pieces: list[Piece], number: str) -> bool:
    return any(piece["complete"] and number in _numbers_on(piece) for piece in pieces)


@contextmanager
def sweeping(folder: Path) -> Iterator[KillSweep]:
    """A sweep that is closed after the ``with`` block."""
    sweep = KillSweep(folder)
    try:
        yield sweep
    finally:
        sweep.close()
