"""A printer that reports its state by DLE EOT 20 alone: Pyramid Reliance."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.domain.delivery import Fault, Level, Outcome, Proof
from kiosk.printing.replies import PrinterStatus
from tests.printing.conftest import MakePrinter, MakeVirtual, slip, wait_until_ready
from virtual_printer.characters import CHARACTERS

SPEED_MM_S = 150.0

FAULTS = {
    "paper_out": Fault.PAPER_OUT,
    "cover_open": Fault.COVER_OPEN,
    "cutter_jam": Fault.CUTTER,
    "error": Fault.ERROR,
    "overheated": Fault.OVERHEATED,
    "mouth_jam": Fault.ERROR,
    "offline": Fault.OFFLINE,
}


@pytest.fixture
def instant_paper() -> None:
    """Disabled: use the speeds of real printers."""


@pytest.mark.parametrize(
    ("data", "fault", "near_end"),
    [
        ("00 00 00 00", None, False),
        ("04 00 00 00", None, True),
        ("20 28 02 00", None, False),  # ticket at the output, motor, DIAG button, RS232 error
        ("05 00 00 00", Fault.PAPER_OUT, True),
        ("00 01 00 00", Fault.COVER_OPEN, False),
        ("00 02 00 00", Fault.COVER_OPEN, False),
        ("00 00 01 00", Fault.OVERHEATED, False),
        ("00 00 08 00", Fault.ERROR, False),
        ("00 00 40 00", Fault.ERROR, False),
        ("00 00 00 01", Fault.CUTTER, False),
        ("01 03 40 01", Fault.COVER_OPEN, False),
    ],
)
def test_the_four_bytes_name_the_fault(data: str, fault: Fault | None, near_end: bool) -> None:
    status = PrinterStatus.from_full(bytes.fromhex(data))
    assert (status.fault, status.near_end) == (fault, near_end)


def test_its_level_and_mouth_are_found_and_kept(
    virtual: MakeVirtual, printer: MakePrinter, tmp_path: Path
) -> None:
    device = virtual(character="reliance", speed_mm_s=SPEED_MM_S)
    kept = tmp_path / "printers.json"
    port = printer(device.connection, deadline_s=8.0, profiles=kept)
    wait_until_ready(port)
    health = wait_until_ready(port)
    assert (health.level, health.has_mouth) == (Level.STATUS, True)
    found = port.survey()
    assert (found.status, found.mouth) == (True, "custom")
    port.close()
    again = printer(device.connection, deadline_s=8.0, profiles=kept)
    assert again.print(slip()).level is Level.STATUS


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_before_the_slip_and_ends_when_it_is_mended(
    virtual: MakeVirtual, printer: MakePrinter, name: str
) -> None:
    device = virtual(character="reliance", speed_mm_s=SPEED_MM_S)
    port = printer(device.connection, deadline_s=8.0)
    wait_until_ready(port)
    device.fault(name)
    assert port.probe().fault is FAULTS[name]
    result = port.print(slip())
    assert (result.outcome, result.fault) == (Outcome.NOT_PRINTED, FAULTS[name])
    device.mend()
    assert port.probe().well


@pytest.mark.parametrize("name", ["paper_out", "cover_open", "error"])
def test_a_fault_in_mid_slip_is_reported_to_its_visitor(
    virtual: MakeVirtual, printer: MakePrinter, name: str
) -> None:
    device = virtual(character="reliance", speed_mm_s=SPEED_MM_S)
    port = printer(device.connection, deadline_s=8.0)
    wait_until_ready(port)
    device.fault(name, at_mm=30.0)
    result = port.print(slip("DK-001"))
    assert (result.outcome, result.fault) == (Outcome.UNCERTAIN, FAULTS[name])
    device.mend()
    wait_until_ready(port)
    assert port.print(slip("DK-002")).proof is Proof.SENT
    numbers = [{w for line in p.lines for w in line.split() if "DK-" in w} for p in device.slips]
    assert all(len(found) <= 1 for found in numbers), numbers


def test_silence_while_paper_moves_is_no_fault(virtual: MakeVirtual, printer: MakePrinter) -> None:
    device = virtual(character="reliance", speed_mm_s=30.0)
    port = printer(device.connection, deadline_s=8.0)
    wait_until_ready(port)
    result = port.print(slip())
    assert (result.outcome, result.level) == (Outcome.PRINTED, Level.STATUS)
    assert device.slips[0].complete, "the printer was not asked until it had printed"


@pytest.mark.parametrize("level", ["auto", "A", "B"])
@pytest.mark.parametrize("knows", [("gs_r",), ("process_id",), ("gs_r", "process_id")])
def test_an_answer_in_order_proves_nothing_of_a_printer_without_fixed_bits(
    virtual: MakeVirtual, printer: MakePrinter, tmp_path: Path, level: str, knows: tuple[str, ...]
) -> None:
    settings = {"knows": ["full_status", "ejector", *knows], "quiet_while_feeding": False}
    device = virtual(character="reliance", settings=settings, speed_mm_s=100.0)
    kept = tmp_path / "printers.json"
    found = printer(device.connection, deadline_s=8.0, profiles=kept)
    wait_until_ready(found)
    found.close()
    port = printer(device.connection, deadline_s=8.0, profiles=kept, level=level)
    assert wait_until_ready(port).level is Level.STATUS
    result = port.print(slip())
    assert (result.proof, result.level) == (Proof.SENT, Level.STATUS)
    assert device.slips[0].complete, "the state was not asked for until the slip was out"
    device.fault("paper_out", at_mm=30.0)
    assert port.print(slip("DK-002")).fault is Fault.PAPER_OUT


def test_another_printer_in_its_place_prints_at_once(
    virtual: MakeVirtual, printer: MakePrinter, tmp_path: Path
) -> None:
    device = virtual(character="reliance", speed_mm_s=SPEED_MM_S)
    kept = tmp_path / "printers.json"
    port = printer(device.connection, deadline_s=8.0, profiles=kept)
    wait_until_ready(port)
    port.close()
    epson = CHARACTERS["epson"]
    device.set(**{name: epson.settings[name] for name in epson.settings})
    result = port.print(slip())
    assert (result.outcome, result.level) == (Outcome.PRINTED, Level.STATUS)
    device.wait_for_fate(0, "out")
    wait_until_ready(port)
    health = wait_until_ready(port)
    assert (health.level, health.has_mouth) == (Level.PROCESS_ID, False)
    assert port.print(slip("DK-002")).proof is Proof.CONFIRMED


def test_a_reliance_that_does_not_answer_keeps_its_record(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(character="reliance", speed_mm_s=SPEED_MM_S)
    port = printer(device.connection, deadline_s=8.0)
    wait_until_ready(port)
    device.set(lacks=[*device.machine.character.lacks, "full_status"])
    assert port.probe().fault is Fault.MUTE
    device.set(lacks=list(CHARACTERS["reliance"].lacks))
    assert wait_until_ready(port).has_mouth
    device.fault("cutter_jam")
    assert port.probe().fault is Fault.CUTTER


def test_it_takes_the_place_of_another_printer_at_once(
    virtual: MakeVirtual, printer: MakePrinter, tmp_path: Path
) -> None:
    device = virtual(character="epson", speed_mm_s=SPEED_MM_S)
    kept = tmp_path / "printers.json"
    port = printer(device.connection, deadline_s=8.0, profiles=kept)
    wait_until_ready(port)
    port.close()
    device.set(**CHARACTERS["reliance"].settings)
    assert wait_until_ready(port, 15.0).level is Level.STATUS
    assert port.print(slip()).outcome is Outcome.PRINTED


def test_its_state_is_found_when_the_level_is_set(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(character="reliance", speed_mm_s=SPEED_MM_S)
    port = printer(device.connection, level="C", deadline_s=8.0)
    assert wait_until_ready(port, 15.0).level is Level.STATUS
    assert port.print(slip()).outcome is Outcome.PRINTED
    device.fault("cover_open")
    assert port.probe().fault is Fault.COVER_OPEN
