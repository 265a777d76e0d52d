"""The words of screens and slips, in every language of the site.

``assets/locale/<language>.json`` holds them as ``{"key": "text with {fields}"}``; a site may
replace any of them in its ``agencies.yaml`` under ``words``. The word for the queue itself is
one of them (``word.queue``), filled in wherever a text says ``{queue}``, ``{Queue}`` or
``{QUEUE}``: one MPP writes *antrean*, another *antrian*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Words:
    """Texts by language and key. ``by_language`` holds language -> key -> text."""

    by_language: Mapping[str, Mapping[str, str]]

    @staticmethod
    def of(by_language: Mapping[str, Mapping[str, str]]) -> Words:
        """Words with the queue's name filled in."""
        filled: dict[str, Mapping[str, str]] = {}
        for language, texts in by_language.items():
            queue = texts.get("word.queue", "")
            filled[language] = MappingProxyType(
                {
                    key: text.replace("{queue}", queue)
                    .replace("{Queue}", queue.capitalize())
                    .replace("{QUEUE}", queue.upper())
                    for key, text in texts.items()
                }
            )
        return Words(MappingProxyType(filled))

    def say(self, language: str, key: str, **fields: object) -> str:
        """The text of ``key`` in ``language``, fields filled in.

        Raises KeyError for a key that no language has: a defect, found by the tests that
        compare the files.
        """
        texts = self.by_language.get(language, {})
        text = texts.get(key)
        if text is None:
            known = [t[key] for t in self.by_language.values() if key in t]
            if not known:
                raise KeyError(key)
            text = known[0]
        for name, value in fields.items():
            text = text.replace("{" + name + "}", str(value))
        return text
