"""How to use the machine, in three steps, and whom to ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import NumericProperty, StringProperty

from kiosk.domain.events import BackTapped, Event
from kiosk.screens.board import Board, Head, Scene
from kiosk.widgets import button, strip, text  # noqa: F401 - named in the kv file
from kiosk.widgets.drawn import load_twin
from kiosk.widgets.panel import Panel

load_twin(__file__)


class HelpStep(Panel):
    """One step: its number, a picture, a sentence."""

    count = StringProperty("")
    icon = StringProperty("")
    text = StringProperty("")


class HelpBoard(Board):
    """Three steps, and the information desk."""

    step1 = StringProperty("")
    step2 = StringProperty("")
    step3 = StringProperty("")
    step_h = NumericProperty(0)

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit, **kwargs)
        self.ids.back.emit = emit
        self.ids.back.event = BackTapped()

    def head(self, scene: Scene) -> Head:
        """Bantuan."""
        site = scene.phrases.local(scene.world.catalogue.site.name)
        return Head(scene.phrases.say("help.title"), site, "help-circle-outline")

    def fill(self, scene: Scene) -> None:
        """Say it in the visit's language."""
        say = scene.phrases.say
        self.step1, self.step2, self.step3 = (say(f"help.step{i}") for i in (1, 2, 3))
        self.ids.desk.title = say("help.desk_title")
        self.ids.desk.text = say("help.desk")
        self.ids.back.label = say("nav.back")
