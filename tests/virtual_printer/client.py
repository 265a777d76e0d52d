"""A minimal client of a network printer, for the tests of the virtual printer."""

from __future__ import annotations

import socket
from collections.abc import Callable

from virtual_printer import VirtualPrinter

MakeVirtual = Callable[..., VirtualPrinter]
URL = "https://antrean.example.go.id/t/0123456789abcdef0123456789abcdef"
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
CUT = b"\x1dVB\x00"


def job(*lines: str, end: bytes = CUT) -> bytes:
    """A slip of these lines."""
    return b"\x1b@" + "".join(f"{line}\n" for line in lines).encode() + end


def full(number: str = "DK-027") -> bytes:
    """A typical queue slip: a name, a rule, a large number, a QR code and a last line."""
    code = URL.encode()
    return job(
        "Mal Pelayanan Publik Kota Balikpapan",
        "-" * 48,
        end=b"\x1ba\x01\x1d!\x35"
        + number.encode()
        + b"\n\x1d!\x00\x1d(k\x03\x001C\x06"
        + (b"\x1d(k" + (len(code) + 3).to_bytes(2, "little") + b"1P0" + code)
        + b"\x1d(k\x03\x001Q0Berlaku hari ini saja\n"
        + CUT,
    )


class PrinterClient:
    """A connection to a virtual printer."""

    def __init__(self, device: VirtualPrinter, timeout_s: float = 5) -> None:
        self.socket = socket.create_connection((device.host, device.port), timeout=timeout_s)

    def __enter__(self) -> PrinterClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send all of ``data``."""
        self.socket.sendall(data)

    def ask(self, question: bytes, length: int = 1) -> bytes:
        """Send ``question`` and read exactly ``length`` bytes of answer."""
        self.socket.sendall(question)
        got = b""
        while len(got) < length:
            data = self.socket.recv(length - len(got))
            assert data, "the printer ended the connection"
            got += data
        return got

    def silent(self, question: bytes, seconds: float = 0.2) -> bool:
        """Whether no answer arrives within ``seconds``."""
        self.socket.sendall(question)
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(10) == b""
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(5)
