"""Names in scripts that the printer lacks: a name in other letters or a code, no question marks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.compose import compose
from kiosk.domain.details_slip import details_slip
from kiosk.domain.slip_names import MOST_LOST, lost, unprintable_names, unprintable_requirements
from kiosk.printing.encoder import encode
from menu.catalogue import Found
from menu.local_text import LocalText
from tests.domain.menus import MENU, at
from tests.domain.test_compose import FULL, WORDS, facts, texts

PAGE = "CP858"
TEMPLATE = replace(FULL, code_page=PAGE)
CHINESE, ARABIC, JAVANESE = "人口与民事登记局", "دائرة الأحوال المدنية", "ꦢꦶꦤꦱ꧀ꦏꦼꦥꦺꦤ꧀ꦢꦸꦢꦸꦏꦤ꧀"
SCRIPTS = (CHINESE, ARABIC, JAVANESE)


def named(name: LocalText, short: LocalText, service: LocalText) -> Found:
    found = MENU.service("ktp")
    assert found is not None
    agency = replace(found.agency, name=name, short=short)
    return Found(agency, replace(found.service, name=service))


def printed(found: Found, language: str = "id", **changes: object) -> str:
    """Every text of the slip, as the printer gets it."""
    slip = compose(TEMPLATE, facts(language, found=found, **changes))
    data = encode(slip, 80, PAGE, lambda _: None)
    assert b"??" not in data, "a row of substitutes"
    return "\n".join(texts(slip))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_name_in_another_script_is_printed_in_the_menu_s_other_language(name: str) -> None:
    both = LocalText.of(id=name, en="Civil Registry")
    said = printed(named(both, LocalText.of(id=name, en="Registry"), LocalText.same("KTP")))
    assert "Civil Registry" in said
    assert name not in said


@pytest.mark.parametrize("name", SCRIPTS)
def test_without_a_printable_name_the_slip_has_the_code(name: str) -> None:
    text = LocalText.same(name)
    said = printed(named(text, text, text))
    found = MENU.service("ktp")
    assert found is not None
    assert found.agency.code.upper() in said
    assert "KTP" in said


def test_the_short_name_stands_in_for_the_full_one() -> None:
    said = printed(named(LocalText.same(ARABIC), LocalText.same("Dukcapil"), LocalText.same("KTP")))
    assert "Dukcapil" in said


def test_a_site_name_or_a_group_in_another_script_is_left_out() -> None:
    site = replace(MENU.site, name=LocalText.same(CHINESE), address=LocalText.same(ARABIC))
    found = MENU.service("ktp")
    assert found is not None
    said = printed(found, site=site, priority_names=(LocalText.of(id=JAVANESE, en="Senior"),))
    assert CHINESE not in said
    assert ARABIC not in said
    assert JAVANESE not in said


def test_one_missing_letter_and_accents_leave_a_name_as_it_is() -> None:
    name = LocalText.same("Dinas Ωmega Pendidikan, Đà Nẵng")
    said = printed(named(name, name, LocalText.same("Café Ẽ")))
    assert "Dinas Ωmega" in said
    assert "Café" in said


def test_a_cyrillic_printer_prints_cyrillic() -> None:
    text = LocalText.of(id="Паспорт", en="Passport")
    slip = compose(replace(FULL, code_page="CP866"), facts(found=named(text, text, text)))
    assert "Паспорт" in texts(slip)


def test_without_a_known_code_page_names_stay_as_they_are() -> None:
    text = LocalText.of(id=CHINESE, en="Registry")
    assert CHINESE in texts(compose(FULL, facts(found=named(text, text, text))))


def test_the_slip_with_the_details_has_printable_names() -> None:
    text = LocalText.of(id=CHINESE, en="Registry")
    found = named(text, text, LocalText.same(ARABIC))
    slip = details_slip(found, MENU.site, WORDS, "id", at(9), code_page=PAGE)
    said = texts(slip)
    assert "Registry" in said
    assert not any(lost(text, PAGE) > MOST_LOST for text in said)


def detailed(*requirements: LocalText, **standard: object) -> Found:
    found = MENU.service("ktp")
    assert found is not None
    parts = replace(found.service.standard, **standard)  # type: ignore[arg-type]
    return Found(found.agency, replace(found.service, requirements=requirements, standard=parts))


@pytest.mark.parametrize("text", SCRIPTS)
def test_details_that_cannot_be_printed_are_in_the_menu_s_other_language(text: str) -> None:
    found = detailed(
        LocalText.of(id="KTP lama", xx=text),
        procedure=(LocalText.of(id="Isi formulir", xx=text),),
        cost=LocalText.of(id="Gratis", xx=text),
    )
    slip = details_slip(found, MENU.site, WORDS, "xx", at(9), code_page=PAGE)
    assert b"?" not in encode(slip, 80, PAGE, lambda _: None)
    said = texts(slip)
    assert {"[  ] KTP lama", "1. Isi formulir"} < set(said)
    assert any(line.endswith(": Gratis") for line in said)
    assert WORDS.say("id", "slip.details_more") not in said


@pytest.mark.parametrize("text", SCRIPTS)
def test_details_in_no_printable_language_point_to_the_screen(text: str) -> None:
    found = detailed(
        LocalText.same("KTP"),
        LocalText.same(text),
        LocalText.same(f"Surat dari RT ({text[:3]}) \u2713"),
        cost=LocalText.same(text),
    )
    slip = details_slip(found, MENU.site, WORDS, "id", at(9), code_page=PAGE)
    assert b"?" not in encode(slip, 80, PAGE, lambda _: None)
    said = texts(slip)
    assert "[  ] KTP" in said
    assert "[  ] Surat dari RT" in said
    assert WORDS.say("id", "slip.details_more") in said
    assert not any(line.rstrip().endswith((":", "]")) for line in said)


def test_details_that_can_be_printed_keep_their_signs() -> None:
    found = detailed(LocalText.same("Café → loket 3 · “asli” × 2 €"))
    slip = details_slip(found, MENU.site, WORDS, "id", at(9), code_page=PAGE)
    assert "[  ] Café → loket 3 · “asli” × 2 €" in texts(slip)
    assert WORDS.say("id", "slip.details_more") not in texts(slip)


def test_the_names_that_cannot_be_printed_are_known() -> None:
    agency = replace(MENU.agencies[0], name=LocalText.of(id=CHINESE, en="Registry"))
    menu = replace(MENU, agencies=(agency, *MENU.agencies[1:]))
    assert unprintable_names(MENU, PAGE) == []
    assert unprintable_names(menu, PAGE) == [CHINESE]


def test_the_requirements_that_cannot_be_printed_are_known() -> None:
    whole = LocalText.of(id="Café → loket 3 · “asli” × 2 €", en="ō and é lose an accent")
    ticked = "Surat dari RT \u2713"
    asked = (
        whole,
        LocalText.of(id="KTP", en=CHINESE),
        LocalText.same(ticked),
        LocalText.of(id=CHINESE),
    )
    services = (replace(MENU.agencies[0].services[0], requirements=asked),)
    menu = replace(MENU, agencies=(replace(MENU.agencies[0], services=services),))
    assert unprintable_requirements(MENU, PAGE) == []
    assert unprintable_requirements(menu, PAGE) == [CHINESE, ticked]
