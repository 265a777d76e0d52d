"""The format of translations: fields, variants, fallback, damaged and incomplete languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from menu.texts import Texts, completed, load, read

TEXTS = Texts(
    {
        "en": {"hello": "Hello {name}", "rows": "{n} rows", "rows#1": "1 row", "only": "English"},
        "id": {"hello": "Halo {name}", "rows": "{n} baris"},
        "jv": {"hello": "Sugeng {name}"},
    }
)


class Error:
    def in_(self, language: str) -> str:
        return {"id": "kertas habis", "en": "out of paper"}[language]


def test_fields_are_filled_in() -> None:
    assert TEXTS.say("id", "hello", name="Sri") == "Halo Sri"


def test_a_value_with_braces_is_not_filled_in_again() -> None:
    assert TEXTS.say("en", "hello", name="{n} {0} {", n=4) == "Hello {n} {0} {"


def test_a_field_without_a_value_stays_as_it_is() -> None:
    assert TEXTS.say("en", "hello") == "Hello {name}"
    assert TEXTS.say("en", "hello", other=1) == "Hello {name}"


def test_a_value_that_has_languages_is_written_in_the_text_s_language() -> None:
    assert TEXTS.say("id", "hello", name=Error()) == "Halo kertas habis"
    assert TEXTS.say("en", "hello", name=Error()) == "Hello out of paper"


@pytest.mark.parametrize(("n", "said"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows")])
def test_a_variant_is_for_exactly_its_number(n: int, said: str) -> None:
    assert TEXTS.say("en", "rows", n=n) == said


def test_a_language_without_variants_needs_none() -> None:
    assert TEXTS.say("id", "rows", n=1) == "1 baris"


def test_an_incomplete_language_takes_what_it_lacks_from_the_next_one() -> None:
    assert TEXTS.say("jv", "hello", name="Sri") == "Sugeng Sri"
    assert TEXTS.say("jv", "rows", n=1) == "1 baris"
    assert TEXTS.say("jv", "only") == "English"
    assert TEXTS.say("xx", "hello", name="Sri") == "Halo Sri"


def test_a_key_that_no_language_has_is_shown_and_raises_nothing() -> None:
    assert TEXTS.say("id", "no.such.key", n=1) == "no.such.key"
    assert Texts({}).say("id", "no.such.key") == "no.such.key"


def test_the_variants_of_a_key_are_completed_with_the_key() -> None:
    english, indonesian = TEXTS.by_language["en"], TEXTS.by_language["id"]
    assert "rows#1" not in completed(indonesian, english)
    assert completed({}, english) == english


def _folder(path: Path, **texts: object) -> Path:
    for language, of_it in texts.items():
        (path / f"{language}.json").write_text(json.dumps(of_it), "utf-8")
    return path


def test_a_language_is_added_by_a_file(tmp_path: Path) -> None:
    folder = _folder(tmp_path, en={"a": "A"}, id={"a": "I"}, bjn={"a": "B"}, ban={})
    texts = load(folder)
    assert texts.languages == ("id", "en", "ban", "bjn")
    assert [texts.say(language, "a") for language in texts.languages] == ["I", "A", "I", "B"]


@pytest.mark.parametrize("damaged", [b"", b"{", b"[1]", b'{"a": 1}', b"\xff", b"[" * 100_000])
def test_a_damaged_file_leaves_the_other_languages(tmp_path: Path, damaged: bytes) -> None:
    folder = _folder(tmp_path, id={"a": "I"})
    (folder / "en.json").write_bytes(damaged)
    assert load(folder).say("en", "a") == "I"
    with pytest.raises(ValueError, match=r".+"):
        read(folder / "en.json")
