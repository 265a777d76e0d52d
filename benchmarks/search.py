"""Measure find by need: which services it answers, and the time of a letter.

Quality is measured on the corpus of ``tests/search`` with the menu in ``config/``; the parts that
were tuned and the part that was held out are apart. Baselines, with the same menu and words:
RapidFuzz's WRatio, whole words, and the trigram index of SQLite's FTS5, each alone. The time is
that of each letter while queries are typed, on menus of 80, 200 and 10,000 services.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from rapidfuzz import fuzz, process

from benchmarks.common import ROOT, quantile, table, verdict
from kiosk.search.index import SearchIndex
from kiosk.search.spelling import FILLERS, words_of
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from menu.catalogue import Catalogue, Found, Service
from tests.search.corpus import (
    ENGLISH,
    FRESH,
    FURTHER,
    HELD_OUT,
    INDONESIAN,
    NOTHING,
    TUNED,
    Query,
    read,
)

Find = Callable[[str], Sequence[str]]
"""A text to the codes of the services that answer it, best first."""

LIMIT_MS = {80: 5.0, 200: 50.0, 10_000: 50.0}
"""At most, for a letter that a visitor types, by the number of services; p95."""

FIRST, THREE, AGENCY, ENGLISH_FIRST = 90.0, 98.0, 95.0, 85.0
MOST = 5
TYPED = 60
"""Queries that are typed letter by letter for the time."""


def phrases(found: Found) -> list[str]:
    """All texts by which a service can be found."""
    agency, service = found
    names = (service.name, agency.short, agency.name, agency.hint)
    local = [text for name in names for text in name.by_language.values()]
    return [text for text in (*local, *service.synonyms, *service.keywords) if text]


def by_wratio(menu: Catalogue) -> Find:
    """RapidFuzz's WRatio alone: each service by its best text."""
    said = [
        (text.casefold(), found.service.code)
        for found in menu.services()
        for text in phrases(found)
    ]
    texts = [text for text, _ in said]

    def find(text: str) -> Sequence[str]:
        hits = process.extract(text.casefold(), texts, scorer=fuzz.WRatio, limit=60)
        return list(dict.fromkeys(said[i][1] for _, _, i in hits))[:MOST]

    return find


def by_words(menu: Catalogue) -> Find:
    """Whole words alone: each service by how many words of the query it has."""
    bags = {
        f.service.code: {w for text in phrases(f) for w in words_of(text)} for f in menu.services()
    }

    def find(text: str) -> Sequence[str]:
        wanted = {word for word in words_of(text) if word not in FILLERS}
        counts = {code: len(wanted & bag) for code, bag in bags.items()}
        ranked = sorted((c for c in counts if counts[c]), key=lambda c: -counts[c])
        return ranked[:MOST]

    return find


def by_trigrams(menu: Catalogue) -> Find:
    """The trigram index of SQLite's FTS5 alone, ranked by bm25."""
    base = sqlite3.connect(":memory:")
    base.execute("create virtual table said using fts5(code unindexed, words, tokenize='trigram')")
    rows = [(f.service.code, " ".join(phrases(f)).casefold()) for f in menu.services()]
    base.executemany("insert into said values (?, ?)", rows)

    def find(text: str) -> Sequence[str]:
        words = [w for w in words_of(text) if w not in FILLERS and len(w) > 2]
        grams = {w[i : i + 3] for w in words for i in range(len(w) - 2)}
        if not grams:
            return []
        match = " OR ".join(f'"{gram}"' for gram in sorted(grams))
        found = base.execute(
            "select code from said where said match ? order by bm25(said) limit ?", (match, MOST)
        )
        return [code for (code,) in found]

    return find


def by_need(menu: Catalogue) -> Find:
    """The kiosk's search."""
    index = SearchIndex(menu)
    return lambda text: [hit.service for hit in index.find(text, MOST)]


RANKINGS = {
    "find by need": by_need,
    "WRatio alone": by_wratio,
    "whole words alone": by_words,
    "FTS5 trigrams alone": by_trigrams,
}


def share(queries: Sequence[Query], right: Callable[[Query], bool]) -> float:
    """The percentage of queries that are answered right."""
    return 100 * sum(map(right, queries)) / len(queries)


def quality(find: Find, menu: Catalogue, queries: Sequence[Query]) -> list[float]:
    """Percentages: right service first, among three, right agency first, English first, nothing."""
    answers = {query.words: list(find(query.words)) for query in queries}

    def first(query: Query) -> bool:
        return any(code in query.services for code in answers[query.words][:1])

    def three(query: Query) -> bool:
        return any(code in query.services for code in answers[query.words][:3])

    def agency(query: Query) -> bool:
        found = [menu.service(code) for code in answers[query.words][:1]]
        return any(f is not None and f.agency.code in query.agencies for f in found)

    local = [q for q in queries if q.kind in INDONESIAN]
    english = [q for q in queries if q.kind in ENGLISH]
    nothing = [q for q in queries if q.kind in NOTHING]
    return [
        *(share(local, right) for right in (first, three, agency)),
        share(english, first),
        share(nothing, lambda query: not answers[query.words]),
    ]


def grown(menu: Catalogue, services: int) -> Catalogue:
    """The menu repeated until it has so many services, each with two words of its own."""
    agencies, count, turn = [], 0, 0
    while count < services:
        for agency in menu.agencies:
            own = []
            for service in agency.services[: services - count]:
                own.append(_other(service, count, turn))
                count += 1
            rank = agency.popular if turn == 0 else None
            code = f"{agency.code}-{turn}"
            agencies.append(replace(agency, code=code, services=tuple(own), popular=rank))
        turn += 1
    return replace(menu, agencies=tuple(agencies))


def _other(service: Service, count: int, turn: int) -> Service:
    words = (*service.keywords, f"khusus{count:05d}", f"cabang{count % 997:03d}")
    return replace(service, code=f"{service.code}-{turn}", keywords=words)


def letter_ms(find: Find, queries: Sequence[Query], turns: int) -> list[float]:
    """Milliseconds of each letter while the queries are typed: the fastest of ``turns``, so that
    other processes on the machine are not measured."""
    times = []
    for query in queries:
        for end in range(1, len(query.words) + 1):
            spent = []
            for _ in range(turns):
                begun = time.perf_counter()
                find(query.words[:end])
                spent.append((time.perf_counter() - begun) * 1000)
            times.append(min(spent))
    return times


def main() -> int:
    """Measure and print; the exit code."""
    menu = load_settings(ROOT / "config", ASSETS).catalogue
    parts = {"tuned": read(TUNED), "further": read(FURTHER), "held out": read(HELD_OUT)}
    parts |= {path.stem.replace("_", " "): read(path) for path in FRESH}
    rows, ours = [], {}
    for name, make in RANKINGS.items():
        find = make(menu)
        for part, queries in parts.items():
            figures = quality(find, menu, queries)
            rows.append([f"{name}, {part}", str(len(queries)), *(f"{f:.1f} %" for f in figures)])
            if make is by_need:
                ours[part] = figures
    heads = ["ranking, part", "queries", "first", "in three", "agency", "English", "nothing"]
    table("Find by need: right answers", heads, rows)

    typed = (*parts["tuned"], *parts["held out"])[:TYPED]
    rows, slow = [], {}
    for services in LIMIT_MS:
        large = grown(menu, services)
        for name, make in RANKINGS.items():
            begun = time.perf_counter()
            find = make(large)
            built_ms = (time.perf_counter() - begun) * 1000
            few = services >= 1000
            times = letter_ms(find, typed[: TYPED // 10 if few else TYPED], 1 if few else 3)
            p50, p95 = quantile(times, 0.5), quantile(times, 0.95)
            if make is by_need:
                slow[services] = p95
            cells = (f"{built_ms:.0f} ms", f"{p50:.2f} ms", f"{p95:.2f} ms", f"{max(times):.2f} ms")
            rows.append([f"{name}, {services} services", *cells])
    table("Find by need: time of a letter", ["ranking", "index", "p50", "p95", "longest"], rows)

    least = dict(
        zip(
            ("first", "in three", "agency", "English"),
            (FIRST, THREE, AGENCY, ENGLISH_FIRST),
            strict=True,
        )
    )
    limits = [
        (f"{part}: not {what}, percent", 100 - figure, 100 - wanted)
        for part, figures in ours.items()
        for (what, wanted), figure in zip(least.items(), figures, strict=False)
    ]
    limits += [
        (f"p95 of a letter, {n} services, ms", slow[n], most) for n, most in LIMIT_MS.items()
    ]
    return verdict(limits)


if __name__ == "__main__":
    sys.exit(main())
