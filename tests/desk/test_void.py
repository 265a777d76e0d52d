"""A number is given back at the desk, at any moment of its printing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from kiosk.domain.delivery import Fault, Outcome, PrintResult, Proof
from kiosk.domain.ticket import Ticket
from kiosk.errors import IssueRefused, JournalError
from tests.desk.counter import NO_PAPER, UNSURE, Counter, Gate, PaperTray, settings


def held(counter: Counter[PaperTray]) -> Ticket:
    ticket = counter.journal.get("t1")
    assert ticket is not None
    return ticket


def until(condition: Callable[[], bool]) -> None:
    """Wait for another thread."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


class Issuing:
    """``Desk.issue`` on a thread of its own."""

    def __init__(self, counter: Counter[PaperTray]) -> None:
        self.result: PrintResult | None = None
        self._counter = counter
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.result = self._counter.desk.issue(self._counter.request("t1")).result

    def end(self) -> PrintResult:
        self._thread.join(10)
        assert self.result is not None
        return self.result


def test_a_void_does_not_wait_for_the_slip_and_its_outcome_is_recorded(
    counter: Counter[PaperTray],
) -> None:
    counter.tray.before = gate = Gate()
    issuing = Issuing(counter)
    assert gate.reached.wait(10)
    assert counter.desk.void("t1").state == "void"
    assert held(counter).printed is None
    gate.opened.set()
    assert issuing.end().outcome is Outcome.PRINTED
    assert (held(counter).state, held(counter).printed) == ("void", Proof.CONFIRMED)
    assert counter.desk.unfinished() is None


def test_a_slip_that_waits_for_the_printer_is_not_printed_after_the_void(
    counter: Counter[PaperTray],
) -> None:
    gate, waiting = Gate(), counter.worker
    waiting.submit(gate, 10)
    assert gate.reached.wait(10)
    issuing = Issuing(counter)
    until(lambda: counter.journal.get("t1") is not None and counter.desk._jobs_waiting > 0)
    counter.desk.void("t1")
    gate.opened.set()
    assert (issuing.end().outcome, issuing.end().fault) == (Outcome.NOT_PRINTED, None)
    assert counter.tray.numbers == []
    assert (held(counter).state, held(counter).printed) == ("void", Proof.SCREEN)
    assert counter.desk.printer_health.well, "a void is no fault of the printer"
    assert counter.desk.issue(counter.request("t2")).ticket.number == "DK-002"


@pytest.mark.parametrize(("answer", "proof"), [(NO_PAPER, Proof.SCREEN), (UNSURE, Proof.UNCERTAIN)])
def test_a_void_keeps_what_is_known_about_the_paper(
    counter: Counter[PaperTray], answer: PrintResult, proof: Proof
) -> None:
    counter.tray.answers = [answer]
    counter.desk.issue(counter.request("t1"))
    counter.desk.void("t1")
    assert (held(counter).state, held(counter).printed) == ("void", proof)


def test_a_late_answer_of_a_wedged_printer_is_recorded_for_a_void_number(
    counter: Counter[PaperTray],
) -> None:
    counter.settings = settings(deadline_s=0.1)
    counter.tray.before = gate = Gate()
    result = counter.desk.issue(counter.request("t1")).result
    assert (result.outcome, result.fault) == (Outcome.UNCERTAIN, Fault.WEDGED)
    counter.desk.void("t1")
    gate.opened.set()
    until(lambda: held(counter).printed is Proof.CONFIRMED)
    assert held(counter).state == "void"


def test_a_void_twice_is_one_revision(counter: Counter[PaperTray]) -> None:
    counter.desk.issue(counter.request("t1"))
    assert counter.desk.void("t1") == counter.desk.void("t1")


def test_what_is_not_in_the_journal_cannot_be_given_back(counter: Counter[PaperTray]) -> None:
    with pytest.raises(JournalError):
        counter.desk.void("t9")


def test_neither_copy_nor_repeat_nor_restart_brings_a_void_number_back(
    counter: Counter[PaperTray],
) -> None:
    counter.tray.answers = [NO_PAPER]
    counter.desk.issue(counter.request("t1"))
    counter.desk.void("t1")
    counter.crash()
    assert counter.desk.unfinished() is None
    with pytest.raises(IssueRefused, match="DK-001 was taken back"):
        counter.desk.reprint("t1")
    again = counter.desk.issue(counter.request("t1"))
    assert (again.ticket.state, again.result.outcome) == ("void", Outcome.NOT_PRINTED)
    assert counter.tray.numbers == []
    assert counter.desk.issue(counter.request("t2")).ticket.number == "DK-022"
