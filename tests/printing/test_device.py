"""A printer as a device file, a FIFO, or a plain file in its place."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.deadline import Deadline
from kiosk.domain.delivery import Fault, Level, Proof
from kiosk.errors import PrinterDeadline, PrinterUnreachable
from kiosk.printing.device import DeviceTransport, FileTransport
from kiosk.printing.encoder import encode
from kiosk.printing.transport import Transport
from tests.printing.conftest import MakePrinter, slip, wait_until_ready

SOON_S = 0.15
GRACE_S = 1.0
"""How long after its deadline a call may return on a busy machine."""


def soon(seconds: float = SOON_S) -> Deadline:
    """A short deadline."""
    return Deadline.after(seconds)


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    """A pty: the printer's end as a descriptor, the kiosk's end as a path."""
    master, slave = pty.openpty()
    yield master, os.ttyname(slave)
    for descriptor in (slave, master):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_a_device_file_passes_every_byte_unchanged(terminal: tuple[int, str]) -> None:
    master, path = terminal
    device = DeviceTransport(path)
    device.open(soon())
    data = bytes(range(256))
    device.write_all(data, soon())
    got = b""
    while len(got) < len(data):
        got += os.read(master, 1024)
    assert got == data
    os.write(master, data)
    back = b""
    while len(back) < len(data):
        back += device.read_some(soon(5))
    assert back == data
    assert device.two_way
    device.close()


def test_a_blocked_write_to_a_device_raises_at_the_deadline(terminal: tuple[int, str]) -> None:
    _, path = terminal
    device = DeviceTransport(path)
    device.open(soon())
    with pytest.raises(PrinterDeadline):
        device.write_all(bytes(1_000_000), soon())
    device.close(discard=True)


def test_a_removed_device_raises_unreachable(terminal: tuple[int, str]) -> None:
    master, path = terminal
    device = DeviceTransport(path)
    device.open(soon())
    os.close(master)
    with pytest.raises(PrinterUnreachable):
        device.read_some(soon(5))
    with pytest.raises(PrinterUnreachable):
        device.write_all(b"x", soon(5))
    device.close()


def test_a_fifo_is_a_one_way_transport(tmp_path: Path) -> None:
    path = tmp_path / "lp0"
    os.mkfifo(path)
    device = DeviceTransport(str(path))
    with pytest.raises(PrinterUnreachable, match="no process reads"):
        device.open(soon())
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    device.open(soon())
    assert not device.two_way
    device.write_all(b"slip", soon())
    assert os.read(reader, 10) == b"slip"
    os.close(reader)
    with pytest.raises(PrinterUnreachable):
        device.write_all(b"slip", soon())
    device.close()


@pytest.mark.parametrize("make", [DeviceTransport, FileTransport])
def test_a_path_that_cannot_be_opened_raises_unreachable(
    make: type[DeviceTransport], tmp_path: Path
) -> None:
    for path in (str(tmp_path / "no" / "lp0"), str(tmp_path), "nul\0"):
        with pytest.raises(PrinterUnreachable) as caught:
            make(path).open(soon())
        assert "\n" not in str(caught.value)


def test_a_regular_file_is_refused_as_a_device(tmp_path: Path) -> None:
    path = tmp_path / "slips.bin"
    path.touch()
    with pytest.raises(PrinterUnreachable, match="not a device"):
        DeviceTransport(str(path)).open(soon())


def test_slips_are_appended_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "slips.bin"
    for written in (b"one", b"two"):
        file: Transport = FileTransport(str(path))
        file.open(soon())
        file.write_all(written, soon())
        assert file.read_some(soon()) == b""
        file.close()
    assert path.read_bytes() == b"onetwo"


def test_a_full_disk_raises_unreachable() -> None:
    file = FileTransport("/dev/full")
    file.open(soon())
    with pytest.raises(PrinterUnreachable, match="space"):
        file.write_all(b"slip", soon())
    assert file.sent == 0
    file.close()


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
