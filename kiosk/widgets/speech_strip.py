"""The strip above the bar while speech is on: what is being said, and the keys of the voice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from kiosk.domain.events import Event, ModeToggled, SpeechAsked, VoiceKey
from kiosk.domain.modes import Mode
from kiosk.ui.i18n import Phrases
from kiosk.widgets import button, text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel
from kiosk.widgets.reading import Reading, reachable
from kiosk.widgets.text_fit import measure

load_twin(__file__)


class SpeechStrip(Panel):
    """``sentence``: what is being said, or that there is no voice (``tell``).

    In large text the words of an upright screen are ``above`` the keys, in one line: beside them
    there is room for no word."""

    sentence = StringProperty("")
    shown = StringProperty("")
    above = BooleanProperty(False)
    wide = BooleanProperty(False)
    narrow = BooleanProperty(False)
    """Whether the words get the place of the icon."""

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name, event in (
            ("again", SpeechAsked(VoiceKey.REPEAT)),
            ("softer", SpeechAsked(VoiceKey.SOFTER)),
            ("louder", SpeechAsked(VoiceKey.LOUDER)),
            ("dark", ModeToggled(Mode.CURTAIN)),
            ("off", ModeToggled(Mode.SPEECH)),
        ):
            self.ids[name].emit, self.ids[name].event = emit, event
        for name in ("width", "lines"):
            self.ids.words.fbind(name, self._shorten)
        for name in ("sentence", "look"):
            self.fbind(name, self._shorten)

    def name(self, phrases: Phrases, *, dark: bool) -> None:
        """Label the keys; ``dark``: the curtain covers the screen."""
        self.ids.again.label = phrases.say("speech.repeat")
        self.ids.off.label = phrases.say("speech.off")
        self.ids.dark.label = phrases.say("speech.dark")
        self.ids.dark.spoken = phrases.say("speech.undarken" if dark else "speech.darken")
        self.ids.softer.label, self.ids.louder.label = "−", "+"
        self.ids.softer.spoken = phrases.say("speech.softer")
        self.ids.louder.spoken = phrases.say("speech.louder")

    def reading(self) -> Reading:
        """Its keys from left to right."""
        keys = (self.ids[name] for name in ("again", "softer", "louder", "dark", "off"))
        return Reading(items=reachable(*keys))

    def _shorten(self, *_: object) -> None:
        """Show as many words as their lines have room for."""
        room, words = self.ids.words.width, self.sentence.split()
        most, lines, line = self.ids.words.lines, 1, ""
        shown: list[str] = []
        for word in words:
            longer = f"{line} {word}".strip()
            if measure(f"{longer} …", "semibold", int(self.look.body)) > room:
                lines, longer = lines + 1, word
            if lines > most:
                self.shown = f"{' '.join(shown)} …"
                return
            line = longer
            shown.append(word)
        self.shown = " ".join(shown)
