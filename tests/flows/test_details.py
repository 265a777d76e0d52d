"""Visits that read the details of a service and print them without a number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.delivery import Fault, Outcome
from kiosk.domain.effects import Issue, PrintDetails
from kiosk.domain.events import (
    AgencyChosen,
    BackTapped,
    BrowseAsked,
    ClosedAsked,
    DetailsAsked,
    DetailsPrinted,
    DetailsPrintTapped,
    Event,
    HelpTapped,
    HomeTapped,
    LanguageChosen,
    PageChosen,
    RestartTapped,
    ServiceChosen,
    Tick,
)
from kiosk.domain.health import PrinterHealth
from kiosk.domain.visit_details import PAUSE_S, NoDetails, no_details
from kiosk.domain.visit_screens import (
    Agencies,
    DetailsSlip,
    Issuing,
    Services,
)
from kiosk.domain.visit_state import (
    Touch,
)
from kiosk.errors import Refusal
from tests.domain.menus import at
from tests.flows.test_visits import NOT_PRINTED, PRINTED, UNCERTAIN, VisitRun

DETAILS = Services("dukcapil", details="ktp")
PRINT = DetailsPrintTapped("ktp")


def at_details(**snapshot: object) -> VisitRun:
    return VisitRun(**snapshot).do(AgencyChosen("dukcapil"), DetailsAsked("ktp"))


def printing(run: VisitRun) -> DetailsSlip:
    assert isinstance(run.screen, DetailsSlip)
    return run.screen


def test_one_touch_prints_the_details_once_and_leads_back_to_them() -> None:
    run = at_details().do(LanguageChosen("en"), PRINT)
    job = printing(run).job
    assert run.effects == [PrintDetails(job, "ktp", "en")]
    shown = run.screen
    run.do(PRINT, BackTapped(), HomeTapped(), HelpTapped(), ServiceChosen("ktp"), Tick())
    assert run.screen == shown, "a screen that waits for the printer was left"
    run.do(DetailsPrinted("another job", PRINTED))
    assert printing(run).result is None
    run.do(DetailsPrinted(job, PRINTED))
    assert printing(run).result == PRINTED
    assert run.do(BackTapped()).screen == DETAILS
    run.do(DetailsPrinted(job, NOT_PRINTED))
    assert run.screen == DETAILS
    assert len(run.effects) == 1
    assert isinstance(run.do(ServiceChosen("ktp")).screen, Issuing)
    assert [type(effect) for effect in run.effects] == [PrintDetails, Issue]


@pytest.mark.parametrize("apart_s", [0.02, 0.3, 0.55, 0.8, 1.1])
def test_a_second_touch_on_the_spot_prints_nothing_more(apart_s: float) -> None:
    run = at_details().do(PRINT)
    run.do(DetailsPrinted(printing(run).job, PRINTED), apart_s=0.01)
    for event in (PRINT, BackTapped(), PRINT):
        touch = Touch(run.snapshot.mono_s + apart_s, apart_mm=1.0)
        run.snapshot = replace(run.snapshot, touch=touch)
        run.do(event, apart_s=apart_s)
    assert len(run.effects) == 1


def why(run: VisitRun, service: str = "ktp") -> NoDetails | None:
    return no_details(run.visit, service, run.snapshot)


def test_a_service_has_one_slip_in_a_visit_and_each_slip_a_pause_after_it() -> None:
    run = at_details().do(PRINT)
    run.do(DetailsPrinted(printing(run).job, PRINTED), BackTapped(), PRINT)
    assert (len(run.effects), why(run), why(run, "kk")) == (1, NoDetails.PRINTED, NoDetails.PAUSE)
    run.do(DetailsAsked(None), DetailsAsked("kk"), DetailsPrintTapped("kk"))
    assert len(run.effects) == 1
    run.do(DetailsPrintTapped("kk"), apart_s=PAUSE_S)
    assert len(run.effects) == 2


def test_the_pause_goes_on_in_the_next_visit_which_may_print_the_same_service() -> None:
    run = at_details().do(PRINT)
    run.do(DetailsPrinted(printing(run).job, PRINTED), HomeTapped())
    run.wait(run.snapshot.timeouts.idle_s).do(Tick())
    assert run.visit.warned_s is not None, "the next person would find it printed"
    run.do(RestartTapped())
    assert run.visit.details == ()
    run.visit = replace(run.visit, details_s=run.snapshot.mono_s - 2)
    run.do(AgencyChosen("dukcapil"), DetailsAsked("ktp"), PRINT)
    assert (len(run.effects), why(run)) == (1, NoDetails.PAUSE)
    run.do(PRINT, apart_s=PAUSE_S)
    assert len(run.effects) == 2


def test_what_did_not_come_out_may_be_printed_again_at_once() -> None:
    run = at_details().do(PRINT)
    run.do(DetailsPrinted(printing(run).job, NOT_PRINTED), BackTapped(), PRINT)
    assert len(run.effects) == 2
    run.do(DetailsPrinted(printing(run).job, UNCERTAIN), BackTapped(), PRINT)
    assert (len(run.effects), why(run)) == (2, NoDetails.PAUSE)


def test_the_last_of_the_paper_is_for_numbers() -> None:
    run = at_details(printer=PrinterHealth(near_end=True)).do(PRINT)
    assert (run.screen, run.effects, why(run)) == (DETAILS, [], NoDetails.NEAR_END)


@pytest.mark.parametrize(
    "printer", [PrinterHealth(fault=Fault.PAPER_OUT), PrinterHealth(held=True)]
)
def test_nothing_is_printed_while_the_printer_cannot(printer: PrinterHealth) -> None:
    run = at_details(printer=printer).do(PRINT)
    assert (run.screen, run.effects) == (DETAILS, [])


def test_a_printer_that_does_not_answer_ends_as_uncertain() -> None:
    run = at_details().do(PRINT)
    run.do(Tick(), apart_s=31)
    result = printing(run).result
    assert result is not None
    assert result.outcome is Outcome.UNCERTAIN
    assert run.do(HomeTapped()).screen == Agencies()


@pytest.mark.parametrize("change", [{"now": at(21)}, {"broken": Refusal.SHUT}])
def test_the_details_are_printed_while_no_numbers_are_given(change: dict[str, object]) -> None:
    run = VisitRun()
    run.snapshot = replace(run.snapshot, **change)  # type: ignore[arg-type]
    run.do(BrowseAsked(), AgencyChosen("dukcapil"), DetailsAsked("ktp"), PRINT)
    run.do(DetailsPrinted(printing(run).job, PRINTED))
    assert [type(effect) for effect in run.effects] == [PrintDetails]
    assert run.do(BackTapped()).screen == replace(DETAILS, browse=True)


def test_pages_of_the_details_are_turned_back_before_they_close() -> None:
    run = at_details().do(PageChosen(1), PageChosen(2))
    assert run.screen == replace(DETAILS, details_page=2)
    # The screen is larger than the one on which the pages were turned: it shows page 1 of 2.
    assert run.do(BackTapped(page=1)).screen == DETAILS
    run.do(PageChosen(1), DetailsAsked(None))
    assert run.screen == Services("dukcapil")
    assert run.do(DetailsAsked("ktp")).screen == DETAILS


@pytest.mark.parametrize(
    "event", [DetailsPrintTapped("kk"), ServiceChosen("ukl"), DetailsAsked("kk")]
)
def test_another_service_s_events_do_nothing_on_the_details(event: Event) -> None:
    run = at_details().do(event)
    assert (run.screen, run.effects) == (DETAILS, [])


def test_a_service_that_closed_says_so_on_its_details() -> None:
    run = at_details()
    run.snapshot = replace(run.snapshot, now=at(21))
    assert run.do(ClosedAsked("ktp")).screen.back == DETAILS
