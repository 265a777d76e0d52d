"""The voice: espeak-ng in a process of its own, one sentence in, one sound file out.

espeak-ng is GPL-3 software. It is never linked or imported: it is found on the machine at run time,
started as a program, and gets its text through its standard input, so that no text can be one of
its options. The next process is started in advance and waits for its sentence: loading a voice then
costs nothing when a finger comes down.

One thread owns the processes. Only the newest sentence counts: an older one that is not yet begun
is dropped.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import struct
import subprocess
import tempfile
import threading
import time
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PROGRAM = "espeak-ng"
SENTENCE_DEADLINE_S = 5.0
"""A process that has not answered by then is killed."""

VOICES = {"id": "id", "en": "en-gb", "zh": "cmn"}
"""The voice of a language; of another language the one with its own code."""

LISTING_DEADLINE_S = 2.0
LISTING_AGAIN_S = 10.0
"""After a list that could not be had, seconds until the program is asked again."""

FALLBACK_VOICE = "id"
RATE_WPM = 150

SAMPLE_BYTES = 2

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sound:
    """A sentence as sound: a WAV file, which the player removes, and its length in seconds. None
    and 0 where the voice failed."""

    number: int
    file: Path | None
    seconds: float


def find_program() -> str | None:
    """The path of the synthesiser; None where it is not installed."""
    return shutil.which(PROGRAM)


def _list_voices(program: str) -> frozenset[str]:
    """The voices that ``program`` has (its option ``--voices``); none where it does not answer."""
    try:
        done = subprocess.run(
            [program, "--voices"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LISTING_DEADLINE_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("the voices are not known: %s", error)
        return frozenset()
    lines = (line.split() for line in done.stdout.splitlines()[1:])
    return frozenset(columns[1] for columns in lines if len(columns) > 1)


class SpeechError(Exception):
    """The synthesiser did not make a sound."""


class Synthesiser:
    """``say`` returns at once; ``made`` is called on another thread with each sound.

    ``program``: the path of espeak-ng. ``rate``: words a minute.
    """

    def __init__(self, program: str, made: Callable[[Sound], None], rate: int = RATE_WPM) -> None:
        self._program = program
        self._made = made
        self._rate = rate
        self._folder = tempfile.TemporaryDirectory(prefix="kiosk-speech-")
        self._wanted = threading.Condition()
        self._next: tuple[int, str, str] | None = None
        self._closed = False
        self._voices: frozenset[str] = frozenset()
        self._list_wanted = False
        self._listed_s = float("-inf")
        self._number = 0
        self._voice = FALLBACK_VOICE
        self._spare: tuple[str, subprocess.Popen[bytes]] | None = None
        self._thread = threading.Thread(target=self._run, name="speech", daemon=True)
        self._thread.start()

    def say(self, words: str, language: str) -> int:
        """Make the sound of ``words``; the number of the sound that will come."""
        with self._wanted:
            self._number += 1
            self._next = (self._number, words, language)
            self._wanted.notify()
            return self._number

    def has_voice(self, language: str) -> bool | None:
        """Whether there is a voice for a language, or of that name; None while the program is being
        asked. Returns at once: the program is asked on the thread.

        Voices of the kiosk's own languages are not asked for. A list that could not be had counts
        as "no" until the program is asked again.
        """
        if language in ("id", "en"):
            return True
        with self._wanted:
            if self._voices:
                return voice_of(language) in self._voices
            if self._list_wanted:
                return None
            if time.monotonic() - self._listed_s < LISTING_AGAIN_S:
                return False
            self._list_wanted = True
            self._wanted.notify()
            return None

    def close(self) -> None:
        """End the thread and its processes; idempotent."""
        with self._wanted:
            self._closed = True
            self._wanted.notify()
        self._thread.join(SENTENCE_DEADLINE_S)
        self._folder.cleanup()

    # ── on the thread ────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        self._prepare(self._voice)
        while True:
            with self._wanted:
                self._wanted.wait_for(lambda: self._next or self._list_wanted or self._closed)
                if self._closed:
                    break
                said, self._next = self._next, None
            if said is not None:
                self._made(self._make(*said))
            elif self._list_wanted:
                self._list()
        self._drop_spare()

    def _list(self) -> None:
        found = _list_voices(self._program)
        with self._wanted:
            self._voices, self._list_wanted = found, False
            self._listed_s = time.monotonic()

    def _make(self, number: int, words: str, language: str) -> Sound:
        try:
            samples, rate = _samples(self._answer(words, voice_of(language)))
        except (SpeechError, OSError) as error:
            log.warning("no speech: %s", error)
            return Sound(number, None, 0.0)
        file = Path(self._folder.name) / f"{number}.wav"
        try:
            with wave.open(str(file), "wb") as out:
                out.setnchannels(1)
                out.setsampwidth(SAMPLE_BYTES)
                out.setframerate(rate)
                out.writeframes(samples)
        except OSError as error:
            log.warning("no speech: %s", error)
            return Sound(number, None, 0.0)
        return Sound(number, file, len(samples) / SAMPLE_BYTES / rate)

    def _answer(self, words: str, voice: str) -> bytes:
        """What a process answers to ``words``. Raises SpeechError, OSError."""
        process = self._take(voice)
        try:
            out, _ = process.communicate(f"{words}\n".encode(), SENTENCE_DEADLINE_S)
        except subprocess.TimeoutExpired as error:
            raise SpeechError(f"no answer within {SENTENCE_DEADLINE_S:g} s") from error
        finally:
            _end(process)
        if process.returncode != 0:
            raise SpeechError(f"{self._program} ended with {process.returncode}")
        self._prepare(voice)
        return out

    def _take(self, voice: str) -> subprocess.Popen[bytes]:
        if self._spare is not None:
            (known, process), self._spare = self._spare, None
            if known == voice and process.poll() is None:
                return process
            _end(process)
        return self._start(voice)

    def _prepare(self, voice: str) -> None:
        with contextlib.suppress(OSError):
            self._spare = (voice, self._start(voice))

    def _start(self, voice: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [self._program, "-v", voice, "-s", str(self._rate), "--stdin", "--stdout"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )

    def _drop_spare(self) -> None:
        if self._spare is not None:
            _end(self._spare[1])
            self._spare = None


def voice_of(language: str) -> str:
    """The voice for a language, or the voice itself; never an option of the program."""
    if not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}", language):
        return FALLBACK_VOICE
    return VOICES.get(language, language)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    process.wait()


def _samples(answer: bytes) -> tuple[bytes, int]:
    """The samples of a WAV file that was written to a pipe, and their rate in Hz.

    Its lengths are unknown when its head is written, so everything behind "data" are samples.
    Raises SpeechError where it is no 16 bit mono sound.
    """
    at = answer.find(b"data", 12)
    if answer[:4] != b"RIFF" or answer[8:16] != b"WAVEfmt " or at < 0:
        raise SpeechError("no WAV file")
    kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", answer, 20)
    if (kind, channels, bits) != (1, 1, 8 * SAMPLE_BYTES) or not rate:
        raise SpeechError("no 16 bit mono sound")
    samples = answer[at + 8 :]
    whole = len(samples) - len(samples) % SAMPLE_BYTES
    if not whole:
        raise SpeechError("an empty sound")
    return samples[:whole], rate
