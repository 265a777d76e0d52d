"""The sentences about opening hours in both languages."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from kiosk.ui.opening_phrases import OpeningPhrases
from menu.local_text import LocalText
from menu.schedule import Opening, Period, WeeklyHours, Why
from tests.ui import test_i18n
from tests.ui.test_i18n import NOW, at

ID, EN = OpeningPhrases(test_i18n.ID), OpeningPhrases(test_i18n.EN)


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
    assert ID.short(opening, NOW) == tile
    texts = ID.reason(opening, NOW)
    assert (texts.title, texts.text) == (title, text)
    assert ID.brief(opening, NOW)
    assert EN.reason(opening, NOW).title


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
    assert ID.short(opening, NOW, tagged=True) == id_
    assert EN.short(opening, NOW, tagged=True) == en


def test_an_open_agency_shows_until_when_numbers_are_given() -> None:
    opening = Opening(Why.OPEN, until=at(0, 13, 45))
    assert ID.short(opening, NOW) == ""
    assert ID.until(opening) == "nomor sampai 13.45"


def test_a_timetable_joins_equal_days_and_marks_today() -> None:
    long, short = (Period(time(8, 15), time(14)),), (Period(time(8, 15), time(11)),)
    hours = WeeklyHours((long, long, long, long, short, (), ()))
    lines = ID.timetable(hours, date(2026, 11, 24))
    assert [(x.days, x.times, x.today) for x in lines] == [
        ("Senin–Kamis (hari ini)", "08.15–14.00", True),
        ("Jumat", "08.15–11.00", False),
    ]


ABSENT = LocalText.of(id="Petugas sedang tidak di tempat", en="The counter staff are away")


def test_a_pause_names_the_day_of_the_next_opening_unless_it_is_today() -> None:
    today = Opening(Why.PAUSED, opens=at(0, 10, 30), service_opens=at(0, 10, 30), reason=ABSENT)
    texts = ID.reason(today, NOW)
    assert texts.title == "Tutup sementara sampai pukul 10.30 WITA"
    assert ID.brief(today, NOW) == "Tutup sampai 10.30"
    assert ID.site_closed(today, NOW).text == "Buka kembali hari ini pukul 10.30 WITA."
    monday = Opening(Why.PAUSED, opens=at(6, 7, 45), service_opens=at(6, 8), reason=ABSENT)
    texts = ID.reason(monday, NOW)
    assert texts.title == "Tutup sementara"
    assert texts.text == ("Petugas sedang tidak di tempat. Buka kembali Senin pukul 08.15 WITA.")
    assert ID.brief(monday, NOW) == "Tutup sementara · Buka Senin 08.15"
    assert EN.brief(monday, NOW) == "Temporarily closed · Opens Monday 08:15"
    assert "sudah ditutup" not in ID.site_closed(today, NOW).title
