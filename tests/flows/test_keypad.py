"""A visit that is steered by keys: what a key changes, and for how long."""

from __future__ import annotations

from kiosk.domain.events import (
    AgencyChosen,
    DoneTapped,
    HelpTapped,
    HomeTapped,
    KeyPressed,
    RestartTapped,
    ServiceChosen,
    Tick,
    Touched,
)
from kiosk.domain.visit_screens import (
    Agencies,
    Services,
    Shown,
)
from kiosk.domain.visit_state import (
    Visit,
)
from tests.flows.test_visits import VisitRun


def test_a_key_changes_nothing_but_that_the_focus_is_shown() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"))
    screen, acted_s = run.screen, run.visit.acted_s
    run.do(KeyPressed())
    assert run.screen == screen
    assert run.visit.keypad
    assert run.visit.acted_s == acted_s, (
        "a key that only shows the focus is no change of the screen"
    )


def test_the_focus_lasts_to_the_end_of_the_visit_and_not_longer() -> None:
    run = VisitRun().do(KeyPressed(), AgencyChosen("dukcapil"), HelpTapped(), HomeTapped())
    assert run.visit.keypad
    run.do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    run.arrive()
    assert isinstance(run.screen, Shown)
    assert run.visit.keypad
    run.do(DoneTapped())
    assert not run.visit.keypad


def test_who_steers_by_keys_has_twice_the_time() -> None:
    run = VisitRun().do(KeyPressed())
    run.do(Tick(), apart_s=89)
    assert run.visit.warned_s is None
    run.do(Tick(), apart_s=2)
    assert run.visit.warned_s is not None, "the next person must not find the focus"
    run.do(Tick(), apart_s=39)
    assert run.visit.warned_s is not None
    run.do(Tick(), apart_s=2)
    assert run.visit == Visit("id", touched_s=run.visit.touched_s, acted_s=run.visit.acted_s)


def test_a_key_begins_the_warning_s_countdown_anew_and_does_not_end_it() -> None:
    run = VisitRun().do(KeyPressed(), AgencyChosen("dukcapil"))
    run.do(Tick(), apart_s=91)
    assert run.visit.warned_s is not None
    run.do(KeyPressed(), apart_s=35)
    assert run.visit.warned_s is not None
    run.do(Tick(), apart_s=35)
    assert run.visit.warned_s is not None
    assert isinstance(run.screen, Services)
    run.do(Touched())
    assert run.visit.warned_s is None
    assert isinstance(run.screen, Services)


def test_the_warning_can_be_answered_by_start_again() -> None:
    run = VisitRun().do(KeyPressed(), AgencyChosen("dukcapil"))
    run.do(Tick(), apart_s=91)
    run.do(KeyPressed(), apart_s=5)
    run.do(RestartTapped(), apart_s=1)
    assert run.screen == Agencies()
    assert not run.visit.keypad
