"""The application in a real off-screen window, with simulated touches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kiosk.domain.delivery import Proof
from kiosk.domain.events import (
    AgencyChosen,
    Committed,
    ConfirmTapped,
    DoneTapped,
    HelpTapped,
    LanguageChosen,
    OfferTaken,
    PrintFinished,
    Refused,
    RetryTapped,
    ServiceChosen,
)
from kiosk.domain.live import Live, ServiceLive
from kiosk.domain.visit_screens import (
    Agencies,
    Attract,
    Confirm,
    Issuing,
    Offered,
    Problem,
    Services,
    Shown,
)
from kiosk.errors import Refusal
from tests.domain.menus import MENU
from tests.ui.app_under_test import AppUnderTest
from tests.ui.kiosk_ports import PRINTED, FakeKioskPort

Make = Callable[..., AppUnderTest]
DUKCAPIL, KTP, UKL = AgencyChosen("dukcapil"), ServiceChosen("ktp"), ServiceChosen("ukl")


def test_two_taps_make_a_number_and_done_leads_home(context: Make) -> None:
    s = context()
    s.tap(DUKCAPIL)
    assert isinstance(s.visit.screen, Services)
    s.tap(KTP)
    s.until(lambda: isinstance(s.visit.screen, Shown) and s.visit.screen.proof is Proof.CONFIRMED)
    assert len(s.kiosk_port.requests) == 1
    s.tap(DoneTapped())
    assert s.visit.screen == Agencies()


def test_the_printing_screen_is_shown_before_the_answer(context: Make) -> None:
    s = context()
    s.take()
    assert s.root_view.shown[-1] in (Issuing, Shown)
    assert Issuing in s.root_view.shown


def test_each_visit_has_new_ids(context: Make) -> None:
    s = context()
    for _ in range(3):
        s.take()
        s.on(Shown)
        s.tap(DoneTapped())
    assert len({r.id for r in s.kiosk_port.requests}) == 3
    assert len({r.track for r in s.kiosk_port.requests}) == 3
    assert all(len(r.track) == 32 and r.id[14] == "7" for r in s.kiosk_port.requests)


def test_one_tap_changes_the_language(context: Make) -> None:
    s = context()
    s.tap(LanguageChosen("en"))
    assert s.visit.language == "en"
    s.take()
    assert s.kiosk_port.requests[0].language == "en"


# ── repeated and concurrent touches ──────────────────────────────────────────────────────


def test_a_double_tap_makes_one_ticket(context: Make) -> None:
    s = context()
    x, y = s.button()
    s.fingers.tap(x, y)
    s.fingers.tap(x, y)
    s.on(Shown)
    s.frames(5)
    assert len(s.kiosk_port.requests) == 1


def test_a_double_tap_on_an_agency_chooses_no_service(context: Make) -> None:
    s = context()
    x, y = s.middle(DUKCAPIL)
    s.clock.freeze()
    for _ in range(2):
        s.fingers.tap(x, y)
        s.frames(2)
    assert isinstance(s.visit.screen, Services)
    assert s.kiosk_port.requests == []


def test_ten_concurrent_touches_make_one_ticket(context: Make) -> None:
    s = context()
    x, y = s.button()
    touches = [(s.fingers.down(x + i, y), x + i) for i in range(-5, 5)]
    s.frames(2)
    for touch, at_x in touches:
        s.fingers.up(touch, at_x, y)
    s.on(Shown)
    s.frames(5)
    assert len(s.kiosk_port.requests) == 1


def test_concurrent_touches_on_all_buttons_make_at_most_one_ticket(context: Make) -> None:
    s = context()
    places = [
        s.middle(event) for event in (DUKCAPIL, AgencyChosen("dlh"), LanguageChosen("en"))
    ] * 3
    touches = [(s.fingers.down(x, y), x, y) for x, y in places]
    for touch, x, y in touches:
        s.fingers.up(touch, x, y)
    s.frames(10)
    assert len(s.kiosk_port.requests) <= 1


def test_ten_touches_on_a_busy_service_and_ten_on_yes_make_one_ticket(context: Make) -> None:
    s = context(FakeKioskPort(replace(MENU, confirm_above=20)))
    s.kiosk_port.queue = Live({"ukl": ServiceLive(34)}, in_touch=True, linked=True)
    s.tap(AgencyChosen("dlh"))
    for event, after in ((UKL, Confirm), (ConfirmTapped(), Shown)):
        s.clock.ahead_s += 2
        x, y = s.middle(event)
        touches = [(s.fingers.down(x + i, y), x + i) for i in range(-5, 5)]
        s.frames(2)
        for touch, at_x in touches:
            s.fingers.up(touch, at_x, y)
        s.on(after)
    s.frames(5)
    assert len(s.kiosk_port.requests) == 1


def test_fifty_taps_in_a_second_make_one_ticket(context: Make) -> None:
    s = context()
    s.kiosk_port.answer = s.kiosk_port.nothing
    x, y = s.button()
    for _ in range(50):
        s.fingers.tap(x, y)
        s.frames(1)
    s.frames(5)
    assert isinstance(s.visit.screen, Issuing)
    assert len(s.kiosk_port.requests) == 1


def test_the_event_loop_runs_on_after_fifty_taps_all_over_the_screen(context: Make) -> None:
    s = context()
    width, height = s.window.size
    for i in range(50):
        s.fingers.tap(width * (0.1 + 0.8 * (i % 7) / 7), height * (i % 50) / 50)
        s.frames(1)
    ticks = s.root_view.ticks
    s.until(lambda: s.root_view.ticks > ticks, "a tick")
    assert len(s.kiosk_port.requests) <= 1


def test_taps_while_printing_have_no_effect(context: Make) -> None:
    s = context()
    s.kiosk_port.answer = s.kiosk_port.nothing
    x, y = s.button()
    s.tap(UKL)
    for _ in range(5):
        s.clock.ahead_s += 1
        s.fingers.tap(x, y)
        s.frames(3)
    assert isinstance(s.visit.screen, Issuing)
    assert len(s.kiosk_port.requests) == 1


def test_a_touch_that_slides_off_its_button_chooses_nothing(context: Make) -> None:
    s = context()
    x, y = s.button()
    touch = s.fingers.down(x, y)
    s.frames(2)
    s.fingers.move(touch, x, 5)
    s.fingers.up(touch, x, 5)
    s.frames(3)
    assert s.visit.screen == Services("dlh")
    assert s.kiosk_port.requests == []


def test_a_touch_held_during_a_change_of_screen_chooses_nothing(context: Make) -> None:
    s = context()
    x, y = s.middle(DUKCAPIL)
    held = s.fingers.down(x, y)
    s.frames(2)
    other_x, other_y = s.middle(DUKCAPIL)
    s.fingers.tap(other_x + 20, other_y)
    s.on(Services)
    s.clock.ahead_s += 5
    for event in (KTP, ServiceChosen("kk")):
        s.fingers.move(held, *s.middle(event))
        s.frames(2)
    s.fingers.up(held, *s.middle(KTP))
    s.frames(3)
    assert isinstance(s.visit.screen, Services)
    assert s.kiosk_port.requests == []


def test_a_pressed_button_is_released_when_the_screen_changes(context: Make) -> None:
    s = context()
    button = s.robot.find(DUKCAPIL)
    x, y = s.middle(DUKCAPIL)
    held = s.fingers.down(x, y)
    s.frames(1)
    assert button.state == "down"
    # The debounce counts from the change of screen; on a slow machine it could end before the up.
    s.clock.freeze()
    s.app.dispatch(LanguageChosen("en"))
    s.fingers.up(held, x, y)
    s.frames(2)
    assert button.state == "normal"
    assert s.visit.screen == Agencies()


@pytest.mark.parametrize("button", ["right", "middle", "scrolldown", "mouse4"])
def test_other_mouse_buttons_choose_nothing(context: Make, button: str) -> None:
    s = context()
    x, y = s.button()
    top = s.window.height - y
    s.window.dispatch("on_mouse_down", x, top, button, [])
    s.frames(2)
    s.window.dispatch("on_mouse_up", x, top, button, [])
    s.frames(3)
    assert s.visit.screen == Services("dlh")
    assert s.kiosk_port.requests == []


def test_the_left_mouse_button_acts_as_a_touch(context: Make) -> None:
    s = context()
    x, y = s.button()
    top = s.window.height - y
    s.window.dispatch("on_mouse_down", x, top, "left", [])
    s.frames(2)
    s.window.dispatch("on_mouse_up", x, top, "left", [])
    s.on(Shown)
    assert len(s.kiosk_port.requests) == 1


# ── idle warning and end of a visit ──────────────────────────────────────────────────────


def test_any_touch_ends_the_idle_warning(context: Make) -> None:
    s = context()
    s.tap(DUKCAPIL)
    s.pass_time(46)
    assert s.visit.warned_s is not None
    touch = s.fingers.down(3, 3)
    s.frames(2)
    assert s.visit.warned_s is not None
    s.fingers.up(touch, 3, 3)
    s.frames(2)
    assert s.visit.warned_s is None
    assert isinstance(s.visit.screen, Services)


def test_an_unanswered_idle_warning_ends_the_visit(context: Make) -> None:
    s = context()
    s.tap(LanguageChosen("en"))
    s.tap(DUKCAPIL)
    s.pass_time(46)
    s.pass_time(21)
    assert s.visit.screen == Agencies()
    assert s.visit.language == "id"


def test_a_touch_beside_all_buttons_restarts_the_idle_time(context: Make) -> None:
    s = context()
    s.tap(DUKCAPIL)
    s.pass_time(40)
    s.fingers.tap(3, 3)
    s.frames(3)
    s.pass_time(40)
    assert s.visit.warned_s is None


# ── events from the kiosk port ───────────────────────────────────────────────────────────


def test_results_of_an_older_visit_are_dropped(context: Make) -> None:
    s = context()
    s.kiosk_port.answer = s.kiosk_port.nothing
    s.take()
    old = s.kiosk_port.ticket(s.kiosk_port.requests[0])
    s.pass_time(11)
    assert s.visit.screen == Problem(Refusal.SLOW, s.kiosk_port.requests[0])
    s.app.dispatch(DoneTapped())
    s.clock.ahead_s += 1
    s.app.dispatch(DoneTapped())
    assert s.visit.screen == Agencies()
    for news in (Committed(old), PrintFinished(old, PRINTED), Refused(old.id)):
        s.app.post(news)
        s.frames(2)
        assert s.visit.screen == Agencies()


def test_an_error_of_the_kiosk_port_shows_a_problem_and_retry_keeps_the_id(context: Make) -> None:
    s = context()
    s.kiosk_port.answer = s.kiosk_port.broken
    s.take()
    s.on(Problem)
    s.kiosk_port.answer = s.kiosk_port.number_and_slip
    s.tap(RetryTapped())
    s.on(Shown)
    first, second = s.kiosk_port.requests
    assert first == second


def test_an_unfinished_ticket_is_offered_at_the_start(context: Make) -> None:
    kiosk_port = FakeKioskPort()
    donor = context(kiosk_port)
    donor.kiosk_port.answer = donor.kiosk_port.number_only
    donor.take()
    donor.on(Shown)
    donor.end()
    again = FakeKioskPort()
    again.waiting = next(iter(kiosk_port.tickets.values()))
    s = context(again)
    assert s.visit.screen == Offered(again.waiting)
    s.tap(OfferTaken())
    s.on(Shown)
    assert again.copies == [again.waiting]


def test_events_from_another_thread_arrive_in_order(context: Make) -> None:
    import threading

    s = context()

    def from_a_thread(request: Any, post: Any) -> None:
        thread = threading.Thread(target=s.kiosk_port.number_and_slip, args=(request, post))
        thread.start()
        thread.join()

    s.kiosk_port.answer = from_a_thread
    s.take()
    s.until(lambda: isinstance(s.visit.screen, Shown) and s.visit.screen.result is not None)


def test_a_notice_shows_the_sign_for_staff(context: Make) -> None:
    kiosk_port = FakeKioskPort()
    kiosk_port.warnings = ("agencies.yaml:4:1: broken", "less grave")
    s = context(kiosk_port)
    assert s.root_view.staff


def test_deferred_work_starts_after_the_first_frame(window: Any) -> None:
    from kiosk.app.kiosk_app import KioskApp
    from tests.ui.app_under_test import plain

    begun: list[float | None] = []
    app = KioskApp(FakeKioskPort(), window, plain, when_shown=lambda: begun.append(1.0))
    app.begin()
    try:
        assert begun == []
        while app.first_frame_ms is None:
            app.frame()
        assert begun == [1.0]
    finally:
        app.finish()


def test_what_nobody_shall_wait_for_runs_after_the_first_frame_and_with_the_attract_screen(
    window: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk.app import kiosk_app
    from tests.ui.app_under_test import FreezableClock, plain

    monkeypatch.setattr(kiosk_app, "UNUSED_AFTER_S", 0.01)
    screens: list[type] = []
    clock = FreezableClock()

    def unused() -> None:
        screens.append(type(app.visit.screen))

    app = kiosk_app.KioskApp(FakeKioskPort(), window, plain, clock, when_unused=unused)

    def frames(turn_s: float, until: Callable[[], bool]) -> None:
        for _ in range(200):
            if until():
                return
            clock.advance(turn_s)
            app.frame()
        raise AssertionError(screens)

    app.begin()
    try:
        frames(0, lambda: screens == [Agencies])
        app.dispatch(HelpTapped())
        frames(10, lambda: len(screens) > 1)
        assert screens == [Agencies, Attract]
    finally:
        app.finish()
