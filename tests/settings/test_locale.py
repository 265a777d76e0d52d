"""The words of screens and slips: the site's own, incomplete and missing languages."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

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
