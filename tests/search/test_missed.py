"""What was searched and not found: counted, bounded, kept over restarts, without persons."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from kiosk.search.missed import MOST_MISSED, MissedWords, kept_words

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Legalisir Ijazah", "legalisir ijazah"),
        ("mau bikin bansos", "bansos"),
        ("  zzz  ", "zzz"),
        ("zz", ""),
        ("mau bikin", ""),
        ("stnk 5 tahun", "stnk 5 tahun"),
        ("6471051234560001", ""),
        ("nik 64 71 05 1234 56 0001", ""),
        ("0812 3456 7890", ""),
        ("wa 08123456789", ""),
        ("kode 1234", ""),
        ("saya@example.com", ""),
        ("saya@rumah", ""),
    ],
)
def test_words_are_kept_and_what_may_name_a_person_is_not(text: str, kept: str) -> None:
    assert kept_words(text) == kept


def test_counts_survive_a_restart_and_are_ranked(tmp_path: Path) -> None:
    path = tmp_path / "missed-words.json"
    for text in ("ijazah", "Ijazah", "bansos", "mau ijazah", "081234567890"):
        MissedWords(path).add(text, TODAY)
    MissedWords(path).add("bansos", TODAY + timedelta(days=1))
    found = MissedWords(path).all()
    assert [(m.words, m.count, m.last.day) for m in found] == [("ijazah", 3, 27), ("bansos", 2, 28)]
    assert "0812" not in path.read_text()


def test_a_full_file_keeps_the_frequent_words_and_still_learns_new_ones(tmp_path: Path) -> None:
    path = tmp_path / "missed-words.json"
    words = MissedWords(path)
    words.add("sering", TODAY)
    words.add("sering", TODAY)
    for i in range(MOST_MISSED + 20):
        words.add(f"kata{i:03d}"[:7].replace("0", "o").replace("1", "i"), TODAY)
    words.add("terbaru", TODAY + timedelta(days=1))
    found = [m.words for m in words.all()]
    assert len(found) <= MOST_MISSED
    assert found[0] == "sering"
    assert "terbaru" in found
    assert path.stat().st_size < 60_000


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "{}",
        "[1]",
        '[{"words": 1, "count": 1, "last": "2026-11-27"}]',
        "[" * 99,
        "[" * 200_000,
    ],
    ids=lambda body: body[:9],
)
def test_a_file_without_a_list_of_counts_is_empty_and_is_replaced(
    tmp_path: Path, body: str
) -> None:
    path = tmp_path / "missed-words.json"
    path.write_text(body)
    assert MissedWords(path).all() == ()
    MissedWords(path).add("ijazah", TODAY)
    assert [m.words for m in MissedWords(path).all()] == ["ijazah"]


def test_a_missing_folder_loses_the_count_without_an_error(tmp_path: Path) -> None:
    words = MissedWords(tmp_path / "gone" / "missed-words.json")
    words.add("ijazah", TODAY)
    assert words.all() == ()
