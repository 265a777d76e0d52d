"""The texts of the screens in both languages, and the typeface that draws them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.domain.health import PrinterHealth
from kiosk.domain.visit_screens import (
    Problem,
)
from kiosk.errors import Refusal
from kiosk.settings.loader import load_settings
from kiosk.typeface import read_face
from kiosk.ui.i18n import Phrases
from kiosk.ui.theme import FONTS, face
from menu.catalogue import Place
from menu.local_text import LocalText

ROOT = Path(__file__).parents[2]
ZONE = ZoneInfo("Asia/Makassar")
NOW = datetime(2026, 11, 24, 9, 12, tzinfo=ZONE)
SETTINGS = load_settings(ROOT / "config", ROOT / "assets")
ID = Phrases(SETTINGS.words, "id", "WITA")
EN = Phrases(SETTINGS.words, "en", "WITA")


def at(days: int, hour: int, minute: int = 15) -> datetime:
    return (NOW + timedelta(days=days)).replace(hour=hour, minute=minute)


def test_dates_and_times_are_formatted_for_the_language() -> None:
    assert ID.date_long(NOW.date()) == "Selasa, 24 November"
    assert EN.date_long(NOW.date()) == "Tuesday, 24 November"
    assert ID.date_brief(NOW.date()) == "Sel, 24 Nov"
    assert (ID.time(time(8, 15)), EN.time(time(8, 15))) == ("08.15", "08:15")


@pytest.mark.parametrize(
    ("days", "id_", "en"),
    [
        (0, "hari ini", "today"),
        (1, "besok", "tomorrow"),
        (2, "Kamis", "Thursday"),
        (6, "Senin", "Monday"),
        (7, "Selasa, 1 Desember", "Tuesday, 1 December"),
    ],
)
def test_a_day_is_named_relative_to_today(days: int, id_: str, en: str) -> None:
    assert ID.day(at(days, 8), NOW) == id_
    assert EN.day(at(days, 8), NOW) == en


def test_a_site_without_a_zone_name_leaves_no_trailing_blank() -> None:
    bare = Phrases(SETTINGS.words, "id", "")
    assert bare.say("state.notyet", time="07.45") == "Pengambilan nomor dibuka pukul 07.45"


def test_a_place_shows_only_its_known_parts() -> None:
    assert ID.place(Place("1", ("19",))) == "Lantai 1 · Loket 19"
    assert EN.place(Place("1", ("01", "02"))) == "Floor 1 · Counter 01, 02"
    assert ID.place(Place("2")) == "Lantai 2"
    assert ID.place(Place()) == ""


def test_a_refusal_shows_its_own_text_and_its_end() -> None:
    words = LocalText.of(id="Nomor untuk pagi ini sudah habis.", en="This morning's are given.")
    texts = ID.problem(Problem(Refusal.QUOTA, until=at(0, 12, 0), words=words), NOW)
    assert texts.title == "Nomor untuk pagi ini sudah habis."
    assert texts.text == "Nomor dapat diambil lagi pukul 12.00 WITA."
    assert EN.problem(Problem(Refusal.QUOTA, words=words), NOW).title == "This morning's are given."
    assert ID.problem(Problem(Refusal.QUOTA), NOW) == ID.trouble(Refusal.QUOTA)


@pytest.mark.parametrize("phrases", [ID, EN])
def test_every_refusal_and_fault_has_a_text(phrases: Phrases) -> None:
    for trouble in Refusal:
        texts = phrases.trouble(trouble)
        assert texts.title
        assert texts.text
    for fault in Fault:
        health = PrinterHealth(fault=fault)
        for stopped in (True, False):
            assert phrases.fault(fault) in phrases.printer_banner(health, stopped=stopped)
    assert phrases.printer_banner(PrinterHealth(held=True), stopped=False)
    assert phrases.printer_banner(PrinterHealth(), stopped=False) == ""


def test_the_result_of_the_slip_is_worded_for_visitors() -> None:
    out = PrintResult(Outcome.NOT_PRINTED, Level.STATUS, Fault.PAPER_OUT)
    texts = ID.paper(out, copy=False)
    assert texts.title == "Tiket tidak tercetak: kertas habis"
    assert "Catat atau foto nomor ini" in texts.text
    sure = PrintResult(Outcome.PRINTED, Level.PROCESS_ID)
    assert "Salinan" in ID.paper(sure, copy=True).title
    assert ID.paper(None, copy=False).title == "Sedang mencetak tiket"


def test_the_site_s_spelling_antrean_is_used() -> None:
    assert "antrean" in ID.say("done.number")


# ── colours and typeface ─────────────────────────────────────────────────────────────────


def test_all_weights_have_the_same_capitals_and_characters() -> None:
    assert face().cap_height == pytest.approx(0.668)
    weights = [read_face(FONTS[w]) for w in ("regular", "semibold", "bold", "black")]
    assert len({w.cap_height for w in weights}) == 1
    assert len({w.characters for w in weights}) == 1


def test_the_typeface_has_all_characters_of_the_texts() -> None:
    for texts in SETTINGS.words.by_language.values():
        for key, text in texts.items():
            assert face().readable(text) == " ".join(text.split()), key


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("Kantor 🏛️ Pajak", "Kantor Pajak"),
        ("\u202eRekam KTP\u202c", "Rekam KTP"),
        ("Dua\nbaris\tdan\x00nol\x07", "Dua baris dannol"),
        ("Vital e\u0301", "Vital é"),
        ("ﬁnal", "final"),
        ("Банк", "?"),
        ("", ""),
    ],
)
def test_characters_missing_in_the_typeface_are_replaced_or_dropped(name: str, drawn: str) -> None:
    assert face().readable(name) == drawn


def test_an_invalid_font_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.ttf"
    path.write_bytes(b"no font")
    with pytest.raises(ValueError, match=r"x\.ttf"):
        read_face(path)


@pytest.mark.parametrize(
    ("weight", "slashed"), [("regular", True), ("bold", True), ("black", False)]
)
def test_large_figures_have_a_plain_zero_and_running_text_a_slashed_one(
    weight: str, slashed: bool
) -> None:
    from PIL import Image, ImageDraw, ImageFont

    from kiosk.ui.theme import FONTS

    font = ImageFont.truetype(str(FONTS[weight]), 400)
    picture = Image.new("L", (600, 600), 0)
    ImageDraw.Draw(picture).text((100, 100), "0", font=font, fill=255)
    left, top, right, bottom = picture.getbbox() or (0, 0, 0, 0)
    middle = picture.getpixel(((left + right) // 2, (top + bottom) // 2))
    assert (middle == 255) is slashed
    assert picture.getpixel((left + 5, (top + bottom) // 2)) == 255, "no stroke at the left edge"
