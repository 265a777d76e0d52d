"""A plain client of a network printer, for the tests of the virtual printer."""

from __future__ import annotations

import socket

from virtual_printer import VirtualPrinter

CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
CUT = b"\x1dVB\x00"


def job(*lines: str, end: bytes = CUT) -> bytes:
    """A slip of these lines."""
    return b"\x1b@" + "".join(f"{line}\n" for line in lines).encode() + end


class Client:
    """A connection to a virtual printer."""

    def __init__(self, device: VirtualPrinter, timeout_s: float = 5) -> None:
        self.socket = socket.create_connection((device.host, device.port), timeout=timeout_s)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send all of ``data``."""
        self.socket.sendall(data)

    def ask(self, question: bytes, length: int = 1) -> bytes:
        """Send, and read exactly ``length`` bytes."""
        self.socket.sendall(question)
        got = b""
        while len(got) < length:
            data = self.socket.recv(length - len(got))
            assert data, "the printer ended the connection"
            got += data
        return got

    def silent(self, question: bytes, seconds: float = 0.2) -> bool:
        """Whether nothing comes back within ``seconds``."""
        self.socket.sendall(question)
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(10) == b""
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(5)
