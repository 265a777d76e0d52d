"""A printer that answers anything at all: no exception, no hang, no false confirmation."""

from __future__ import annotations

import random
import re
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from kiosk.domain.delivery import Outcome, Proof
from tests.printing.conftest import MakePrinter, short_slip

# Fragments of true answers, so that chance is given every chance.
PIECES = [
    b"\x12", b"\x16", b"\x1a", b"\x10\x00\x00\x00", b"\x37\x22", b"\x37\x22abcd\x00", b"\x00",
    b"\x37\x25\x00", b"\x0c", b"\x11", b"\x13", b"\x37\x72\x41\x00", b"\x37\x72\x40ab\x00", b"\xff",
]  # fmt: skip


class Babbler:
    """Answers whatever comes with random bytes, and now and then ends the connection.

    ``sane``: questions for its state it answers well, so that slips are begun.
    """

    sane = False

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.connection = f"network:127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """End it."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                with client:
                    self._babble(client)
            except OSError:
                if self._listener.fileno() < 0:
                    return

    def _babble(self, client: socket.socket) -> None:
        while data := client.recv(4096):
            if self.sane and re.fullmatch(rb"\x10\x04[\x01-\x04]", data):
                client.sendall(b"\x12")
                continue
            count = self._random.choice([0, 1, 1, 1, 2, 5])
            for _ in range(count):
                noise = self._random.randbytes(self._random.randint(1, 9))
                client.sendall(self._random.choice([*PIECES, noise]))
            if self._random.random() < 0.05:
                return


@pytest.fixture(params=range(12))
def babbler(request: pytest.FixtureRequest) -> Iterator[Babbler]:
    """One for each seed."""
    made = Babbler(request.param)
    yield made
    made.close()


def test_babble_is_never_a_confirmation(
    babbler: Babbler, printer: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk.printing import dialogue

    monkeypatch.setattr(dialogue, "ANSWER_S", 0.03)
    for level in ("A", "B", "auto"):
        port = printer(babbler.connection, level=level, deadline_s=0.25, connect_s=0.25)
        for _ in range(6):
            began = time.monotonic()
            port.probe()
            port.release()
            result = port.print(short_slip())
            assert time.monotonic() - began < 8
            assert result.proof is not Proof.CONFIRMED, result
            if level != "auto":
                assert result.outcome is not Outcome.PRINTED
            assert "\n" not in result.detail
        port.close()


def test_a_babbled_echo_is_never_believed(babbler: Babbler, printer: MakePrinter) -> None:
    babbler.sane = True
    port = printer(babbler.connection, level="A", deadline_s=0.12)
    outcomes = []
    for _ in range(6):
        port.release()
        port.probe()
        outcomes.append(port.print(short_slip()).outcome)
    assert Outcome.PRINTED not in outcomes
    assert Outcome.UNCERTAIN in outcomes
