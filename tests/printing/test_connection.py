"""The transport that a value of ``connection`` gives."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kiosk.errors import PrinterError
from kiosk.printer import connection_of, transport_for


@pytest.mark.parametrize(
    ("connection", "name"),
    [
        ("network:192.0.2.10:9100", "192.0.2.10:9100"),
        ("network:printer.local", "printer.local:9100"),
        ("network:[2001:db8::1]:9101", "2001:db8::1:9101"),
        ("network:2001:db8::1", "2001:db8::1:9100"),
        ("network:192.0.2.10", "192.0.2.10:9100"),
        ("device:/dev/usb/lp0", "/dev/usb/lp0"),
        ("serial:/dev/ttyUSB0:19200", "/dev/ttyUSB0"),
        (
            "serial:/dev/serial/by-path/pci-0000:00:14.0-port0:9600:rtscts",
            "/dev/serial/by-path/pci-0000:00:14.0-port0",
        ),
        ("usb:04b8:0E15", "USB 04b8:0e15"),
        ("usb:04b8:0e15:X3AB:1", "USB 04b8:0e15 X3AB:1"),
        ("file:slips.bin", "slips.bin"),
    ],
)
def test_a_valid_connection_gives_a_transport_with_its_name(connection: str, name: str) -> None:
    assert transport_for(connection_of(connection)).name == name


@pytest.mark.parametrize(
    "connection",
    ["", "virtual", "network:", "network::9100", "network:h:0", "network:h:x", "network:h:65536",
     "usb:1", "usb:04b8", "usb:04b8:zzzz", "usb:04b8:0e15:", "device:", "file:", "file:a\0b",
     "serial:/dev/ttyS0", "serial:/dev/ttyS0:19201", "serial::9600", "serial:/dev/ttyS0:9600:no",
     "cups:", "cups:-x", "cups:a b", "cups:a/b", "printer", "network:[::1:9100"],
)  # fmt: skip
def test_an_invalid_connection_is_refused_with_a_one_line_message(connection: str) -> None:
    with pytest.raises(PrinterError) as caught:
        transport_for(connection_of(connection))
    assert "\n" not in str(caught.value)


def test_libraries_of_serial_and_usb_are_imported_on_first_use() -> None:
    code = "import sys, kiosk.printer; print([m for m in ('serial', 'usb') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
