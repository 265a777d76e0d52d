"""Slips over a serial line, USB and a FIFO."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.deadline import Deadline
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Fault, Level, Outcome, Proof
from kiosk.errors import PrinterDeadline, PrinterUnreachable
from kiosk.printing import transport as transports
from kiosk.printing.direct import DirectPrinter
from kiosk.printing.encoder import SlipEncoder, encode
from kiosk.printing.serial_line import SerialTransport
from kiosk.printing.transport import Transport
from kiosk.printing.usb import SOFT_RESET, UsbTransport
from tests.printing.bridge import PtyLine, UsbBus
from tests.printing.conftest import NOW, MakePrinter, MakeVirtual, slip, wait_until_ready
from virtual_printer import VirtualPrinter


def soon(seconds: float = 0.1) -> Deadline:
    """A deadline."""
    return Deadline.after(seconds)


def port_on(line: Transport) -> DirectPrinter:
    """The kiosk's printer on this transport."""
    settings = PrinterSettings(deadline_s=2.0, connect_s=1.0)
    return DirectPrinter(settings, line, SlipEncoder(settings), lambda: NOW)


@pytest.fixture
def serial_line(virtual: MakeVirtual) -> Iterator[tuple[VirtualPrinter, PtyLine]]:
    """A virtual printer and the serial line to it."""
    device = virtual(level="A")
    line = PtyLine(device)
    yield device, line
    line.pull()


def test_a_slip_is_confirmed_over_a_serial_line(
    serial_line: tuple[VirtualPrinter, PtyLine], printer: MakePrinter
) -> None:
    device, line = serial_line
    port = printer(f"serial:{line.path}:19200", deadline_s=2.0)
    assert port.probe().level is Level.PROCESS_ID
    assert port.print(slip()).proof is Proof.CONFIRMED
    device.fault("paper_out")
    assert port.probe().fault is Fault.PAPER_OUT
    assert len(device.wait_for_slips(1)) == 1


def test_a_serial_line_is_opened_exclusively_at_the_configured_speed(
    serial_line: tuple[VirtualPrinter, PtyLine],
) -> None:
    _, line = serial_line
    with closing(SerialTransport(line.path, 9600, "rtscts")) as mine:
        mine.open(soon())
        with pytest.raises(PrinterUnreachable) as caught:
            SerialTransport(line.path, 9600).open(soon())
        assert "\n" not in str(caught.value)
        stty = subprocess.run(["stty", "-a", "-F", line.path], capture_output=True, text=True)
        assert "speed 9600 baud" in stty.stdout
        assert {"crtscts", "-echo", "-icanon"} <= set(stty.stdout.replace(";", " ").split())


def test_a_missing_serial_line_is_unreachable(printer: MakePrinter) -> None:
    health = printer("serial:/dev/no-such-line:19200").probe()
    assert (health.fault, str(health.detail)) == (
        Fault.UNREACHABLE,
        "/dev/no-such-line: No such file or directory",
    )


def test_closing_a_blocked_serial_line_does_not_wait_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transports, "TAIL_S", 0.1)
    master, slave = os.openpty()
    line = SerialTransport(os.ttyname(slave), 9600)
    line.open(soon())
    with pytest.raises(PrinterDeadline):
        line.write_all(bytes(100_000), soon())
    began = time.monotonic()
    line.close()
    assert time.monotonic() - began < 2
    for descriptor in (slave, master):
        os.close(descriptor)


def test_stale_answers_on_a_reopened_usb_line_are_discarded(
    virtual: MakeVirtual,
) -> None:
    device = virtual(level="A")
    bus = UsbBus(device)
    port = port_on(UsbTransport(0x04B8, 0x0E15, backend=bus))
    wait_until_ready(port)
    # Answers to earlier questions, which the line still holds when it is opened again.
    port.close()
    device.fault("cover_open")
    bus.late = b"\x12\x12\x12\x12"
    assert port.probe().fault is Fault.COVER_OPEN
    port.close()


def test_a_slip_is_confirmed_over_usb(virtual: MakeVirtual) -> None:
    device = virtual(level="A")
    port = port_on(UsbTransport(0x04B8, 0x0E15, "X3AB", backend=UsbBus(device)))
    assert port.probe().level is Level.PROCESS_ID
    assert port.print(slip()).proof is Proof.CONFIRMED
    assert len(device.wait_for_slips(1)) == 1
    port.close()


def test_a_broken_slip_over_usb_resets_the_printer_s_buffer(virtual: MakeVirtual) -> None:
    device = virtual(level="A")
    bus = UsbBus(device)
    port = port_on(UsbTransport(0x04B8, 0x0E15, backend=bus))
    wait_until_ready(port)
    device.fault("paper_out", at_mm=30)
    assert port.print(slip("DK-001")).outcome is Outcome.UNCERTAIN
    assert SOFT_RESET in bus.asked
    device.mend()
    assert port.probe().well
    assert port.print(slip("DK-002")).proof is Proof.CONFIRMED
    port.close()


def test_an_unplugged_usb_printer_is_unreachable_until_it_is_plugged_in(
    virtual: MakeVirtual,
) -> None:
    bus = UsbBus(virtual(level="A"))
    port = port_on(UsbTransport(0x04B8, 0x0E15, backend=bus))
    wait_until_ready(port)
    bus.plugged = False
    health = port.probe()
    assert (health.fault, "not plugged in" in str(health.detail)) == (Fault.UNREACHABLE, True)
    assert port.print(slip()).outcome is Outcome.NOT_PRINTED
    bus.plugged = True
    assert port.probe().well
    port.close()


def test_a_usb_printer_without_permission_names_the_udev_rule(virtual: MakeVirtual) -> None:
    bus = UsbBus(virtual(level="A"))
    bus.allowed = False
    health = port_on(UsbTransport(0x04B8, 0x0E15, "X3AB", backend=bus)).probe()
    assert (health.fault, "udev" in str(health.detail)) == (Fault.UNREACHABLE, True)
    assert "\n" not in str(health.detail)


def test_a_usb_printer_with_another_serial_number_is_not_used(virtual: MakeVirtual) -> None:
    line = UsbTransport(0x04B8, 0x0E15, "OTHER", backend=UsbBus(virtual(level="A")))
    with pytest.raises(PrinterUnreachable, match="OTHER: not plugged in"):
        line.open(soon())


def test_a_usb_printer_that_accepts_no_more_bytes_raises_at_the_deadline(
    virtual: MakeVirtual,
) -> None:
    device = virtual(level="A")
    line = UsbTransport(0x04B8, 0x0E15, backend=UsbBus(device))
    line.open(soon())
    device.fault("stall", at_byte=2)
    with pytest.raises(PrinterDeadline, match="no more"):
        line.write_all(b"\x1b@" + bytes(80_000_000), soon(0.3))
    assert line.sent > 0
    line.close()


def test_libraries_of_serial_and_usb_are_imported_on_first_use() -> None:
    code = "import sys, kiosk.printer; print([m for m in ('serial', 'usb') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_slip_is_printed_through_a_fifo(printer: MakePrinter, tmp_path: Path) -> None:
    path = tmp_path / "lp0"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        port = printer(f"device:{path}")
        wait_until_ready(port)
        assert port.probe().well
        result = port.print(slip())
        assert (result.proof, result.level) == (Proof.SENT, Level.BLIND)
        assert port.print(slip()).proof is Proof.SENT
        assert os.read(reader, 1 << 16) == 2 * encode(slip(), 80, "CP858")
    finally:
        os.close(reader)
    assert port.probe().fault is Fault.UNREACHABLE
