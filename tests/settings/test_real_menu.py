"""The committed files: the menu of Balikpapan, held against a table written by hand."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from kiosk.domain.config import BlockKind, Settings
from kiosk.preview.slips import sample_slips
from kiosk.printing.encoder import encode
from kiosk.printing.slip_preview import print_bytes
from kiosk.settings import check_settings, load_settings
from menu.agencies import describe
from menu.catalogue import Agency
from menu.local_text import LocalText
from tests.settings.folder import ASSETS, CONFIG

# Short name, floor, counter (None: by service or unknown), number of services.
BUILDING = [
    ("Imigrasi", "2", "34", 2),
    ("Samsat", "1", "20", 4),
    ("DJP", "1", "17", 4),
    ("BNN", "2", "33", 2),
    ("Bankaltimtara", "1", "13", 3),
    ("DPMPTSP Kota Balikpapan", "1", None, 7),
    ("DPMPTSP Prov. Kaltim", "2", "29", 1),
    ("Polresta", "2", "36", 5),
    ("Kejari", "2", "24", 2),
    ("Kemenag", "2", "35", 3),
    ("Pengadilan Agama", "1", "14", 2),
    ("BPJS Kesehatan", "2", "27", 5),
    ("BPJS Ketenagakerjaan", "2", "22", 3),
    ("Pengadilan Negeri", "2", None, 2),
    ("ATR/BPN", "2", "31", 3),
    ("Taspen", "1", "18", 3),
    ("PLN", "2", "25", 4),
    ("PDAM", "2", "26", 4),
    ("BPOM", "2", "23", 2),
    ("Pegadaian", "2", "30", 2),
    ("DPU", "1", "11", 1),
    ("Dishub", "1", "10", 2),
    ("Disdukcapil", "1", "19", 6),
    ("BPPDRD", "1", "16", 4),
    ("DLH", "1", "09", 1),
    ("DPPR", "1", "12", 1),
    ("Disnaker", "1", "21", 2),
]
DPMPTSP_COUNTERS = [("01", "02"), ("03",), ("04",), ("05",), ("07",), ("08",), ("15",)]


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(CONFIG, ASSETS)


def test_it_has_27_agencies_and_80_services_and_nothing_to_complain_of(settings: Settings) -> None:
    assert str(describe(settings.catalogue)) == "27 agencies, 80 services"
    further = [f"'{code}'" for code in settings.catalogue.site.languages[2:]]
    for problem in check_settings(CONFIG, ASSETS).problems:
        # Names may lack a language beyond the first two.
        assert problem.warning, str(problem)
        assert any(code in problem.text for code in further), str(problem)


def test_every_agency_stands_where_the_building_has_it(settings: Settings) -> None:
    by_short = {a.short.in_("id"): a for a in settings.catalogue.agencies}
    assert set(by_short) == {short for short, *_ in BUILDING}
    for short, floor, counter, services in BUILDING:
        agency = by_short[short]
        assert len(agency.services) == services, short
        for service in agency.services:
            assert service.place.floor == floor, service.code
            if counter is not None:
                assert service.place.counters == (counter,), service.code
    assert sum(n for *_, n in BUILDING) == 80


def test_dpmptsp_has_a_counter_for_each_service_and_no_service_at_counter_06(
    settings: Settings,
) -> None:
    agency = settings.catalogue.agency("dpmptsp")
    assert agency is not None
    assert [s.place.counters for s in agency.services] == DPMPTSP_COUNTERS
    assert all("06" not in s.place.counters for _, s in settings.catalogue.services())


def test_pengadilan_negeri_has_a_floor_and_no_counter(settings: Settings) -> None:
    found = settings.catalogue.service("e-court")
    assert found is not None
    assert (found.service.place.floor, found.service.place.counters) == ("2", ())


def test_no_two_agencies_share_a_prefix(settings: Settings) -> None:
    owner: dict[str, Agency] = {}
    for agency, service in settings.catalogue.services():
        assert re.fullmatch("[A-Z]{1,3}", service.prefix)
        assert owner.setdefault(service.prefix, agency) is agency


def test_six_agencies_are_popular_in_the_order_of_their_visits(settings: Settings) -> None:
    popular = [a.short.in_("id") for a in settings.catalogue.popular()]
    assert popular == [
        "Disdukcapil",
        "DPMPTSP Kota Balikpapan",
        "Bankaltimtara",
        "BPJS Kesehatan",
        "Polresta",
        "Imigrasi",
    ]
    assert len(settings.catalogue.others("id")) == 21


def _texts(settings: Settings) -> list[LocalText]:
    catalogue = settings.catalogue
    texts = [catalogue.site.name, catalogue.site.address]
    texts += [c.reason for c in catalogue.closures] + [g.name for g in catalogue.priority_groups]
    for agency in catalogue.agencies:
        texts += [agency.name, agency.short, agency.hint]
        for service in agency.services:
            texts += [service.name, *service.requirements]
    return texts


def test_every_text_is_there_in_both_languages(settings: Settings) -> None:
    for text in _texts(settings):
        keys = set(text.by_language)
        assert keys in ({""}, {"id", "en"}), text
        assert all(t.strip() for t in text.by_language.values()), text


def test_every_hint_fits_the_line_of_a_tile(settings: Settings) -> None:
    for agency in settings.catalogue.agencies:
        for language in ("id", "en"):
            assert 0 < len(agency.hint.in_(language)) <= 18, agency.hint


def test_every_service_can_be_searched_for_and_has_hours(settings: Settings) -> None:
    for _, service in settings.catalogue.services():
        assert service.keywords, service.code
        assert service.hours.open_weekdays(date(2026, 11, 27)) == (0, 1, 2, 3, 4)
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", service.code)


def test_the_site_says_queue_its_own_way_and_no_text_says_antrian(settings: Settings) -> None:
    assert settings.words.say("id", "slip.head") == "NOMOR ANTREAN"
    text = (CONFIG / "agencies.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    assert not any("antrian" in line or "silahkan" in line for line in lines)


def test_the_head_says_who_must_confirm_and_every_icon_is_given(settings: Settings) -> None:
    head = (CONFIG / "agencies.yaml").read_text(encoding="utf-8")[:600]
    assert "DPMPTSP" in head
    assert "lantai, loket, jam layanan, dan daftar layanan" in head
    icons = [a.icon for a in settings.catalogue.agencies]
    assert len(set(icons)) == 27


def test_the_slip_has_all_that_a_visitor_needs(settings: Settings) -> None:
    kinds = [b.kind for b in settings.template.blocks]
    older = {BlockKind.LOGO, BlockKind.QR, BlockKind.FOOTER}
    unused = {BlockKind.FEED, BlockKind.RULE}
    assert set(kinds) == set(BlockKind) - older - unused
    shown = [b.text.in_("") for b in settings.template.blocks if b.text]
    assert shown == ["logo.png", "{service}", "{agency}", "{address}"]


def test_the_kiosk_starts_with_the_virtual_printer_and_without_a_server(
    settings: Settings,
) -> None:
    assert settings.kiosk.printer.connection == "virtual"
    assert settings.kiosk.server.url == ""
    assert settings.config_dir == str(CONFIG)


def test_the_slip_of_version_0_2_goes_on_working(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    shutil.copy(Path(__file__).parent / "ticket-0.2.yaml", folder / "ticket.yaml")
    made = load_settings(folder, ASSETS)
    kinds = [block.kind for block in made.template.blocks]
    assert set(kinds) == set(BlockKind) - {BlockKind.HEADING, BlockKind.FOLLOW, BlockKind.SURVEY}
    slip = dict(sample_slips(made))["en-priority"]
    for page_mode in (True, False):
        (piece,) = print_bytes(encode(slip, 80, "CP858", page_mode=page_mode), 80)
        for line in (
            *("Mal Pelayanan Publik Kota Balikpapan", "NOMOR ANTREAN", "QUEUE NUMBER", "DK-027"),
            *("PRIORITAS / PRIORITY", "KTP elektronik", "Dinas Kependudukan dan Pencatatan Sipil"),
            *("LANTAI 1 · LOKET 19", "Floor 1 · Counter 19", "Anda berikutnya", "You are next"),
            *("Pindai untuk mengikuti antrean", "Jika nomor terlewat, hubungi petugas loket"),
            *("Berlaku hari ini saja", "Valid today only"),
        ):
            assert line in piece.lines
        assert len(piece.codes) == 1
