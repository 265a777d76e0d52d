"""The words of screens and slips: the site's own, incomplete and missing languages."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from kiosk.domain.words import Words
from kiosk.errors import SettingsError
from kiosk.settings import load_words
from menu.local_text import LocalText
from tests.settings.folder import ASSETS


def _read(language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((ASSETS / "locale" / f"{language}.json").read_text("utf-8"))
    return texts


ID = _read("id")


def test_words_are_loaded_with_the_site_s_own_in_place() -> None:
    words = load_words(ASSETS, ("id", "en"), {"word.queue": LocalText.of(id="antrian", en="queue")})
    assert words.say("id", "done.number") == "Nomor antrian Anda"
    assert words.say("en", "slip.head") == "QUEUE NUMBER"


def test_a_language_that_lacks_texts_gets_them_from_the_others(tmp_path: Path) -> None:
    shutil.copytree(ASSETS / "locale", tmp_path / "locale")
    (tmp_path / "locale" / "jv.json").write_text('{"nav.back": "Mbalik"}', "utf-8")
    words = load_words(tmp_path, ("jv",))
    assert words.say("jv", "nav.back") == "Mbalik"
    assert {words.say("jv", key) for key in ID} >= {"Beranda", "Nomor antrean Anda", "Senin"}


def test_a_language_without_a_file_is_an_error() -> None:
    with pytest.raises(SettingsError) as caught:
        load_words(ASSETS, ("id", "xx"), lang="en")
    assert caught.value.problems == (f"{Path(ASSETS)}/locale/xx.json:1:1: the file is missing",)


def test_writing_from_right_to_left_is_refused_in_plain_words(tmp_path: Path) -> None:
    shutil.copytree(ASSETS / "locale", tmp_path / "locale")
    for code, text in (
        ("ar", "\u0645\u0631\u062d\u0628\u0627"),
        ("he", "\u05e9\u05dc\u05d5\u05dd"),
    ):
        (tmp_path / "locale" / f"{code}.json").write_text(json.dumps({"nav.back": text}), "utf-8")
        with pytest.raises(SettingsError) as caught:
            load_words(tmp_path, ("id", code))
        (problem,) = caught.value.problems
        assert problem.endswith("tulisan dari kanan ke kiri belum dapat ditampilkan")


RUSSIAN = (
    "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20)"
    " ? 1 : 2);"
)


def test_a_language_with_three_plural_forms(tmp_path: Path) -> None:
    shutil.copytree(ASSETS / "locale", tmp_path / "locale")
    texts = {
        "lang.plural": RUSSIAN,
        "service.waiting": "{n}",
        "service.waiting#0": "Никого",
        "service.waiting#form0": "{n} человек ждёт",
        "service.waiting#form1": "{n} человека ждут",
        "service.waiting#form2": "{n} человек ждут",
    }
    (tmp_path / "locale" / "ru.json").write_text(json.dumps(texts), "utf-8")
    words = load_words(tmp_path, ("ru", "id"))
    said = {n: words.say("ru", "service.waiting", n=n) for n in (0, 1, 2, 5, 11, 21, 22, 112)}
    assert said == {
        0: "Никого",
        1: "1 человек ждёт",
        2: "2 человека ждут",
        5: "5 человек ждут",
        11: "11 человек ждут",
        21: "21 человек ждёт",
        22: "22 человека ждут",
        112: "112 человек ждут",
    }
    assert words.say("id", "service.waiting", n=21) == "21 menunggu"


@pytest.mark.parametrize(
    "rule", ["", "n+", "__import__('os')", "n/0", "n%(n-5)", "n" * 2000, "(" * 500]
)
def test_a_bad_plural_expression_is_an_error_of_its_file(tmp_path: Path, rule: str) -> None:
    shutil.copytree(ASSETS / "locale", tmp_path / "locale")
    (tmp_path / "locale" / "ru.json").write_text(json.dumps({"lang.plural": rule}), "utf-8")
    with pytest.raises(SettingsError) as caught:
        load_words(tmp_path, ("ru", "id"))
    (problem,) = caught.value.problems
    assert "ru.json" in problem
    assert "lang.plural" in problem


def test_a_plural_rule_that_fails_for_a_large_number_gives_the_plain_text() -> None:
    rule = "nplurals=3; plural=n>500 ? n/0 : 0"
    words = Words.of({"jv": {"lang.plural": rule, "rows": "{n} larik", "rows#form0": "{n} l"}})
    assert words.say("jv", "rows", n=2) == "2 l"
    assert words.say("jv", "rows", n=501) == "501 larik"
