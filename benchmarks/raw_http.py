"""A minimal HTTP client: load generator and server share the processors, so it must be cheap.

It uses one kept-alive socket, writes requests as bytes, and parses only status and length.
"""

from __future__ import annotations

import json
import socket
from typing import Any, NamedTuple


class RawAnswer(NamedTuple):
    """A status, and the body as JSON."""

    status: int
    body: Any


def request(method: str, path: str, token: str, body: dict[str, Any]) -> bytes:
    """The bytes of a request; ``path`` under ``/api/v1``."""
    text = json.dumps(body).encode()
    head = (
        f"{method} /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    )
    return head.encode() + text


def length_of(head: bytes) -> int:
    """The Content-Length of a response's header, in bytes."""
    lower = head.lower()
    at = lower.index(b"content-length:") + len(b"content-length:")
    return int(lower[at : lower.find(b"\r\n", at)])


class RawConnection:
    """One connection to a server on loopback. Raises OSError if it breaks."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, asked: bytes) -> RawAnswer:
        """Send one request and read its complete answer."""
        self._socket.sendall(asked)
        got = self._more()
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += self._more()
        size = end + 4 + length_of(got[: end + 2])
        while len(got) < size:
            got += self._more()
        return RawAnswer(int(got[9:12]), json.loads(got[end + 4 : size]))

    def _more(self) -> bytes:
        got = self._socket.recv(65536)
        if not got:
            raise ConnectionError("the server has closed the connection")
        return got

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()
