"""A void at any moment of the slip's printing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from kiosk.domain.delivery import Fault, Outcome, PrintResult, Proof
from kiosk.domain.ticket import Ticket
from kiosk.errors import IssueRefused, JournalError
from tests.desk.rig import NO_PAPER, UNCERTAIN, DeskRig, FakePrinter, Gate, settings


def held(rig: DeskRig[FakePrinter]) -> Ticket:
    ticket = rig.journal.get("t1")
    assert ticket is not None
    return ticket


def until(condition: Callable[[], bool]) -> None:
    """Wait for another thread."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


class BackgroundIssue:
    """Runs ``Desk.issue`` in a thread."""

    def __init__(self, rig: DeskRig[FakePrinter]) -> None:
        self.result: PrintResult | None = None
        self._rig = rig
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.result = self._rig.desk.issue(self._rig.request("t1")).result

    def end(self) -> PrintResult:
        self._thread.join(10)
        assert self.result is not None
        return self.result


def test_a_void_does_not_wait_for_the_slip_and_its_outcome_is_recorded(
    rig: DeskRig[FakePrinter],
) -> None:
    rig.printer.before = gate = Gate()
    issuing = BackgroundIssue(rig)
    assert gate.reached.wait(10)
    assert rig.desk.void("t1").state == "void"
    assert held(rig).printed is None
    gate.opened.set()
    assert issuing.end().outcome is Outcome.PRINTED
    assert (held(rig).state, held(rig).printed) == ("void", Proof.CONFIRMED)
    assert rig.desk.unfinished() is None


def test_a_queued_slip_is_not_printed_after_the_void(
    rig: DeskRig[FakePrinter],
) -> None:
    gate, waiting = Gate(), rig.worker
    waiting.submit(gate, 10)
    assert gate.reached.wait(10)
    issuing = BackgroundIssue(rig)
    until(lambda: rig.journal.get("t1") is not None and rig.desk._print_queue._jobs_waiting > 0)
    rig.desk.void("t1")
    gate.opened.set()
    assert (issuing.end().outcome, issuing.end().fault) == (Outcome.NOT_PRINTED, None)
    assert rig.printer.numbers == []
    assert (held(rig).state, held(rig).printed) == ("void", Proof.SCREEN)
    assert rig.desk.printer_health.well, "a void was reported as a printer fault"
    assert rig.desk.issue(rig.request("t2")).ticket.number == "DK-002"


@pytest.mark.parametrize(
    ("answer", "proof"), [(NO_PAPER, Proof.SCREEN), (UNCERTAIN, Proof.UNCERTAIN)]
)
def test_a_void_keeps_the_recorded_proof(
    rig: DeskRig[FakePrinter], answer: PrintResult, proof: Proof
) -> None:
    rig.printer.answers = [answer]
    rig.desk.issue(rig.request("t1"))
    rig.desk.void("t1")
    assert (held(rig).state, held(rig).printed) == ("void", proof)


def test_a_late_answer_of_a_wedged_printer_is_recorded_for_a_void_number(
    rig: DeskRig[FakePrinter],
) -> None:
    rig.settings = settings(deadline_s=0.1)
    rig.printer.before = gate = Gate()
    result = rig.desk.issue(rig.request("t1")).result
    assert (result.outcome, result.fault) == (Outcome.UNCERTAIN, Fault.WEDGED)
    rig.desk.void("t1")
    gate.opened.set()
    until(lambda: held(rig).printed is Proof.CONFIRMED)
    assert held(rig).state == "void"


def test_a_repeated_void_makes_no_new_revision(rig: DeskRig[FakePrinter]) -> None:
    rig.desk.issue(rig.request("t1"))
    assert rig.desk.void("t1") == rig.desk.void("t1")


def test_an_unknown_ticket_cannot_be_voided(rig: DeskRig[FakePrinter]) -> None:
    with pytest.raises(JournalError):
        rig.desk.void("t9")


def test_a_void_number_stays_void_after_copy_repeat_and_restart(
    rig: DeskRig[FakePrinter],
) -> None:
    rig.printer.answers = [NO_PAPER]
    rig.desk.issue(rig.request("t1"))
    rig.desk.void("t1")
    rig.crash()
    assert rig.desk.unfinished() is None
    with pytest.raises(IssueRefused, match="DK-001 was taken back"):
        rig.desk.reprint("t1")
    again = rig.desk.issue(rig.request("t1"))
    assert (again.ticket.state, again.result.outcome) == ("void", Outcome.NOT_PRINTED)
    assert rig.printer.numbers == []
    assert rig.desk.issue(rig.request("t2")).ticket.number == "DK-022"
