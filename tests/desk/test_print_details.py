"""The details of a service on paper: no number, no row in the journal, and no number in the way."""

from __future__ import annotations

from pathlib import Path
from queue import Queue

import pytest

from kiosk.bootstrap import Options, build_kiosk
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult, Proof
from kiosk.domain.effects import PrintDetails
from kiosk.domain.events import DetailsPrinted
from kiosk.domain.health import PrinterHealth
from kiosk.errors import IssueRefused, JournalFull, Refusal
from kiosk.printer import Printer, open_printer
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.store.journal import Journal
from tests.desk.rig import UNCERTAIN, DeskRig, FakePrinter
from tests.domain.menus import at
from tests.e2e.site import SiteFolder
from virtual_printer import VirtualPrinter


def test_the_journal_has_no_row_and_the_next_number_is_the_next(rig: DeskRig[FakePrinter]) -> None:
    assert rig.desk.issue(rig.request("t1")).ticket.number == "DK-001"
    before = rig.journal.tickets(None, 10)
    assert rig.desk.print_details("ktp", "id").proof is Proof.CONFIRMED
    assert rig.journal.tickets(None, 10) == before
    assert rig.desk.issue(rig.request("t2")).ticket.number == "DK-002"
    assert rig.printer.numbers == ["DK-001", "", "DK-002"]


def test_its_outcome_is_known_to_the_next_visitor(rig: DeskRig[FakePrinter]) -> None:
    rig.printer.answers = [UNCERTAIN]
    assert rig.desk.print_details("ktp", "id").outcome is Outcome.UNCERTAIN
    assert rig.desk.printer_health.held
    with pytest.raises(IssueRefused):
        rig.desk.print_details("no such service", "id")


def test_a_slip_that_nobody_took_is_not_the_last_ticket_s(rig: DeskRig[FakePrinter]) -> None:
    rig.desk.issue(rig.request("t1"))
    rig.desk.print_details("ktp", "id")
    rig.printer.health = PrinterHealth(level=Level.PROCESS_ID, at=at(9), not_taken=1)
    rig.desk.probe()
    assert rig.journal.not_taken() == frozenset()


@pytest.mark.parametrize("level", ["A", "B"])
def test_the_roll_that_ends_in_it_costs_the_next_visitor_nothing(
    tmp_path: Path, level: str
) -> None:
    """Over TCP: the slip is torn by the end of the paper; after a new roll the next number is
    printed whole, once, and nothing of the torn slip with it."""
    with VirtualPrinter(level=level, speed_mm_s=400.0) as device:
        chosen = PrinterSettings(connection=device.connection, level=level, connect_s=2.0)
        printer = open_printer(chosen, pictures=lambda _: None, now=lambda: at(9))
        rig = DeskRig[Printer](tmp_path, printer=printer)
        try:
            assert rig.desk.probe().well
            device.fault("paper_out", at_mm=20)
            torn = rig.desk.print_details("ktp", "id")
            assert (torn.outcome, torn.fault) == (Outcome.UNCERTAIN, Fault.PAPER_OUT)
            assert not rig.desk.printer_health.well
            without = rig.desk.issue(rig.request("t1"))
            assert without.ticket.number == "DK-001"
            assert without.result.outcome is Outcome.NOT_PRINTED
            device.mend()
            assert rig.desk.probe().well
            done = rig.desk.issue(rig.request("t2"))
            assert done.ticket.number == "DK-002"
            assert done.result.proof is Proof.CONFIRMED
            whole = [piece for piece in device.slips if piece.complete]
            assert sum("DK-002" in piece.lines for piece in whole) == 1
            assert not any("PERSYARATAN" in " ".join(piece.lines) for piece in whole)
        finally:
            rig.close()
            printer.close()


def test_without_a_journal_the_details_are_printed_and_no_printer_is_blamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object, **__: object) -> Journal:
        raise JournalFull("disk.full")

    def printed(service: str) -> PrintResult:
        answers: Queue[DetailsPrinted] = Queue()
        kiosk.print_details(PrintDetails("job", service, "id"), answers.put)  # type: ignore[arg-type]
        return answers.get(timeout=30).result

    monkeypatch.setattr(Journal, "open", no_room)
    folder = SiteFolder(tmp_path)
    with build_kiosk(load_settings(folder.config, ASSETS), folder.state, Options()) as kiosk:
        assert kiosk.trouble() is Refusal.FULL
        assert printed("ktp-el").proof is Proof.CONFIRMED
        removed = printed("removed-by-a-reload")
        assert (removed.outcome, removed.fault) == (Outcome.NOT_PRINTED, None)
