"""The synthesiser's process: a stand-in that notes what it gets, and the real one's sound."""

from __future__ import annotations

import array
import json
import queue
import threading
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.speech import synthesiser as module
from kiosk.speech.synthesiser import Sound, Synthesiser, find_program, voice_of
from kiosk.speech.words import spoken
from tests.speech import stand_in

WAIT_S = 20.0


class Voice:
    """A synthesiser, and the sounds that it made."""

    def __init__(self, program: str) -> None:
        self.sounds: queue.SimpleQueue[Sound] = queue.SimpleQueue()
        self.synthesiser = Synthesiser(program, self.sounds.put)

    def sound(self, words: str, language: str = "id") -> Sound:
        number = self.synthesiser.say(words, language)
        while True:
            sound = self.sounds.get(timeout=WAIT_S)
            if sound.number == number:
                return sound

    def knows(self, language: str) -> bool:
        """Whether there is a voice; waits for the list."""
        until_s = time.monotonic() + WAIT_S
        while (known := self.synthesiser.has_voice(language)) is None:
            assert time.monotonic() < until_s
            time.sleep(0.01)
        return known


@pytest.fixture
def noted(tmp_path: Path) -> Iterator[tuple[Voice, Path]]:
    program, log = stand_in.install(tmp_path)
    voice = Voice(program)
    yield voice, log
    voice.synthesiser.close()


def calls(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def test_the_words_reach_the_process_by_its_standard_input(noted: tuple[Voice, Path]) -> None:
    voice, log = noted
    sound = voice.sound("pukul empat belas.")
    assert sound.file is not None
    assert sound.seconds == pytest.approx(3 * stand_in.SECONDS_A_WORD)
    with wave.open(str(sound.file)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        assert file.getnframes() / file.getframerate() == pytest.approx(sound.seconds)
    (call,) = calls(log)
    assert call["words"] == "pukul empat belas."
    assert call["args"] == ["-v", "id", "-s", "150", "--stdin", "--stdout"]


@pytest.mark.parametrize("text", ["--help", "-f /etc/passwd", "--stdin -w x.wav", "-- x"])
def test_a_text_is_never_an_option(noted: tuple[Voice, Path], text: str) -> None:
    voice, log = noted
    voice.sound(text)
    voice.sound(spoken(text, "id") or "apa")
    for call in calls(log):
        assert call["args"] == ["-v", "id", "-s", "150", "--stdin", "--stdout"]
    assert "-" not in calls(log)[-1]["words"]


@pytest.mark.parametrize("code", ["--help", "../id", "id -w x", "", "id\n", "IDN", "toolong"])
def test_a_language_code_is_never_an_option(code: str) -> None:
    assert voice_of(code) == "id"
    assert [voice_of(c) for c in ("id", "en", "jv")] == ["id", "en-gb", "jv"]


def test_the_voice_is_that_of_the_language(noted: tuple[Voice, Path]) -> None:
    voice, log = noted
    voice.sound("two p m.", "en")
    voice.sound("pukul dua.", "id")
    assert [c["args"][1] for c in calls(log)] == ["en-gb", "id"]


@pytest.mark.parametrize("text", ["crash", "garbage"])
def test_a_process_that_fails_gives_no_sound_and_the_next_one_does(
    noted: tuple[Voice, Path], text: str
) -> None:
    voice, _ = noted
    failed = voice.sound(text)
    assert (failed.file, failed.seconds) == (None, 0.0)
    assert voice.sound("lagi").file is not None


def test_a_process_that_hangs_is_killed(
    noted: tuple[Voice, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    voice, _ = noted
    monkeypatch.setattr(module, "SENTENCE_DEADLINE_S", 0.5)
    assert voice.sound("hang").file is None
    assert voice.sound("lagi").file is not None


def test_a_program_that_is_gone_gives_no_sound(tmp_path: Path) -> None:
    voice = Voice(str(tmp_path / "nothing"))
    try:
        assert voice.sound("apa").file is None
    finally:
        voice.synthesiser.close()


def test_only_the_newest_of_many_sentences_is_spoken(noted: tuple[Voice, Path]) -> None:
    voice, log = noted
    for i in range(200):
        last = voice.synthesiser.say(f"kalimat {i}", "id")
    until = time.monotonic() + WAIT_S
    while voice.sounds.get(timeout=WAIT_S).number != last:
        assert time.monotonic() < until
    assert calls(log)[-1]["words"] == "kalimat 199"
    assert len(calls(log)) < 100


def test_closing_ends_the_process_that_waits(noted: tuple[Voice, Path]) -> None:
    voice, _ = noted
    voice.sound("apa")
    spare = voice.synthesiser._spare
    voice.synthesiser.close()
    assert spare is None or spare[1].poll() is not None
    voice.synthesiser.close()


# ── the real voice (Debian package espeak-ng) ────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("id", spoken("Nomor Anda DK-027. Lantai 1, Loket 03, pukul 14.00.", "id")),
        ("en", spoken("Your number DK-027. Floor 1, Counter 03, 14:00.", "en")),
    ],
)
def test_the_real_voice_makes_a_sound_of_the_right_length(language: str, words: str) -> None:
    program = find_program()
    assert program is not None, "install the Debian package espeak-ng"
    voice = Voice(program)
    try:
        once, twice = voice.sound(words, language), voice.sound(f"{words} {words}", language)
    finally:
        sounds = [_loudness(s) for s in (once, twice)]
        voice.synthesiser.close()
    count = len(words.split())
    assert count / 6 < once.seconds < count, "two to six words in a second"
    assert 1.6 * once.seconds < twice.seconds < 2.4 * once.seconds
    assert all(loud > 500 for loud in sounds), "silence"


def test_the_real_voice_reads_phonemes_only_from_speak() -> None:
    program = find_program()
    assert program is not None
    voice = Voice(program)
    try:
        mended = voice.sound(spoken("loket", "id", {"loket": "[[l'okEt]]"}), "id")
        assert mended.file is not None
        assert mended.seconds < 2
    finally:
        voice.synthesiser.close()


def _loudness(sound: Sound) -> float:
    """The root mean square of the samples, of 32 767."""
    assert sound.file is not None
    with wave.open(str(sound.file)) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
    return float((sum(s * s for s in samples) / len(samples)) ** 0.5)


@pytest.mark.skipif(find_program() is None, reason="espeak-ng is not installed")
def test_the_real_program_has_a_voice_for_chinese_and_none_for_javanese() -> None:
    program = find_program()
    assert program is not None
    voice = Voice(program)
    try:
        known = {code: voice.knows(code) for code in ("zh", "ms", "jv")}
    finally:
        voice.synthesiser.close()
    assert known == {"zh": True, "ms": True, "jv": False}


def test_the_voices_are_asked_for_on_the_thread_and_again_after_a_failure(
    noted: tuple[Voice, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    voice, log = noted
    monkeypatch.setattr(module, "LISTING_DEADLINE_S", 0.3)
    monkeypatch.setattr(module, "LISTING_AGAIN_S", 3600.0)
    hangs = log.with_name(log.name + ".hangs")
    hangs.touch()
    listing, begun, go_on = module._list_voices, threading.Event(), threading.Event()

    def held(program: str) -> frozenset[str]:
        begun.set()
        assert go_on.wait(WAIT_S), "a caller waited for the program"
        return listing(program)

    monkeypatch.setattr(module, "_list_voices", held)
    assert voice.synthesiser.has_voice("ms") is None
    assert begun.wait(WAIT_S)
    assert voice.synthesiser.has_voice("ms") is None
    assert voice.synthesiser.has_voice("id")
    go_on.set()
    assert voice.knows("ms") is False
    assert voice.sound("loket").file is not None
    hangs.unlink()
    monkeypatch.setattr(module, "LISTING_DEADLINE_S", WAIT_S)
    assert voice.synthesiser.has_voice("ms") is False, "not at each look"
    monkeypatch.setattr(module, "LISTING_AGAIN_S", 0.0)
    assert voice.knows("ms")
    assert voice.synthesiser.has_voice("jv") is False
    assert calls(log)[0]["words"] == "loket"
