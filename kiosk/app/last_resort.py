"""The number, when the screen that should show it cannot be drawn."""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.uix.label import Label


class LastResort(Label):
    """Covers the whole window with one large text; a number needs no other words."""

    def __init__(self, **more: Any) -> None:
        super().__init__(color=(0, 0.03, 0.1, 1), halign="center", **more)
        with self.canvas.before:
            Color(1, 1, 1, 1)
            self._ground = Rectangle(pos=self.pos, size=self.size)

    def cover(self, window: Any, text: str) -> None:
        """Stand before everything else."""
        self.uncover(window)
        self.text = text
        self.size = window.size
        self.font_size = window.width / max(6, len(text)) * 1.4
        self._ground.size = window.size
        window.add_widget(self)

    def uncover(self, window: Any) -> None:
        """Go away."""
        window.remove_widget(self)

    def on_touch_down(self, _touch: Any) -> bool:
        """Nothing behind it can be touched."""
        return True
