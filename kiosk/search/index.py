"""The ranking of find by need.

A service is a bag of words: its names and synonyms in every language, its keywords, and with less
weight its agency's names. A query is scored by words x IDF: words of few agencies count most, and
a word also matches in another form ("pembayaran", "bayar"), with a typing error or as the
beginning of a longer word. Where this finds fewer services than the screen shows, shared trigrams
of letters fill the places after the first. Below a floor nothing is answered: a wrong answer
costs a visitor more than none.

``benchmarks/search.py`` compares this with simpler rankings.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from heapq import nlargest

from rapidfuzz import process
from rapidfuzz.distance import OSA

from kiosk.domain.visit_find import MOST_RESULTS
from kiosk.search.forms import roots
from kiosk.search.spelling import ELSEWHERE, is_vague, phrase_words, read_query, slips, words_of
from kiosk.search.trigrams import TrigramIndex
from menu.catalogue import Agency, Catalogue, Service

NAME, SYNONYM, KEYWORD, AGENCY = 1.0, 1.0, 0.9, 0.8
"""Weights of a word by where the menu has it."""

FLOOR = 0.38
"""The least score of the first answer."""

WITH_FIRST = 0.45
"""The least score of the other answers, as a part of the first one's."""

PHRASE = 0.4
"""The part of a score that says how much of a whole name or keyword the query covers."""

PHRASE_CERTAIN = 0.55
"""A word that matches at least this surely counts as a word of the phrase."""

UNKNOWN = 0.4
"""Weight of a query's word that the menu does not have, as a part of the rarest word's."""

COMPLETE, STRANGE = 0.99, 0.5
"""Beside a COMPLETE name or keyword, words that the menu does not have count this much less: "my
KTP is not ready yet" is about the KTP."""

PURPOSE_WORD = 0.5
"""Weight of a word that says what the service is for, as a part of another word's: the service of
"NPWP to apply for a job" is the NPWP."""

STRANGE_MOST = 1.6
"""What all words that the menu does not have count together at most, as a part of the rarest word's
weight: people tell what happened, too."""

FORM, FORM_BESIDE_EXACT = 0.85, 0.7
"""Trust in another form of the word, and where the menu has exactly the typed one too."""

BY_AGENCY = 0.9
"""The part of a word's rarity that comes from how few agencies have it, not how few services:
"BPJS" is in the words of eight services, yet says at once which agencies are meant."""

PART = 0.55
"""Weight of a word that every name and keyword has beside another one, as a part of that of another
word as rare: "price" is in "gold price" only, and yet asks for much besides gold."""

WEAK = 0.8
"""A word that matches less surely than this, an unfinished or misspelled one, may be one that the
menu does not have: it counts less for the services that do not have it."""

EXACT = 0.98
"""The least score where the query is a name or keyword word for word."""

VAGUE = 0.4
"""Weight of a vague word, as a part of that of another word as rare."""

PREFIX_LETTERS = 2
"""The last word may be unfinished from this length on; a word before it from one letter more."""

BESIDE_EXACT = 0.75
"""Trust in a longer or misspelled word where the menu has exactly the typed one too."""

TYPO_LETTERS = 4
TYPO_SHORT = 5
TYPO_CUTOFF = 0.75
TYPO_TWO = 7
TYPO_SECOND = 0.9
TYPO_TRUST, TYPO_TRUST_SHORT = 0.9, 0.8
"""Words of fewer than TYPO_LETTERS must match exactly ("sim" and "stm" differ), but for two letters
swapped ("kpt"); in one of exactly as many, only swapped letters and a missing letter are errors. A
typing error in at most TYPO_SHORT letters is trusted less."""

CANDIDATES = 30
"""How many services, those with the best covered words, are compared by their phrases."""

FILL_TO = 3
FILL_BELOW = 0.85
"""Unless the first answer scores FILL_BELOW or more, services with enough of the query's trigrams
fill the places up to FILL_TO."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A service (its code) with its agency and its score from 0 to 1."""

    service: str
    agency: str
    score: float


@dataclass(frozen=True, slots=True)
class _Entry:
    """``phrases``: the words of each name and keyword. ``weights``: the sum of their rarities."""

    service: str
    agency: str
    phrases: tuple[frozenset[str], ...]
    weights: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class _QueryWord:
    """``weight``: how much it counts. ``matches``: the menu's words that it may mean, each with a
    confidence from 0 to 1."""

    weight: float
    matches: dict[str, float]


class SearchIndex:
    """The services of a menu, ready to be searched. Not changed by a search: usable by any thread.

    Services with equal scores are in the order of the menu, those of the most visited agencies
    first.
    """

    def __init__(self, menu: Catalogue) -> None:
        self._entries: list[_Entry] = []
        self._postings: dict[str, dict[int, float]] = {}
        self._synonyms = _synonyms_of(menu.synonyms)
        self._equal = _equal_words(menu.synonyms)
        for agency in (*menu.popular(), *(a for a in menu.agencies if a.popular is None)):
            for service in agency.services:
                self._add(agency, service)
        self._subjects = self._subject_words()
        self._vocabulary = sorted(self._postings)
        self._rarity = {word: self._rarity_of(word) for word in self._vocabulary}
        self._rarest = max(self._rarity.values(), default=1.0)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in self._vocabulary:
            self._by_length[len(word)].append(word)
        self._by_root: dict[str, list[str]] = defaultdict(list)
        for word in self._vocabulary:
            for root in roots(word):
                self._by_root[root].append(word)
        self._entries = [self._weighed(entry) for entry in self._entries]
        self._trigrams = TrigramIndex(frozenset().union(*e.phrases) for e in self._entries)

    def find(self, text: str, most: int = MOST_RESULTS) -> tuple[Hit, ...]:
        """The services that answer ``text``, best first, at most ``most``; none below the floor."""
        words, before = read_query(text, self._postings)
        found = self._by_words(words, before)
        if not found or found[0][1] < FLOOR:
            return ()
        least = found[0][1] * WITH_FIRST
        found = [(n, score) for n, score in found if score >= least][:most]
        places = min(most, FILL_TO)
        if len(found) < places and found[0][1] < FILL_BELOW:
            found += self._fill(words, found, places)
        entries = ((self._entries[n], score) for n, score in found)
        return tuple(Hit(entry.service, entry.agency, round(score, 3)) for entry, score in entries)

    # ── building ─────────────────────────────────────────────────────────────────────────

    def _add(self, agency: Agency, service: Service) -> None:
        said = [
            *((text, NAME) for text in service.name.by_language.values()),
            *((text, SYNONYM) for text in service.synonyms),
            *((text, KEYWORD) for text in service.keywords),
        ]
        phrases = [(frozenset(phrase_words(text)), weight) for text, weight in said]
        phrases += [
            (frozenset(phrase_words(text)), AGENCY)
            for name in (agency.short, agency.name, agency.hint)
            for text in name.by_language.values()
        ]
        for words, weight in phrases:
            for word in (*words, *self._same_as(words)):
                posting = self._postings.setdefault(word, {})
                posting[len(self._entries)] = max(weight, posting.get(len(self._entries), 0.0))
        sets = dict.fromkeys(words for words, _ in phrases if words)
        self._entries.append(_Entry(service.code, agency.code, tuple(sets)))

    def _same_as(self, words: frozenset[str]) -> Iterator[str]:
        """The words that the site's synonyms add to these."""
        for word in words:
            for phrase, others in self._synonyms.get(word, ()):
                if phrase <= words:
                    yield from others

    def _subject_words(self) -> set[str]:
        """The words that are a name or keyword beside vague words only, and their equals."""
        phrases = (phrase for entry in self._entries for phrase in entry.phrases)
        telling = ([word for word in phrase if not is_vague(word)] for phrase in phrases)
        alone = {words[0] for words in telling if len(words) == 1}
        return alone.union(*(self._equal.get(word, ()) for word in alone))

    def _rarity_of(self, word: str) -> float:
        posting = self._postings[word]
        services = math.log(1 + len(self._entries) / len(posting))
        agencies = len({self._entries[n].agency for n in posting})
        rarity = services + BY_AGENCY * (math.log(1 + len(self._entries) / agencies) - services)
        if is_vague(word):
            return rarity * VAGUE
        return rarity if word in self._subjects else rarity * PART

    def _weighed(self, entry: _Entry) -> _Entry:
        weights = (sum(self._rarity[word] for word in phrase) for phrase in entry.phrases)
        return replace(entry, weights=tuple(weights))

    # ── searching ────────────────────────────────────────────────────────────────────────

    def _by_words(self, words: list[str], before: int) -> list[tuple[int, float]]:
        """Services by their scores, the best first. From word ``before`` on the query says what the
        service is for."""
        last = len(words) - 1
        query = [self._query_word(word, last=i == last) for i, word in enumerate(words)]
        query[before:] = [replace(w, weight=w.weight * PURPOSE_WORD) for w in query[before:]]
        covered: dict[int, float] = defaultdict(float)
        for word in query:
            for n, value in self._values(word).items():
                covered[n] += value
        known = strange = 0.0
        for text, word in zip(words, query, strict=True):
            if word.matches or text in ELSEWHERE:
                known += word.weight
            else:
                strange += word.weight
        strange = min(strange, STRANGE_MOST * self._rarest)
        # The first answer scores at least ``lowest_first``; a service that covers less than this
        # scores less than WITH_FIRST of it even with a complete phrase.
        lowest_first = (
            max(covered.values(), default=0.0) * (1 - PHRASE) / ((known + strange) or 1.0)
        )
        least = lowest_first * WITH_FIRST * (known + strange * STRANGE)
        likely = [(value, -n) for n, value in covered.items() if value >= least]
        best = [(-minus, value) for value, minus in nlargest(CANDIDATES, likely)]
        meant = self._meant(query, before)
        vague = all(is_vague(word) for word, q in zip(words, query, strict=True) if q.matches)
        typed = frozenset(words)
        scored = []
        for n, value in best:
            part = self._covered_phrase(n, meant)
            if vague and part < COMPLETE:
                continue
            total = known + strange * (STRANGE if part >= COMPLETE else 1.0)
            score = value / total * (1 - PHRASE + PHRASE * part)
            scored.append((n, max(score, EXACT) if typed in self._entries[n].phrases else score))
        return sorted(scored, key=lambda item: (-item[1], item[0]))

    def _query_word(self, word: str, *, last: bool) -> _QueryWord:
        matches = self._matches(word, last=last)
        if word in self._rarity:
            weight = self._rarity[word]
        elif matches:
            weight = self._rarity[max(matches, key=lambda w: (matches[w], self._rarity[w]))]
        else:
            unknown = 1.0 if word in ELSEWHERE else UNKNOWN
            weight = unknown * self._rarest * (VAGUE if is_vague(word) else 1.0)
        surest = max(matches.values(), default=1.0)
        if surest < WEAK:
            weight = min(weight, max(UNKNOWN * self._rarest, weight * surest))
        return _QueryWord(weight, matches)

    def _values(self, word: _QueryWord) -> dict[int, float]:
        """How much of the word's weight each service has."""
        best: dict[int, float] = {}
        for other, sure in word.matches.items():
            # A longer or misspelled word is often a rarer one: it counts no more for that.
            value = sure * min(self._rarity[other], word.weight)
            for n, weight in self._postings[other].items():
                if value * weight > best.get(n, 0.0):
                    best[n] = value * weight
        return best

    def _meant(self, query: list[_QueryWord], before: int) -> dict[str, float]:
        """The menu's words that the query surely means, and how much each counts in a phrase."""
        meant: dict[str, float] = {}
        for i, word in enumerate(query):
            counts = 1.0 if i < before else PURPOSE_WORD
            for other, sure in word.matches.items():
                if sure >= PHRASE_CERTAIN:
                    for same in (other, *self._equal.get(other, ())):
                        meant[same] = max(counts, meant.get(same, 0.0))
        return meant

    def _covered_phrase(self, n: int, meant: dict[str, float]) -> float:
        """The part of a name or keyword of the service that is ``meant``: of the best covered."""
        entry, best = self._entries[n], 0.0
        for phrase, weight in zip(entry.phrases, entry.weights, strict=True):
            shared = phrase & meant.keys()
            if shared:
                best = max(best, sum(self._rarity[w] * meant[w] for w in shared) / weight)
        return best

    def _matches(self, word: str, *, last: bool) -> dict[str, float]:
        """The menu's words that ``word`` may mean, and how surely."""
        exact = word in self._postings
        if not exact and word in ELSEWHERE:
            return {}
        found = {word: 1.0} if exact else {}
        trust = BESIDE_EXACT if exact else 1.0
        if len(word) >= PREFIX_LETTERS + (not last) and (last or not is_vague(word)):
            for other in self._starting_with(word):
                found[other] = (0.6 + 0.3 * len(word) / len(other)) * trust
        if not exact:
            found |= {w: TYPO_TRUST_SHORT for w in slips(word) if w in self._postings}
        form = FORM_BESIDE_EXACT if exact else FORM
        for root in roots(word):
            for other in self._by_root.get(root, ()):
                found[other] = max(form, found.get(other, 0.0))
        if len(word) >= TYPO_LETTERS:
            for other, sure in self._misspelled(word):
                found[other] = max(sure * trust, found.get(other, 0.0))
        return found

    def _starting_with(self, word: str) -> Iterator[str]:
        """Longer words that begin with ``word``."""
        for i in range(bisect_left(self._vocabulary, word), len(self._vocabulary)):
            other = self._vocabulary[i]
            if not other.startswith(word):
                return
            if other != word:
                yield other

    def _misspelled(self, word: str) -> Iterator[tuple[str, float]]:
        """Words that ``word`` may be a misspelling of: one typing error, in a long word more."""
        trust = TYPO_TRUST if len(word) > TYPO_SHORT else TYPO_TRUST_SHORT
        spare = int(len(word) * (1 - TYPO_CUTOFF) / TYPO_CUTOFF)
        near = range(len(word) - spare, len(word) + spare + 1)
        similar = process.extract(
            word,
            [other for length in near for other in self._by_length.get(length, ())],
            scorer=OSA.normalized_similarity,
            score_cutoff=TYPO_CUTOFF,
            limit=12,
        )
        for other, similarity, _ in similar:
            errors = round((1 - similarity) * max(len(word), len(other)))
            if other == word or len(other) < TYPO_LETTERS or (errors > 1 and len(word) < TYPO_TWO):
                continue
            longer = len(other) > len(word) and other[0] == word[0]
            if len(word) > TYPO_LETTERS or longer or sorted(word) == sorted(other):
                yield other, similarity * trust * (TYPO_SECOND if errors > 1 else 1.0)

    def _fill(
        self, words: list[str], found: list[tuple[int, float]], most: int
    ) -> list[tuple[int, float]]:
        """Further services by trigrams, for the places after ``found``."""
        taken, least = {n for n, _ in found}, found[-1][1]
        more = self._trigrams.find(words, most)
        new = [(n, min(least, score)) for n, score in more if n not in taken]
        return new[: most - len(found)]


def _synonyms_of(
    groups: tuple[tuple[str, ...], ...],
) -> dict[str, list[tuple[frozenset[str], frozenset[str]]]]:
    """Each phrase of each group, with the words of the group's other phrases, by a word of it."""
    found: dict[str, list[tuple[frozenset[str], frozenset[str]]]] = defaultdict(list)
    for group in groups:
        for phrase in group:
            words = frozenset(words_of(phrase))
            others = frozenset(w for other in group if other != phrase for w in words_of(other))
            if words:
                found[min(words)].append((words, others))
    return dict(found)


def _equal_words(groups: tuple[tuple[str, ...], ...]) -> dict[str, frozenset[str]]:
    """The single words that mean the same as each single word."""
    found: dict[str, frozenset[str]] = {}
    for group in groups:
        single = frozenset(words[0] for text in group if len(words := words_of(text)) == 1)
        for word in single:
            found[word] = found.get(word, frozenset()) | single
    return found
