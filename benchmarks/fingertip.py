"""Push mouse events into SDL's queue, as the display does, and detect when a frame shows the press.

The press is detected by the button's pixels, which are read from each frame before its flip.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

MOVE, DOWN, UP = 0x400, 0x401, 0x402
LEFT = 1


class MouseButton(ctypes.Structure):
    """SDL_MouseButtonEvent, padded to the size of SDL_Event."""

    _fields_ = (
        ("type", ctypes.c_uint32),
        ("timestamp", ctypes.c_uint32),
        ("window", ctypes.c_uint32),
        ("which", ctypes.c_uint32),
        ("button", ctypes.c_uint8),
        ("state", ctypes.c_uint8),
        ("clicks", ctypes.c_uint8),
        ("padding", ctypes.c_uint8),
        ("x", ctypes.c_int32),
        ("y", ctypes.c_int32),
        ("rest", ctypes.c_uint8 * 28),
    )


class MouseMotion(ctypes.Structure):
    """SDL_MouseMotionEvent, padded to the size of SDL_Event."""

    _fields_ = (
        ("type", ctypes.c_uint32),
        ("timestamp", ctypes.c_uint32),
        ("window", ctypes.c_uint32),
        ("which", ctypes.c_uint32),
        ("state", ctypes.c_uint32),
        ("x", ctypes.c_int32),
        ("y", ctypes.c_int32),
        ("x_moved", ctypes.c_int32),
        ("y_moved", ctypes.c_int32),
        ("rest", ctypes.c_uint8 * 20),
    )


class MouseInjector:
    """Sends mouse events to the window; positions in pixels from the lower left corner."""

    def __init__(self, window: Any) -> None:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8").split()
        self._sdl = ctypes.CDLL(next(part for part in maps if "/libSDL2-2" in part))
        self._window = window

    def push(self, kind: int, x: float, y: float) -> None:
        """Put one event into the queue. Thread-safe (SDL_PushEvent)."""
        event = MouseButton(type=kind, window=1, button=LEFT, state=kind == DOWN, clicks=1)
        self._queue(event, x, y)

    def slide_off(self, x: float, y: float) -> None:
        """Move the held button to another place and let it go there, which chooses nothing."""
        self._queue(MouseMotion(type=MOVE, window=1, state=1 << (LEFT - 1)), x, y)
        self.push(UP, x, y)

    def _queue(self, event: MouseButton | MouseMotion, x: float, y: float) -> None:
        event.x, event.y = round(x), round(self._window.height - 1 - y)
        if self._sdl.SDL_PushEvent(ctypes.byref(event)) != 1:
            raise RuntimeError("SDL refused the event")


class PressDetector:
    """Compares a widget's pixels in each drawn frame; ``changed``: they differ from the first."""

    def __init__(self, window: Any, widget: Any) -> None:
        self._window = window
        x, y = widget.to_window(*widget.pos)
        self._part = (round(x) + 4, round(y) + 4, round(widget.width) - 8, round(widget.height) - 8)
        self._before: bytes | None = None
        self.changed = False
        self.frames = 0
        window.bind(on_flip=self._look)

    def forget(self) -> None:
        """Take the next frame as the reference."""
        self._before, self.changed = None, False

    def close(self) -> None:
        """Stop comparing frames."""
        self._window.unbind(on_flip=self._look)

    def _look(self, *_: object) -> None:
        from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels

        self.frames += 1
        seen = glReadPixels(*self._part, GL_RGBA, GL_UNSIGNED_BYTE)
        if self._before is None:
            self._before = seen
        elif seen != self._before:
            self.changed = True
