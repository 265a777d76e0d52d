"""A QR code with a caption."""

from __future__ import annotations

from typing import Any

from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from kiosk.domain.colours import Palette
from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel

load_twin(__file__)

QUIET_MODULES = 4
"""Width of the quiet zone in modules (ISO/IEC 18004, 5.3.8)."""


class CodeCard(Panel):
    """Shows ``link`` as a QR code; an empty link hides the card. ``narrow``: without ``text``."""

    link = StringProperty("")
    title = StringProperty("")
    text = StringProperty("")
    picture = ObjectProperty(None, allownone=True)
    side = NumericProperty(0)
    narrow = BooleanProperty(False)

    def whole_modules(self, picture: Any, room: float) -> int:
        """The side of the code in pixels: a whole number of pixels for each module."""
        return picture.width * int(room // picture.width) if picture else 0

    def on_link(self, _widget: object, link: str) -> None:
        """Draw another code."""
        self.picture = _code(link, self.look.colour) if link else None


def _code(link: str, colour: Palette) -> Any:
    """The code as a texture with one texel for each module."""
    import qrcode

    made = qrcode.QRCode(border=QUIET_MODULES, error_correction=qrcode.ERROR_CORRECT_L)
    made.add_data(link)
    made.make(fit=True)
    rows = made.get_matrix()
    side = len(rows)
    shades = (colour.code_dark, colour.code_light)
    dark, light = (bytes(round(255 * part) for part in shade[:3]) for shade in shades)
    pixels = b"".join(dark if cell else light for row in reversed(rows) for cell in row)
    picture = Texture.create(size=(side, side), colorfmt="rgb")
    picture.mag_filter = picture.min_filter = "nearest"
    picture.blit_buffer(pixels, colorfmt="rgb", bufferfmt="ubyte")
    return picture
