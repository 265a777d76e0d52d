"""The words of screens and slips, in every language of the site.

They are the texts of ``assets/locale`` (the format: ``menu/texts.py``); a site may replace any of
them in its ``agencies.yaml`` under ``words``. The word for the queue itself is one of them
(``word.queue``), filled in wherever a text says ``{queue}``, ``{Queue}`` or ``{QUEUE}``: one MPP
writes *antrean*, another *antrian*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from menu.texts import Texts


@dataclass(frozen=True)
class Words(Texts):
    """Texts by language and key."""

    @staticmethod
    def of(by_language: Mapping[str, Mapping[str, str]]) -> Words:
        """Words with the queue's name filled in; fallback in the order of ``by_language``."""
        filled: dict[str, Mapping[str, str]] = {
            language: MappingProxyType(with_queue(texts)) for language, texts in by_language.items()
        }
        return Words(MappingProxyType(filled), tuple(filled))


def with_queue(texts: Mapping[str, str]) -> dict[str, str]:
    """``texts`` of one language with its word for the queue in place of the fields."""
    queue = texts.get("word.queue", "")
    return {
        key: text.replace("{queue}", queue)
        .replace("{Queue}", queue.capitalize())
        .replace("{QUEUE}", queue.upper())
        for key, text in texts.items()
    }
