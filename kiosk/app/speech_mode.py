"""Speech: says the screen, what is reached on it, and the visitor's number to its end.

Imported when the mode is first switched on. One sentence at a time goes to the synthesiser, on
whose thread its sound is played: a sound that waited for the UI thread would wait for a whole
frame. A sentence has a strength: a later one replaces what is weaker, and comes behind what
is not. The number is cut off by nothing but "Matikan" and "Ulangi", the rest of its screen not by
another screen.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from kiosk.domain.config import SpeechSettings
from kiosk.domain.events import VoiceKey
from kiosk.domain.modes import Mode
from kiosk.domain.visit_state import (
    Visit,
)
from kiosk.speech.synthesiser import SAMPLE_BYTES, Sound, Synthesiser
from kiosk.speech.words import spoken
from kiosk.ui.i18n import Phrases
from kiosk.ui.sound import LEVELS_DB, USUAL_LEVEL, Speaker
from kiosk.widgets.reading import Reading, ReadItem

WEAK, RESULT, NUMBER, ALL = range(4)
"""Strengths: anything; what belongs to a number; the number itself; and above them."""

HEAD_START_S = 0.015
"""Kivy holds the GIL while it draws a frame. After a touch the UI thread waits at most this long
for the beginning of the sound before it draws; it comes after 1 to 3 ms while no frame is drawn."""

BEGINNING_S = 0.5
"""Seconds of sound that are queued then: the next piece may wait for a whole frame."""

CLOSING_S = 1.0
"""Seconds that a sound card gets to close its device."""

SILENCE_S = 8.0
"""A sentence that cannot be heard after this long never will be: the synthesiser has given up by
then (``SENTENCE_DEADLINE_S``), so a sound card does not answer."""

RETRY_S = 600.0
"""After a failure the next visitor who switches speech on, this much later, tries it again: a sound
card that stood still, or was pulled out, must not cost everybody after it their voice."""

LONGEST_TICK_S = 0.5
"""A longer time between two ticks is no silence: the app itself stood still."""


class Spoken(Protocol):
    """What of the root view is spoken."""

    steering: Any

    @property
    def phrases(self) -> Phrases:
        """The texts in the language on the screen."""

    def reading(self) -> Reading:
        """What can be read and reached."""

    def say(self, sentence: str) -> None:
        """Show the sentence that is being spoken."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """``text`` as it is written. ``item``: the key of the item that it says; None for others."""

    text: str
    language: str
    strength: int = WEAK
    item: object = None


@dataclass(slots=True)
class _Heard:
    """The sentence that is being heard: its number, when it began, its length so far."""

    number: int
    begun_s: float
    seconds: float = 0.0
    plays: bool = True


class SpeechMode:
    """UI thread only. ``program``: the synthesiser's path, None without one. ``settings`` returns
    those in force; ``call`` runs a function on the UI thread, from any thread; ``now`` is a
    monotonic clock in seconds; ``usual`` returns the level at which a visit begins."""

    def __init__(
        self,
        root: Spoken,
        program: str | None,
        settings: Callable[[], SpeechSettings],
        call: Callable[[Callable[[], None]], None],
        now: Callable[[], float],
        usual: Callable[[], int] = lambda: USUAL_LEVEL,
    ) -> None:
        self._root = root
        self._usual = usual
        self._settings = settings
        self._call = call
        self._now = now
        self._synthesiser = (
            None if program is None else Synthesiser(program, self._made, settings().rate)
        )
        self._broken = program is None
        self._failed_s = 0.0
        self._mute = self._pending = False
        self._on = False
        self._level = USUAL_LEVEL
        self._queue: deque[Sentence] = deque()
        self._current: Sentence | None = None
        self._last: tuple[Sentence, ...] = ()
        self._playing = threading.Lock()
        """Guards the next two, which the synthesiser's thread uses as well."""
        self._number = 0
        self._heard = _Heard(0, 0.0)
        self._speaker = Speaker()
        self._begun = threading.Event()
        self._ends_s: float | None = None
        self._silent_s = self._ticked_s = 0.0
        """How long the present sentence is waited for, and the time of the last tick."""
        self._place: object = None
        self._notes: tuple[str, ...] = ()
        self._reached: object = None
        self._finished: object = None

    @property
    def broken(self) -> bool:
        """Whether there is no voice: no program, or no sound device when it was last tried."""
        return self._broken and not self._may_retry()

    @property
    def on(self) -> bool:
        """Whether the mode is on."""
        return self._on

    @property
    def busy(self) -> bool:
        """Whether something is being said or about to be."""
        return self._current is not None

    # ── the application's calls ──────────────────────────────────────────────────────────

    def follow(self, visit: Visit) -> None:
        """Say what is new on the screen; call after each change and each tick while it is on."""
        begins, self._on = not self._on, True
        if begins:
            self._broken = self.broken
            self._level = self._usual()
            self._place = None
        if self._broken:
            self._root.say(self._root.phrases.say("speech.none"))
            return
        known = self._synthesiser and self._synthesiser.has_voice(self._voice(visit.language))
        self._mute, self._pending = not known, known is None
        if self._pending:
            # The next tick looks again, and begins where this one would have. Until then a touch
            # chooses nothing: what it lies on was not said.
            self._on, self._place = not begins, None
            self._root.steering.voice = self
            return
        if self._mute:
            # Only this language: the mode goes on speaking when another one is chosen.
            self._drop(ALL)
            self._place = self._root.steering.voice = None
            self._root.say(self._root.phrases.say("speech.none_language"))
            return
        self._root.steering.voice = self
        place = (self._root.steering.place, visit.language)
        reading = self._root.reading()
        if place != self._place:
            self._place, self._notes = place, reading.notes
            self._reached = self._finished = None
            intro = [self._root.phrases.say("speech.intro")] if begins else []
            self._announce(intro, reading, visit.language)
        elif reading.news and reading.notes != self._notes:
            fresh = [note for note in reading.notes if note not in self._notes]
            self._notes = reading.notes
            strength = RESULT if reading.result else WEAK
            self._queue = deque(s for s in self._queue if s.strength > WEAK)
            self._add([Sentence(note, visit.language, strength) for note in fresh])
        self.tick()

    def tick(self) -> None:
        """Go on to the next sentence where one has ended; give up one that never begins, because
        while speech is on nothing is chosen that was not heard."""
        now, before = self._now(), self._ticked_s
        self._ticked_s = now
        if self._current is not None and self._ends_s is None:
            self._silent_s += min(now - before, LONGEST_TICK_S)
            if self._silent_s >= SILENCE_S:
                self._fail()
            return
        if self._ends_s is not None and now >= self._ends_s:
            done, self._current = self._current, None
            self._release()
            if done is not None and done.item is not None:
                self._finished = done.item
            self._next()

    def end(self, *, at_once: bool) -> None:
        """The mode was switched off; or, not ``at_once``, the visit ended: then a number that is
        being said is said to its end."""
        self._on = self._pending = False
        self._root.steering.voice = None
        self._place = self._reached = self._finished = None
        self._drop(ALL if at_once else RESULT)

    def toggled(self, mode: Mode, *, on: bool) -> None:
        """Say that another mode was switched on or off."""
        if self._broken or self._mute or not self._on:
            return
        say = self._root.phrases.say
        if mode is Mode.CURTAIN:
            said = say("speech.darkened" if on else "speech.undarkened")
        else:
            name = say("mode.label_on", mode=say(f"mode.{mode.value}"))
            said = f"{name} {say('mode.on' if on else 'mode.off')}"
        self._drop(RESULT)
        self._add([Sentence(said, self._root.phrases.language)])

    def asked(self, key: VoiceKey) -> None:
        """A key of the strip, or of the keypad."""
        if self._broken or self._mute or not self._on:
            return
        if key is VoiceKey.REPEAT:
            again = self._last
            self._drop(ALL)
            self._add(list(again))
            return
        step = -1 if key is VoiceKey.SOFTER else 1
        level = self._level + step
        if key is VoiceKey.ROUND:
            level %= len(LEVELS_DB)
        self._level = max(0, min(level, len(LEVELS_DB) - 1))
        self._speaker.louder(self._level)
        said = self._root.phrases.say("speech.volume", n=self._level + 1, m=len(LEVELS_DB))
        self._drop(RESULT)
        self._add([Sentence(said, self._root.phrases.language)])

    def close(self) -> None:
        """End the synthesiser; idempotent."""
        self.end(at_once=True)
        if self._synthesiser is not None:
            self._synthesiser.close()
        # A sound card that does not answer must not keep the app from ending.
        closing = threading.Thread(target=self._speaker.close, name="speaker", daemon=True)
        closing.start()
        closing.join(CLOSING_S)

    # ── what is reached ──────────────────────────────────────────────────────────────────

    def reach(self, item: ReadItem, end: str = "") -> None:
        """Say the item with the focus; before it the ``end`` of the list that was passed. Nothing
        while it is not known whether there is a voice."""
        if self._pending:
            return
        phrases = self._root.phrases
        self._reached, self._finished = self._key(item), None
        text = item.words
        if item.place is not None:
            place = phrases.say("speech.place", n=item.place[0], m=item.place[1])
            text = f"{text}. {place}"
        self._drop(NUMBER)
        if end:
            self._add([Sentence(phrases.say(f"speech.{end}"), phrases.language)])
        self._begun.clear()
        self._add([Sentence(text, phrases.language, item=self._reached)], kept=True)
        if self._number and self._ends_s is None:
            self._begun.wait(HEAD_START_S)

    def ready(self, item: ReadItem) -> bool:
        """Whether the item was said; to its end if it gives a number."""
        if self._broken or (self._mute and not self._pending):
            return True
        key = self._key(item)
        if item.final:
            return self._finished == key
        return self._reached == key

    def _key(self, item: ReadItem) -> object:
        return (self._place, item.event)

    # ── sentences ────────────────────────────────────────────────────────────────────────

    def _announce(self, intro: list[str], reading: Reading, language: str) -> None:
        """Title, how many, then what is only read; a number twice, and stronger."""
        strength = RESULT if reading.result else WEAK
        count = len(reading.items)
        head = self._root.phrases.say("speech.count", n=count) if not reading.result else ""
        texts = [*intro, f"{reading.title}. {head}", *reading.notes]
        said = [Sentence(text, language, strength) for text in texts]
        if reading.result and reading.notes:
            number = replace(said[len(intro) + 1], strength=NUMBER)
            said[len(intro) + 1 : len(intro) + 2] = [number, number]
        self._drop(RESULT)
        self._add(said, kept=True)

    def _add(self, sentences: list[Sentence], *, kept: bool = False) -> None:
        """Say ``sentences`` behind what is there; ``kept``: they are what "Ulangi" repeats."""
        if kept:
            self._last = tuple(sentences)
        self._queue.extend(sentences)
        if self._current is None:
            self._next()

    def _drop(self, strength: int) -> None:
        """Drop what is weaker than ``strength``, also if it is being said."""
        self._queue = deque(s for s in self._queue if s.strength >= strength)
        if self._current is not None and self._current.strength < strength:
            self._current = None
            self._release()

    def _release(self) -> None:
        """End the sound, also one that is still being made."""
        self._ends_s = None
        with self._playing:
            self._number = 0
            self._speaker.stop()

    def _next(self) -> None:
        while self._queue and self._synthesiser is not None:
            sentence = self._queue.popleft()
            words = spoken(sentence.text, sentence.language, self._mend(sentence.language))
            if not words:
                continue
            self._current, self._silent_s = sentence, 0.0
            with self._playing:
                self._number = self._synthesiser.say(words, self._voice(sentence.language))
            if self._on:
                self._root.say(sentence.text)
            return

    def _voice(self, language: str) -> str:
        """The voice that the words of a language name (``lang.voice``), else its code."""
        words = self._root.phrases.words.by_language.get(language, {})
        return words.get("lang.voice", language)

    def _mend(self, language: str) -> dict[str, str]:
        return {m.write: m.say.in_(language) for m in self._settings().speak}

    # ── the sound ────────────────────────────────────────────────────────────────────────

    def _made(self, sound: Sound) -> None:
        """On the synthesiser's thread: play a piece of the present sentence. The first one opens
        the device, which may take long."""
        with self._playing:
            if sound.number != self._number:
                return
            heard = self._heard
        if sound.last:
            plays = not sound.failed and heard.plays
            ends_s = heard.begun_s + heard.seconds if plays else None
            self._begun.set()
            self._call(lambda: self._began(sound.number, ends_s))
            return
        opened = self._speaker.open(sound.rate)
        with self._playing:
            if sound.number != self._number:
                return
            if heard.number != sound.number:
                heard = self._heard = _Heard(sound.number, self._now())
            heard.plays &= opened and self._speaker.play(sound.samples, self._level)
            heard.seconds += len(sound.samples) / SAMPLE_BYTES / sound.rate
            if heard.seconds >= BEGINNING_S:
                self._begun.set()

    def _began(self, number: int, ends_s: float | None) -> None:
        """A sentence is heard and ends at ``ends_s``; None where it cannot be heard."""
        if self._current is None or number != self._number:
            return
        if ends_s is None:
            self._fail()
            return
        self._ends_s = ends_s

    def _may_retry(self) -> bool:
        return self._synthesiser is not None and self._now() - self._failed_s >= RETRY_S

    def _fail(self) -> None:
        """No sound: say so on the screen; touches and keys act as without speech."""
        self._broken, self._failed_s = True, self._now()
        self._drop(ALL)
        self._root.steering.voice = None
        if self._on:
            self._root.say(self._root.phrases.say("speech.none"))
