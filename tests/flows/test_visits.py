"""Whole visits as lists of steps: events, expected screens, expected effects."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.config import OnFault
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult, Proof
from kiosk.domain.events import (
    AgencyChosen,
    AnotherTapped,
    BackTapped,
    BrowseAsked,
    ClosedAsked,
    Committed,
    ConfirmTapped,
    DetailsAsked,
    DoneTapped,
    Effect,
    Event,
    HelpTapped,
    HomeTapped,
    Issue,
    LanguageChosen,
    OfferTaken,
    PageChosen,
    PrintCopy,
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
from kiosk.domain.visit_state import (
    Agencies,
    Closed,
    Confirm,
    Help,
    Issuing,
    KioskSnapshot,
    Offered,
    Problem,
    Services,
    Shown,
    Visit,
    number_on,
)
from kiosk.domain.visit_timers import seconds_left
from kiosk.errors import Refusal
from menu.local_text import LocalText
from menu.schedule import Opening, Why
from tests.domain.menus import MENU, at

PRINTED = PrintResult(Outcome.PRINTED, Level.PROCESS_ID)
SENT = PrintResult(Outcome.PRINTED, Level.STATUS)
UNCERTAIN = PrintResult(Outcome.UNCERTAIN, Level.PROCESS_ID, Fault.PAPER_OUT)
NOT_PRINTED = PrintResult(Outcome.NOT_PRINTED, Level.PROCESS_ID, Fault.PAPER_OUT)


class Lobby:
    """A visit in front of a clock: ``do`` touches and waits, and collects the effects."""

    def __init__(self, **snapshot: object) -> None:
        self.snapshot = KioskSnapshot(MENU, at(9), 100.0, **snapshot)  # type: ignore[arg-type]
        self.visit = begin(self.snapshot)
        self.effects: list[Effect] = []
        self.ids = 0

    def do(self, *events: Event, apart_s: float = 1.0) -> Lobby:
        for event in events:
            self.wait(apart_s)
            self.ids += 1
            fresh = replace(self.snapshot, fresh_id=f"id-{self.ids}", fresh_track="ab" * 16)
            self.visit, effects = step(self.visit, event, fresh)
            self.effects += effects
        return self

    def wait(self, seconds: float) -> Lobby:
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

    def arrive(self, result: PrintResult | None = PRINTED) -> Lobby:
        """The desk commits the number and, with ``result``, the printer answers."""
        self.do(Committed(self.ticket()), apart_s=0.02)
        if result is not None:
            self.do(PrintFinished(self.ticket(), result), apart_s=0.02)
        return self


def lobby_at_number(result: PrintResult | None = PRINTED) -> Lobby:
    return Lobby().do(AgencyChosen("dukcapil"), ServiceChosen("ktp")).arrive(result)


# ── the main job ─────────────────────────────────────────────────────────────────────────


def test_two_taps_to_a_number_and_home_by_itself() -> None:
    lobby = Lobby().do(AgencyChosen("dukcapil"))
    assert lobby.screen == Services("dukcapil")
    lobby.do(ServiceChosen("ktp"))
    assert isinstance(lobby.screen, Issuing)
    assert [r.service for r in lobby.requests] == ["ktp"]
    lobby.arrive(result=None)
    assert isinstance(lobby.screen, Shown)
    assert lobby.screen.ticket.number == "DK-001"
    assert seconds_left(lobby.visit, lobby.snapshot) is None
    lobby.do(PrintFinished(lobby.ticket(), PRINTED))
    assert seconds_left(lobby.visit, lobby.snapshot) == 10
    lobby.do(Tick(), apart_s=9.9)
    assert isinstance(lobby.screen, Shown)
    lobby.do(Tick(), apart_s=0.2)
    assert lobby.screen == Agencies()


def test_an_agency_with_one_service_opens_it_so_that_priority_can_be_chosen() -> None:
    lobby = Lobby().do(AgencyChosen("dlh"))
    assert (lobby.screen, lobby.requests) == (Services("dlh"), [])
    lobby.do(PriorityChosen("elderly"), ServiceChosen("ukl"))
    assert [(r.service, r.priority) for r in lobby.requests] == [("ukl", "elderly")]
    assert isinstance(lobby.screen, Issuing)


def test_an_agency_without_services_opens_and_says_so() -> None:
    assert Lobby().do(AgencyChosen("kosong")).screen == Services("kosong")


def test_language_and_priority_reach_the_request_and_end_with_the_visit() -> None:
    lobby = Lobby().do(
        LanguageChosen("en"),
        AgencyChosen("dukcapil"),
        PriorityChosen("elderly"),
        ServiceChosen("kk"),
    )
    assert (lobby.requests[0].language, lobby.requests[0].priority) == ("en", "elderly")
    lobby.arrive().do(DoneTapped())
    assert (lobby.screen, lobby.visit.language, lobby.visit.priority) == (Agencies(), "id", None)


def test_the_same_priority_again_takes_it_back_and_an_unknown_one_is_none() -> None:
    lobby = Lobby().do(AgencyChosen("dukcapil"), PriorityChosen("elderly"))
    assert lobby.visit.priority == "elderly"
    assert lobby.do(PriorityChosen("elderly")).visit.priority is None
    assert lobby.do(PriorityChosen("nobody")).visit.priority is None


# ── a printer with a mouth ───────────────────────────────────────────────────────────────


def hang(lobby: Lobby, *, hanging: bool, not_taken: int = 0) -> Lobby:
    """The printer's state as the next probe finds it."""
    printer = PrinterHealth(at=at(9), has_mouth=True, in_mouth=hanging, not_taken=not_taken)
    lobby.snapshot = replace(lobby.snapshot, printer=printer)
    return lobby.do(Tick(), apart_s=0.25)


@pytest.mark.parametrize("result", [PRINTED, SENT])
def test_the_number_stays_until_the_slip_is_taken(result: PrintResult) -> None:
    lobby = hang(lobby_at_number(result), hanging=True)
    assert lobby.screen.hangs
    assert seconds_left(lobby.visit, lobby.snapshot) is None
    lobby.do(Tick(), apart_s=30.0)
    assert lobby.screen.hangs
    hang(lobby, hanging=False)
    assert (lobby.screen.hangs, lobby.screen.taken) == (False, True)
    assert seconds_left(lobby.visit, lobby.snapshot) == 10
    lobby.do(Tick(), apart_s=10.1)
    assert lobby.screen == Agencies()


def test_a_slip_that_nobody_takes_ends_in_the_warning() -> None:
    lobby = hang(lobby_at_number(), hanging=True)
    lobby.do(Tick(), apart_s=lobby.snapshot.timeouts.noted_s)
    assert lobby.visit.warned_s is not None


def test_a_slip_that_the_printer_drew_in_was_not_taken() -> None:
    lobby = hang(lobby_at_number(), hanging=True, not_taken=2)
    hang(lobby, hanging=False, not_taken=3)
    assert (lobby.screen.hangs, lobby.screen.taken) == (False, False)


def test_a_slip_that_was_not_printed_is_not_asked_to_be_taken() -> None:
    lobby = hang(lobby_at_number(NOT_PRINTED), hanging=True)
    assert not lobby.screen.hangs


def test_another_number_keeps_the_language_and_makes_a_new_id() -> None:
    lobby = (
        Lobby().do(LanguageChosen("en"), AgencyChosen("dukcapil"), ServiceChosen("ktp")).arrive()
    )
    lobby.do(AnotherTapped())
    assert (lobby.screen, lobby.visit.language) == (Agencies(), "en")
    lobby.do(AgencyChosen("dukcapil"), ServiceChosen("kk"))
    first, second = lobby.requests
    assert first.id != second.id


def test_back_and_home_and_help_lead_back() -> None:
    lobby = Lobby().do(PageChosen(2), AgencyChosen("dukcapil"), DetailsAsked("ktp"))
    assert lobby.screen == Services("dukcapil", details="ktp", home_page=2)
    lobby.do(HelpTapped())
    assert isinstance(lobby.screen, Help)
    lobby.do(BackTapped())
    assert lobby.screen == Services("dukcapil", details="ktp", home_page=2)
    assert lobby.do(BackTapped()).screen == Services("dukcapil", home_page=2)
    assert lobby.do(BackTapped()).screen == Agencies(2)
    assert lobby.do(AgencyChosen("dukcapil"), HomeTapped()).screen == Agencies()


def test_back_on_a_later_page_goes_one_page_back() -> None:
    lobby = Lobby().do(PageChosen(2), BackTapped())
    assert lobby.screen == Agencies(1)
    assert lobby.do(BackTapped(), BackTapped()).screen == Agencies()
    lobby.do(PageChosen(1), AgencyChosen("dukcapil"), PageChosen(1), BackTapped())
    assert lobby.screen == Services("dukcapil", home_page=1)
    assert lobby.do(BackTapped()).screen == Agencies(1)


# ── one visitor, one number ──────────────────────────────────────────────────────────────


def test_the_first_page_is_reached_again_and_there_is_none_before_it() -> None:
    lobby = Lobby().do(PageChosen(1), PageChosen(0))
    assert lobby.screen == Agencies(0)
    assert lobby.do(PageChosen(-1)).screen == Agencies(0)
    lobby.do(AgencyChosen("dukcapil"), PageChosen(1), PageChosen(0))
    assert lobby.screen == Services("dukcapil")
    assert lobby.do(PageChosen(-1)).screen == Services("dukcapil")


def test_double_taps_and_taps_while_printing_make_one_ticket() -> None:
    lobby = Lobby().do(AgencyChosen("dukcapil"))
    lobby.do(*[ServiceChosen("ktp")] * 50, apart_s=0.02)
    for _ in range(3):
        lobby.do(ServiceChosen("kk"), BackTapped(), HomeTapped(), AgencyChosen("dlh"))
    assert len(lobby.requests) <= 1
    lobby.wait(1).do(ServiceChosen("ktp"))
    assert len(lobby.requests) == 1
    assert isinstance(lobby.screen, Issuing)


def test_fifty_taps_a_second_on_an_agency_with_one_service_make_one_ticket() -> None:
    taps = (AgencyChosen("dlh"), ServiceChosen("ukl"))
    lobby = Lobby().do(*taps * 100, apart_s=0.02)
    assert len(lobby.requests) == 1


def test_taps_after_the_end_of_a_visit_do_not_choose_for_the_next() -> None:
    lobby = lobby_at_number().do(DoneTapped())
    lobby.do(AgencyChosen("dlh"), apart_s=0.3)
    assert (lobby.screen, len(lobby.requests)) == (Agencies(), 1)


def test_the_number_is_not_lost_to_a_tap_meant_for_the_row_before() -> None:
    lobby = lobby_at_number(None)
    lobby.do(DoneTapped(), apart_s=0.1)
    assert isinstance(lobby.screen, Shown)


def test_why_a_service_is_closed_gives_no_number_when_it_has_opened() -> None:
    shut = {"ktp": ServiceLive(open=False, reason="paused")}
    lobby = Lobby(live=Live(shut)).do(AgencyChosen("dukcapil"), ClosedAsked("ktp"))
    assert isinstance(lobby.screen, Closed)
    opened = Lobby().do(AgencyChosen("dukcapil"), ClosedAsked("ktp"))
    assert (opened.screen, opened.requests) == (Services("dukcapil"), [])


def test_start_again_on_the_warning_ends_the_visit_but_never_loses_a_number() -> None:
    lobby = Lobby().do(LanguageChosen("en"), AgencyChosen("dukcapil")).do(Tick(), apart_s=46)
    assert lobby.visit.warned_s is not None
    lobby.do(RestartTapped())
    assert (lobby.screen, lobby.visit.language) == (Agencies(), "id")
    noted = lobby_at_number(NOT_PRINTED).do(Tick(), apart_s=61)
    assert noted.visit.warned_s is not None
    noted.do(RestartTapped())
    assert isinstance(noted.screen, Shown)
    assert noted.visit.warned_s is None


def test_a_tap_as_the_warning_appears_does_not_start_again() -> None:
    lobby = Lobby().do(AgencyChosen("dukcapil")).do(Tick(), apart_s=46)
    lobby.do(RestartTapped(), apart_s=0.2)
    assert (lobby.screen, lobby.visit.warned_s) == (Services("dukcapil"), None)


def test_try_again_repeats_the_same_request() -> None:
    lobby = Lobby().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    lobby.do(Refused(lobby.requests[0].id, Refusal.BUSY))
    assert lobby.screen == Problem(Refusal.BUSY, lobby.requests[0])
    lobby.do(RetryTapped())
    assert lobby.requests[0] == lobby.requests[1]
    assert isinstance(lobby.screen, Issuing)


def test_no_try_again_where_it_cannot_help() -> None:
    lobby = Lobby().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    lobby.do(Refused(lobby.requests[0].id, Refusal.FULL))
    assert lobby.screen == Problem(Refusal.FULL, None)
    assert len(lobby.do(RetryTapped()).requests) == 1


def test_the_words_and_the_end_of_a_refusal_are_on_the_screen() -> None:
    lobby = Lobby()
    lobby.do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    words, noon = LocalText.of(id="Habis untuk pagi ini", en="No more this morning"), at(12)
    lobby.do(Refused(lobby.requests[0].id, Refusal.QUOTA, until=noon, words=words))
    assert lobby.screen == Problem(Refusal.QUOTA, until=noon, words=words)


def test_a_slow_desk_is_said_and_its_late_number_still_arrives() -> None:
    lobby = Lobby().do(AgencyChosen("dukcapil"), ServiceChosen("ktp")).do(Tick(), apart_s=10)
    assert lobby.screen == Problem(Refusal.SLOW, lobby.requests[0])
    lobby.do(Committed(lobby.ticket()))
    assert isinstance(lobby.screen, Shown)


def test_news_of_an_older_visit_is_dropped() -> None:
    lobby = lobby_at_number()
    old = lobby.ticket()
    lobby.do(DoneTapped(), AgencyChosen("dukcapil"), ServiceChosen("kk"))
    before = lobby.screen
    lobby.do(Committed(old), PrintFinished(old, NOT_PRINTED), Refused(old.id))
    assert lobby.screen == before


# ── every failure is explained ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("result", [SENT, UNCERTAIN, NOT_PRINTED])
def test_without_confirmed_paper_the_number_stays_a_minute_and_then_asks(
    result: PrintResult,
) -> None:
    lobby = lobby_at_number(result).do(Tick(), apart_s=59)
    assert isinstance(lobby.screen, Shown)
    assert lobby.visit.warned_s is None
    lobby.do(Tick(), apart_s=2)
    assert lobby.visit.warned_s is not None
    assert lobby.do(Touched()).visit.warned_s is None
    assert isinstance(lobby.screen, Shown)
    lobby.do(Tick(), apart_s=61).do(Tick(), apart_s=20)
    assert lobby.screen == Agencies()


@pytest.mark.parametrize("result", [None, SENT, UNCERTAIN, NOT_PRINTED])
def test_a_number_without_proved_paper_goes_only_when_it_was_noted(
    result: PrintResult | None,
) -> None:
    lobby = lobby_at_number(result).do(HomeTapped(), BackTapped())
    assert isinstance(lobby.screen, Shown)
    assert lobby.do(DoneTapped()).screen == Agencies()
    assert lobby_at_number(PRINTED).do(HomeTapped()).screen == Agencies()


def test_a_number_whose_outcome_never_comes_is_treated_as_unproved() -> None:
    lobby = lobby_at_number(None).do(Tick(), apart_s=29)
    assert lobby.visit.warned_s is None
    lobby.do(Tick(), apart_s=40)
    assert lobby.visit.warned_s is not None
    assert isinstance(lobby.screen, Shown)


def test_closed_agency_says_why_before_anything_is_chosen() -> None:
    lobby = Lobby()
    lobby.snapshot = replace(lobby.snapshot, now=at(15))
    lobby.do(AgencyChosen("dukcapil"))
    assert isinstance(lobby.screen, Closed)
    assert lobby.screen.opening.why is Why.CUTOFF
    assert lobby.do(BackTapped()).screen == Agencies()


def test_a_service_that_shuts_while_the_desk_works_is_said() -> None:
    lobby = Lobby().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    shut = Opening(Why.CUTOFF)
    lobby.do(Refused(lobby.requests[0].id, opening=shut))
    assert lobby.screen == Closed("dukcapil", shut, "ktp")
    assert lobby.do(BackTapped()).screen == Services("dukcapil")


def test_on_fault_stop_burns_no_number() -> None:
    broken = PrinterHealth(fault=Fault.PAPER_OUT)
    lobby = Lobby(printer=broken, on_fault=OnFault.STOP).do(AgencyChosen("dlh"))
    lobby.do(ServiceChosen("ukl"))
    assert (lobby.screen, lobby.requests) == (Problem(Refusal.PRINTER), [])


def test_a_machine_that_can_write_no_number_says_so_at_the_first_tap() -> None:
    lobby = Lobby(broken=Refusal.FULL).do(AgencyChosen("dukcapil"))
    assert (lobby.screen, lobby.requests) == (Problem(Refusal.FULL), [])
    lobby.snapshot = replace(lobby.snapshot, broken=None)
    assert lobby.do(BackTapped(), AgencyChosen("dukcapil")).screen == Services("dukcapil")


def test_a_closed_site_lets_visitors_read_what_to_bring() -> None:
    lobby = Lobby()
    lobby.snapshot = replace(lobby.snapshot, now=at(21))
    assert lobby.snapshot.site_closed is not None
    lobby.do(BrowseAsked())
    assert lobby.screen == Agencies(browse=True)
    lobby.do(PageChosen(1), AgencyChosen("dukcapil"), DetailsAsked("ktp"))
    assert lobby.screen == Services("dukcapil", details="ktp", home_page=1, browse=True)
    lobby.do(ServiceChosen("ktp"))
    assert (type(lobby.screen), lobby.requests) == (Closed, [])
    lobby.do(BackTapped(), BackTapped())
    assert lobby.screen == Agencies(1, browse=True)
    assert lobby.do(BackTapped(), BackTapped()).screen == Agencies()


def test_the_site_is_closed_only_while_no_service_gives_numbers() -> None:
    assert Lobby().snapshot.site_closed is None
    paused = {c: ServiceLive(open=False, reason="paused") for c in ("ktp", "kk")}
    assert Lobby(live=Live(paused)).snapshot.site_closed is None
    everything = paused | {"ukl": ServiceLive(open=False, reason="paused")}
    shut = Lobby(live=Live(everything)).snapshot.site_closed
    assert shut is not None
    assert shut.why is Why.PAUSED
    empty = replace(Lobby().snapshot, catalogue=replace(MENU, agencies=()))
    assert empty.site_closed is None


def test_a_machine_that_cannot_give_numbers_lets_visitors_read_what_to_bring() -> None:
    lobby = Lobby(broken=Refusal.FULL).do(BrowseAsked(), AgencyChosen("dukcapil"))
    assert lobby.screen == Services("dukcapil", browse=True)
    lobby.do(ClosedAsked("ktp"))
    assert (lobby.screen, lobby.requests) == (Problem(Refusal.FULL), [])


def test_on_fault_screen_still_gives_numbers() -> None:
    broken = PrinterHealth(fault=Fault.PAPER_OUT)
    lobby = Lobby(printer=broken).do(AgencyChosen("dlh"), ServiceChosen("ukl"))
    assert len(lobby.requests) == 1


def test_after_a_restart_the_unfinished_ticket_is_offered_as_a_copy() -> None:
    ticket = lobby_at_number(None).ticket()
    lobby = Lobby().do(Unfinished(ticket))
    assert lobby.screen == Offered(ticket)
    lobby.do(OfferTaken())
    assert lobby.effects == [PrintCopy(ticket)]
    lobby.do(PrintFinished(ticket, PRINTED))
    assert isinstance(lobby.screen, Shown)
    assert lobby.screen.copy
    assert Lobby().do(Unfinished(ticket), DoneTapped()).screen == Agencies()


# ── help, where a number waits behind it ─────────────────────────────────────────────────


@pytest.mark.parametrize("result", [None, PRINTED, SENT, UNCERTAIN, NOT_PRINTED])
def test_help_before_a_number_leads_back_to_it_and_nowhere_else(
    result: PrintResult | None,
) -> None:
    lobby = lobby_at_number(result)
    number = lobby.screen
    lobby.do(HelpTapped())
    assert lobby.screen == Help(number)
    lobby.do(DoneTapped(), AnotherTapped(), AgencyChosen("dlh"), ServiceChosen("kk"))
    assert lobby.screen == Help(number)
    assert lobby.do(BackTapped()).screen == number
    assert len(lobby.requests) == 1


def test_home_from_help_leaves_only_a_number_whose_paper_is_proved() -> None:
    assert lobby_at_number(PRINTED).do(HelpTapped(), HomeTapped()).screen == Agencies()
    for result in (None, SENT, UNCERTAIN, NOT_PRINTED):
        lobby = lobby_at_number(result).do(HelpTapped(), HomeTapped())
        assert isinstance(lobby.screen, Help)


def test_what_becomes_of_the_paper_is_known_behind_help() -> None:
    lobby = lobby_at_number(None).do(
        HelpTapped(), PrintFinished(lobby_at_number(None).ticket(), SENT)
    )
    assert isinstance(lobby.screen, Help)
    assert lobby.do(BackTapped()).screen.result == SENT


def test_help_that_nobody_touches_gives_way_to_the_number() -> None:
    lobby = lobby_at_number(PRINTED)
    lobby.do(HelpTapped()).do(Tick(), apart_s=44)
    assert isinstance(lobby.screen, Help)
    lobby.do(Tick(), apart_s=2)
    assert isinstance(lobby.screen, Shown)
    assert (lobby.visit.warned_s, seconds_left(lobby.visit, lobby.snapshot)) == (None, 10)
    lobby.do(Tick(), apart_s=11)
    assert lobby.screen == Agencies()


def test_a_late_number_comes_before_the_help_that_was_asked_for() -> None:
    lobby = Lobby().do(AgencyChosen("dukcapil"), ServiceChosen("ktp")).do(Tick(), apart_s=10)
    lobby.do(HelpTapped())
    assert lobby.screen == Help(Problem(Refusal.SLOW, lobby.requests[0]))
    lobby.do(Committed(lobby.ticket()))
    assert isinstance(lobby.screen, Shown)
    lobby.do(DoneTapped(), apart_s=0.1)
    assert isinstance(lobby.screen, Shown), "a finger on its way to help does not end it"


def test_help_before_an_offered_number_leads_back_to_the_offer() -> None:
    ticket = lobby_at_number(None).ticket()
    lobby = Lobby().do(Unfinished(ticket), HelpTapped())
    assert lobby.screen == Help(Offered(ticket))
    assert lobby.do(BackTapped()).screen == Offered(ticket)


# ── time ─────────────────────────────────────────────────────────────────────────────────


def test_idle_warning_counts_down_extends_by_a_tap_and_ends_the_visit() -> None:
    lobby = Lobby().do(LanguageChosen("en"), AgencyChosen("dukcapil")).do(Tick(), apart_s=46)
    assert seconds_left(lobby.visit, lobby.snapshot) == 20
    lobby.do(ServiceChosen("ktp"))
    assert (lobby.visit.warned_s, lobby.requests) == (None, [])
    assert lobby.screen == Services("dukcapil")
    lobby.do(Tick(), apart_s=46).do(Tick(), apart_s=20)
    assert (lobby.screen, lobby.visit.language) == (Agencies(), "id")


def test_home_in_the_first_language_never_warns_but_another_language_does() -> None:
    assert Lobby().do(Tick(), apart_s=10_000).visit.warned_s is None
    assert Lobby().do(LanguageChosen("en")).do(Tick(), apart_s=46).visit.warned_s is not None


# ── anything at all ──────────────────────────────────────────────────────────────────────

codes = st.sampled_from(["dukcapil", "dlh", "kosong", "ktp", "kk", "ukl", "?", ""])
taps = st.one_of(
    st.builds(AgencyChosen, codes),
    st.builds(ServiceChosen, codes),
    st.builds(DetailsAsked, st.one_of(st.none(), codes)),
    st.builds(PriorityChosen, st.sampled_from(["elderly", "x"])),
    st.builds(PageChosen, st.integers(-2, 9)),
    st.builds(LanguageChosen, st.sampled_from(["id", "en", "xx"])),
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
    st.sampled_from(["commit", "deliver", "refuse"]),
)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(taps, st.sampled_from([0.0, 0.1, 0.6, 5.0, 50.0])), max_size=40),
    st.booleans(),
)
def test_no_order_of_events_breaks_a_visit(
    steps: list[tuple[Event | str, float]], busy: bool
) -> None:
    lobby = busy_lobby() if busy else Lobby()
    for wanted, apart in steps:
        if isinstance(wanted, str) and not lobby.requests:
            continue
        event = _news(wanted, lobby.ticket()) if isinstance(wanted, str) else wanted
        asked = len(lobby.requests)
        before = lobby.visit
        lobby.do(event, apart_s=apart)
        _holds(lobby, before, event, asked)


def _news(kind: str, ticket: Ticket) -> Event:
    news: dict[str, Event] = {
        "commit": Committed(ticket),
        "deliver": PrintFinished(ticket, PRINTED),
        "refuse": Refused(ticket.id, Refusal.BUSY),
    }
    return news[kind]


def _holds(lobby: Lobby, before: Visit, event: Event, asked: int) -> None:
    """At most one request a touch; a new one only from a choice, on a screen that offers it."""
    made = lobby.requests[asked:]
    assert len(made) <= 1
    assert lobby.visit.language in ("id", "en")
    if made:
        assert isinstance(lobby.screen, Issuing)
        assert not isinstance(before.screen, Issuing)
        if lobby.snapshot.busy(MENU.service(made[0].service).service):  # type: ignore[union-attr]
            assert isinstance(event, ConfirmTapped | RetryTapped)
        if isinstance(event, RetryTapped):
            assert isinstance(before.screen, Problem)
            assert made[0] == before.screen.request
        else:
            assert made[0].id not in [r.id for r in lobby.requests[:asked]]
    number = number_on(before.screen)
    if number is not None and isinstance(event, Refused):
        assert lobby.screen == before.screen
    if number is not None and number.proof is not Proof.CONFIRMED and before.warned_s is None:
        stays = number_on(lobby.screen) is not None
        assert stays or isinstance(event, DoneTapped | AnotherTapped), (
            "it goes by its visitor's word"
        )


# ── a copy by itself, once the printer has thrown away an uncertain slip ─────────────────


HELD = replace(UNCERTAIN, hold=1)
CLEARED = PrinterHealth(level=Level.PROCESS_ID, cleared=1)


def test_an_uncertain_slip_is_printed_once_more_when_the_printer_has_cleared_it() -> None:
    lobby = lobby_at_number(HELD)
    lobby.snapshot = replace(
        lobby.snapshot, printer=PrinterHealth(fault=Fault.PAPER_OUT, held=True)
    )
    lobby.do(Tick(), Tick())
    assert not any(isinstance(e, PrintCopy) for e in lobby.effects)
    lobby.snapshot = replace(lobby.snapshot, printer=CLEARED)
    lobby.do(Tick(), Tick(), Tick())
    copies = [e for e in lobby.effects if isinstance(e, PrintCopy)]
    assert copies == [PrintCopy(lobby.screen.ticket)]
    assert (lobby.screen.result, lobby.screen.copy) == (None, True)
    lobby.do(PrintFinished(lobby.ticket(), PRINTED))
    assert (lobby.screen.result, lobby.screen.copy) == (PRINTED, True)


def test_the_copy_comes_also_while_its_visitor_reads_help() -> None:
    lobby = lobby_at_number(HELD).do(HelpTapped())
    lobby.snapshot = replace(lobby.snapshot, printer=CLEARED)
    lobby.do(Tick(), Tick())
    copies = [e.ticket.id for e in lobby.effects if isinstance(e, PrintCopy)]
    assert copies == [lobby.requests[0].id]
    lobby.do(PrintFinished(lobby.ticket(), PRINTED), BackTapped())
    assert (lobby.screen.result, lobby.screen.copy) == (PRINTED, True)


def test_a_copy_that_is_uncertain_too_is_not_followed_by_another() -> None:
    lobby = lobby_at_number(HELD)
    lobby.snapshot = replace(lobby.snapshot, printer=CLEARED)
    lobby.do(Tick(), PrintFinished(lobby.ticket(), replace(UNCERTAIN, hold=2)))
    lobby.snapshot = replace(lobby.snapshot, printer=replace(CLEARED, cleared=2))
    lobby.do(Tick(), Tick())
    assert len([e for e in lobby.effects if isinstance(e, PrintCopy)]) == 1


@pytest.mark.parametrize(
    ("result", "health"),
    [
        (HELD, PrinterHealth()),  # staff ended the hold: the printer did not confirm a clear buffer
        (HELD, replace(CLEARED, fault=Fault.COVER_OPEN)),
        (HELD, replace(CLEARED, held=True)),
        (replace(HELD, hold=2), CLEARED),  # that was an earlier hold
        (UNCERTAIN, CLEARED),
        (NOT_PRINTED, CLEARED),
        (SENT, CLEARED),
    ],
)
def test_without_a_confirmed_clear_nothing_is_printed_by_itself(
    result: PrintResult, health: PrinterHealth
) -> None:
    lobby = lobby_at_number(result)
    lobby.snapshot = replace(lobby.snapshot, printer=health)
    lobby.do(Tick(), Tick())
    assert not any(isinstance(e, PrintCopy) for e in lobby.effects)


def test_no_copy_comes_out_for_somebody_who_has_gone() -> None:
    lobby = lobby_at_number(HELD)
    lobby.do(Tick(), apart_s=61)
    assert lobby.visit.warned_s is not None
    lobby.snapshot = replace(lobby.snapshot, printer=CLEARED)
    lobby.do(Tick())
    gone = lobby_at_number(HELD).do(DoneTapped())
    gone.snapshot = replace(gone.snapshot, printer=CLEARED)
    gone.do(Tick())
    for visit in (lobby, gone):
        assert not any(isinstance(e, PrintCopy) for e in visit.effects)


# ── what the server says of the queue ────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("reason", "why"), [("quota_full", Why.QUOTA), ("paused", Why.PAUSED), ("closed", Why.PAUSED)]
)
def test_a_service_that_is_full_or_paused_explains_itself(reason: str, why: Why) -> None:
    shut = Live({"ktp": ServiceLive(open=False, reason=reason)}, in_touch=True, linked=True)
    lobby = Lobby(live=shut).do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    assert isinstance(lobby.screen, Closed)
    assert (lobby.screen.opening.why, lobby.screen.service) == (why, "ktp")
    assert lobby.requests == []
    lobby.do(BackTapped(), ServiceChosen("kk"))
    assert [r.service for r in lobby.requests] == ["kk"]


def test_who_is_ahead_stays_on_the_screen_when_the_slip_is_out() -> None:
    lobby = Lobby().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    ahead = Ahead(12, (40, 50))
    lobby.do(Committed(lobby.ticket(), ahead), apart_s=0.02)
    assert lobby.screen.ahead == ahead
    lobby.do(PrintFinished(lobby.ticket(), PRINTED), apart_s=0.02)
    assert (lobby.screen.ahead, lobby.screen.result) == (ahead, PRINTED)


# ── a busy service asks before its number is made ────────────────────────────────────────

ASKS = replace(MENU, confirm_above=20)
CROWD = Live({c: ServiceLive(34, (120, 150)) for c in ("ktp", "ukl")}, in_touch=True, linked=True)
CALM = Live({c: ServiceLive(20) for c in ("ktp", "ukl")}, in_touch=True, linked=True)


def busy_lobby() -> Lobby:
    lobby = Lobby(live=CROWD)
    lobby.snapshot = replace(lobby.snapshot, catalogue=ASKS)
    return lobby


def test_a_busy_service_asks_and_yes_makes_the_one_number() -> None:
    lobby = busy_lobby().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    assert (lobby.screen, lobby.requests) == (Confirm("ktp", Services("dukcapil")), [])
    lobby.do(*[ConfirmTapped()] * 10, apart_s=0.1)
    lobby.do(ConfirmTapped(), ConfirmTapped())
    assert [r.service for r in lobby.requests] == ["ktp"]
    assert isinstance(lobby.screen, Issuing)


@pytest.mark.parametrize(
    "live",
    [
        CALM,  # not above the figure
        Live(
            linked=True
        ),  # figures older than 30 s are not shown and do not require a confirmation
    ],
)
def test_a_service_of_which_nobody_knows_that_it_is_busy_asks_nothing(live: Live) -> None:
    lobby = busy_lobby()
    lobby.snapshot = replace(lobby.snapshot, live=live)
    lobby.do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    assert [r.service for r in lobby.requests] == ["ktp"]


def test_without_a_figure_nobody_is_asked() -> None:
    lobby = Lobby(live=CROWD).do(AgencyChosen("dlh"), ServiceChosen("ukl"))
    assert len(lobby.requests) == 1


def test_change_leads_back_to_what_stood_with_page_details_and_priority() -> None:
    lobby = busy_lobby().do(PageChosen(2), AgencyChosen("dukcapil"), PriorityChosen("elderly"))
    lobby.do(PageChosen(1), DetailsAsked("ktp"))
    before = lobby.screen
    lobby.do(ServiceChosen("ktp"), BackTapped())
    assert (lobby.screen, lobby.visit.priority) == (before, "elderly")
    lobby.do(ServiceChosen("kk"))
    assert [(r.service, r.priority) for r in lobby.requests] == [("kk", "elderly")]


def test_an_agency_with_one_service_asks_too_and_keeps_the_group() -> None:
    lobby = busy_lobby().do(PageChosen(1), AgencyChosen("dlh"), PriorityChosen("elderly"))
    lobby.do(ServiceChosen("ukl"))
    services = Services("dlh", home_page=1)
    assert (lobby.screen, lobby.requests) == (Confirm("ukl", services), [])
    lobby.do(BackTapped())
    assert (lobby.screen, lobby.visit.priority) == (services, "elderly")
    lobby.do(ServiceChosen("ukl"), ConfirmTapped())
    assert [(r.service, r.priority) for r in lobby.requests] == [("ukl", "elderly")]


def test_home_help_language_and_idleness_are_as_everywhere() -> None:
    lobby = busy_lobby().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    asked = lobby.screen
    assert lobby.do(LanguageChosen("en")).screen == asked
    assert lobby.do(HelpTapped()).screen == Help(asked)
    assert lobby.do(BackTapped()).screen == asked
    lobby.do(Tick(), apart_s=46)
    lobby.do(ConfirmTapped())
    assert (lobby.screen, lobby.visit.warned_s, lobby.requests) == (asked, None, [])
    assert lobby.do(HomeTapped()).screen == Agencies()
    lobby.do(AgencyChosen("dukcapil"), ServiceChosen("ktp")).do(Tick(), apart_s=46)
    assert lobby.do(Tick(), apart_s=20).screen == Agencies()
    assert lobby.requests == []


def test_a_wait_that_reaches_past_closing_is_said_before_the_number() -> None:
    late = Live({"ktp": ServiceLive(3, (280, 305))}, in_touch=True, linked=True)
    lobby = Lobby(live=late).do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    assert (lobby.screen, lobby.requests) == (Confirm("ktp", Services("dukcapil")), [])
    assert len(lobby.do(ConfirmTapped()).requests) == 1


@pytest.mark.parametrize(
    ("waiting", "minutes", "late"),
    [
        (3, (280, 299), False),  # 09:00 and 299 minutes: the counters close at 14:00
        (3, (280, 301), True),
        (0, (280, 301), False),  # nobody waits
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


def test_a_double_tap_on_a_busy_service_is_no_yes() -> None:
    lobby = busy_lobby().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    lobby.do(ConfirmTapped(), apart_s=0.3)
    assert (lobby.screen, lobby.requests) == (Confirm("ktp", Services("dukcapil")), [])


def test_the_question_stands_when_its_figures_are_no_longer_known() -> None:
    lobby = busy_lobby().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    lobby.snapshot = replace(lobby.snapshot, live=Live(linked=True))
    lobby.do(Tick(), Tick())
    assert isinstance(lobby.screen, Confirm)
    assert len(lobby.do(ConfirmTapped()).requests) == 1


def test_what_shuts_while_the_question_stands_is_said_and_burns_no_number() -> None:
    shut = Live({"ktp": ServiceLive(34, open=False, reason="paused")}, in_touch=True, linked=True)
    lobby = busy_lobby().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    lobby.snapshot = replace(lobby.snapshot, live=shut)
    lobby.do(ConfirmTapped())
    assert isinstance(lobby.screen, Closed)
    assert (lobby.screen.opening.why, lobby.screen.service) == (Why.PAUSED, "ktp")
    one = busy_lobby().do(PageChosen(1), AgencyChosen("dlh"), ServiceChosen("ukl"))
    one.snapshot = replace(one.snapshot, now=at(15))
    one.do(ConfirmTapped(), BackTapped())
    full = busy_lobby().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    full.snapshot = replace(full.snapshot, broken=Refusal.FULL)
    assert full.do(ConfirmTapped()).screen == Problem(Refusal.FULL)
    assert one.screen == Services("dlh", home_page=1, browse=True)
    assert [*lobby.requests, *one.requests, *full.requests] == []


def test_try_again_after_a_question_repeats_the_same_request() -> None:
    lobby = busy_lobby().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"), ConfirmTapped())
    lobby.do(Refused(lobby.requests[0].id, Refusal.BUSY), RetryTapped())
    assert lobby.requests[0] == lobby.requests[1]
