"""The staff screen as lists of events: pad, pages, tasks; no number is covered or given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.effects import Issue
from kiosk.domain.events import (
    AgencyChosen,
    BackTapped,
    Committed,
    DoneTapped,
    EraseTapped,
    Event,
    HelpTapped,
    HomeTapped,
    LanguageChosen,
    ModeToggled,
    PageChosen,
    PriorityChosen,
    RestartTapped,
    RetryTapped,
    ServiceChosen,
    Tick,
)
from kiosk.domain.modes import Mode
from kiosk.domain.staff import (
    CheckPin,
    DigitTyped,
    DoStaffTask,
    EndApp,
    PauseFor,
    PauseForChosen,
    PauseReason,
    PauseReasonChosen,
    PauseServiceChosen,
    PinChecked,
    PinEntered,
    StaffAction,
    StaffAsked,
    StaffFacts,
    StaffPage,
    StaffPageAsked,
    StaffResult,
    StaffTapped,
    StaffTask,
    StaffTaskDone,
)
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.domain.visit import step
from kiosk.domain.visit_screens import (
    Agencies,
    CancelAsked,
    Cancelled,
    Cancelling,
    Closed,
    Find,
    Help,
    Issuing,
    Offered,
    Problem,
    Screen,
    Services,
    Shown,
    Staff,
    StaffPin,
    untyped,
)
from kiosk.domain.visit_staff import PIN_S, STAFF_S, TASK_DEADLINE_S, drawn_modes
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)
from kiosk.domain.visit_timers import patience, seconds_left
from kiosk.errors import Refusal
from menu.schedule import Opening, Why
from tests.domain.menus import MENU, at
from tests.flows.test_visits import VisitRun

TICKET = Ticket("id-1", "0" * 32, "AA-001", at(9).date(), "ktp", "id", at(9))
REQUEST = TicketRequest("id-1", "0" * 32, "ktp", "id", at(9))
TEST = StaffTask(StaffAction.TEST)
GIVING = (ServiceChosen("ktp"), AgencyChosen("dukcapil"), RetryTapped(), PriorityChosen("elderly"))


def typed(pin: str) -> tuple[Event, ...]:
    return tuple(DigitTyped(digit) for digit in pin)


def answer(run: VisitRun, *, right: bool) -> None:
    """Apply the answer to the try that is under way."""
    screen = run.visit.screen
    assert isinstance(screen, StaffPin)
    run.do(PinChecked(right, screen.asked))


def enter(run: VisitRun, pin: str, *, right: bool) -> None:
    """Type a PIN on the pad, and apply the answer."""
    run.do(*typed(pin), PinEntered())
    answer(run, right=right)


def finish(run: VisitRun, result: StaffResult) -> None:
    """Apply the end of the task that is under way."""
    screen = run.visit.screen
    assert isinstance(screen, Staff)
    run.do(StaffTaskDone(result, screen.asked))


def tasks(run: VisitRun) -> list[StaffTask]:
    """The tasks that were to be carried out."""
    return [e.task for e in run.effects if isinstance(e, DoStaffTask)]


def pins(run: VisitRun) -> list[str]:
    """The PINs that were to be compared."""
    return [e.pin for e in run.effects if isinstance(e, CheckPin)]


@pytest.fixture
def run() -> VisitRun:
    return VisitRun(staff=StaffFacts(pin_set=True))


@pytest.fixture
def inside(run: VisitRun) -> VisitRun:
    """On the first page."""
    run.do(StaffAsked())
    enter(run, "508213", right=True)
    run.effects.clear()
    assert run.visit.screen == Staff()
    return run


def test_the_right_pin_opens_the_staff_screen(run: VisitRun) -> None:
    run.do(StaffAsked(), *typed("508213"), PinEntered())
    assert pins(run) == ["508213"]
    assert isinstance(run.visit.screen, StaffPin)
    answer(run, right=True)
    assert run.visit.screen == Staff()


def test_a_wrong_pin_empties_the_pad_and_says_so(run: VisitRun) -> None:
    run.do(StaffAsked())
    enter(run, "4711", right=False)
    assert run.visit.screen == StaffPin(Agencies(), typed="", wrong=True, since_s=106.0)
    run.do(DigitTyped("1"))
    assert not run.visit.screen.wrong


def test_an_answer_to_an_earlier_try_opens_nothing(run: VisitRun) -> None:
    run.do(StaffAsked(), *typed("508213"), PinEntered())
    first = run.visit.screen
    assert isinstance(first, StaffPin)
    run.do(BackTapped(), StaffAsked(), DigitTyped("1"), PinEntered())
    second = run.visit.screen
    run.do(PinChecked(True, first.asked))
    assert run.visit.screen == second
    answer(run, right=False)
    assert isinstance(run.visit.screen, StaffPin)
    assert run.visit.screen.wrong


def test_the_pin_is_in_no_text_about_the_visit(run: VisitRun) -> None:
    run.do(StaffAsked(), *typed("508213"), PinEntered())
    assert "508213" not in repr(run.visit) + repr(run.effects)


def test_the_pad_takes_eight_digits_and_erases_them(run: VisitRun) -> None:
    run.do(StaffAsked(), *typed("1234567890"))
    assert run.visit.screen.typed == "12345678"  # type: ignore[union-attr]
    run.do(EraseTapped(), EraseTapped())
    assert run.visit.screen.typed == "123456"  # type: ignore[union-attr]
    run.do(EraseTapped(all_=True), PinEntered())
    assert run.effects == [], "an empty PIN is not tried"


def test_two_digits_within_a_tenth_of_a_second_are_both_typed(run: VisitRun) -> None:
    run.do(StaffAsked())
    run.wait(1)
    run.do(*typed("11"), apart_s=0.1)
    assert run.visit.screen.typed == "11"  # type: ignore[union-attr]
    assert untyped(run.visit.screen) == StaffPin(Agencies())


@pytest.mark.parametrize("facts", [StaffFacts(pin_set=False), StaffFacts(pin_set=True, wait_s=9)])
def test_while_no_pin_may_be_tried_the_pad_takes_none(facts: StaffFacts) -> None:
    run = VisitRun(staff=facts)
    run.do(StaffAsked(), *typed("508213"), PinEntered())
    assert run.effects == []
    assert run.visit.screen == StaffPin(Agencies())
    run.do(BackTapped())
    assert run.visit.screen == Agencies()


def test_a_pad_on_which_nothing_is_typed_gives_the_visit_back_and_the_idle_rule_goes_on(
    run: VisitRun,
) -> None:
    run.do(LanguageChosen("en"), ModeToggled(Mode.CONTRAST), AgencyChosen("dukcapil"))
    before = run.visit
    run.do(StaffAsked())
    opened_s = run.snapshot.mono_s
    run.do(Tick(), apart_s=PIN_S - 0.5)
    assert isinstance(run.visit.screen, StaffPin)
    run.do(Tick(), apart_s=0.5)
    assert run.visit == replace(before, touched_s=opened_s, acted_s=run.snapshot.mono_s)
    idle_s = run.snapshot.timeouts.idle_s * patience(run.visit)
    run.do(Tick(), apart_s=idle_s - PIN_S - 0.1)
    assert run.visit.warned_s is None
    run.do(Tick(), apart_s=0.2)
    assert run.visit.warned_s is not None


def test_a_pad_on_which_a_pin_was_begun_or_refused_ends_the_visit(run: VisitRun) -> None:
    run.do(LanguageChosen("en"), AgencyChosen("dukcapil"), StaffAsked(), DigitTyped("1"))
    run.do(Tick(), apart_s=PIN_S)
    assert (run.visit.screen, run.visit.language) == (Agencies(), "id")
    run.do(LanguageChosen("en"), AgencyChosen("dukcapil"), StaffAsked())
    enter(run, "4711", right=False)
    run.do(Tick(), apart_s=PIN_S)
    assert (run.visit.screen, run.visit.language) == (Agencies(), "id")


def test_the_pad_of_quit_does_not_open_the_staff_screen_again(inside: VisitRun) -> None:
    inside.do(StaffTapped(StaffTask(StaffAction.QUIT)))
    inside.do(Tick(), apart_s=PIN_S)
    assert inside.visit.screen == Agencies()


def test_back_leads_to_the_visitor_s_screen_as_it_was(run: VisitRun) -> None:
    run.do(LanguageChosen("en"), AgencyChosen("dukcapil"))
    before = run.visit
    run.do(StaffAsked(), DigitTyped("1"), BackTapped())
    assert run.visit.screen == before.screen
    assert run.visit.language == "en"


def test_the_pad_ends_by_itself(run: VisitRun) -> None:
    run.do(StaffAsked(), DigitTyped("1"))
    run.wait(PIN_S)
    run.do(Tick())
    assert run.visit.screen == Agencies()


COVERED: dict[str, Screen] = {
    "home": Agencies(1),
    "find": Find("ktp"),
    "services": Services("dukcapil"),
    "closed": Closed("dukcapil", Opening(Why.NEVER, None, None)),
    "problem": Problem(Refusal.FULL),
    "help": Help(Agencies()),
}
KEPT: dict[str, Screen] = {
    "issuing": Issuing(REQUEST, 99.0),
    "number": Shown(TICKET, 99.0),
    "help over a number": Help(Shown(TICKET, 99.0)),
    "cancel": CancelAsked(Shown(TICKET, 99.0)),
    "cancelling": Cancelling(Shown(TICKET, 99.0), 99.0),
    "cancelled": Cancelled(TICKET, 99.0),
    "offered": Offered(TICKET),
    "retry": Problem(Refusal.SLOW, REQUEST),
}


@pytest.mark.parametrize("screen", COVERED.values(), ids=COVERED)
def test_the_pad_opens_over_a_screen_without_a_number(run: VisitRun, screen: Screen) -> None:
    run.visit = replace(run.visit, screen=screen)
    run.do(StaffAsked())
    assert run.visit.screen == StaffPin(screen)


@pytest.mark.parametrize("screen", KEPT.values(), ids=KEPT)
def test_a_number_or_a_request_for_one_is_never_covered(run: VisitRun, screen: Screen) -> None:
    run.visit = replace(run.visit, screen=screen)
    run.do(StaffAsked())
    assert run.visit.screen == screen


def test_the_pad_is_drawn_without_modes_that_move_its_keys_and_the_visit_keeps_them(
    run: VisitRun,
) -> None:
    run.do(ModeToggled(Mode.CONTRAST), ModeToggled(Mode.LOW))
    both = frozenset({Mode.CONTRAST, Mode.LOW})
    assert drawn_modes(run.visit) == both
    run.do(StaffAsked())
    assert drawn_modes(run.visit) == {Mode.CONTRAST}
    run.do(BackTapped())
    assert run.visit.modes == drawn_modes(run.visit) == both


def test_a_fresh_visit_is_behind_the_staff_screen(run: VisitRun) -> None:
    run.do(LanguageChosen("en"), ModeToggled(Mode.CONTRAST), ModeToggled(Mode.LOW))
    run.do(AgencyChosen("dukcapil"), PriorityChosen("elderly"))
    run.do(StaffAsked())
    enter(run, "508213", right=True)
    assert (run.visit.language, run.visit.modes) == ("en", {Mode.CONTRAST})
    run.do(DoneTapped())
    assert run.visit.screen == Agencies()
    assert (run.visit.language, run.visit.modes, run.visit.priorities) == ("id", frozenset(), ())


def test_no_touch_on_the_staff_screen_gives_a_number(inside: VisitRun) -> None:
    for page in StaffPage:
        for event in (*GIVING, HomeTapped(), HelpTapped(), RestartTapped(), DigitTyped("1")):
            inside.visit = replace(inside.visit, screen=Staff(page))
            inside.do(event, *GIVING)
            assert isinstance(inside.visit.screen, Staff), (page, event)
    assert not [e for e in inside.effects if isinstance(e, Issue)]


def test_a_result_of_an_earlier_visit_changes_nothing(inside: VisitRun) -> None:
    before = inside.visit
    inside.do(Committed(TICKET))
    assert inside.visit == before


def test_it_ends_by_itself_after_a_minute_and_counts_down(inside: VisitRun) -> None:
    inside.wait(STAFF_S - 1)
    assert seconds_left(inside.visit, inside.snapshot) == 1
    inside.do(Tick(), apart_s=0)
    assert inside.visit.screen == Staff()
    inside.do(Tick())
    assert inside.visit.screen == Agencies()


def test_a_touch_gives_another_minute(inside: VisitRun) -> None:
    inside.wait(STAFF_S - 5)
    inside.do(StaffPageAsked(StaffPage.PAPER))
    inside.wait(STAFF_S - 5)
    inside.do(Tick())
    assert inside.visit.screen == Staff(StaffPage.PAPER)


def test_while_a_task_is_under_way_keys_do_nothing_and_it_does_not_end(inside: VisitRun) -> None:
    inside.do(StaffTapped(TEST))
    assert tasks(inside) == [TEST]
    going = inside.visit.screen
    inside.do(StaffTapped(TEST), DoneTapped(), BackTapped(), StaffPageAsked(StaffPage.SLIPS))
    inside.wait(STAFF_S - 10)
    inside.do(Tick())
    assert inside.visit.screen == going
    assert tasks(inside) == [TEST]
    result = StaffResult(TEST, done=True)
    finish(inside, result)
    assert inside.visit.screen == Staff(result=result, since_s=going.since_s)  # type: ignore[union-attr]


def test_a_task_without_an_answer_is_given_up(inside: VisitRun) -> None:
    inside.do(StaffTapped(TEST))
    first = inside.visit.screen
    assert isinstance(first, Staff)
    inside.wait(TASK_DEADLINE_S)
    inside.do(Tick())
    screen = inside.visit.screen
    assert isinstance(screen, Staff)
    assert screen.doing is None
    assert screen.result is not None
    assert not screen.result.done
    late = StaffTaskDone(StaffResult(TEST, done=True), first.asked)
    inside.do(late)
    assert inside.visit.screen == screen, "a late answer changes nothing"
    inside.do(StaffTapped(TEST))
    again = inside.visit.screen
    inside.do(late)
    assert inside.visit.screen == again, "nor does it answer the same task that was asked again"
    finish(inside, StaffResult(TEST, done=False))
    assert inside.visit.screen.result == StaffResult(TEST, done=False)


def test_a_key_that_is_touched_twice_acts_once(inside: VisitRun) -> None:
    inside.do(StaffTapped(TEST), apart_s=0.7)
    finish(inside, StaffResult(TEST, done=True))
    inside.do(StaffTapped(TEST), apart_s=0.2)
    assert tasks(inside) == [TEST]


def test_quit_asks_for_the_pin_again(inside: VisitRun) -> None:
    quits = StaffTask(StaffAction.QUIT)
    inside.do(StaffTapped(quits))
    assert isinstance(inside.visit.screen, StaffPin)
    assert inside.effects == []
    enter(inside, "4711", right=False)
    assert (pins(inside), tasks(inside)) == (["4711"], [])
    enter(inside, "508213", right=True)
    assert (pins(inside), tasks(inside)) == (["4711", "508213"], [quits])
    finish(inside, StaffResult(quits, done=True))
    assert inside.effects[-1] == EndApp(restart=False)


def test_back_from_the_pad_of_quit_leads_to_the_staff_screen(inside: VisitRun) -> None:
    inside.do(StaffTapped(StaffTask(StaffAction.QUIT)), BackTapped())
    assert inside.visit.screen == Staff()


def test_reading_a_usb_stick_leads_to_what_it_holds_and_its_files_are_not_taken_at_once(
    inside: VisitRun,
) -> None:
    read, accept = StaffTask(StaffAction.USB_READ), StaffTask(StaffAction.USB_ACCEPT, "id")
    for done in (False, True):
        inside.do(StaffTapped(read))
        result = StaffResult(read, done=done)
        finish(inside, result)
        assert (inside.screen.page, inside.screen.doing) == (StaffPage.USB, None)
        assert inside.screen.result == (None if done else result)
    asked = len(tasks(inside))
    inside.do(StaffTapped(accept), apart_s=1.1)
    assert len(tasks(inside)) == asked, "the second touch of a hasty finger"
    inside.do(StaffTapped(accept), apart_s=0.2)
    assert tasks(inside)[asked:] == [accept]
    finish(inside, StaffResult(accept, done=True))
    assert inside.screen.page is StaffPage.USB
    assert inside.screen.result == StaffResult(accept, done=True)
    assert inside.do(BackTapped()).screen == Staff()


def test_restart_ends_the_app_once_it_is_written_down(inside: VisitRun) -> None:
    restart = StaffTask(StaffAction.RESTART)
    inside.do(StaffTapped(restart))
    assert tasks(inside) == [restart]
    finish(inside, StaffResult(restart, done=True))
    assert inside.effects[1:] == [EndApp(restart=True)]


def test_a_pause_is_chosen_in_three_steps_and_back_undoes_each(inside: VisitRun) -> None:
    inside.do(StaffPageAsked(StaffPage.PAUSE), PageChosen(1), PageChosen(0))
    inside.do(AgencyChosen("dukcapil"), PauseServiceChosen("ktp"))
    inside.do(PauseReasonChosen(PauseReason.BREAK), PauseForChosen(PauseFor.MINUTES_60))
    screen = inside.visit.screen
    assert isinstance(screen, Staff)
    assert (screen.service, screen.reason) == ("ktp", PauseReason.BREAK)
    task = StaffTask(StaffAction.PAUSE, "ktp", screen.reason, screen.length)
    inside.do(StaffTapped(task))
    finish(inside, StaffResult(task, done=True))
    assert tasks(inside) == [task]
    assert inside.visit.screen == Staff(result=StaffResult(task, done=True))
    inside.do(StaffPageAsked(StaffPage.PAUSE), AgencyChosen("dukcapil"), PauseServiceChosen("ktp"))
    screens = []
    for _ in range(4):
        inside.do(BackTapped())
        screens.append(inside.visit.screen)
    pause = StaffPage.PAUSE
    assert screens == [Staff(pause, agency="dukcapil"), Staff(pause), Staff(), Agencies()]


def test_an_unknown_agency_or_service_changes_nothing(inside: VisitRun) -> None:
    inside.do(StaffPageAsked(StaffPage.PAUSE))
    before = inside.visit.screen
    inside.do(AgencyChosen("nobody"), PauseServiceChosen("nothing"))
    assert inside.visit.screen == before


def test_events_of_the_staff_screen_do_nothing_elsewhere() -> None:
    snapshot = KioskSnapshot(MENU, at(9), 100.0)
    events: tuple[Event, ...] = (
        *(DigitTyped("1"), PinEntered(), PinChecked(right=True), StaffTapped(TEST)),
        *(StaffPageAsked(StaffPage.SLIPS), PauseServiceChosen("ktp")),
        StaffTaskDone(StaffResult(TEST, done=True)),
    )
    for screen in (Agencies(), Services("dukcapil"), Shown(TICKET, 99.0)):
        for event in events:
            visit, effects = step(Visit("id", screen), event, snapshot)
            assert visit.screen == screen, event
            assert effects == (), event
