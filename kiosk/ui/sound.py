"""Sounds through SDL's mixer, which plays on a thread of its own.

Kivy's audio is imported at the first sound, and the device is opened by the thread that loads it: a
sound card may take long to answer, and the UI thread must not wait for it.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

LEVELS_DB = (-20, -16, -12, -8, -4, 0)
"""The levels of the volume: a range of 20 dB (Section 508 402.3.2 and EN 301 549 5.1.4 ask for an
amplification of 20 dB, or 18 dB for steps)."""

USUAL_LEVEL = 3


class Clip:
    """A loaded sound."""

    def __init__(self, sound: Any) -> None:
        self._sound = sound

    def play(self, level: int) -> bool:
        """Play from the beginning; returns at once. Whether it plays. UI thread only."""
        self.louder(level)
        self._sound.play()
        return bool(self._sound.state == "play")

    def louder(self, level: int) -> None:
        """Change the volume, also while it plays."""
        self._sound.volume = 10 ** (LEVELS_DB[level] / 20)

    def stop(self) -> None:
        """End the sound and free its memory."""
        self._sound.stop()
        self._sound.unload()


def load_clip(file: Path) -> Clip | None:
    """The sound of a WAV file, which is removed; None where there is no sound device. Any thread,
    but not two at once."""
    from kivy.core.audio import SoundLoader

    try:
        sound = SoundLoader.load(str(file))
    finally:
        with contextlib.suppress(OSError):
            file.unlink()
    return Clip(sound) if sound is not None and sound.length > 0 else None
