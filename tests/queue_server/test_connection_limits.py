"""Connections without a token: endless, slow and crowded heads, on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from queue_server.web import connection_limits
from queue_server.web.connection_limits import HEAD_BYTES, LimitedProtocol
from tests.queue_server.servers import ServerProcess

PATIENCE_S = 20.0
MOST_BUFFERED = 64 << 20
"""More bytes than two sockets of the kernel hold."""


async def answer(scope: Any, receive: Any, send: Any) -> None:
    """The shortest application: 200 with the size of the body."""
    size = 0
    more = True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    head = [(b"content-length", str(len(str(size))).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": str(size).encode()})


@contextlib.contextmanager
def running() -> Iterator[int]:
    """A server with the limits; its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        answer, http=LimitedProtocol, log_config=None, lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def send_pieces(peer: socket.socket) -> None:
    for _ in range(MOST_BUFFERED // 1000):
        peer.sendall(b"a" * 1000)


def received(peer: socket.socket) -> tuple[int, dict[str, Any]]:
    """The status and the problem document of an answer, to the end of the connection."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := peer.recv(65536):
            data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


@pytest.fixture
def port() -> Iterator[int]:
    with running() as made:
        yield made


def test_an_endless_header_is_refused(port: int) -> None:
    """Whatever its pieces: the connection is closed, and the client can send no more than the
    kernel buffers."""
    with connect(port) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nX: ")
        with pytest.raises(ConnectionError):
            send_pieces(peer)
    with connect(port) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * (HEAD_BYTES + 1))
        status, problem = received(peer)
    assert (status, problem["code"], problem["status"]) == (431, "head_too_large", 431)


@pytest.mark.parametrize(
    "headers",
    [b"A: b\r\n" * 20_000, b"Cookie: " + b"x" * (HEAD_BYTES + 1) + b"\r\n"],
    ids=["many", "long"],
)
def test_a_whole_head_that_is_too_large_is_refused(port: int, headers: bytes) -> None:
    with connect(port) as peer:
        with contextlib.suppress(ConnectionError):
            peer.sendall(b"GET / HTTP/1.1\r\n" + headers + b"\r\n")
        assert received(peer)[0] == 431


def test_a_head_just_within_the_limit_is_served_again_and_again(port: int) -> None:
    """Each request on a kept connection has the whole limit; a body does not count."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (HEAD_BYTES - 200)
    with connect(port) as peer:
        for size in (0, 100_000, 5):
            length = f"\r\nContent-Length: {size}\r\n\r\n".encode()
            peer.sendall(head + length + b"b" * size)
            data = b""
            while not data.endswith(f"\r\n\r\n{size}".encode()):
                data += peer.recv(65536)
            assert data.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nX: y\r\n"], ids=["nothing", "a part"])
def test_a_slow_head_is_refused(port: int, sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_limits, "HEAD_S", 0.2)
    with connect(port) as peer:
        peer.sendall(sent)
        status, problem = received(peer)
    assert (status, problem["code"]) == (408, "too_slow")


def test_a_slow_second_head_is_refused_too(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_limits, "HEAD_S", 0.2)
    with connect(port) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert peer.recv(65536).startswith(b"HTTP/1.1 200")
        peer.sendall(b"GET / HTTP/1.1\r\nX: ")
        assert received(peer)[0] == 408


def test_empty_lines_after_an_answer_do_not_keep_the_connection(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They begin no head, and end uvicorn's limit for idle connections."""
    monkeypatch.setattr(connection_limits, "HEAD_S", 0.2)
    with connect(port) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert peer.recv(65536).startswith(b"HTTP/1.1 200")
        peer.sendall(b"\r\n")
        assert received(peer)[0] == 408


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:192.0.2.1", False),
        ("192.0.2.1", False),
        ("", False),
    ],
)
def test_a_proxy_on_this_machine_has_no_limit(address: str, loopback: bool) -> None:
    assert connection_limits._is_loopback(address) is loopback


def test_connections_beyond_the_limit_are_refused_and_places_come_back(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_limits, "CONNECTIONS", 3)
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(connect(port)) for _ in range(3)]
        with connect(port) as late:
            status, problem = received(late)
        assert (status, problem["code"]) == (503, "too_many_connections")
        held[0].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert held[0].recv(65536).startswith(b"HTTP/1.1 200")
        for peer in held:
            peer.close()
    with connect(port) as again:
        for _ in range(100):
            again.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            if again.recv(65536).startswith(b"HTTP/1.1 200"):
                break
        else:
            raise AssertionError("no place came back")


def test_one_address_may_not_take_all_places(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback is exempt, because a reverse proxy is there; here it counts."""
    monkeypatch.setattr(connection_limits, "PER_ADDRESS", 2)
    with contextlib.ExitStack() as stack:
        exempt = [stack.enter_context(connect(port)) for _ in range(4)]
        exempt[-1].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert exempt[-1].recv(65536).startswith(b"HTTP/1.1 200")
        monkeypatch.setattr(connection_limits, "_is_loopback", lambda _: False)
        with connect(port) as late:
            assert received(late)[0] == 503


def test_a_kiosk_is_served_beside_connections_that_send_nothing(
    server: ServerProcess,
) -> None:
    """The real server: 300 half-sent heads and an endless one, which is cut off, and a kiosk."""
    with contextlib.ExitStack() as stack:
        for _ in range(300):
            peer = stack.enter_context(connect(server.port))
            peer.sendall(b"PUT /api/v1/tickets/x HTTP/1.1\r\nX: ")
        endless = stack.enter_context(connect(server.port))
        endless.sendall(b"PUT /api/v1/tickets/x HTTP/1.1\r\nX: ")
        with pytest.raises(ConnectionError):
            send_pieces(endless)
        kiosk = server.kiosk("lobi-9")
        assert kiosk.sync()["letter"]


def test_tls_on_the_plain_port_is_logged_once_a_minute(
    port: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_limits, "_tls_logged_s", None)
    for _ in range(3):
        with connect(port) as peer:
            peer.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(4096):
                pass

    assert [r.getMessage() for r in caplog.records if "speaks TLS" in r.getMessage()] == [
        "a client speaks TLS; this port speaks plain HTTP: use http:// or a proxy with TLS"
    ]
