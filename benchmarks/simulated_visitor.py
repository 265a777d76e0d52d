"""A simulated visitor: eyes, hand and mistakes of one person before the real screens."""

from __future__ import annotations

import random
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.common import ROOT
from kiosk.domain import visit_repeats
from kiosk.domain.config import KeypadSettings
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.ui import kivy_env

SIZES = {"1080x1920": 21.5, "1920x1080": 21.5, "800x1280": 15.6, "1280x800": 15.6}
MOST_STEPS = 40
"""A visitor who has not come further after so many touches gives up."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of visitor.

    ``share``: of all visitors. ``pace``: factor on all times. ``knows``: the agency, not only the
    need. ``slips``: probability that the finger lands on a neighbouring target. ``doubles``: that
    it touches twice. ``language``: touched first. ``keys``: uses the keypad alone.
    """

    name: str
    share: float
    pace: float = 1.0
    knows: bool = True
    slips: float = 0.02
    doubles: float = 0.02
    language: str = ""
    keys: bool = False


KINDS = (
    Kind("knows the agency", 0.40),
    Kind("only a need", 0.20, knows=False),
    Kind("elder, touches twice", 0.20, pace=2.0, slips=0.08, doubles=0.5),
    Kind("elder, only a need", 0.05, pace=2.0, knows=False, slips=0.08, doubles=0.5),
    Kind("foreigner", 0.10, pace=1.3, slips=0.03, language="en"),
    Kind("keypad alone", 0.05, pace=1.2, slips=0.02, doubles=0.05, keys=True),
)
LOOK_S, ITEM_S, TOUCH_S, KEY_S = 1.0, 0.25, 0.9, 0.4
GLANCE_S, LETTER_S = 0.5, 1.2
"""To look at the results, and to find and touch one letter."""
SLIP_S = 1.5


@dataclass
class Story:
    """The result of one visit. ``wrong``: numbers of another service; ``kept``: of these not
    given back. ``second``: a second number of the right service."""

    kind: str
    taps: int = 0
    seconds: float = 0.0
    wrong: int = 0
    kept: int = 0
    second: int = 0
    gave_up: bool = False


class Lobby:
    """The app in a window, without drawing, and the hand and eyes of the person before it."""

    def __init__(self, size: str, *, plain: bool) -> None:
        width, height = map(int, size.split("x"))
        home = Path(tempfile.mkdtemp(prefix="kiosk-visitors-"))
        kivy_env.prepare(offscreen=True, windowed=False, size=(width, height), home=home)
        self.window = kivy_env.open_window()
        from kiosk.app.kiosk_app import KioskApp, make_root_view
        from kiosk.demo.fingers import Fingers
        from tests.ui.app_under_test import FreezableClock
        from tests.ui.kiosk_ports import FakeKioskPort
        from tests.ui.sdl_keys import Keyboard

        if plain:
            visit_repeats.DEBOUNCE_S = visit_repeats.REPEAT_S = 0.0
        self.plain = plain
        settings = load_settings(ROOT / "config", ASSETS)
        screen = replace(settings.kiosk.screen, diagonal_inch=SIZES[size], resolution_px=None)
        self.keypad = KeypadSettings("F13", "F14", "F15", "F16", "F17")
        kiosk = replace(settings.kiosk, screen=screen, keypad=self.keypad)
        self.settings = replace(settings, kiosk=kiosk)
        self.port = FakeKioskPort(self.settings.catalogue)
        self.port.settings = self.settings
        self.clock = FreezableClock()
        self.clock.freeze()
        self.app = KioskApp(self.port, self.window, make_root_view, self.clock)
        self.fingers, self.keyboard = Fingers(self.window), Keyboard()
        self.app.begin()
        self.fingers.attach()
        self.turn(2)

    def turn(self, times: int = 1) -> None:
        """Turn the loop without sleeping and drawing."""
        from tests.ui.touch_torture import turn_undrawn

        for _ in range(times):
            turn_undrawn()

    def pass_time(self, seconds: float) -> None:
        """Let time pass, in steps of the app's tick."""
        while seconds > 0:
            self.clock.advance(min(0.25, seconds))
            seconds -= 0.25
            self.app._tick(0.25)
        self.turn()

    def targets(self) -> list[Any]:
        """What can be touched now, in reading order."""
        from tests.ui.screen_measures import targets

        usable = [t for t in targets(self.app.root) if t.event is not None]
        return sorted(usable, key=lambda t: (-round(t.center_y / 40), t.x))

    def find(self, event: object) -> Any:
        """The target of ``event``, or None."""
        return next((t for t in self.targets() if t.event == event), None)

    def touch(self, x: float, y: float) -> None:
        """Put a finger down and lift it."""
        touch = self.fingers.down(x, y)
        self.turn()
        self.fingers.up(touch, x, y)
        self.turn(2)

    def key(self, name: str) -> None:
        """Press and release a key; SDL's queue is read by the window."""
        for press in (self.keyboard.down, self.keyboard.up):
            press(getattr(self.keypad, name))
            self.window.mainloop()
            self.turn()

    def listen(self) -> float:
        """Listen to the end of what is being said; the seconds that it takes."""
        speech = self.app._voice._speech
        begun_s, patient_until = self.clock(), time.monotonic() + 20
        while speech is not None and speech.busy and time.monotonic() < patient_until:
            if speech._ends_s is not None:
                self.pass_time(0.25)
            else:  # the synthesiser is another process: it works in real time
                time.sleep(0.001)
                self.turn()
        return self.clock() - begun_s


class Visitor:
    """One visitor with a service in mind, and perhaps ``words`` for it."""

    def __init__(
        self, lobby: Lobby, kind: Kind, service: str, words: str, rng: random.Random
    ) -> None:
        self._lobby, self._kind, self._rng = lobby, kind, rng
        self._service, self._left = service, words
        found = lobby.settings.catalogue.service(service)
        assert found is not None
        self._agency = found.agency.code
        self._typed = ""
        self.story = Story(kind.name)

    def visit(self) -> Story:
        """Come to the kiosk, take the number, leave. The screen is home before and after."""
        from kiosk.domain.events import LanguageChosen

        lobby, story = self._lobby, self.story
        lobby.port.requests.clear()
        lobby.port.voids.clear()
        self._wait(LOOK_S)
        if self._kind.language:
            self._act(LanguageChosen(self._kind.language))
        done = False
        while not done and story.taps < MOST_STEPS * (5 if self._kind.keys else 1):
            before = story.taps
            done = self._step()
            if not done and story.taps == before:
                break
        story.gave_up = not done
        self._count()
        self._leave()
        return story

    def _count(self) -> None:
        port, story = self._lobby.port, self.story
        void = {ticket.id for ticket in port.voids}
        standing = [r.service for r in port.requests if r.id not in void]
        story.wrong = sum(r.service != self._service for r in port.requests)
        story.kept = sum(service != self._service for service in standing)
        story.second = max(0, standing.count(self._service) - 1)

    def _step(self) -> bool:
        """Look at the screen and do the next thing; True once the right number is there."""
        from kiosk.domain import events
        from kiosk.domain.visit_screens import (
            Agencies,
            CancelAsked,
            Cancelled,
            Confirm,
            Find,
            Services,
            Shown,
        )

        visit = self._lobby.app.visit
        self._wait(GLANCE_S if isinstance(visit.screen, Find) else LOOK_S)
        visit = self._lobby.app.visit
        if visit.warned_s is not None:
            return self._act(events.Touched())
        match visit.screen:
            case Agencies() if self._kind.knows:
                return self._act(events.AgencyChosen(self._agency))
            case Agencies():
                return self._act(events.FindTapped())
            case Find() if not self._kind.knows:
                return self._search()
            case Services(agency) if agency == self._agency and visit.screen.details is None:
                return self._act(events.ServiceChosen(self._service))
            case Confirm(service) if service == self._service:
                return self._act(events.ConfirmTapped())
            case Shown(ticket):
                self._wait_exactly(SLIP_S)
                if ticket.service == self._service:
                    return True
                if self._lobby.plain:
                    return self._act(events.AnotherTapped())
                return self._act(events.CancelTapped())
            case CancelAsked(number):
                right = number.ticket.service == self._service
                return self._act(events.BackTapped() if right else events.VoidConfirmed())
            case Cancelled():
                return self._act(events.AnotherTapped(), events.HomeTapped(), events.DoneTapped())
        return self._act(events.BackTapped(), events.HomeTapped())

    def _search(self) -> bool:
        """Touch the wanted result once it is there; type the next letter until then."""
        from kiosk.domain import events

        lobby = self._lobby
        for code in self._equal:
            if lobby.find(events.FoundChosen(code)) is not None:
                self._service = code
                found = lobby.settings.catalogue.service(code)
                assert found is not None
                self._agency = found.agency.code
                return self._act(events.FoundChosen(code))
        if not self._left:
            return False
        letter, self._left = self._left[0], self._left[1:]
        return self._act(events.LetterTyped(letter))

    _equal: tuple[str, ...] = ()

    def with_equal(self, services: tuple[str, ...]) -> Visitor:
        """Answers that serve this visitor as well."""
        self._equal = services or (self._service,)
        return self

    def _act(self, *events: object) -> bool:
        """Do the first of ``events`` that is on the screen, on a further page if need be."""
        from kiosk.domain.events import PageChosen

        for event in events:
            if self._lobby.find(event) is not None:
                self._do(event)
                return False
        page = getattr(self._lobby.app.visit.screen, "page", 0)
        if self._lobby.find(PageChosen(page + 1)) is not None:
            self._do(PageChosen(page + 1))
        return False

    def _do(self, event: object) -> None:
        """Look for the target and touch it, or one beside it, perhaps twice."""
        from kiosk.domain.events import LetterTyped

        lobby, kind, rng = self._lobby, self._kind, self._rng
        targets = lobby.targets()
        wanted = next(t for t in targets if t.event == event)
        if kind.keys:
            self._by_keys(event)
            return
        typed = isinstance(event, LetterTyped)
        look_s = ITEM_S * min(8, 1 + targets.index(wanted))
        self._wait(LETTER_S if typed else look_s + TOUCH_S)
        hit = wanted
        if rng.random() < kind.slips:
            others = sorted(
                (t for t in targets if t is not wanted), key=lambda t: _apart(t, wanted)
            )
            hit = rng.choice(others[:3]) if others else wanted
        x, y = hit.to_window(*hit.center)
        twice = rng.random() < kind.doubles
        self._touch(x, y)
        if twice:
            self._wait_exactly(rng.uniform(0.3, 1.1))
            self._touch(x, y)

    def _by_keys(self, event: object) -> None:
        lobby, kind, rng = self._lobby, self._kind, self._rng
        root = lobby.app.root
        for _ in range(120):
            if root.focused is not None and root.focused.event == event:
                break
            self._key("down")
        if rng.random() < kind.slips:
            self._key("down")
        self._wait(ITEM_S)
        self.story.seconds += lobby.listen()
        self._key("select")
        if rng.random() < kind.doubles:
            self._key("select")

    def _key(self, name: str) -> None:
        self._wait(KEY_S)
        self.story.taps += 1
        self._lobby.key(name)

    def _touch(self, x: float, y: float) -> None:
        self.story.taps += 1
        self._lobby.touch(x, y)

    def _wait(self, seconds: float) -> None:
        self._wait_exactly(seconds * self._kind.pace * self._rng.uniform(0.8, 1.3))

    def _wait_exactly(self, seconds: float) -> None:
        self.story.seconds += seconds
        self._lobby.pass_time(seconds)

    def _leave(self) -> None:
        """The visit ends by itself, as when a visitor walks away."""
        from kiosk.domain.visit_screens import (
            Agencies,
        )

        for _ in range(400):
            visit, first = self._lobby.app.visit, self._lobby.settings.catalogue.site.languages[0]
            if visit.screen == Agencies() and visit.language == first and not visit.keypad:
                break
            self._lobby.pass_time(1.0)
        self._lobby.pass_time(2.0)


def _apart(one: Any, other: Any) -> float:
    return float(abs(one.center_x - other.center_x) + abs(one.center_y - other.center_y))
