"""The keypad: whole visits by keys alone, and keys that are held, hammered or unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.app.keypad import MOVE_EVERY_S, STUCK_S, keys_of, scancode
from kiosk.app.kiosk_app import make_root_view
from kiosk.domain.config import FUNCTION_KEYS, KeypadSettings, Settings
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.domain.events import (
    AgencyChosen,
    AnotherTapped,
    BackTapped,
    CancelTapped,
    ClosedAsked,
    Committed,
    ConfirmTapped,
    DoneTapped,
    Event,
    FindTapped,
    FoundChosen,
    HelpTapped,
    HomeTapped,
    LetterTyped,
    PageChosen,
    PrintFinished,
    RestartTapped,
    ServiceChosen,
    Touched,
    VoidConfirmed,
)
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import QUOTA_FULL, Live, ServiceLive
from kiosk.domain.staff import DigitTyped, StaffAsked
from kiosk.domain.ticket import TicketRequest
from kiosk.domain.visit_screens import (
    Agencies,
    CancelAsked,
    Closed,
    Confirm,
    Find,
    Help,
    Services,
    Shown,
    StaffPin,
)
from kiosk.settings.loader import load_settings
from tests.samples import pairs
from tests.ui import screen_measures as measures
from tests.ui.app_under_test import AppUnderTest
from tests.ui.kiosk_ports import FakeKioskPort
from tests.ui.sdl_keys import Keyboard, scancode_of

ROOT = Path(__file__).parents[2]
Make = Callable[..., AppUnderTest]
KEYPAD = KeypadSettings("F13", "F14", "F15", "F16", "F17")


@pytest.fixture(scope="module")
def settings() -> Settings:
    loaded = load_settings(ROOT / "config", ROOT / "assets")
    return replace(loaded, kiosk=replace(loaded.kiosk, keypad=KEYPAD))


@pytest.fixture(autouse=True)
def no_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keypad works without speech, which its first key would start."""
    monkeypatch.setattr("kiosk.speech.synthesiser.PROGRAM", "no-voice-on-this-machine")


class ByKeys:
    """The application with its real screens, steered by key events alone."""

    def __init__(self, app: AppUnderTest) -> None:
        self.app = app
        self.keyboard = Keyboard()

    @property
    def port(self) -> FakeKioskPort:
        port: FakeKioskPort = self.app.kiosk_port
        return port

    @property
    def screen(self) -> object:
        return self.app.visit.screen

    @property
    def focused(self) -> Event | None:
        item = self.app.root_view.focused
        return item.event if item is not None else None

    def press(self, name: str, rest_s: float = 1.3) -> None:
        """Press and release a key of the keypad, ``rest_s`` after the last one."""
        self.app.clock.advance(rest_s)
        key = getattr(KEYPAD, name)
        self.keyboard.down(key)
        self.app.frames(2)
        self.keyboard.up(key)
        self.app.frames(2)

    def go_to(self, event: Event) -> None:
        """Move the focus down to the target of ``event``."""
        for _ in range(200):
            if self.focused == event:
                return
            self.press("down", MOVE_EVERY_S)
        raise AssertionError(f"the focus does not come to {event}")

    def choose(self, event: Event) -> None:
        """Move to a target and press it."""
        self.go_to(event)
        self.press("select")


@pytest.fixture
def keys(context: Make, settings: Settings) -> ByKeys:
    port = FakeKioskPort(settings.catalogue)
    port.settings = settings
    app = context(port, make_root_view)
    app.clock.freeze()
    return ByKeys(app)


def crowded(port: FakeKioskPort, settings: Settings, service: str, state: ServiceLive) -> None:
    """The server's live state: one service as given, the others with few people."""
    states = {f.service.code: ServiceLive(3, (5, 10)) for f in settings.catalogue.services()}
    port.queue = Live({**states, service: state}, 0.0, in_touch=True, linked=True)


def test_the_first_key_only_shows_the_focus(keys: ByKeys) -> None:
    assert keys.focused is None
    keys.press("select")
    assert keys.screen == Agencies()
    assert keys.focused is not None
    ring = keys.app.root_view.steering.ring
    assert ring.target is keys.app.root_view.focused.target


def test_a_whole_visit_with_a_full_service_a_dialog_and_a_printer_without_paper(
    keys: ByKeys, settings: Settings
) -> None:
    agency = settings.catalogue.agency("disdukcapil")
    assert agency is not None
    full, busy = agency.services[0].code, agency.services[1].code
    closed = ServiceLive(None, None, quota_left=0, open=False, reason=QUOTA_FULL)
    crowded(keys.port, settings, full, closed)
    states = {**keys.port.queue.services, busy: ServiceLive(40, (100, 120))}
    keys.port.queue = replace(keys.port.queue, services=states)
    menu = replace(settings.catalogue, confirm_above=30)
    keys.app.app._settings = replace(settings, catalogue=menu)
    keys.port.health = PrinterHealth(fault=Fault.PAPER_OUT)

    def on_screen(request: TicketRequest, post: Callable[[Event], None]) -> None:
        post(Committed(keys.port.ticket(request)))
        none = PrintResult(Outcome.NOT_PRINTED, Level.STATUS, Fault.PAPER_OUT)
        post(PrintFinished(keys.port.ticket(request), none))

    keys.port.answer = on_screen
    keys.press("down")
    keys.choose(AgencyChosen("disdukcapil"))
    assert isinstance(keys.screen, Services)
    keys.choose(ClosedAsked(full))
    assert isinstance(keys.screen, Closed)
    keys.press("back")
    assert isinstance(keys.screen, Services)
    assert keys.focused == ClosedAsked(full), "the focus returns to where it was"
    keys.choose(ServiceChosen(busy))
    assert isinstance(keys.screen, Confirm)
    assert keys.focused == BackTapped(), "no answer that gives a number has the focus by itself"
    keys.choose(ConfirmTapped())
    keys.app.on(Shown)
    assert len(keys.port.requests) == 1
    assert keys.port.requests[0].service == busy
    keys.app.clock.advance(5)
    keys.choose(DoneTapped())
    assert keys.screen == Agencies()
    assert len(keys.port.requests) == 1
    assert not keys.app.visit.keypad, "the next person finds no focus"
    assert keys.focused is None


def test_a_visit_by_need_is_typed_with_the_keypad(keys: ByKeys) -> None:
    keys.press("down")
    keys.choose(FindTapped())
    assert isinstance(keys.screen, Find)
    for letter in "kk":
        keys.go_to(LetterTyped(letter))
        keys.press("select", 0.2)
    screen = keys.screen
    assert isinstance(screen, Find)
    assert screen.text == "kk"
    keys.app.clock.advance(1)
    keys.app.until(lambda: bool(keys.app.visit.screen.found), "an answer")  # type: ignore[union-attr]
    found = keys.app.visit.screen.found[0]  # type: ignore[union-attr]
    keys.choose(FoundChosen(found))
    screen = keys.screen
    assert isinstance(screen, Services)
    assert screen.lit == found
    assert keys.focused is not None
    assert not isinstance(keys.focused, ServiceChosen)
    keys.choose(ServiceChosen(found))
    keys.app.on(Shown)
    assert [r.service for r in keys.port.requests] == [found]


def test_a_held_key_gives_one_number(keys: ByKeys) -> None:
    keys.press("down")
    keys.choose(AgencyChosen("disdukcapil"))
    keys.go_to(ServiceChosen("ktp-el"))
    keys.app.clock.advance(2)
    keys.keyboard.down(KEYPAD.select)
    keys.app.frames(2)
    for _ in range(100):
        keys.app.clock.advance(0.03)
        keys.keyboard.down(KEYPAD.select, repeat=True)
        keys.app.frames(1)
    assert keys.port.requests == [], "a key acts when it is released"
    keys.keyboard.up(KEYPAD.select)
    keys.app.on(Shown)
    for _ in range(100):
        keys.app.clock.advance(0.03)
        keys.keyboard.down(KEYPAD.select, repeat=True)
        keys.app.frames(1)
    keys.keyboard.up(KEYPAD.select)
    keys.app.frames(2)
    assert len(keys.port.requests) == 1


@pytest.mark.parametrize("apart_s", [0.02, 0.1, 0.45, 0.55, 1.1, 1.3, 2.0])
def test_a_key_hammered_50_times_gives_one_number(keys: ByKeys, apart_s: float) -> None:
    keys.press("down")
    keys.choose(AgencyChosen("disdukcapil"))
    keys.go_to(ServiceChosen("ktp-el"))
    keys.app.clock.advance(2)
    for _ in range(50):
        keys.press("select", apart_s)
    assert len(keys.port.requests) == 1
    assert keys.port.voids == []


@pytest.mark.parametrize(("name", "apart_s"), pairs(["select", "back", "help"], [0.1, 0.55, 1.3]))
def test_a_key_hammered_from_the_home_screen_gives_no_number(
    keys: ByKeys, name: str, apart_s: float
) -> None:
    for _ in range(50):
        keys.press(name, apart_s)
    assert keys.port.requests == []
    keys.app.clock.advance(2)
    keys.app.app.dispatch(HomeTapped())
    keys.choose(AgencyChosen("disdukcapil"))
    for _ in range(50):
        keys.press(name, apart_s)
    assert keys.port.requests == []


def test_nothing_issues_that_was_in_view_for_less_than_half_a_second(keys: ByKeys) -> None:
    keys.press("down")
    keys.choose(AgencyChosen("disdukcapil"))
    events = [item.event for item in keys.app.root_view.reading().items]
    away = events.index(ServiceChosen("ktp-el")) - events.index(keys.focused)
    keys.app.root_view.move_focus(away)
    keys.press("up", 0.1)
    keys.press("down", 0.16)
    assert keys.focused == ServiceChosen("ktp-el")
    keys.press("select", 0.1)
    assert keys.port.requests == []
    keys.press("select", 1.3)
    keys.app.on(Shown)


def test_the_event_that_the_focus_had_when_the_key_went_down_is_the_one_meant(
    keys: ByKeys, settings: Settings
) -> None:
    keys.press("down")
    keys.choose(AgencyChosen("disdukcapil"))
    keys.go_to(ServiceChosen("ktp-el"))
    keys.app.clock.advance(2)
    keys.keyboard.down(KEYPAD.select)
    keys.app.frames(2)
    keys.press("help", 0)
    assert isinstance(keys.screen, Help)
    keys.keyboard.up(KEYPAD.select)
    keys.app.frames(2)
    assert isinstance(keys.screen, Help)
    assert keys.port.requests == []


def test_the_focus_wraps_and_follows_pages(context: Make, settings: Settings) -> None:
    screen = replace(settings.kiosk.screen, diagonal_inch=15.6)
    port = FakeKioskPort(settings.catalogue)
    port.settings = replace(settings, kiosk=replace(settings.kiosk, screen=screen))
    app = context(port, make_root_view)
    app.clock.freeze()
    keys = ByKeys(app)
    keys.press("down")
    first = keys.focused
    keys.press("up")
    last = keys.focused
    assert last == HelpTapped()
    keys.press("down")
    assert keys.focused == first
    keys.choose(PageChosen(1))
    assert keys.screen == Agencies(page=1)
    assert isinstance(keys.focused, AgencyChosen), "the first tile of the page"
    ring = app.root_view.steering.ring
    assert ring.target.event == keys.focused
    keys.press("back")
    assert keys.screen == Agencies(page=0)
    assert keys.focused == PageChosen(1)


def test_a_held_arrow_moves_on_but_not_faster_than_can_be_followed(keys: ByKeys) -> None:
    keys.press("down")
    items = [i.event for i in keys.app.root_view.reading().items]
    start = items.index(keys.focused)
    keys.app.clock.advance(1)
    keys.keyboard.down(KEYPAD.down)
    keys.app.frames(2)
    for _ in range(60):
        keys.app.clock.advance(0.03)
        keys.keyboard.down(KEYPAD.down, repeat=True)
        keys.app.frames(1)
    keys.keyboard.up(KEYPAD.down)
    keys.app.frames(2)
    moved = items.index(keys.focused) - start
    assert 2 <= moved <= 1 + 60 * 0.03 / MOVE_EVERY_S


def test_a_key_whose_release_was_lost_works_again(keys: ByKeys) -> None:
    keys.press("down")
    keys.keyboard.down(KEYPAD.select)  # and the keypad is unplugged
    keys.app.frames(2)
    assert keys.screen == Agencies()
    keys.app.clock.advance(STUCK_S + 1)
    keys.keyboard.down(KEYPAD.select)
    keys.app.frames(2)
    keys.keyboard.up(KEYPAD.select)
    keys.app.frames(2)
    assert keys.screen != Agencies()


def test_a_lost_release_does_not_act_where_the_focus_was(keys: ByKeys) -> None:
    keys.press("down")
    keys.choose(AgencyChosen("disdukcapil"))
    keys.go_to(ServiceChosen("ktp-el"))
    keys.app.clock.advance(2)
    keys.keyboard.down(KEYPAD.select)  # and the keypad is unplugged
    keys.app.frames(2)
    keys.press("up", STUCK_S + 1)
    meant = keys.focused
    keys.app.clock.advance(2)
    keys.keyboard.down(KEYPAD.select)
    keys.app.frames(2)
    assert isinstance(keys.screen, Services)
    assert keys.port.requests == []
    assert keys.app.root_view.focused.target.down
    keys.keyboard.up(KEYPAD.select)
    keys.app.frames(2)
    assert meant != ServiceChosen("ktp-el")
    assert keys.port.requests == []


@pytest.mark.parametrize("name", ["select", "back", "help"])
def test_a_key_that_is_held_while_the_loop_stands_still_acts_once(keys: ByKeys, name: str) -> None:
    keys.press("down")
    keys.choose(AgencyChosen("disdukcapil"))
    if name == "select":
        keys.go_to(ServiceChosen("ktp-el"))
    if name == "back":
        keys.press("help")
    keys.app.clock.advance(2)
    keys.keyboard.down(getattr(KEYPAD, name))
    keys.app.frames(2)
    before = keys.screen
    for stall_s in (STUCK_S + 0.3, 0.03, STUCK_S + 0.3):
        keys.app.clock.advance(stall_s)
        keys.keyboard.down(getattr(KEYPAD, name), repeat=True)
        keys.app.frames(2)
    assert keys.screen == before
    assert keys.port.requests == [], "a key acts when it is released"
    keys.keyboard.up(getattr(KEYPAD, name))
    keys.app.frames(2)
    assert len(keys.port.requests) == (name == "select")


def test_a_finger_can_touch_what_an_unplugged_keypad_holds(keys: ByKeys) -> None:
    keys.press("down")
    keys.choose(AgencyChosen("disdukcapil"))
    keys.go_to(ServiceChosen("ktp-el"))
    keys.app.clock.advance(2)
    keys.keyboard.down(KEYPAD.select)
    keys.app.frames(2)
    keys.app.clock.advance(2)
    keys.app.tap(ServiceChosen("ktp-el"))
    keys.app.on(Shown)
    keys.keyboard.up(KEYPAD.select)
    keys.app.frames(2)
    assert len(keys.port.requests) == 1


def test_a_pin_with_the_same_digit_twice_is_typed_at_any_speed(keys: ByKeys) -> None:
    keys.press("down")
    keys.app.app.dispatch(StaffAsked())
    keys.app.on(StaffPin)
    for digit in "5508":
        keys.go_to(DigitTyped(digit))
        keys.press("select", 0.35)
    screen = keys.screen
    assert isinstance(screen, StaffPin)
    assert screen.typed == "5508"


def test_keys_answer_the_idle_warning(keys: ByKeys) -> None:
    keys.press("down")
    keys.choose(AgencyChosen("disdukcapil"))
    keys.app.clock.advance(95)
    keys.app.until(lambda: keys.app.visit.warned_s is not None, "the warning")
    assert keys.focused == Touched()
    keys.app.clock.advance(35)
    keys.press("up", 0)
    assert keys.focused == RestartTapped()
    keys.app.clock.advance(35)
    keys.app.frames(30)
    assert keys.app.visit.warned_s is not None, "a key begins the countdown anew"
    keys.press("back")
    assert keys.app.visit.warned_s is None
    assert isinstance(keys.screen, Services)
    keys.app.clock.advance(95)
    keys.app.until(lambda: keys.app.visit.warned_s is not None, "the warning")
    keys.press("up")
    keys.press("select")
    assert keys.screen == Agencies()
    assert not keys.app.visit.keypad


def test_the_screen_with_the_number_begins_at_the_key_that_ends_it(keys: ByKeys) -> None:
    keys.press("down")
    keys.choose(AgencyChosen("disdukcapil"))
    keys.choose(ServiceChosen("ktp-el"))
    keys.app.on(Shown)
    assert keys.focused == DoneTapped()
    done = keys.app.root_view.view.ids.done
    done.event = None
    assert keys.app.root_view.view.reading().items[-1].event == AnotherTapped()
    assert keys.app.root_view.view.reading().start == 1


def test_the_question_of_a_void_begins_at_no(keys: ByKeys) -> None:
    keys.press("down")
    keys.choose(AgencyChosen("disdukcapil"))
    keys.choose(ServiceChosen("ktp-el"))
    keys.app.on(Shown)
    keys.choose(CancelTapped())
    assert isinstance(keys.screen, CancelAsked)
    assert keys.focused == BackTapped()
    keys.choose(VoidConfirmed())
    keys.app.until(lambda: len(keys.port.voids) == 1, "the void")


@pytest.mark.parametrize(
    "name",
    [k for k in FUNCTION_KEYS if k not in vars(KEYPAD).values()]
    if hasattr(KEYPAD, "__dict__")
    else ["F1", "F5", "F12", "F19", "F24"],
)
def test_a_function_key_that_is_not_the_keypad_s_does_nothing(keys: ByKeys, name: str) -> None:
    keys.keyboard.down(name)
    keys.keyboard.up(name)
    keys.app.frames(3)
    assert keys.focused is None
    assert not keys.app.visit.keypad


def test_without_a_keypad_in_the_settings_no_key_does_anything(
    context: Make, settings: Settings
) -> None:
    port = FakeKioskPort(settings.catalogue)
    port.settings = replace(settings, kiosk=replace(settings.kiosk, keypad=KeypadSettings()))
    app = context(port, make_root_view)
    keyboard = Keyboard()
    for name in FUNCTION_KEYS:
        keyboard.down(name)
        keyboard.up(name)
        app.frames(1)
    assert not app.visit.keypad
    assert app.visit.screen == Agencies()


def test_a_key_with_alt_or_ctrl_does_nothing(keys: ByKeys) -> None:
    code = scancode(KEYPAD.select)
    for modifiers in (["alt"], ["ctrl"], ["shift"], ["meta"]):
        keys.app.app._window_events.key_down(keys.app.window, 0, code, "", modifiers)
    assert not keys.app.visit.keypad


def test_scancodes_are_those_of_sdl() -> None:
    assert [scancode(name) for name in FUNCTION_KEYS] == [scancode_of(n) for n in FUNCTION_KEYS]
    assert keys_of(KeypadSettings(down="F1", select="F24")) == {58: "down", 115: "select"}


def test_the_ring_is_inside_the_screen_and_covers_no_other_target(
    keys: ByKeys, settings: Settings
) -> None:
    keys.press("down")
    root_view = keys.app.root_view
    for _ in range(len(root_view.reading().items)):
        keys.app.frames(1)
        ring, focused = measures.box(root_view.steering.ring), root_view.focused
        assert ring.within(measures.Area("screen", 0, 0, *root_view.size), 0)
        for target in measures.targets(root_view):
            if target is not focused.target and target.parent is not focused.target:
                assert ring.gap_to(measures.box(target)) > 0
        for text in measures.texts(root_view):
            # The empty part of a line may lie under the ring, its letters may not.
            inner, drawn = measures.box(focused.target), measures.drawn(text)
            slack = 0.25 * text.fitted.px
            assert drawn.within(inner, -root_view.look.focus + slack) or ring.gap_to(drawn) > -slack
        band = root_view.look.focus
        assert band >= 1.5 * root_view.look.metrics.px_per_mm - 1
        keys.press("down", MOVE_EVERY_S)


def test_a_touch_works_while_the_focus_is_shown(keys: ByKeys) -> None:
    keys.press("down")
    keys.app.clock.advance(2)
    keys.app.fingers.tap(*keys.app.middle(AgencyChosen("disdukcapil")))
    keys.app.frames(3)
    assert isinstance(keys.screen, Services)
    assert keys.focused is not None


@pytest.mark.usefixtures("unmeasured")
def test_200_screens_by_key_leave_nothing_behind(keys: ByKeys) -> None:
    keys.press("down")

    def walk(rounds: int) -> int:
        for _ in range(rounds):
            keys.choose(AgencyChosen("disdukcapil"))
            keys.press("back")
        return sum(1 for _ in keys.app.root_view.walk(restrict=True))

    assert walk(3) == walk(30)
    assert len(keys.app.root_view.steering._focus._kept) <= 16
