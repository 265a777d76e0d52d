"""A slip is not confirmed if printing was interrupted and resumed between two status questions."""

from __future__ import annotations

import threading

import pytest

from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult, Proof
from tests.printing.conftest import MakePrinter, MakeVirtual, slip, wait_until_ready
from virtual_printer import VirtualPrinter

INTERRUPTIONS = {
    "paper_out": Fault.PAPER_OUT,
    "cover_open": Fault.COVER_OPEN,
    "cutter_jam": Fault.CUTTER,
    "error": Fault.ERROR,
    "offline": Fault.OFFLINE,
}
PLACES = [(name, 12) for name in INTERRUPTIONS] + [("paper_out", 40), ("cover_open", 1)]


def whole(device: VirtualPrinter, number: str) -> int:
    """The number of complete slips that show ``number``."""
    return sum(piece.complete and number in piece.lines for piece in device.slips)


@pytest.mark.parametrize("letter", list("AB"))
@pytest.mark.parametrize(("name", "at_mm"), PLACES)
def test_a_slip_with_a_fault_cleared_between_two_questions_is_not_confirmed(
    virtual: MakeVirtual, printer: MakePrinter, letter: str, name: str, at_mm: int
) -> None:
    device = virtual(level=letter)
    port = printer(device.connection, level=letter)
    wait_until_ready(port)
    device.fault(name, at_mm=at_mm, mended=True)
    result = port.print(slip())
    assert (result.outcome, result.fault) == (Outcome.UNCERTAIN, INTERRUPTIONS[name])
    device.wait_until_idle()
    assert port.probe().well
    assert port.print(slip("DK-028")).proof is Proof.CONFIRMED
    assert whole(device, "DK-028") == 1


@pytest.mark.parametrize("how", [("garbage", {"kind": "split"}), ("delay", {"seconds": 0.05})])
def test_automatic_status_may_arrive_late_and_split(
    virtual: MakeVirtual, printer: MakePrinter, how: tuple[str, dict[str, object]]
) -> None:
    device = virtual(level="A")
    port = printer(device.connection)
    wait_until_ready(port)
    device.fault(how[0], **how[1])
    assert port.print(slip("DK-001")).proof is Proof.CONFIRMED
    device.fault("cover_open", at_mm=20, mended=True)
    result = port.print(slip("DK-002"))
    assert (result.outcome, result.fault) == (Outcome.UNCERTAIN, Fault.COVER_OPEN)


@pytest.mark.parametrize("letter", list("AB"))
def test_a_slip_that_paused_for_a_hot_head_is_confirmed(
    virtual: MakeVirtual, printer: MakePrinter, letter: str
) -> None:
    device = virtual(level=letter)
    port = printer(device.connection, level=letter)
    wait_until_ready(port)
    device.fault("overheated", at_mm=20, mended=True)
    assert port.print(slip()).proof is Proof.CONFIRMED
    assert whole(device, "DK-027") == 1


def test_a_lasting_fault_ends_the_job_before_the_deadline(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="A")
    port = printer(device.connection, deadline_s=600.0)
    wait_until_ready(port)
    device.fault("paper_out", at_mm=30)
    results: list[PrintResult] = []
    thread = threading.Thread(target=lambda: results.append(port.print(slip())), daemon=True)
    thread.start()
    thread.join(10)
    assert [(r.outcome, r.fault) for r in results] == [(Outcome.UNCERTAIN, Fault.PAPER_OUT)]


def test_a_cover_opened_shortly_after_a_probe_stops_the_next_slip(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="A")
    port = printer(device.connection)
    assert port.print(slip("DK-001")).proof is Proof.CONFIRMED
    device.fault("cover_open")
    result = port.print(slip("DK-002"))
    assert (result.outcome, result.fault) == (Outcome.NOT_PRINTED, Fault.COVER_OPEN)
    device.mend()
    assert port.probe().well
    assert port.print(slip("DK-003")).proof is Proof.CONFIRMED


@pytest.mark.parametrize(("letter", "level"), [("A", Level.PROCESS_ID), ("B", Level.QUEUED_STATUS)])
def test_a_printer_without_automatic_status_is_polled(
    virtual: MakeVirtual, printer: MakePrinter, letter: str, level: Level
) -> None:
    device = virtual(level=letter, tells_changes=False)
    port = printer(device.connection)
    assert port.probe().level is level
    assert port.print(slip("DK-001")).proof is Proof.CONFIRMED
    device.fault("paper_out", at_mm=30)
    assert port.print(slip("DK-002")).fault is Fault.PAPER_OUT


def test_a_printer_that_stops_sending_automatic_status_is_uncertain(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="A")
    port = printer(device.connection)
    wait_until_ready(port)
    assert port.print(slip("DK-001")).proof is Proof.CONFIRMED
    device.machine.tells_changes = False
    result = port.print(slip("DK-002"))
    assert (result.outcome, result.fault) == (Outcome.UNCERTAIN, Fault.MUTE)
    # The printer may have been swapped: the kiosk reports that once, then detects it again.
    assert port.probe().well
    assert port.print(slip("DK-003")).proof is Proof.CONFIRMED
