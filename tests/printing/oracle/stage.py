"""Four visitors at a desk whose printer fails: real journal, real sockets, a virtual printer."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from kiosk.background.worker import Worker
from kiosk.desk import Desk
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Outcome, PrintResult
from kiosk.domain.health import PrinterHealth
from kiosk.domain.slip import Slip
from kiosk.domain.ticket import TicketRequest
from kiosk.printer import Printer, open_printer
from kiosk.printing import dialogue, judge
from kiosk.printing.encoder import encode
from kiosk.printing.virtual import VirtualPrinter
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.store.journal import Journal
from tests.desk.counter import settings as desk_settings
from tests.domain.menus import at
from tests.printing.oracle.cases import Case
from tests.printing.oracle.judge import Visitor, complaints

ROOT = Path(__file__).resolve().parents[3]
ANSWER_S, ASK_AGAIN_S, DEADLINE_S, CONNECT_S = 0.1, 0.1, 0.4, 0.3
SLIP_BYTES, SLIP_MM = 373, 131.5
"""Of the first visitor's slip."""

PATIENCE = 8
"""Visitors after all is mended, one of whom must get a slip: this machine may be busy."""

TEMPLATE = load_settings(ROOT / "config", ASSETS).template

Wrap = Callable[[Printer], Printer]


@contextmanager
def impatience() -> Iterator[None]:
    """Silence is given up sooner than in a lobby, so that many cases fit into a minute."""
    before = dialogue.ANSWER_S, judge.ASK_AGAIN_S
    dialogue.ANSWER_S, judge.ASK_AGAIN_S = ANSWER_S, ASK_AGAIN_S
    try:
        yield
    finally:
        dialogue.ANSWER_S, judge.ASK_AGAIN_S = before


class Recorder:
    """The printer's port, and what it said of each slip."""

    def __init__(self, port: Printer) -> None:
        self._port = port
        self.prints: list[tuple[Slip, PrintResult]] = []

    def print(self, slip: Slip) -> PrintResult:
        """As the printer does."""
        result = self._port.print(slip)
        self.prints.append((slip, result))
        return result

    def probe(self) -> PrinterHealth:
        """As the printer does."""
        return self._port.probe()


class Stage:
    """One journal for many cases; ``wrap`` may put something between desk and printer."""

    def __init__(self, folder: Path, wrap: Wrap = lambda port: port) -> None:
        self._journal = Journal.open(folder / "journal.sqlite3", machine_id="m", now=at(9))
        self._wrap = wrap
        self._ids = itertools.count()
        self._printer = PrinterSettings(connection="", deadline_s=DEADLINE_S, connect_s=CONNECT_S)
        made = desk_settings()
        kiosk = replace(made.kiosk, printer=self._printer)
        site = replace(made.catalogue.site, public_url="https://antrean.example.go.id")
        catalogue = replace(made.catalogue, site=site)
        self._settings = replace(made, kiosk=kiosk, template=TEMPLATE, catalogue=catalogue)

    def close(self) -> None:
        """End it."""
        self._journal.close()

    def complaints(self, case: Case) -> list[str]:
        """What does not hold after ``case``; empty when all is well."""
        with VirtualPrinter(level=case.level) as device:
            settings = replace(self._printer, connection=device.connection, level=case.level)
            # No logo: without a memory for it, it would be most of the bytes.
            port = self._wrap(open_printer(settings, pictures=lambda _: None, now=lambda: at(9)))
            recorder, worker = Recorder(port), Worker("printer")
            desk = Desk(
                self._journal,
                recorder,
                worker,
                settings=lambda: self._settings,
                now=lambda: at(9),
                date_confirmed=lambda: True,
            )
            try:
                return self._play(case, device, port, recorder, desk)
            finally:
                worker.stop(10)
                port.close()

    def _play(
        self, case: Case, device: VirtualPrinter, port: Printer, recorder: Recorder, desk: Desk
    ) -> list[str]:
        desk.probe()
        device.fault(case.fault, **dict(case.how))
        mender = threading.Thread(target=_mend_once_known, args=(device,), daemon=True)
        if case.during:
            mender.start()
        first = self._visit(desk)
        visitors = [first]
        desk.probe()
        visitors.append(self._visit(desk))
        if case.during:
            mender.join(10)
        device.mend()
        _settle(device)
        desk.probe()
        visitors.append(self._visit(desk))
        first.told.append(desk.issue(self._request(first.ticket.id)).result)
        # Staff look: whatever lies in the printer is out.
        for _ in range(PATIENCE):
            _settle(device)
            port.release()
            desk.probe()
            visitors.append(self._visit(desk))
            if visitors[-1].told[-1].outcome is Outcome.PRINTED:
                break
        first.told.append(desk.reprint(first.ticket.id))
        _settle(device)
        for visitor in visitors:
            visitor.prints = [p for p in recorder.prints if p[0].number == visitor.number]
        kept = {v.ticket.id: self._journal.get(v.ticket.id) for v in visitors}
        pieces = [*device.slips, device.machine.unfinished]
        # A number above 999 has more figures.
        for slip, *_ in first.prints[:1]:
            assert 0 <= len(encode(slip, 80, "CP858")) - SLIP_BYTES < 10
        found = complaints(visitors, pieces, {k: t.printed if t else None for k, t in kept.items()})
        last = visitors[-1].told[-1]
        if last.outcome is not Outcome.PRINTED:
            found.append(f"all is mended, and nothing prints: {last}")
        return [f"{case}: {why}" for why in found]

    def _visit(self, desk: Desk) -> Visitor:
        done = desk.issue(self._request(f"{id(self):x}-{next(self._ids)}"))
        return Visitor(done.ticket, [done.result])

    def _request(self, ticket_id: str) -> TicketRequest:
        return TicketRequest(ticket_id, "5" * 32, "ktp", "id", at(9))


def _mend_once_known(device: VirtualPrinter) -> None:
    """Mend what the kiosk has heard of: nobody changes a roll between two of its questions."""
    machine = device.machine
    with machine.changed:
        known = machine.changed.wait_for(lambda: machine.asked_while_faulty, DEADLINE_S)
    if known:
        device.mend()


def _settle(device: VirtualPrinter) -> None:
    """Until what was sent is printed, or waits for more bytes."""
    with suppress(TimeoutError):
        device.wait_until_idle(2.0)
