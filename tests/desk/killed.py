"""Visits in processes that kill themselves at a given step; run as ``python -m``.

Reads lines ``FOLDER TICKET STEP`` and answers each with the wait status of a process that
opened the journal in FOLDER and served the visit TICKET until it reached step number STEP,
where it was killed as by SIGKILL from outside. Steps are all SQL statements, all renames, the
moment before and after the number is shown, and each half of the slip.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.domain.delivery import PrintResult
from kiosk.domain.health import PrinterHealth
from kiosk.domain.slip import Slip
from kiosk.domain.ticket import Ticket
from kiosk.store import database, journal, opening
from tests.desk.counter import DONE, Counter, PaperTray, is_copy

SHOWN, PAPER = "shown", "paper"


def note(path: Path, text: str) -> None:
    """Add a line that is there whatever happens next."""
    with path.open("a", encoding="utf-8") as file:
        file.write(text + "\n")


class FilePrinter(PaperTray):
    """A printer whose paper outlives the process; ``step`` is called in mid slip and after."""

    def __init__(self, folder: Path, step: Callable[[], None]) -> None:
        super().__init__()
        self.paper, self.step = folder / PAPER, step

    def print(self, slip: Slip) -> PrintResult:
        kind = "copy" if is_copy(slip) else "slip"
        note(self.paper, f"begun {slip.number} {kind}")
        self.step()
        note(self.paper, f"complete {slip.number} {kind}")
        self.step()
        return DONE

    def probe(self) -> PrinterHealth:
        return self.health


class Steps:
    """Counts steps, and ends the process at one of them."""

    def __init__(self, last: int) -> None:
        self.left = last

    def __call__(self, *_: object) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """``work`` with a step before and after it."""

        def stepped(*args: Any) -> Any:
            self()
            result = work(*args)
            self()
            return result

        return stepped


def visit(folder: Path, ticket_id: str, last: int) -> None:
    """Open the journal in ``folder``, serve one visit, close."""
    step = Steps(last)
    connect = database.connect

    def watched(path: Path) -> sqlite3.Connection:
        db = connect(path)
        db.set_trace_callback(step)
        return db

    journal.connect = opening.connect = watched  # type: ignore[attr-defined]
    Path.rename = step.around(Path.rename)  # type: ignore[method-assign]
    Path.replace = step.around(Path.replace)  # type: ignore[method-assign]
    counter = Counter(folder, tray=FilePrinter(folder, step))

    def shown(ticket: Ticket) -> None:
        step()
        note(folder / SHOWN, f"{ticket.id} {ticket.number}")
        step()

    counter.desk.issue(counter.request(ticket_id), shown)
    counter.close()


def main() -> None:
    """Serve requests from standard input until it ends."""
    for line in sys.stdin:
        folder, ticket_id, last = line.split()
        pid = os.fork()
        if pid == 0:
            visit(Path(folder), ticket_id, int(last))
            os._exit(0)
        print(os.waitpid(pid, 0)[1], flush=True)


if __name__ == "__main__":
    main()
