"""A text widget that fits its text to its size, and an icon widget."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    OptionProperty,
    StringProperty,
)

from kiosk.domain.colours import BLACK
from kiosk.ui.theme import CODEPOINTS
from kiosk.widgets.base import BaseWidget, load_twin
from kiosk.widgets.text_fit import Box, FittedText, fit, texture, trimmed

UNKNOWN_ICON = "office-building-outline"

load_twin(__file__)


class Text(BaseWidget):
    """``text`` in the colour ``ink``, at font size ``px`` or smaller, down to ``least``.

    With ``room`` the widget's height follows the text, up to ``room`` pixels. Markup is not
    interpreted. ``fitted`` is the result.
    """

    text = StringProperty("")
    weight = OptionProperty("regular", options=["regular", "semibold", "bold", "black", "icon"])
    ink = ColorProperty(BLACK)
    px = NumericProperty(20)
    least = NumericProperty(0)
    lines = NumericProperty(1)
    halign = OptionProperty("left", options=["left", "center", "right"])
    valign = OptionProperty("middle", options=["top", "middle", "bottom"])
    room = NumericProperty(0)
    texture = ObjectProperty(None, allownone=True)
    texture_size = ListProperty([0, 0])
    texture_pos = ListProperty([0, 0])
    cut = BooleanProperty(False)
    trim = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self.fitted = FittedText((), 0, 0, 0)
        self._soon = Clock.create_trigger(self.refit, -1)
        super().__init__(**kwargs)
        # Not in kv: a screen has a hundred of these, and kv takes three times as long to build one.
        with self.canvas:
            self._colour = Color(rgba=self.ink)
            self._picture = Rectangle(size=(0, 0))
        self.fbind("ink", self._dye)
        for name in ("text", "weight", "px", "least", "lines", "halign", "room", "width", "look"):
            self.fbind(name, self._soon)
        self.fbind("height", self._height_changed)
        for name in ("pos", "valign"):
            self.fbind(name, self._place)
        self._soon()

    def _height_changed(self, *_: object) -> None:
        if not self.room:
            self._soon()
        self._place()

    def refit(self, *_: object) -> None:
        """Fit the text now, not before the next frame."""
        least = int(self.least) or self.look.least
        height: float = self.room or self.height
        least = min(least, int(self.px))
        box = Box(self.width, height, int(self.px), least, int(self.lines), self.trim)
        self.fitted = fit(self.text, self.weight, box, balanced=self.halign == "center")
        self.cut = self.fitted.cut
        picture = texture(self.fitted, self.weight, self.halign)
        if picture is not None and self.trim:
            out, height = trimmed(self.fitted.px)
            height = min(height, picture.height - out)
            picture = picture.get_region(0, picture.height - out - height, picture.width, height)
        self.texture = picture
        self.texture_size = picture.size if picture else (0, 0)
        self._picture.texture = picture
        self._picture.size = self.texture_size
        if self.room:
            self.size = (self.width, self.texture_size[1])
        self._place()

    def _place(self, *_: object) -> None:
        width, height = self.texture_size
        across = {"left": 0.0, "center": 0.5, "right": 1.0}[self.halign]
        up = {"bottom": 0.0, "middle": 0.5, "top": 1.0}[self.valign]
        self.texture_pos = place = (
            round(self.x + (self.width - width) * across),
            round(self.y + (self.height - height) * up),
        )
        self._picture.pos = place

    def _dye(self, _widget: object, ink: Any) -> None:
        self._colour.rgba = ink


class Icon(Text):
    """An icon of the icon font by its name, as large as the widget."""

    name = StringProperty("")

    def on_name(self, _widget: object, name: str) -> None:
        """Show the icon ``name``; none for an empty name."""
        self.text = glyph(name) if name else ""


@cache
def _codepoints() -> dict[str, str]:
    names: dict[str, str] = json.loads(CODEPOINTS.read_text(encoding="utf-8"))
    return names


def glyph(name: str) -> str:
    """The icon's character in the icon font; UNKNOWN_ICON's for an unknown name."""
    names = _codepoints()
    return chr(int(names.get(name) or names[UNKNOWN_ICON], 16))
