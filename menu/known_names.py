"""Names that ``agencies.yaml`` may use: icons, languages, and the words of the screens.

The kiosk owns the icon font and the word files (``assets/``); the queue server is installed
without them. Both must give the same verdict on a menu, so neither checks it against
``assets/``: both check it against ``known_names.json``, which is part of this package.
``script/known-names`` makes that file from ``assets/``, and a test fails while the two differ.
A logo is named only in the kiosk's own files; only the kiosk looks for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

FILE = Path(__file__).with_name("known_names.json")

_CODES = """
    ace af az ban bbc be bew bg bjn bn bs bug ca cs cy da de el eo es et eu fi fil fr ga gl gor gu
    hi hr hu hy iba is it ja jv ka kk km kn ko ky lo lt lv mad mak mi min mk ml mn mr ms mt my ne
    nij nl no pa pl pt ro ru sas si sk sl so sq sr su sv sw ta te tet tg th tk tpi tr uk uz vi zh
    zu
"""
FURTHER_LANGUAGES = frozenset(_CODES.split())
"""Languages (ISO 639) whose words a site may keep in its settings folder. A fixed list, because the
server gives the same verdict without that folder, and a typing error must not count as a language.
Without those that are written from right to left."""


@dataclass(frozen=True, slots=True)
class KnownNames:
    """``icons``: names of the icon font. ``languages``: those with a word file.

    ``words``: the fields that each word may name in braces, by the word's key.
    ``site_languages``: the languages of the site whose file is checked.
    """

    icons: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    site_languages: tuple[str, ...] = ()

    def may_offer(self, language: str) -> bool:
        """Whether a site may name this language; its words may be the site's own."""
        return language in self.languages or language in FURTHER_LANGUAGES

    def of_site(self, languages: tuple[str, ...]) -> KnownNames:
        """The same names, for a site with these languages."""
        return replace(self, site_languages=languages)


@cache
def known_names() -> KnownNames:
    """The names of ``known_names.json``."""
    names = json.loads(FILE.read_bytes())
    return KnownNames(
        icons=frozenset(names["icons"]),
        languages=tuple(names["languages"]),
        words=MappingProxyType({key: tuple(fields) for key, fields in names["words"].items()}),
    )
