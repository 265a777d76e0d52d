"""Modes in a visit: in place, over all screens, for one person, with more time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.events import (
    AgencyChosen,
    BackTapped,
    CancelTapped,
    DetailsAsked,
    DoneTapped,
    HelpTapped,
    HomeTapped,
    LanguageChosen,
    LanguagesAsked,
    ModesAsked,
    ModeToggled,
    NotVoided,
    PriorityChosen,
    Refused,
    RestartTapped,
    ServiceChosen,
    Tick,
    Unfinished,
    VoidConfirmed,
)
from kiosk.domain.modes import NO_MODES, Mode
from kiosk.domain.visit_repeats import REPEAT_S, is_repeat
from kiosk.domain.visit_screens import (
    Agencies,
    Cancelling,
    Issuing,
    Offered,
    Problem,
    Services,
    Shown,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Touch,
    Visit,
)
from kiosk.domain.visit_timers import seconds_left, stands_s
from kiosk.errors import Refusal
from tests.domain.menus import MENU, at
from tests.flows.test_visits import VisitRun

MODE = next(iter(Mode))
ON = ModeToggled(MODE)


def test_a_mode_changes_nothing_else_of_the_visit() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"), PriorityChosen("elderly"), DetailsAsked("ktp"))
    screen, group = run.screen, run.visit.priorities
    run.do(ON)
    assert (run.screen, run.visit.priorities, run.visit.modes) == (
        screen,
        group,
        {MODE},
    )
    run.do(ON)
    assert (run.screen, run.visit.priorities, run.visit.modes) == (
        screen,
        group,
        NO_MODES,
    )


@pytest.mark.parametrize("screen", [Agencies(3), Services("dukcapil", page=3)])
def test_back_on_a_layout_with_fewer_pages_leaves_the_page_that_is_shown(
    screen: Agencies | Services,
) -> None:
    run = VisitRun()
    run.visit = replace(run.visit, screen=screen)
    assert run.do(BackTapped(1)).screen == replace(screen, page=0)
    run.visit = replace(run.visit, screen=screen)
    assert run.do(BackTapped(7)).screen == replace(screen, page=2)
    run.visit = replace(run.visit, screen=replace(screen, browse=True))
    assert run.do(BackTapped(0)).screen == Agencies(browse=isinstance(screen, Services))


def test_a_mode_lasts_to_the_end_of_the_visit_and_not_longer() -> None:
    run = VisitRun().do(ON, AgencyChosen("dukcapil"), HelpTapped(), HomeTapped())
    assert run.visit.modes == {MODE}
    run.do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    assert isinstance(run.screen, Issuing)
    run.do(ON)
    assert isinstance(run.screen, Issuing)
    run.do(ON)
    run.arrive()
    assert run.visit.modes == {MODE}
    run.do(DoneTapped())
    assert run.screen == Agencies()
    assert run.visit.modes == NO_MODES


def test_the_next_person_does_not_inherit_a_mode_from_the_home_screen() -> None:
    run = VisitRun().do(ON)
    run.do(Tick(), apart_s=89)
    assert run.visit.warned_s is None
    run.do(Tick(), apart_s=2)
    assert run.visit.warned_s is not None
    run.do(Tick(), apart_s=39)
    assert run.visit.modes == {MODE}
    run.do(Tick(), apart_s=2)
    assert run.visit == Visit("id", touched_s=run.visit.touched_s, acted_s=run.visit.acted_s)


def test_start_again_on_the_warning_ends_the_modes_too() -> None:
    run = VisitRun().do(ON).do(Tick(), apart_s=91)
    assert run.visit.warned_s is not None
    assert run.do(RestartTapped()).visit.modes == NO_MODES


def test_everything_that_ends_by_itself_lasts_twice_as_long() -> None:
    plain, mode = (
        VisitRun().do(*more, AgencyChosen("dukcapil"), ServiceChosen("ktp")).arrive()
        for more in ((), (ON,))
    )
    assert isinstance(plain.screen, Shown)
    times = [stands_s(run.visit, run.snapshot) for run in (plain, mode)]
    assert times[1] == 2 * times[0]
    left = [seconds_left(run.visit, run.snapshot) for run in (plain, mode)]
    assert left == times
    plain.do(Tick(), apart_s=times[0] + 1)
    mode.do(Tick(), apart_s=times[0] + 1)
    assert plain.screen == Agencies()
    assert isinstance(mode.screen, Shown)


def test_the_keys_of_the_modes_close_with_the_screen_below_them() -> None:
    run = VisitRun().do(ModesAsked(open=True))
    assert run.visit.modes_open
    assert run.do(ON).visit.modes_open, "several modes can be chosen one after another"
    assert not run.do(AgencyChosen("dukcapil")).visit.modes_open
    run.do(ModesAsked(open=True))
    assert not run.do(ModesAsked(open=False)).visit.modes_open


def issuing() -> VisitRun:
    run = VisitRun().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"), ModesAsked(open=True))
    assert isinstance(run.screen, Issuing)
    assert run.visit.modes_open
    return run


def test_the_keys_of_the_modes_close_with_a_screen_that_a_result_or_the_time_replaces() -> None:
    run = issuing().arrive(None)
    assert isinstance(run.screen, Shown)
    assert not run.visit.modes_open
    assert run.do(ModesAsked(open=True)).visit.modes_open
    assert run.arrive().visit.modes_open, "the result of the print job keeps the screen"
    run = issuing().do(Refused("id-2", Refusal.BUSY))
    assert isinstance(run.screen, Problem)
    assert not run.visit.modes_open
    run = issuing().do(Tick(), apart_s=11)
    assert isinstance(run.screen, Problem)
    assert not run.visit.modes_open
    run = VisitRun().do(ModesAsked(open=True), Unfinished(issuing().ticket()))
    assert isinstance(run.screen, Offered)
    assert not run.visit.modes_open


@pytest.mark.parametrize("late", [True, False])
def test_the_keys_of_the_modes_close_when_a_number_could_not_be_given_back(late: bool) -> None:
    run = issuing().arrive().do(CancelTapped(), VoidConfirmed(), ModesAsked(open=True))
    assert isinstance(run.screen, Cancelling)
    run.do(Tick() if late else NotVoided("id-2"), apart_s=11 if late else 1)
    assert isinstance(run.screen, Shown)
    assert not run.visit.modes_open


def test_help_that_closes_itself_over_a_number_closes_the_keys_of_the_modes() -> None:
    run = issuing().arrive().do(HelpTapped(), ModesAsked(open=True))
    run.do(Tick(), apart_s=2 * run.snapshot.timeouts.idle_s)
    assert isinstance(run.screen, Shown)
    assert not run.visit.modes_open


def test_open_keys_are_not_left_for_the_next_person() -> None:
    run = VisitRun().do(ModesAsked(open=True)).do(Tick(), apart_s=46)
    assert run.visit.warned_s is not None
    assert not run.do(Tick(), apart_s=21).visit.modes_open


@pytest.mark.parametrize("event", [ON, ModesAsked(open=False)])
@pytest.mark.parametrize("after_s", [0.1, 0.55, 0.65, 1.1, 1.19])
def test_a_second_touch_on_the_same_spot_does_not_undo_the_first(
    event: ModeToggled | ModesAsked, after_s: float
) -> None:
    visit = Visit("id", acted_s=100.0)
    for apart_mm, ignored in ((0.0, True), (40.0, False)):
        touch = Touch(100.0 + after_s, apart_mm)
        snapshot = KioskSnapshot(MENU, at(9), 100.0 + after_s, touch=touch)
        assert is_repeat(visit, event, snapshot) is ignored
    touch = Touch(100.0 + REPEAT_S, 0.0)
    snapshot = KioskSnapshot(MENU, at(9), 100.0 + REPEAT_S, touch=touch)
    assert not is_repeat(visit, event, snapshot)


def test_no_number_from_a_button_that_a_mode_has_just_moved_under_the_finger() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil")).do(ON)
    run.do(ServiceChosen("ktp"), apart_s=0.3)
    assert run.requests == []
    run.do(ServiceChosen("ktp"), apart_s=1.3)
    assert len(run.requests) == 1


def test_the_keys_of_the_languages_take_the_place_of_those_of_the_modes() -> None:
    run = VisitRun().do(ModesAsked(open=True), LanguagesAsked(open=True))
    assert (run.visit.languages_open, run.visit.modes_open) == (True, False)
    run.do(ModesAsked(open=True))
    assert (run.visit.languages_open, run.visit.modes_open) == (False, True)
    run.do(LanguagesAsked(open=True), LanguageChosen("en"))
    assert (run.visit.language, run.visit.languages_open) == ("en", False)
    run.do(LanguagesAsked(open=True), LanguagesAsked(open=False))
    assert not run.visit.languages_open
    run.do(LanguagesAsked(open=True), AgencyChosen("dukcapil"))
    assert not run.visit.languages_open, "they close with the screen below them"
    run.do(LanguagesAsked(open=True)).do(Tick(), apart_s=46).do(Tick(), apart_s=21)
    assert run.visit == Visit("id", touched_s=run.visit.touched_s, acted_s=run.visit.acted_s)


@pytest.mark.parametrize("after_s", [0.55, 0.65, 1.1])
@pytest.mark.parametrize("first", [LanguagesAsked(open=True), LanguageChosen("en")])
def test_a_second_touch_where_another_key_of_the_bar_lies_now_does_nothing(
    first: LanguageChosen | LanguagesAsked, after_s: float
) -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"))
    if isinstance(first, LanguageChosen):
        run.do(LanguagesAsked(open=True), apart_s=2)
    visit = run.do(first, apart_s=2).visit
    for second in (HomeTapped(), BackTapped(), LanguageChosen("id"), ON):
        touch = Touch(visit.acted_s + after_s, 1.0)
        snapshot = KioskSnapshot(MENU, at(9), touch.began_s + 0.05, touch=touch)
        assert is_repeat(visit, second, snapshot), second
