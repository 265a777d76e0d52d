"""TLS with the site's own CA: a certificate that is not right is no server.

``certs/`` was made for these tests alone: a CA, and certificates of it that are good for 127.0.0.1
until 2126, for another name, and expired in 2020.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.errors import ServerUnreachable
from kiosk.sync.client import QueueClient
from tests.sync.scripted import ScriptedServer, http
from tests.sync.test_client import ANSWER, REQUEST, TOKEN

CERTS = Path(__file__).with_name("certs")
Serve = Callable[[str], int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Puts TLS, with the certificate of that name, before a scripted server."""
    behind = ScriptedServer(default=http(ANSWER))
    listeners: list[socket.socket] = []

    def start(name: str) -> int:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTS / f"{name}.pem")
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threading.Thread(target=accept, args=(listener, context), daemon=True).start()
        port: int = listener.getsockname()[1]
        return port

    def accept(listener: socket.socket, context: ssl.SSLContext) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                behind._serve(context.wrap_socket(connection, server_side=True))
            except OSError:
                connection.close()

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    behind.close()


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(TOKEN)
    return path


def test_the_site_s_own_ca_is_trusted(serve: Serve, token: Path) -> None:
    client = QueueClient(f"https://127.0.0.1:{serve('good')}", token, CERTS / "ca.pem")
    assert client.reserve(REQUEST, 10).number == "DK-027"
    assert client.reserve(REQUEST, 10).number == "DK-027"
    client.close()


@pytest.mark.parametrize(
    ("name", "ca", "says"),
    [
        ("good", None, "certificate verify failed"),
        ("expired", CERTS / "ca.pem", "expired"),
        ("other", CERTS / "ca.pem", "127.0.0.1"),
    ],
)
def test_an_invalid_certificate_is_refused(
    serve: Serve, token: Path, name: str, ca: Path | None, says: str
) -> None:
    client = QueueClient(f"https://127.0.0.1:{serve(name)}", token, ca)
    with pytest.raises(ServerUnreachable) as caught:
        client.reserve(REQUEST, 10)
    assert says in str(caught.value)
    client.close()


def test_a_missing_ca_file_is_reported(serve: Serve, token: Path, tmp_path: Path) -> None:
    client = QueueClient(f"https://127.0.0.1:{serve('good')}", token, tmp_path / "none.pem")
    with pytest.raises(ServerUnreachable, match=r"none\.pem"):
        client.reserve(REQUEST, 10)


def test_a_hanging_handshake_ends_at_the_deadline(token: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        client = QueueClient(f"https://127.0.0.1:{port}", token, CERTS / "ca.pem")
        with pytest.raises(ServerUnreachable, match=r"within 0\.3 s"):
            client.reserve(REQUEST, 0.3)
        connection, _ = listener.accept()
        connection.settimeout(20)
        # The hello, and then the end, or a reset where the kiosk hung up before its hello went out.
        with connection, contextlib.suppress(ConnectionError):
            while connection.recv(4096):
                pass


def test_a_plain_server_behind_https_is_said_in_words(token: Path) -> None:
    def answer(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = listener.accept()
                with peer:
                    peer.recv(4096)
                    peer.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer, args=[listener], daemon=True).start()
        client = QueueClient(f"https://127.0.0.1:{listener.getsockname()[1]}", token, None)
        with pytest.raises(ServerUnreachable) as caught:
            client.reserve(REQUEST, 10)
        listener.shutdown(socket.SHUT_RDWR)

    assert "speaks http, not https" in caught.value.in_("en")
