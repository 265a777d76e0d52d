"""Texts in the site's languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class LocalText:
    """One text, in one or more languages.

    ``by_language`` maps a language code (``id``, ``en``) to the text; the key ``""``
    holds a text that is the same in every language.
    """

    by_language: Mapping[str, str]

    @staticmethod
    def same(text: str) -> LocalText:
        """A text that reads the same in every language."""
        return LocalText(MappingProxyType({"": text}))

    @staticmethod
    def of(**by_language: str) -> LocalText:
        """A text by language: ``LocalText.of(id="Loket", en="Counter")``."""
        return LocalText(MappingProxyType(dict(by_language)))

    def in_(self, language: str) -> str:
        """The text in ``language``, else the common one, else the first there is."""
        texts = self.by_language
        if language in texts:
            return texts[language]
        if "" in texts:
            return texts[""]
        return next(iter(texts.values()), "")

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.by_language.items())))
