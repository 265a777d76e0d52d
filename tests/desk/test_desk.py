"""The desk: what is refused, in which order things happen, and what becomes of the paper."""

from __future__ import annotations

import threading
from datetime import UTC, date, timedelta

import pytest

from kiosk.domain.config import OnFault
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult, Proof
from kiosk.domain.health import PrinterHealth
from kiosk.domain.slip import TextLine
from kiosk.domain.ticket import Ticket
from kiosk.errors import (
    IssueRefused,
    JournalError,
    JournalFull,
    LetterMissing,
    Refusal,
    TicketMismatch,
)
from kiosk.register import ServiceClosed
from menu.schedule import Why
from tests.desk.counter import DONE, NO_PAPER, UNSURE, Gate, PaperTray, is_copy, settings
from tests.desk.counter import Counter as AnyCounter
from tests.domain.menus import at

Counter = AnyCounter[PaperTray]
TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)


# ── a visit ──────────────────────────────────────────────────────────────────────────────


def test_a_visitor_gets_a_number_a_slip_and_an_entry(counter: Counter) -> None:
    shown: list[Ticket] = []
    done = counter.desk.issue(counter.request("t1"), lambda ticket, _: shown.append(ticket))
    assert [t.number for t in shown] == ["DK-001"]
    assert shown[0].printed is None
    assert counter.tray.numbers == ["DK-001"]
    assert done.result == DONE
    assert (done.ticket.printed, done.ticket.rev, done.repeated) == (Proof.CONFIRMED, 2, False)
    assert counter.journal.get("t1") == done.ticket


def test_the_number_is_committed_and_shown_before_a_byte_goes_out(counter: Counter) -> None:
    events: list[str] = []

    def shown(ticket: Ticket, _: object) -> None:
        held = counter.journal.get("t1")
        assert held == ticket
        events.append("shown")

    counter.tray.before = lambda: events.append("printer")
    counter.desk.issue(counter.request("t1"), shown)
    assert events == ["shown", "printer"]


def test_a_screen_that_fails_keeps_no_slip_back(counter: Counter) -> None:
    def broken(_: Ticket, _ahead: object) -> None:
        raise RuntimeError("no window")

    done = counter.desk.issue(counter.request("t1"), broken)
    assert done.ticket.printed is Proof.CONFIRMED
    assert counter.tray.numbers == ["DK-001"]


def test_the_business_date_is_the_sites(counter: Counter) -> None:
    counter.now = at(7, 50).astimezone(UTC)
    assert counter.now.date() != TUESDAY
    done = counter.desk.issue(counter.request("t1"))
    assert done.ticket.business_date == TUESDAY
    assert done.ticket.issued_at.utcoffset() == timedelta(hours=8)


# ── refused: no number, none shown ───────────────────────────────────────────────────────


def refused(counter: Counter, ticket_id: str = "x", service: str = "ktp") -> IssueRefused:
    shown: list[Ticket] = []
    before = counter.journal.seq
    with pytest.raises(IssueRefused) as error:
        counter.desk.issue(
            counter.request(ticket_id, service), lambda ticket, _: shown.append(ticket)
        )
    assert (shown, counter.journal.seq) == ([], before)
    assert counter.tray.slips == []
    assert "\n" not in str(error.value)
    return error.value


def test_outside_the_hours_the_visitor_hears_when(counter: Counter) -> None:
    counter.now = at(20)
    error = refused(counter)
    assert isinstance(error, ServiceClosed)
    assert (error.reason, error.opening.why) == (Refusal.CLOSED, Why.CUTOFF)
    assert error.opening.opens is not None
    assert error.opening.opens.date() == WEDNESDAY
    assert "2026-11-25 07:45" in str(error)


def test_a_service_that_is_not_in_the_menu_is_named(counter: Counter) -> None:
    assert refused(counter, service="sim").reason is Refusal.UNKNOWN


def test_the_quota_counts_todays_numbers_and_not_those_taken_back(counter: Counter) -> None:
    counter.desk.issue(counter.request("a1", "akta"))
    counter.desk.issue(counter.request("a2", "akta"))
    counter.desk.issue(counter.request("k1", "kk"))
    counter.tray.slips.clear()
    assert refused(counter, service="akta").reason is Refusal.QUOTA
    counter.desk.void("a1")
    assert counter.desk.issue(counter.request("a3", "akta")).ticket.number == "DK-004"
    counter.now = at(9, day=WEDNESDAY)
    assert counter.desk.issue(counter.request("a4", "akta")).ticket.number == "DK-001"


def test_a_repeat_is_no_new_visitor_for_hours_or_quota(counter: Counter) -> None:
    for name in ("a1", "a2"):
        counter.desk.issue(counter.request(name, "akta"))
    counter.now = at(22)
    again = counter.desk.issue(counter.request("a2", "akta"))
    assert (again.ticket.number, again.repeated) == ("DK-002", True)


def test_on_a_known_fault_stop_gives_no_number_and_screen_does(counter: Counter) -> None:
    counter.tray.health = PrinterHealth(fault=Fault.PAPER_OUT, at=at(9))
    counter.desk.probe()
    counter.settings = settings(on_fault=OnFault.STOP)
    error = refused(counter)
    assert (error.reason, "out of paper" in str(error)) == (Refusal.PRINTER, True)
    counter.settings = settings(on_fault=OnFault.SCREEN)
    counter.tray.answers = [NO_PAPER]
    done = counter.desk.issue(counter.request("t1"))
    assert (done.ticket.number, done.ticket.printed) == ("DK-001", Proof.SCREEN)


def test_stop_asks_a_printer_that_nobody_has_asked_yet(counter: Counter) -> None:
    counter.settings = settings(on_fault=OnFault.STOP)
    counter.tray.health = PrinterHealth(fault=Fault.COVER_OPEN, at=at(9))
    assert refused(counter).reason is Refusal.PRINTER
    assert counter.tray.probes == 1


def test_several_kiosks_without_a_letter_give_no_numbers(counter: Counter) -> None:
    counter.settings = settings(kiosks=2)
    with pytest.raises(LetterMissing, match="letter"):
        counter.desk.issue(counter.request("t1"))
    counter.settings = settings(kiosks=2, letter="B")
    assert counter.desk.issue(counter.request("t1")).ticket.number == "DK-B001"


def test_a_disk_that_is_nearly_full_gives_no_number(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counter.journal, "free_bytes", lambda: 4096)
    with pytest.raises(JournalFull, match="disk is full"):
        counter.desk.issue(counter.request("t1"))
    assert counter.journal.tickets() == ()


# ── the same id again ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("first", "papers"),
    [
        (DONE, ["DK-001"]),
        (PrintResult(Outcome.PRINTED, Level.BLIND), ["DK-001"]),
        (UNSURE, ["DK-001"]),
        (NO_PAPER, ["DK-001"]),
    ],
)
def test_a_repeat_prints_only_what_certainly_did_not_come_out(
    counter: Counter, first: PrintResult, papers: list[str]
) -> None:
    counter.tray.answers = [first]
    one = counter.desk.issue(counter.request("t1"))
    two = counter.desk.issue(counter.request("t1"))
    assert two.ticket.number == one.ticket.number == "DK-001"
    assert counter.tray.numbers == papers
    assert two.repeated
    assert two.result.outcome is (DONE if first is NO_PAPER else first).outcome
    assert two.result.proof is two.ticket.printed


def test_a_repeat_after_a_crash_in_mid_print_is_a_copy(counter: Counter) -> None:
    class PowerCut(BaseException):
        pass

    def cut(_: Ticket, _ahead: object) -> None:
        raise PowerCut

    with pytest.raises(PowerCut):
        counter.desk.issue(counter.request("t1"), cut)
    counter.crash()
    done = counter.desk.issue(counter.request("t1"))
    assert done.ticket.number == "DK-001"
    assert counter.tray.numbers == ["DK-001 copy"]


def test_the_same_id_for_another_service_is_refused(counter: Counter) -> None:
    counter.desk.issue(counter.request("t1", "ktp"))
    with pytest.raises(TicketMismatch):
        counter.desk.issue(counter.request("t1", "kk"))
    assert counter.tray.numbers == ["DK-001"]


def test_ten_threads_with_one_id_are_one_ticket_and_one_slip(counter: Counter) -> None:
    start, numbers = threading.Barrier(10), []

    def tap() -> None:
        start.wait()
        numbers.append(counter.desk.issue(counter.request("t1")).ticket.number)

    threads = [threading.Thread(target=tap) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers == ["DK-001"] * 10
    assert counter.tray.numbers == ["DK-001"]
    assert len(counter.journal.tickets()) == 1


def test_a_slow_printer_keeps_no_other_visitor_from_a_number(counter: Counter) -> None:
    gate, shown = Gate(), threading.Event()
    counter.tray.before = gate
    one = threading.Thread(target=counter.desk.issue, args=(counter.request("t1"),))
    two = threading.Thread(
        target=counter.desk.issue, args=(counter.request("t2"), lambda *_: shown.set())
    )
    one.start()
    assert gate.reached.wait(10)
    two.start()
    assert shown.wait(10), "while the first slip is still under way"
    gate.opened.set()
    one.join()
    two.join()
    assert counter.tray.numbers == ["DK-001", "DK-002"]


# ── copies, taking back, the unfinished ticket ───────────────────────────────────────────


def test_a_copy_says_so_and_makes_an_uncertain_paper_sure(counter: Counter) -> None:
    counter.tray.answers = [UNSURE]
    counter.desk.issue(counter.request("t1"))
    assert counter.desk.reprint("t1") == DONE
    assert counter.tray.numbers == ["DK-001", "DK-001 copy"]
    held = counter.journal.get("t1")
    assert held is not None
    assert held.printed is Proof.CONFIRMED


def test_a_copy_that_fails_takes_nothing_back(counter: Counter) -> None:
    counter.tray.answers = [PrintResult(Outcome.PRINTED, Level.BLIND), NO_PAPER]
    counter.desk.issue(counter.request("t1"))
    assert counter.desk.reprint("t1") == NO_PAPER
    held = counter.journal.get("t1")
    assert held is not None
    assert held.printed is Proof.SENT


def test_no_copy_of_what_is_unknown_or_was_taken_back(counter: Counter) -> None:
    with pytest.raises(JournalError, match="holds no ticket"):
        counter.desk.reprint("t9")
    counter.desk.issue(counter.request("t1"))
    counter.desk.void("t1")
    with pytest.raises(IssueRefused, match="DK-001 was taken back"):
        counter.desk.reprint("t1")
    again = counter.desk.issue(counter.request("t1"))
    assert again.result.outcome is Outcome.NOT_PRINTED
    assert counter.tray.numbers == ["DK-001"]


def test_the_unfinished_ticket_is_offered_and_its_copy_ends_it(counter: Counter) -> None:
    def cut(_: Ticket, _ahead: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        counter.desk.issue(counter.request("t1"), cut)
    counter.crash()
    offered = counter.desk.unfinished()
    assert offered is not None
    assert offered.number == "DK-001"
    counter.desk.reprint(offered.id)
    assert is_copy(counter.tray.slips[0])
    assert counter.desk.unfinished() is None
    assert counter.desk.issue(counter.request("t2")).ticket.number == "DK-022"


def test_a_group_that_may_go_first_is_named_on_the_slip(counter: Counter) -> None:
    done = counter.desk.issue(counter.request("t1", priority="elderly"))
    assert done.ticket.priority == "elderly"
    assert TextLine("Lansia") in counter.tray.slips[0].lines
