"""Screenshots of the window as PNG files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels
from PIL import Image

STILL_FRAMES = 3


class Camera:
    """Takes screenshots of ``window`` into ``folder``, numbered in order."""

    def __init__(self, window: Any, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._window = window
        self._folder = folder
        self._taken = 0
        self._still = 0
        self._undeveloped: list[tuple[Path, tuple[int, int], bytes]] = []

    def is_still(self) -> bool:
        """Whether nothing was drawn for STILL_FRAMES turns. Call once a turn."""
        self._still = 0 if self._window.canvas.needs_redraw else self._still + 1
        return self._still > STILL_FRAMES

    def take(self, name: str) -> None:
        """Draw the window and keep its pixels, which cannot be read after the flip."""
        self._still = 0
        self._window.canvas.ask_update()
        self._window.dispatch("on_draw")
        size = tuple(self._window.size)
        pixels = glReadPixels(0, 0, *size, GL_RGBA, GL_UNSIGNED_BYTE)
        self._window.dispatch("on_flip")
        self._taken += 1
        path = self._folder / f"{self._taken:02d}-{name}.png"
        self._undeveloped.append((path, size, pixels))

    def develop(self) -> None:
        """Write the screenshots to files. Separate from ``take``, because it is slow."""
        for path, size, pixels in self._undeveloped:
            picture = Image.frombytes("RGBA", size, pixels).convert("RGB")
            picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(path, compress_level=3)
        self._undeveloped.clear()
