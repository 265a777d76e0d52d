"""A printer on a serial line: a pty."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from kiosk.deadline import Deadline
from kiosk.domain.delivery import Fault, Level, Proof
from kiosk.errors import PrinterDeadline, PrinterUnreachable
from kiosk.printing import transport as transports
from kiosk.printing.serial_line import SerialTransport
from tests.printing.bridge import PtyLine
from tests.printing.conftest import MakePrinter, MakeVirtual, slip
from virtual_printer import VirtualPrinter


def soon(seconds: float = 0.1) -> Deadline:
    """A deadline."""
    return Deadline.after(seconds)


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
