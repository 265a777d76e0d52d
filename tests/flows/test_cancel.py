"""A number that was a mistake is given back: every way through the question and its answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.delivery import PrintResult
from kiosk.domain.events import (
    AgencyChosen,
    AnotherTapped,
    BackTapped,
    CancelTapped,
    Committed,
    DoneTapped,
    Event,
    HelpTapped,
    HomeTapped,
    LanguageChosen,
    NotVoided,
    PrintCopy,
    PrintFinished,
    ServiceChosen,
    Tick,
    Touched,
    VoidConfirmed,
    Voided,
    VoidTicket,
)
from kiosk.domain.health import PrinterHealth
from kiosk.domain.ticket import Ticket
from kiosk.domain.visit_state import (
    Agencies,
    CancelAsked,
    Cancelled,
    Cancelling,
    Help,
    Shown,
    Touch,
)
from kiosk.domain.visit_timers import seconds_left
from tests.flows.test_visits import NOT_PRINTED, PRINTED, UNCERTAIN, Lobby, lobby_at_number


def void(ticket: Ticket) -> Ticket:
    return replace(ticket, state="void", rev=ticket.rev + 1)


def asked(result: PrintResult | None = PRINTED) -> Lobby:
    return lobby_at_number(result).do(CancelTapped())


def going(result: PrintResult | None = PRINTED) -> Lobby:
    return asked(result).do(VoidConfirmed())


def voids(lobby: Lobby) -> list[str]:
    return [e.ticket.id for e in lobby.effects if isinstance(e, VoidTicket)]


def test_one_question_and_the_number_is_void() -> None:
    lobby = asked()
    assert (type(lobby.screen), voids(lobby)) == (CancelAsked, [])
    lobby.do(VoidConfirmed())
    assert (type(lobby.screen), voids(lobby)) == (Cancelling, [lobby.ticket().id])
    lobby.do(Voided(void(lobby.ticket())))
    assert isinstance(lobby.screen, Cancelled)
    assert lobby.screen.ticket.number == "DK-001"
    assert seconds_left(lobby.visit, lobby.snapshot) == 10
    lobby.do(Tick(), apart_s=10.1)
    assert lobby.screen == Agencies()


def test_no_leads_back_to_the_valid_number() -> None:
    lobby = asked()
    number = lobby.screen.number
    assert lobby.do(BackTapped()).screen == number
    assert voids(lobby) == []


@pytest.mark.parametrize("way", [DoneTapped(), AnotherTapped(), HomeTapped(), BackTapped()])
def test_after_a_void_every_way_leads_home(way: Event) -> None:
    lobby = going()
    lobby.do(Voided(void(lobby.ticket())), way)
    assert lobby.screen == Agencies()


def test_another_number_after_a_void_has_an_id_of_its_own() -> None:
    lobby = going()
    lobby.do(Voided(void(lobby.ticket())), AnotherTapped())
    lobby.do(AgencyChosen("dukcapil"), ServiceChosen("kk"))
    assert len({r.id for r in lobby.requests}) == 2


def test_two_touches_on_the_question_are_no_yes() -> None:
    lobby = asked()
    for after_s, apart_mm in ((0.3, 50.0), (0.65, 0.0), (1.1, 10.0)):
        lobby.snapshot = replace(
            lobby.snapshot, touch=Touch(lobby.visit.acted_s + after_s, apart_mm)
        )
        lobby.do(VoidConfirmed(), apart_s=after_s)
    assert isinstance(lobby.screen, CancelAsked)
    assert voids(lobby) == []


def test_fifty_times_yes_is_one_void() -> None:
    lobby = asked().do(*[VoidConfirmed()] * 50, apart_s=0.6)
    assert len(voids(lobby)) == 1


def test_taps_while_it_is_given_back_change_nothing_but_the_language() -> None:
    lobby = going().do(BackTapped(), HomeTapped(), HelpTapped(), DoneTapped(), AnotherTapped())
    assert isinstance(lobby.screen, Cancelling)
    lobby.do(LanguageChosen("en"))
    assert (type(lobby.screen), lobby.visit.language) == (Cancelling, "en")


def test_what_cannot_be_given_back_is_shown_again_as_valid_and_says_so() -> None:
    lobby = going(NOT_PRINTED)
    lobby.do(NotVoided(lobby.ticket().id))
    assert isinstance(lobby.screen, Shown)
    assert (lobby.screen.kept, lobby.screen.ticket.state) == (True, "issued")
    lobby.do(CancelTapped(), VoidConfirmed())
    assert len(voids(lobby)) == 2


def test_a_journal_that_does_not_answer_shows_the_number_and_its_late_answer_counts() -> None:
    lobby = going().do(Tick(), apart_s=10)
    assert isinstance(lobby.screen, Shown)
    assert lobby.screen.kept
    lobby.do(Voided(void(lobby.ticket())))
    assert isinstance(lobby.screen, Cancelled)


@pytest.mark.parametrize("result", [PRINTED, NOT_PRINTED, UNCERTAIN])
def test_an_outcome_that_comes_during_the_void_is_not_lost(result: PrintResult) -> None:
    lobby = going(None)
    lobby.do(PrintFinished(lobby.ticket(), result))
    assert isinstance(lobby.screen, Cancelling)
    assert lobby.screen.number.result == result
    shown = lobby.do(NotVoided(lobby.ticket().id)).visit.screen
    assert isinstance(shown, Shown)
    assert shown.result == result


def test_an_outcome_below_the_question_is_shown_after_no() -> None:
    lobby = asked(None)
    lobby.do(PrintFinished(lobby.ticket(), PRINTED))
    assert isinstance(lobby.screen, CancelAsked)
    assert lobby.do(BackTapped()).screen.result == PRINTED


def test_nothing_brings_a_void_number_back() -> None:
    lobby = going(None)
    gone = void(lobby.ticket())
    lobby.do(Voided(gone))
    for late in (PrintFinished(gone, PRINTED), Committed(gone), Committed(lobby.ticket())):
        assert isinstance(lobby.do(late, apart_s=0.1).screen, Cancelled)


@pytest.mark.parametrize("screen", [None, CancelTapped()])
def test_a_result_of_a_void_number_says_that_it_is_void(screen: Event | None) -> None:
    lobby = lobby_at_number(None)
    if screen is not None:
        lobby.do(screen)
    lobby.do(PrintFinished(void(lobby.ticket()), NOT_PRINTED))
    assert isinstance(lobby.screen, Cancelled)


def test_no_automatic_copy_of_a_number_that_is_given_back() -> None:
    unsure = replace(UNCERTAIN, hold=1)
    clear = PrinterHealth(cleared=1)
    lobby = going(unsure)
    lobby.snapshot = replace(lobby.snapshot, printer=clear)
    lobby.do(Tick())
    lobby.do(Voided(void(lobby.ticket())), Tick())
    assert not [e for e in lobby.effects if isinstance(e, PrintCopy)]


def test_help_over_the_question_leads_back_to_the_number() -> None:
    lobby = asked()
    number = lobby.screen.number
    assert lobby.do(HelpTapped()).screen == Help(number)
    assert lobby.do(BackTapped()).screen == number


def test_an_untouched_question_shows_the_number_again() -> None:
    lobby = asked(NOT_PRINTED).do(Tick(), apart_s=46)
    assert isinstance(lobby.screen, Shown)
    assert lobby.visit.warned_s is None


def test_only_a_number_on_the_screen_can_be_given_back() -> None:
    lobby = Lobby().do(CancelTapped(), VoidConfirmed())
    assert (lobby.screen, lobby.effects) == (Agencies(), [])
    assert lobby_at_number().do(VoidConfirmed()).effects[1:] == []


TAPS: list[Event] = [
    *(CancelTapped(), VoidConfirmed(), BackTapped(), HomeTapped(), HelpTapped()),
    *(DoneTapped(), AnotherTapped(), Tick(), Touched()),
]
APART_S = st.sampled_from([0.1, 0.6, 2.0, 12.0])
WAYS = st.lists(st.tuples(st.sampled_from(TAPS), APART_S), max_size=12)


@given(WAYS, st.booleans())
def test_no_way_loses_a_number_that_is_not_noted_or_voids_one_unasked(
    way: list[tuple[Event, float]], works: bool
) -> None:
    """Given an unproved slip: the number leaves the screen by "noted", a void, or the timeouts."""
    lobby = lobby_at_number(NOT_PRINTED)
    ticket, answered = lobby.ticket(), 0
    for event, apart_s in way:
        before = lobby.screen
        lobby.do(event, apart_s=apart_s)
        if isinstance(before, Shown) and not isinstance(lobby.screen, Shown):
            assert isinstance(event, DoneTapped | AnotherTapped | CancelTapped | HelpTapped | Tick)
        if len(voids(lobby)) > answered:
            answered += 1
            assert (type(before), event) == (CancelAsked, VoidConfirmed())
            lobby.do(Voided(void(ticket)) if works else NotVoided(ticket.id), apart_s=0.1)
            assert isinstance(lobby.screen, Cancelled if works else Shown)
