"""Text from outside is converted to one code page without control characters, and word-wrapped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import PrinterError
from kiosk.printing.text import CODE_PAGES, MAX_CHARACTERS, codec_of, printable, wrap

ANY_TEXT = st.text(st.characters(), max_size=200)


@pytest.mark.parametrize(
    ("given_text", "seen"),
    [
        ("Café – “Kartu”… ‘A’ — B", "Café - \"Kartu\"... 'A' - B"),
        ("Jl. Jend. Sudirman\u00a0No.\u202f1", "Jl. Jend. Sudirman No. 1"),
        ("e\u0301", "é"),
        ("Hasǧan Łódź œuvre", "Hasgan Lódz oeuvre"),
        ("½ ﬁle №", "½ file No"),
        ("a\x1b@b\x10\x04\x01c\r\nd\u2028e\u2029f\x7fg", "a @b c d e f g"),
        ("\u202eevil\u202c \u2067x\u2069", "evil x"),
        ("zero\u200bwidth\ufeff so\u00adft", "zerowidth soft"),
        ("سجل مدني", "??? ????"),
        ("👩‍👧 keluarga 👍🏽", "?? keluarga ?"),
        ("   ", ""),
    ],
)
def test_each_kind_of_character_becomes_printable(given_text: str, seen: str) -> None:
    assert printable(given_text, "CP858") == seen


@given(ANY_TEXT, st.sampled_from(sorted(CODE_PAGES)))
def test_every_character_is_one_printable_byte(text: str, page: str) -> None:
    encoded = printable(text, page).encode(codec_of(page))
    assert len(encoded) == len(printable(text, page))
    assert all(byte >= 0x20 and byte != 0x7F for byte in encoded)


@given(ANY_TEXT)
def test_printable_text_is_not_changed(text: str) -> None:
    once = printable(text, "CP858")
    assert printable(once, "CP858") == once


def test_a_very_long_text_is_shortened_with_an_ellipsis() -> None:
    shortened = printable("x" * 10_000, "CP858")
    assert len(shortened) == MAX_CHARACTERS
    assert shortened.endswith("...")


def test_an_unknown_code_page_is_refused_with_its_name() -> None:
    with pytest.raises(PrinterError, match="KOI8"):
        printable("x", "KOI8")


@given(
    st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=60), max_size=20),
    st.integers(1, 48),
    st.booleans(),
)
def test_wrapping_keeps_all_letters_within_the_columns(
    words: list[str], columns: int, balanced: bool
) -> None:
    lines = wrap(" ".join(words), columns, balanced=balanced)
    assert "".join(lines).replace(" ", "") == "".join(words)
    assert all(0 < len(line) <= columns for line in lines)


@given(st.lists(st.text("ab", min_size=1, max_size=9), min_size=1, max_size=20))
def test_words_that_fit_are_never_broken(words: list[str]) -> None:
    for balanced in (True, False):
        lines = wrap(" ".join(words), 12, balanced=balanced)
        assert " ".join(lines).split(" ") == words


def test_lines_of_a_centred_paragraph_have_similar_lengths() -> None:
    name = "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu Provinsi Kalimantan Timur"
    assert wrap(name, 48, balanced=True) == [
        "Dinas Penanaman Modal dan Pelayanan Terpadu",
        "Satu Pintu Provinsi Kalimantan Timur",
    ]
    assert wrap(name, 32, balanced=True) == [
        "Dinas Penanaman Modal dan",
        "Pelayanan Terpadu Satu Pintu",
        "Provinsi Kalimantan Timur",
    ]


def test_a_separating_dot_does_not_end_or_begin_a_line() -> None:
    assert wrap("Lantai 1 · Loket 19", 16, balanced=True) == ["Lantai 1", "Loket 19"]
    assert wrap("Lantai 1 · Loket 19", 9) == ["Lantai 1", "Loket 19"]
    assert wrap("Lantai 1 · Loket 19", 24) == ["Lantai 1 · Loket 19"]


def test_two_centred_lines_break_after_a_sentence_that_is_long_enough() -> None:
    hint = "Nomor terlewat? Hubungi petugas loket. Berlaku hari ini saja."
    assert wrap(hint, 57, balanced=True) == [
        "Nomor terlewat? Hubungi petugas loket.",
        "Berlaku hari ini saja.",
    ]
    assert wrap(hint, 57) != wrap(hint, 57, balanced=True)
    assert wrap(hint, 64, balanced=True) == [hint]
    street = "Jl. Ruhui Rahayu 1 RT.08 No.9, Sepinggan Baru, Balikpapan Selatan"
    assert wrap(street, 64, balanced=True)[0] != "Jl."
    assert len(wrap(hint, 25, balanced=True)) == 3
