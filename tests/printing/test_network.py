"""The network transport: each error has its type, and each call returns by its deadline."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from kiosk.deadline import Deadline
from kiosk.errors import PrinterDeadline, PrinterError, PrinterUnreachable
from kiosk.printing.network import NetworkTransport

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
    after_s, until_s = transport.received_between(alone=True)
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
