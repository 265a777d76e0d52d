"""The texts of the screens in both languages, and the typeface that draws them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
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
from menu.schedule import Opening, Period, WeeklyHours, Why

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


@pytest.mark.parametrize(
    ("opening", "tile", "title", "text"),
    [
        (
            Opening(Why.NOT_YET, opens=at(0, 10, 0), service_opens=at(0, 10, 30)),
            "Buka 10.30",
            "Pengambilan nomor dibuka pukul 10.00 WITA",
            "Loket mulai melayani pukul 10.30 WITA.",
        ),
        (
            Opening(Why.BREAK, opens=at(0, 13, 0), service_opens=at(0, 13, 0)),
            "Istirahat s.d. 13.00",
            "Istirahat sampai pukul 13.00 WITA",
            "Sesudah itu nomor dapat diambil lagi.",
        ),
        (
            Opening(Why.CUTOFF, opens=at(1, 7, 45), service_opens=at(1, 8)),
            "Buka Rabu 08.15",
            "Pengambilan nomor hari ini sudah ditutup",
            "Buka kembali besok pukul 08.15 WITA.",
        ),
        (
            Opening(Why.NOT_TODAY, opens=at(6, 8), service_opens=at(6, 8), weekdays=(0, 2)),
            "Buka Senin 08.15",
            "Tidak melayani hari ini",
            "Hari layanan: Senin dan Rabu. Buka kembali Senin pukul 08.15 WITA.",
        ),
        (
            Opening(
                Why.HOLIDAY,
                opens=at(9, 8),
                service_opens=at(9, 8),
                reason=LocalText.of(id="Hari Natal", en="Christmas Day"),
            ),
            "Buka 3 Des 08.15",
            "Tutup: Hari Natal",
            "Buka kembali Kamis, 3 Desember pukul 08.15 WITA.",
        ),
        (
            Opening(Why.NEVER),
            "Jadwal belum ada",
            "Jadwal belum ada",
            "Silakan ke meja informasi. Petugas siap membantu Anda.",
        ),
    ],
)
def test_the_texts_of_a_closed_service_give_reason_and_next_opening(
    opening: Opening, tile: str, title: str, text: str
) -> None:
    assert ID.opening_short(opening, NOW) == tile
    texts = ID.opening(opening, NOW)
    assert (texts.title, texts.text) == (title, text)
    assert ID.opening_brief(opening, NOW)
    assert EN.opening(opening, NOW).title


@pytest.mark.parametrize(
    ("why", "opens", "id_", "en"),
    [
        (Why.PAUSED, None, "sementara", "for a while"),
        (Why.CUTOFF, None, "", ""),
        (Why.CUTOFF, at(6, 8), "Buka Senin 08.15", "Opens Monday 08:15"),
        (Why.QUOTA, None, "Nomor hari ini habis", "No numbers left"),
    ],
)
def test_below_the_word_closed_it_is_not_said_again(
    why: Why, opens: datetime | None, id_: str, en: str
) -> None:
    opening = Opening(why, opens=opens)
    assert ID.opening_short(opening, NOW, tagged=True) == id_
    assert EN.opening_short(opening, NOW, tagged=True) == en


def test_an_open_agency_shows_until_when_numbers_are_given() -> None:
    opening = Opening(Why.OPEN, until=at(0, 13, 45))
    assert ID.opening_short(opening, NOW) == ""
    assert ID.open_until(opening) == "nomor sampai 13.45"


def test_a_site_without_a_zone_name_leaves_no_trailing_blank() -> None:
    bare = Phrases(SETTINGS.words, "id", "")
    assert bare.say("state.notyet", time="07.45") == "Pengambilan nomor dibuka pukul 07.45"


def test_a_place_shows_only_its_known_parts() -> None:
    assert ID.place(Place("1", ("19",))) == "Lantai 1 · Loket 19"
    assert EN.place(Place("1", ("01", "02"))) == "Floor 1 · Counter 01, 02"
    assert ID.place(Place("2")) == "Lantai 2"
    assert ID.place(Place()) == ""


def test_a_timetable_joins_equal_days_and_marks_today() -> None:
    long, short = (Period(time(8, 15), time(14)),), (Period(time(8, 15), time(11)),)
    hours = WeeklyHours((long, long, long, long, short, (), ()))
    lines = ID.timetable(hours, date(2026, 11, 24))
    assert [(x.days, x.times, x.today) for x in lines] == [
        ("Senin–Kamis (hari ini)", "08.15–14.00", True),
        ("Jumat", "08.15–11.00", False),
    ]


def test_a_refusal_shows_its_own_text_and_its_end() -> None:
    words = LocalText.of(id="Nomor untuk pagi ini sudah habis.", en="This morning's are given.")
    texts = ID.problem(Problem(Refusal.QUOTA, until=at(0, 12, 0), words=words), NOW)
    assert texts.title == "Nomor untuk pagi ini sudah habis."
    assert texts.text == "Nomor dapat diambil lagi pukul 12.00 WITA."
    assert EN.problem(Problem(Refusal.QUOTA, words=words), NOW).title == "This morning's are given."
    assert ID.problem(Problem(Refusal.QUOTA), NOW) == ID.trouble(Refusal.QUOTA)


ABSENT = LocalText.of(id="Petugas sedang tidak di tempat", en="The counter staff are away")


def test_a_pause_names_the_day_of_the_next_opening_unless_it_is_today() -> None:
    today = Opening(Why.PAUSED, opens=at(0, 10, 30), service_opens=at(0, 10, 30), reason=ABSENT)
    texts = ID.opening(today, NOW)
    assert texts.title == "Tutup sementara sampai pukul 10.30 WITA"
    assert ID.opening_brief(today, NOW) == "Tutup sampai 10.30"
    assert ID.site_closed(today, NOW).text == "Buka kembali hari ini pukul 10.30 WITA."
    monday = Opening(Why.PAUSED, opens=at(6, 7, 45), service_opens=at(6, 8), reason=ABSENT)
    texts = ID.opening(monday, NOW)
    assert texts.title == "Tutup sementara"
    assert texts.text == ("Petugas sedang tidak di tempat. Buka kembali Senin pukul 08.15 WITA.")
    assert ID.opening_brief(monday, NOW) == "Tutup sementara · Buka Senin 08.15"
    assert EN.opening_brief(monday, NOW) == "Temporarily closed · Opens Monday 08:15"
    assert "sudah ditutup" not in ID.site_closed(today, NOW).title


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
