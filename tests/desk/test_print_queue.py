"""The print queue: how long a visitor waits for the printer, and what its answers mean.

The slips come from a desk with a real journal, so that each test sees the number on paper and the
proof that is recorded.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

import pytest

from kiosk.background.worker import Worker
from kiosk.desk import IssueResult
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Fault, Outcome, PrintResult, Proof
from kiosk.domain.health import UNRESPONSIVE, PrinterHealth
from kiosk.domain.slip import Slip, TextLine
from kiosk.domain.ticket import Ticket
from kiosk.print_queue import PrintQueue
from kiosk.printer import open_printer
from tests.desk.rig import CONFIRMED, NO_PAPER, UNCERTAIN, FakePrinter, Gate, settings
from tests.desk.rig import DeskRig as AnyDeskRig
from tests.domain.menus import at
from virtual_printer import VirtualPrinter

DeskRig = AnyDeskRig[FakePrinter]
T = TypeVar("T")


def test_a_wedged_printer_delays_a_visitor_at_most_until_the_deadline(
    rig: DeskRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.print_queue.WORKER_GRACE_S", 0.05)
    rig.settings = settings(deadline_s=0.05)
    gate = Gate()
    rig.printer.before = gate
    stuck = rig.desk.issue(rig.request("t1"))
    assert stuck.result.outcome is Outcome.UNCERTAIN
    assert rig.desk.printer_health.fault is Fault.WEDGED
    assert rig.worker.wedged

    next_one = rig.desk.issue(rig.request("t2"))
    assert next_one.ticket.number == "DK-002"
    assert next_one.result.outcome is Outcome.NOT_PRINTED
    assert next_one.ticket.printed is Proof.SCREEN
    assert rig.desk.probe().fault is Fault.WEDGED

    late = threading.Event()
    record = rig.journal.record

    def recorded(ticket_id: str, proof: Proof) -> Ticket:
        ticket = record(ticket_id, proof)
        late.set()
        return ticket

    monkeypatch.setattr(rig.journal, "record", recorded)
    gate.opened.set()
    assert late.wait(10), "the late answer is not recorded"
    held = rig.journal.get("t1")
    assert held is not None
    assert held.printed is Proof.CONFIRMED
    assert rig.printer.numbers == ["DK-001"], "the second slip was printed after its deadline"


def test_the_result_of_a_job_updates_the_printer_health(rig: DeskRig) -> None:
    for answer, fault, held in (
        (NO_PAPER, Fault.PAPER_OUT, False),
        (UNCERTAIN, Fault.MUTE, True),
        (CONFIRMED, None, False),
    ):
        rig.printer.answers = [answer]
        rig.desk.issue(rig.request(f"t{fault}"))
        health = rig.desk.printer_health
        assert (health.fault, health.held, health.at) == (fault, held, at(9))


def test_an_exception_in_a_probe_is_a_printer_fault(rig: DeskRig) -> None:
    def raise_error() -> None:
        raise OSError("cable")

    rig.printer.before = raise_error
    assert rig.desk.probe().fault is Fault.ERROR


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.MUTE, Fault.GARBLED])
def test_a_visitor_does_not_wait_for_a_hanging_probe_of_an_unresponsive_printer(
    rig: DeskRig, fault: Fault
) -> None:
    rig.desk.probe()
    rig.printer.health = PrinterHealth(fault=fault, at=at(9))
    rig.desk.probe()
    gate = Gate()
    rig.printer.before = gate
    prober = threading.Thread(target=rig.desk.probe)
    prober.start()
    assert gate.reached.wait(5)
    done = rig.desk.issue(rig.request("t1"))
    assert prober.is_alive(), "the answer did not wait for the probe"
    assert (done.result.outcome, done.result.fault) == (Outcome.NOT_PRINTED, fault)
    gate.opened.set()
    prober.join(5)
    assert rig.printer.numbers == []


def test_an_unresponsive_printer_is_tried_again_after_some_seconds(
    rig: DeskRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.desk.probe()
    rig.printer.health = PrinterHealth(fault=Fault.MUTE, at=at(9))
    rig.desk.probe()
    assert rig.desk.issue(rig.request("t1")).result.fault is Fault.MUTE
    monkeypatch.setattr("kiosk.domain.health.UNRESPONSIVE_S", 0.0)
    assert rig.desk.issue(rig.request("t2")).result == CONFIRMED
    assert rig.printer.numbers == ["DK-002"]


@pytest.mark.parametrize("fault", [f for f in Fault if f not in UNRESPONSIVE])
def test_a_printer_that_answers_is_asked_before_each_slip(rig: DeskRig, fault: Fault) -> None:
    rig.printer.health = PrinterHealth(fault=fault, at=at(9))
    rig.desk.probe()
    assert rig.desk.issue(rig.request("t1")).result == CONFIRMED


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.MUTE, Fault.GARBLED])
def test_the_first_visitors_after_a_start_wait_for_a_printer_that_is_not_found_yet(
    rig: DeskRig, fault: Fault
) -> None:
    rig.settings = settings(deadline_s=60.0)
    rig.printer.health = PrinterHealth(fault=fault, at=at(9))
    rig.desk.probe()
    gone = PrintResult.not_printed(fault)
    gate = Gate()
    visitors = [
        threading.Thread(target=rig.desk.issue, args=(rig.request(f"t{i}"),)) for i in range(3)
    ]
    rig.printer.before = gate
    for visitor in visitors:
        visitor.start()
    assert gate.reached.wait(5)
    rig.printer.answers, rig.printer.before = [], lambda: None
    rig.printer.health = PrinterHealth(at=at(9))
    gate.opened.set()
    for visitor in visitors:
        visitor.join(30)
    assert sorted(rig.printer.numbers) == ["DK-001", "DK-002", "DK-003"]
    assert {t.printed for t in rig.journal.tickets()} == {Proof.CONFIRMED}
    rig.printer.answers = [gone]
    late = rig.desk.issue(rig.request("late"))
    assert late.result == gone, "a printer that has printed is not waited for"


def test_a_missing_printer_is_waited_for_only_until_the_limit_after_a_start(tmp_path: Path) -> None:
    gone = PrintResult.not_printed(Fault.UNREACHABLE)
    rig = DeskRig(tmp_path, settings=settings(deadline_s=0.5))
    rig.printer.health = PrinterHealth(fault=Fault.UNREACHABLE, at=at(9))
    rig.printer.answers = [gone]
    assert rig.desk.issue(rig.request("t1")).result.fault is Fault.UNREACHABLE
    asked = rig.printer.probes
    assert asked, "it was waited for"
    assert rig.desk.issue(rig.request("t2")).result.fault is Fault.UNREACHABLE
    assert rig.printer.probes == asked, "the second visitor waits as well"
    assert rig.printer.numbers == []
    rig.close()


def test_after_a_start_no_fault_but_a_missing_answer_is_waited_for(rig: DeskRig) -> None:
    rig.settings = settings(deadline_s=60.0)
    rig.printer.answers = [NO_PAPER, UNCERTAIN]
    assert rig.desk.issue(rig.request("t1")).result == NO_PAPER
    assert rig.desk.issue(rig.request("t2")).result == UNCERTAIN
    assert rig.printer.numbers == ["DK-002"], "an uncertain slip is never sent again"


@pytest.mark.parametrize("level", ["A", "B"])
def test_after_a_kill_the_first_visitor_waits_until_the_old_slip_can_be_out(
    tmp_path: Path, level: str
) -> None:
    with VirtualPrinter(level=level, speed_mm_s=400.0) as device:
        config = PrinterSettings(connection=device.connection, deadline_s=60.0)
        port = open_printer(config, pictures=lambda _: None, now=lambda: at(9), suspect=True)
        kiosk = replace(settings(), kiosk=replace(settings().kiosk, printer=config))
        rig = AnyDeskRig(tmp_path, settings=kiosk, printer=port)
        device.fault("delay", seconds=0.3)
        prober = threading.Thread(target=rig.desk.probe)
        prober.start()
        assert rig.desk.issue(rig.request("t1")).result.outcome is Outcome.PRINTED
        prober.join(60)
        port.close()
        rig.close()


def test_a_network_board_that_refuses_connections_after_a_restart_prints_the_first_slip(
    tmp_path: Path,
) -> None:
    with VirtualPrinter(level="A", speed_mm_s=400.0) as device:
        config = PrinterSettings(connection=device.connection, deadline_s=60.0, connect_s=0.2)
        port = open_printer(config, pictures=lambda _: None, now=lambda: at(9))
        kiosk = replace(settings(), kiosk=replace(settings().kiosk, printer=config))
        rig = AnyDeskRig(tmp_path, settings=kiosk, printer=port)
        device.fault("refuse")
        assert rig.desk.probe().fault is Fault.UNREACHABLE
        done: list[IssueResult] = []
        shown = threading.Event()
        visit = threading.Thread(
            target=lambda: done.append(rig.desk.issue(rig.request("t1"), lambda *_: shown.set()))
        )
        visit.start()
        assert shown.wait(10)
        assert rig.desk.probe().fault is Fault.UNREACHABLE
        device.mend()
        visit.join(60)
        assert [d.result.outcome for d in done] == [Outcome.PRINTED]
        port.close()
        rig.close()


def test_an_unresponsive_printer_is_not_asked_during_a_visit(tmp_path: Path) -> None:
    with VirtualPrinter(level="A", speed_mm_s=400.0) as device:
        config = PrinterSettings(connection=device.connection, level="A", deadline_s=8.0)
        port = open_printer(config, pictures=lambda _: None, now=lambda: at(9))
        rig = AnyDeskRig(tmp_path, printer=port)
        assert rig.desk.probe().well
        device.fault("mute")
        assert rig.desk.probe().fault is Fault.MUTE
        received = device.machine.received
        began = time.monotonic()
        done = rig.desk.issue(rig.request("t1"))
        assert time.monotonic() - began < 0.5
        assert (done.result.outcome, done.result.fault) == (Outcome.NOT_PRINTED, Fault.MUTE)
        assert device.machine.received == received, "the printer was asked"
        port.close()
        rig.close()


def test_a_slip_that_was_not_taken_is_recorded_for_the_last_ticket(rig: DeskRig) -> None:
    rig.desk.probe()
    rig.desk.issue(rig.request("t1"))
    rig.desk.issue(rig.request("t2"))
    rig.desk.probe()
    assert rig.journal.not_taken() == frozenset()
    rig.printer.health = PrinterHealth(at=at(9), has_mouth=True, in_mouth=True, not_taken=1)
    rig.desk.probe()
    rig.desk.probe()
    assert rig.journal.not_taken() == {"t2"}


# ── what the owner of the tickets is asked ───────────────────────────────────────────────

TICKET = Ticket("t1", "5" * 32, "DK-001", date(2026, 11, 24), "ktp", "id", at(9))
SLIP = Slip("DK-001", (TextLine("DK-001"),))


class CountingWorker(Worker):
    """The printer's thread; ``queued`` is released once for each job that was submitted."""

    def __init__(self) -> None:
        super().__init__("printer")
        self.queued = threading.Semaphore(0)

    def submit(self, job: Callable[[], T], deadline_s: float) -> Future[T]:
        future = super().submit(job, deadline_s)
        self.queued.release()
        return future


class TicketOwner:
    """A print queue with a fake printer and a real thread, and what its owner was asked."""

    def __init__(self) -> None:
        self.printer, self.worker = FakePrinter(), CountingWorker()
        self.void: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self.queue = PrintQueue(
            self.printer,
            self.worker,
            settings=lambda: PrinterSettings(deadline_s=10.0, connect_s=0.0),
            now=lambda: at(9),
            is_void=self._is_void,
            record_late=lambda *_: None,
            note_not_taken=lambda _: None,
        )

    def _is_void(self, ticket_id: str) -> bool:
        self.asked.append((ticket_id, threading.current_thread().name))
        return ticket_id in self.void


@pytest.fixture
def owner() -> Iterator[TicketOwner]:
    owner = TicketOwner()
    yield owner
    assert owner.worker.stop(10)


def test_whether_a_ticket_is_void_is_asked_on_the_printer_s_thread_when_its_turn_has_come(
    owner: TicketOwner,
) -> None:
    gate = Gate()
    owner.worker.submit(gate, 10)
    assert gate.reached.wait(10)
    assert owner.worker.queued.acquire(timeout=10)
    results: list[PrintResult] = []
    visit = threading.Thread(target=lambda: results.append(owner.queue.print(SLIP, TICKET)))
    visit.start()
    assert owner.worker.queued.acquire(timeout=10)
    assert owner.asked == []
    owner.void.add("t1")
    gate.opened.set()
    visit.join(10)
    assert owner.asked == [("t1", "printer")]
    assert [(r.outcome, r.fault) for r in results] == [(Outcome.NOT_PRINTED, None)]
    assert owner.printer.slips == []


def test_a_ticket_that_becomes_void_once_its_slip_has_begun_is_printed(owner: TicketOwner) -> None:
    def begin() -> None:
        owner.void.add("t1")

    owner.printer.before = begin
    assert owner.queue.print(SLIP, TICKET) == CONFIRMED
    assert owner.printer.slips == [SLIP]


def test_no_question_is_asked_about_a_slip_without_a_ticket(owner: TicketOwner) -> None:
    assert owner.queue.print(SLIP) == CONFIRMED
    assert owner.asked == []
