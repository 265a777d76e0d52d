"""An HTTP protocol for uvicorn that sends each response with a single write.

uvicorn writes the head of a response and then its body: two system calls, two TCP segments
(TCP_NODELAY is set), and a client that is woken twice. Here all data written in one iteration of
the event loop is sent together.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class SingleWriteProtocol(HttpToolsProtocol):
    """For uvicorn's setting ``http``."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wrap the transport of a new connection."""
        buffered: Any = _BufferedTransport(transport, self.loop)
        super().connection_made(buffered)


class _BufferedTransport:
    """A transport that flushes at the end of the loop iteration; delegates everything else."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._chunks: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Buffer ``data`` until the end of this loop iteration."""
        if not self._chunks:
            self._loop.call_soon(self._flush)
        self._chunks.append(data)

    def close(self) -> None:
        """Flush, then close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._chunks and not self._transport.is_closing():
            self._transport.write(b"".join(self._chunks))
        self._chunks.clear()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
