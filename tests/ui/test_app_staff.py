"""The staff screen by real touches in the real window, on a real kiosk with a virtual printer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kivy.base import EventLoop

from kiosk.app.kiosk_app import make_root_view
from kiosk.background.settings_folder import open_settings
from kiosk.bootstrap import Options, build_kiosk
from kiosk.domain.events import (
    AgencyChosen,
    BackTapped,
    ClosedAsked,
    DoneTapped,
    LanguageChosen,
    ServiceChosen,
)
from kiosk.domain.staff import (
    DigitTyped,
    PauseFor,
    PauseForChosen,
    PauseReason,
    PauseReasonChosen,
    PauseServiceChosen,
    PinEntered,
    StaffAction,
    StaffPage,
    StaffPageAsked,
    StaffTapped,
    StaffTask,
)
from kiosk.domain.visit_screens import (
    Agencies,
    Services,
    Shown,
    Staff,
    StaffPin,
)
from kiosk.errors import IssueRefused, Refusal
from kiosk.messages import Message
from kiosk.preview.studio import SIZES
from kiosk.runtime import Kiosk
from kiosk.settings.assets import ASSETS
from kiosk.settings.history import SettingsHistory
from kiosk.settings.loader import load_settings
from kiosk.staff.action_log import ActionLog
from kiosk.staff.attempts import PinAttempts
from kiosk.staff.pin import PinFile
from kiosk.widgets import hold
from tests.e2e.site import SiteFolder
from tests.samples import pairs
from tests.ui import screen_measures as measures
from tests.ui.app_under_test import AppUnderTest
from tests.ui.conftest import SIZE

Make = Callable[..., AppUnderTest]
PIN = "508213"
KTP, OTHER = "ktp-el", "kartu-keluarga"


@dataclass
class StaffSite:
    """A machine of a site, with the touches of its staff."""

    folder: SiteFolder
    kiosk: Kiosk
    app: AppUnderTest

    @property
    def page(self) -> Staff:
        screen = self.app.visit.screen
        assert isinstance(screen, Staff), screen
        return screen

    @property
    def actions(self) -> list[tuple[str, str]]:
        """The log of actions: codes and outcomes."""
        entries = ActionLog(self.folder.state).entries()
        return [(e.action, e.outcome) for e in entries]

    def hold(self, part: float | None = None) -> None:
        """Hold the emblem until the pad opens, or until this ``part`` of the ring is filled."""
        self.app.clock.advance(2)
        self.app.frames(2)
        emblem = self.app.root_view.emblem
        x, y = emblem.center
        touch = self.app.fingers.down(x, y)
        if part is None:
            self.app.on(StaffPin)
        else:
            self.app.until(lambda: emblem.part >= part, "the ring")
        self.app.fingers.up(touch, x, y)
        self.app.frames(2)

    def enter(self, pin: str = PIN) -> None:
        """Type a PIN on the pad and enter it."""
        known = self.kiosk.staff.facts
        self.app.until(lambda: known().pin_set is not None, "the state of the PIN")
        for digit in pin:
            self.app.tap(DigitTyped(digit))
        self.app.tap(PinEntered())
        self.app.until(lambda: not getattr(self.app.visit.screen, "checking", False))

    def open(self) -> None:
        """From the home screen to the first page."""
        self.hold()
        self.enter()
        assert self.page.page is StaffPage.MENU

    def task(self, task: StaffTask) -> None:
        """Touch the key of a task and wait for its result."""
        self.app.tap(StaffTapped(task))
        self.app.until(lambda: self.page.result is not None, f"the result of {task}")
        result = self.page.result
        assert result is not None
        assert result.task == task
        assert result.done, result

    def close(self) -> None:
        """Leave the staff screen."""
        self.app.tap(DoneTapped())
        assert self.app.visit.screen == Agencies()

    def shown(self) -> str:
        """All texts on the screen."""
        return "\n".join(t.text for t in measures.texts(self.app.root_view))


@pytest.fixture
def quick_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold the emblem for a shorter time, for tests that are about something else."""
    monkeypatch.setattr(hold, "HOLD_S", 0.3)


@pytest.fixture
def site(tmp_path: Path, context: Make, window: Any) -> Iterator[StaffSite]:
    yield from made(tmp_path, context)


def made(tmp_path: Path, context: Make, diagonal: float = 21.5) -> Iterator[StaffSite]:
    folder = SiteFolder(tmp_path)
    more = f"screen: {{diagonal_inch: {diagonal}}}\nusb: {{folder: {tmp_path / 'usb'}}}\n"
    folder.machine("connection: virtual", more)
    folder.state.mkdir()
    PinFile(folder.state).keep(PIN)
    opened = open_settings(folder.config, folder.state, "id")
    with build_kiosk(opened.settings, folder.state, Options(opened=opened)) as kiosk:
        kiosk.start()
        yield StaffSite(folder, kiosk, context(kiosk, make_root_view))
    EventLoop.quit = False


@pytest.fixture(params=pairs(SIZES, ("id", "en")), ids=str)
def sized(
    request: Any, tmp_path: Path, context: Make, window: Any, quick_hold: None
) -> Iterator[StaffSite]:
    """A site at each reference size, and in each language."""
    size, language = request.param
    width, height, diagonal = SIZES[size]
    window.size = (width, height)
    try:
        for site in made(tmp_path, context, diagonal):
            if language != "id":
                site.app.tap(LanguageChosen(language))
            yield site
    finally:
        window.size = SIZE


@pytest.mark.parametrize(
    "sized", pairs(("portrait-21", "landscape-15"), ("id", "en")), ids=str, indirect=True
)
def test_every_key_does_what_it_says(sized: StaffSite) -> None:
    site, app = sized, sized.app
    given = site.kiosk.issue_now(site.kiosk.new_request(KTP)).ticket
    language = app.visit.language
    site.open()
    assert app.visit.language == language
    words = site.kiosk.settings.words
    assert words.say(language, "staff.title") in site.shown()

    site.task(StaffTask(StaffAction.TEST))
    app.tap(StaffPageAsked(StaffPage.SLIPS))
    assert given.number in site.shown()
    site.task(StaffTask(StaffAction.REPRINT, given.id))
    app.tap(BackTapped())
    app.tap(StaffPageAsked(StaffPage.PAPER))
    site.task(StaffTask(StaffAction.TEST))
    app.tap(BackTapped())

    site.task(StaffTask(StaffAction.CLOSE))
    assert site.kiosk.trouble() is Refusal.SHUT
    site.task(StaffTask(StaffAction.OPEN))
    assert site.kiosk.trouble() is None

    app.tap(StaffPageAsked(StaffPage.PAUSE))
    app.tap(AgencyChosen("disdukcapil"))
    app.tap(PauseServiceChosen(KTP))
    app.tap(PauseReasonChosen(PauseReason.SYSTEM))
    app.tap(PauseForChosen(PauseFor.MINUTES_15))
    site.task(StaffTask(StaffAction.PAUSE, KTP, PauseReason.SYSTEM, PauseFor.MINUTES_15))
    with pytest.raises(IssueRefused):
        site.kiosk.issue_now(site.kiosk.new_request(KTP))

    site.task(StaffTask(StaffAction.RELOAD))
    take_files_from_usb(site)
    app.tap(BackTapped())

    app.tap(StaffPageAsked(StaffPage.VOLUME))
    site.task(StaffTask(StaffAction.SOFTER))
    assert words.say(language, "staff.volume.level", n=3, m=6) in site.shown()
    for _ in range(3):
        site.task(StaffTask(StaffAction.LOUDER))
    events = [target.event for target in measures.targets(app.root_view)]
    assert StaffTapped(StaffTask(StaffAction.LOUDER)) not in events, "it is as loud as it can be"
    app.tap(BackTapped())

    app.tap(StaffPageAsked(StaffPage.END))
    app.tap(StaffTapped(StaffTask(StaffAction.QUIT)))
    site.enter()
    app.until(lambda: EventLoop.quit, "the end of the app")
    assert not app.app.restart
    EventLoop.quit = False
    done = [action for action, outcome in site.actions if outcome == "done"]
    assert done == [
        *("pin", "print-test", "reprint", "print-test", "close", "open"),
        *("pause", "reload", "usb-read", "usb-read", "usb-accept"),
        *("volume-down", "volume-up", "volume-up", "volume-up", "pin", "quit"),
    ]


def take_files_from_usb(site: StaffSite) -> None:
    """No stick, a file with an error, a good one: what the screen says, and what becomes of it."""
    app, language = site.app, site.app.visit.language
    words, stick = site.kiosk.settings.words, site.folder.config.parent / "usb"
    menu = site.folder.config / "agencies.yaml"
    before = menu.read_text("utf-8")
    read = StaffTask(StaffAction.USB_READ)

    def touched() -> None:
        app.tap(StaffTapped(read))
        app.until(lambda: site.page.page is StaffPage.USB and site.page.doing is None, "the stick")
        app.frames(2)

    stick.mkdir()
    touched()
    assert site.page.result is not None
    assert Message("usb.none").in_(language) in site.shown()
    line = before[: before.index("prefix: DK")].count("\n") + 1
    (stick / "agencies.yaml").write_text(before.replace("prefix: DK", "prefiks: DK", 1), "utf-8")
    touched()
    assert f"agencies.yaml:{line}:" in site.shown()
    assert words.say(language, "staff.usb.use") not in site.shown()
    assert site.page.result is None
    after = before.replace("KTP elektronik", "KTP-el baru", 1).replace(
        "en: Electronic ID", "en: New ID"
    )
    assert after != before
    (stick / "agencies.yaml").write_text(after, "utf-8")
    touched()
    assert "KTP-el baru" in site.shown() or "New ID" in site.shown(), site.shown()
    assert not measures.faults(app.root_view)
    assert menu.read_text("utf-8") == before, "nothing is used before it is accepted"
    site.task(StaffTask(StaffAction.USB_ACCEPT, site.kiosk.staff.facts().usb.id))
    assert menu.read_text("utf-8") == after
    found = site.kiosk.settings.catalogue.service(KTP)
    assert found is not None
    assert found.service.name.in_("id") == "KTP-el baru"
    (first, second) = SettingsHistory(site.folder.state).kept()
    assert (first.folder / "agencies.yaml").read_text("utf-8") == before
    assert (second.folder / "agencies.yaml").read_text("utf-8") == after


def test_the_pad_and_the_keys_have_their_sizes(sized: StaffSite) -> None:
    site, root_view = sized, sized.app.root_view
    scale = root_view.look.metrics.px_per_mm
    emblem = root_view.emblem
    assert min(emblem.size) >= 20 * scale - 1
    site.hold()
    digits = [root_view.view._keys[str(n)] for n in range(10)]
    assert min(min(key.size) for key in digits) >= 28 * scale - 1
    highest = max(key.top for key in digits)
    if root_view.height / scale > 250:
        assert highest <= root_view.height / 2, "the pad is in the lower half"
    site.enter()
    keys = measures.targets(root_view)
    assert len(keys) == 10
    for key in keys:
        assert key.width >= 60 * scale - 1, key.label
        assert key.height >= 25 * scale - 1, key.label
    assert not measures.too_near(root_view)
    assert root_view.bar.parent is None
    site.close()
    assert root_view.bar.parent is not None
    assert root_view.header.staff is False


def test_a_press_of_less_than_three_seconds_does_nothing(site: StaffSite) -> None:
    site.app.tap(AgencyChosen("disdukcapil"))
    site.app.tap(BackTapped())
    before = site.app.visit.screen
    begun_s = time.monotonic()
    site.hold(part=0.8)
    assert site.app.visit.screen == before
    assert site.app.root_view.emblem.part == 0
    site.hold()
    assert isinstance(site.app.visit.screen, StaffPin)
    assert time.monotonic() - begun_s >= 1.8 * hold.HOLD_S


def test_a_ring_fills_while_the_emblem_is_held_and_a_finger_that_slides_off_cancels(
    site: StaffSite,
) -> None:
    app, emblem = site.app, site.app.root_view.emblem
    app.clock.advance(2)
    touch = app.fingers.down(*emblem.center)
    app.until(lambda: emblem.part > 0.3, "the ring")
    app.fingers.move(touch, emblem.center_x + 5 * emblem.width, emblem.center_y)
    app.until(lambda: emblem.part == 0, "the end of the press")
    app.fingers.up(touch, *emblem.center)
    app.frames(3)
    assert app.visit.screen == Agencies()


def test_a_visitor_who_holds_the_emblem_gets_back_to_the_same_screen(
    site: StaffSite, quick_hold: None
) -> None:
    app = site.app
    app.tap(LanguageChosen("en"))
    site.hold()
    app.tap(BackTapped())
    assert isinstance(app.visit.screen, Agencies)
    assert app.visit.language == "en"
    assert ("pin", "failed") not in site.actions


@pytest.mark.usefixtures("unmeasured")
def test_touches_all_over_the_staff_screen_give_no_number(
    site: StaffSite, quick_hold: None
) -> None:
    app, root_view = site.app, site.app.root_view
    site.hold()
    for column in range(1, 12):
        for row in range(1, 12):
            x, y = root_view.width * column / 12, root_view.height * row / 12
            app.clock.advance(2)
            touch = app.fingers.down(x, y)
            app.frames(1)
            app.fingers.up(touch, x, y)
            app.frames(1)
            if not isinstance(app.visit.screen, StaffPin | Agencies):
                break
    assert site.kiosk.tickets_today() == 0


def test_five_wrong_pins_cost_a_wait_that_a_restart_does_not_end(
    site: StaffSite, quick_hold: None
) -> None:
    site.hold()
    for _ in range(4):
        site.enter("470011")
        assert site.kiosk.staff.facts().wait_s == 0
    site.enter("470011")
    site.app.until(lambda: site.kiosk.staff.facts().wait_s > 0, "the wait")
    words = site.kiosk.settings.words.say("id", "staff.pin.wait", wait="1 menit")
    site.app.until(lambda: words in site.shown(), "the words of the wait")
    digits = [t for t in measures.targets(site.app.root_view) if t.event is not None]
    assert [t.event for t in digits] == [BackTapped()]
    assert 0 < PinAttempts(site.folder.state).wait_s() <= 60, "as another process sees it"
    assert [a for a in site.actions if a[0] == "pin"] == [("pin", "failed")] * 5


def test_without_a_pin_the_pad_says_how_to_set_one(site: StaffSite, quick_hold: None) -> None:
    (site.folder.state / "staff-pin.json").unlink()
    site.hold()
    site.app.until(lambda: "kiosk set-pin" in site.shown(), "how to set a PIN")
    assert all(t.event in (None, BackTapped()) for t in measures.targets(site.app.root_view))


def test_the_screen_turns_while_a_pin_is_checked(
    site: StaffSite, quick_hold: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing is held up until the loop has turned 30 times and the screen has said so."""
    app, gate = site.app, threading.Event()
    matches = PinFile.matches

    def slow(pin_file: PinFile, pin: str) -> bool:
        assert threading.current_thread() is not threading.main_thread()
        assert gate.wait(20)
        return matches(pin_file, pin)

    monkeypatch.setattr(PinFile, "matches", slow)
    site.hold()
    for digit in PIN:
        app.tap(DigitTyped(digit))
    app.tap(PinEntered())
    app.until(lambda: getattr(app.visit.screen, "checking", False), "the check")
    app.frames(30)
    words = site.kiosk.settings.words.say("id", "staff.pin.checking")
    assert words in site.shown()
    assert [t.event for t in measures.targets(app.root_view) if t.event] == [BackTapped()]
    gate.set()
    app.on(Staff)


def test_the_screen_turns_while_a_slip_is_printed_and_its_keys_are_off(
    site: StaffSite, quick_hold: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, gate = site.app, threading.Event()
    print_now = Kiosk.print_now

    def slow(kiosk: Kiosk, slip: Any) -> Any:
        assert threading.current_thread() is not threading.main_thread()
        assert gate.wait(20)
        return print_now(kiosk, slip)

    monkeypatch.setattr(Kiosk, "print_now", slow)
    site.open()
    app.tap(StaffTapped(StaffTask(StaffAction.TEST)))
    app.frames(30)
    assert site.page.doing == StaffTask(StaffAction.TEST)
    words = site.kiosk.settings.words.say("id", "staff.doing.print-test")
    assert words in site.shown()
    assert not [t for t in measures.targets(app.root_view) if t.event is not None]
    gate.set()
    app.until(lambda: site.page.result is not None, "the result")
    assert site.page.result is not None
    assert site.page.result.done


def test_a_test_slip_ends_a_hold_of_the_printer(site: StaffSite, quick_hold: None) -> None:
    """A job that never ended, as a killed process leaves it: the printer is held at the start."""
    site.kiosk.close()
    (site.folder.state / "printer-job").touch()
    settings = load_settings(site.folder.config, ASSETS)
    with build_kiosk(settings, site.folder.state, Options()) as kiosk:
        kiosk.start()
        site.app.kiosk_port = site.kiosk = kiosk
        site.app.timing_port._kiosk_port = kiosk
        site.open()
        site.task(StaffTask(StaffAction.TEST))
        assert kiosk.probe_now().well
        given = kiosk.issue_now(kiosk.new_request(KTP))
        assert given.result.is_printed


def test_restart_ends_the_app_to_start_it_again(site: StaffSite, quick_hold: None) -> None:
    site.open()
    site.app.tap(StaffPageAsked(StaffPage.END))
    site.app.tap(StaffTapped(StaffTask(StaffAction.RESTART)))
    site.app.until(lambda: EventLoop.quit, "the end of the app")
    assert site.app.app.restart
    EventLoop.quit = False
    assert site.actions[-1] == ("restart", "done")


def test_a_closed_machine_says_so_to_visitors(site: StaffSite, quick_hold: None) -> None:
    site.open()
    site.task(StaffTask(StaffAction.CLOSE))
    site.close()
    title = site.kiosk.settings.words.say("id", "trouble.shut.title")
    site.app.until(lambda: title in site.shown(), "the message")
    assert not [
        t for t in measures.targets(site.app.root_view) if isinstance(t.event, AgencyChosen)
    ]
    site.open()
    site.task(StaffTask(StaffAction.OPEN))
    site.close()
    site.app.until(lambda: title not in site.shown(), "the agencies")


def test_a_pause_shows_its_reason_and_holds_after_a_restart(
    site: StaffSite, quick_hold: None
) -> None:
    app = site.app
    site.open()
    for event in (
        StaffPageAsked(StaffPage.PAUSE),
        AgencyChosen("disdukcapil"),
        PauseServiceChosen(KTP),
        PauseReasonChosen(PauseReason.BREAK),
    ):
        app.tap(event)
    site.task(StaffTask(StaffAction.PAUSE, KTP, PauseReason.BREAK, PauseFor.MINUTES_30))
    site.close()
    app.tap(AgencyChosen("disdukcapil"))
    app.on(Services)
    app.tap(ClosedAsked(KTP))
    reason = site.kiosk.settings.words.say("id", "pause.break")
    app.until(lambda: reason in site.shown(), "the reason")
    app.tap(BackTapped())
    app.tap(ServiceChosen(OTHER))
    app.on(Shown)
    site.kiosk.close()
    settings = load_settings(site.folder.config, ASSETS)
    with build_kiosk(settings, site.folder.state, Options(printer=False)) as again:
        with pytest.raises(IssueRefused) as caught:
            again.issue_now(again.new_request(KTP))
        assert caught.value.reason is Refusal.PAUSED
