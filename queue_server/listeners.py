"""Sockets that ``serve`` listens on: an address and port, or a Unix socket."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from queue_server.errors import ServerError

BACKLOG = 1024
UNIX_MODE = 0o666
"""The proxy may be another user; its access to the folder decides."""


def is_path(host: str) -> bool:
    """Whether ``--host`` names a Unix socket."""
    return host.startswith("/")


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Listen for the duration of the block. Raises ServerError if that is not possible."""
    path = Path(host)
    try:
        listener = _on_path(path) if is_path(host) else _on_port(host, port)
    except OSError as error:
        why = error.strerror
        if is_path(host):
            raise ServerError("listen.path_failed", path=host, why=why) from error
        raise ServerError("listen.failed", host=host, port=port, why=why) from error
    with listener:
        inode = path.stat().st_ino if is_path(host) else None
        yield listener
        with contextlib.suppress(OSError):
            if inode is not None and path.stat().st_ino == inode:
                path.unlink()


def _on_port(host: str, port: int) -> socket.socket:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    # Name the protocol: asyncio sets TCP_NODELAY on accepted sockets only if it is IPPROTO_TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(BACKLOG)
    return listener


def _on_path(path: Path) -> socket.socket:
    """Replaces the socket of a killed server, and nothing else."""
    if path.is_socket():
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(path))
            except ConnectionRefusedError:
                path.unlink()
            else:
                raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(UNIX_MODE)
    listener.listen(BACKLOG)
    return listener
