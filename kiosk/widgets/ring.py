"""The focus ring: a white and an accent band around the target that the keypad would press.

The accent lies around the target, in the gap between targets; the white lies inside its edge, where
there is no text, and sets the accent off from a target of the same colour. At the edge of the
screen both move inwards.
"""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, Rectangle

from kiosk.domain.colours import WHITE
from kiosk.widgets.base import BaseWidget

SIDES = 4


class FocusRing(BaseWidget):
    """Surrounds ``target``, and follows it when it moves; ``within``: the widget it stays inside.

    It takes no touches.
    """

    def __init__(self, within: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._within = within
        self._target: Any = None
        self._colours: list[Any] = []
        self._sides: list[Any] = []
        with self.canvas:
            for _ in range(2):
                self._colours.append(Color(rgba=WHITE))
                self._sides.append([Rectangle(size=(0, 0)) for _ in range(SIDES)])
        self.fbind("look", self._draw)

    @property
    def target(self) -> Any:
        """The widget that is surrounded; None for none."""
        return self._target

    def surround(self, target: Any) -> None:
        """Surround another widget; None hides the ring."""
        if target is not self._target:
            for name in ("pos", "size"):
                if self._target is not None:
                    self._target.funbind(name, self._draw)
                if target is not None:
                    target.fbind(name, self._draw)
            self._target = target
        self._draw()

    def _draw(self, *_: object) -> None:
        if self._target is None:
            for sides in self._sides:
                for side in sides:
                    side.size = (0, 0)
            return
        band = self.look.focus
        outer, inner = self.look.colour.focus, self.look.colour.focus_ground
        whole, target = self._within, self._target
        left, low = max(target.x - band, whole.x), max(target.y - band, whole.y)
        right, top = min(target.right + band, whole.right), min(target.top + band, whole.top)
        self.pos, self.size = (left, low), (right - left, top - low)
        for i, shade in enumerate((outer, inner)):
            self._colours[i].rgba = shade
            at = i * band
            _frame(self._sides[i], (left + at, low + at, right - at, top - at), band)


def _frame(sides: list[Any], box: tuple[float, float, float, float], band: float) -> None:
    """Place four rectangles along the inside of ``box`` (left, low, right, top)."""
    left, low, right, top = box
    width, height = right - left, top - low
    for side, pos, size in (
        (sides[0], (left, low), (width, band)),
        (sides[1], (left, top - band), (width, band)),
        (sides[2], (left, low), (band, height)),
        (sides[3], (right - band, low), (band, height)),
    ):
        side.pos, side.size = pos, size
