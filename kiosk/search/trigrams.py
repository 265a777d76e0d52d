"""Services by the trigrams of their words: what fills the places after the first answers."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from heapq import nlargest

TRIGRAM_FLOOR = 0.25
"""The least part of the query's trigrams that an entry has to be found."""


class TrigramIndex:
    """Services by the trigrams of their words."""

    def __init__(self, texts: Iterable[Iterable[str]]) -> None:
        self._by_trigram: dict[str, list[int]] = defaultdict(list)
        count = 0
        for n, words in enumerate(texts):
            count = n + 1
            for gram in trigrams(words):
                self._by_trigram[gram].append(n)
        self._rarity = {g: math.log(1 + count / len(p)) for g, p in self._by_trigram.items()}
        self._rarest = max(self._rarity.values(), default=1.0)

    def find(self, words: Iterable[str], most: int) -> list[tuple[int, float]]:
        """The entries that share most of the words' trigrams, with the shared part (0 to 1)."""
        wanted = trigrams(words)
        total = sum(self._rarity.get(gram, self._rarest) for gram in wanted)
        shared: dict[int, float] = defaultdict(float)
        for gram in wanted & self._by_trigram.keys():
            rarity = self._rarity[gram] / total
            for n in self._by_trigram[gram]:
                shared[n] += rarity
        likely = [(part, -n) for n, part in shared.items() if part >= TRIGRAM_FLOOR]
        return [(-minus, part) for part, minus in nlargest(most, likely)]


def trigrams(words: Iterable[str]) -> set[str]:
    """The runs of three letters of each word; both ends of a word count as a letter."""
    return {f" {word} "[i : i + 3] for word in words for i in range(len(word))}
