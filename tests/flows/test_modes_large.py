"""The priority groups behind a key, as large text shows them, and targets that a mode has moved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.events import (
    AgencyChosen,
    BackTapped,
    DetailsAsked,
    HelpTapped,
    HomeTapped,
    ModeToggled,
    PageChosen,
    PriorityAsked,
    PriorityChosen,
    ServiceChosen,
    Tap,
)
from kiosk.domain.health import PrinterHealth
from kiosk.domain.modes import Mode
from kiosk.domain.visit_repeats import REPEAT_S, is_repeat
from kiosk.domain.visit_screens import (
    Agencies,
    Services,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Touch,
    Visit,
    chooses_priority,
)
from kiosk.errors import Refusal
from tests.domain.menus import MENU, at
from tests.flows.test_visits import VisitRun

LARGE = ModeToggled(Mode.LARGE)
OPEN, CLOSE = PriorityAsked(open=True), PriorityAsked(open=False)


def on_services() -> VisitRun:
    return VisitRun().do(LARGE, AgencyChosen("dukcapil"))


def shows_groups(run: VisitRun) -> bool:
    return chooses_priority(run.visit, run.snapshot)


def test_the_key_shows_the_groups_until_the_visitor_goes_on() -> None:
    run = on_services().do(OPEN)
    assert shows_groups(run)
    run.do(PriorityChosen("elderly"))
    assert shows_groups(run), "several may be chosen"
    assert run.visit.priorities == ("elderly",)
    run.do(CLOSE)
    assert not shows_groups(run)
    run.do(ServiceChosen("ktp"))
    assert [r.priority for r in run.requests] == ["elderly"]


def test_the_chosen_group_can_be_taken_back() -> None:
    run = on_services().do(OPEN, PriorityChosen("elderly"), PriorityChosen("elderly"))
    assert run.visit.priorities == ()
    assert shows_groups(run)


@pytest.mark.parametrize("leave", [CLOSE, BackTapped()])
def test_back_leaves_the_groups_and_then_the_services(leave: Tap) -> None:
    run = on_services().do(PageChosen(1), OPEN, leave)
    assert not shows_groups(run)
    assert run.screen == Services("dukcapil", page=1)
    run.do(BackTapped(), BackTapped())
    assert run.screen == Agencies()


def test_help_over_the_groups_leads_back_to_them() -> None:
    assert shows_groups(on_services().do(OPEN, HelpTapped(), BackTapped()))


def test_without_large_text_the_groups_are_with_the_services_and_back_leaves_these() -> None:
    run = on_services().do(OPEN, LARGE)
    assert not shows_groups(run)
    run.do(BackTapped())
    assert run.screen == Agencies()


def test_a_machine_that_cannot_give_numbers_shows_no_groups() -> None:
    run = on_services().do(OPEN)
    broken = replace(run.snapshot, broken=Refusal.NUMBERS)
    assert not chooses_priority(run.visit, broken)
    assert broken.priority_groups(MENU.agencies[0]) == ()
    assert run.snapshot.printer == PrinterHealth()


@pytest.mark.parametrize(
    "event", [HomeTapped(), BackTapped(), HelpTapped(), PageChosen(1), DetailsAsked("ktp"), OPEN]
)
@pytest.mark.parametrize("after_s", [0.55, 0.65, 1.1])
def test_what_a_switch_has_moved_under_the_finger_is_not_touched_by_a_second_touch(
    event: Tap, after_s: float
) -> None:
    run = on_services().do(OPEN).do(LARGE)
    now = run.snapshot.mono_s
    for apart_mm, ignored in ((0.0, True), (40.0, False)):
        touch = Touch(now + after_s, apart_mm)
        snapshot = KioskSnapshot(MENU, at(9), now + after_s, touch=touch)
        assert is_repeat(run.visit, event, snapshot) is ignored
    touch = Touch(now + REPEAT_S, 0.0)
    snapshot = KioskSnapshot(MENU, at(9), now + REPEAT_S, touch=touch)
    assert not is_repeat(run.visit, event, snapshot)


def test_a_choice_with_the_groups_on_the_screen_moves_nothing() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"), PriorityChosen("elderly"))
    assert run.visit.switched_s == Visit("id").switched_s
