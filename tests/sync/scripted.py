"""A server on loopback that answers each request with scripted bytes."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PATIENCE_S = 20.0


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Reply = Callable[[socket.socket, Asked], bool]
"""Answers on the connection; whether it stays open."""


def http(
    body: bytes | dict[str, Any] = b"",
    status: str = "200 OK",
    kind: str = "application/json",
    **headers: str,
) -> Reply:
    """A complete, valid answer; the connection stays open."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(data)}"]
    head += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw("\r\n".join(head).encode() + b"\r\n\r\n" + data, stay=True)


def problem(status: str, code: str, detail: str = "", **headers: str) -> Reply:
    """A problem document (RFC 9457)."""
    said = {"title": code, "status": int(status[:3]), "code": code, "detail": detail}
    return http(said, status, "application/problem+json", **headers)


def raw(data: bytes, *, stay: bool = False) -> Reply:
    """An answer of exactly these bytes."""

    def reply(connection: socket.socket, _: Asked) -> bool:
        connection.sendall(data)
        return stay

    return reply


@dataclass
class Hold:
    """Answers with ``then`` only once ``release`` is set; ``reached`` says that it was asked."""

    then: Reply
    reached: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    def __call__(self, connection: socket.socket, asked: Asked) -> bool:
        self.reached.set()
        assert self.release.wait(PATIENCE_S)
        return self.then(connection, asked)


@dataclass
class Drip:
    """Sends ``data`` again and again, a piece each ``every_s``, until the other side is gone."""

    head: bytes
    data: bytes
    every_s: float = 0.0
    gone: threading.Event = field(default_factory=threading.Event)

    def __call__(self, connection: socket.socket, _: Asked) -> bool:
        try:
            connection.sendall(self.head)
            while not self.gone.wait(self.every_s):
                connection.sendall(self.data)
        except OSError:
            self.gone.set()
        return False


class ScriptedServer:
    """Answers with ``script`` in turn, then with ``default``; keeps what it was asked."""

    def __init__(self, *script: Reply, default: Reply | None = None) -> None:
        self.script = list(script)
        self.default = default
        self.asked: list[Asked] = []
        self.connections = 0
        self._stopped = False
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and drop all connections."""
        self._stopped = True
        # On Linux a shutdown wakes the thread that accepts.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                connection.close()
        self._thread.join(PATIENCE_S)

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def of(self, method: str) -> list[Asked]:
        """The requests with this method so far."""
        with self._lock:
            return [one for one in self.asked if one.method == method]

    def _accept(self) -> None:
        while not self._stopped:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            try:
                while (asked := _request(lines)) is not None:
                    with self._lock:
                        self.asked.append(asked)
                        reply = self.script.pop(0) if self.script else self.default
                    if reply is None or not reply(connection, asked):
                        return
            except (OSError, ValueError):
                return


def _request(lines: Any) -> Asked | None:
    first = lines.readline().decode("latin-1").split()
    if len(first) != 3:
        return None
    headers = {}
    while line := lines.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = lines.read(int(headers.get("content-length", "0")))
    return Asked(first[0], first[1], headers, body)
