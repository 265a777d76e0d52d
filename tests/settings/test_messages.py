"""The message table: complete in both languages, nothing in it unused, nothing missing."""

from __future__ import annotations

import ast
import re

import pytest

from kiosk.settings import messages
from menu.texts import placeholders
from tests.settings.folder import ROOT

ENGLISH, INDONESIAN = (messages.TEXTS.by_language[language] for language in ("en", "id"))
TABLE = list(INDONESIAN)
SOURCES = sorted((ROOT / "kiosk" / "settings").glob("*.py"))


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(ENGLISH) == TABLE


@pytest.mark.parametrize("key", TABLE)
def test_both_languages_name_the_same_fields(key: str) -> None:
    indonesian, english = INDONESIAN[key], ENGLISH[key]
    assert placeholders(indonesian) == placeholders(english)
    assert indonesian.strip() == indonesian
    assert english.strip() == english


def _strings_in_code() -> set[str]:
    """Every text in the code of the settings, the table itself aside."""
    found: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_no_message_is_unused() -> None:
    code = "".join(p.read_text(encoding="utf-8") for p in SOURCES if p.name != "messages.py")
    made = {f"{name}.double" for name in ("code", "prefix", "popular")}
    made |= {key for key in TABLE if key.startswith("noun.")}
    assert {key for key in TABLE if f'"{key}"' not in code and key not in made} == {"meant"}


def test_no_message_is_missing() -> None:
    groups = {key.split(".")[0] for key in TABLE}
    looks_like_a_key = re.compile(rf"({'|'.join(groups)})\.[a-z_]+")
    # "word.queue" belongs to the vocabulary, "kiosk.yaml" and the like are files.
    used = {text for text in _strings_in_code() if looks_like_a_key.fullmatch(text)}
    assert {u for u in used if not u.endswith((".yaml", ".json"))} <= set(TABLE)


def test_a_value_with_braces_is_shown_as_it_is() -> None:
    assert messages.say("en", "icon", value="{0} {x}") == "there is no icon '{0} {x}'"
