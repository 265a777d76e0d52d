"""Whole visits as lists of events, with the expected screens and effects."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.config import OnFault
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult, Proof
from kiosk.domain.effects import Effect, Issue, PrintCopy, PrintDetails
from kiosk.domain.events import (
    AgencyChosen,
    AnotherTapped,
    BackTapped,
    BrowseAsked,
    ClosedAsked,
    Committed,
    ConfirmTapped,
    DetailsAsked,
    DetailsPrinted,
    DetailsPrintTapped,
    DoneTapped,
    Event,
    HelpTapped,
    HomeTapped,
    LanguageChosen,
    LanguagesAsked,
    OfferTaken,
    PageChosen,
    PrintFinished,
    PriorityChosen,
    Refused,
    RestartTapped,
    RetryTapped,
    ServiceChosen,
    Tick,
    Touched,
    Unfinished,
)
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import Ahead, Live, ServiceLive
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.domain.visit import begin, step
from kiosk.domain.visit_screens import (
    Agencies,
    Closed,
    Confirm,
    Help,
    Issuing,
    Offered,
    Problem,
    Services,
    Shown,
    number_on,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)
from kiosk.domain.visit_timers import seconds_left
from kiosk.errors import Refusal
from menu.catalogue import PriorityGroup
from menu.local_text import LocalText
from menu.schedule import Opening, Why
from tests.domain.menus import MENU, TUESDAY, at

PRINTED = PrintResult(Outcome.PRINTED, Level.PROCESS_ID)
SENT = PrintResult(Outcome.PRINTED, Level.STATUS)
UNCERTAIN = PrintResult(Outcome.UNCERTAIN, Level.PROCESS_ID, Fault.PAPER_OUT)
NOT_PRINTED = PrintResult(Outcome.NOT_PRINTED, Level.PROCESS_ID, Fault.PAPER_OUT)


class VisitRun:
    """A visit with a simulated clock. ``do`` applies events and collects their effects."""

    def __init__(self, **snapshot: object) -> None:
        self.snapshot = KioskSnapshot(MENU, at(9), 100.0, **snapshot)  # type: ignore[arg-type]
        self.visit = begin(self.snapshot)
        self.effects: list[Effect] = []
        self.ids = 0

    def do(self, *events: Event, apart_s: float = 1.0) -> VisitRun:
        for event in events:
            self.wait(apart_s)
            self.ids += 1
            fresh = replace(self.snapshot, fresh_id=f"id-{self.ids}", fresh_track="ab" * 16)
            self.visit, effects = step(self.visit, event, fresh)
            self.effects += effects
        return self

    def wait(self, seconds: float) -> VisitRun:
        now = self.snapshot.now + timedelta(seconds=seconds)
        self.snapshot = replace(self.snapshot, mono_s=self.snapshot.mono_s + seconds, now=now)
        return self

    @property
    def screen(self) -> Any:
        return self.visit.screen

    @property
    def requests(self) -> list[TicketRequest]:
        return [e.request for e in self.effects if isinstance(e, Issue)]

    def ticket(self, number: str = "DK-001") -> Ticket:
        request = self.requests[-1]
        now = self.snapshot.now
        return Ticket(
            request.id, request.track, number, now.date(), request.service, request.language, now
        )

    def arrive(self, result: PrintResult | None = PRINTED) -> VisitRun:
        """Apply the commit of the number and, with ``result``, the end of the print job."""
        self.do(Committed(self.ticket()), apart_s=0.02)
        if result is not None:
            self.do(PrintFinished(self.ticket(), result), apart_s=0.02)
        return self


def visit_at_number(result: PrintResult | None = PRINTED) -> VisitRun:
    return VisitRun().do(AgencyChosen("dukcapil"), ServiceChosen("ktp")).arrive(result)


# ── a number with two taps ───────────────────────────────────────────────────────────────


def test_two_taps_make_a_number_and_the_screen_returns_home() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"))
    assert run.screen == Services("dukcapil")
    run.do(ServiceChosen("ktp"))
    assert isinstance(run.screen, Issuing)
    assert [r.service for r in run.requests] == ["ktp"]
    run.arrive(result=None)
    assert isinstance(run.screen, Shown)
    assert run.screen.ticket.number == "DK-001"
    assert seconds_left(run.visit, run.snapshot) is None
    run.do(PrintFinished(run.ticket(), PRINTED))
    assert seconds_left(run.visit, run.snapshot) == 10
    run.do(Tick(), apart_s=9.9)
    assert isinstance(run.screen, Shown)
    run.do(Tick(), apart_s=0.2)
    assert run.screen == Agencies()


def test_an_agency_with_one_service_is_opened_for_the_choice_of_priority() -> None:
    run = VisitRun().do(AgencyChosen("dlh"))
    assert (run.screen, run.requests) == (Services("dlh"), [])
    run.do(PriorityChosen("elderly"), ServiceChosen("ukl"))
    assert [(r.service, r.priority) for r in run.requests] == [("ukl", "elderly")]
    assert isinstance(run.screen, Issuing)


def test_an_agency_without_services_can_be_opened() -> None:
    assert VisitRun().do(AgencyChosen("kosong")).screen == Services("kosong")


def test_language_and_priority_are_in_the_request_and_reset_after_the_visit() -> None:
    run = VisitRun().do(
        LanguageChosen("en"),
        AgencyChosen("dukcapil"),
        PriorityChosen("elderly"),
        ServiceChosen("kk"),
    )
    assert (run.requests[0].language, run.requests[0].priority) == ("en", "elderly")
    run.arrive().do(DoneTapped())
    assert (run.screen, run.visit.language, run.visit.priorities) == (Agencies(), "id", ())


def test_a_second_tap_on_a_priority_clears_it_and_an_unknown_one_is_ignored() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"), PriorityChosen("elderly"))
    assert run.visit.priorities == ("elderly",)
    assert run.do(PriorityChosen("elderly")).visit.priorities == ()
    assert run.do(PriorityChosen("nobody")).visit.priorities == ()


def test_several_groups_are_asked_for_in_the_order_of_the_menu() -> None:
    run = VisitRun()
    groups = (*MENU.priority_groups, PriorityGroup("pregnant", LocalText.same("Ibu hamil")))
    run.snapshot = replace(run.snapshot, catalogue=replace(MENU, priority_groups=groups))
    run.do(AgencyChosen("dukcapil"), PriorityChosen("pregnant"), PriorityChosen("elderly"))
    assert run.visit.priorities == ("elderly", "pregnant")
    run.do(ServiceChosen("ktp"))
    assert [(r.priority, r.also) for r in run.requests] == [("elderly", ("pregnant",))]


# ── a printer with a mouth ───────────────────────────────────────────────────────────────


def with_mouth(run: VisitRun, *, occupied: bool, not_taken: int = 0) -> VisitRun:
    """Apply a tick with the printer's mouth in this state."""
    printer = PrinterHealth(at=at(9), has_mouth=True, in_mouth=occupied, not_taken=not_taken)
    run.snapshot = replace(run.snapshot, printer=printer)
    return run.do(Tick(), apart_s=0.25)


@pytest.mark.parametrize("result", [PRINTED, SENT])
def test_the_number_stays_until_the_slip_is_taken(result: PrintResult) -> None:
    run = with_mouth(visit_at_number(result), occupied=True)
    assert run.screen.hangs
    assert seconds_left(run.visit, run.snapshot) is None
    run.do(Tick(), apart_s=30.0)
    assert run.screen.hangs
    with_mouth(run, occupied=False)
    assert (run.screen.hangs, run.screen.taken) == (False, True)
    assert seconds_left(run.visit, run.snapshot) == 10
    run.do(Tick(), apart_s=10.1)
    assert run.screen == Agencies()


def test_a_slip_that_is_not_taken_leads_to_the_idle_warning() -> None:
    run = with_mouth(visit_at_number(), occupied=True)
    run.do(Tick(), apart_s=run.snapshot.timeouts.noted_s)
    assert run.visit.warned_s is not None


def test_a_retracted_slip_counts_as_not_taken() -> None:
    run = with_mouth(visit_at_number(), occupied=True, not_taken=2)
    with_mouth(run, occupied=False, not_taken=3)
    assert (run.screen.hangs, run.screen.taken) == (False, False)


def test_a_visitor_without_a_slip_is_not_asked_to_take_it() -> None:
    run = with_mouth(visit_at_number(NOT_PRINTED), occupied=True)
    assert not run.screen.hangs


def test_another_number_keeps_the_language_and_makes_a_new_id() -> None:
    run = (
        VisitRun().do(LanguageChosen("en"), AgencyChosen("dukcapil"), ServiceChosen("ktp")).arrive()
    )
    run.do(AnotherTapped())
    assert (run.screen, run.visit.language) == (Agencies(), "en")
    run.do(AgencyChosen("dukcapil"), ServiceChosen("kk"))
    first, second = run.requests
    assert first.id != second.id


def test_back_returns_to_the_previous_screen_and_home_to_the_first() -> None:
    run = VisitRun().do(PageChosen(2), AgencyChosen("dukcapil"), DetailsAsked("ktp"))
    assert run.screen == Services("dukcapil", details="ktp", home_page=2)
    run.do(HelpTapped())
    assert isinstance(run.screen, Help)
    run.do(BackTapped())
    assert run.screen == Services("dukcapil", details="ktp", home_page=2)
    assert run.do(BackTapped()).screen == Services("dukcapil", home_page=2)
    assert run.do(BackTapped()).screen == Agencies(2)
    assert run.do(AgencyChosen("dukcapil"), HomeTapped()).screen == Agencies()


def test_back_on_a_later_page_goes_one_page_back() -> None:
    run = VisitRun().do(PageChosen(2), BackTapped())
    assert run.screen == Agencies(1)
    assert run.do(BackTapped(), BackTapped()).screen == Agencies()
    run.do(PageChosen(1), AgencyChosen("dukcapil"), PageChosen(1), BackTapped())
    assert run.screen == Services("dukcapil", home_page=1)
    assert run.do(BackTapped()).screen == Agencies(1)


# ── one visitor, one number ──────────────────────────────────────────────────────────────


def test_paging_back_ends_at_the_first_page() -> None:
    run = VisitRun().do(PageChosen(1), PageChosen(0))
    assert run.screen == Agencies(0)
    assert run.do(PageChosen(-1)).screen == Agencies(0)
    run.do(AgencyChosen("dukcapil"), PageChosen(1), PageChosen(0))
    assert run.screen == Services("dukcapil")
    assert run.do(PageChosen(-1)).screen == Services("dukcapil")


def test_double_taps_and_taps_while_printing_make_one_ticket() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"))
    run.do(*[ServiceChosen("ktp")] * 50, apart_s=0.02)
    for _ in range(3):
        run.do(ServiceChosen("kk"), BackTapped(), HomeTapped(), AgencyChosen("dlh"))
    assert len(run.requests) <= 1
    run.wait(1).do(ServiceChosen("ktp"))
    assert len(run.requests) == 1
    assert isinstance(run.screen, Issuing)


def test_fifty_taps_a_second_on_an_agency_with_one_service_make_one_ticket() -> None:
    taps = (AgencyChosen("dlh"), ServiceChosen("ukl"))
    run = VisitRun().do(*taps * 100, apart_s=0.02)
    assert len(run.requests) == 1


def test_a_tap_just_after_the_end_of_a_visit_is_ignored() -> None:
    run = visit_at_number().do(DoneTapped())
    run.do(AgencyChosen("dlh"), apart_s=0.3)
    assert (run.screen, len(run.requests)) == (Agencies(), 1)


def test_a_tap_just_after_the_number_appears_does_not_hide_it() -> None:
    run = visit_at_number(None)
    run.do(DoneTapped(), apart_s=0.1)
    assert isinstance(run.screen, Shown)


def test_a_tap_on_a_closed_service_that_has_opened_gives_no_number() -> None:
    shut = {"ktp": ServiceLive(open=False, reason="paused")}
    run = VisitRun(live=Live(shut)).do(AgencyChosen("dukcapil"), ClosedAsked("ktp"))
    assert isinstance(run.screen, Closed)
    opened = VisitRun().do(AgencyChosen("dukcapil"), ClosedAsked("ktp"))
    assert (opened.screen, opened.requests) == (Services("dukcapil"), [])


def test_start_again_ends_the_visit_but_not_an_unconfirmed_number() -> None:
    run = VisitRun().do(LanguageChosen("en"), AgencyChosen("dukcapil")).do(Tick(), apart_s=46)
    assert run.visit.warned_s is not None
    run.do(RestartTapped())
    assert (run.screen, run.visit.language) == (Agencies(), "id")
    noted = visit_at_number(NOT_PRINTED).do(Tick(), apart_s=61)
    assert noted.visit.warned_s is not None
    noted.do(RestartTapped())
    assert isinstance(noted.screen, Shown)
    assert noted.visit.warned_s is None


def test_a_tap_just_after_the_warning_appears_does_not_start_again() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil")).do(Tick(), apart_s=46)
    run.do(RestartTapped(), apart_s=0.2)
    assert (run.screen, run.visit.warned_s) == (Services("dukcapil"), None)


def test_retry_repeats_the_same_request() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    run.do(Refused(run.requests[0].id, Refusal.BUSY))
    assert run.screen == Problem(Refusal.BUSY, run.requests[0])
    run.do(RetryTapped())
    assert run.requests[0] == run.requests[1]
    assert isinstance(run.screen, Issuing)


def test_a_final_refusal_cannot_be_retried() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    run.do(Refused(run.requests[0].id, Refusal.FULL))
    assert run.screen == Problem(Refusal.FULL, None)
    assert len(run.do(RetryTapped()).requests) == 1


def test_text_and_end_of_a_refusal_reach_the_screen() -> None:
    run = VisitRun()
    run.do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    words, noon = LocalText.of(id="Habis untuk pagi ini", en="No more this morning"), at(12)
    run.do(Refused(run.requests[0].id, Refusal.QUOTA, until=noon, words=words))
    assert run.screen == Problem(Refusal.QUOTA, until=noon, words=words)


def test_a_slow_desk_shows_a_problem_until_its_late_number_arrives() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"), ServiceChosen("ktp")).do(Tick(), apart_s=10)
    assert run.screen == Problem(Refusal.SLOW, run.requests[0])
    run.do(Committed(run.ticket()))
    assert isinstance(run.screen, Shown)


def test_events_of_an_older_visit_are_dropped() -> None:
    run = visit_at_number()
    old = run.ticket()
    run.do(DoneTapped(), AgencyChosen("dukcapil"), ServiceChosen("kk"))
    before = run.screen
    run.do(Committed(old), PrintFinished(old, NOT_PRINTED), Refused(old.id))
    assert run.screen == before


# ── failures are explained ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("result", [SENT, UNCERTAIN, NOT_PRINTED])
def test_an_unconfirmed_number_stays_a_minute_before_the_idle_warning(
    result: PrintResult,
) -> None:
    run = visit_at_number(result).do(Tick(), apart_s=59)
    assert isinstance(run.screen, Shown)
    assert run.visit.warned_s is None
    run.do(Tick(), apart_s=2)
    assert run.visit.warned_s is not None
    assert run.do(Touched()).visit.warned_s is None
    assert isinstance(run.screen, Shown)
    run.do(Tick(), apart_s=61).do(Tick(), apart_s=20)
    assert run.screen == Agencies()


@pytest.mark.parametrize("result", [None, SENT, UNCERTAIN, NOT_PRINTED])
def test_an_unconfirmed_number_is_left_only_by_noted(
    result: PrintResult | None,
) -> None:
    run = visit_at_number(result).do(HomeTapped(), BackTapped())
    assert isinstance(run.screen, Shown)
    assert run.do(DoneTapped()).screen == Agencies()
    assert visit_at_number(PRINTED).do(HomeTapped()).screen == Agencies()


def test_a_number_without_a_print_result_is_treated_as_unconfirmed() -> None:
    run = visit_at_number(None).do(Tick(), apart_s=29)
    assert run.visit.warned_s is None
    run.do(Tick(), apart_s=40)
    assert run.visit.warned_s is not None
    assert isinstance(run.screen, Shown)


def test_a_closed_agency_shows_the_reason_at_once() -> None:
    run = VisitRun()
    run.snapshot = replace(run.snapshot, now=at(15))
    run.do(AgencyChosen("dukcapil"))
    assert isinstance(run.screen, Closed)
    assert run.screen.opening.why is Why.CUTOFF
    assert run.do(BackTapped()).screen == Agencies()


def test_a_service_that_closes_during_the_request_is_shown_as_closed() -> None:
    run = VisitRun().do(PageChosen(1), AgencyChosen("dukcapil"), PageChosen(1))
    services = run.screen
    assert services == Services("dukcapil", page=1, home_page=1)
    run.do(ServiceChosen("ktp"))
    shut = Opening(Why.CUTOFF)
    run.do(Refused(run.requests[0].id, opening=shut))
    assert run.screen == Closed("dukcapil", shut, "ktp", 1, services)
    assert run.do(BackTapped()).screen == services


def test_a_service_that_closes_before_a_retry_leads_back_to_its_agency() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    run.do(Refused(run.requests[0].id, Refusal.BUSY), RetryTapped())
    run.do(Refused(run.requests[0].id, opening=Opening(Why.CUTOFF)))
    assert isinstance(run.screen, Closed)
    assert run.do(BackTapped()).screen == Services("dukcapil")


def test_back_from_a_closed_service_leads_to_the_page_it_was_touched_on() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"), PageChosen(1))
    run.snapshot = replace(run.snapshot, now=at(21))
    run.do(ClosedAsked("ktp"))
    assert isinstance(run.screen, Closed)
    assert run.do(BackTapped()).screen == Services("dukcapil", page=1, browse=True)


def test_the_setting_stop_gives_no_number_on_a_printer_fault() -> None:
    broken = PrinterHealth(fault=Fault.PAPER_OUT)
    run = VisitRun(printer=broken, on_fault=OnFault.STOP).do(AgencyChosen("dlh"))
    run.do(ServiceChosen("ukl"))
    assert (run.screen, run.requests) == (Problem(Refusal.PRINTER), [])


def test_a_kiosk_that_cannot_give_numbers_shows_the_problem_at_the_first_tap() -> None:
    run = VisitRun(broken=Refusal.FULL).do(AgencyChosen("dukcapil"))
    assert (run.screen, run.requests) == (Problem(Refusal.FULL), [])
    run.snapshot = replace(run.snapshot, broken=None)
    assert run.do(BackTapped(), AgencyChosen("dukcapil")).screen == Services("dukcapil")


def test_requirements_can_be_read_while_the_site_is_closed() -> None:
    run = VisitRun()
    run.snapshot = replace(run.snapshot, now=at(21))
    assert run.snapshot.site_closed is not None
    run.do(BrowseAsked())
    assert run.screen == Agencies(browse=True)
    run.do(PageChosen(1), AgencyChosen("dukcapil"), DetailsAsked("ktp"))
    assert run.screen == Services("dukcapil", details="ktp", home_page=1, browse=True)
    run.do(ServiceChosen("ktp"))
    assert (type(run.screen), run.requests) == (Closed, [])
    details = Services("dukcapil", details="ktp", home_page=1, browse=True)
    assert run.do(BackTapped()).screen == details
    run.do(BackTapped(), BackTapped())
    assert run.screen == Agencies(1, browse=True)
    assert run.do(BackTapped(), BackTapped()).screen == Agencies()


def test_the_site_is_closed_only_while_no_service_gives_numbers() -> None:
    assert VisitRun().snapshot.site_closed is None
    paused = {c: ServiceLive(open=False, reason="paused") for c in ("ktp", "kk")}
    assert VisitRun(live=Live(paused)).snapshot.site_closed is None
    everything = paused | {"ukl": ServiceLive(open=False, reason="paused")}
    shut = VisitRun(live=Live(everything)).snapshot.site_closed
    assert shut is not None
    assert shut.why is Why.PAUSED
    empty = replace(VisitRun().snapshot, catalogue=replace(MENU, agencies=()))
    assert empty.site_closed is None


def test_requirements_can_be_read_while_the_kiosk_cannot_give_numbers() -> None:
    run = VisitRun(broken=Refusal.FULL).do(BrowseAsked(), AgencyChosen("dukcapil"))
    assert run.screen == Services("dukcapil", browse=True)
    run.do(ClosedAsked("ktp"))
    assert (run.screen, run.requests) == (Problem(Refusal.FULL), [])


def test_the_setting_screen_gives_numbers_on_a_printer_fault() -> None:
    broken = PrinterHealth(fault=Fault.PAPER_OUT)
    run = VisitRun(printer=broken).do(AgencyChosen("dlh"), ServiceChosen("ukl"))
    assert len(run.requests) == 1


def test_after_a_restart_the_unfinished_ticket_is_offered_as_a_copy() -> None:
    ticket = visit_at_number(None).ticket()
    run = VisitRun().do(Unfinished(ticket))
    assert run.screen == Offered(ticket)
    run.do(OfferTaken())
    assert run.effects == [PrintCopy(ticket)]
    run.do(PrintFinished(ticket, PRINTED))
    assert isinstance(run.screen, Shown)
    assert run.screen.copy
    assert VisitRun().do(Unfinished(ticket), DoneTapped()).screen == Agencies()


# ── help over a number ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("result", [None, PRINTED, SENT, UNCERTAIN, NOT_PRINTED])
def test_help_over_a_number_leads_back_to_it_only(
    result: PrintResult | None,
) -> None:
    run = visit_at_number(result)
    number = run.screen
    run.do(HelpTapped())
    assert run.screen == Help(number)
    run.do(DoneTapped(), AnotherTapped(), AgencyChosen("dlh"), ServiceChosen("kk"))
    assert run.screen == Help(number)
    assert run.do(BackTapped()).screen == number
    assert len(run.requests) == 1


def test_home_from_help_leaves_only_a_confirmed_number() -> None:
    assert visit_at_number(PRINTED).do(HelpTapped(), HomeTapped()).screen == Agencies()
    for result in (None, SENT, UNCERTAIN, NOT_PRINTED):
        run = visit_at_number(result).do(HelpTapped(), HomeTapped())
        assert isinstance(run.screen, Help)


def test_a_print_result_that_arrives_during_help_is_kept() -> None:
    run = visit_at_number(None).do(
        HelpTapped(), PrintFinished(visit_at_number(None).ticket(), SENT)
    )
    assert isinstance(run.screen, Help)
    assert run.do(BackTapped()).screen.result == SENT


def test_untouched_help_returns_to_the_number() -> None:
    run = visit_at_number(PRINTED)
    run.do(HelpTapped()).do(Tick(), apart_s=44)
    assert isinstance(run.screen, Help)
    run.do(Tick(), apart_s=2)
    assert isinstance(run.screen, Shown)
    assert (run.visit.warned_s, seconds_left(run.visit, run.snapshot)) == (None, 10)
    run.do(Tick(), apart_s=11)
    assert run.screen == Agencies()


def test_a_late_number_replaces_help() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"), ServiceChosen("ktp")).do(Tick(), apart_s=10)
    run.do(HelpTapped())
    assert run.screen == Help(Problem(Refusal.SLOW, run.requests[0]))
    run.do(Committed(run.ticket()))
    assert isinstance(run.screen, Shown)
    run.do(DoneTapped(), apart_s=0.1)
    assert isinstance(run.screen, Shown), "a tap meant for the help screen closed the number"


def test_help_over_an_offered_number_leads_back_to_the_offer() -> None:
    ticket = visit_at_number(None).ticket()
    run = VisitRun().do(Unfinished(ticket), HelpTapped())
    assert run.screen == Help(Offered(ticket))
    assert run.do(BackTapped()).screen == Offered(ticket)


# ── idle times ───────────────────────────────────────────────────────────────────────────


def test_idle_warning_counts_down_extends_by_a_tap_and_ends_the_visit() -> None:
    run = VisitRun().do(LanguageChosen("en"), AgencyChosen("dukcapil")).do(Tick(), apart_s=46)
    assert seconds_left(run.visit, run.snapshot) == 20
    run.do(ServiceChosen("ktp"))
    assert (run.visit.warned_s, run.requests) == (None, [])
    assert run.screen == Services("dukcapil")
    run.do(Tick(), apart_s=46).do(Tick(), apart_s=20)
    assert (run.screen, run.visit.language) == (Agencies(), "id")


def test_home_has_an_idle_warning_only_in_another_language() -> None:
    assert VisitRun().do(Tick(), apart_s=10_000).visit.warned_s is None
    assert VisitRun().do(LanguageChosen("en")).do(Tick(), apart_s=46).visit.warned_s is not None


# ── any sequence of events ───────────────────────────────────────────────────────────────

codes = st.sampled_from(["dukcapil", "dlh", "kosong", "ktp", "kk", "ukl", "?", ""])
taps = st.one_of(
    st.builds(AgencyChosen, codes),
    st.builds(ServiceChosen, codes),
    st.builds(DetailsAsked, st.one_of(st.none(), codes)),
    st.builds(DetailsPrintTapped, codes),
    st.builds(PriorityChosen, st.sampled_from(["elderly", "x"])),
    st.builds(PageChosen, st.integers(-2, 9)),
    st.builds(LanguageChosen, st.sampled_from(["id", "en", "xx"])),
    st.builds(LanguagesAsked, st.booleans()),
    st.sampled_from(
        [
            BackTapped(),
            HomeTapped(),
            HelpTapped(),
            RetryTapped(),
            ConfirmTapped(),
            OfferTaken(),
            DoneTapped(),
            AnotherTapped(),
            Touched(),
            Tick(),
        ]
    ),
    st.sampled_from(["commit", "deliver", "refuse", "details"]),
)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(taps, st.sampled_from([0.0, 0.1, 0.6, 5.0, 50.0])), max_size=40),
    st.booleans(),
)
def test_no_sequence_of_events_breaks_the_rules_of_a_visit(
    steps: list[tuple[Event | str, float]], busy: bool
) -> None:
    run = busy_visit() if busy else VisitRun()
    for wanted, apart in steps:
        if isinstance(wanted, str) and not (run.requests or wanted == "details"):
            continue
        event = _port_event(wanted, run) if isinstance(wanted, str) else wanted
        printed_before = len(_details_jobs(run))
        requests_before = len(run.requests)
        before = run.visit
        run.do(event, apart_s=apart)
        _check_rules(run, before, event, requests_before)
        printed = len(_details_jobs(run)) - printed_before
        assert printed <= isinstance(event, DetailsPrintTapped)
        assert len(set(_details_jobs(run))) == len(_details_jobs(run))


def _details_jobs(run: VisitRun) -> list[str]:
    return [effect.job for effect in run.effects if isinstance(effect, PrintDetails)]


def _port_event(kind: str, run: VisitRun) -> Event:
    if kind == "details":
        return DetailsPrinted((_details_jobs(run) or [""])[-1], PRINTED)
    ticket = run.ticket()
    events_by_name: dict[str, Event] = {
        "commit": Committed(ticket),
        "deliver": PrintFinished(ticket, PRINTED),
        "refuse": Refused(ticket.id, Refusal.BUSY),
    }
    return events_by_name[kind]


def _check_rules(run: VisitRun, before: Visit, event: Event, requests_before: int) -> None:
    """Check: at most one request for each event, and only from a choice or a retry; no event but
    "noted" or "another" hides an unconfirmed number."""
    made = run.requests[requests_before:]
    assert len(made) <= 1
    assert run.visit.language in ("id", "en")
    if made:
        assert isinstance(run.screen, Issuing)
        assert not isinstance(before.screen, Issuing)
        if run.snapshot.busy(MENU.service(made[0].service).service):  # type: ignore[union-attr]
            assert isinstance(event, ConfirmTapped | RetryTapped)
        if isinstance(event, RetryTapped):
            assert isinstance(before.screen, Problem)
            assert made[0] == before.screen.request
        else:
            assert made[0].id not in [r.id for r in run.requests[:requests_before]]
    number = number_on(before.screen)
    if number is not None and isinstance(event, Refused):
        assert run.screen == before.screen
    if number is not None and number.proof is not Proof.CONFIRMED and before.warned_s is None:
        stays = number_on(run.screen) is not None
        assert stays or isinstance(event, DoneTapped | AnotherTapped), (
            "an event other than noted or another hid the number"
        )


# ── automatic copy after the printer cleared its buffer ──────────────────────────────────


HELD = replace(UNCERTAIN, hold=1)
CLEARED = PrinterHealth(level=Level.PROCESS_ID, cleared=1)


def test_an_uncertain_slip_is_copied_once_after_the_printer_cleared_its_buffer() -> None:
    run = visit_at_number(HELD)
    run.snapshot = replace(run.snapshot, printer=PrinterHealth(fault=Fault.PAPER_OUT, held=True))
    run.do(Tick(), Tick())
    assert not any(isinstance(e, PrintCopy) for e in run.effects)
    run.snapshot = replace(run.snapshot, printer=CLEARED)
    run.do(Tick(), Tick(), Tick())
    copies = [e for e in run.effects if isinstance(e, PrintCopy)]
    assert copies == [PrintCopy(run.screen.ticket)]
    assert (run.screen.result, run.screen.copy) == (None, True)
    run.do(PrintFinished(run.ticket(), PRINTED))
    assert (run.screen.result, run.screen.copy) == (PRINTED, True)


def test_the_automatic_copy_is_printed_during_help() -> None:
    run = visit_at_number(HELD).do(HelpTapped())
    run.snapshot = replace(run.snapshot, printer=CLEARED)
    run.do(Tick(), Tick())
    copies = [e.ticket.id for e in run.effects if isinstance(e, PrintCopy)]
    assert copies == [run.requests[0].id]
    run.do(PrintFinished(run.ticket(), PRINTED), BackTapped())
    assert (run.screen.result, run.screen.copy) == (PRINTED, True)


def test_an_uncertain_copy_is_not_copied_again() -> None:
    run = visit_at_number(HELD)
    run.snapshot = replace(run.snapshot, printer=CLEARED)
    run.do(Tick(), PrintFinished(run.ticket(), replace(UNCERTAIN, hold=2)))
    run.snapshot = replace(run.snapshot, printer=replace(CLEARED, cleared=2))
    run.do(Tick(), Tick())
    assert len([e for e in run.effects if isinstance(e, PrintCopy)]) == 1


@pytest.mark.parametrize(
    ("result", "health"),
    [
        (HELD, PrinterHealth()),  # staff ended the hold: the printer did not confirm a clear buffer
        (HELD, replace(CLEARED, fault=Fault.COVER_OPEN)),
        (HELD, replace(CLEARED, held=True)),
        (replace(HELD, hold=2), CLEARED),  # CLEARED ended an earlier hold
        (UNCERTAIN, CLEARED),
        (NOT_PRINTED, CLEARED),
        (SENT, CLEARED),
    ],
)
def test_no_automatic_copy_without_a_confirmed_clear(
    result: PrintResult, health: PrinterHealth
) -> None:
    run = visit_at_number(result)
    run.snapshot = replace(run.snapshot, printer=health)
    run.do(Tick(), Tick())
    assert not any(isinstance(e, PrintCopy) for e in run.effects)


def test_no_automatic_copy_after_the_visitor_left() -> None:
    run = visit_at_number(HELD)
    run.do(Tick(), apart_s=61)
    assert run.visit.warned_s is not None
    run.snapshot = replace(run.snapshot, printer=CLEARED)
    run.do(Tick())
    finished = visit_at_number(HELD).do(DoneTapped())
    finished.snapshot = replace(finished.snapshot, printer=CLEARED)
    finished.do(Tick())
    for visit in (run, finished):
        assert not any(isinstance(e, PrintCopy) for e in visit.effects)


def test_a_pause_that_ends_after_closing_promises_the_next_opening() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    run.do(Refused(run.requests[0].id, Refusal.PAUSED, until=at(15)))
    assert run.screen.until == at(7, 45, TUESDAY + timedelta(days=1))


# ── counts and closures from the server ──────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("reason", "why"), [("quota_full", Why.QUOTA), ("paused", Why.PAUSED), ("closed", Why.PAUSED)]
)
def test_a_full_or_paused_service_shows_the_reason(reason: str, why: Why) -> None:
    shut = Live({"ktp": ServiceLive(open=False, reason=reason)}, in_touch=True, linked=True)
    run = VisitRun(live=shut).do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    assert isinstance(run.screen, Closed)
    assert (run.screen.opening.why, run.screen.service) == (why, "ktp")
    assert run.requests == []
    run.do(BackTapped(), ServiceChosen("kk"))
    assert [r.service for r in run.requests] == ["kk"]


def test_the_people_ahead_stay_on_the_screen_after_the_print_result() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    ahead = Ahead(12, (40, 50))
    run.do(Committed(run.ticket(), ahead), apart_s=0.02)
    assert run.screen.ahead == ahead
    run.do(PrintFinished(run.ticket(), PRINTED), apart_s=0.02)
    assert (run.screen.ahead, run.screen.result) == (ahead, PRINTED)


# ── confirmation for a busy service ──────────────────────────────────────────────────────

MENU_THAT_ASKS = replace(MENU, confirm_above=20)
CROWD = Live({c: ServiceLive(34, (120, 150)) for c in ("ktp", "ukl")}, in_touch=True, linked=True)
CALM = Live({c: ServiceLive(20) for c in ("ktp", "ukl")}, in_touch=True, linked=True)


def busy_visit() -> VisitRun:
    run = VisitRun(live=CROWD)
    run.snapshot = replace(run.snapshot, catalogue=MENU_THAT_ASKS)
    return run


def test_a_busy_service_asks_and_yes_makes_one_number() -> None:
    run = busy_visit().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    assert (run.screen, run.requests) == (Confirm("ktp", Services("dukcapil")), [])
    run.do(*[ConfirmTapped()] * 10, apart_s=0.1)
    run.do(ConfirmTapped(), ConfirmTapped())
    assert [r.service for r in run.requests] == ["ktp"]
    assert isinstance(run.screen, Issuing)


@pytest.mark.parametrize(
    "live",
    [
        CALM,  # not above the figure
        Live(
            linked=True
        ),  # figures older than 30 s are not shown and do not require a confirmation
    ],
)
def test_a_service_not_known_to_be_busy_asks_nothing(live: Live) -> None:
    run = busy_visit()
    run.snapshot = replace(run.snapshot, live=live)
    run.do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    assert [r.service for r in run.requests] == ["ktp"]


def test_a_menu_without_confirm_above_asks_nothing() -> None:
    run = VisitRun(live=CROWD).do(AgencyChosen("dlh"), ServiceChosen("ukl"))
    assert len(run.requests) == 1


def test_the_answer_change_keeps_page_details_and_priority() -> None:
    run = busy_visit().do(PageChosen(2), AgencyChosen("dukcapil"), PriorityChosen("elderly"))
    run.do(PageChosen(1), DetailsAsked("ktp"))
    before = run.screen
    run.do(ServiceChosen("ktp"), BackTapped())
    assert (run.screen, run.visit.priorities) == (before, ("elderly",))
    run.do(ServiceChosen("kk"))
    assert [(r.service, r.priority) for r in run.requests] == [("kk", "elderly")]


def test_a_busy_agency_with_one_service_asks_and_keeps_the_priority() -> None:
    run = busy_visit().do(PageChosen(1), AgencyChosen("dlh"), PriorityChosen("elderly"))
    run.do(ServiceChosen("ukl"))
    services = Services("dlh", home_page=1)
    assert (run.screen, run.requests) == (Confirm("ukl", services), [])
    run.do(BackTapped())
    assert (run.screen, run.visit.priorities) == (services, ("elderly",))
    run.do(ServiceChosen("ukl"), ConfirmTapped())
    assert [(r.service, r.priority) for r in run.requests] == [("ukl", "elderly")]


def test_home_help_language_and_idle_warning_work_on_the_confirmation() -> None:
    run = busy_visit().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    confirmation = run.screen
    assert run.do(LanguageChosen("en")).screen == confirmation
    assert run.do(HelpTapped()).screen == Help(confirmation)
    assert run.do(BackTapped()).screen == confirmation
    run.do(Tick(), apart_s=46)
    run.do(ConfirmTapped())
    assert (run.screen, run.visit.warned_s, run.requests) == (confirmation, None, [])
    assert run.do(HomeTapped()).screen == Agencies()
    run.do(AgencyChosen("dukcapil"), ServiceChosen("ktp")).do(Tick(), apart_s=46)
    assert run.do(Tick(), apart_s=20).screen == Agencies()
    assert run.requests == []


def test_a_wait_beyond_closing_asks_before_the_number() -> None:
    late = Live({"ktp": ServiceLive(3, (280, 305))}, in_touch=True, linked=True)
    run = VisitRun(live=late).do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    assert (run.screen, run.requests) == (Confirm("ktp", Services("dukcapil")), [])
    assert len(run.do(ConfirmTapped()).requests) == 1


@pytest.mark.parametrize(
    ("waiting", "minutes", "late"),
    [
        (3, (280, 299), False),  # 09:00 and 299 minutes: the counters close at 14:00
        (3, (280, 301), True),
        (0, (280, 301), False),  # no one is waiting
        (3, None, False),  # unknown
    ],
)
def test_the_end_of_the_wait_is_compared_with_closing(
    waiting: int, minutes: tuple[int, int] | None, late: bool
) -> None:
    snapshot = KioskSnapshot(MENU, at(9), 1.0, live=Live({"ktp": ServiceLive(waiting, minutes)}))
    found = MENU.service("ktp")
    assert found is not None
    assert snapshot.late(found.agency, found.service) is late


def test_a_double_tap_on_a_busy_service_does_not_confirm() -> None:
    run = busy_visit().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    run.do(ConfirmTapped(), apart_s=0.3)
    assert (run.screen, run.requests) == (Confirm("ktp", Services("dukcapil")), [])


def test_the_confirmation_stays_when_its_counts_become_unknown() -> None:
    run = busy_visit().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    run.snapshot = replace(run.snapshot, live=Live(linked=True))
    run.do(Tick(), Tick())
    assert isinstance(run.screen, Confirm)
    assert len(run.do(ConfirmTapped()).requests) == 1


def test_a_service_that_closes_during_the_confirmation_gives_no_number() -> None:
    shut = Live({"ktp": ServiceLive(34, open=False, reason="paused")}, in_touch=True, linked=True)
    run = busy_visit().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    run.snapshot = replace(run.snapshot, live=shut)
    run.do(ConfirmTapped())
    assert isinstance(run.screen, Closed)
    assert (run.screen.opening.why, run.screen.service) == (Why.PAUSED, "ktp")
    one = busy_visit().do(PageChosen(1), AgencyChosen("dlh"), ServiceChosen("ukl"))
    one.snapshot = replace(one.snapshot, now=at(15))
    one.do(ConfirmTapped(), BackTapped())
    full = busy_visit().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    full.snapshot = replace(full.snapshot, broken=Refusal.FULL)
    assert full.do(ConfirmTapped()).screen == Problem(Refusal.FULL)
    assert one.screen == Services("dlh", home_page=1, browse=True)
    assert [*run.requests, *one.requests, *full.requests] == []


def test_retry_after_a_confirmation_repeats_the_same_request() -> None:
    run = busy_visit().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"), ConfirmTapped())
    run.do(Refused(run.requests[0].id, Refusal.BUSY), RetryTapped())
    assert run.requests[0] == run.requests[1]
