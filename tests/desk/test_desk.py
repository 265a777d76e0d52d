"""The desk: refusals, the order of commit, screen and printer, repeats and copies."""

from __future__ import annotations

import threading
from dataclasses import replace
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
from kiosk.sync.values import ticket_row
from menu.catalogue import PriorityGroup
from menu.local_text import LocalText
from menu.schedule import Why
from tests.desk.rig import (
    CONFIRMED,
    MENU,
    NO_PAPER,
    UNCERTAIN,
    FakePrinter,
    Gate,
    is_copy,
    settings,
)
from tests.desk.rig import DeskRig as AnyDeskRig
from tests.domain.menus import at

DeskRig = AnyDeskRig[FakePrinter]
TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)


# ── a visit ──────────────────────────────────────────────────────────────────────────────


def test_a_visitor_gets_a_number_a_slip_and_a_journal_entry(rig: DeskRig) -> None:
    shown: list[Ticket] = []
    done = rig.desk.issue(rig.request("t1"), lambda ticket, _: shown.append(ticket))
    assert [t.number for t in shown] == ["DK-001"]
    assert shown[0].printed is None
    assert rig.printer.numbers == ["DK-001"]
    assert done.result == CONFIRMED
    assert (done.ticket.printed, done.ticket.rev, done.repeated) == (Proof.CONFIRMED, 2, False)
    assert rig.journal.get("t1") == done.ticket


def test_the_number_is_committed_and_shown_before_the_printer_is_used(rig: DeskRig) -> None:
    events: list[str] = []

    def shown(ticket: Ticket, _: object) -> None:
        held = rig.journal.get("t1")
        assert held == ticket
        events.append("shown")

    rig.printer.before = lambda: events.append("printer")
    rig.desk.issue(rig.request("t1"), shown)
    assert events == ["shown", "printer"]


def test_the_slip_is_printed_if_the_screen_fails(rig: DeskRig) -> None:
    def broken(_: Ticket, _ahead: object) -> None:
        raise RuntimeError("no window")

    done = rig.desk.issue(rig.request("t1"), broken)
    assert done.ticket.printed is Proof.CONFIRMED
    assert rig.printer.numbers == ["DK-001"]


def test_the_business_date_is_that_of_the_site_s_time_zone(rig: DeskRig) -> None:
    rig.now = at(7, 50).astimezone(UTC)
    assert rig.now.date() != TUESDAY
    done = rig.desk.issue(rig.request("t1"))
    assert done.ticket.business_date == TUESDAY
    assert done.ticket.issued_at.utcoffset() == timedelta(hours=8)


# ── refusals: no number is given or shown ────────────────────────────────────────────────


def refused(rig: DeskRig, ticket_id: str = "x", service: str = "ktp") -> IssueRefused:
    shown: list[Ticket] = []
    before = rig.journal.seq
    with pytest.raises(IssueRefused) as error:
        rig.desk.issue(rig.request(ticket_id, service), lambda ticket, _: shown.append(ticket))
    assert (shown, rig.journal.seq) == ([], before)
    assert rig.printer.slips == []
    assert "\n" not in str(error.value)
    return error.value


def test_a_refusal_outside_the_hours_says_when_the_service_opens(rig: DeskRig) -> None:
    rig.now = at(20)
    error = refused(rig)
    assert isinstance(error, ServiceClosed)
    assert (error.reason, error.opening.why) == (Refusal.CLOSED, Why.CUTOFF)
    assert error.opening.opens is not None
    assert error.opening.opens.date() == WEDNESDAY
    assert "2026-11-25 07:45" in str(error)


def test_a_service_that_is_not_in_the_menu_is_refused(rig: DeskRig) -> None:
    assert refused(rig, service="sim").reason is Refusal.UNKNOWN


def test_the_quota_counts_the_numbers_of_the_day_that_are_not_void(rig: DeskRig) -> None:
    rig.desk.issue(rig.request("a1", "akta"))
    rig.desk.issue(rig.request("a2", "akta"))
    rig.desk.issue(rig.request("k1", "kk"))
    rig.printer.slips.clear()
    assert refused(rig, service="akta").reason is Refusal.QUOTA
    rig.desk.void("a1")
    assert rig.desk.issue(rig.request("a3", "akta")).ticket.number == "DK-004"
    rig.now = at(9, day=WEDNESDAY)
    assert rig.desk.issue(rig.request("a4", "akta")).ticket.number == "DK-001"


def test_hours_and_quota_do_not_apply_to_a_repeated_request(rig: DeskRig) -> None:
    for name in ("a1", "a2"):
        rig.desk.issue(rig.request(name, "akta"))
    rig.now = at(22)
    again = rig.desk.issue(rig.request("a2", "akta"))
    assert (again.ticket.number, again.repeated) == ("DK-002", True)


def test_on_a_known_fault_the_setting_decides_whether_a_number_is_given(rig: DeskRig) -> None:
    rig.printer.health = PrinterHealth(fault=Fault.PAPER_OUT, at=at(9))
    rig.desk.probe()
    rig.settings = settings(on_fault=OnFault.STOP)
    error = refused(rig)
    assert (error.reason, "out of paper" in str(error)) == (Refusal.PRINTER, True)
    rig.settings = settings(on_fault=OnFault.SCREEN)
    rig.printer.answers = [NO_PAPER]
    done = rig.desk.issue(rig.request("t1"))
    assert (done.ticket.number, done.ticket.printed) == ("DK-001", Proof.SCREEN)


def test_the_setting_stop_probes_a_printer_of_unknown_health(rig: DeskRig) -> None:
    rig.settings = settings(on_fault=OnFault.STOP)
    rig.printer.health = PrinterHealth(fault=Fault.COVER_OPEN, at=at(9))
    assert refused(rig).reason is Refusal.PRINTER
    assert rig.printer.probes == 1


def test_a_kiosk_of_several_without_a_letter_gives_no_number(rig: DeskRig) -> None:
    rig.settings = settings(kiosks=2)
    with pytest.raises(LetterMissing, match="letter"):
        rig.desk.issue(rig.request("t1"))
    rig.settings = settings(kiosks=2, letter="B")
    assert rig.desk.issue(rig.request("t1")).ticket.number == "DK-B001"


def test_a_disk_that_is_nearly_full_gives_no_number(
    rig: DeskRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rig.journal, "free_bytes", lambda: 4096)
    with pytest.raises(JournalFull, match="disk is full"):
        rig.desk.issue(rig.request("t1"))
    assert rig.journal.tickets() == ()


# ── repeated requests ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("first", "papers"),
    [
        (CONFIRMED, ["DK-001"]),
        (PrintResult(Outcome.PRINTED, Level.BLIND), ["DK-001"]),
        (UNCERTAIN, ["DK-001"]),
        (NO_PAPER, ["DK-001"]),
    ],
)
def test_a_repeated_request_prints_only_if_the_slip_was_certainly_not_printed(
    rig: DeskRig, first: PrintResult, papers: list[str]
) -> None:
    rig.printer.answers = [first]
    one = rig.desk.issue(rig.request("t1"))
    two = rig.desk.issue(rig.request("t1"))
    assert two.ticket.number == one.ticket.number == "DK-001"
    assert rig.printer.numbers == papers
    assert two.repeated
    assert two.result.outcome is (CONFIRMED if first is NO_PAPER else first).outcome
    assert two.result.proof is two.ticket.printed


def test_a_repeated_request_after_a_crash_in_mid_print_prints_a_copy(rig: DeskRig) -> None:
    class PowerCut(BaseException):
        pass

    def cut(_: Ticket, _ahead: object) -> None:
        raise PowerCut

    with pytest.raises(PowerCut):
        rig.desk.issue(rig.request("t1"), cut)
    rig.crash()
    done = rig.desk.issue(rig.request("t1"))
    assert done.ticket.number == "DK-001"
    assert rig.printer.numbers == ["DK-001 copy"]


def test_the_same_id_for_another_service_is_refused(rig: DeskRig) -> None:
    rig.desk.issue(rig.request("t1", "ktp"))
    with pytest.raises(TicketMismatch):
        rig.desk.issue(rig.request("t1", "kk"))
    assert rig.printer.numbers == ["DK-001"]


def test_ten_concurrent_requests_with_one_id_make_one_ticket_and_one_slip(rig: DeskRig) -> None:
    start, numbers = threading.Barrier(10), []

    def tap() -> None:
        start.wait()
        numbers.append(rig.desk.issue(rig.request("t1")).ticket.number)

    threads = [threading.Thread(target=tap) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers == ["DK-001"] * 10
    assert rig.printer.numbers == ["DK-001"]
    assert len(rig.journal.tickets()) == 1


def test_a_slow_printer_does_not_delay_the_next_number(rig: DeskRig) -> None:
    gate, shown = Gate(), threading.Event()
    rig.printer.before = gate
    one = threading.Thread(target=rig.desk.issue, args=(rig.request("t1"),))
    two = threading.Thread(target=rig.desk.issue, args=(rig.request("t2"), lambda *_: shown.set()))
    one.start()
    assert gate.reached.wait(10)
    two.start()
    assert shown.wait(10), "while the first slip is still printing"
    gate.opened.set()
    one.join()
    two.join()
    assert rig.printer.numbers == ["DK-001", "DK-002"]


# ── copies, voids, the unfinished ticket ─────────────────────────────────────────────────


def test_a_copy_is_marked_and_confirms_an_uncertain_ticket(rig: DeskRig) -> None:
    rig.printer.answers = [UNCERTAIN]
    rig.desk.issue(rig.request("t1"))
    assert rig.desk.reprint("t1") == CONFIRMED
    assert rig.printer.numbers == ["DK-001", "DK-001 copy"]
    held = rig.journal.get("t1")
    assert held is not None
    assert held.printed is Proof.CONFIRMED


def test_a_failed_copy_does_not_change_the_proof(rig: DeskRig) -> None:
    rig.printer.answers = [PrintResult(Outcome.PRINTED, Level.BLIND), NO_PAPER]
    rig.desk.issue(rig.request("t1"))
    assert rig.desk.reprint("t1") == NO_PAPER
    held = rig.journal.get("t1")
    assert held is not None
    assert held.printed is Proof.SENT


def test_no_copy_of_an_unknown_or_void_ticket(rig: DeskRig) -> None:
    with pytest.raises(JournalError, match="holds no ticket"):
        rig.desk.reprint("t9")
    rig.desk.issue(rig.request("t1"))
    rig.desk.void("t1")
    with pytest.raises(IssueRefused, match="DK-001 was taken back"):
        rig.desk.reprint("t1")
    again = rig.desk.issue(rig.request("t1"))
    assert again.result.outcome is Outcome.NOT_PRINTED
    assert rig.printer.numbers == ["DK-001"]


def test_an_unfinished_ticket_is_offered_until_its_copy_is_printed(rig: DeskRig) -> None:
    def cut(_: Ticket, _ahead: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rig.desk.issue(rig.request("t1"), cut)
    rig.crash()
    offered = rig.desk.unfinished()
    assert offered is not None
    assert offered.number == "DK-001"
    rig.desk.reprint(offered.id)
    assert is_copy(rig.printer.slips[0])
    assert rig.desk.unfinished() is None
    assert rig.desk.issue(rig.request("t2")).ticket.number == "DK-022"


def test_the_slip_names_the_visitor_s_priority_groups_also_on_a_copy(rig: DeskRig) -> None:
    groups = (*MENU.priority_groups, PriorityGroup("pregnant", LocalText.same("Ibu hamil")))
    rig.settings = settings(catalogue=replace(MENU, priority_groups=groups))
    done = rig.desk.issue(rig.request("t1", priority="elderly", also=("pregnant",)))
    rig.desk.issue(rig.request("t2", priority="elderly"))
    rig.crash()
    rig.desk.reprint("t1")
    assert done.ticket.priority == "elderly"
    assert ticket_row(done.ticket)["priority"] == "elderly"
    names = {"Lansia", "Ibu hamil"}
    texts = [
        {line.text for line in slip.lines if isinstance(line, TextLine)} & names
        for slip in rig.printer.slips
    ]
    assert texts == [names, {"Lansia"}, names]
