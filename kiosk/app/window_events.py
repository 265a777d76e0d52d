"""The window's events other than touches: none of them may end or leave the app.

Apart from the application because this is a list of what SDL and Kivy would do by themselves (close
on Escape, open a dropped file): it grows with the window library, not with the visit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.app.keypad import Keypad
from kiosk.app.safety import FaultLog


class WindowEvents:
    """Swallows keys, close requests and dropped files. Keys of the keypad are handled first.

    ``pressed`` is called for each key that goes down; ``failed`` after an exception of the keypad.
    """

    def __init__(
        self,
        window: Any,
        keypad: Keypad,
        faults: FaultLog,
        pressed: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._window = window
        self._keypad = keypad
        self._faults = faults
        self._pressed = pressed
        self._failed = failed

    def bind(self) -> None:
        """Take the events from now on."""
        self._attach(self._window.fbind)

    def unbind(self) -> None:
        """Undo ``bind``."""
        self._attach(self._window.funbind)

    def key_down(
        self, _window: Any, _key: int, scancode: int, _text: str, modifiers: list[str], *_: object
    ) -> bool:
        """Pass a key to the keypad; no other key has an effect."""
        self._pressed()
        with self._faults.caught("a key", self._failed):
            self._keypad.key_down(scancode, modifiers)
        return True

    def key_up(self, _window: Any, _key: int, scancode: int, *_: object) -> bool:
        """Pass the release of a key to the keypad."""
        with self._faults.caught("a key", self._failed):
            self._keypad.key_up(scancode)
        return True

    def _attach(self, attach: Callable[[str, Callable[..., bool]], object]) -> None:
        attach("on_key_down", self.key_down)
        attach("on_key_up", self.key_up)
        for name in ("on_request_close", "on_keyboard"):
            attach(name, _swallow)
        for name in ("on_textinput", "on_drop_file", "on_drop_text", "on_drop_begin"):
            attach(name, _swallow)


def _swallow(*_: object, **__: object) -> bool:
    """Consume a window event."""
    return True
