"""A story killed at each of its steps, the kiosk started again, and what must hold then.

1. A visitor has one number, the one that was shown, and no two visitors have the same.
2. No piece of paper bears the numbers of two visitors.
3. Every piece after the first that bears a number says SALINAN.
4. A slip that the journal calls confirmed is there, whole.
5. The number that was under way is offered first, and its visitor holds a whole slip in the end.
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
from tests.kills.kiosk import ROOT, SHOWN, STEPS, Lobby, running, settings_on
from virtual_printer import VirtualPrinterProcess

NUMBER = re.compile(r"\b[A-Z]{1,3}-[A-Z]{0,2}[0-9]{3,}\b")
ENDLESS = 1_000_000
Piece = dict[str, Any]


class Sweep:
    """One printer for all kills, the process that forks the kiosks, and a folder to work in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._printer = VirtualPrinterProcess(speed_mm_s=400.0)
        self._settings = settings_on(self._printer.port)
        self._killer = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.kiosk"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self._template = folder / "template"
        self._template.mkdir()
        with running(self._settings, self._template) as kiosk:
            Lobby(kiosk, lambda _: None).visit()

    def close(self) -> None:
        """End both processes."""
        self._killer.communicate(timeout=30)
        self._printer.close()

    def length(self, story: str) -> tuple[int, list[str]]:
        """How many steps ``story`` has, and what does not hold where nothing is killed."""
        with self._state(story) as state:
            found = self._told(state, story, ENDLESS)
            return int((state / STEPS).read_text()), found

    def kill(self, story: str, step: int) -> list[str]:
        """What does not hold after a kill at ``step`` of ``story``."""
        with self._state(story) as state:
            return self._told(state, story, step)

    @contextmanager
    def _state(self, story: str) -> Iterator[Path]:
        """A folder in which one visitor has been served, and all was closed cleanly."""
        state = self._folder / story
        shutil.copytree(self._template, state)
        for path in state.glob("*.witness"):
            # A copy of a folder would take itself for a copy, and begin new lines.
            watermark = Watermark.read(path)
            assert watermark is not None
            watermark.write(path)
        yield state
        shutil.rmtree(state)

    def _told(self, state: Path, story: str, step: int) -> list[str]:
        before = len(self._printer.ask("slips")["slips"])
        self._run(state, story, step)
        # Staff put in paper.
        self._printer.ask("mend")
        return [f"{story}, step {step}: {why}" for why in self._after(state, before)]

    def _run(self, state: Path, story: str, step: int) -> None:
        assert self._killer.stdin is not None
        assert self._killer.stdout is not None
        ports = self._printer.port, self._printer.control_port
        print(state, story, step, *ports, file=self._killer.stdin, flush=True)
        status = int(self._killer.stdout.readline())
        # A story has a step more or less, as the printer's answers come together or not.
        assert status in (0, signal.SIGKILL), f"{story}, step {step}: ended with {status}"

    def _after(self, state: Path, before: int) -> Iterator[str]:
        """Start again, offer what was under way, serve another visitor; what does not hold."""
        path = state / SHOWN
        shown = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
        with running(self._settings, state) as kiosk:
            lobby = Lobby(kiosk, lambda ticket: shown.append([ticket.id, ticket.number]))
            left = kiosk.ready_journal().tickets()
            offered = kiosk.unfinished()
            if offered is not None:
                lobby.copy(offered)
            other = lobby.visit()
            tickets = kiosk.ready_journal().tickets()
        if other.result.proof is not Proof.CONFIRMED:
            yield f"the next visitor has no slip: {other.result}"
        pieces = [p for p in self._printer.ask("slips")["slips"] if p["index"] >= before]
        yield from _numbers(shown, tickets)
        yield from _paper(pieces, tickets)
        for ticket in left:
            if ticket.printed is None and ticket != offered:
                yield f"{ticket.number} was under way and is not offered"
            if ticket.printed is None and not _whole(pieces, ticket.number):
                yield f"{ticket.number}: its visitor holds no whole slip"


def _numbers(shown: list[list[str]], tickets: Sequence[Ticket]) -> Iterator[str]:
    held = {ticket.id: ticket.number for ticket in tickets}
    if len(set(held.values())) < len(held):
        yield f"a number is given twice: {sorted(held.values())}"
    for ticket, number in shown:
        if held.get(ticket) != number:
            yield f"{number} was shown, and the journal has {held.get(ticket)}"


def _paper(pieces: list[Piece], tickets: Sequence[Ticket]) -> Iterator[str]:
    bearing: dict[str, list[Piece]] = {}
    for piece in pieces:
        numbers = _on(piece)
        if len(numbers) > 1:
            yield f"piece {piece['index'] + 1} bears {' and '.join(sorted(numbers))}"
        for number in numbers:
            bearing.setdefault(number, []).append(piece)
    for number, mine in bearing.items():
        if any("SALINAN" not in " ".join(piece["lines"]) for piece in mine[1:]):
            yield f"{number} is on a second piece without SALINAN"
    # The first of all was served before the story.
    for ticket in tickets[1:]:
        if ticket.printed is Proof.CONFIRMED and not _whole(pieces, ticket.number):
            yield f"{ticket.number} is called confirmed, and no whole slip is there"


def _on(piece: Piece) -> set[str]:
    return set(NUMBER.findall(" ".join(piece["lines"])))


def _whole(pieces: list[Piece], number: str) -> bool:
    return any(piece["complete"] and number in _on(piece) for piece in pieces)


@contextmanager
def sweeping(folder: Path) -> Iterator[Sweep]:
    """A sweep that ends with the block."""
    sweep = Sweep(folder)
    try:
        yield sweep
    finally:
        sweep.close()
