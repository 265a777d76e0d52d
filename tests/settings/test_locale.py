"""The vocabulary of screens and slip: complete in both languages, and all that code asks for."""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.domain.delivery import Fault
from kiosk.domain.text import LocalText
from kiosk.errors import SettingsError
from kiosk.settings import load_words
from tests.settings.folder import ASSETS, ROOT

QUEUE = {"queue", "Queue", "QUEUE"}


def _read(language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((ASSETS / "locale" / f"{language}.json").read_text("utf-8"))
    return texts


ID, EN = _read("id"), _read("en")


def _fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w*)\}", text)) - QUEUE


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(ID) == list(EN)


@pytest.mark.parametrize("key", ID)
def test_a_text_is_complete(key: str) -> None:
    assert _fields(ID[key]) == _fields(EN[key])
    for text in (ID[key], EN[key]):
        assert text.strip() == text != ""
        assert not re.search(r"antri|silahkan|Jum'at|[{}]{2}", text)


def test_no_key_is_written_twice() -> None:
    for language in ("id", "en"):
        pairs = json.loads(
            (ASSETS / "locale" / f"{language}.json").read_text("utf-8"), object_pairs_hook=list
        )
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys))


def test_days_months_and_faults_all_have_words() -> None:
    needed = {f"day.{d}" for d in range(7)} | {f"day.short.{d}" for d in range(7)}
    needed |= {f"month.{m}" for m in range(1, 13)} | {f"month.short.{m}" for m in range(1, 13)}
    for fault in Fault:
        needed |= {f"fault.{fault.value}.{part}" for part in ("title", "text", "staff")}
    assert needed <= set(ID)


def _asked_for() -> Iterator[tuple[str, str]]:
    """Keys that code says: (file, key), ``*`` standing for what is filled in at run time."""
    for path in sorted((ROOT / "kiosk").rglob("*.py")):
        if "settings" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "say":
                for argument in node.args[:2]:
                    for key in _keys(argument):
                        yield str(path.relative_to(ROOT)), key
    for path in sorted((ROOT / "kiosk").rglob("*.kv")):
        for key in re.findall(r"""\bsay\(\s*["']([^"']+)["']""", path.read_text(encoding="utf-8")):
            yield str(path.relative_to(ROOT)), key


def _keys(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) and "." in node.value else []
    if isinstance(node, ast.IfExp):
        return _keys(node.body) + _keys(node.orelse)
    if isinstance(node, ast.JoinedStr):
        parts = [p.value if isinstance(p, ast.Constant) else "*" for p in node.values]
        return ["".join(str(p) for p in parts)]
    return []


def test_every_word_that_code_asks_for_is_there() -> None:
    asked = sorted(set(_asked_for()))
    assert len(asked) > 20
    missing = [
        (path, key)
        for path, key in asked
        if not any(re.fullmatch(re.escape(key).replace(r"\*", ".+"), known) for known in ID)
    ]
    assert missing == []


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
