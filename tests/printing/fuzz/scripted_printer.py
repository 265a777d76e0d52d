"""A printer on a socket that answers as its script says, and prints nothing."""

from __future__ import annotations

import contextlib
import random
import select
import socket
import struct
import threading
from dataclasses import dataclass, field
from types import TracebackType

from tests.printing.fuzz.script import (
    CORRECT,
    FAULT_STATUS,
    READY,
    READY_STATUS,
    Answer,
    AnswerStep,
    Script,
)
from virtual_printer.commands import CLEAR_BUFFER, Command, next_command

LONG = 300
"""From this many bytes on, they are sent in one piece and not counted."""


@dataclass(slots=True)
class SlipAnswers:
    """The answers from the first letter of one slip on.

    ``data``: all bytes. ``confirmation``: the correct answer to the slip's last question, empty
    until that was asked. ``faulty_status``: an automatic status named a fault before the correct
    confirmation, and every answer before it was correct.
    """

    data: bytearray = field(default_factory=bytearray)
    confirmation: bytes = b""
    faulty_status: bool = False
    correct_so_far: bool = True
    confirmed: bool = False

    def note(self, step: AnswerStep, data: bytes) -> None:
        """Record one step with its bytes."""
        self.data += data
        if step.kind == "bytes" and data not in (b"\x11", b"\x13", *READY_STATUS):
            is_status = data in FAULT_STATUS
            self.faulty_status = self.faulty_status or (
                is_status and self.correct_so_far and not self.confirmed
            )
            self.correct_so_far = self.correct_so_far and is_status
        elif step.kind != "correct":
            self.correct_so_far = False


class ScriptedPrinter:
    """Serves one client after another until it is closed.

    ``answers`` has an entry for each slip that arrived, ``received`` is all that was received,
    ``sent`` counts the bytes sent, without those of floods.
    """

    def __init__(self, script: Script) -> None:
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._noise = random.Random(0)
        self.host, self.port = self._listener.getsockname()
        self.answers: list[SlipAnswers] = []
        self.received = bytearray()
        self.sent = 0
        self._stop_receiver, self._stop_sender = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="scripted printer", daemon=True)
        self._thread.start()

    @property
    def connection(self) -> str:
        """The connection as written in ``kiosk.yaml``."""
        return f"network:{self.host}:{self.port}"

    def __enter__(self) -> ScriptedPrinter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop_sender.close()
        self._thread.join(10)
        self._listener.close()
        self._stop_receiver.close()

    def _serve(self) -> None:
        while self._is_readable(self._listener):
            client, _ = self._listener.accept()
            with client, contextlib.suppress(OSError):
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client.settimeout(0.2)
                self._serve_client(client)

    def _is_readable(self, what: socket.socket) -> bool:
        """Wait for something to read; False once the printer is to stop."""
        poll = select.poll()
        poll.register(self._stop_receiver, select.POLLIN)
        poll.register(what, select.POLLIN)
        return self._stop_receiver.fileno() not in dict(poll.poll())

    def _serve_client(self, client: socket.socket) -> None:
        """Serve one client until it, or the script, ends the connection."""
        position = _Position(self._script)
        buffer = b""
        while self._is_readable(client):
            data = client.recv(4096)
            if not data:
                return
            self.received += data
            buffer += data
            while (found := next_command(buffer))[0] is not None:
                command, used = found
                raw, buffer = buffer[:used], buffer[used:]
                assert command is not None
                if command.name == "ESC @" and position.after:
                    position = _Position(self._script)
                elif command.name == "text" and not position.after:
                    position.after = True
                    self.answers.append(SlipAnswers())
                correct = correct_answer(command, raw)
                if correct and not self._answer(client, position, command, correct):
                    return

    def _answer(
        self, client: socket.socket, position: _Position, command: Command, correct: bytes
    ) -> bool:
        """Send the script's next answer; False when it ends the connection."""
        answer, confirmation = position.next(), command.name in ("GS ( H", "GS r")
        if position.after and confirmation:
            self.answers[-1].confirmation = correct
        for step in answer:
            if step.kind in ("close", "reset"):
                if step.kind == "reset":
                    option = struct.pack("ii", 1, 0)
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
                return False
            data = position.encode(step, correct, self._noise)
            if position.after:
                answers = self.answers[-1]
                answers.note(step, data)
                answers.confirmed = answers.confirmed or (confirmation and step.kind == "correct")
            self._send(client, data)
        position.last = correct
        return True

    def _send(self, client: socket.socket, data: bytes) -> None:
        pieces = self._script.pieces if len(data) < LONG else ()
        at = i = 0
        while at < len(data):
            size = pieces[i % len(pieces)] if pieces else len(data)
            client.sendall(data[at : at + size])
            at, i = at + size, i + 1
        self.sent += len(data) if len(data) < LONG else 0


class _Position:
    """The position in the script, for one slip on one connection."""

    def __init__(self, script: Script) -> None:
        self._answers_before, self._answers_after = list(script.before), list(script.after)
        self.after = False
        self.last = READY
        self._delayed = b""

    def next(self) -> Answer:
        """The answer to the next question."""
        left = self._answers_after if self.after else self._answers_before
        return left.pop(0) if left else (CORRECT,)

    def encode(self, step: AnswerStep, correct: bytes, noise: random.Random) -> bytes:
        """The bytes to send for one step."""
        if step.kind == "late":
            self._delayed += correct
            return b""
        delayed, self._delayed = self._delayed, b""
        other = bytes((correct[0], *(0x21 + (b + 1) % 94 for b in correct[1:])))
        return delayed + {
            "correct": correct,
            "stale": self.last,
            "short": correct[: step.count],
            "other": correct[:2] + other[2:-1] + correct[-1:] if len(correct) > 3 else correct,
            "flood": noise.randbytes(step.count),
            "bytes": step.data,
        }.get(step.kind, b"")


def correct_answer(command: Command, raw: bytes) -> bytes:
    """The answer of a printer without a fault; empty for a command that asks nothing."""
    if command.name == "GS ( H":
        return b"\x37\x22" + command.args[2:6] + b"\x00"
    if raw == CLEAR_BUFFER:
        return b"\x37\x25\x00"
    return {"DLE EOT": READY, "GS r": b"\x00", "GS a": READY_STATUS[0], "GS I": b"\x02"}.get(
        command.name, b""
    )
