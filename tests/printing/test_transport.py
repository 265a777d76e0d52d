"""Transports: each error has its type, and each call returns by its deadline."""

from __future__ import annotations

import os
import pty
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.deadline import Deadline
from kiosk.errors import PrinterDeadline, PrinterError, PrinterUnreachable
from kiosk.printer import connection_of, transport_for
from kiosk.printing.network import NetworkTransport
from kiosk.printing.transport import DeviceTransport, FileTransport, Transport

SOON_S = 0.15
GRACE_S = 1.0
"""How long after its deadline a call may return on a busy machine."""


def soon(seconds: float = SOON_S) -> Deadline:
    """A short deadline."""
    return Deadline.after(seconds)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A listening socket that accepts nothing."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def connected(listener: socket.socket) -> tuple[NetworkTransport, socket.socket]:
    """A transport and its peer."""
    transport = NetworkTransport("127.0.0.1", listener.getsockname()[1])
    transport.open(soon(5))
    return transport, listener.accept()[0]


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


def test_a_network_transport_writes_and_reads(listener: socket.socket) -> None:
    transport, other = connected(listener)
    with other:
        transport.write_all(b"abc", soon())
        assert other.recv(10) == b"abc"
        assert transport.sent == 3
        other.sendall(b"\x12")
        assert transport.read_some(soon()) == b"\x12"
        transport.close()


def test_the_time_of_receipt_is_known_if_the_bytes_are_read_late(
    listener: socket.socket,
) -> None:
    transport = NetworkTransport(*listener.getsockname())
    transport.open(soon(5))
    peer, _ = listener.accept()
    before_s = time.monotonic()
    peer.sendall(b"word")
    time.sleep(0.5)
    assert transport.read_some(soon()) == b"word"
    after_s, until_s = transport.received_between()
    assert before_s - 0.02 < after_s <= until_s < before_s + 0.3
    peer.close()
    transport.close()


def test_a_read_without_data_returns_nothing_at_the_deadline(listener: socket.socket) -> None:
    transport, other = connected(listener)
    with other:
        began = time.monotonic()
        assert transport.read_some(soon()) == b""
        assert SOON_S * 0.9 <= time.monotonic() - began < SOON_S + GRACE_S
        transport.close()


def test_a_blocked_write_raises_at_the_deadline(listener: socket.socket) -> None:
    transport, other = connected(listener)
    with other:
        began = time.monotonic()
        with pytest.raises(PrinterDeadline, match="no more"):
            transport.write_all(bytes(50_000_000), soon())
        assert time.monotonic() - began < SOON_S + GRACE_S
        assert 0 < transport.sent < 50_000_000
        transport.close(discard=True)


def test_reads_and_writes_on_a_closed_connection_raise_unreachable(
    listener: socket.socket,
) -> None:
    transport, other = connected(listener)
    other.close()
    with pytest.raises(PrinterUnreachable, match="ended"):
        transport.read_some(soon())
    with pytest.raises(PrinterUnreachable):
        transport.write_all(bytes(10_000_000), soon(5))
    transport.close()


def test_a_refused_connection_raises_unreachable_by_the_deadline(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    began = time.monotonic()
    with pytest.raises(PrinterUnreachable, match="refused"):
        NetworkTransport("127.0.0.1", port).open(soon())
    assert time.monotonic() - began < SOON_S + GRACE_S


def test_a_board_that_refuses_connections_for_a_moment_is_tried_again(
    listener: socket.socket,
) -> None:
    address = listener.getsockname()
    listener.close()
    opened = threading.Timer(0.4, lambda: servers.append(socket.create_server(address)))
    servers: list[socket.socket] = []
    opened.start()
    transport = NetworkTransport(*address)
    transport.open(soon(5))
    assert transport.is_open
    transport.close()
    servers[0].close()


def test_an_address_without_a_route_raises_by_the_deadline() -> None:
    # 192.0.2.0/24 is for documentation (RFC 5737): there is no answer, or no route.
    began = time.monotonic()
    with pytest.raises(PrinterError):
        NetworkTransport("192.0.2.10", 9100).open(soon())
    assert time.monotonic() - began < SOON_S + GRACE_S


def test_a_full_backlog_raises_at_the_deadline() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        with pytest.raises(PrinterDeadline, match="no connection in time"):
            NetworkTransport("127.0.0.1", port).open(soon())
        for filler in fillers:
            filler.close()


def test_an_unknown_host_name_raises_unreachable() -> None:
    with pytest.raises(PrinterUnreachable, match="not known"):
        NetworkTransport("printer.invalid", 9100).open(soon(20))


@pytest.mark.parametrize("host", ["x" * 70, "a..b", "with space", "nul\0nul"])
def test_an_invalid_host_name_raises_unreachable(host: str) -> None:
    with pytest.raises(PrinterUnreachable):
        NetworkTransport(host, 9100).open(soon(20))


def test_a_hanging_name_lookup_ends_at_the_deadline_and_runs_once(
    monkeypatch: pytest.MonkeyPatch, listener: socket.socket
) -> None:
    answer = threading.Event()
    asked = []
    real = socket.getaddrinfo

    def hang(host: str, port: int, **how: int) -> object:
        if how["flags"] == socket.AI_NUMERICHOST:
            return real(host, port, **how)
        asked.append(host)
        answer.wait(30)
        return real("127.0.0.1", port, **how)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    transport = NetworkTransport("printer.example", listener.getsockname()[1])
    for _ in range(3):
        began = time.monotonic()
        with pytest.raises(PrinterDeadline, match="name"):
            transport.open(soon())
        assert time.monotonic() - began < SOON_S + GRACE_S
    assert asked == ["printer.example"]
    answer.set()
    transport.open(soon(5))
    transport.close()


def test_closing_with_unread_answers_does_not_lose_written_bytes(
    listener: socket.socket,
) -> None:
    transport, other = connected(listener)
    tail = bytes(range(256)) * 200
    got = bytearray()

    def printer() -> None:
        other.sendall(b"\x12" * 1000)
        while data := other.recv(4096):
            got.extend(data)
            other.sendall(b"\x12")
        other.close()

    thread = threading.Thread(target=printer)
    thread.start()
    transport.write_all(tail, soon(5))
    transport.close()
    thread.join(5)
    assert bytes(got) == tail


def test_closing_with_discard_resets_the_connection(listener: socket.socket) -> None:
    transport, other = connected(listener)
    with other:
        transport.close(discard=True)
        with pytest.raises(ConnectionResetError):
            other.recv(1)


def test_a_closed_transport_raises_and_can_be_opened_again(listener: socket.socket) -> None:
    transport, other = connected(listener)
    transport.close()
    transport.close()
    other.close()
    with pytest.raises(PrinterUnreachable, match="not connected"):
        transport.write_all(b"x", soon())
    transport.open(soon())
    assert transport.sent == 0
    transport.close()


# -- device files ---------------------------------------------------------------------


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
    for slip in (b"one", b"two"):
        file: Transport = FileTransport(str(path))
        file.open(soon())
        file.write_all(slip, soon())
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
