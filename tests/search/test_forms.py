"""Forms of one word share a root, and other words share none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.search.forms import LEAST_ENGLISH, roots


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mengaktifkan", "diaktifkan"),
        ("nyetor", "setoran"),
        ("ngambil", "pengambilan"),
        ("minjam", "pinjaman"),
        ("nunggak", "tunggakan"),
        ("memperpanjang", "perpanjangan"),
        ("dimasukin", "memasukkan"),
        ("kecurian", "nyuri"),
        ("ilang", "hilang"),
        ("dibayarkannya", "pembayaran"),
        ("moving", "moved"),
        ("married", "marry"),
        ("taxes", "tax"),
        ("dropped", "drop"),
    ],
)
def test_forms_of_one_word_share_a_root(one: str, other: str) -> None:
    assert roots(one) & roots(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paspor", "pasar"),
        ("kartu", "karcis"),
        ("pajak", "pijat"),
        ("sim", "simpan"),
        ("tax", "taxi"),
    ],
)
def test_other_words_share_none(one: str, other: str) -> None:
    assert not roots(one) & roots(other)


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=30))
def test_a_word_is_among_its_roots_and_no_root_is_too_short(word: str) -> None:
    found = roots(word)
    assert word in found
    assert all(len(root) >= min(LEAST_ENGLISH, len(word)) for root in found)
