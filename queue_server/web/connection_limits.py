"""What one connection may cost before a token is known.

uvicorn with httptools reads a head of any size for any time, and takes any number of connections:
one client without a token could keep the event loop busy and fill the memory, and every kiosk's
reservation would miss its deadline. Bodies have their limits in ``middleware``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import resource
import socket
from collections import Counter
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, ClassVar

from queue_server.web.single_write import SingleWriteProtocol

HEAD_BYTES = 32 * 1024
"""Largest head of a request: its first line and all headers."""
HEAD_S = 10.0
"""How long a whole head may take, from the connection or the head's first byte on."""
CONNECTIONS = 4000
"""Most connections of a process; beside 300 kiosks and 200 boards there is room for visitors."""
PER_ADDRESS = 200
"""Most connections from one address. Loopback and a Unix socket have no such limit: a reverse
proxy is there."""
SPARE_FILES = 200
"""Descriptors that are not for connections: database, log, sockets."""

TLS_LOG_S = 60.0
_TLS_HELLO = b"\x16\x03"
"""How every TLS connection begins: record type handshake, major version 3 (RFC 8446, 5.1)."""

_log = logging.getLogger(__name__)
_tls_logged_s: float | None = None


class LimitedProtocol(SingleWriteProtocol):
    """For uvicorn's setting ``http``: limits heads and connections.

    A head that is too large gets 431, one that is too slow 408, a connection too many 503; then the
    connection is closed.
    """

    _by_address: ClassVar[Counter[str]] = Counter()

    _head_bytes = 0
    _in_head = True
    _refused = False
    _address = ""
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the connection and start the time for its first head."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self._by_address[self._address] += 1
        is_proxy = _is_unix(transport) or _is_loopback(self._address)
        crowded = self._by_address[self._address] > PER_ADDRESS and not is_proxy
        if crowded or len(self.connections) > CONNECTIONS:
            _log.warning("connection refused", extra={"address": self._address})
            self._refuse(503, "too_many_connections", "Too many connections; try again later.")
            return
        self._timer = self.loop.call_later(HEAD_S, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Remove the connection from the counts."""
        self._stop_timer()
        self._by_address[self._address] -= 1
        if self._by_address[self._address] <= 0:
            del self._by_address[self._address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse ``data``; a head that has grown too large is refused, complete or not."""
        if self._refused:
            return
        if self._in_head:
            if not self._head_bytes and data.startswith(_TLS_HELLO):
                _log_tls(self.loop.time(), self._address)
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > HEAD_BYTES:
            self._too_large()
        elif self._in_head and self._timer is None and self._is_answered():
            # Bytes that begin no head, such as empty lines, end uvicorn's own time limit.
            self._timer = self.loop.call_later(HEAD_S, self._late)

    def on_message_begin(self) -> None:
        """A head begins: the time for it starts, unless it is the connection's first."""
        super().on_message_begin()
        if self._timer is None:
            self._timer = self.loop.call_later(HEAD_S, self._late)

    def on_headers_complete(self) -> None:
        """The head is complete; the request starts, unless the head is too large."""
        self._stop_timer()
        self._in_head = False
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > HEAD_BYTES:
            self._too_large()
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Pass a part of the body on; of a refused request nothing is read."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete; what follows is the next head."""
        self._in_head, self._head_bytes = True, 0
        if not self._refused:
            super().on_message_complete()

    def _is_answered(self) -> bool:
        cycle: Any = self.cycle  # None before the first request
        return cycle is None or bool(cycle.response_complete)

    def _late(self) -> None:
        self._timer = None
        self._refuse(408, "too_slow", "The head of the request did not arrive in time.")

    def _too_large(self) -> None:
        self._refuse(
            431, "head_too_large", f"The head of a request has at most {HEAD_BYTES} bytes."
        )

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Answer with a problem document and close the connection."""
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        self._stop_timer()
        title = HTTPStatus(status).phrase
        problem = {
            "type": f"urn:mpp-queue:problem:{code}",
            "title": title,
            "status": status,
            "code": code,
            "detail": detail,
        }
        body = json.dumps(problem).encode()
        head = (
            f"HTTP/1.1 {status} {title}\r\ncontent-type: application/problem+json\r\n"
            f"cache-control: no-store\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _log_tls(now_s: float, address: str) -> None:
    """Log, at most once a minute, a client whose address of the server begins with https."""
    global _tls_logged_s  # one log for all connections
    if _tls_logged_s is None or now_s - _tls_logged_s >= TLS_LOG_S:
        _tls_logged_s = now_s
        said = "a client speaks TLS; this port speaks plain HTTP: use http:// or a proxy with TLS"
        _log.warning(said, extra={"address": address})


def _is_unix(transport: asyncio.Transport) -> bool:
    found = transport.get_extra_info("socket")
    return found is not None and found.family == socket.AF_UNIX


def _is_loopback(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    # A socket for both versions of IP shows 127.0.0.1 as ::ffff:127.0.0.1.
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)


def make_room() -> None:
    """Raise the process's limit of open files so that ``CONNECTIONS`` fit, as far as allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + SPARE_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
