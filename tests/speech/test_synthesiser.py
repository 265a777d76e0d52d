"""The synthesiser's process: a stand-in that notes what it gets, and the real one's sound."""

from __future__ import annotations

import array
import json
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kiosk.speech import synthesiser as module
from kiosk.speech.synthesiser import (
    SAMPLE_BYTES,
    Sound,
    Synthesiser,
    find_program,
    voice_of,
)
from kiosk.speech.words import spoken
from tests.speech import stand_in

WAIT_S = 20.0


@dataclass
class Said:
    """The whole sound of a sentence."""

    samples: bytes = b""
    rate: int = 0
    failed: bool = False

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_BYTES / self.rate


class Voice:
    """A synthesiser, and the pieces of sound that it made."""

    def __init__(self, program: str) -> None:
        self.pieces: queue.SimpleQueue[Sound] = queue.SimpleQueue()
        self.synthesiser = Synthesiser(program, self.pieces.put)

    def sound(self, words: str, language: str = "id") -> Said:
        number, said = self.synthesiser.say(words, language), Said()
        while True:
            piece = self.pieces.get(timeout=WAIT_S)
            if piece.number != number:
                continue
            if piece.last:
                said.failed = piece.failed
                return said
            said.samples += piece.samples
            said.rate = piece.rate

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
    assert not sound.failed
    assert sound.rate == stand_in.RATE
    assert sound.seconds == pytest.approx(3 * stand_in.SECONDS_A_WORD)
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
    assert voice.sound(text) == Said(failed=True)
    assert not voice.sound("lagi").failed


def test_a_process_that_hangs_is_killed(
    noted: tuple[Voice, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    voice, _ = noted
    monkeypatch.setattr(module, "SENTENCE_DEADLINE_S", 0.5)
    assert voice.sound("hang").failed
    assert not voice.sound("lagi").failed


def test_a_program_that_is_gone_gives_no_sound(tmp_path: Path) -> None:
    voice = Voice(str(tmp_path / "nothing"))
    try:
        assert voice.sound("apa").failed
    finally:
        voice.synthesiser.close()


def test_the_first_piece_comes_before_the_sound_is_whole(noted: tuple[Voice, Path]) -> None:
    voice, log = noted
    voice.synthesiser.say("held a b c", "id")
    first = voice.pieces.get(timeout=WAIT_S)
    assert len(first.samples) == stand_in.FIRST_BYTES
    log.with_name(log.name + ".goes").touch()
    rest, last = voice.pieces.get(timeout=WAIT_S), voice.pieces.get(timeout=WAIT_S)
    length = len(first.samples + rest.samples) / SAMPLE_BYTES / stand_in.RATE
    assert length == pytest.approx(4 * stand_in.SECONDS_A_WORD)
    assert last == Sound(first.number, last=True)


@pytest.mark.parametrize("cut", [1, 3, 4096])
def test_a_sound_may_be_cut_anywhere_on_its_way(cut: int) -> None:
    samples = bytes(range(250)) * 10
    answer = stand_in.head() + samples + b"x"
    pieces = [answer[at : at + cut] for at in range(0, len(answer), cut)]
    got = list(module._sounds(iter(pieces)))
    assert b"".join(piece for piece, _ in got) == samples
    assert {rate for _, rate in got} == {stand_in.RATE}
    assert all(len(piece) % SAMPLE_BYTES == 0 for piece, _ in got)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        stand_in.head(),
        stand_in.head() + b"x",
        stand_in.head()[:-1],
        stand_in.head().replace(b"RIFF", b"RIFX") + bytes(8),
        stand_in.head(channels=2) + bytes(8),
        stand_in.head(rate=0) + bytes(8),
        b"RIFF" + bytes(100_000),
    ],
)
def test_an_answer_that_is_no_sound_is_refused(answer: bytes) -> None:
    with pytest.raises(module.SpeechError):
        list(module._sounds(iter([answer])))


def test_a_text_longer_than_a_pipe_waits_for_no_process(noted: tuple[Voice, Path]) -> None:
    voice, log = noted
    voice.sound("kata " * 40_000)
    (call,) = calls(log)
    assert len(call["words"]) <= module.LONGEST_TEXT


def test_only_the_newest_of_many_sentences_is_spoken(noted: tuple[Voice, Path]) -> None:
    voice, log = noted
    for i in range(200):
        last = voice.synthesiser.say(f"kalimat {i}", "id")
    until = time.monotonic() + WAIT_S
    while voice.pieces.get(timeout=WAIT_S).number != last:
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
        voice.synthesiser.close()
    count = len(words.split())
    assert count / 6 < once.seconds < count, "two to six words in a second"
    assert 1.6 * once.seconds < twice.seconds < 2.4 * once.seconds
    assert all(_loudness(said) > 500 for said in (once, twice)), "silence"


def test_the_real_voice_reads_phonemes_only_from_speak() -> None:
    program = find_program()
    assert program is not None
    voice = Voice(program)
    try:
        mended = voice.sound(spoken("loket", "id", {"loket": "[[l'okEt]]"}), "id")
        assert not mended.failed
        assert mended.seconds < 2
    finally:
        voice.synthesiser.close()


def _loudness(said: Said) -> float:
    """The root mean square of the samples, of 32 767."""
    samples = array.array("h", said.samples)
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
    assert not voice.sound("loket").failed
    hangs.unlink()
    monkeypatch.setattr(module, "LISTING_DEADLINE_S", WAIT_S)
    assert voice.synthesiser.has_voice("ms") is False, "not at each look"
    monkeypatch.setattr(module, "LISTING_AGAIN_S", 0.0)
    assert voice.knows("ms")
    assert voice.synthesiser.has_voice("jv") is False
    assert calls(log)[0]["words"] == "loket"
