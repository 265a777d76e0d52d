"""``kiosk find`` and ``kiosk words`` as staff type them."""

from __future__ import annotations

import io
import json
import sys
from datetime import date
from pathlib import Path

import pytest

from kiosk.cli import main
from kiosk.search.index import SearchIndex
from kiosk.search.missed import MISSED_FILE, MissedWords
from kiosk.settings.loader import load_settings
from tests.settings.folder import ROOT

Capture = pytest.CaptureFixture[str]
CONFIG = ["--config", str(ROOT / "config")]


def test_find_prints_the_answers_of_the_index_in_their_order(capsys: Capture) -> None:
    index = SearchIndex(load_settings(ROOT / "config", ROOT / "assets").catalogue)
    for words in ("ka te pe", "bayar listrik", "asdfgh"):
        assert main(["find", "--json", words, *CONFIG]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert list(answer) == ["hits"]
        expected = [(h.service, h.agency, h.score) for h in index.find(words)]
        assert [(h["service"], h["agency"], h["score"]) for h in answer["hits"]] == expected


def test_find_in_words_names_services_in_the_language_asked_for(capsys: Capture) -> None:
    assert main(["find", "bikin", "skck", *CONFIG]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split() == ["nilai", "layanan", "nama", "instansi"]
    assert "Surat Keterangan Catatan Kepolisian (SKCK)" in shown[1]
    assert main(["find", "skck", "--lang", "en", *CONFIG]) == 0
    assert "Police record certificate" in capsys.readouterr().out
    assert main(["find", "asdfgh", "--lang", "en", *CONFIG]) == 0
    assert capsys.readouterr().out.startswith("Nothing found")


def test_find_answers_each_line_of_its_input(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("ktp\n\nasdfgh\n"))
    assert main(["find", "--lines", *CONFIG]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [len(a["hits"]) > 0 for a in answers] == [True, False, False]


@pytest.mark.parametrize("args", [["find"], ["find", "--lines", "ktp"]])
def test_find_wants_either_words_or_lines(capsys: Capture, args: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*args, *CONFIG])
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_words_lists_what_was_not_found(capsys: Capture, tmp_path: Path) -> None:
    words = MissedWords(tmp_path / MISSED_FILE)
    for text in ("ijazah", "bansos", "ijazah"):
        words.add(text, date(2026, 11, 27))
    assert main(["words", "--state", str(tmp_path)]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line.split() for line in shown[:3]] == [
        ["kali", "kata", "terakhir"],
        ["2", "ijazah", "2026-11-27"],
        ["1", "bansos", "2026-11-27"],
    ]
    assert main(["words", "--json", "--limit", "1", "--state", str(tmp_path)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer == {"words": [{"words": "ijazah", "count": 2, "last": "2026-11-27"}]}


def test_words_of_a_kiosk_that_never_missed_one_says_so(capsys: Capture, tmp_path: Path) -> None:
    assert main(["words", "--state", str(tmp_path), "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith("No search")
    assert main(["words", "--state", str(tmp_path / "gone"), "--lang", "en"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
