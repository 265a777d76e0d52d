"""What every widget here has: its look, and its kv twin."""

from __future__ import annotations

from pathlib import Path

from kivy.lang import Builder
from kivy.properties import ObjectProperty
from kivy.uix.widget import Widget

from kiosk.ui.theme import Look

NEUTRAL = Look()
"""Until a widget is told its own; kv reads a look as soon as a widget is made."""


def load_twin(module_file: str) -> None:
    """Load the ``.kv`` file beside a module, once."""
    path = str(Path(module_file).with_suffix(".kv"))
    if path not in Builder.files:
        Builder.load_file(path)


class BaseWidget(Widget):
    """A widget with a look."""

    look = ObjectProperty(NEUTRAL)
