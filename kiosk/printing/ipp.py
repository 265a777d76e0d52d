"""One question to CUPS that its commands do not answer: in which state a job ended.

With the error policy ``abort-job`` lpstat says the same of a job that was given up as of one that
was printed; its ``job-state`` differs. Sources: RFC 8010 (encoding), RFC 8011, 4.3.4
("Get-Job-Attributes") and 5.3.7 ("job-state"), cupsd.conf(5) and client.conf(5) for the way there.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from pathlib import Path

COMPLETED = 9
"""The ``job-state`` of a job that was handed over whole."""

SOCKET = Path("/run/cups/cups.sock")
PORT = 631
MOST_BYTES = 65536

_GET_JOB_ATTRIBUTES = b"\x01\x01\x00\x09\x00\x00\x00\x01"
_OPERATION, _END = b"\x01", b"\x03"
_CHARSET, _LANGUAGE, _URI, _KEYWORD, _ENUM = 0x47, 0x48, 0x45, 0x44, 0x23


def job_state(number: int, deadline: float) -> int | None:
    """The ``job-state`` of job ``number`` of the CUPS that ``lp`` uses, 3 to 9; None where it
    cannot be asked before ``deadline`` (``time.monotonic()``)."""
    question = b"".join(
        (
            _GET_JOB_ATTRIBUTES,
            _OPERATION,
            _attribute(_CHARSET, b"attributes-charset", b"utf-8"),
            _attribute(_LANGUAGE, b"attributes-natural-language", b"en"),
            _attribute(_URI, b"job-uri", b"ipp://localhost/jobs/%d" % number),
            _attribute(_KEYWORD, b"requested-attributes", b"job-state"),
            _END,
        )
    )
    with contextlib.suppress(OSError, OverflowError), _line(deadline) as line:
        return _state_in(_answer(line, question, deadline))
    return None


def _attribute(tag: int, name: bytes, value: bytes) -> bytes:
    lengths = (len(name).to_bytes(2, "big"), len(value).to_bytes(2, "big"))
    return b"".join((bytes((tag,)), lengths[0], name, lengths[1], value))


def _state_in(answer: bytes) -> int | None:
    """The value of the enum ``job-state``: four bytes, most significant first."""
    start = _attribute(_ENUM, b"job-state", bytes(4))[:-4]
    at = answer.find(start)
    value = answer[at + len(start) : at + len(start) + 4]
    # "successful-ok" and its kin are below 0100h.
    well = answer[2:3] == b"\x00"
    return int.from_bytes(value, "big") if well and at >= 0 and len(value) == 4 else None


def _line(deadline: float) -> socket.socket:
    """A connection to where ``lp`` finds CUPS. Raises OSError."""
    server = os.environ.get("CUPS_SERVER", "") or str(SOCKET)
    if not server.startswith("/"):
        host, _, port = server.partition("/")[0].partition(":")
        address = (host, int(port) if port.isdigit() else PORT)
        return socket.create_connection(address, _left_s(deadline))
    made = socket.socket(socket.AF_UNIX)
    try:
        made.settimeout(_left_s(deadline))
        made.connect(server)
    except OSError:
        made.close()
        raise
    return made


def _answer(line: socket.socket, question: bytes, deadline: float) -> bytes:
    """What comes for ``question`` until CUPS ends the connection: HTTP/1.0 asks it to."""
    head = "POST / HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/ipp\r\n"
    head += f"Content-Length: {len(question)}\r\n\r\n"
    line.settimeout(_left_s(deadline))
    line.sendall(head.encode() + question)
    answer = b""
    while len(answer) < MOST_BYTES and time.monotonic() < deadline:
        line.settimeout(_left_s(deadline))
        piece = line.recv(MOST_BYTES)
        if not piece:
            break
        answer += piece
    start, _, body = answer.partition(b"\r\n\r\n")
    return body if start.split(b" ", 2)[1:2] == [b"200"] else b""


def _left_s(deadline: float) -> float:
    return max(0.001, deadline - time.monotonic())
