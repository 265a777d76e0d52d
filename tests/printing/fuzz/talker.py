"""A printer on a socket that says what its script says, and has no paper at all."""

from __future__ import annotations

import contextlib
import random
import select
import socket
import struct
import threading
from dataclasses import dataclass, field
from types import TracebackType

from tests.printing.fuzz.script import STATUS_WELL, TROUBLE, TRUTH, WELL, Answer, Saying, Script
from virtual_printer.commands import CLEAR_BUFFER, Command, next_command

LONG = 300
"""Bytes that are sent in one piece."""


@dataclass(slots=True)
class Said:
    """What was said from the first letter of one slip on.

    ``data``: all of it. ``word``: what a printer that is well says once the slip is out, empty
    until it was asked. ``trouble``: it told of a fault of its own accord before it gave its
    word, and had said nothing but the truth.
    """

    data: bytearray = field(default_factory=bytearray)
    word: bytes = b""
    trouble: bool = False
    honest: bool = True
    given: bool = False

    def note(self, saying: Saying, data: bytes) -> None:
        """One thing said, and the bytes of it."""
        self.data += data
        if saying.kind == "bytes" and data not in (b"\x11", b"\x13", *WELL):
            watch = data in TROUBLE
            self.trouble = self.trouble or (watch and self.honest and not self.given)
            self.honest = self.honest and watch
        elif saying.kind != "truth":
            self.honest = False


class Talker:
    """Serves one client after the other until it is closed. ``said`` has an entry for each slip
    whose letters came, ``heard`` is what came, ``sent`` counts bytes, those of floods aside."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._noise = random.Random(0)
        self.host, self.port = self._listener.getsockname()
        self.said: list[Said] = []
        self.heard = bytearray()
        self.sent = 0
        self._stop, self._stopper = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="talker", daemon=True)
        self._thread.start()

    @property
    def connection(self) -> str:
        """As ``kiosk.yaml`` writes it."""
        return f"network:{self.host}:{self.port}"

    def __enter__(self) -> Talker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopper.close()
        self._thread.join(10)
        self._listener.close()
        self._stop.close()

    def _serve(self) -> None:
        while self._comes(self._listener):
            client, _ = self._listener.accept()
            with client, contextlib.suppress(OSError):
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client.settimeout(0.2)
                self._hear_out(client)

    def _comes(self, what: socket.socket) -> bool:
        """Whether there is something to read; False once all is to end."""
        poll = select.poll()
        poll.register(self._stop, select.POLLIN)
        poll.register(what, select.POLLIN)
        return self._stop.fileno() not in dict(poll.poll())

    def _hear_out(self, client: socket.socket) -> None:
        """Serve one client until it, or the script, ends the connection."""
        turn = _Turn(self._script)
        buffer = b""
        while self._comes(client):
            data = client.recv(4096)
            if not data:
                return
            self.heard += data
            buffer += data
            while (found := next_command(buffer))[0] is not None:
                command, used = found
                raw, buffer = buffer[:used], buffer[used:]
                assert command is not None
                if command.name == "ESC @" and turn.behind:
                    turn = _Turn(self._script)
                elif command.name == "text" and not turn.behind:
                    turn.behind = True
                    self.said.append(Said())
                truth = truth_of(command, raw)
                if truth and not self._answer(client, turn, command, truth):
                    return

    def _answer(self, client: socket.socket, turn: _Turn, command: Command, truth: bytes) -> bool:
        """Say what the script says; False when that ends the connection."""
        answer, word = turn.next(), command.name in ("GS ( H", "GS r")
        if turn.behind and word:
            self.said[-1].word = truth
        for saying in answer:
            if saying.kind in ("close", "reset"):
                if saying.kind == "reset":
                    option = struct.pack("ii", 1, 0)
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
                return False
            data = turn.bytes_of(saying, truth, self._noise)
            if turn.behind:
                said = self.said[-1]
                said.note(saying, data)
                said.given = said.given or (word and saying.kind == "truth")
            self._send(client, data)
        turn.last = truth
        return True

    def _send(self, client: socket.socket, data: bytes) -> None:
        pieces = self._script.pieces if len(data) < LONG else ()
        at = i = 0
        while at < len(data):
            size = pieces[i % len(pieces)] if pieces else len(data)
            client.sendall(data[at : at + size])
            at, i = at + size, i + 1
        self.sent += len(data) if len(data) < LONG else 0


class _Turn:
    """How far the script has come, for one slip on one connection."""

    def __init__(self, script: Script) -> None:
        self._before, self._behind = list(script.before), list(script.behind)
        self.behind = False
        self.last = STATUS_WELL
        self._owed = b""

    def next(self) -> Answer:
        """The answer to the next question."""
        left = self._behind if self.behind else self._before
        return left.pop(0) if left else (TRUTH,)

    def bytes_of(self, saying: Saying, truth: bytes, noise: random.Random) -> bytes:
        """What goes out for one saying."""
        if saying.kind == "late":
            self._owed += truth
            return b""
        owed, self._owed = self._owed, b""
        other = bytes((truth[0], *(0x21 + (b + 1) % 94 for b in truth[1:])))
        return owed + {
            "truth": truth,
            "stale": self.last,
            "short": truth[: saying.count],
            "other": truth[:2] + other[2:-1] + truth[-1:] if len(truth) > 3 else truth,
            "flood": noise.randbytes(saying.count),
            "bytes": saying.data,
        }.get(saying.kind, b"")


def truth_of(command: Command, raw: bytes) -> bytes:
    """What a printer that is well answers; empty for what asks nothing."""
    if command.name == "GS ( H":
        return b"\x37\x22" + command.args[2:6] + b"\x00"
    if raw == CLEAR_BUFFER:
        return b"\x37\x25\x00"
    return {"DLE EOT": STATUS_WELL, "GS r": b"\x00", "GS a": WELL[0], "GS I": b"\x02"}.get(
        command.name, b""
    )
