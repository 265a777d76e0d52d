"""The ranking on the shipped menu, measured by the corpus, and its rules on small menus."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.search.index import FLOOR, SearchIndex
from kiosk.search.spelling import MOST_CHARACTERS, query_words
from menu.agencies import check_menu
from menu.catalogue import Catalogue
from tests.contract.corpus import SHIPPED
from tests.search.corpus import ENGLISH, FRESH, FURTHER, HELD_OUT, INDONESIAN, NOTHING, TUNED, read


def menu_of(text: str) -> Catalogue:
    checked = check_menu(text.encode(), "agencies.yaml")
    assert checked.catalogue is not None, checked.problems
    return checked.catalogue


MENU = menu_of(SHIPPED)
INDEX = SearchIndex(MENU)


@dataclass
class Rates:
    """Percentages of queries: right service first, among three, right agency first, nothing."""

    first: float
    three: float
    agency: float
    nothing: float


def measured(part: Path, kinds: tuple[str, ...]) -> Rates:
    queries = [q for q in read(part) if q.kind in kinds]
    first = three = agency = nothing = 0
    for query in queries:
        hits = INDEX.find(query.words)
        nothing += not hits
        first += any(h.service in query.services for h in hits[:1])
        three += any(h.service in query.services for h in hits[:3])
        agency += any(h.agency in query.agencies for h in hits[:1])
    return Rates(*(100 * n / len(queries) for n in (first, three, agency, nothing)))


@pytest.mark.parametrize("part", [TUNED, FURTHER, HELD_OUT, *FRESH], ids=lambda p: p.stem)
def test_the_right_service_comes_first_and_among_three(part: Path) -> None:
    rates = measured(part, INDONESIAN)
    assert rates.first >= 90, rates
    assert rates.three >= 98, rates
    assert rates.agency >= 95, rates


@pytest.mark.parametrize("part", [TUNED, FURTHER, HELD_OUT, *FRESH], ids=lambda p: p.stem)
def test_english_words_find_the_service_too(part: Path) -> None:
    assert measured(part, ENGLISH).first >= 85


def test_nonsense_and_most_of_what_is_not_offered_here_answer_nothing() -> None:
    assert measured(TUNED, NOTHING).nothing == 100
    assert measured(HELD_OUT, NOTHING).nothing >= 80
    assert measured(FURTHER, NOTHING).nothing >= 80


@pytest.mark.parametrize("part", FRESH, ids=lambda p: p.stem)
def test_most_of_what_is_not_offered_here_answers_nothing(part: Path) -> None:
    """Words of the menu among them ("sell a toy car") still find what the words are about."""
    assert measured(part, NOTHING).nothing >= 55


@pytest.mark.parametrize(
    "words", ["asdfgh", "qwerty uiop", "xxxxx", "poiuyt", "lkjhgf", "zxcvbn", "99999", "wkwkwk"]
)
def test_nonsense_answers_nothing(words: str) -> None:
    assert INDEX.find(words) == ()


@pytest.mark.parametrize(
    ("words", "service"),
    [
        ("", None),
        ("   ", None),
        ("mau bikin urus", None),
        ("k", None),
        ("KTP", "ktp-el"),
        ("k t p", "ktp-el"),
        ("katepe", "ktp-el"),
        ("e-ktp!", "ktp-el"),
        ("è-ktp", "ktp-el"),
        ("be pe ha te be", "bphtb"),
        ("skkc", "skck"),
        ("perpanjangn paspor", "paspor-penggantian"),
        ("kartu kelu", "kartu-keluarga"),
        ("ktp " * 500, "ktp-el"),
    ],
)
def test_words_are_read_as_people_write_them(words: str, service: str | None) -> None:
    assert [h.service for h in INDEX.find(words)][:1] == ([service] if service else [])


@pytest.mark.parametrize("sounds", ["efe", "e", "ke", "efefe"])
def test_a_long_word_of_ambiguous_sounds_is_read_in_one_pass(sounds: str) -> None:
    """A search that tried every division into sounds would exceed the time limit of the suite."""
    hostile = (sounds * MOST_CHARACTERS)[: MOST_CHARACTERS - 1] + "1"
    assert query_words(hostile, ()) == [hostile]
    assert INDEX.find(hostile) == ()


SMALL = """
version: 1
site: {name: A, timezone: Asia/Makassar}
hours: {mon: "08:00-12:00"}
search: {synonyms: [[lampu, penerangan, "kabel listrik"]]}
agencies:
  - code: x
    prefix: X
    short: Dinas X
    services: [{code: x1, name: Lampu jalan}, {code: x2, name: Parkir}]
  - code: y
    prefix: Y
    short: Dinas Y
    popular: 1
    services: [{code: y1, name: Parkir, synonyms: [garasi]}]
"""


def test_synonyms_of_the_site_and_of_a_service_lead_to_it() -> None:
    index = SearchIndex(menu_of(SMALL))
    assert index.find("penerangan")[0].service == "x1"
    assert index.find("kabel listrik")[0].service == "x1"
    assert index.find("garasi")[0].service == "y1"
    assert index.find("dinas y")[0].agency == "y"


@pytest.mark.parametrize("language", ["id", "en"])
def test_an_agency_is_found_by_its_name(language: str) -> None:
    lost = [
        name
        for agency in MENU.agencies
        for name in (agency.short.in_(language), agency.name.in_(language))
        if [h.agency for h in INDEX.find(name)][:1] != [agency.code]
    ]
    assert not lost


def test_of_equal_services_those_of_the_most_visited_agency_come_first() -> None:
    assert [h.service for h in SearchIndex(menu_of(SMALL)).find("parkir")] == ["y1", "x2"]


def test_a_menu_without_services_answers_nothing() -> None:
    bare = SMALL.partition("agencies:")[0] + "agencies: [{code: x, prefix: X, short: X}]"
    assert SearchIndex(menu_of(bare)).find("parkir") == ()


@given(st.text(max_size=80), st.integers(1, 8))
def test_any_text_is_answered_in_order_above_the_floor(text: str, most: int) -> None:
    hits = INDEX.find(text, most)
    assert len(hits) <= most
    assert len({h.service for h in hits}) == len(hits)
    scores = [h.score for h in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1.0005 for score in scores)
    assert not hits or scores[0] >= round(FLOOR, 3)


@pytest.mark.parametrize(
    ("words", "service"),
    [
        ("pembayaran listrik", "pln-pembayaran"),
        ("ktpp", "ktp-el"),
        ("kpt", "ktp-el"),
        ("kk hilang waktu pindahan", "kartu-keluarga"),
        ("npwp buat lamar kerja", "npwp"),
        ("ktp ga kebaca", "ktp-el"),
        ("pelaporan kematian", "akta-kematian"),
    ],
)
def test_other_forms_purposes_and_everyday_spellings_lead_to_the_service(
    words: str, service: str
) -> None:
    assert INDEX.find(words)[0].service == service


@pytest.mark.parametrize("words", ["jam tutup", "salah nomor", "kamar mandi", "lapar"])
def test_words_that_many_needs_share_and_words_of_other_places_answer_nothing(words: str) -> None:
    assert INDEX.find(words) == ()
