"""Find by need as lists of steps: typing, answers, the way to a service, what is counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.effects import NoteMissed, Search
from kiosk.domain.events import (
    AgencyChosen,
    AnotherTapped,
    BackTapped,
    ClosedAsked,
    EraseTapped,
    Event,
    FindTapped,
    FoundChosen,
    HelpTapped,
    HomeTapped,
    LanguageChosen,
    LetterTyped,
    PageChosen,
    RestartTapped,
    SearchAnswered,
    ServiceChosen,
    Tick,
    Touched,
)
from kiosk.domain.visit_find import MOST_LETTERS
from kiosk.domain.visit_screens import (
    PAGE_OF_LIT,
    Agencies,
    Closed,
    Find,
    Help,
    Issuing,
    Problem,
    Services,
)
from kiosk.domain.visit_state import (
    Touch,
)
from kiosk.errors import Refusal
from tests.domain.menus import at
from tests.flows.test_visits import VisitRun


def typed(text: str) -> list[Event]:
    return [LetterTyped(letter) for letter in text]


def run_with(text: str, *services: str, answered: bool = True) -> VisitRun:
    """The search screen with ``text``, and ``services`` as its answer."""
    run = VisitRun().do(FindTapped())
    run.do(*typed(text), apart_s=0.6)
    if answered:
        run.do(SearchAnswered(text, services), apart_s=0.01)
    return run


def missed(run: VisitRun) -> list[str]:
    return [e.text for e in run.effects if isinstance(e, NoteMissed)]


def searched(run: VisitRun) -> list[str]:
    return [e.text for e in run.effects if isinstance(e, Search)]


def test_each_letter_is_searched_and_its_answer_shown() -> None:
    run = run_with("ktp", "ktp")
    assert searched(run) == ["", "k", "kt", "ktp"]
    assert run.screen.text == run.screen.answered == "ktp"
    assert run.screen.found == ("ktp",)


def test_the_same_letter_twice_in_a_tenth_of_a_second_is_two_letters() -> None:
    run = VisitRun().do(FindTapped()).wait(1.0)
    run.do(*typed("kk"), apart_s=0.1)
    assert run.screen.text == "kk"


def test_a_second_touch_on_the_field_types_nothing_and_chooses_nothing() -> None:
    for event in (LetterTyped("k"), FoundChosen("ktp")):
        run = VisitRun().do(FindTapped()).do(event, apart_s=0.4)
        assert run.screen == Find()
    run = VisitRun().do(FindTapped())
    run.snapshot = replace(run.snapshot, touch=Touch(run.snapshot.mono_s + 0.7, 4.0))
    assert run.do(FoundChosen("ktp"), apart_s=0.8).screen == Find()


def test_a_result_leads_to_the_services_with_its_row_lit_and_gives_no_number() -> None:
    run = run_with("ktp", "ktp").do(FoundChosen("ktp"))
    screen = run.screen
    assert isinstance(screen, Services)
    assert (screen.agency, screen.lit, screen.page) == ("dukcapil", "ktp", PAGE_OF_LIT)
    assert run.requests == []
    run.do(ServiceChosen("ktp"))
    assert isinstance(run.screen, Issuing)
    assert [r.service for r in run.requests] == ["ktp"]


def test_a_usual_need_is_chosen_before_a_letter_is_typed() -> None:
    assert VisitRun().do(FindTapped(), FoundChosen("ktp")).screen.lit == "ktp"


def test_a_result_that_has_just_changed_under_the_finger_is_not_chosen() -> None:
    run = run_with("ktp", "ktp", "kk")
    run.do(FoundChosen("ktp"), apart_s=0.3)
    assert isinstance(run.screen, Find)
    run.do(LetterTyped("x"), SearchAnswered("ktpx", ("ktp", "kk")), apart_s=0.3)
    run.do(FoundChosen("ktp"), apart_s=0.1)
    assert isinstance(run.screen, Services), "the same results in the same places"


@pytest.mark.parametrize("text", ["zzz", "zzzk"])
def test_an_agency_that_appears_under_the_finger_is_not_chosen(text: str) -> None:
    run = run_with(text[:-1], *(("ktp",) if text == "zzz" else ()))
    run.do(LetterTyped(text[-1])).do(SearchAnswered(text, ()), apart_s=0.6)
    assert run.screen.nothing
    run.do(AgencyChosen("dukcapil"), apart_s=0.05)
    assert isinstance(run.screen, Find)
    assert isinstance(run.do(AgencyChosen("dukcapil"), apart_s=0.5).screen, Services)


@pytest.mark.parametrize("erase", [EraseTapped(all_=True), EraseTapped()])
@pytest.mark.parametrize("services", [("kk",), ()])
def test_a_need_that_appears_under_the_finger_is_not_chosen(
    erase: EraseTapped, services: tuple[str, ...]
) -> None:
    run = run_with("zzz" if erase.all_ else "k", *services)
    needs = run.screen.area is False
    run.do(erase, apart_s=0.6)
    assert run.screen.area is False
    run.do(FoundChosen("ktp"), apart_s=0.05)
    assert isinstance(run.screen, Services) is needs, "needs that stay in place can be chosen"
    if not needs:
        assert isinstance(run.do(FoundChosen("ktp"), apart_s=0.5).screen, Services)


def test_needs_that_replace_results_under_the_finger_are_not_chosen() -> None:
    run = run_with("k", "kk").do(LetterTyped("x")).do(SearchAnswered("kx", ()), apart_s=0.1)
    run.do(FoundChosen("ktp"), apart_s=0.05)
    assert isinstance(run.screen, Find)


def test_a_service_that_the_menu_on_the_screen_does_not_have_is_no_answer() -> None:
    run = run_with("ktp", "new", "ktp", "newer")
    assert run.screen.found == ("ktp",)
    run = run_with("baru", "new")
    assert run.screen.nothing, "the area below the field would be empty"


def test_an_answer_to_an_older_text_is_dropped() -> None:
    run = run_with("ktp", answered=False)
    run.do(SearchAnswered("kt", ("kk",)))
    assert (run.screen.found, run.screen.answered) == ((), "")


def test_an_answer_reaches_the_search_below_help_and_no_other_screen() -> None:
    run = run_with("ktp", answered=False).do(HelpTapped(), SearchAnswered("ktp", ("ktp",)))
    assert isinstance(run.screen, Help)
    assert run.do(BackTapped()).screen.found == ("ktp",)
    home = VisitRun().do(SearchAnswered("ktp", ("ktp",)))
    assert home.screen == Agencies()


def test_a_search_whose_answer_came_too_late_is_searched_again_after_back() -> None:
    run = run_with("ktp", answered=False).do(FoundChosen("ktp"))
    run.do(SearchAnswered("ktp", ("ktp",)))
    assert run.screen.lit == "ktp"
    run.effects.clear()
    run.do(BackTapped())
    assert searched(run) == ["ktp"]
    run.do(SearchAnswered("ktp", ("ktp",)))
    assert (run.screen.found, run.screen.answered) == (("ktp",), "ktp")


def test_a_search_that_was_answered_is_not_searched_again_after_back() -> None:
    run = run_with("ktp", "ktp").do(FoundChosen("ktp"))
    run.effects.clear()
    run.do(BackTapped())
    assert searched(run) == []
    run = run_with("").do(FoundChosen("ktp"))
    run.effects.clear()
    assert searched(run.do(BackTapped())) == []


def test_back_leads_to_the_search_as_it_was_and_then_home_to_the_page_before() -> None:
    run = VisitRun().do(PageChosen(1), FindTapped(), *typed("ktp"))
    run.do(SearchAnswered("ktp", ("ktp",)), FoundChosen("ktp"), BackTapped())
    assert run.screen.text == "ktp"
    assert run.screen.found == ("ktp",)
    assert run.do(BackTapped()).screen == Agencies(1)


@pytest.mark.parametrize("way", [HomeTapped(), BackTapped()])
def test_leaving_the_search_clears_the_text(way: Event) -> None:
    assert run_with("ktp", "ktp").do(way, FindTapped()).screen == Find()


def test_the_idle_warning_comes_and_its_end_clears_the_text() -> None:
    run = run_with("ktp", "ktp")
    run.wait(run.snapshot.timeouts.idle_s).do(Tick())
    assert run.visit.warned_s is not None
    run.do(LetterTyped("x"))
    assert run.screen.text == "ktp", "a touch on the warning types nothing"
    run.wait(run.snapshot.timeouts.idle_s).do(Tick())
    assert run.do(RestartTapped()).screen == Agencies()
    run = run_with("ktp", "ktp")
    run.wait(run.snapshot.timeouts.idle_s).do(Tick())
    run.wait(run.snapshot.timeouts.warning_s).do(Tick())
    assert run.do(FindTapped()).screen == Find()


def test_typing_keeps_the_visit_awake() -> None:
    run = VisitRun().do(FindTapped())
    for _ in range(6):
        run.do(LetterTyped("a"), Tick(), apart_s=run.snapshot.timeouts.idle_s / 2 - 1)
        assert run.visit.warned_s is None


def test_another_language_keeps_the_text() -> None:
    run = run_with("ktp", "ktp").do(LanguageChosen("en"))
    assert (run.screen.text, run.visit.language) == ("ktp", "en")


def test_the_text_has_no_double_spaces_and_a_limit() -> None:
    run = VisitRun().do(FindTapped(), *typed("  a  b"))
    assert run.screen.text == "a b"
    run.do(*typed("x" * 100))
    assert len(run.screen.text) == MOST_LETTERS
    run.do(EraseTapped(all_=True))
    assert run.screen == Find()
    assert run.do(EraseTapped()).screen == Find()


def test_nothing_found_is_only_said_of_a_complete_answer_to_three_letters() -> None:
    assert not run_with("zz").screen.nothing
    assert not run_with("zzz", answered=False).screen.nothing
    assert run_with("zzz").screen.nothing


def test_where_nothing_is_found_an_agency_can_be_chosen() -> None:
    run = run_with("zzz").do(AgencyChosen("dukcapil"))
    assert (run.screen.agency, run.screen.lit) == ("dukcapil", None)
    assert run.do(BackTapped()).screen.text == "zzz"


def test_a_search_without_an_answer_is_counted_once_when_it_is_given_up() -> None:
    assert missed(run_with("zzz")) == []
    for way in (BackTapped(), HomeTapped(), AgencyChosen("dukcapil")):
        assert missed(run_with("zzz").do(way)) == ["zzz"]
    run = run_with("zzz").do(AgencyChosen("dukcapil"), BackTapped(), BackTapped())
    assert missed(run) == ["zzz"]
    run = run_with("zzz").do(EraseTapped(), SearchAnswered("zz", ()), EraseTapped())
    assert missed(run.do(HomeTapped())) == ["zzz"]
    run = run_with("zzz")
    run.wait(run.snapshot.timeouts.idle_s).do(Tick())
    run.wait(run.snapshot.timeouts.warning_s).do(Tick())
    assert missed(run) == ["zzz"]


@pytest.mark.parametrize("erase", [EraseTapped(), EraseTapped(all_=True)])
def test_a_search_that_is_erased_and_typed_again_is_counted_once(erase: EraseTapped) -> None:
    run = run_with("zzz").do(erase)
    assert missed(run) == ["zzz"]
    run.do(*typed("zzz"[len(run.screen.text) :]), SearchAnswered("zzz", ()))
    assert run.screen.nothing
    assert missed(run.do(HomeTapped())) == ["zzz"]
    other = run_with("zzz").do(EraseTapped(), LetterTyped("k"), SearchAnswered("zzk", ()))
    assert missed(other.do(HomeTapped())) == ["zzz", "zzk"]


def test_a_search_that_was_left_before_its_answer_came_is_counted_after_it() -> None:
    run = run_with("zzz", answered=False).do(FoundChosen("ktp"), BackTapped())
    run.do(SearchAnswered("zzz", ()))
    assert missed(run) == []
    assert missed(run.do(HomeTapped())) == ["zzz"]


def test_a_search_that_goes_on_or_was_answered_is_not_counted() -> None:
    run = run_with("zzz").do(LetterTyped("k"), SearchAnswered("zzzk", ("ktp",)), HomeTapped())
    assert missed(run) == []
    assert missed(run_with("zzz").do(HelpTapped(), BackTapped(), Touched())) == []
    assert missed(run_with("ktp", "ktp").do(FoundChosen("ktp"), HomeTapped())) == []


def test_a_closed_service_is_shown_lit_and_its_reason_leads_back_to_it() -> None:
    run = run_with("ktp", "ktp")
    run.snapshot = replace(run.snapshot, now=at(21))
    run.do(FoundChosen("ktp"))
    lit = run.screen
    assert lit.lit == "ktp"
    run.do(ClosedAsked("ktp"))
    assert isinstance(run.screen, Closed)
    assert run.do(BackTapped()).screen == replace(lit, browse=True)
    assert run.requests == []


def test_a_machine_that_gives_no_numbers_says_so_unless_it_is_only_read() -> None:
    run = run_with("ktp", "ktp")
    run.snapshot = replace(run.snapshot, broken=Refusal.NUMBERS)
    assert run.do(FoundChosen("ktp")).screen == Problem(Refusal.NUMBERS)
    run = run_with("ktp", "ktp")
    run.visit = replace(run.visit, screen=replace(run.screen, browse=True))
    run.snapshot = replace(run.snapshot, broken=Refusal.NUMBERS)
    assert isinstance(run.do(FoundChosen("ktp")).screen, Services)


def test_a_service_or_agency_that_left_the_menu_changes_nothing() -> None:
    run = run_with("ktp", "ktp")
    before = run.screen
    assert run.do(FoundChosen("gone"), AgencyChosen("gone"), AnotherTapped()).screen == before
