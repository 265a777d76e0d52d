"""Speech: whole visits by the spoken words alone, touches that explore, a number said to its end.

The words are read from a stand-in for the synthesiser, a real process.
"""

from __future__ import annotations

import array
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from kiosk.app.kiosk_app import TICK_S, make_root_view
from kiosk.app.speech_mode import RETRY_S
from kiosk.domain.config import KeypadSettings, Mend, Settings, SpeechSettings
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.domain.events import (
    AgencyChosen,
    Committed,
    DoneTapped,
    Event,
    HeadsetChanged,
    HelpTapped,
    LanguageChosen,
    ModeToggled,
    PrintFinished,
    ServiceChosen,
    SpeechAsked,
    VoiceKey,
)
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import QUOTA_FULL, Live, ServiceLive
from kiosk.domain.modes import Mode
from kiosk.domain.staff import DigitTyped, StaffFacts
from kiosk.domain.ticket import TicketRequest
from kiosk.domain.visit_screens import (
    Agencies,
    Closed,
    Confirm,
    Services,
    Shown,
    StaffPin,
)
from kiosk.domain.words import Words
from kiosk.settings.loader import load_settings
from kiosk.speech.words import spoken
from kiosk.ui.sound import LEVELS_DB, USUAL_LEVEL, Speaker
from menu.local_text import LocalText
from tests.speech import stand_in
from tests.ui.app_under_test import AppUnderTest
from tests.ui.kiosk_ports import FakeKioskPort
from tests.ui.sdl_keys import Keyboard

ROOT = Path(__file__).parents[2]
Make = Callable[..., AppUnderTest]
KEYPAD = KeypadSettings("F13", "F14", "F15", "F16", "F17", "F18")
ON = ModeToggled(Mode.SPEECH)


@pytest.fixture(scope="module")
def settings() -> Settings:
    loaded = load_settings(ROOT / "config", ROOT / "assets")
    mended = SpeechSettings(speak=(Mend("loket", LocalText.of(id="[[l'okEt]]", en="counter")),))
    return replace(loaded, kiosk=replace(loaded.kiosk, keypad=KEYPAD, speech=mended))


class Listener:
    """A visitor who hears, touches and presses keys, and does not see the screen."""

    def __init__(self, app: AppUnderTest, log: Path) -> None:
        self.app = app
        self.log = log
        self.keyboard = Keyboard()

    @property
    def port(self) -> FakeKioskPort:
        port: FakeKioskPort = self.app.kiosk_port
        return port

    @property
    def screen(self) -> object:
        return self.app.visit.screen

    @property
    def speech(self) -> Any:
        return self.app.app._voice._speech

    def heard(self) -> list[str]:
        """Everything that was said so far."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["words"] for line in lines]

    def sounds(self) -> bool:
        """Whether a sentence is being heard, or nothing is said."""
        return self.speech is None or not self.speech.busy or self.speech._ends_s is not None

    def begin(self) -> None:
        """Wait until the present sentence can be heard."""
        self.app.frames(2)
        self.app.until(self.sounds, "a sound")

    def listen(self) -> list[str]:
        """Listen to the end; what was said meanwhile."""
        count = len(self.heard())
        self.begin()
        while self.speech is not None and self.speech.busy:
            left_s = max(0.0, self.speech._ends_s - self.app.clock()) + 0.01
            while left_s > 0:
                # As the app's loop does: its tick notes that somebody still listens.
                self.app.clock.advance(min(TICK_S, left_s))
                self.app.app._tick(TICK_S)
                left_s -= TICK_S
            self.begin()
        return self.heard()[count:]

    def press(self, name: str, rest_s: float = 1.3) -> str:
        """Press a key, and listen to the end; the last sentence."""
        self.app.clock.advance(rest_s)
        key = getattr(KEYPAD, name)
        self.keyboard.down(key)
        self.app.frames(2)
        self.keyboard.up(key)
        self.app.frames(2)
        self.listen()
        return self.heard()[-1]

    def seek(self, *words: str) -> str:
        """Press "down" until a sentence with all of ``words`` is heard."""
        for _ in range(150):
            said = self.press("down", 0.2)
            if all(word in said for word in words):
                return said
        raise AssertionError(f"{words} not heard: {self.heard()[-80:]}")

    def touch(self, event: Event) -> None:
        """Touch the middle of the target of ``event``."""
        self.app.clock.advance(1.5)
        self.app.fingers.tap(*self.app.middle(event))
        self.app.frames(3)

    def explore(self, event: Event) -> str:
        """Touch a target and listen to the end; the last sentence."""
        self.touch(event)
        self.listen()
        return self.heard()[-1]

    def switch_on(self) -> None:
        """Touch the key in the bar, and listen."""
        self.touch(ON)
        self.listen()


@pytest.fixture
def voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in is the synthesiser of this machine; the file in which it notes its words."""
    program, log = stand_in.install(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(program).parent}:{os.environ['PATH']}")
    return log


def listener(context: Make, settings: Settings, log: Path) -> Listener:
    port = FakeKioskPort(settings.catalogue)
    port.settings = settings
    app = context(port, make_root_view)
    app.clock.freeze()
    return Listener(app, log)


@pytest.fixture
def blind(context: Make, settings: Settings, voice: Path) -> Listener:
    return listener(context, settings, voice)


def on_screen_only(port: FakeKioskPort) -> None:
    """The printer is without paper: numbers are given on the screen."""
    port.health = PrinterHealth(fault=Fault.PAPER_OUT)

    def answer(request: TicketRequest, post: Callable[[Event], None]) -> None:
        post(Committed(port.ticket(request)))
        none = PrintResult(Outcome.NOT_PRINTED, Level.STATUS, Fault.PAPER_OUT)
        post(PrintFinished(port.ticket(request), none))

    port.answer = answer


def test_a_whole_visit_by_the_spoken_words_alone(blind: Listener, settings: Settings) -> None:
    agency = settings.catalogue.agency("disdukcapil")
    assert agency is not None
    full, busy = agency.services[0], agency.services[1]
    states = {f.service.code: ServiceLive(3, (5, 10)) for f in settings.catalogue.services()}
    states[full.code] = ServiceLive(None, None, quota_left=0, open=False, reason=QUOTA_FULL)
    states[busy.code] = ServiceLive(40, (100, 120))
    blind.port.queue = Live(states, 0.0, in_touch=True, linked=True)
    menu = replace(settings.catalogue, confirm_above=30)
    blind.app.app._settings = replace(settings, catalogue=menu)
    on_screen_only(blind.port)

    blind.press("down")
    said = " ".join(blind.heard())
    assert Mode.SPEECH in blind.app.visit.modes, "any key of the keypad starts speech"
    for words in ("Suara nyala", "Pilih instansi", "pilihan", "Kertas habis"):
        assert words in said
    said = blind.seek("Disdukcapil")
    assert "menunggu" in said
    assert "satu dari dua puluh tujuh" in said
    blind.press("select")
    assert isinstance(blind.screen, Services)
    name = spoken(full.name.in_("id"), "id").rstrip(".")
    blind.seek("Habis,", name)
    blind.press("select")
    assert isinstance(blind.screen, Closed)
    assert "omor hari ini habis" in " ".join(blind.heard()[-12:])
    blind.press("back")
    assert isinstance(blind.screen, Services)
    name = spoken(busy.name.in_("id"), "id").rstrip(".")
    blind.seek("Ambil nomor", name)
    blind.press("select")
    assert isinstance(blind.screen, Confirm)
    assert "Periksa pilihan Anda" in " ".join(blind.heard()[-12:])
    blind.seek("Ya, ambil nomor")
    before = len(blind.heard())
    blind.press("select")
    blind.app.on(Shown)
    blind.listen()
    said = blind.heard()[before:]
    number = [words for words in said if "a a, nol nol satu" in words]
    assert len(number) == 2, said
    rest = " ".join(said[said.index(number[1]) :])
    for words in ("Lantai", "[[l'okEt]]", "Tiket tidak tercetak", "Catat atau foto nomor ini"):
        assert words in rest
    assert [r.service for r in blind.port.requests] == [busy.code]
    blind.seek("Sudah saya catat")
    blind.press("select")
    assert blind.screen == Agencies()
    assert Mode.SPEECH not in blind.app.visit.modes
    assert len(blind.port.requests) == 1
    for words in blind.heard():
        bare = words.replace("[[l'okEt]]", "")
        assert not set(bare) & set("0123456789[]<>-"), words


def test_a_touch_says_and_a_second_one_chooses(blind: Listener) -> None:
    blind.switch_on()
    assert blind.app.visit.modes == {Mode.SPEECH}
    assert "Disdukcapil" in blind.explore(AgencyChosen("disdukcapil"))
    assert blind.screen == Agencies(), "the first touch only says it"
    assert blind.app.root_view.focused.event == AgencyChosen("disdukcapil")
    assert blind.app.root_view.steering.ring.target is blind.app.root_view.focused.target
    blind.touch(AgencyChosen("disdukcapil"))
    assert isinstance(blind.screen, Services)


def test_a_touch_of_another_target_says_that_one(blind: Listener) -> None:
    blind.switch_on()
    blind.touch(AgencyChosen("disdukcapil"))
    assert "pe de a em" in blind.explore(AgencyChosen("pdam"))
    assert blind.screen == Agencies()


def test_a_sliding_finger_says_what_is_under_it(blind: Listener) -> None:
    blind.switch_on()
    count = len(blind.heard())
    blind.app.clock.advance(1)
    there = [blind.app.middle(AgencyChosen(c)) for c in ("disdukcapil", "samsat", "pln")]
    touch = blind.app.fingers.down(*there[0])
    blind.begin()
    for place in there[1:]:
        blind.app.fingers.move(touch, *place)
        blind.begin()
    blind.app.fingers.up(touch, *there[-1])
    blind.app.frames(3)
    said = blind.heard()[count:]
    assert len(said) == 3
    for words, name in zip(said, ("Disdukcapil", "Samsat", "pe el en"), strict=True):
        assert name in words
    assert blind.screen == Agencies()


def test_nothing_is_issued_before_its_sentence_has_ended(blind: Listener) -> None:
    blind.switch_on()
    for _ in range(2):
        blind.touch(AgencyChosen("disdukcapil"))
    blind.listen()
    take = ServiceChosen("ktp-el")
    blind.touch(take)
    blind.begin()
    for _ in range(5):
        blind.app.fingers.tap(*blind.app.middle(take))
        blind.app.frames(3)
    assert blind.port.requests == []
    assert "Ambil nomor" in blind.heard()[-1]
    blind.listen()
    assert blind.port.requests == []
    blind.touch(take)
    blind.app.on(Shown)
    assert len(blind.port.requests) == 1


def test_a_key_too_issues_nothing_before_the_sentence_has_ended(blind: Listener) -> None:
    blind.press("down")
    blind.seek("Disdukcapil")
    blind.press("select")
    blind.seek("Ambil nomor")
    blind.press("up", 0.2)
    blind.app.clock.advance(2)
    blind.keyboard.down(KEYPAD.down)
    blind.app.frames(2)
    blind.keyboard.up(KEYPAD.down)
    blind.begin()
    assert isinstance(blind.app.root_view.focused.event, ServiceChosen)
    for _ in range(5):
        blind.keyboard.down(KEYPAD.select)
        blind.app.frames(2)
        blind.keyboard.up(KEYPAD.select)
        blind.app.frames(2)
    assert blind.port.requests == []
    blind.listen()
    blind.press("select")
    blind.app.on(Shown)
    assert len(blind.port.requests) == 1


def given_number(blind: Listener) -> list[str]:
    """Take a number by touch; everything heard since, so far only its first sentence."""
    blind.switch_on()
    for _ in range(2):
        blind.touch(AgencyChosen("disdukcapil"))
    blind.listen()
    blind.touch(ServiceChosen("ktp-el"))
    blind.listen()
    count = len(blind.heard())
    blind.touch(ServiceChosen("ktp-el"))
    blind.app.on(Shown)
    blind.begin()
    return blind.heard()[:count]


def test_the_next_screen_never_cuts_the_number_off(blind: Listener) -> None:
    before = given_number(blind)
    blind.app.clock.advance(2)
    blind.app.app.dispatch(HelpTapped())
    blind.listen()
    said = blind.heard()[len(before) :]
    numbers = [i for i, words in enumerate(said) if "a a, nol nol satu" in words]
    help_ = next(i for i, words in enumerate(said) if words.startswith("Bantuan"))
    assert len([i for i in numbers if i < help_]) == 2
    assert any("di bawah layar" in words for words in said[:help_])


def test_the_number_is_said_to_its_end_when_the_visit_ends(blind: Listener) -> None:
    before = given_number(blind)
    blind.app.clock.advance(0.4)
    blind.app.clock.advance(0.2)
    blind.app.app.dispatch(DoneTapped())
    assert blind.screen == Agencies()
    assert blind.app.root_view.strip.parent is None
    blind.listen()
    said = blind.heard()[len(before) :]
    assert len([w for w in said if "a a, nol nol satu" in w]) == 2
    assert not blind.speech.busy


def test_turning_speech_off_is_heard_at_once(blind: Listener) -> None:
    before = given_number(blind)
    blind.app.clock.advance(2)
    blind.app.app.dispatch(ON)
    assert not blind.speech.busy
    assert len(blind.heard()) - len(before) <= 3
    assert blind.app.root_view.strip.parent is None


def test_a_number_stands_30_s_after_it_was_said(blind: Listener) -> None:
    given_number(blind)
    blind.listen()
    ended_s = blind.app.clock()
    blind.app.clock.advance(29 - (blind.app.clock() - ended_s))
    blind.app.frames(20)
    assert isinstance(blind.screen, Shown)
    blind.app.clock.advance(3)
    blind.app.until(lambda: blind.screen == Agencies(), "home")


def test_repeat_says_the_last_sentence_again_and_the_volume_is_seen_and_heard(
    blind: Listener,
) -> None:
    blind.press("down")
    said = blind.seek("Disdukcapil")
    assert blind.press("help") == said
    assert blind.screen == Agencies(), "with speech the key repeats"
    assert "Volume lima dari enam" in blind.press("volume")
    assert "Volume enam dari enam" in blind.press("volume")
    assert "Volume satu dari enam" in blind.press("volume"), "softest again after the loudest"
    assert blind.app.root_view.strip.sentence == "Volume 1 dari 6"
    assert blind.press("help") == said


def test_the_strip_s_keys_work_by_touch(blind: Listener) -> None:
    blind.switch_on()
    louder = SpeechAsked(VoiceKey.LOUDER)
    assert "Lebih keras" in blind.explore(louder)
    assert "Volume lima dari enam" in blind.explore(louder)
    assert "Ulangi" in blind.explore(SpeechAsked(VoiceKey.REPEAT))
    count = len(blind.heard())
    assert "Ulangi" in blind.explore(SpeechAsked(VoiceKey.REPEAT))
    assert len(blind.heard()) == count + 1


def test_another_language_is_said_by_its_own_voice(blind: Listener) -> None:
    blind.switch_on()
    for _ in range(2):
        blind.explore(LanguageChosen("en"))
    assert blind.app.visit.language == "en"
    last = json.loads(blind.log.read_text(encoding="utf-8").splitlines()[-1])
    assert last["args"][1] == "en-gb"
    assert "Choose" in " ".join(blind.heard()[-3:])


def test_the_next_person_finds_no_speech_and_the_volume_that_staff_have_set(
    blind: Listener,
) -> None:
    blind.switch_on()
    assert blind.speech._level == USUAL_LEVEL
    blind.app.app.dispatch(SpeechAsked(VoiceKey.SOFTER))
    blind.listen()
    blind.app.clock.advance(95)
    blind.app.until(lambda: blind.app.visit.warned_s is not None, "the warning")
    blind.listen()
    assert "Apakah Anda masih di sini" in " ".join(blind.heard()[-3:])
    blind.app.clock.advance(60)
    blind.app.until(lambda: blind.app.visit.modes == frozenset(), "the next person")
    blind.app.frames(3)
    blind.port.staff_facts = StaffFacts(volume=USUAL_LEVEL + 2)
    blind.switch_on()
    assert blind.speech._level == USUAL_LEVEL + 2


# ── a headset ────────────────────────────────────────────────────────────────────────────


def test_a_headset_that_is_put_in_is_spoken_to_and_one_that_is_pulled_out_is_not(
    blind: Listener,
) -> None:
    assert blind.heard() == []
    blind.app.app.post(HeadsetChanged(plugged=True))
    blind.app.until(lambda: Mode.SPEECH in blind.app.visit.modes, "speech")
    blind.listen()
    assert "Suara nyala" in blind.heard()[0]
    for _ in range(2):
        blind.touch(AgencyChosen("disdukcapil"))
    for _ in range(2):
        blind.listen()
        blind.touch(ServiceChosen("ktp-el"))
    blind.app.on(Shown)
    blind.begin()
    blind.app.app.post(HeadsetChanged(plugged=False))
    blind.app.until(lambda: not blind.app.visit.modes, "no speech")
    assert not blind.speech.busy, "the number is not said to others"
    assert isinstance(blind.screen, Shown)


# ── the screen curtain ───────────────────────────────────────────────────────────────────

DARK = ModeToggled(Mode.CURTAIN)


def dark(blind: Listener) -> bool:
    """Whether the curtain lies over the screen."""
    curtain = blind.app.root_view.curtain
    return curtain is not None and curtain.parent is not None


def test_a_visitor_darkens_the_screen_and_goes_on_by_touch(blind: Listener) -> None:
    blind.switch_on()
    assert "Gelapkan layar" in blind.explore(DARK)
    assert not dark(blind), "the first touch only says it"
    assert "Layar gelap. Sentuhan tetap bekerja" in blind.explore(DARK)
    assert dark(blind)
    assert "Disdukcapil" in blind.explore(AgencyChosen("disdukcapil"))
    blind.touch(AgencyChosen("disdukcapil"))
    assert isinstance(blind.screen, Services)
    blind.listen()
    for _ in range(2):
        blind.touch(ServiceChosen("ktp-el"))
        blind.listen()
    blind.app.on(Shown)
    assert len(blind.port.requests) == 1
    assert dark(blind)
    assert "Terangkan layar" in blind.explore(DARK)
    assert "Layar terang" in blind.explore(DARK)
    assert not dark(blind)


def test_the_warning_lies_over_the_curtain_and_the_next_person_finds_none(
    blind: Listener,
) -> None:
    blind.switch_on()
    blind.app.app.dispatch(DARK)
    blind.listen()
    blind.app.clock.advance(95)
    blind.app.until(lambda: blind.app.visit.warned_s is not None, "the warning")
    root_view = blind.app.root_view
    blind.app.frames(3)
    order = root_view.children
    assert order.index(root_view.warning) < order.index(root_view.curtain)
    blind.listen()
    blind.app.clock.advance(60)
    blind.app.until(lambda: blind.app.visit.modes == frozenset(), "the next person")
    blind.app.frames(3)
    assert not dark(blind)


def test_the_curtain_ends_with_speech(blind: Listener) -> None:
    blind.app.app.dispatch(DARK)
    assert not dark(blind), "not without speech"
    assert blind.app.visit.modes == frozenset()
    blind.switch_on()
    blind.app.app.dispatch(DARK)
    assert dark(blind)
    blind.app.clock.advance(1)
    blind.app.app.dispatch(ON)
    assert not dark(blind)
    assert blind.app.visit.modes == frozenset()


def lose_the_voice(blind: Listener) -> None:
    """The synthesiser fails from now on: at the next sentence, or at the one after it where a
    process waits for the next one already. A sentence that has not begun would be dropped for the
    one after it."""
    Path(blind.log.parent, "espeak-ng").write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    for agency in ("pdam", "pln"):
        if not says_so(blind.app):
            blind.touch(AgencyChosen(agency))
            blind.begin()
            blind.app.frames(2)
    blind.app.until(lambda: says_so(blind.app), "that there is no voice")


def test_a_voice_that_dies_lifts_the_curtain(blind: Listener) -> None:
    blind.switch_on()
    blind.app.app.dispatch(DARK)
    assert dark(blind)
    lose_the_voice(blind)
    blind.app.until(lambda: not dark(blind), "the screen")
    assert says_so(blind.app)


def test_a_sound_card_that_does_not_answer_keeps_nobody_from_a_number(
    blind: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While speech is on, nothing is chosen that was not heard: a silence must have an end."""
    answers = threading.Event()
    monkeypatch.setattr(Speaker, "open", lambda _self, _rate: answers.wait(60))
    try:
        blind.touch(ON)
        for _ in range(40):
            blind.app.clock.advance(TICK_S)
            blind.app.app._tick(TICK_S)
        assert says_so(blind.app)
        blind.touch(AgencyChosen("pdam"))
        assert isinstance(blind.screen, Services)
        blind.touch(ON)
        blind.touch(ON)
        assert says_so(blind.app), "it is not tried again for each visitor"
    finally:
        answers.set()
    blind.touch(ON)
    blind.app.clock.advance(RETRY_S)
    blind.app.app._tick(TICK_S)
    blind.switch_on()
    assert not says_so(blind.app)
    assert blind.heard()


def test_an_app_that_stood_still_does_not_lose_its_voice(
    blind: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop of a minute is no silence of the sound card."""
    answers, opened = threading.Event(), Speaker.open
    monkeypatch.setattr(Speaker, "open", lambda self, rate: answers.wait(60) and opened(self, rate))
    blind.touch(ON)
    blind.app.clock.advance(60)
    blind.app.app._tick(TICK_S)
    assert not says_so(blind.app)
    answers.set()
    blind.listen()
    assert blind.heard()


def test_a_mode_that_is_switched_says_so(blind: Listener) -> None:
    blind.switch_on()
    contrast = ModeToggled(Mode.CONTRAST)
    blind.explore(contrast)
    assert blind.explore(contrast) == "Kontras, nyala."
    assert blind.explore(contrast) == "Kontras, mati."


# ── without a voice ──────────────────────────────────────────────────────────────────────


def says_so(app: AppUnderTest) -> bool:
    strip = app.root_view.strip
    return bool(strip.parent) and strip.sentence == "Suara tidak tersedia di mesin ini"


def test_without_espeak_the_mode_says_so_and_touches_act_as_ever(
    context: Make, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    blind = listener(context, settings, tmp_path / "no-log")
    blind.touch(ON)
    assert says_so(blind.app)
    blind.touch(AgencyChosen("disdukcapil"))
    assert isinstance(blind.screen, Services)
    blind.touch(ServiceChosen("ktp-el"))
    blind.app.on(Shown)
    assert len(blind.port.requests) == 1


JAVANESE = {"lang.name": "Basa Jawa", "agency.title": "Pilih instansi", "nav.back": "Wangsul"}


def with_javanese(settings: Settings, **words: str) -> Settings:
    spoken_as = {key.replace("_", "."): text for key, text in words.items()}
    texts = settings.words.by_language
    every = Words.of({**texts, "jv": {**texts["id"], **JAVANESE, **spoken_as}})
    site = replace(settings.catalogue.site, languages=("id", "jv"))
    return replace(settings, words=every, catalogue=replace(settings.catalogue, site=site))


def test_a_language_without_a_voice_says_so_and_the_others_go_on_speaking(
    context: Make, settings: Settings, voice: Path
) -> None:
    blind = listener(context, with_javanese(settings), voice)
    blind.switch_on()
    assert blind.heard()
    blind.explore(LanguageChosen("jv"))
    blind.touch(LanguageChosen("jv"))
    strip = blind.app.root_view.strip
    none = "Belum ada suara untuk bahasa ini"
    blind.app.until(lambda: bool(strip.sentence == none), "the list of voices")
    count = len(blind.heard())
    blind.touch(AgencyChosen("disdukcapil"))
    assert isinstance(blind.screen, Services)
    assert len(blind.heard()) == count, "nothing is said with the voice of another language"
    blind.touch(LanguageChosen("id"))
    blind.listen()
    assert len(blind.heard()) > count


def test_a_language_may_name_the_voice_that_reads_it(
    context: Make, settings: Settings, voice: Path
) -> None:
    blind = listener(context, with_javanese(settings, lang_voice="id"), voice)
    blind.switch_on()
    blind.explore(LanguageChosen("jv"))
    count = len(blind.heard())
    blind.touch(LanguageChosen("jv"))
    blind.listen()
    assert len(blind.heard()) > count
    calls = [json.loads(line) for line in voice.read_text("utf-8").splitlines()]
    assert {call["args"][1] for call in calls} == {"id"}


def test_without_espeak_a_keypad_starts_no_speech(
    context: Make, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    blind = listener(context, settings, tmp_path / "no-log")
    blind.keyboard.down(KEYPAD.down)
    blind.keyboard.up(KEYPAD.down)
    blind.app.frames(3)
    assert blind.app.visit.keypad
    assert blind.app.visit.modes == frozenset()


def test_without_a_sound_device_the_mode_says_so_and_touches_act_as_ever(
    blind: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Speaker, "open", lambda *_: False)
    blind.touch(ON)
    blind.app.until(lambda: says_so(blind.app), "that there is no voice")
    blind.touch(AgencyChosen("disdukcapil"))
    assert isinstance(blind.screen, Services)


SPEAK = """
import array, sys, time
from pathlib import Path
from kiosk.ui import kivy_env
kivy_env.prepare(offscreen=True, windowed=False, size=(320, 240), home=Path(sys.argv[1]))
kivy_env.open_window()
from kiosk.ui.sound import Speaker

def heard(wanted):
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if wanted(array.array("h", Path(sys.argv[1], "heard").read_bytes())):
            return
        time.sleep(0.005)

speaker = Speaker()
print(speaker.open(22050))
if speaker.open(22050):
    speaker.play(array.array("h", [1000] * 10000).tobytes(), 5)
    speaker.play(array.array("h", [2000] * 10000).tobytes(), 5)
    heard(lambda samples: samples.count(1000) > 2000)
    speaker.louder(0)
    heard(lambda samples: samples.count(187) == 10000)
    speaker.play(array.array("h", [3000] * 100000).tobytes(), 5)
    heard(lambda samples: 3000 in samples)
    speaker.stop()
    speaker.play(array.array("h", [4000] * 100).tobytes(), 5)
    heard(lambda samples: samples.count(4000) == 100)
print(speaker.play(bytes(2), 5))
speaker.close()
print(speaker.play(bytes(2), 5))
"""


def speak(folder: Path, driver: str) -> tuple[list[str], array.array[int]]:
    """Use a speaker with one of SDL's drivers; what it answered, and the samples that were heard
    with the driver "disk"."""
    file = folder / "heard"
    file.touch()
    drivers = {"SDL_AUDIODRIVER": driver, "SDL_DISKAUDIOFILE": str(file)}
    done = subprocess.run(
        [sys.executable, "-c", SPEAK, str(folder)],
        capture_output=True,
        text=True,
        env={**os.environ, **drivers, "SDL_DISKAUDIODELAY": "5"},
        check=True,
        cwd=ROOT,
    )
    return done.stdout.split(), array.array("h", file.read_bytes())


def test_a_machine_without_a_sound_device_plays_nothing(tmp_path: Path) -> None:
    answers, _ = speak(tmp_path, "nonsense")
    assert answers == ["False", "False", "False"]


def test_every_sample_is_heard_once_and_a_new_volume_takes_none_away(tmp_path: Path) -> None:
    answers, samples = speak(tmp_path, "disk")
    assert answers == ["True", "True", "False"]
    heard = [(value, len(list(same))) for value, same in groupby(samples) if value]
    volume = int(128 * 10 ** (LEVELS_DB[0] / 20))
    assert [value for value, _ in heard] == [
        1000,
        1000 * volume // 128,
        2000 * volume // 128,
        3000,
        4000,
    ]
    counts = [count for _, count in heard]
    assert counts[0] + counts[1] == 10_000, "the volume changed within the sound"
    assert counts[2] == 10_000, "pieces follow without a gap"
    assert counts[3] < 100_000, "a sound that is stopped ends at once"
    assert counts[4] == 100


def test_a_voice_that_dies_says_so_and_gates_nothing(blind: Listener) -> None:
    blind.switch_on()
    lose_the_voice(blind)
    blind.touch(AgencyChosen("disdukcapil"))
    assert isinstance(blind.screen, Services)


def test_speech_code_is_not_loaded_before_it_is_needed() -> None:
    script = (
        "import sys, tempfile; from pathlib import Path\n"
        "from kiosk.ui import kivy_env\n"
        "kivy_env.prepare(offscreen=True, windowed=False, size=(320, 240),"
        " home=Path(tempfile.mkdtemp()))\n"
        "kivy_env.open_window()\n"
        "import kiosk.app.kiosk_app, kiosk.screens.root_view\n"
        "late = ('kiosk.speech', 'kiosk.app.speech_mode', 'kiosk.widgets.speech_strip',"
        " 'kiosk.widgets.ring', 'kivy.core.audio')\n"
        "print([name for name in late if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.usefixtures("unmeasured")
def test_100_visits_with_speech_leave_nothing_behind(blind: Listener) -> None:
    def visits(count: int) -> int:
        for _ in range(count):
            blind.app.app.dispatch(ON)
            blind.listen()
            blind.app.clock.advance(1)
            blind.app.app.dispatch(ON)
            blind.app.clock.advance(1)
            blind.app.frames(2)
        return sum(1 for _ in blind.app.root_view.walk(restrict=True))

    assert visits(2) == visits(20)
    assert len(blind.speech._speaker._played) == 0, "no sound is kept"


def test_the_end_of_the_app_is_the_end_of_the_voice(blind: Listener) -> None:
    blind.switch_on()
    blind.app.end()
    assert blind.speech is None, "no other voice is begun"


def test_the_end_of_the_list_is_said_when_the_focus_goes_over_it(blind: Listener) -> None:
    blind.press("down")
    count = len(blind.heard())
    assert "Bantuan" in blind.press("up")
    assert blind.heard()[count:][0] == "Akhir daftar."
    count = len(blind.heard())
    blind.press("down")
    assert blind.heard()[count:][0] == "Awal daftar."


def test_an_error_of_a_screen_ends_speech_and_touches_act_as_ever(
    blind: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind.switch_on()

    def broken(*_: object) -> None:
        raise RuntimeError("a screen broke")

    with monkeypatch.context() as patch:
        patch.setattr(blind.app.root_view.view, "fill", broken)
        blind.app.app.dispatch(AgencyChosen("disdukcapil"))
        blind.app.app.dispatch(HelpTapped())
        blind.app.app._failed(RuntimeError("a screen broke"))
    blind.app.until(lambda: not blind.app.visit.modes, "no mode")
    blind.app.until(lambda: blind.app.root_view.steering.voice is None, "no voice")


def test_staff_open_their_pad_and_no_digit_is_said(
    blind: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.widgets.hold.HOLD_S", 0.2)
    blind.switch_on()
    emblem = blind.app.root_view.emblem
    blind.app.clock.advance(2)
    touch = blind.app.fingers.down(*emblem.center)
    blind.app.until(lambda: isinstance(blind.screen, StaffPin), "the pad")
    blind.app.fingers.up(touch, *emblem.center)
    blind.app.frames(3)
    assert blind.app.root_view.strip.parent is None
    count = len(blind.heard())
    for digit in "1234":
        blind.touch(DigitTyped(digit))
    assert isinstance(blind.screen, StaffPin)
    assert blind.screen.typed == "1234"
    assert len(blind.heard()) == count
