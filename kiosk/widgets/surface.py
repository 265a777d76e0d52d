"""The rounded ground of a panel as one small picture, stretched in the middle.

Drawn as shapes, edge and fill cover the same pixels twice, in hundreds of thin triangles, and a
press waits for all of them. As a picture each pixel is covered once; the corners are the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kivy.graphics import ClearBuffers, ClearColor, Color, Fbo, SmoothRoundedRectangle

from kiosk.ui.theme import Colour

SPARE = 2
"""Pixels around the shape into which its soft edge may reach."""

MIDDLE = 2
"""Pixels of the part that is stretched."""


@dataclass(frozen=True, slots=True)
class Surface:
    """``fill`` within ``edge``; lengths in pixels. ``lift``: the edge shows so far below."""

    fill: Colour
    edge: Colour
    radius: float
    edge_px: float
    lift: float

    @property
    def spare(self) -> int:
        """Pixels that the picture is larger on each side; a flat one has no soft edge."""
        return SPARE if self.radius or self.edge_px or self.lift else 0

    @property
    def inner(self) -> int:
        """Pixels from each side of the shape that are never stretched: corner and soft edge."""
        return max(math.ceil(self.radius), math.ceil(self.edge_px) + SPARE)

    @property
    def corner(self) -> int:
        """The same, from each side of the picture."""
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
    # What is not covered has the colour of the outline: no other colour shines through there.
    outline = surface.edge if surface.edge[3] else surface.fill
    with buffer:
        ClearColor(*outline[:3], 0)
        ClearBuffers()
        if surface.edge[3]:
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
    return buffer.texture


def _flat(fill: Colour) -> Any:
    """One colour: a veil over all that stands below it, without corners."""
    buffer: Any = Fbo(size=(2 * SPARE + MIDDLE, 2 * SPARE + MIDDLE))
    with buffer:
        ClearColor(*fill)
        ClearBuffers()
    buffer.draw()
    return buffer.texture
