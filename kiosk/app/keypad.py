"""The keypad: a few keys that reach everything on the screen without a touch.

A keypad for kiosks is a USB keyboard whose keys send function keys; ``keypad`` in ``kiosk.yaml``
says which. The first key that is pressed only shows the focus. "Select" presses the widget with the
focus as a finger does: it acts when the key is released, with what the widget meant when it went
down, and its event passes the same rules of ``visit.step``.

A hand with a tremor, or a key that sticks, presses again and again. Presses that are no second
choice are dropped: an auto-repeat; one less than REST_S after the last; one less than
``visit_repeats.REPEAT_S`` after the last that counted, unless the focus was moved in between.

A release can be lost: the keypad is unplugged while a key is down. It can also only seem lost: the
loop stood still, and the auto-repeats of a held key come late. In both cases nothing acts until a
release comes: what "select" held is cancelled, and the keys that act at once, such as "back", do
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from kiosk.app.ports import FocusPort
from kiosk.domain.config import KeypadSettings
from kiosk.domain.events import (
    EraseTapped,
    Event,
    HelpTapped,
    KeyPressed,
    LetterTyped,
    SpeechAsked,
    Touched,
    VoiceKey,
)
from kiosk.domain.modes import Mode
from kiosk.domain.staff import DigitTyped
from kiosk.domain.visit_repeats import REPEAT_S
from kiosk.domain.visit_state import (
    Touch,
    Visit,
)

REST_S = 0.5
"""A key that is pressed sooner than this again is not at rest: the press is part of the last."""

STUCK_S = 1.2
"""Auto-repeat sends a held key at shorter intervals than this, also at its beginning. A key that
comes later without having been released was released unseen, because its keypad was unplugged, or
was read late."""

MOVE_EVERY_S = 0.15
"""A held key moves the focus on, but not faster than this."""

_F1, _F13 = 0x3A, 0x68
"""Usage ids of F1 to F12 and F13 to F24 (USB HID Usage Tables 1.4, keyboard page 0x07). SDL's
scancodes are these numbers, whatever the layout of the keyboard is."""

MODIFIERS = frozenset({"shift", "ctrl", "alt", "alt-gr", "meta"})

TYPED = (LetterTyped, DigitTyped, EraseTapped)
"""Keys of the search screen and of the PIN pad: the same one twice is a word such as "kk"."""

ABROAD = math.inf
"""The distance of a press that follows a move of the focus from the last one."""


def scancode(name: str) -> int:
    """The scancode of ``F1`` to ``F24``."""
    number = int(name[1:])
    return _F1 + number - 1 if number <= 12 else _F13 + number - 13


def keys_of(settings: KeypadSettings) -> dict[int, str]:
    """The keypad's keys (names of the fields of the settings) by their scancodes."""
    named = ((field.name, getattr(settings, field.name)) for field in fields(settings))
    return {scancode(key): name for name, key in named if key}


@dataclass(slots=True)
class _Press:
    """A key that is down. ``seen_s``: when it was last reported."""

    name: str
    seen_s: float


@dataclass(slots=True)
class _Held:
    """The widget that "select" holds, and the touch that this counts as. ``code``: of the key."""

    code: int
    target: Any
    touch: Touch


class Keypad:
    """Handles the window's key events. UI thread only.

    ``settings`` returns the keys in force, ``visit`` the present visit, ``focus`` the focus on the
    screen. ``act`` is called with an event and the touch that it counts as; ``release`` with the
    widget that "select" has held, and the touch that this counts as.
    """

    def __init__(
        self,
        settings: Callable[[], KeypadSettings],
        visit: Callable[[], Visit],
        focus: Callable[[], FocusPort],
        act: Callable[[Event, Touch | None], None],
        release: Callable[[Any, Touch], None],
        now: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._visit = visit
        self._focus = focus
        self._act = act
        self._release = release
        self._now = now
        self._known: KeypadSettings | None = None
        self._keys: dict[int, str] = {}
        self._down: dict[int, _Press] = {}
        self._held: _Held | None = None
        self._moved_s = -math.inf
        self._pressed_s = -math.inf
        self._counted_s = -math.inf
        self._moved = True
        self.used = False
        """Whether a key of the keypad was ever pressed."""

    def key_down(self, code: int, modifiers: list[str]) -> None:
        """A key went down, or repeats itself; ``code``: its scancode."""
        name, now = self._name(code), self._now()
        if name is None or MODIFIERS & set(modifiers):
            return
        self.used = True
        press = self._down.get(code)
        again = press is not None and now - press.seen_s < STUCK_S
        self._down[code] = _Press(name, now)
        if again:
            if name in ("up", "down") and self._visit().keypad:
                self._move(name, now)
            return
        visit = self._visit()
        shown = visit.keypad
        # The answer of the idle warning must not be the press with which the warning began anew.
        if not (shown and name == "select" and visit.warned_s is not None):
            self._act(KeyPressed(), None)
        lost = press is not None
        if lost:
            self._cancel()
        if shown and not (lost and name not in ("up", "down", "select")):
            self._go(code, name, now)

    def key_up(self, code: int) -> None:
        """A key was released."""
        self._down.pop(code, None)
        if self._held is not None and self._held.code == code:
            self._let_go()

    def _speaks(self) -> bool:
        return Mode.SPEECH in self._visit().modes

    def _name(self, code: int) -> str | None:
        settings = self._settings()
        if settings is not self._known:
            self._known, self._keys = settings, keys_of(settings)
        return self._keys.get(code)

    def _go(self, code: int, name: str, now: float) -> None:
        away = Touch(now, ABROAD)
        match name:
            case "up" | "down":
                self._move(name, now)
            case "select":
                self._select(code, now)
            case "back" if self._visit().warned_s is not None:
                self._act(Touched(), away)
            case "back":
                event = self._focus().way_back
                if event is not None:
                    self._act(event, away)
            case "help" if self._speaks():
                self._act(SpeechAsked(VoiceKey.REPEAT), away)
            case "help":
                self._act(HelpTapped(), away)
            case "volume":
                self._act(SpeechAsked(VoiceKey.ROUND), away)

    def _move(self, name: str, now: float) -> None:
        if now - self._moved_s < MOVE_EVERY_S:
            return
        self._moved_s, self._moved = now, True
        self._focus().move_focus(-1 if name == "up" else 1)

    def _select(self, code: int, now: float) -> None:
        """Hold the widget with the focus, unless the press is part of the last one."""
        item = self._focus().focused
        rested = now - self._pressed_s >= REST_S
        self._pressed_s = now
        if item is None or item.event is None:
            return
        typed = isinstance(item.event, TYPED)
        if not self._focus().may_press():
            return
        if not typed and not self._moved and not (rested and now - self._counted_s >= REPEAT_S):
            return
        self._cancel()
        near = not self._moved and not typed
        self._held = _Held(code, item.target, Touch(now, 0.0 if near else ABROAD))
        item.target.hold()

    def _cancel(self) -> None:
        """Cancel what "select" holds: it does not act."""
        held, self._held = self._held, None
        if held is not None:
            held.target.cancel_hold()

    def _let_go(self) -> None:
        """Release the widget that "select" holds; it acts if it still means the same."""
        held, self._held = self._held, None
        if held is None:
            return
        self._counted_s, self._moved = self._now(), False
        self._release(held.target, held.touch)
