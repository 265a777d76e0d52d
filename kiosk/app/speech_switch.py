"""Switches speech on and off with the visit; imports it when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kiosk.domain.events import Event, HeadsetChanged, ModeToggled, SpeechAsked
from kiosk.domain.modes import Mode
from kiosk.domain.visit_state import (
    Visit,
    speaks,
)

if TYPE_CHECKING:
    from kiosk.app.speech_mode import SpeechMode


class SpeechSwitch:
    """``make``: the speech mode for the synthesiser at a path, None without one; called when the
    mode is first switched on. UI thread only."""

    def __init__(self, make: Callable[[str | None], SpeechMode]) -> None:
        self._make = make
        self._looked = self._closed = False
        self._program: str | None = None
        self._speech: SpeechMode | None = None

    @property
    def available(self) -> bool:
        """Whether there is a voice, as far as is known: the program is looked for once, the sound
        device is known after the first sentence."""
        broken = self._speech is not None and self._speech.broken
        return self._find() is not None and not broken

    @property
    def busy(self) -> bool:
        """Whether something is being said."""
        return self._speech is not None and self._speech.busy

    def after(self, event: Event, before: Visit, visit: Visit) -> None:
        """Say what ``event`` has changed; call when the screen shows it."""
        if self._closed:  # Kivy dispatches "on_stop" after that
            return
        if speaks(visit):
            self._ready().follow(visit)
        elif self._speech is not None and speaks(before):
            at_once = event in (ModeToggled(Mode.SPEECH), HeadsetChanged(plugged=False))
            self._speech.end(at_once=at_once)
        if self._speech is None:
            return
        if isinstance(event, SpeechAsked):
            self._speech.asked(event.key)
        if isinstance(event, ModeToggled) and event.mode is not Mode.SPEECH:
            on = event.mode in visit.modes
            if on != (event.mode in before.modes):
                self._speech.toggled(event.mode, on=on)

    def tick(self, visit: Visit) -> None:
        """Go on speaking."""
        if self._speech is None:
            return
        if speaks(visit):
            self._speech.follow(visit)
            return
        if self._speech.on:  # after a failure the app has switched all modes off
            self._speech.end(at_once=False)
        self._speech.tick()

    def close(self) -> None:
        """End the voice; idempotent."""
        self._closed = True
        speech, self._speech = self._speech, None
        if speech is not None:
            speech.close()

    def _ready(self) -> SpeechMode:
        if self._speech is None:
            self._speech = self._make(self._find())
        return self._speech

    def _find(self) -> str | None:
        """The path of the synthesiser; None without one."""
        if not self._looked:
            from kiosk.speech.synthesiser import find_program

            self._looked, self._program = True, find_program()
        return self._program
