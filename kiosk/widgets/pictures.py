"""Pictures that widgets share: the emblem, and the header's ground."""

from __future__ import annotations

from functools import cache
from typing import Any

from kivy.core.image import Image as CoreImage
from kivy.graphics.texture import Texture

from kiosk.ui.theme import EMBLEM, Colour, Look


@cache
def emblem() -> Any:
    """The emblem's texture, white on nothing."""
    return CoreImage(str(EMBLEM), mipmap=True).texture


@cache
def _blend(colours: tuple[Colour, ...]) -> Any:
    """A texture one pixel high that runs through ``colours`` when it is stretched."""
    strip = Texture.create(size=(len(colours), 1), colorfmt="rgb")
    pixels = b"".join(bytes(round(c * 255) for c in shade[:3]) for shade in colours)
    strip.blit_buffer(pixels, colorfmt="rgb", bufferfmt="ubyte")
    strip.mag_filter = "linear"
    strip.wrap = "clamp_to_edge"
    return strip


def ground(look: Look) -> Any:
    """The header's ground: from deep blue to blue."""
    colours = look.colour
    return _blend((colours.accent_deep, colours.accent, colours.accent))
