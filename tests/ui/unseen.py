"""Frames that nobody looks at: everything of them runs, except filling their pixels.

The tests' window has no graphics card behind it: filling two million pixels takes more of the
processor than all that the app does in a frame. Few tests read the window's pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kivy.graphics.opengl import GL_SCISSOR_TEST, glDisable, glEnable, glScissor


class Unseen:
    """Limits what ``window`` draws to its first pixel. Framebuffers are drawn in full: they are
    drawn between two frames."""

    def __init__(self, window: Any) -> None:
        self.window = window
        self._draw = window.on_draw
        self._seen = False
        window.on_draw = self._on_draw

    def _on_draw(self, *args: Any) -> None:
        if self._seen:
            self._draw(*args)
            return
        glScissor(0, 0, 1, 1)
        glEnable(GL_SCISSOR_TEST)
        try:
            self._draw(*args)
        finally:
            glDisable(GL_SCISSOR_TEST)

    @contextmanager
    def seen(self) -> Iterator[None]:
        """Draw whole frames."""
        self._seen = True
        try:
            yield
        finally:
            self._seen = False
