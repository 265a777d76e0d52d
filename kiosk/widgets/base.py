"""Base of all widgets here: a look (theme and measures) and a kv file of the same name."""

from __future__ import annotations

from pathlib import Path

from kivy.lang import Builder
from kivy.properties import ObjectProperty
from kivy.uix.widget import Widget

from kiosk.ui.theme import Look

NEUTRAL = Look()
"""Used until a widget gets its own: kv rules read ``look`` while the widget is built."""


def load_twin(module_file: str) -> None:
    """Load the ``.kv`` file of the same name as a module, once in a process."""
    path = str(Path(module_file).with_suffix(".kv"))
    if path not in Builder.files:
        Builder.load_file(path)


class BaseWidget(Widget):
    """A widget with a look. ``rebind``: kv rules that read ``look`` run again when it changes."""

    look = ObjectProperty(NEUTRAL, rebind=True)
