"""The desk when printer or journal fail: the number stands, and is told as it is."""

from __future__ import annotations

import logging
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult, Proof
from kiosk.domain.health import UNRESPONSIVE, PrinterHealth
from kiosk.domain.ticket import Ticket
from kiosk.errors import (
    JournalFull,
    JournalReadOnly,
    PrinterUnreachable,
)
from kiosk.printer import open_printer
from tests.desk.counter import DONE, NO_PAPER, UNSURE, Gate, PaperTray, settings
from tests.desk.counter import Counter as AnyCounter
from tests.domain.menus import at
from virtual_printer import VirtualPrinter

Counter = AnyCounter[PaperTray]
TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)


# ── the paper ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "proof"),
    [
        (DONE, Proof.CONFIRMED),
        (PrintResult(Outcome.PRINTED, Level.STATUS), Proof.SENT),
        (UNSURE, Proof.UNCERTAIN),
        (NO_PAPER, Proof.SCREEN),
        (PrinterUnreachable("gone"), Proof.UNCERTAIN),
        (ZeroDivisionError(), Proof.UNCERTAIN),
        (TimeoutError(), Proof.UNCERTAIN),
    ],
)
def test_whatever_the_printer_does_the_number_stands(
    counter: Counter, answer: PrintResult | Exception, proof: Proof
) -> None:
    counter.tray.answers = [answer]
    done = counter.desk.issue(counter.request("t1"))
    assert done.ticket.number == "DK-001"
    assert done.ticket.printed is done.result.proof is proof


def test_a_printer_that_never_comes_back_is_waited_for_no_longer_than_its_deadline(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.desk.WORKER_GRACE_S", 0.05)
    counter.settings = settings(deadline_s=0.05)
    gate = Gate()
    counter.tray.before = gate
    stuck = counter.desk.issue(counter.request("t1"))
    assert stuck.result.outcome is Outcome.UNCERTAIN
    assert counter.desk.printer_health.fault is Fault.WEDGED
    assert counter.worker.wedged

    next_one = counter.desk.issue(counter.request("t2"))
    assert next_one.ticket.number == "DK-002"
    assert next_one.result.outcome is Outcome.NOT_PRINTED
    assert next_one.ticket.printed is Proof.SCREEN
    assert counter.desk.probe().fault is Fault.WEDGED

    late = threading.Event()
    record = counter.journal.record

    def recorded(ticket_id: str, proof: Proof) -> Ticket:
        ticket = record(ticket_id, proof)
        late.set()
        return ticket

    monkeypatch.setattr(counter.journal, "record", recorded)
    gate.opened.set()
    assert late.wait(10), "the late answer is written down"
    held = counter.journal.get("t1")
    assert held is not None
    assert held.printed is Proof.CONFIRMED
    assert counter.tray.numbers == ["DK-001"], "the second slip never follows"


def test_a_slip_that_cannot_be_made_leaves_the_number_on_the_screen(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("slip.copy")

    monkeypatch.setattr("kiosk.desk.compose", broken)
    with caplog.at_level(logging.ERROR):
        done = counter.desk.issue(counter.request("t1"))
    assert (done.ticket.number, done.ticket.printed) == ("DK-001", Proof.SCREEN)
    assert "DK-001" in caplog.text


def test_what_a_job_tells_of_the_printer_is_known_at_once(counter: Counter) -> None:
    for answer, fault, held in (
        (NO_PAPER, Fault.PAPER_OUT, False),
        (UNSURE, Fault.MUTE, True),
        (DONE, None, False),
    ):
        counter.tray.answers = [answer]
        counter.desk.issue(counter.request(f"t{fault}"))
        health = counter.desk.printer_health
        assert (health.fault, health.held, health.at) == (fault, held, at(9))


def test_a_probe_that_breaks_is_a_fault_and_no_crash(counter: Counter) -> None:
    def breaks() -> None:
        raise OSError("cable")

    counter.tray.before = breaks
    assert counter.desk.probe().fault is Fault.ERROR


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.MUTE, Fault.GARBLED])
def test_a_dead_printer_is_not_waited_for_though_a_probe_hangs_on_it(
    counter: Counter, fault: Fault
) -> None:
    counter.tray.health = PrinterHealth(fault=fault, at=at(9))
    counter.desk.probe()
    gate = Gate()
    counter.tray.before = gate
    prober = threading.Thread(target=counter.desk.probe)
    prober.start()
    assert gate.reached.wait(5)
    done = counter.desk.issue(counter.request("t1"))
    assert prober.is_alive(), "the answer did not wait for the probe"
    assert (done.result.outcome, done.result.fault) == (Outcome.NOT_PRINTED, fault)
    gate.opened.set()
    prober.join(5)
    assert counter.tray.numbers == []


def test_a_printer_that_died_is_tried_again_after_a_while(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.tray.health = PrinterHealth(fault=Fault.MUTE, at=at(9))
    counter.desk.probe()
    assert counter.desk.issue(counter.request("t1")).result.fault is Fault.MUTE
    monkeypatch.setattr("kiosk.domain.health.UNRESPONSIVE_S", 0.0)
    assert counter.desk.issue(counter.request("t2")).result == DONE
    assert counter.tray.numbers == ["DK-002"]


@pytest.mark.parametrize("fault", [f for f in Fault if f not in UNRESPONSIVE])
def test_a_printer_that_answers_is_asked_before_each_slip(counter: Counter, fault: Fault) -> None:
    counter.tray.health = PrinterHealth(fault=fault, at=at(9))
    counter.desk.probe()
    assert counter.desk.issue(counter.request("t1")).result == DONE


def test_a_dead_printer_costs_a_visitor_nothing(tmp_path: Path) -> None:
    with VirtualPrinter(level="A", speed_mm_s=400.0) as device:
        config = PrinterSettings(connection=device.connection, level="A", deadline_s=8.0)
        port = open_printer(config, pictures=lambda _: None, now=lambda: at(9))
        counter = AnyCounter(tmp_path, tray=port)
        assert counter.desk.probe().well
        device.fault("mute")
        assert counter.desk.probe().fault is Fault.MUTE
        received = device.machine.received
        began = time.monotonic()
        done = counter.desk.issue(counter.request("t1"))
        assert time.monotonic() - began < 0.5
        assert (done.result.outcome, done.result.fault) == (Outcome.NOT_PRINTED, Fault.MUTE)
        assert device.machine.received == received, "it is not asked at all"
        port.close()
        counter.close()


def test_a_slip_that_nobody_took_is_noted_with_the_last_ticket(counter: Counter) -> None:
    counter.desk.probe()
    counter.desk.issue(counter.request("t1"))
    counter.desk.issue(counter.request("t2"))
    counter.desk.probe()
    assert counter.journal.not_taken() == frozenset()
    counter.tray.health = PrinterHealth(at=at(9), has_mouth=True, in_mouth=True, not_taken=1)
    counter.desk.probe()
    counter.desk.probe()
    assert counter.journal.not_taken() == {"t2"}


# ── the journal fails after the number was shown ─────────────────────────────────────────


def test_an_outcome_that_cannot_be_written_loses_no_number(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> Ticket:
        raise JournalFull("the disk is full")

    monkeypatch.setattr(counter.journal, "record", full)
    with caplog.at_level(logging.ERROR):
        done = counter.desk.issue(counter.request("t1"))
    assert (done.ticket.number, done.result) == ("DK-001", DONE)
    assert done.ticket.printed is None
    assert "DK-001" in caplog.text
    assert counter.desk.unfinished() == done.ticket


def test_a_journal_damaged_in_use_gives_a_number_with_a_new_letter(counter: Counter) -> None:
    counter.desk.issue(counter.request("t1"))
    counter.journal._db.execute("DROP TABLE line")
    done = counter.desk.issue(counter.request("t2"))
    assert done.ticket.number == "DK-A001"
    assert "damaged" in str(counter.journal.notices[0])
    assert counter.desk.issue(counter.request("t1")).ticket.number == "DK-001"
    assert counter.tray.numbers == ["DK-001", "DK-A001"]


def test_a_journal_damaged_while_the_slip_prints_keeps_the_outcome(counter: Counter) -> None:
    def harm() -> None:
        counter.journal._db.execute("DROP TABLE line")

    counter.tray.before = harm
    done = counter.desk.issue(counter.request("t1"))
    counter.tray.before = lambda: None
    assert done.ticket.printed is Proof.CONFIRMED
    assert counter.desk.issue(counter.request("t2")).ticket.number == "DK-A001"


def test_a_journal_that_cannot_be_replaced_says_what_stands_in_the_way(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.journal._db.execute("DROP TABLE line")
    with monkeypatch.context() as disk:

        def read_only(*_: object) -> None:
            raise JournalReadOnly("the disk refuses writing")

        disk.setattr("kiosk.store.journal.prepare", read_only)
        with pytest.raises(JournalReadOnly, match="refuses writing"):
            counter.desk.issue(counter.request("t1"))
    assert counter.desk.issue(counter.request("t1")).ticket.number == "DK-A001"


def test_a_clock_that_goes_back_gives_numbers_that_nobody_has(counter: Counter) -> None:
    counter.now = at(9, day=WEDNESDAY)
    first = [counter.desk.issue(counter.request(f"w{i}")).ticket.number for i in range(2)]
    counter.now = at(9)
    back = counter.desk.issue(counter.request("t1")).ticket
    assert back.number not in first
    assert back.business_date == TUESDAY
    assert any("clock went back" in str(n) for n in counter.journal.notices)
