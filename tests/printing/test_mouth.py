"""Kiosk printers: a slip stays in the mouth until the visitor or the printer removes it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.domain.delivery import Level, Outcome
from kiosk.printer import Printer
from kiosk.printing.mouth import MOUTH_TRIES, Mouth, MouthWatch
from kiosk.printing.profile import ProfileFile
from kiosk.printing.replies import AutomaticStatus, FullStatus, ReplyParser
from tests.printing.conftest import MakePrinter, MakeVirtual, slip, wait_until_ready
from virtual_printer import VirtualPrinter

SPEED_MM_S = 400.0
SOON_S = 10.0


@pytest.fixture
def instant_paper() -> None:
    """Disabled: use the speeds of real printers."""


def until(port: Printer, condition: Callable[[], bool]) -> None:
    """Probe until ``condition``."""
    end_s = time.monotonic() + SOON_S
    while not condition():
        port.probe()
        assert time.monotonic() < end_s, port.probe()


def found(device: VirtualPrinter, printer: MakePrinter, **how: object) -> Printer:
    """The kiosk's printer, after it has detected the mouth."""
    port = printer(device.connection, deadline_s=8.0, connect_s=2.0, **how)
    until(port, lambda: port.probe().well and port.probe().level is not Level.BLIND)
    return port


@pytest.mark.parametrize("character", ["custom", "cashino"])
def test_a_slip_is_reported_in_the_mouth_until_it_is_taken(
    virtual: MakeVirtual, printer: MakePrinter, character: str
) -> None:
    device = virtual(character=character, speed_mm_s=SPEED_MM_S)
    port = found(device, printer)
    assert not port.probe().in_mouth
    assert port.print(slip("DK-001")).outcome is Outcome.PRINTED
    device.wait_for_fate(0, "in_mouth")
    until(port, lambda: port.probe().in_mouth)
    health = port.probe()
    assert (health.well, health.has_mouth, health.not_taken) == (True, True, 0)
    assert device.take()
    until(port, lambda: not port.probe().in_mouth)
    assert port.probe().not_taken == 0


def without_full_status(device: VirtualPrinter) -> list[str]:
    """The setting ``lacks`` with which ``device`` does not answer DLE EOT 20."""
    return [*device.machine.character.lacks, "full_status"]


def test_an_unanswered_question_is_no_taken_slip(
    virtual: MakeVirtual, printer: MakePrinter, tmp_path: Path
) -> None:
    device = virtual(character="custom", speed_mm_s=SPEED_MM_S)
    kept = tmp_path / "printers.json"
    port = found(device, printer, mouth_s=1.5, profiles=kept)
    assert port.print(slip("DK-001")).outcome is Outcome.PRINTED
    until(port, lambda: port.probe().in_mouth)
    before = sorted(device.machine.character.lacks)
    device.set(lacks=without_full_status(device))
    for _ in range(2 * MOUTH_TRIES):
        assert (port.probe().in_mouth, port.probe().has_mouth) == (True, True)
    device.set(lacks=before)
    until(port, lambda: port.probe().not_taken == 1)
    device.wait_for_fate(0, "retracted")
    port.close()
    again = printer(device.connection, deadline_s=8.0, profiles=kept)
    assert again.print(slip("DK-002")).outcome is Outcome.PRINTED
    device.wait_for_fate(1, "in_mouth")


def test_one_unanswered_question_on_a_new_connection_changes_nothing(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(character="custom", speed_mm_s=SPEED_MM_S)
    port = found(device, printer)
    before = sorted(device.machine.character.lacks)
    port.close()
    device.set(lacks=without_full_status(device))
    assert port.probe().well
    device.set(lacks=before)
    assert port.print(slip("DK-001")).outcome is Outcome.PRINTED
    device.wait_for_fate(0, "in_mouth")


def test_a_printer_whose_first_question_was_lost_is_searched_again(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(character="custom", speed_mm_s=SPEED_MM_S)
    before = sorted(device.machine.character.lacks)
    device.set(lacks=without_full_status(device))
    port = printer(device.connection, deadline_s=8.0, connect_s=2.0)
    assert wait_until_ready(port).has_mouth is False
    device.set(lacks=before)
    until(port, lambda: port.probe().has_mouth)


def test_a_printer_without_a_mouth_in_its_place_is_recognised(
    virtual: MakeVirtual, printer: MakePrinter, tmp_path: Path
) -> None:
    device = virtual(character="custom", speed_mm_s=SPEED_MM_S)
    kept = tmp_path / "printers.json"
    port = found(device, printer, profiles=kept)
    assert port.probe().has_mouth
    port.close()
    device.set(lacks=without_full_status(device))
    until(port, lambda: not port.probe().has_mouth)
    for _ in range(MOUTH_TRIES):
        assert port.probe().well
    assert ProfileFile(kept).get(device.connection.removeprefix("network:")).mouth is Mouth.NONE


@pytest.mark.parametrize(("then", "fate"), [("retract", "retracted"), ("eject", "ejected")])
def test_a_slip_that_is_not_taken_is_removed_and_counted_once(
    virtual: MakeVirtual, printer: MakePrinter, then: str, fate: str
) -> None:
    device = virtual(character="custom", speed_mm_s=SPEED_MM_S)
    port = found(device, printer, mouth_s=0.5, mouth_then=then)
    assert port.print(slip("DK-001")).outcome is Outcome.PRINTED
    until(port, lambda: port.probe().not_taken == 1)
    device.wait_for_fate(0, fate)
    until(port, lambda: not port.probe().in_mouth)
    assert port.probe().not_taken == 1
    assert port.print(slip("DK-002")).outcome is Outcome.PRINTED


def test_a_slip_that_the_printer_cannot_remove_is_counted(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(character="cashino", speed_mm_s=SPEED_MM_S)
    port = found(device, printer, mouth_s=0.5)
    assert port.print(slip("DK-001")).outcome is Outcome.PRINTED
    until(port, lambda: port.probe().not_taken == 1)
    assert port.probe().in_mouth
    assert port.print(slip("DK-002")).outcome is Outcome.PRINTED


@pytest.mark.parametrize(
    ("character", "mouth"), [("epson", "auto"), ("custom", "none"), ("cashino", "none")]
)
def test_no_slip_is_reported_in_the_mouth_of_a_printer_without_one(
    virtual: MakeVirtual, printer: MakePrinter, character: str, mouth: str
) -> None:
    device = virtual(character=character, speed_mm_s=SPEED_MM_S)
    port = found(device, printer, mouth=mouth)
    assert port.print(slip("DK-001")).outcome is Outcome.PRINTED
    health = port.probe()
    assert (health.well, health.has_mouth, health.in_mouth) == (True, False, False)


def test_the_watch_counts_each_slip_that_exceeds_the_limit_once() -> None:
    watch = MouthWatch()
    for now_s, occupied, count in [
        (0.0, False, 0),
        (1.0, True, 0),
        (5.9, True, 0),
        (6.0, True, 1),
        (99.0, True, 1),
        (100.0, False, 1),
        (101.0, True, 1),
        (106.0, True, 2),
    ]:
        watch = watch.seen(occupied=occupied, now_s=now_s, limit_s=5.0)
        assert (watch.occupied, watch.not_taken) == (occupied, count), now_s


def test_a_split_full_status_is_not_read_as_automatic_status() -> None:
    full, automatic = b"\x10\x0f\x21\x00\x00\x00", b"\x10\x00\x03\x00"
    data = full + automatic + full
    for size in range(1, len(data)):
        parser = ReplyParser()
        replies = [r for at in range(0, len(data), size) for r in parser.feed(data[at : at + size])]
        assert replies == [FullStatus(full[2:]), AutomaticStatus(automatic), FullStatus(full[2:])]
