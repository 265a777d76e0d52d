"""The corpus is what it says: large enough, a third held out, codes of the shipped menu."""

from __future__ import annotations

from menu.agencies import check_menu
from tests.contract.corpus import SHIPPED
from tests.search.corpus import FRESH, FURTHER, HELD_OUT, TUNED, read


def test_a_third_of_at_least_200_queries_is_held_out_and_none_is_in_both_parts() -> None:
    tuned = {q.words for q in read(TUNED)}
    held_out = {q.words for q in read(HELD_OUT)}
    further = {q.words for q in read(FURTHER)}
    assert not tuned & held_out
    assert not further & (tuned | held_out)
    assert len(tuned) + len(held_out) >= 200
    assert 3 * len(held_out) >= len(tuned) + len(held_out)


def test_every_expected_service_is_in_the_shipped_menu_at_the_agency_named() -> None:
    menu = check_menu(SHIPPED.encode(), "agencies.yaml").catalogue
    assert menu is not None
    for query in (q for part in (TUNED, HELD_OUT, FURTHER, *FRESH) for q in read(part)):
        found = [menu.service(code) for code in query.services]
        assert {f.agency.code for f in found if f} == set(query.agencies), query
        assert all(found), query
        assert bool(query.services) == (query.kind != "none"), query


def test_a_query_is_in_one_part_once() -> None:
    words = [q.words for part in (TUNED, HELD_OUT, FURTHER, *FRESH) for q in read(part)]
    assert len(set(words)) == len(words)
    assert len(FRESH) >= 1
