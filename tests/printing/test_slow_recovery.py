"""A slow printer needs few answers to show that its fault was cleared.

Each answer takes most of a second, so these tests count the questions. ``benchmarks/printer.py``
measures the time ("printing again after a cleared fault").
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest

from kiosk.domain.delivery import Fault, Level, Outcome, Proof
from kiosk.printer import Printer
from kiosk.printing import profile, status_protocol
from tests.printing.conftest import MakePrinter, MakeVirtual, slip, wait_until_ready
from virtual_printer import VirtualPrinter

SPEED_MM_S = 400.0
ANSWER_S = 0.15
FAULTS: dict[str, tuple[int, Mapping[str, float]]] = {
    "paper_out": (4, {"at_mm": 20.0}),
    "cover_open": (2, {"at_mm": 20.0}),
    "error": (3, {"at_mm": 20.0}),
    "cutter_jam": (3, {}),
}
"""Fault to the question of DLE EOT that shows it, and its position in the slip."""

STATUS = re.compile(rb"\x10\x04([\x01-\x04])")
ECHO = b"\x1d(H\x06\x0000"
ASK_FULL_STATUS = b"\x10\x04\x14"


@pytest.fixture
def instant_paper() -> None:
    """Disabled: use the speeds of real printers."""


@pytest.fixture
def short_answer_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the timeouts, so that a printer counts as slow sooner."""
    monkeypatch.setattr(status_protocol, "ANSWER_S", 0.5)
    monkeypatch.setattr(profile, "SLOW_S", 0.1)


def broken_slip(
    virtual: MakeVirtual, printer: MakePrinter, fault: str, *, probes: int = 2, **settings: object
) -> tuple[VirtualPrinter, Printer]:
    """A slow printer with ``fault`` in its first slip, which ``probes`` probes have reported."""
    settings = {"answer_s": ANSWER_S, **settings}
    device = virtual(character="slow", settings=settings, speed_mm_s=SPEED_MM_S)
    port = printer(device.connection, deadline_s=8.0, connect_s=2.0)
    wait_until_ready(port)
    wait_until_ready(port)
    device.fault(fault, **FAULTS[fault][1])
    assert port.print(slip("DK-001")).outcome is Outcome.UNCERTAIN
    for _ in range(probes):
        assert port.probe().fault is not None
    return device, port


@contextmanager
def received_by(
    device: VirtualPrinter, then: Callable[[bytes], None] = lambda _: None
) -> Iterator[bytearray]:
    """Record the bytes that ``device`` receives in the block; call ``then`` after each piece."""
    record, receive = bytearray(), device.machine.receive

    def receive_and_record(data: bytes, *, heard: bool = True) -> None:
        record.extend(data)
        receive(data, heard=heard)
        then(data)

    device.machine.receive = receive_and_record  # type: ignore[method-assign]
    try:
        yield record
    finally:
        device.machine.receive = receive  # type: ignore[method-assign]


def questions(record: bytearray) -> list[int]:
    """The ``n`` of each DLE EOT."""
    return [found[1][0] for found in STATUS.finditer(record)]


@pytest.mark.parametrize("fault", FAULTS)
def test_one_answer_and_an_echo_show_that_a_fault_was_cleared(
    virtual: MakeVirtual, printer: MakePrinter, fault: str
) -> None:
    device, port = broken_slip(virtual, printer, fault)
    device.mend()
    with received_by(device) as record:
        assert port.probe().well
    assert questions(record) == [1]
    assert port.print(slip("DK-002")).proof is Proof.CONFIRMED


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_cleared_between_two_answers_needs_no_second_probe(
    virtual: MakeVirtual, printer: MakePrinter, fault: str
) -> None:
    device, port = broken_slip(virtual, printer, fault)
    with received_by(device, lambda _: device.mend()) as record:
        assert port.probe().well
    assert questions(record) == [1, FAULTS[fault][0], 1]
    assert port.print(slip("DK-002")).proof is Proof.CONFIRMED


def test_a_fault_that_is_replaced_by_another_is_reported(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device, port = broken_slip(virtual, printer, "paper_out")
    device.fault("cover_open")
    device.mend("paper_out")
    health = port.probe()
    assert health.fault is not None
    assert health.fault.value == "cover_open"


def test_a_fault_of_an_idle_slow_printer_needs_no_more_answers(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(character="slow", settings={"answer_s": ANSWER_S}, speed_mm_s=SPEED_MM_S)
    port = printer(device.connection, deadline_s=8.0, connect_s=2.0)
    assert wait_until_ready(port).level is Level.PROCESS_ID
    device.fault("near_end")
    assert wait_until_ready(port).near_end
    device.fault("cover_open")
    assert not port.probe().well
    device.mend("cover_open")
    with received_by(device) as record:
        health = port.probe()
    assert health.well
    assert health.near_end, "a state that was not asked for must not change"
    assert questions(record) == [1]


def test_the_end_of_paper_stays_reported_by_a_printer_that_stays_online(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    settings = {"answer_s": ANSWER_S, "online_without_paper": True}
    device = virtual(character="slow", settings=settings, speed_mm_s=SPEED_MM_S)
    port = printer(device.connection, deadline_s=8.0, connect_s=2.0)
    assert wait_until_ready(port).level is Level.PROCESS_ID
    # An idle printer may answer a process id without paper, because nothing is printed before it.
    device.set(early=True)
    device.fault("paper_out")
    assert [port.probe().fault for _ in range(6)] == [Fault.PAPER_OUT] * 6
    device.mend()
    assert port.probe().well


def test_a_cover_that_was_closed_does_not_hide_the_end_of_paper(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    settings = {"answer_s": ANSWER_S, "online_without_paper": True}
    device = virtual(character="slow", settings=settings, speed_mm_s=SPEED_MM_S)
    port = printer(device.connection, deadline_s=8.0, connect_s=2.0)
    assert wait_until_ready(port).level is Level.PROCESS_ID
    device.set(early=True)
    device.fault("paper_out")
    assert port.probe().fault is Fault.PAPER_OUT
    device.fault("cover_open")
    assert port.probe().fault is Fault.PAPER_OUT, "a slow printer is asked for its known fault"
    device.mend("cover_open")
    assert [port.probe().fault for _ in range(2)] == [Fault.PAPER_OUT] * 2


def test_a_printer_without_a_fault_is_not_waited_for_after_its_answers(
    virtual: MakeVirtual, printer: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_protocol, "QUIET_S", 1.0)
    device = virtual(character="slow", settings={"answer_s": ANSWER_S}, speed_mm_s=SPEED_MM_S)
    port = printer(device.connection, deadline_s=8.0, connect_s=2.0)
    assert wait_until_ready(port).level is Level.PROCESS_ID
    port.probe()
    took_s = []
    for _ in range(3):
        begun_s = time.monotonic()
        assert port.probe().well
        took_s.append(time.monotonic() - begun_s)
    assert min(took_s) < 1.0, took_s


def test_an_echo_is_requested_once_while_the_printer_cannot_print(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device, port = broken_slip(virtual, printer, "paper_out")
    with received_by(device) as record:
        for _ in range(4):
            assert not port.probe().well
    assert record.count(ECHO) <= 1, "the buffer of a printer without paper may be small"


def test_the_hold_ends_only_after_the_rest_of_the_old_slip_is_printed(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device, port = broken_slip(virtual, printer, "paper_out", lacks=["clear", "enq"])
    device.speed_mm_s = 30.0
    device.mend()
    wait_until_ready(port)
    assert device.machine.idle(), "the hold ended while the old slip was still printing"
    device.speed_mm_s = SPEED_MM_S
    assert port.print(slip("DK-002")).proof is Proof.CONFIRMED
    numbers = [
        {w for line in piece.lines for w in line.split() if "DK-" in w} for piece in device.slips
    ]
    assert all(len(found) <= 1 for found in numbers), numbers


def test_an_echo_during_a_fault_does_not_end_the_hold(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device, port = broken_slip(virtual, printer, "cover_open", probes=1)
    device.set(early=True)
    with received_by(device) as record:
        for _ in range(3):
            health = port.probe()
            assert (health.fault, health.held) == (Fault.COVER_OPEN, True)
    assert record.count(ECHO) >= 1, "it was not asked for an echo"
    device.mend()
    wait_until_ready(port)


@pytest.mark.usefixtures("short_answer_timeout")
@pytest.mark.parametrize("character", ["clone", "slow"])
def test_the_search_for_a_mouth_does_not_delay_the_end_of_a_hold(
    virtual: MakeVirtual, printer: MakePrinter, character: str
) -> None:
    settings = {"answer_s": ANSWER_S} if character == "slow" else {}
    device = virtual(character=character, settings=settings, speed_mm_s=SPEED_MM_S)
    port = printer(device.connection, deadline_s=8.0, connect_s=2.0)
    wait_until_ready(port)
    assert not port.probe().held
    device.fault("paper_out", **FAULTS["paper_out"][1])
    assert port.print(slip("DK-001")).outcome is Outcome.UNCERTAIN
    with received_by(device) as record:
        assert port.probe().held
        device.mend()
        wait_until_ready(port)
        assert ASK_FULL_STATUS not in record
        while ASK_FULL_STATUS not in record:
            assert port.probe().well
