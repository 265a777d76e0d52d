"""Written text to spoken words: every form that the screens and the menu write."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.details_slip import parts
from kiosk.settings.loader import load_settings
from kiosk.speech.numerals import english, figures, indonesian
from kiosk.speech.words import RULES, spoken

ROOT = Path(__file__).parents[2]

INDONESIAN = {
    "14.00": "pukul empat belas.",
    "pukul 14.00": "pukul empat belas.",
    "Pukul 14.00 WITA": "pukul empat belas waktu Indonesia tengah.",
    "08.15": "pukul delapan lewat lima belas menit.",
    "00.05": "pukul nol lewat lima menit.",
    "08.15–14.00": "pukul delapan lewat lima belas menit sampai pukul empat belas.",
    "08.15-14.00, 15.00–16.30": "pukul delapan lewat lima belas menit sampai pukul empat belas, "
    "pukul lima belas sampai pukul enam belas lewat tiga puluh menit.",
    "Buka Senin 08.15": "Buka Senin pukul delapan lewat lima belas menit.",
    "Istirahat s.d. 13.00": "Istirahat sampai dengan pukul tiga belas.",
    "nomor sampai 13.45": "nomor sampai pukul tiga belas lewat empat puluh lima menit.",
    "Senin–Jumat: 08.15–14.00": "Senin sampai Jumat, pukul delapan lewat lima belas menit sampai "
    "pukul empat belas.",
    "Buka lagi Senin, 30 November, pukul 08.15 WITA": "Buka lagi Senin, tiga puluh November, pukul "
    "delapan lewat lima belas menit waktu Indonesia tengah.",
    "027": "nol dua tujuh.",
    "DK-027": "de ka, nol dua tujuh.",
    "A-007": "a, nol nol tujuh.",
    "DKC-B003": "de ka ce be, nol nol tiga.",
    "Nomor DK-007 dibatalkan": "Nomor de ka, nol nol tujuh dibatalkan.",
    "Jl. Sudirman": "jalan Sudirman.",
    "Jln. A. Yani No. 12, Kel. Gunung Sari, Kec. Kota": "jalan A. Yani nomor dua belas, kelurahan "
    "Gunung Sari, kecamatan Kota.",
    "Lantai 1 · Loket 03": "Lantai satu, Loket nol tiga.",
    "Loket 01, 02": "Loket nol satu, nol dua.",
    "12 menunggu": "dua belas menunggu.",
    "99+ antre": "lebih dari sembilan puluh sembilan antre.",
    "sekitar 40–50 menit": "sekitar empat puluh sampai lima puluh menit.",
    "sekitar 2–2,5 jam": "sekitar dua sampai dua koma lima jam.",
    "1,25 km": "satu koma dua lima km.",
    "sisa kuota: 138": "sisa kuota, seratus tiga puluh delapan.",
    "Rp50.000": "lima puluh ribu rupiah.",
    "Rp 1.250.000": "satu juta dua ratus lima puluh ribu rupiah.",
    "1.234 orang": "seribu dua ratus tiga puluh empat orang.",
    "Pajak 5%": "Pajak lima persen.",
    "Lansia (60 tahun ke atas)": "Lansia, enam puluh tahun ke atas.",
    "Telepon atau WhatsApp: 0811-5555-123": "Telepon atau wotsap, nol delapan satu satu, lima lima "
    "lima lima, satu dua tiga.",
    "+62 811 5555 123": "plus enam dua, delapan satu satu, lima lima lima lima, satu dua tiga.",
    "NIK 6471012345678901": "nik enam empat tujuh satu nol satu dua tiga empat lima enam tujuh "
    "delapan sembilan nol satu.",
    "KTP, KK, akta": "ka te pe, ka ka, akta.",
    "BPJS Kesehatan": "be pe je es Kesehatan.",
    "ATR/BPN": "a te er be pe en.",
    "TUTUP": "tutup.",
    "SALINAN": "salinan.",
    "SIM": "sim.",
    "IMB": "i em be.",
    "KUA": "ka u a.",
    "UU & PP": "u u dan pe pe.",
    "Perlu didahulukan? Sentuh yang sesuai": "Perlu didahulukan? Sentuh yang sesuai.",
    "Saya mau mengurus …": "Saya mau mengurus.",
    "Sentuh “Coba lagi”.": "Sentuh Coba lagi.",
    "Tulis\nbaris dua": "Tulis, baris dua.",
    "e-Court": "i kort.",
    "Halaman 1 dari 2": "Halaman satu dari dua.",
    "2 / 3": "dua tiga.",
    "UKL-UPL": "u ka el u pe el.",
    "": "",
    "…": "",
    "--": "",
}

ENGLISH = {
    "14:00": "two p m.",
    "08:15": "eight fifteen a m.",
    "10:05": "ten oh five a m.",
    "12:00": "twelve p m.",
    "00:30": "twelve thirty a m.",
    "08:15–14:00": "eight fifteen a m to two p m.",
    "Tickets until 10:45": "Tickets until ten forty five a m.",
    "DK-027": "D K, zero two seven.",
    "027": "zero two seven.",
    "Floor 2 · Counter 22": "Floor two, Counter twenty two.",
    "about 2–2.5 hours": "about two to two point five hours.",
    "138 left": "one hundred and thirty eight left.",
    "1,250 people": "one thousand two hundred and fifty people.",
    "99+ waiting": "more than ninety nine waiting.",
    "Jl. Sudirman No. 1": "jalan Sudirman number one.",
    "KTP": "K T P.",
    "CLOSED": "closed.",
    "Need priority? Touch what applies": "Need priority? Touch what applies.",
    "14:00 WITA": "two p m Central Indonesian time.",
}


@pytest.mark.parametrize("text", INDONESIAN)
def test_indonesian(text: str) -> None:
    assert spoken(text, "id") == INDONESIAN[text]


@pytest.mark.parametrize("text", ENGLISH)
def test_english(text: str) -> None:
    assert spoken(text, "en") == ENGLISH[text]


def test_every_minute_of_the_day_is_said_in_words() -> None:
    for hour in range(24):
        for minute in range(60):
            said = spoken(f"{hour:02}.{minute:02}", "id")
            assert said.startswith(f"pukul {indonesian(hour)}")
            assert (f"lewat {indonesian(minute)} menit" in said) is bool(minute)
            assert re.fullmatch(r"[a-z ]+ [ap] m\.", spoken(f"{hour:02}:{minute:02}", "en"))


@pytest.mark.parametrize("letters", ["A", "DK", "DKC", "ZZZ"])
def test_every_number_is_said_letter_by_letter_and_figure_by_figure(letters: str) -> None:
    for count in (1, 7, 10, 27, 100, 345, 999, 1000):
        said = spoken(f"{letters}-{count:03}", "id")
        assert said.rstrip(".").endswith(figures(f"{count:03}", indonesian))
        assert len(said.split(",")[0].split()) == len(letters)


def test_numerals() -> None:
    known = {
        0: ("nol", "zero"),
        10: ("sepuluh", "ten"),
        11: ("sebelas", "eleven"),
        19: ("sembilan belas", "nineteen"),
        20: ("dua puluh", "twenty"),
        21: ("dua puluh satu", "twenty one"),
        100: ("seratus", "one hundred"),
        101: ("seratus satu", "one hundred and one"),
        111: ("seratus sebelas", "one hundred and eleven"),
        999: ("sembilan ratus sembilan puluh sembilan", "nine hundred and ninety nine"),
        1000: ("seribu", "one thousand"),
        1100: ("seribu seratus", "one thousand one hundred"),
        2026: ("dua ribu dua puluh enam", "two thousand and twenty six"),
        11000: ("sebelas ribu", "eleven thousand"),
        1_000_000: ("satu juta", "one million"),
    }
    for number, (in_id, in_en) in known.items():
        assert (indonesian(number), english(number)) == (in_id, in_en)
    for cardinal in (indonesian, english):
        assert len({cardinal(n) for n in range(10_000)}) == 10_000


@given(st.text(max_size=60), st.sampled_from(["id", "en", "jv", "zh"]))
def test_no_text_is_markup_an_option_or_phonemes(text: str, language: str) -> None:
    said = spoken(text, language)
    assert not set(said) & set('<>[]{}()-=+/\\|&%$#@*_^~`"\n\r\t\0')
    assert not (language in RULES and re.search(r"[0-9]", said))
    assert "  " not in said
    assert said == "" or said[-1] in ".?!"


@given(st.text(alphabet="[]'\"-<>0123456789.,:AK \n", max_size=40))
def test_brackets_of_a_text_never_reach_the_voice(text: str) -> None:
    assert not set("[]") & set(spoken(text, "id", {"loket": "[[l'okEt]]"}))


def test_speak_mends_whole_words_in_any_case() -> None:
    mend = {"loket": "[[l'okEt]]", "Bankaltimtara": "Bank  Kaltim\ntara", "JHT": "jaminan hari tua"}
    assert spoken("Loket 3", "id", mend) == "[[l'okEt]] tiga."
    assert spoken("Peloketan", "id", mend) == "Peloketan."
    assert spoken("BANKALTIMTARA buka", "id", mend) == "Bank Kaltim tara buka."
    assert spoken("Klaim JHT (JHT)", "id", mend) == "Klaim jaminan hari tua, jaminan hari tua."


def test_the_longest_written_form_is_mended_first() -> None:
    mend = {"Bank": "benk", "Bank Kaltim": "bank kaltimtara"}
    assert spoken("Bank Kaltim", "id", mend) == "bank kaltimtara."


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_text_of_the_menu_and_of_the_screens_has_words(language: str) -> None:
    settings = load_settings(ROOT / "config", ROOT / "assets")
    texts = list(settings.words.by_language[language].values())
    for found in settings.catalogue.services():
        texts += [
            t.in_(language)
            for t in (
                found.agency.name,
                found.agency.short,
                found.agency.hint,
                found.service.name,
                *chain.from_iterable(part.texts for part in parts(found.service)),
            )
        ]
    for text in texts:
        said = spoken(text, language)
        assert not re.search(r"[0-9\[\]<>_]", said), text
        if re.search(r"[A-Za-z0-9]", re.sub(r"\{\w+\}", "", text)):
            assert said, text
