"""Key events put into SDL's queue: they take the way of a real keyboard through SDL and Kivy."""

from __future__ import annotations

import ctypes
from typing import Any

from kiosk.ui.native import loaded_sdl

KEY_DOWN, KEY_UP = 0x300, 0x301
"""SDL_KEYDOWN and SDL_KEYUP (SDL_events.h)."""

SCANCODE_MASK = 1 << 30
"""SDLK_SCANCODE_MASK (SDL_keycode.h): the key code of a key without a character."""


class _Key(ctypes.Structure):
    """SDL_KeyboardEvent with its SDL_Keysym, padded to the size of an SDL_Event (56 bytes)."""

    _fields_ = (
        ("type", ctypes.c_uint32),
        ("timestamp", ctypes.c_uint32),
        ("window", ctypes.c_uint32),
        ("state", ctypes.c_uint8),
        ("repeat", ctypes.c_uint8),
        ("padding", ctypes.c_uint8 * 2),
        ("scancode", ctypes.c_int32),
        ("sym", ctypes.c_int32),
        ("mod", ctypes.c_uint16),
        ("unused", ctypes.c_uint32),
        ("rest", ctypes.c_uint8 * 24),
    )


def scancode_of(name: str) -> int:
    """The scancode of ``F1`` to ``F24`` (SDL_scancode.h)."""
    number = int(name[1:])
    return 57 + number if number <= 12 else 91 + number


class Keyboard:
    """Presses keys by the names of function keys."""

    def __init__(self) -> None:
        self._sdl: Any = loaded_sdl()
        assert self._sdl is not None
        self._sdl.SDL_PushEvent.argtypes = [ctypes.POINTER(_Key)]

    def down(self, name: str, *, repeat: bool = False) -> None:
        """A key goes down, or the keyboard repeats it."""
        self._push(KEY_DOWN, name, repeat=repeat)

    def up(self, name: str) -> None:
        """A key is released."""
        self._push(KEY_UP, name, repeat=False)

    def _push(self, kind: int, name: str, *, repeat: bool) -> None:
        code = scancode_of(name)
        key = _Key(
            type=kind,
            state=kind == KEY_DOWN,
            repeat=repeat,
            scancode=code,
            sym=code | SCANCODE_MASK,
        )
        assert self._sdl.SDL_PushEvent(ctypes.byref(key)) == 1
