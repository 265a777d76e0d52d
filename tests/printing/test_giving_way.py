"""An idle look at a slow printer gives way to a slip, and its late answer is not mistaken."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from kiosk.domain.delivery import Fault, Level, Outcome, Proof
from kiosk.printing import status_protocol
from tests.desk.counter import Counter, settings
from tests.printing.conftest import MakePrinter, MakeVirtual, short_slip

QUESTION = re.compile(rb"\x10\x04([\x01-\x04])")
CUT = b"\x1dVB\x00"
EVER = 1_000_000
WELL = [0x12, 0x12, 0x12, 0x12]
NO_PAPER = [0x1A, 0x32, 0x12, 0x7E]
COVER_OPEN = [0x1A, 0x16, 0x12, 0x12]


class Pensive:
    """A printer of level C, which answers one question at a time. ``now`` are the four bytes of
    its state; ``prompt`` is how many answers it still gives at once. The others wait until
    ``answer_all``, or until a whole slip has come; ``asked`` is set once one waits."""

    def __init__(self) -> None:
        self.now = WELL
        self.prompt = EVER
        self.asked, self.printed = threading.Event(), threading.Event()
        self._held: list[int] = []
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
                    self._held += [self.now[n[0] - 1] for n in QUESTION.findall(data)]
                if CUT in data:
                    self.printed.set()
                    self.answer_all()
                elif self.prompt > 0:
                    self.prompt -= 1
                    self._answer()
                elif self._held:
                    self.asked.set()

    def answer_all(self) -> None:
        """From now on it does not keep anybody waiting."""
        self.prompt = EVER
        self._answer()

    def _answer(self) -> None:
        with self._lock:
            assert self._line is not None
            self._line.sendall(bytes(self._held))
            self._held.clear()

    def close(self) -> None:
        """End it."""
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
def pensive() -> Iterator[Pensive]:
    """A printer that takes its time."""
    made = Pensive()
    yield made
    made.close()


@contextmanager
def looking(probe: Callable[[], object], printer: Pensive) -> Iterator[None]:
    """Within the block, an idle look waits for an answer."""
    printer.asked.clear()
    thread = threading.Thread(target=probe, daemon=True)
    thread.start()
    assert printer.asked.wait(10)
    yield
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here may end because an answer was given up."""
    monkeypatch.setattr(status_protocol, "ANSWER_S", 60.0)
    monkeypatch.setattr("kiosk.printing.direct.PROBE_S", 60.0)


def test_a_slip_does_not_wait_for_an_idle_look(
    pensive: Pensive, printer: MakePrinter, tmp_path: Path
) -> None:
    # It has no mouth to be asked about: a question that it does not know stays unanswered.
    port = printer(pensive.connection, level="C", deadline_s=30.0, mouth="none")
    counter = Counter(tmp_path, settings=settings(deadline_s=30.0), tray=port)
    assert counter.desk.probe().well
    pensive.prompt = 0
    with looking(counter.desk.probe, pensive):
        done = counter.desk.issue(counter.request("1"))
    assert done.result.proof is Proof.SENT
    assert pensive.printed.is_set()
    # Nobody wants the printer any more: the next look is a whole one.
    pensive.now = COVER_OPEN
    assert counter.desk.probe().fault is Fault.COVER_OPEN
    counter.close()


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [(WELL, NO_PAPER, Fault.PAPER_OUT), (COVER_OPEN, WELL, None)],
)
def test_the_answer_to_a_look_that_gave_way_is_not_taken_for_the_slips(
    pensive: Pensive,
    printer: MakePrinter,
    before: list[int],
    after: list[int],
    fault: Fault | None,
) -> None:
    port = printer(pensive.connection, level="C", deadline_s=30.0, mouth="none")
    assert port.probe().well
    wanted = threading.Event()
    pensive.now, pensive.prompt = before, 0
    with looking(lambda: port.probe(wanted.is_set), pensive):
        wanted.set()
    # Known well a moment ago, so the slip goes out at once; what was asked is answered then.
    pensive.now = after
    result = port.print(short_slip())
    outcome = Outcome.UNCERTAIN if fault else Outcome.PRINTED
    assert (result.outcome, result.fault) == (outcome, fault)


def test_a_fault_heard_before_the_look_gave_way_is_known(
    pensive: Pensive, printer: MakePrinter
) -> None:
    port = printer(pensive.connection, level="C", deadline_s=30.0, mouth="none")
    assert port.probe().well
    wanted = threading.Event()
    # It has said that it is offline, and not yet why.
    pensive.now, pensive.prompt = COVER_OPEN, 1
    with looking(lambda: port.probe(wanted.is_set), pensive):
        wanted.set()
    pensive.answer_all()
    result = port.print(short_slip())
    assert not pensive.printed.is_set()
    assert (result.outcome, result.fault) == (Outcome.NOT_PRINTED, Fault.COVER_OPEN)


def test_a_fault_of_a_slow_printer_that_is_known_costs_no_look(
    pensive: Pensive, printer: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.printing.direct.SLOW_S", 0.0)
    port = printer(pensive.connection, level="C", deadline_s=30.0, mouth="none")
    pensive.now = NO_PAPER
    assert port.probe().fault is Fault.PAPER_OUT
    pensive.prompt = 0
    result = port.print(short_slip())
    assert (result.outcome, result.fault) == (Outcome.NOT_PRINTED, Fault.PAPER_OUT)
    assert not pensive.asked.is_set()


@pytest.mark.parametrize("glances", [1, 3, 5, 9, 13])
def test_finding_out_what_a_printer_can_gives_way_as_well(
    virtual: MakeVirtual, printer: MakePrinter, monkeypatch: pytest.MonkeyPatch, glances: int
) -> None:
    monkeypatch.setattr(status_protocol, "PREEMPT_CHECK_S", 0.02)
    device = virtual(level="A")
    device.fault("delay", seconds=0.05)
    port = printer(device.connection, deadline_s=30.0, mouth="none")
    looked = iter(range(1000))
    port.probe(lambda: next(looked) >= glances)
    result = port.print(short_slip())
    assert (result.proof, result.level) == (Proof.CONFIRMED, Level.PROCESS_ID)
