"""The slip with the details of a service: complete, in one language, and no number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.details_slip import LINE_LETTERS, MOST_LINES, details_slip, parts
from kiosk.domain.slip import BadgeLine, NumberLine, Slip, TextLine
from kiosk.printing.encoder import encode
from kiosk.printing.slip_preview import print_bytes
from menu.catalogue import Found, Service, ServiceStandard
from menu.local_text import LocalText
from tests.desk.rig import WORDS
from tests.domain.menus import MENU, at, service

SAME = LocalText.same
FULL = ServiceStandard(
    procedure=(SAME("Ambil nomor"), SAME("Serahkan berkas")),
    time=LocalText.of(id="3 hari", en="3 days"),
    cost=SAME("Gratis"),
    product=SAME("Kartu"),
    complaints=SAME("www.lapor.go.id"),
)


def printed(of: Service, language: str = "id", *, dated: bool = True) -> Slip:
    found = Found(MENU.agencies[0], of)
    return details_slip(found, MENU.site, WORDS, language, at(9) if dated else None)


def test_a_language_that_cannot_be_printed_is_the_site_s_first_one() -> None:
    of = replace(service("ktp", "KTP"), standard=FULL)
    found = Found(MENU.agencies[0], of)
    slip = details_slip(found, MENU.site, WORDS, "en", at(9), unprintable=frozenset({"en"}))
    assert slip == printed(of) != printed(of, "en")


def lines(slip: Slip) -> list[str]:
    return [line.text for line in slip.lines if isinstance(line, BadgeLine | TextLine)]


def test_it_has_all_six_parts_in_order_and_says_that_it_is_no_number() -> None:
    bring = (SAME("KTP lama"), LocalText.of(id="Surat hilang", en="Police report"))
    of = replace(service("ktp", "KTP"), requirements=bring, standard=FULL)
    slip = printed(of)
    assert lines(slip) == [
        *("PERSYARATAN", "Bukan nomor antrean", "Dukcapil", "KTP", "Lantai 1, Loket 19"),
        *("Persyaratan", "[  ] KTP lama", "[  ] Surat hilang"),
        *("Prosedur", "1. Ambil nomor", "2. Serahkan berkas", "Waktu: 3 hari", "Biaya: Gratis"),
        *("Produk: Kartu", "Pengaduan: www.lapor.go.id"),
        *("Mal", "Dicetak Selasa 24 Nov 2026"),
    ]
    assert slip.number == ""
    assert not any(isinstance(line, NumberLine) for line in slip.lines)
    assert lines(printed(of, "en", dated=False))[6:8] == ["[  ] KTP lama", "[  ] Police report"]
    assert not any("2026" in line for line in lines(printed(of, "en", dated=False)))


def test_a_menu_without_requirements_does_not_say_that_there_are_none() -> None:
    of = service("ktp")
    assert [part.key for part in parts(of)] == ["service.requirements"]
    assert "Tanyakan kepada petugas loket" in lines(printed(of))


@pytest.mark.parametrize("paper_mm", [58, 80])
def test_the_longest_list_is_a_slip_of_bounded_length(paper_mm: int) -> None:
    of = replace(service("ktp"), requirements=(SAME("syarat " * 70),) * 50, standard=FULL)
    slip = printed(of)
    assert "Selengkapnya ada di layar mesin ini" in lines(slip)
    letters = sum(len(text) for text in lines(slip))
    assert letters < (MOST_LINES + 20) * LINE_LETTERS
    paper = print_bytes(encode(slip, paper_mm, "CP858", lambda *_: None), paper_mm)[0]
    assert paper.complete
    assert "Dicetak" in " ".join(paper.lines)
