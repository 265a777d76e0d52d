"""The files of a new site: whatever is answered, they pass the check and say what was answered."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.settings.new_site import NewAgency, NewSite, code_of, menu_text, prefix_of
from menu.agencies import check_menu
from menu.numbers import PREFIX
from menu.schedule import Period

NAMES = st.text(
    st.characters(codec="ascii", min_codepoint=33, max_codepoint=126, exclude_characters="{}"),
    min_size=1,
    max_size=20,
) | st.sampled_from(
    [
        "Dinas A: b",
        "- x",
        "'",
        '"',
        "#1",
        "yes",
        "08:15",
        "1.5",
        "Ü",
        "null",
        "\\",
        "no",
        "ON",
        "1e5",
    ]
)
HOURS: dict[str, tuple[Period, ...]] = {
    "mon-thu": (Period(time(8), time(12)), Period(time(13), time(15)))
}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(NAMES, st.lists(NAMES, min_size=1, max_size=3)), min_size=1, max_size=4),
    NAMES,
    st.sampled_from(["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]),
)
def test_any_answers_give_a_menu_without_errors(
    named: list[tuple[str, list[str]]], text: str, timezone: str
) -> None:
    agencies = tuple(
        NewAgency(short, tuple(services), counters=(text,)) for short, services in named
    )
    site = NewSite(text, timezone, HOURS, agencies, address=text, desk=text)
    checked = check_menu(menu_text(site).encode(), "agencies.yaml")
    assert [str(problem) for problem in checked.errors] == []
    menu = checked.catalogue
    assert menu is not None
    assert (menu.site.name.in_("id"), menu.site.address.in_("en")) == (text, text)
    assert [(a.short.in_("id"), [s.name.in_("id") for s in a.services]) for a in menu.agencies] == (
        named
    )
    assert menu.agencies[0].hours.days[0] == HOURS["mon-thu"]
    assert menu.agencies[0].hours.days[4:] == ((), (), ())


@pytest.mark.parametrize(
    ("text", "taken", "code"),
    [
        ("Kartu Keluarga", (), "kartu-keluarga"),
        ("Kartu Keluarga", ("kartu-keluarga",), "pln-kartu-keluarga"),
        ("Kartu Keluarga", ("kartu-keluarga", "pln-kartu-keluarga"), "pln-kartu-keluarga-2"),
        ("…", (), "x"),
    ],
)
def test_a_code_is_read_from_the_name(text: str, taken: tuple[str, ...], code: str) -> None:
    assert code_of(text, taken, before="pln") == code


def test_letters_for_numbers_never_run_out() -> None:
    taken: set[str] = set()
    for _ in range(800):
        letters = prefix_of("Dinas Perhubungan", taken)
        assert PREFIX.fullmatch(letters)
        assert letters not in taken
        taken.add(letters)
    assert {"DP", "DI"} <= taken


def test_long_names_give_codes_within_the_limit() -> None:
    long = "Dinas Pekerjaan Umum dan Penataan Ruang Kota " * 2
    agencies = tuple(NewAgency(f"{long}{n}", (long,)) for n in range(3))
    checked = check_menu(menu_text(NewSite("MPP", "Asia/Jakarta", HOURS, agencies)).encode(), "")
    assert [str(problem) for problem in checked.errors] == []
    assert checked.catalogue is not None
    codes = {found.service.code for found in checked.catalogue.services()}
    assert (len(codes), max(map(len, codes)) <= 64) == (3, True)
