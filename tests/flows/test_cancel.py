"""Giving a number back: every path through the question, its answers and late results."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.delivery import PrintResult
from kiosk.domain.effects import PrintCopy, VoidTicket
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
    PrintFinished,
    ServiceChosen,
    Tick,
    Touched,
    VoidConfirmed,
    Voided,
)
from kiosk.domain.health import PrinterHealth
from kiosk.domain.ticket import Ticket
from kiosk.domain.visit_screens import (
    Agencies,
    CancelAsked,
    Cancelled,
    Cancelling,
    Help,
    Shown,
)
from kiosk.domain.visit_state import (
    Touch,
)
from kiosk.domain.visit_timers import seconds_left
from tests.flows.test_visits import NOT_PRINTED, PRINTED, UNCERTAIN, VisitRun, visit_at_number


def voided_ticket(ticket: Ticket) -> Ticket:
    return replace(ticket, state="void", rev=ticket.rev + 1)


def visit_at_question(result: PrintResult | None = PRINTED) -> VisitRun:
    return visit_at_number(result).do(CancelTapped())


def visit_while_voiding(result: PrintResult | None = PRINTED) -> VisitRun:
    return visit_at_question(result).do(VoidConfirmed())


def void_effects(run: VisitRun) -> list[str]:
    return [e.ticket.id for e in run.effects if isinstance(e, VoidTicket)]


def test_a_confirmed_question_voids_the_number() -> None:
    run = visit_at_question()
    assert (type(run.screen), void_effects(run)) == (CancelAsked, [])
    run.do(VoidConfirmed())
    assert (type(run.screen), void_effects(run)) == (Cancelling, [run.ticket().id])
    run.do(Voided(voided_ticket(run.ticket())))
    assert isinstance(run.screen, Cancelled)
    assert run.screen.ticket.number == "DK-001"
    assert seconds_left(run.visit, run.snapshot) == 10
    run.do(Tick(), apart_s=10.1)
    assert run.screen == Agencies()


def test_the_answer_no_leads_back_to_the_valid_number() -> None:
    run = visit_at_question()
    number = run.screen.number
    assert run.do(BackTapped()).screen == number
    assert void_effects(run) == []


@pytest.mark.parametrize("tap", [DoneTapped(), AnotherTapped(), HomeTapped(), BackTapped()])
def test_after_a_void_every_button_leads_home(tap: Event) -> None:
    run = visit_while_voiding()
    run.do(Voided(voided_ticket(run.ticket())), tap)
    assert run.screen == Agencies()


def test_another_number_after_a_void_has_a_new_id() -> None:
    run = visit_while_voiding()
    run.do(Voided(voided_ticket(run.ticket())), AnotherTapped())
    run.do(AgencyChosen("dukcapil"), ServiceChosen("kk"))
    assert len({r.id for r in run.requests}) == 2


def test_a_touch_too_soon_or_on_the_same_spot_does_not_confirm() -> None:
    run = visit_at_question()
    for after_s, apart_mm in ((0.3, 50.0), (0.65, 0.0), (1.1, 10.0)):
        run.snapshot = replace(run.snapshot, touch=Touch(run.visit.acted_s + after_s, apart_mm))
        run.do(VoidConfirmed(), apart_s=after_s)
    assert isinstance(run.screen, CancelAsked)
    assert void_effects(run) == []


def test_fifty_confirmations_make_one_void() -> None:
    run = visit_at_question().do(*[VoidConfirmed()] * 50, apart_s=0.6)
    assert len(void_effects(run)) == 1


def test_only_the_language_can_be_changed_while_a_number_is_given_back() -> None:
    run = visit_while_voiding().do(
        BackTapped(), HomeTapped(), HelpTapped(), DoneTapped(), AnotherTapped()
    )
    assert isinstance(run.screen, Cancelling)
    run.do(LanguageChosen("en"))
    assert (type(run.screen), run.visit.language) == (Cancelling, "en")


def test_a_number_that_cannot_be_given_back_is_shown_as_valid_with_a_note() -> None:
    run = visit_while_voiding(NOT_PRINTED)
    run.do(NotVoided(run.ticket().id))
    assert isinstance(run.screen, Shown)
    assert (run.screen.kept, run.screen.ticket.state) == (True, "issued")
    run.do(CancelTapped(), VoidConfirmed())
    assert len(void_effects(run)) == 2


def test_after_a_timeout_the_number_is_shown_until_a_late_answer_voids_it() -> None:
    run = visit_while_voiding().do(Tick(), apart_s=10)
    assert isinstance(run.screen, Shown)
    assert run.screen.kept
    run.do(Voided(voided_ticket(run.ticket())))
    assert isinstance(run.screen, Cancelled)


@pytest.mark.parametrize("result", [PRINTED, NOT_PRINTED, UNCERTAIN])
def test_an_outcome_that_arrives_during_the_void_is_kept(result: PrintResult) -> None:
    run = visit_while_voiding(None)
    run.do(PrintFinished(run.ticket(), result))
    assert isinstance(run.screen, Cancelling)
    assert run.screen.number.result == result
    shown = run.do(NotVoided(run.ticket().id)).visit.screen
    assert isinstance(shown, Shown)
    assert shown.result == result


def test_an_outcome_that_arrives_during_the_question_is_shown_after_no() -> None:
    run = visit_at_question(None)
    run.do(PrintFinished(run.ticket(), PRINTED))
    assert isinstance(run.screen, CancelAsked)
    assert run.do(BackTapped()).screen.result == PRINTED


def test_late_events_do_not_show_a_void_number_again() -> None:
    run = visit_while_voiding(None)
    voided = voided_ticket(run.ticket())
    run.do(Voided(voided))
    for late in (PrintFinished(voided, PRINTED), Committed(voided), Committed(run.ticket())):
        assert isinstance(run.do(late, apart_s=0.1).screen, Cancelled)


@pytest.mark.parametrize("screen", [None, CancelTapped()])
def test_a_print_result_of_a_void_number_shows_it_as_void(screen: Event | None) -> None:
    run = visit_at_number(None)
    if screen is not None:
        run.do(screen)
    run.do(PrintFinished(voided_ticket(run.ticket()), NOT_PRINTED))
    assert isinstance(run.screen, Cancelled)


def test_no_automatic_copy_of_a_number_that_is_given_back() -> None:
    uncertain = replace(UNCERTAIN, hold=1)
    cleared = PrinterHealth(cleared=1)
    run = visit_while_voiding(uncertain)
    run.snapshot = replace(run.snapshot, printer=cleared)
    run.do(Tick())
    run.do(Voided(voided_ticket(run.ticket())), Tick())
    assert not [e for e in run.effects if isinstance(e, PrintCopy)]


def test_help_from_the_question_leads_back_to_the_number() -> None:
    run = visit_at_question()
    number = run.screen.number
    assert run.do(HelpTapped()).screen == Help(number)
    assert run.do(BackTapped()).screen == number


def test_an_untouched_question_shows_the_number_again() -> None:
    run = visit_at_question(NOT_PRINTED).do(Tick(), apart_s=46)
    assert isinstance(run.screen, Shown)
    assert run.visit.warned_s is None


def test_a_void_needs_a_number_on_the_screen() -> None:
    run = VisitRun().do(CancelTapped(), VoidConfirmed())
    assert (run.screen, run.effects) == (Agencies(), [])
    assert visit_at_number().do(VoidConfirmed()).effects[1:] == []


TAPS: list[Event] = [
    *(CancelTapped(), VoidConfirmed(), BackTapped(), HomeTapped(), HelpTapped()),
    *(DoneTapped(), AnotherTapped(), Tick(), Touched()),
]
APART_S = st.sampled_from([0.1, 0.6, 2.0, 12.0])
WAYS = st.lists(st.tuples(st.sampled_from(TAPS), APART_S), max_size=12)


@given(WAYS, st.booleans())
def test_no_path_hides_an_unnoted_number_or_voids_one_without_a_confirmation(
    path: list[tuple[Event, float]], works: bool
) -> None:
    """An unconfirmed number leaves the screen only by "noted", the question, help or a timeout."""
    run = visit_at_number(NOT_PRINTED)
    ticket, answered = run.ticket(), 0
    for event, apart_s in path:
        before = run.screen
        run.do(event, apart_s=apart_s)
        if isinstance(before, Shown) and not isinstance(run.screen, Shown):
            assert isinstance(event, DoneTapped | AnotherTapped | CancelTapped | HelpTapped | Tick)
        if len(void_effects(run)) > answered:
            answered += 1
            assert (type(before), event) == (CancelAsked, VoidConfirmed())
            run.do(Voided(voided_ticket(ticket)) if works else NotVoided(ticket.id), apart_s=0.1)
            assert isinstance(run.screen, Cancelled if works else Shown)
