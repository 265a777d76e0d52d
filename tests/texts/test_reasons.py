"""Every reason for no number, every trouble and every fault, in every language of a site.

Also in languages whose file is incomplete or empty: a visitor reads the text of another language,
never the name of a key, an unfilled field or nothing; and no lookup raises.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.domain.health import PrinterHealth
from kiosk.domain.staff import Pause, PauseReason
from kiosk.domain.staff_call import CallState, StaffCall
from kiosk.domain.ticket import TicketRequest
from kiosk.domain.visit_screens import (
    Problem,
)
from kiosk.domain.words import Words
from kiosk.errors import Refusal
from kiosk.register import pause_words
from kiosk.settings.loader import load_settings
from kiosk.ui.i18n import Phrases, TitleAndText
from kiosk.ui.opening_phrases import OpeningPhrases
from menu.local_text import LocalText
from menu.schedule import Opening, Why

ROOT = Path(__file__).resolve().parents[2]
ZONE = ZoneInfo("Asia/Makassar")
NOW = datetime(2026, 11, 24, 9, 12, tzinfo=ZONE)
SETTINGS = load_settings(ROOT / "config", ROOT / "assets")
SHIPPED = {code: dict(texts) for code, texts in SETTINGS.words.by_language.items()}
PARTIAL = {"lang.name": "Basa Banjar", "state.quota": "Habis sudah", "day.0": "Sanayan"}
WORDS = Words.of({**SHIPPED, "bjn": PARTIAL, "xx": {}})
LANGUAGES = (*SHIPPED, "bjn", "xx")

_FAMILIES = sorted({key.partition(".")[0] for key in SHIPPED["id"]})
_KEY = re.compile(rf"\b({'|'.join(_FAMILIES)})\.[a-z]")
each_language = pytest.mark.parametrize("language", LANGUAGES)
REQUEST = TicketRequest("0" * 36, "5" * 32, "ktp-el", "id", NOW)


def moments() -> tuple[datetime | None, ...]:
    """None, later today, tomorrow, within a week, and further away."""
    later = NOW.replace(hour=13, minute=30)
    return (None, later, *(later + timedelta(days=days) for days in (1, 4, 40)))


def openings(why: Why) -> Iterator[Opening]:
    """Every shape of an opening with that reason."""
    reasons = (None, LocalText.of(id="Hari jadi kota"), LocalText.of(bjn="Libur"))
    for opens, again, reason in product(moments(), moments()[:3], reasons):
        for weekdays in ((), (0, 2, 4)):
            yield Opening(why, opens=opens, service_opens=again, reason=reason, weekdays=weekdays)


def assert_readable(said: str | TitleAndText, of: object) -> None:
    """The visitor reads words: no key, no field, and not nothing."""
    text = said if isinstance(said, str) else said.title
    assert text.strip(), of
    whole = said if isinstance(said, str) else f"{said.title}\n{said.text}"
    assert "{" not in whole, (of, whole)
    assert not _KEY.search(whole), (of, whole)


@each_language
@pytest.mark.parametrize("why", Why)
def test_every_reason_for_being_closed(language: str, why: Why) -> None:
    phrases = OpeningPhrases(Phrases(WORDS, language, "WITA"))
    for opening in openings(why):
        assert_readable(phrases.reason(opening, NOW), opening)
        assert_readable(phrases.brief(opening, NOW), opening)
        assert_readable(phrases.word(opening), opening)
        if why is not Why.OPEN:
            assert_readable(phrases.site_closed(opening, NOW), opening)
        for tagged in (False, True):
            short = phrases.short(opening, NOW, tagged=tagged)
            if short:
                assert_readable(short, opening)


@each_language
@pytest.mark.parametrize("trouble", Refusal)
def test_every_trouble(language: str, trouble: Refusal) -> None:
    phrases = Phrases(WORDS, language, "WITA")
    words = (None, LocalText.of(id="Nomor pagi habis."), LocalText.of(en="No more."))
    for until, own, request in product(moments(), words, (None, REQUEST)):
        for kiosks in (1, 3):
            problem = Problem(trouble, request, until=until, words=own)
            assert_readable(phrases.problem(problem, NOW, kiosks), problem)
    assert_readable(phrases.machine_banner(trouble), trouble)


@each_language
def test_every_fault_pause_and_call(language: str) -> None:
    phrases = Phrases(WORDS, language, "WITA")
    desk = SETTINGS.catalogue.site.desk
    for fault in (None, *Fault):
        assert_readable(phrases.fault(fault), fault)
        health = replace(PrinterHealth(), fault=fault)
        for stopped, large in product((False, True), (False, True)):
            banner = phrases.printer_banner(health, stopped=stopped, large=large)
            if banner:
                assert_readable(banner, fault)
        result = PrintResult(Outcome.NOT_PRINTED, Level.BLIND, fault)
        for copy in (False, True):
            assert_readable(phrases.paper(result, copy=copy), fault)
        assert_readable(phrases.details_slip(result), fault)
    for reason in PauseReason:
        said = WORDS.say(language, f"pause.{reason.value}")
        assert_readable(said, reason)
    for state in CallState:
        call = StaffCall(state, "call-1", NOW if state.open else None)
        for where in (None, desk):
            assert_readable(phrases.desk_or_call(where, call), state)


def test_the_reason_of_a_pause_falls_back_to_another_language() -> None:
    pause = Pause("ktp-el", PauseReason.SYSTEM, NOW, NOW + timedelta(hours=1))
    words = pause_words(WORDS, pause)
    for language in LANGUAGES:
        assert_readable(words.in_(language), language)


def test_a_preview_goes_on_with_an_incomplete_language(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(ROOT / "config", config)
    (config / "locale" / "bjn").mkdir(parents=True)
    lines = "".join(f"{key}: {json.dumps(text)}\n" for key, text in PARTIAL.items())
    (config / "locale" / "bjn" / "words.yaml").write_text(lines, encoding="utf-8")
    menu = config / "agencies.yaml"
    text = menu.read_text(encoding="utf-8")
    assert "languages: [id, en]" in text
    menu.write_text(text.replace("languages: [id, en]", "languages: [id, en, bjn]"), "utf-8")
    out = tmp_path / "out"
    done = subprocess.run(
        [
            *[sys.executable, "-m", "kiosk", "preview", str(config), "--out", str(out)],
            *["--mode", "normal", "--only", "problem-quota*"],
        ],
        capture_output=True,
        text=True,
        timeout=200,
        env=os.environ | {"KIVY_NO_ARGS": "1", "SDL_VIDEODRIVER": "offscreen"},
    )
    assert done.returncode == 0, done.stderr
    pictures = [str(path.relative_to(out)) for path in out.rglob("*.png")]
    by_language = {code: sum(code in one for one in pictures) for code in ("id", "bjn")}
    assert by_language["bjn"] == by_language["id"] > 0, pictures
