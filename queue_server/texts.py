"""The server's texts, from ``queue_server/locale`` (the format: ``menu/texts.py``)."""

from __future__ import annotations

from pathlib import Path

from menu.texts import load

TEXTS = load(Path(__file__).parent / "locale")
say = TEXTS.say
LOG_LANGUAGE = "en"


def in_all_languages(key: str) -> dict[str, str]:
    """The text of ``key`` by language."""
    return {language: say(language, key) for language in TEXTS.languages}
