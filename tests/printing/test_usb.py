"""A printer on USB without the kernel's driver, on a fake bus."""

from __future__ import annotations

import pytest

from kiosk.deadline import Deadline
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Fault, Level, Outcome, Proof
from kiosk.errors import PrinterDeadline, PrinterUnreachable
from kiosk.printing.direct import DirectPrinter
from kiosk.printing.encoder import SlipEncoder
from kiosk.printing.transport import Transport
from kiosk.printing.usb import UsbTransport
from tests.printing.bridge import UsbBus
from tests.printing.conftest import NOW, MakeVirtual, slip, wait_until_ready


def soon(seconds: float = 0.1) -> Deadline:
    """A deadline."""
    return Deadline.after(seconds)


def port_on(line: Transport) -> DirectPrinter:
    """The kiosk's printer on this transport."""
    settings = PrinterSettings(deadline_s=2.0, connect_s=1.0)
    return DirectPrinter(settings, line, SlipEncoder(settings), lambda: NOW)


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
    assert 2 in bus.asked, "SOFT_RESET"
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
