"""A slip preempts an idle probe of a slow printer, and the probe's late answer is not misread."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from kiosk.domain.delivery import Fault, Level, Outcome, Proof
from kiosk.printing import dialogue, status_protocol
from tests.desk.rig import DeskRig, settings
from tests.printing.conftest import MakePrinter, MakeVirtual, short_slip

QUESTION = re.compile(rb"\x10\x04([\x01-\x04])")
CUT = b"\x1dVB\x00"
UNLIMITED = 1_000_000
READY = [0x12, 0x12, 0x12, 0x12]
NO_PAPER = [0x1A, 0x32, 0x12, 0x7E]
COVER_OPEN = [0x1A, 0x16, 0x12, 0x12]


class SlowPrinter:
    """A printer of level C that can withhold its answers.

    ``state``: its four status bytes. ``immediate_answers``: how many questions it still answers at
    once. It withholds the other answers until ``answer_all``, or until a complete slip arrived;
    ``question_received`` is set once it withholds one.
    """

    def __init__(self) -> None:
        self.state = READY
        self.immediate_answers = UNLIMITED
        self.question_received, self.printed = threading.Event(), threading.Event()
        self._pending: list[int] = []
        self._lock = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.connection = f"network:127.0.0.1:{self._server.getsockname()[1]}"
        self._line: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            line, _ = self._server.accept()
            self._line = line
            while data := line.recv(4096):
                with self._lock:
                    self._pending += [self.state[n[0] - 1] for n in QUESTION.findall(data)]
                if CUT in data:
                    self.printed.set()
                    self.answer_all()
                elif self.immediate_answers > 0:
                    self.immediate_answers -= 1
                    self._answer()
                elif self._pending:
                    self.question_received.set()

    def answer_all(self) -> None:
        """Send the withheld answers, and answer at once from now on."""
        self.immediate_answers = UNLIMITED
        self._answer()

    def _answer(self) -> None:
        with self._lock:
            assert self._line is not None
            self._line.sendall(bytes(self._pending))
            self._pending.clear()

    def close(self) -> None:
        """Stop the printer."""
        # shutdown() wakes the thread; close() alone leaves it in accept() or recv().
        for end in (self._server, self._line):
            if end is not None:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        for end in (self._server, self._line):
            if end is not None:
                end.close()


@pytest.fixture
def slow_printer() -> Iterator[SlowPrinter]:
    """A printer that can withhold its answers."""
    made = SlowPrinter()
    yield made
    made.close()


@contextmanager
def idle_probe(probe: Callable[[], object], printer: SlowPrinter) -> Iterator[None]:
    """Run an idle probe that waits for an answer within the block."""
    printer.question_received.clear()
    thread = threading.Thread(target=probe, daemon=True)
    thread.start()
    assert printer.question_received.wait(10)
    yield
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture(autouse=True)
def unlimited_answer_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """No probe may end by a timeout here."""
    monkeypatch.setattr(status_protocol, "ANSWER_S", 60.0)
    monkeypatch.setattr("kiosk.printing.direct.PROBE_S", 60.0)


def test_a_slip_does_not_wait_for_an_idle_probe(
    slow_printer: SlowPrinter, printer: MakePrinter, tmp_path: Path
) -> None:
    # No mouth: this printer does not answer questions about one.
    port = printer(slow_printer.connection, level="C", deadline_s=30.0, mouth="none")
    rig = DeskRig(tmp_path, settings=settings(deadline_s=30.0), printer=port)
    assert rig.desk.probe().well
    slow_printer.immediate_answers = 0
    with idle_probe(rig.desk.probe, slow_printer):
        done = rig.desk.issue(rig.request("1"))
    assert done.result.proof is Proof.SENT
    assert slow_printer.printed.is_set()
    # No job is waiting now: the next probe is not preempted.
    slow_printer.state = COVER_OPEN
    assert rig.desk.probe().fault is Fault.COVER_OPEN
    rig.close()


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [(READY, NO_PAPER, Fault.PAPER_OUT), (COVER_OPEN, READY, None)],
)
def test_the_answer_to_a_preempted_probe_is_not_read_as_the_slip_s(
    slow_printer: SlowPrinter,
    printer: MakePrinter,
    before: list[int],
    after: list[int],
    fault: Fault | None,
) -> None:
    port = printer(slow_printer.connection, level="C", deadline_s=30.0, mouth="none")
    assert port.probe().well
    wanted = threading.Event()
    slow_printer.state, slow_printer.immediate_answers = before, 0
    with idle_probe(lambda: port.probe(wanted.is_set), slow_printer):
        wanted.set()
    # The last probe found no fault, so the slip is sent at once; the withheld answers follow it.
    slow_printer.state = after
    result = port.print(short_slip())
    outcome = Outcome.UNCERTAIN if fault else Outcome.PRINTED
    assert (result.outcome, result.fault) == (outcome, fault)


def test_a_fault_reported_before_the_preemption_is_used(
    slow_printer: SlowPrinter, printer: MakePrinter
) -> None:
    port = printer(slow_printer.connection, level="C", deadline_s=30.0, mouth="none")
    assert port.probe().well
    wanted = threading.Event()
    # The first answer says offline; the reason is still withheld.
    slow_printer.state, slow_printer.immediate_answers = COVER_OPEN, 1
    with idle_probe(lambda: port.probe(wanted.is_set), slow_printer):
        wanted.set()
    slow_printer.answer_all()
    result = port.print(short_slip())
    assert not slow_printer.printed.is_set()
    assert (result.outcome, result.fault) == (Outcome.NOT_PRINTED, Fault.COVER_OPEN)


def test_a_known_fault_of_a_slow_printer_needs_no_question(
    slow_printer: SlowPrinter, printer: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.printing.direct.COSTLY_S", 0.0)
    port = printer(slow_printer.connection, level="C", deadline_s=30.0, mouth="none")
    slow_printer.state = NO_PAPER
    assert port.probe().fault is Fault.PAPER_OUT
    slow_printer.immediate_answers = 0
    result = port.print(short_slip())
    assert (result.outcome, result.fault) == (Outcome.NOT_PRINTED, Fault.PAPER_OUT)
    assert not slow_printer.question_received.is_set()


@pytest.mark.parametrize("checks_before_slip", [1, 3, 5, 9, 13])
def test_a_slip_preempts_the_detection_of_capabilities(
    virtual: MakeVirtual,
    printer: MakePrinter,
    monkeypatch: pytest.MonkeyPatch,
    checks_before_slip: int,
) -> None:
    monkeypatch.setattr(dialogue, "PREEMPT_CHECK_S", 0.02)
    device = virtual(level="A")
    device.fault("delay", seconds=0.05)
    port = printer(device.connection, deadline_s=30.0, mouth="none")
    checks = iter(range(1000))
    port.probe(lambda: next(checks) >= checks_before_slip)
    result = port.print(short_slip())
    assert (result.proof, result.level) == (Proof.CONFIRMED, Level.PROCESS_ID)
