"""The texts for staff about their settings files, from ``menu/locale``."""

from __future__ import annotations

from pathlib import Path

from menu.texts import load

TEXTS = load(Path(__file__).with_name("locale"))
say = TEXTS.say


def noun(lang: str, key: str) -> str:
    """What a thing is called: ``instansi`` or ``agency``."""
    return say(lang, f"noun.{key}")


def meant(lang: str, word: str | None) -> str:
    """``; maksud Anda 'x'?``, or nothing where there is no guess."""
    return say(lang, "meant", word=word) if word else ""
