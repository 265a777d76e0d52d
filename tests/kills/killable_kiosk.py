"""Run visits to a whole kiosk in processes that kill themselves at a given step.

Run as ``python -m``. Reads lines ``STATE STORY STEP PORT CONTROL`` from standard input. For each
line it forks a process that builds the kiosk in the folder STATE, runs STORY and sends itself
SIGKILL at step number STEP, or in the middle of the Nth slip if STEP is -N; it prints the wait
status of that process. Steps are: each SQL statement, each file created, renamed or deleted, before
and after a number is shown, and each read and each half of a write to the printer. The printer
listens on PORT; CONTROL is its control port.

Two files record what happened independently of the journal: ``shown`` has the id and number of each
ticket when it is shown, ``steps`` the number of steps of a complete story.
"""

from __future__ import annotations

import itertools
import json
import os
import queue
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from kiosk.bootstrap import Options, build_kiosk
from kiosk.clock import demo_start
from kiosk.deadline import Deadline
from kiosk.domain.config import Settings
from kiosk.domain.delivery import Outcome, PrintResult
from kiosk.domain.events import Committed, Event, PrintFinished
from kiosk.domain.ticket import Ticket
from kiosk.printing import encoder
from kiosk.printing.transport import DescriptorTransport
from kiosk.runtime import Kiosk
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.store import database, journal, opening
from tests.desk.killable_visits import Steps, note, watch_line

ROOT = Path(__file__).resolve().parents[2]
LONGEST_QUESTION_BYTES = 100
SHOWN, STEPS = "shown", "steps"
SERVICE = "ktp-el"
WAIT_LIMIT_S = 30.0


def settings_on(port: int) -> Settings:
    """The settings in ``config/``, with the printer on ``port`` of this machine."""
    loaded = load_settings(ROOT / "config", ASSETS)
    printer = replace(loaded.kiosk.printer, connection=f"network:127.0.0.1:{port}", level="A")
    return replace(loaded, kiosk=replace(loaded.kiosk, printer=printer))


@contextmanager
def running(settings: Settings, state: Path) -> Iterator[Kiosk]:
    """Build the kiosk and wait until its probe finds no printer fault."""
    with build_kiosk(settings, state, Options(start=demo_start(settings))) as kiosk:
        wait_until_ready(kiosk)
        yield kiosk


def wait_until_ready(kiosk: Kiosk) -> None:
    """Probe until the printer has no fault. A hold ends when the buffer is known to be clear."""
    end = time.monotonic() + WAIT_LIMIT_S
    while not kiosk.probe_now().well:
        assert time.monotonic() < end, kiosk.printer_health()


class Visitors:
    """Visitors of a kiosk. ``shown`` is called with each ticket when the kiosk shows it."""

    def __init__(self, kiosk: Kiosk, shown: Callable[[Ticket], None]) -> None:
        self._kiosk, self._shown = kiosk, shown
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def visit(self) -> PrintFinished:
        """Take a number; return the result of its slip."""
        self._kiosk.issue(self._kiosk.new_request(SERVICE), self._post)
        return self._wait_for_result()

    def copy(self, ticket: Ticket) -> PrintFinished:
        """Print a copy; return its result."""
        self._kiosk.print_copy(ticket, self._post)
        return self._wait_for_result()

    def _post(self, event: Event) -> None:
        if isinstance(event, Committed):
            self._shown(event.ticket)
        else:
            self._events.put(event)

    def _wait_for_result(self) -> PrintFinished:
        event = self._events.get(timeout=WAIT_LIMIT_S)
        assert isinstance(event, PrintFinished), event
        return event


def single_visit(visitors: Visitors, _kiosk: Kiosk, _do: Callable[..., Any]) -> None:
    """One visit."""
    visitors.visit()


def copy_by_staff(visitors: Visitors, _kiosk: Kiosk, _do: Callable[..., Any]) -> None:
    """Two visits, then staff print a copy of the first slip."""
    first = visitors.visit()
    visitors.visit()
    visitors.copy(first.ticket)


def copy_after_repair(visitors: Visitors, kiosk: Kiosk, do: Callable[..., Any]) -> None:
    """The paper ends in mid slip; it is replaced while the visitor waits, and the kiosk prints a
    copy without a command."""
    do("fault", name="paper_out", at_mm=30)
    first = visitors.visit()
    assert first.result.outcome is Outcome.UNCERTAIN
    do("mend")
    wait_until_ready(kiosk)
    assert may_copy(first.result, kiosk)
    visitors.copy(first.ticket)


def may_copy(result: PrintResult, kiosk: Kiosk) -> bool:
    """The rule of ``kiosk.domain.visit_timers.copy_again``."""
    return kiosk.printer_health().well and kiosk.printer_health().cleared >= result.hold > 0


STORIES = {story.__name__: story for story in (single_visit, copy_by_staff, copy_after_repair)}


def control(port: int, do: str, **how: object) -> Any:
    """Send one command to the printer's control port; return its answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_LIMIT_S) as line:
        line.sendall(json.dumps({"do": do, **how}).encode() + b"\n")
        answer = json.loads(line.makefile("rb").readline())
    assert answer.pop("ok"), answer
    return answer


def kill_in_slip(which: int) -> None:
    """Kill the process after half of the slip number ``which`` was written."""
    write, slips = DescriptorTransport.write_all, itertools.count(1)

    def write_half(self: DescriptorTransport, data: bytes, deadline: Deadline) -> None:
        if len(data) > LONGEST_QUESTION_BYTES and next(slips) == which:
            write(self, data[: len(data) // 2], deadline)
            os.kill(os.getpid(), signal.SIGKILL)
        write(self, data, deadline)

    DescriptorTransport.write_all = write_half  # type: ignore[method-assign]


def run_story(state: Path, story: str, last_step: int, port: int, control_port: int) -> None:
    """Build the kiosk in ``state``, run ``story``, close."""
    step = Steps(last_step)
    connect = database.connect

    def connect_traced(path: Path) -> sqlite3.Connection:
        db = connect(path)
        db.set_trace_callback(step)
        return db

    journal.connect = opening.connect = connect_traced  # type: ignore[attr-defined]
    for work in ("rename", "replace", "touch", "unlink"):
        setattr(Path, work, step.around(getattr(Path, work)))
    if last_step > 0:
        watch_line(step)
    else:
        kill_in_slip(-last_step)

    def shown(ticket: Ticket) -> None:
        step()
        note(state / SHOWN, f"{ticket.id} {ticket.number}")
        step()

    def do(what: str, **how: object) -> None:
        step()
        control(control_port, what, **how)

    with running(settings_on(port), state) as kiosk:
        STORIES[story](Visitors(kiosk, shown), kiosk, do)
    (state / STEPS).write_text(str(last_step - step.left))


def main() -> None:
    """Serve requests from standard input until it ends."""
    encoder.warm_up()
    for line in sys.stdin:
        state, story, *numbers = line.split()
        pid = os.fork()
        if pid == 0:
            run_story(Path(state), story, *map(int, numbers))
            os._exit(0)
        print(os.waitpid(pid, 0)[1], flush=True)


if __name__ == "__main__":
    main()
