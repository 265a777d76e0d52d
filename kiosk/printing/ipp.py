"""Ask CUPS by IPP for the state in which a job ended.

With the error policy ``abort-job``, lpstat prints the same for an aborted job as for a completed
one; only ``job-state`` differs. Sources: RFC 8010 (encoding), RFC 8011, 4.3.4
("Get-Job-Attributes") and 5.3.7 ("job-state"), cupsd.conf(5) and client.conf(5) for the address.
"""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

from kiosk.deadline import Deadline

COMPLETED = 9
"""The ``job-state`` of a job that was sent completely."""

SOCKET = Path("/run/cups/cups.sock")
PORT = 631
MOST_BYTES = 65536

_GET_JOB_ATTRIBUTES = b"\x01\x01\x00\x09\x00\x00\x00\x01"
_OPERATION, _END = b"\x01", b"\x03"
_CHARSET, _LANGUAGE, _URI, _KEYWORD, _ENUM = 0x47, 0x48, 0x45, 0x44, 0x23


def job_state(number: int, deadline: Deadline) -> int | None:
    """The ``job-state`` (3 to 9) of job ``number`` of the CUPS that ``lp`` uses; None when CUPS
    does not answer before ``deadline``."""
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
    with contextlib.suppress(OSError, OverflowError), _connection(deadline) as connection:
        return _state_in(_answer(connection, question, deadline))
    return None


def _attribute(tag: int, name: bytes, value: bytes) -> bytes:
    lengths = (len(name).to_bytes(2, "big"), len(value).to_bytes(2, "big"))
    return b"".join((bytes((tag,)), lengths[0], name, lengths[1], value))


def _state_in(answer: bytes) -> int | None:
    """The value of the enum ``job-state``: four bytes, most significant first."""
    start = _attribute(_ENUM, b"job-state", bytes(4))[:-4]
    at = answer.find(start)
    value = answer[at + len(start) : at + len(start) + 4]
    # Status codes below 0100h are successful ("successful-ok" and its variants).
    successful = answer[2:3] == b"\x00"
    return int.from_bytes(value, "big") if successful and at >= 0 and len(value) == 4 else None


def _connection(deadline: Deadline) -> socket.socket:
    """A connection to the address where ``lp`` finds CUPS. Raises OSError."""
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


def _answer(connection: socket.socket, question: bytes, deadline: Deadline) -> bytes:
    """The body of the answer, read until CUPS closes the connection, as HTTP/1.0 requires."""
    head = "POST / HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/ipp\r\n"
    head += f"Content-Length: {len(question)}\r\n\r\n"
    connection.settimeout(_left_s(deadline))
    connection.sendall(head.encode() + question)
    answer = b""
    while len(answer) < MOST_BYTES and not deadline.expired:
        connection.settimeout(_left_s(deadline))
        piece = connection.recv(MOST_BYTES)
        if not piece:
            break
        answer += piece
    start, _, body = answer.partition(b"\r\n\r\n")
    return body if start.split(b" ", 2)[1:2] == [b"200"] else b""


def _left_s(deadline: Deadline) -> float:
    return max(0.001, deadline.left())
