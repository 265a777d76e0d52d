"""The states of the search, for the preview and the layout tests.

Apart from the other states because their texts are not in the menu: they are words that people
might type, tried on the search itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from kiosk.domain.visit_find import MOST_LETTERS
from kiosk.domain.visit_screens import (
    PAGE_OF_LIT,
    Find,
    Services,
)
from kiosk.preview.cast import Cast, PreviewState, length
from menu.catalogue import Catalogue

MOST_SEARCHED = 200
"""Words of a large menu that are tried for the pictures of the search."""


def find_states(cast: Cast, language: str) -> Iterator[PreviewState]:
    """The search: empty, at some letters, with the longest names, with nothing found, closed."""
    yield PreviewState("find", cast.visit(Find()), cast.snapshot)
    typed, one = _searches(cast, language)
    yield PreviewState("find-typed", cast.visit(typed), cast.snapshot)
    yield PreviewState("find-one", cast.visit(one), cast.snapshot)
    night = replace(cast.snapshot, now=cast.now.replace(hour=21))
    yield PreviewState("find-closed", cast.visit(replace(typed, browse=True)), night)
    lost = "w" * MOST_LETTERS
    yield PreviewState("find-nothing", cast.visit(Find("asdfgh", (), "asdfgh")), cast.snapshot)
    yield PreviewState("find-nothing-long", cast.visit(Find(lost, (), lost)), cast.snapshot)
    lit = Services(cast.busy.code, PAGE_OF_LIT, lit=cast.busy.services[-1].code, find=typed)
    yield PreviewState("services-lit", cast.visit(lit), cast.snapshot)


def _searches(cast: Cast, language: str) -> tuple[Find, Find]:
    """The word whose answers have the longest names, and the one with the fewest answers."""
    searches = _answered(cast.menu, language)
    if not searches:
        first = cast.first.service.code
        return Find("a", (first,), "a"), Find("a", (first,), "a")

    def letters(search: Find) -> int:
        """The total length of the names in the answer."""
        answers = (cast.menu.service(code) for code in search.found)
        return sum(length(found.service.name) for found in answers if found is not None)

    return max(searches, key=letters), min(searches, key=lambda search: len(search.found))


@lru_cache(maxsize=8)
def _answered(menu: Catalogue, language: str) -> list[Find]:
    """Words of the menu as a visitor types them, with their true answers."""
    from kiosk.search.index import SearchIndex

    index = SearchIndex(menu)
    names = " ".join(found.service.name.in_(language).lower() for found in menu.services())
    words = [w for w in dict.fromkeys(names.split()) if len(w) > 2 and w.isalpha()]
    found = ((w, tuple(hit.service for hit in index.find(w))) for w in words[:MOST_SEARCHED])
    return [Find(word, codes, word) for word, codes in found if codes]
