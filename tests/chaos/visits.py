"""A kiosk process that serves visitors until it is killed; run with ``python -m``.

Arguments ``FOLDER START VISITS``: the site (``tests.e2e.site``), the start of the clock, the number
of visitors. Two files record what happened, each line fsynced before the next step: ``asked``
(visitor, ticket id) before a number is requested, ``shown`` (visitor, ticket id, number, date) when
the number is on the screen. They are independent of the journal.

A visitor whose kiosk is killed before a number was shown taps again with a new id; a committed
number is offered at the restart, as the app does. When all visitors are served and the file
``calm`` exists, the process waits until no row is pending, writes ``confirmed`` (the numbers whose
slip is proved) and ``done``, and exits.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

from kiosk.bootstrap import Options, build_kiosk
from kiosk.domain.delivery import Proof
from kiosk.domain.events import Committed, Event
from kiosk.domain.ticket import Ticket
from kiosk.runtime import Kiosk
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings

ASKED, SHOWN, CALM, DONE = "asked", "shown", "calm", "done"
CONFIRMED = "confirmed"
SERVICES = ("ktp", "kk", "ukl")
PATIENCE_S = 60.0
COMES_S = (0.0, 0.2, 1.2)
"""How long the next visitor waits at most while the kiosk is offline. Without this pause a kiosk
would serve nearly all visitors offline, before it tries the server again."""


def note(path: Path, *words: object) -> None:
    """Append a line and fsync it."""
    with path.open("a", encoding="utf-8") as file:
        file.write(" ".join(map(str, words)) + "\n")
        file.flush()
        os.fsync(file.fileno())


def lines(path: Path) -> list[list[str]]:
    """The lines of a file, split into words; empty if it does not exist."""
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


class Lobby:
    """The visitors of one kiosk."""

    def __init__(self, folder: Path, kiosk: Kiosk) -> None:
        self._folder, self._kiosk = folder, kiosk
        self._done = threading.Event()

    def serve(self, visits: int) -> None:
        """Serve all visitors who have not seen a number yet."""
        found = self._kiosk.unfinished()
        if found is not None:
            self._offer(found)
        served = {words[0] for words in lines(self._folder / SHOWN)}
        for visitor in (str(n) for n in range(visits)):
            if visitor not in served:
                self._stay_away(COMES_S[int(visitor) // len(SERVICES) % len(COMES_S)])
                self._visit(visitor)

    def _stay_away(self, most_s: float) -> None:
        end = time.monotonic() + most_s
        while time.monotonic() < end and not self._kiosk.live().in_touch:
            time.sleep(0.02)  # between two looks

    def _offer(self, ticket: Ticket) -> None:
        visitors = {words[1]: words[0] for words in lines(self._folder / ASKED)}
        self._show(visitors[ticket.id], ticket)
        self._done.clear()
        self._kiosk.print_copy(ticket, lambda _: self._done.set())
        assert self._done.wait(PATIENCE_S)

    def _visit(self, visitor: str) -> None:
        """One visitor: taps, then taps "Try again" with the same id until a number is shown."""
        request = self._kiosk.new_request(SERVICES[int(visitor) % len(SERVICES)])
        note(self._folder / ASKED, visitor, request.id)
        seen: list[Ticket] = []

        def post(event: Event) -> None:
            if isinstance(event, Committed):
                self._show(visitor, event.ticket)
                seen.append(event.ticket)
            else:
                self._done.set()

        for _ in range(1000):
            self._done.clear()
            self._kiosk.issue(request, post)
            assert self._done.wait(PATIENCE_S)
            if seen:
                return
            self._done.clear()
            self._done.wait(0.05)  # between two taps
        raise AssertionError("a visitor without a number")

    def _show(self, visitor: str, ticket: Ticket) -> None:
        note(self._folder / SHOWN, visitor, ticket.id, ticket.number, ticket.business_date)


def _wait_for_printer(folder: Path, kiosk: Kiosk) -> None:
    """Before the first visitor: on a busy machine all others could be gone before it was found."""
    end = time.monotonic() + PATIENCE_S
    while not (folder / SHOWN).exists() and time.monotonic() < end:
        health = kiosk.printer_health()
        if health.well and health.at is not None:
            return
        time.sleep(0.02)  # between two looks


def main() -> None:
    """Serve all visitors, then wait until every row is settled."""
    folder, start, visits = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    settings = load_settings(folder / "config", ASSETS)
    options = Options(printer=False, start=datetime.fromisoformat(start))
    with build_kiosk(settings, folder / "state", options) as kiosk:
        kiosk.start()
        if settings.kiosk.printer.connection.startswith("network:"):
            _wait_for_printer(folder, kiosk)
        Lobby(folder, kiosk).serve(visits)
        tick = threading.Event()
        outbox = kiosk.ready_journal().outbox
        calm = folder / CALM
        # Online: parked rows, which are retried at a restart, have been sent again.
        while not calm.exists() or not kiosk.live().in_touch or outbox.backlog().pending:
            tick.wait(0.05)
        backlog = outbox.backlog()
        said = {"pending": backlog.pending, "parked": outbox.parked()}
        proved = [t.number for t in kiosk.ready_journal().tickets() if t.printed is Proof.CONFIRMED]
        (folder / CONFIRMED).write_text(json.dumps(proved))
        (folder / DONE).write_text(json.dumps(said))


if __name__ == "__main__":
    main()
