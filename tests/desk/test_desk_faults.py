"""The desk when a slip or the journal fails: the number stays valid, the proof is correct."""

from __future__ import annotations

import logging
from datetime import date

import pytest

from kiosk.domain.delivery import Level, Outcome, PrintResult, Proof
from kiosk.domain.ticket import Ticket
from kiosk.errors import (
    JournalFull,
    JournalReadOnly,
    PrinterUnreachable,
)
from tests.desk.rig import CONFIRMED, NO_PAPER, UNCERTAIN, FakePrinter
from tests.desk.rig import DeskRig as AnyDeskRig
from tests.domain.menus import at

DeskRig = AnyDeskRig[FakePrinter]
TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)


# ── printer faults ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "proof"),
    [
        (CONFIRMED, Proof.CONFIRMED),
        (PrintResult(Outcome.PRINTED, Level.STATUS), Proof.SENT),
        (UNCERTAIN, Proof.UNCERTAIN),
        (NO_PAPER, Proof.SCREEN),
        (PrinterUnreachable("gone"), Proof.UNCERTAIN),
        (ZeroDivisionError(), Proof.UNCERTAIN),
        (TimeoutError(), Proof.UNCERTAIN),
    ],
)
def test_the_number_stays_valid_after_any_printer_result(
    rig: DeskRig, answer: PrintResult | Exception, proof: Proof
) -> None:
    rig.printer.answers = [answer]
    done = rig.desk.issue(rig.request("t1"))
    assert done.ticket.number == "DK-001"
    assert done.ticket.printed is done.result.proof is proof


def test_the_number_is_shown_if_the_slip_cannot_be_composed(
    rig: DeskRig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("slip.copy")

    monkeypatch.setattr("kiosk.desk.compose", broken)
    with caplog.at_level(logging.ERROR):
        done = rig.desk.issue(rig.request("t1"))
    assert (done.ticket.number, done.ticket.printed) == ("DK-001", Proof.SCREEN)
    assert "DK-001" in caplog.text


# ── the journal fails after the number was shown ─────────────────────────────────────────


def test_the_number_stays_valid_if_its_outcome_cannot_be_recorded(
    rig: DeskRig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> Ticket:
        raise JournalFull("the disk is full")

    monkeypatch.setattr(rig.journal, "record", full)
    with caplog.at_level(logging.ERROR):
        done = rig.desk.issue(rig.request("t1"))
    assert (done.ticket.number, done.result) == ("DK-001", CONFIRMED)
    assert done.ticket.printed is None
    assert "DK-001" in caplog.text
    assert rig.desk.unfinished() == done.ticket


def test_after_damage_to_the_journal_numbers_have_a_new_letter(rig: DeskRig) -> None:
    rig.desk.issue(rig.request("t1"))
    rig.journal._db.execute("DROP TABLE line")
    done = rig.desk.issue(rig.request("t2"))
    assert done.ticket.number == "DK-A001"
    assert "damaged" in str(rig.journal.notices[0])
    assert rig.desk.issue(rig.request("t1")).ticket.number == "DK-001"
    assert rig.printer.numbers == ["DK-001", "DK-A001"]


def test_the_outcome_is_recorded_if_the_journal_is_damaged_during_the_print(
    rig: DeskRig,
) -> None:
    def damage() -> None:
        rig.journal._db.execute("DROP TABLE line")

    rig.printer.before = damage
    done = rig.desk.issue(rig.request("t1"))
    rig.printer.before = lambda: None
    assert done.ticket.printed is Proof.CONFIRMED
    assert rig.desk.issue(rig.request("t2")).ticket.number == "DK-A001"


def test_a_damaged_journal_that_cannot_be_replaced_raises_the_reason(
    rig: DeskRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.journal._db.execute("DROP TABLE line")
    with monkeypatch.context() as disk:

        def read_only(*_: object) -> None:
            raise JournalReadOnly("the disk refuses writing")

        disk.setattr("kiosk.store.journal.prepare", read_only)
        with pytest.raises(JournalReadOnly, match="refuses writing"):
            rig.desk.issue(rig.request("t1"))
    assert rig.desk.issue(rig.request("t1")).ticket.number == "DK-A001"


def test_a_clock_set_back_gives_no_number_twice(rig: DeskRig) -> None:
    rig.now = at(9, day=WEDNESDAY)
    first = [rig.desk.issue(rig.request(f"w{i}")).ticket.number for i in range(2)]
    rig.now = at(9)
    back = rig.desk.issue(rig.request("t1")).ticket
    assert back.number not in first
    assert back.business_date == TUESDAY
    assert any("clock went back" in str(n) for n in rig.journal.notices)
