"""The SDL library that Kivy has loaded, for the two things that Kivy does not pass on."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

_FIRST_EVENT, _LAST_EVENT = 0, 0xFFFF


def loaded_sdl() -> Any:
    """The SDL2 library in this process, None when none is found."""
    try:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
        names = (line[line.index("/") :] for line in maps.splitlines() if "/libSDL2-2" in line)
        library = ctypes.CDLL(next(names))
        library.SDL_HasEvents.argtypes = [ctypes.c_uint32, ctypes.c_uint32]
        library.SDL_GL_GetProcAddress.argtypes = [ctypes.c_char_p]
        library.SDL_GL_GetProcAddress.restype = ctypes.c_void_p
    except (OSError, StopIteration, AttributeError):
        return None
    return library


class Doorbell:
    """Whether SDL has events that wait to be read."""

    def __init__(self) -> None:
        self._sdl = loaded_sdl()

    @property
    def deaf(self) -> bool:
        """Whether it can never tell."""
        return self._sdl is None

    def rings(self) -> bool:
        """Let SDL look at the display, and say whether anything waits. On the UI thread."""
        if self._sdl is None:
            return False
        self._sdl.SDL_PumpEvents()
        return bool(self._sdl.SDL_HasEvents(_FIRST_EVENT, _LAST_EVENT))


def finish_frames(window: Any) -> None:
    """Wait for each frame to be drawn, as a display's flip does.

    Off-screen no flip waits for anything: software GL then draws nothing and piles up what it
    was asked for, some MB a frame, until somebody reads the picture. Other threads run meanwhile.
    """
    sdl = loaded_sdl()
    address = sdl.SDL_GL_GetProcAddress(b"glFinish") if sdl else None
    if address:
        finish = ctypes.CFUNCTYPE(None)(address)
        window.fbind("on_flip", lambda *_: finish())
