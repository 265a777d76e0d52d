"""The voice: espeak-ng in a process of its own, one sentence in, its sound out in pieces.

espeak-ng is GPL-3 software. It is never linked or imported: it is found on the machine at run time,
started as a program, and gets its text through its standard input, so that no text can be one of
its options. The next process is started in advance and waits for its sentence: loading a voice then
costs nothing when a finger comes down, and the first piece comes within a millisecond.

One thread owns the processes. Only the newest sentence counts: an older one that is not yet begun
is dropped.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import select
import shutil
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

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

LONGEST_TEXT = 60_000
"""Bytes of a text: a pipe takes them at once (pipe(7): 64 KiB), so that no write waits for a
process that does not read."""

PIECE_BYTES = 64 * 1024
"""Bytes that are read at once."""

LONGEST_HEAD = 4096
"""The head of a WAV file ends within this many bytes."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of a sentence's sound: 16 bit mono samples at ``rate`` Hz. The ``last`` one is empty
    and says whether the voice has ``failed``."""

    number: int
    samples: bytes = b""
    rate: int = 0
    last: bool = False
    failed: bool = False


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
    """``say`` returns at once; ``made`` is called on another thread with each piece of a sound.

    ``program``: the path of espeak-ng. ``rate``: words a minute.
    """

    def __init__(self, program: str, made: Callable[[Sound], None], rate: int = RATE_WPM) -> None:
        self._program = program
        self._made = made
        self._rate = rate
        self._wanted = threading.Condition()
        self._next: tuple[int, str, str] | None = None
        self._closed = False
        self._voices: frozenset[str] = frozenset()
        self._list_wanted = False
        self._listed_s = float("-inf")
        self._number = 0
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

    # ── on the thread ────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        self._prepare(FALLBACK_VOICE)
        while True:
            with self._wanted:
                self._wanted.wait_for(lambda: self._next or self._list_wanted or self._closed)
                if self._closed:
                    break
                said, self._next = self._next, None
            if said is not None:
                self._make(*said)
                self._prepare(voice_of(said[2]))
            elif self._list_wanted:
                self._list()
        self._drop_spare()

    def _list(self) -> None:
        found = _list_voices(self._program)
        with self._wanted:
            self._voices, self._list_wanted = found, False
            self._listed_s = time.monotonic()

    def _make(self, number: int, words: str, language: str) -> None:
        failed = False
        try:
            for samples, rate in _sounds(self._answer(words, voice_of(language))):
                self._made(Sound(number, samples, rate))
        except (SpeechError, OSError) as error:
            log.warning("no speech: %s", error)
            failed = True
        self._made(Sound(number, last=True, failed=failed))

    def _answer(self, words: str, voice: str) -> Iterator[bytes]:
        """What a process answers to ``words``, as it comes. Raises SpeechError, OSError."""
        process = self._take(voice)
        until_s = time.monotonic() + SENTENCE_DEADLINE_S
        try:
            if process.stdin is None or process.stdout is None:
                raise SpeechError("no pipe")
            process.stdin.write(words.encode()[:LONGEST_TEXT] + b"\n")
            process.stdin.close()
            out = process.stdout.fileno()
            poll = select.poll()
            poll.register(out, select.POLLIN)
            while poll.poll(max(0.0, until_s - time.monotonic()) * 1000):
                piece = os.read(out, PIECE_BYTES)
                if not piece:
                    break
                yield piece
            process.wait(max(0.0, until_s - time.monotonic()))
        except subprocess.TimeoutExpired as error:
            raise SpeechError(f"no answer within {SENTENCE_DEADLINE_S:g} s") from error
        finally:
            _end(process)
        if process.returncode != 0:
            raise SpeechError(f"{self._program} ended with {process.returncode}")

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


def _sounds(answer: Iterator[bytes]) -> Iterator[tuple[bytes, int]]:
    """The samples of a WAV file that is being written to a pipe, and their rate in Hz.

    Its lengths are unknown when its head is written, so everything behind "data" are samples.
    Raises SpeechError where it is no 16 bit mono sound, or an empty one.
    """
    head, rate, rest, empty = b"", 0, b"", True
    for piece in answer:
        if rate:
            rest += piece
        else:
            head += piece
            at = head.find(b"data", 12)
            if at < 0 or len(head) < at + 8:
                if len(head) > LONGEST_HEAD:
                    break
                continue
            rate, rest = _rate(head), head[at + 8 :]
        whole = len(rest) - len(rest) % SAMPLE_BYTES
        if whole:
            empty = False
            yield rest[:whole], rate
            rest = rest[whole:]
    if not rate:
        raise SpeechError("no WAV file")
    if empty:
        raise SpeechError("an empty sound")


def _rate(head: bytes) -> int:
    """The rate in Hz that the head of a WAV file names. Raises SpeechError."""
    if head[:4] != b"RIFF" or head[8:16] != b"WAVEfmt " or len(head) < 36:
        raise SpeechError("no WAV file")
    kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", head, 20)
    if (kind, channels, bits) != (1, 1, 8 * SAMPLE_BYTES) or not rate:
        raise SpeechError("no 16 bit mono sound")
    return int(rate)
