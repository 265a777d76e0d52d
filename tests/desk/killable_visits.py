"""Serve visits in processes that kill themselves at a given step; run as ``python -m``.

Reads lines ``FOLDER TICKET STEP PRINTER`` from standard input. For each line it forks a process
that opens the journal in FOLDER, serves the visit TICKET and sends itself SIGKILL at step number
STEP; it prints the wait status of that process. Steps are: each SQL statement, each rename, before
and after the number is shown, and the middle and the end of the slip. PRINTER is a connection as in
``kiosk.yaml``, where each read and each half of a write is a step, too; ``-`` writes the paper to a
file.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.deadline import Deadline
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import PrintResult
from kiosk.domain.health import PrinterHealth, no_job_waiting
from kiosk.domain.slip import Slip
from kiosk.domain.ticket import Ticket
from kiosk.printer import Printer, open_printer
from kiosk.printing import encoder
from kiosk.printing.transport import DescriptorTransport
from kiosk.store import database, journal, opening
from tests.desk.rig import CONFIRMED, DeskRig, FakePrinter, is_copy
from tests.domain.menus import at

SHOWN, PAPER = "shown", "paper"

AGAIN = "again"
"""After a visit with this id, a copy of its slip is printed."""

BACK = "back"
"""A visit with this id gives its number back while the slip is printed. The file VOIDED lists the
numbers whose return was confirmed to the visitor."""

VOIDED = "voided"


def note(path: Path, text: str) -> None:
    """Append a line. A kill after it cannot lose the line: the kernel has it."""
    with path.open("a", encoding="utf-8") as file:
        file.write(text + "\n")


class FilePrinter(FakePrinter):
    """A printer that writes its paper to a file, which survives a kill of the process.

    ``step`` is called in the middle and at the end of a slip, ``during_slip`` before the former.
    """

    def __init__(self, folder: Path, step: Callable[[], None]) -> None:
        super().__init__()
        self.paper, self.step = folder / PAPER, step
        self.during_slip: Callable[[], None] = lambda: None

    def print(self, slip: Slip) -> PrintResult:
        kind = "copy" if is_copy(slip) else "slip"
        note(self.paper, f"begun {slip.number} {kind}")
        self.during_slip()
        self.step()
        note(self.paper, f"complete {slip.number} {kind}")
        self.step()
        return CONFIRMED

    def probe(self, _wanted: Callable[[], bool] = no_job_waiting) -> PrinterHealth:
        return self.health


class Steps:
    """Counts steps, and kills the process at step number ``last``."""

    def __init__(self, last: int) -> None:
        self.left = last

    def __call__(self, *_: object) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """``work`` with a step before and after it."""

        def stepped(*args: Any, **more: Any) -> Any:
            self()
            result = work(*args, **more)
            self()
            return result

        return stepped


def open_kiosk_printer(connection: str, *, suspect: bool) -> Printer:
    """The kiosk's printer on ``connection``; ``suspect``: it may hold a slip, after a kill."""
    # No mouth: the question about it stays unanswered for a second, and each read is a step.
    settings = PrinterSettings(connection=connection, deadline_s=5.0, connect_s=2.0, mouth="none")
    return open_printer(settings, pictures=lambda _: None, now=lambda: at(9), suspect=suspect)


def watch_line(step: Steps) -> None:
    """Make each read from the printer and each half of a write to it a step."""
    write, read = DescriptorTransport.write_all, DescriptorTransport.read_some

    def halved(self: DescriptorTransport, data: bytes, deadline: Deadline) -> None:
        for half in (data[: len(data) // 2], data[len(data) // 2 :]):
            step()
            write(self, half, deadline)
        step()

    DescriptorTransport.write_all = halved  # type: ignore[method-assign]
    DescriptorTransport.read_some = step.around(read)  # type: ignore[method-assign]


def visit(folder: Path, ticket_id: str, last: int, connection: str) -> None:
    """Open the journal in ``folder``, serve one visit, close."""
    step = Steps(last)
    connect = database.connect

    def connect_traced(path: Path) -> sqlite3.Connection:
        db = connect(path)
        db.set_trace_callback(step)
        return db

    journal.connect = opening.connect = connect_traced  # type: ignore[attr-defined]
    Path.rename = step.around(Path.rename)  # type: ignore[method-assign]
    Path.replace = step.around(Path.replace)  # type: ignore[method-assign]
    watch_line(step)
    printer = (
        FilePrinter(folder, step)
        if connection == "-"
        else open_kiosk_printer(connection, suspect=False)
    )
    rig = DeskRig[FakePrinter | Printer](folder, printer=printer)
    rig.desk.probe()

    def shown(ticket: Ticket, _: object) -> None:
        step()
        note(folder / SHOWN, f"{ticket.id} {ticket.number}")
        step()

    def give_back() -> None:
        step()
        voided = rig.desk.void(ticket_id)
        note(folder / VOIDED, f"{voided.id} {voided.number}")
        step()

    if ticket_id == BACK and isinstance(printer, FilePrinter):
        printer.during_slip = give_back
    rig.desk.issue(rig.request(ticket_id), shown)
    if ticket_id == AGAIN:
        rig.desk.reprint(ticket_id)
    rig.close()


def main() -> None:
    """Serve requests from standard input until it ends."""
    encoder.warm_up()
    for line in sys.stdin:
        folder, ticket_id, last, connection = line.split()
        pid = os.fork()
        if pid == 0:
            visit(Path(folder), ticket_id, int(last), connection)
            os._exit(0)
        print(os.waitpid(pid, 0)[1], flush=True)


if __name__ == "__main__":
    main()
