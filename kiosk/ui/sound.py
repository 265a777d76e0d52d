"""Sounds through an SDL audio device, to which samples are queued while they are still being made.

A sentence is heard from its first piece on, a few milliseconds after the touch. Kivy's own sounds
are loaded whole and converted first, which takes 10 ms with the GIL held. SDL pulls the queue on a
thread of its own, which needs no GIL.
"""

from __future__ import annotations

import ctypes
import threading
from typing import Any

from kiosk.domain.modes import USUAL_VOLUME
from kiosk.ui.native import loaded_sdl

LEVELS_DB = (-20, -16, -12, -8, -4, 0)
"""The levels of the volume: a range of 20 dB (Section 508 402.3.2 and EN 301 549 5.1.4 ask for an
amplification of 20 dB, or 18 dB for steps)."""

USUAL_LEVEL = USUAL_VOLUME

_INIT_AUDIO = 0x10
_S16 = 0x8010
"""SDL_INIT_AUDIO (SDL.h), AUDIO_S16LSB (SDL_audio.h)."""

_LOUDEST = 128
"""SDL_MIX_MAXVOLUME."""

BUFFER_SAMPLES = 512
"""Size of the device's buffer: 23 ms at 22,050 Hz."""


class _Spec(ctypes.Structure):
    """SDL_AudioSpec. Without a callback the device plays what is queued."""

    _fields_ = (
        ("freq", ctypes.c_int),
        ("format", ctypes.c_uint16),
        ("channels", ctypes.c_uint8),
        ("silence", ctypes.c_uint8),
        ("samples", ctypes.c_uint16),
        ("padding", ctypes.c_uint16),
        ("size", ctypes.c_uint32),
        ("callback", ctypes.c_void_p),
        ("userdata", ctypes.c_void_p),
    )


class Speaker:
    """Plays 16 bit mono sounds, one at a time.

    ``open`` may take as long as the sound card takes to answer: call it on the thread that makes
    the sounds. The other methods return at once; any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sdl: Any = None
        self._device = 0
        self._rate = 0
        self._played = bytearray()
        """The present sound before its volume, for a change of the volume."""
        self._level = USUAL_LEVEL

    def open(self, rate: int) -> bool:
        """Open the device for ``rate`` Hz, unless it is open. Whether there is one."""
        if self._device and rate == self._rate:
            return True
        self.close()
        sdl = _audio_of(loaded_sdl())
        if sdl is None or sdl.SDL_InitSubSystem(_INIT_AUDIO) != 0:
            return False
        wanted = _Spec(freq=rate, format=_S16, channels=1, samples=BUFFER_SAMPLES)
        device = int(sdl.SDL_OpenAudioDevice(None, 0, ctypes.byref(wanted), None, 0))
        with self._lock:
            self._sdl, self._device, self._rate = sdl, device, rate
            if device:
                sdl.SDL_PauseAudioDevice(device, 0)
        return bool(device)

    def play(self, samples: bytes, level: int) -> bool:
        """Play ``samples`` after those of the present sound. Whether the device takes them."""
        with self._lock:
            if not self._device:
                return False
            self._level = level
            self._played += samples
            return self._queue(samples)

    def louder(self, level: int) -> None:
        """Change the volume of the rest of the present sound."""
        with self._lock:
            if not self._device or level == self._level:
                return
            self._level = level
            self._sdl.SDL_LockAudioDevice(self._device)
            left = self._sdl.SDL_GetQueuedAudioSize(self._device)
            self._sdl.SDL_ClearQueuedAudio(self._device)
            if left:
                self._queue(bytes(self._played[-left:]))
            self._sdl.SDL_UnlockAudioDevice(self._device)

    def stop(self) -> None:
        """End the present sound."""
        with self._lock:
            self._played.clear()
            if self._device:
                self._sdl.SDL_ClearQueuedAudio(self._device)

    def close(self) -> None:
        """Close the device; idempotent. May wait for the sound card."""
        with self._lock:
            sdl, device, self._device = self._sdl, self._device, 0
            self._played.clear()
        if device:
            sdl.SDL_CloseAudioDevice(device)

    def _queue(self, samples: bytes) -> bool:
        size = len(samples)
        quieter = ctypes.create_string_buffer(size)
        volume = int(_LOUDEST * 10 ** (LEVELS_DB[self._level] / 20))
        self._sdl.SDL_MixAudioFormat(quieter, samples, _S16, size, volume)
        return bool(self._sdl.SDL_QueueAudio(self._device, quieter, size) == 0)


def _audio_of(sdl: Any) -> Any:
    """SDL with the types of its audio functions (SDL_audio.h); None without SDL."""
    if sdl is None:
        return None
    device, size, pointer = ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p
    sdl.SDL_InitSubSystem.argtypes = [ctypes.c_uint32]
    sdl.SDL_OpenAudioDevice.argtypes = [ctypes.c_char_p, ctypes.c_int, pointer, pointer]
    sdl.SDL_OpenAudioDevice.argtypes += [ctypes.c_int]
    sdl.SDL_OpenAudioDevice.restype = device
    sdl.SDL_PauseAudioDevice.argtypes = [device, ctypes.c_int]
    sdl.SDL_QueueAudio.argtypes = [device, pointer, size]
    sdl.SDL_GetQueuedAudioSize.argtypes = [device]
    sdl.SDL_GetQueuedAudioSize.restype = size
    sdl.SDL_MixAudioFormat.argtypes = [pointer, ctypes.c_char_p, ctypes.c_uint16, size]
    sdl.SDL_MixAudioFormat.argtypes += [ctypes.c_int]
    sdl.SDL_MixAudioFormat.restype = None
    for name in ("ClearQueuedAudio", "LockAudioDevice", "UnlockAudioDevice", "CloseAudioDevice"):
        function = getattr(sdl, f"SDL_{name}")
        function.argtypes, function.restype = [device], None
    return sdl
