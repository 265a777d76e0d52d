"""Calls into the C libraries of this process, through ctypes: glibc's allocator, and SDL.

SDL offers two functions that the screen needs and that Kivy does not expose: whether events are
pending, and glFinish.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""mallopt(3), malloc.h of glibc."""

LARGE_BYTES = 64 * 1024
_FIRST_EVENT, _LAST_EVENT = 0, 0xFFFF
"""SDL_FIRSTEVENT and SDL_LASTEVENT (SDL_events.h)."""


def return_large_buffers() -> None:
    """Have glibc return every freed buffer of 64 KiB or more to the system at once.

    A screen's pictures are allocated and freed by the megabyte. With its default settings glibc
    soon keeps such buffers in its heaps, one heap for each thread, and the process grows by the
    holes between them. With these settings each large buffer gets its own mapping (mmap) and all
    threads share one heap. Does nothing where the C library has no ``mallopt``.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)


def loaded_sdl() -> Any:
    """The SDL2 library that Kivy has loaded into this process; None when none is found."""
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


class SdlEventQueue:
    """SDL's event queue, looked at without taking anything out of it."""

    def __init__(self) -> None:
        self._sdl = loaded_sdl()

    @property
    def available(self) -> bool:
        """Whether SDL was found; without it ``pending`` is always False."""
        return self._sdl is not None

    def pending(self) -> bool:
        """Whether an event waits to be read. Pumps SDL's events, so UI thread only."""
        if self._sdl is None:
            return False
        self._sdl.SDL_PumpEvents()
        return bool(self._sdl.SDL_HasEvents(_FIRST_EVENT, _LAST_EVENT))


@cache
def _gl_finish() -> Callable[[], None]:
    """OpenGL's glFinish; does nothing where it is not found."""
    sdl = loaded_sdl()
    address = sdl.SDL_GL_GetProcAddress(b"glFinish") if sdl else None
    if not address:
        return lambda: None
    finish: Callable[[], None] = ctypes.CFUNCTYPE(None)(address)
    return finish


def finish_drawing() -> None:
    """Wait until everything is drawn (glFinish), with the GIL released. Needs an open window.

    Mesa's software GL draws in scenes. While one is being drawn, the next gets a new one, up to 64,
    and each keeps its commands (up to 12 MiB) and textures until it is used again. With a wait
    after each frame and each framebuffer object two scenes are enough; without it the process is
    up to 26 MiB larger, by chance.
    """
    _gl_finish()()


def finish_frames(window: Any) -> None:
    """Call ``finish_drawing`` after each flip of ``window``.

    On a display the flip waits until the frame is drawn; off-screen it does not. Waiting before the
    flip is too early: the flip itself draws once more (multisampling).
    """
    flip = window.flip

    def flip_and_finish() -> None:
        flip()
        finish_drawing()

    window.flip = flip_and_finish
