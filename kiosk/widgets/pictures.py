"""Textures that widgets share: the emblem, and the header's background."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from kivy.core.image import Image as CoreImage
from kivy.graphics import ClearBuffers, ClearColor, Color, Fbo, Rectangle
from kivy.graphics.texture import Texture

from kiosk.domain.colours import UNTINTED, WHITE, Colour
from kiosk.ui.native import finish_drawing
from kiosk.ui.theme import EMBLEM, Look

log = logging.getLogger(__name__)

EMBLEM_PX = 128
"""About the size at which it is shown. A mipmap would scale it too, but takes software GL 70 ms."""


@cache
def emblem(path: str = "") -> Any:
    """The texture of a site's emblem; the kiosk's own for an empty path and a broken file."""
    try:
        texture = CoreImage(path or str(EMBLEM), keep_data=False).texture
    except Exception:
        # Kivy's loaders raise exceptions of many kinds for a broken picture.
        if not path:
            raise
        log.warning("the emblem %s cannot be read; the kiosk's own is shown", path)
        return emblem()
    while texture.width >= 2 * EMBLEM_PX:
        texture = _halved(texture)
    return texture


def emblem_size(path: str, side: float) -> tuple[float, float]:
    """The size at which an emblem fits a square of ``side`` pixels, in its own proportions."""
    width, height = emblem(path).size
    scale = side / max(width, height)
    return (width * scale, height * scale)


def _halved(texture: Any) -> Any:
    """The picture at half the width and height; each pixel is the mean of four."""
    size = (texture.width // 2, texture.height // 2)
    small: Any = Fbo(size=size)
    with small:
        ClearColor(*WHITE[:3], 0)
        ClearBuffers()
        Color(*UNTINTED)
        Rectangle(texture=texture, size=size)
    small.draw()
    finish_drawing()
    return small.texture


@cache
def _blend(left: Colour, right: Colour, steps: int = 64) -> Any:
    """A texture one pixel high that runs from ``left`` to ``right`` when it is stretched."""
    strip = Texture.create(size=(steps, 1), colorfmt="rgb")
    parts = [i / (steps - 1) for i in range(steps)]
    eased = [t * t * (3 - 2 * t) for t in parts]
    pixels = b"".join(
        bytes(round(255 * (a + (b - a) * t)) for a, b in zip(left[:3], right[:3], strict=True))
        for t in eased
    )
    strip.blit_buffer(pixels, colorfmt="rgb", bufferfmt="ubyte")
    strip.mag_filter = "linear"
    strip.wrap = "clamp_to_edge"
    return strip


def ground(look: Look) -> Any:
    """The header's background: a gradient from deep blue to blue."""
    return _blend(look.colour.header_from, look.colour.header_to)
