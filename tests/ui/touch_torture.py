"""Touches on every point of every screen: each acts only where a button says so.

A gesture is one touch, two touches on the same spot, or a slide. What is allowed is decided here
from the words on the screen before each touch, not from the events behind the buttons: a number
may come only from a button whose visible text says that it gives one. The same holds for a number
that is given back and for a copy of a slip; and no touch on a visitor's screen does a staff task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.lang import Builder

from kiosk.app.kiosk_app import KioskApp, make_root_view
from kiosk.demo.fingers import Fingers
from kiosk.domain.config import Settings
from kiosk.domain.modes import NO_MODES, Modes
from kiosk.preview.cast import MONO_S, PreviewState
from kiosk.preview.staff_states import is_staff
from kiosk.preview.states import states
from kiosk.widgets.press import Touchable
from kiosk.widgets.text import Text
from tests.ui.app_under_test import FreezableClock
from tests.ui.kiosk_ports import FakeKioskPort
from tests.ui.screen_measures import shown

GRID_MM = 10.0
SLIDE_MM = 12.0
ISSUING_WORDS = (
    "service.take_short",
    "service.take_priority",
    "service.take_priority_short",
    "confirm.yes",
    "confirm.yes_screen",
    "nav.retry",
)
"""Words on the buttons that give a number or ask for it again."""

VOIDING_WORDS = ("cancel.yes",)
"""Words on the button that gives a number back."""

COPYING_WORDS = ("resume.yes",)
"""Words on the button that prints a slip again."""

DETAILS_WORDS = ("details.print",)
"""Words on the button that prints a slip without a number."""

EFFECT_WORDS = {
    ISSUING_WORDS: "a number",
    VOIDING_WORDS: "a number given back",
    COPYING_WORDS: "a copy",
    DETAILS_WORDS: "a slip of details",
}

LONG_AGO_S = 60.0


@dataclass(frozen=True, slots=True)
class Gesture:
    """``apart_s``: seconds from the first to the second touch; None for a single one. ``slide``:
    millimetres that the finger moves before it is lifted."""

    name: str
    apart_s: float | None = None
    slide: tuple[float, float] = (0.0, 0.0)


GESTURES = (
    Gesture("once"),
    *(Gesture(f"twice {apart_s} s", apart_s) for apart_s in (0.3, 0.55, 0.65, 0.8, 1.1)),
    *(Gesture("slide", None, to) for to in ((SLIDE_MM, 0.0), (0.0, SLIDE_MM), (0.0, -SLIDE_MM))),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a gesture did. ``numbers``: requests for a number. ``wrong``: why one must not have
    come; empty when all is well."""

    numbers: int
    wrong: str


class TortureApp:
    """The real app with its real screens in the window, put into one preview state after another.

    The clock is frozen, so that a slow machine does not look like a slow finger, and frames are
    not drawn.
    """

    def __init__(self, settings: Settings, window: Any) -> None:
        self._settings = settings
        self._window = window
        self._port = FakeKioskPort()
        self._port.settings = settings
        self._clock = FreezableClock()
        self._clock.freeze()
        self._app = KioskApp(self._port, window, make_root_view, self._clock)
        self._fingers = Fingers(window)
        self._app.begin()
        self._fingers.attach()
        self.mm = self._app.root.look.metrics.px_per_mm

    def end(self) -> None:
        """Finish the app; the window stays open."""
        self._fingers.detach()
        self._app.finish()

    def states(self, language: str, modes: Modes = NO_MODES) -> Iterator[PreviewState]:
        """All states of all screens."""
        return states(self._settings, language, modes)

    def grid(self, state: PreviewState) -> list[tuple[float, float]]:
        """Points ``GRID_MM`` apart over the whole window, in pixels; ``state`` is shown."""
        self._show(state)
        width, height = self._window.size
        step = GRID_MM * self.mm
        return [
            (step * (0.5 + x), step * (0.5 + y))
            for y in range(int(height / step))
            for x in range(int(width / step))
        ]

    def centres(self, state: PreviewState) -> list[tuple[float, float]]:
        """The centres of all targets in ``state``."""
        self._show(state)
        return [w.to_window(*w.center) for w in shown(self._app.root) if isinstance(w, Touchable)]

    def play(self, state: PreviewState, at: tuple[float, float], gesture: Gesture) -> Outcome:
        """Make one gesture at ``at`` on ``state``, which has been in view for a minute."""
        self._show(state)
        port, app = self._port, self._app
        port.requests.clear()
        port.voids.clear()
        port.copies.clear()
        port.details.clear()
        port.tasks.clear()
        # Before the touch: after it the buttons may be gone.
        allowed = [self._may_act(keys, at, gesture) for keys in EFFECT_WORDS]
        self._touch(at, gesture.slide)
        first, voids, copies = len(port.requests), len(port.voids), len(port.copies)
        counts = (first, voids, copies, len(port.details))
        effects = zip(counts, allowed, EFFECT_WORDS.values(), strict=True)
        for made, may, what in effects:
            if made and not may:
                return Outcome(first, f"{what} from a place that does not say so")
            if made > 1:
                return Outcome(first, f"{what} twice for one touch")
        visitors = not is_staff(state.visit)
        if visitors and port.tasks:
            return Outcome(first, f"a staff task on a visitor's screen: {port.tasks[0]}")
        if gesture.apart_s is None:
            return Outcome(first, "")
        changed = app.visit.screen != state.visit.screen
        self._clock.advance(gesture.apart_s)
        self._turn()
        self._touch(at)
        if len(port.requests) > 1:
            return Outcome(len(port.requests), "two numbers for two touches")
        if changed and len(port.requests) > first:
            return Outcome(1, "the second touch took a number on a screen that nobody had read")
        if changed and len(port.voids) > voids:
            return Outcome(first, "the second touch gave a number back")
        if changed and len(port.copies) > copies:
            return Outcome(first, "the second touch printed a copy")
        if changed and len(port.details) > counts[-1]:
            return Outcome(first, "the second touch printed the details")
        if visitors and port.tasks:
            return Outcome(first, f"a staff task on a visitor's screen: {port.tasks[0]}")
        return Outcome(len(port.requests), "")

    def _may_act(self, keys: tuple[str, ...], at: tuple[float, float], gesture: Gesture) -> bool:
        """Whether the gesture is made on a button with one of the texts ``keys``. A slide within
        one button is a touch on it."""
        end = tuple(a + d * self.mm for a, d in zip(at, gesture.slide, strict=True))
        buttons = self._buttons[keys]
        start = _button_at(buttons, at)
        return start is not None and start is _button_at(buttons, end)

    def _show(self, state: PreviewState) -> None:
        port, app = self._port, self._app
        port.queue, port.health = state.snapshot.live, state.snapshot.printer
        port.disabled = state.snapshot.broken
        port.clock = lambda: state.snapshot.now
        kiosk = replace(
            self._settings.kiosk,
            kiosks=state.snapshot.kiosks,
            printer=replace(self._settings.kiosk.printer, on_fault=state.snapshot.on_fault),
        )
        settings = replace(self._settings, catalogue=state.snapshot.catalogue, kiosk=kiosk)
        app._settings = port.settings = settings
        self._clock.advance(LONG_AGO_S)
        app._guard._releases.clear()
        app._guard._recent.clear()
        app._screens += 1
        app.visit = _later(state, self._clock())
        # An earlier gesture may have switched speech on, in which a first touch only says.
        app._voice.tick(app.visit)
        app._root_view.show(app.visit, app._world(), staff=state.staff)
        self._turn()
        self._buttons = self._saying(EFFECT_WORDS)

    def _saying(self, sets: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], list[Touchable]]:
        """For each set of keys, the visible buttons with one of their texts."""
        buttons = []
        for widget in shown(self._app.root):
            below = list(_below(widget)) if isinstance(widget, Touchable) else []
            if below and not any(isinstance(child, Touchable) for child in below):
                texts = {t.text for t in below if isinstance(t, Text) and t.opacity}
                buttons.append((widget, texts))
        words, language = self._settings.words, self._app.visit.language
        said = {keys: {words.say(language, key) for key in keys} for keys in sets}
        return {keys: [w for w, texts in buttons if texts & said[keys]] for keys in sets}

    def _touch(self, at: tuple[float, float], slide: tuple[float, float] = (0.0, 0.0)) -> None:
        touch = self._fingers.down(*at)
        self._turn()
        end = (at[0] + slide[0] * self.mm, at[1] + slide[1] * self.mm)
        if slide != (0.0, 0.0):
            self._fingers.move(touch, *end)
            self._turn()
        self._fingers.up(touch, *end)
        self._turn(2)

    def _turn(self, times: int = 1) -> None:
        for _ in range(times):
            turn_undrawn()


def _button_at(buttons: Sequence[Touchable], at: Sequence[float]) -> Touchable | None:
    return next((w for w in buttons if w.collide_point(*w.to_widget(*at))), None)


def turn_undrawn() -> None:
    """Turn the loop once as ``EventLoop.idle`` does, without sleeping and drawing."""
    now = Clock.time()
    Clock.pre_idle()
    Clock.post_idle(now, now)
    EventLoop.dispatch_input()
    Builder.sync()
    Clock.tick_draw()
    Builder.sync()


def _later(state: PreviewState, now_s: float) -> Any:
    """The visit of ``state``, its times moved to the clock's."""
    visit, shift_s = state.visit, now_s - MONO_S
    screen = visit.screen
    moved = {
        name: getattr(screen, name) + shift_s
        for name in ("since_s", "hung_s")
        if isinstance(getattr(screen, name, None), float)
    }
    warned_s = None if visit.warned_s is None else visit.warned_s + shift_s
    return replace(
        visit,
        screen=replace(screen, **moved),
        touched_s=visit.touched_s + shift_s,
        warned_s=warned_s,
    )


def _below(widget: Any) -> Iterator[Any]:
    for child in widget.children:
        yield child
        yield from _below(child)


def torture(
    app: TortureApp,
    chosen: Callable[[PreviewState], list[tuple[tuple[float, float], Gesture]]],
    language: str,
    modes: Modes = NO_MODES,
) -> Iterator[tuple[str, int, int, list[str]]]:
    """For each state: its name, the gestures made, the numbers given and what was wrong."""
    for state in app.states(language, modes):
        plan = chosen(state)
        outcomes = [(at, gesture, app.play(state, at, gesture)) for at, gesture in plan]
        numbers = sum(outcome.numbers for _, _, outcome in outcomes)
        wrong = [
            f"{state.name}: {gesture.name} at {at[0] / app.mm:.0f}, {at[1] / app.mm:.0f} mm: "
            f"{outcome.wrong}"
            for at, gesture, outcome in outcomes
            if outcome.wrong
        ]
        yield state.name, len(outcomes), numbers, wrong
