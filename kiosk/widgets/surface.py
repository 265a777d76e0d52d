"""The rounded background of a panel as one small texture, stretched in the middle (nine-patch).

Drawn as canvas shapes, border and fill would cover the same pixels twice in hundreds of thin
triangles, and press feedback would wait for them. With a texture each pixel is drawn once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kivy.graphics import ClearBuffers, ClearColor, Color, Fbo, SmoothRoundedRectangle

from kiosk.domain.colours import Colour
from kiosk.ui.native import finish_drawing

SPARE = 2
"""Pixels around the shape for its antialiased edge."""

MIDDLE = 2
"""Width in pixels of the middle part that is stretched."""


@dataclass(frozen=True, slots=True)
class Surface:
    """``fill`` inside a border of colour ``edge``; ``lift``: visible lower edge. In pixels."""

    fill: Colour
    edge: Colour
    radius: float
    edge_px: float
    lift: float

    @property
    def spare(self) -> int:
        """Pixels that the texture is larger on each side; 0 for a flat surface."""
        return SPARE if self.radius or self.edge_px or self.lift else 0

    @property
    def inner(self) -> int:
        """Pixels from each side of the shape that are never stretched: corner and soft edge."""
        return max(math.ceil(self.radius), math.ceil(self.edge_px) + SPARE)

    @property
    def corner(self) -> int:
        """``inner``, counted from each side of the texture."""
        return self.inner + self.spare


@lru_cache(maxsize=64)
def picture(surface: Surface) -> Any:
    """The texture of a surface, ``spare`` pixels larger on each side than its shape."""
    if not surface.spare:
        return _flat(surface.fill)
    inner = 2 * surface.inner + MIDDLE
    lift, edge_px = math.ceil(surface.lift), surface.edge_px
    size = (inner + 2 * SPARE, inner + lift + 2 * SPARE)
    buffer: Any = Fbo(size=size)
    edged = bool(surface.edge[3]) and (edge_px > 0 or lift > 0)
    # Transparent pixels get the outline's colour, or interpolation would blend in another one.
    outline = surface.edge if edged else surface.fill
    with buffer:
        ClearColor(*outline[:3], 0)
        ClearBuffers()
        if edged:
            Color(*surface.edge)
            SmoothRoundedRectangle(
                pos=(SPARE, SPARE), size=(inner, inner + lift), radius=[surface.radius]
            )
        Color(*surface.fill)
        SmoothRoundedRectangle(
            pos=(SPARE + edge_px, SPARE + lift + edge_px),
            size=(inner - 2 * edge_px, inner - 2 * edge_px),
            radius=[max(0.0, surface.radius - edge_px)],
        )
    buffer.draw()
    finish_drawing()
    return buffer.texture


def _flat(fill: Colour) -> Any:
    """A single colour without corners: a veil over the screen below."""
    buffer: Any = Fbo(size=(2 * SPARE + MIDDLE, 2 * SPARE + MIDDLE))
    with buffer:
        ClearColor(*fill)
        ClearBuffers()
    buffer.draw()
    finish_drawing()
    return buffer.texture
