"""Visits to a whole kiosk in processes that kill themselves at a given step; run as ``python -m``.

Reads lines ``STATE STORY STEP PORT CONTROL`` and answers each with the wait status of a process
that put the kiosk together in the folder STATE and lived through STORY until it reached step number
STEP, where it was killed as by SIGKILL from outside; -N is the midst of the Nth slip. Steps are
all SQL statements, all files made, renamed and taken away, the moment before and after a number is
shown, and every read and half of a write of the printer, which listens on PORT; CONTROL is its
control port.

Two files tell what happened and owe nothing to the journal: ``shown`` has ticket id and number at
the moment when the number stands on the screen, ``steps`` how many steps a whole story had.
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
MORE_THAN_A_QUESTION = 100
SHOWN, STEPS = "shown", "steps"
SERVICE = "ktp-el"
PATIENCE_S = 30.0


def settings_on(port: int) -> Settings:
    """The product's own settings, with the printer on ``port`` of this machine."""
    read = load_settings(ROOT / "config", ASSETS)
    printer = replace(read.kiosk.printer, connection=f"network:127.0.0.1:{port}", level="A")
    return replace(read, kiosk=replace(read.kiosk, printer=printer))


@contextmanager
def running(settings: Settings, state: Path) -> Iterator[Kiosk]:
    """The kiosk with its printer known to be well, as the idle look leaves it."""
    with build_kiosk(settings, state, Options(start=demo_start(settings))) as kiosk:
        until_well(kiosk)
        yield kiosk


def until_well(kiosk: Kiosk) -> None:
    """As the idle look does, again and again; a hold ends with the printer's own word."""
    end = time.monotonic() + PATIENCE_S
    while not kiosk.probe_now().well:
        assert time.monotonic() < end, kiosk.printer_health()


class Lobby:
    """Visitors of a kiosk. ``shown`` is called with what comes to stand on the screen."""

    def __init__(self, kiosk: Kiosk, shown: Callable[[Ticket], None]) -> None:
        self._kiosk, self._shown = kiosk, shown
        self._news: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def visit(self) -> PrintFinished:
        """A number and its slip."""
        self._kiosk.issue(self._kiosk.new_request(SERVICE), self._post)
        return self._delivered()

    def copy(self, ticket: Ticket) -> PrintFinished:
        """The slip again."""
        self._kiosk.print_copy(ticket, self._post)
        return self._delivered()

    def _post(self, event: Event) -> None:
        if isinstance(event, Committed):
            self._shown(event.ticket)
        else:
            self._news.put(event)

    def _delivered(self) -> PrintFinished:
        event = self._news.get(timeout=PATIENCE_S)
        assert isinstance(event, PrintFinished), event
        return event


def plain(lobby: Lobby, _kiosk: Kiosk, _do: Callable[..., Any]) -> None:
    """A visit."""
    lobby.visit()


def copied(lobby: Lobby, _kiosk: Kiosk, _do: Callable[..., Any]) -> None:
    """A visit, another visitor's, and then staff print the first slip again."""
    first = lobby.visit()
    lobby.visit()
    lobby.copy(first.ticket)


def mended(lobby: Lobby, kiosk: Kiosk, do: Callable[..., Any]) -> None:
    """A slip that the paper's end broke off; the paper is changed while its visitor waits, and the
    copy comes by itself."""
    do("fault", name="paper_out", at_mm=30)
    first = lobby.visit()
    assert first.result.outcome is Outcome.UNCERTAIN
    do("mend")
    until_well(kiosk)
    assert may_copy(first.result, kiosk)
    lobby.copy(first.ticket)


def may_copy(result: PrintResult, kiosk: Kiosk) -> bool:
    """As ``kiosk.domain.visit_timers.copy_again`` decides it."""
    return kiosk.printer_health().well and kiosk.printer_health().cleared >= result.hold > 0


STORIES = {story.__name__: story for story in (plain, copied, mended)}


def control(port: int, do: str, **how: object) -> Any:
    """One exchange with the printer's control port."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as line:
        line.sendall(json.dumps({"do": do, **how}).encode() + b"\n")
        said = json.loads(line.makefile("rb").readline())
    assert said.pop("ok"), said
    return said


def kill_in_slip(which: int) -> None:
    """Let half of the ``which``th slip go out, and no more."""
    write, slips = DescriptorTransport.write_all, itertools.count(1)

    def cut_off(self: DescriptorTransport, data: bytes, deadline: Deadline) -> None:
        if len(data) > MORE_THAN_A_QUESTION and next(slips) == which:
            write(self, data[: len(data) // 2], deadline)
            os.kill(os.getpid(), signal.SIGKILL)
        write(self, data, deadline)

    DescriptorTransport.write_all = cut_off  # type: ignore[method-assign]


def live_through(state: Path, story: str, last: int, port: int, control_port: int) -> None:
    """Put the kiosk together in ``state``, tell ``story``, close."""
    step = Steps(last)
    connect = database.connect

    def watched(path: Path) -> sqlite3.Connection:
        db = connect(path)
        db.set_trace_callback(step)
        return db

    journal.connect = opening.connect = watched  # type: ignore[attr-defined]
    for work in ("rename", "replace", "touch", "unlink"):
        setattr(Path, work, step.around(getattr(Path, work)))
    if last > 0:
        watch_line(step)
    else:
        kill_in_slip(-last)

    def shown(ticket: Ticket) -> None:
        step()
        note(state / SHOWN, f"{ticket.id} {ticket.number}")
        step()

    def do(what: str, **how: object) -> None:
        step()
        control(control_port, what, **how)

    with running(settings_on(port), state) as kiosk:
        STORIES[story](Lobby(kiosk, shown), kiosk, do)
    (state / STEPS).write_text(str(last - step.left))


def main() -> None:
    """Serve requests from standard input until it ends."""
    encoder.warm_up()
    for line in sys.stdin:
        state, story, *numbers = line.split()
        pid = os.fork()
        if pid == 0:
            live_through(Path(state), story, *map(int, numbers))
            os._exit(0)
        print(os.waitpid(pid, 0)[1], flush=True)


if __name__ == "__main__":
    main()
