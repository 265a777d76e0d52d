"""Switches speech on and off with the visit; imports it when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kiosk.domain.config import SpeechSettings
from kiosk.domain.events import Event, ModeToggled, SpeechAsked
from kiosk.domain.modes import Mode
from kiosk.domain.visit_state import Visit, speaks

if TYPE_CHECKING:
    from kiosk.app.speech_mode import SpeechMode


class SpeechSwitch:
    """``root``, ``settings``, ``call`` and ``now``: those of ``SpeechMode``. UI thread only."""

    def __init__(
        self,
        root: Callable[[], Any],
        settings: Callable[[], SpeechSettings],
        call: Callable[[Callable[[], None]], None],
        now: Callable[[], float],
    ) -> None:
        self._root = root
        self._settings = settings
        self._call = call
        self._now = now
        self._found: bool | None = None
        self._speech: SpeechMode | None = None

    @property
    def available(self) -> bool:
        """Whether there is a voice, as far as is known: the program is looked for once, the sound
        device is known after the first sentence."""
        if self._found is None:
            from kiosk.speech.synthesiser import find_program

            self._found = find_program() is not None
        return self._found and not (self._speech is not None and self._speech.broken)

    @property
    def busy(self) -> bool:
        """Whether something is being said."""
        return self._speech is not None and self._speech.busy

    def after(self, event: Event, before: Visit, visit: Visit) -> None:
        """Say what ``event`` has changed; call when the screen shows it."""
        if speaks(visit):
            self._ready().follow(visit)
        elif self._speech is not None and speaks(before):
            self._speech.end(at_once=event == ModeToggled(Mode.SPEECH))
        if isinstance(event, SpeechAsked) and self._speech is not None:
            self._speech.asked(event.key)

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
        speech, self._speech = self._speech, None
        if speech is not None:
            speech.close()

    def _ready(self) -> SpeechMode:
        if self._speech is None:
            from kiosk.app.speech_mode import SpeechMode
            from kiosk.speech.synthesiser import find_program

            root, program = self._root(), find_program()
            self._speech = SpeechMode(root, program, self._settings, self._call, self._now)
        return self._speech
