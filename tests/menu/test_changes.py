"""What differs between two menus, in sentences."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from menu.agencies import check_menu
from menu.catalogue import (
    Agency,
    Catalogue,
    InformationDesk,
    Need,
    Place,
    Service,
    ServiceStandard,
    Site,
)
from menu.changes import menu_changes
from menu.local_text import LocalText
from menu.messages import TEXTS
from menu.schedule import TicketWindow, WeeklyHours

MENU = """
version: 1
site: {name: {id: MPP Kecil, en: Small MPP}, timezone: Asia/Makassar, languages: [id, en]}
hours: {mon-thu: "08:15-14:00", fri: "08:15-11:00"}
holidays: {country: ID, joint_leave: closed}
closures:
  - {date: 2026-12-31, reason: {id: Pelatihan, en: Training}, agencies: [disdukcapil]}
agencies:
  - code: disdukcapil
    prefix: DK
    short: Disdukcapil
    floor: 1
    counters: ["19"]
    services:
      - {code: ktp, name: {id: KTP elektronik, en: ID card}, quota: 150}
      - {code: kk, name: {id: Kartu Keluarga, en: Family card}}
  - {code: pln, prefix: P, short: PLN, hours: {mon-fri: "09:00-12:00"}, services: [{code: pasang, name: Pasang baru}]}
  - {code: djp, prefix: J, short: DJP, services: [{code: npwp, name: NPWP}]}
  - {code: bnn, prefix: B, short: BNN, services: [{code: tes, name: Tes urine}]}
  - {code: taspen, prefix: T, short: Taspen, services: [{code: pensiun, name: Pensiun}]}
"""  # noqa: E501


def menu(*edits: tuple[str, str]) -> Catalogue:
    text = MENU
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    checked = check_menu(text.encode(), "agencies.yaml")
    assert checked.catalogue is not None, [str(problem) for problem in checked.problems]
    return checked.catalogue


def said(*edits: tuple[str, str], language: str = "id") -> list[str]:
    return [str(change) for change in menu_changes(menu(), menu(*edits), language)]


def test_an_equal_menu_changes_nothing() -> None:
    assert said() == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("    floor: 1\n", '    floor: 1\n    hours: {mon-thu: "08:15-14:00", fri: tutup}\n',
         "Disdukcapil: tutup Jumat, dulu 08.15-11.00"),
        ('{mon-fri: "09:00-12:00"}', '{mon-fri: "09:00-12:00", sat: "08:00-10:00"}',
         "PLN: buka Sabtu 08.00-10.00, dulu tutup"),
        ('{mon-fri: "09:00-12:00"}', '{mon-fri: ["09:00-12:00", "13:00-15:00"]}',
         "PLN: Senin-Jumat 09.00-12.00, 13.00-15.00, dulu 09.00-12.00"),
        ("quota: 150", "quota: 100", "Disdukcapil, KTP elektronik: kuota 100, dulu 150"),
        ("quota: 150", 'quota: {day: 150, hour: 9, before: {"12:00": 90}}',
         "Disdukcapil, KTP elektronik: kuota 150, 9 per jam, 90 sebelum 12.00, dulu 150"),
        ("quota: 150", "quota: {mon-thu: 150, fri: 80}",
         "Disdukcapil, KTP elektronik: kuota Senin-Kamis 150, Jumat 80, dulu 150"),
        (", quota: 150", "", "Disdukcapil, KTP elektronik: kuota tidak ada, dulu 150"),
        ("floor: 1", "floor: 2",
         "Disdukcapil: tempat lantai 2, loket 19, dulu lantai 1, loket 19"),
        ("en: ID card", "en: Identity card",
         "Disdukcapil, KTP elektronik: nama 'Identity card' (en), dulu 'ID card' (en)"),
        ("      - {code: kk, name: {id: Kartu Keluarga, en: Family card}}\n", "",
         "Disdukcapil: layanan 'Kartu Keluarga' dihapus"),
        ("  - {code: bnn, prefix: B, short: BNN, services: [{code: tes, name: Tes urine}]}\n", "",
         "BNN: instansi dihapus, 1 layanan"),
        ("holidays: {country: ID, joint_leave: closed}\n", "",
         "daftar hari libur nasional tidak dipakai lagi"),
        ("date: 2026-12-31", "date: 2026-12-30",
         "Disdukcapil: tutup 2026-12-30: Pelatihan"),
        ("timezone: Asia/Makassar", "timezone: Asia/Jakarta",
         "zona waktu 'Asia/Jakarta', dulu 'Asia/Makassar'"),
    ],
)  # fmt: skip
def test_a_change_is_a_sentence(old: str, new: str, sentence: str) -> None:
    assert sentence in said((old, new))


def test_a_change_of_the_sites_hours_is_one_sentence() -> None:
    """PLN has its own hours and is not among them."""
    edit = ('fri: "08:15-11:00"', 'fri: "08:15-10:00"')
    assert said(edit) == ["4 instansi: Jumat 08.15-10.00, dulu 08.15-11.00"]
    assert said(edit, language="en") == ["4 agencies: Friday 08.15-10.00, was 08.15-11.00"]


def test_a_service_that_inherits_is_not_named_again() -> None:
    assert said(("prefix: DK", "prefix: DD")) == ["Disdukcapil: huruf nomor 'DD', dulu 'DK'"]


def test_no_field_keeps_its_english_name_in_a_sentence() -> None:
    """Hours, closures, agencies and services have sentences of their own; codes never change."""
    apart = {"code", "hours", "services", "site", "agencies", "closures", "country"}
    parts = (Catalogue, Site, InformationDesk, Agency, Service, ServiceStandard, Need, TicketWindow)
    names = {field.name for part in parts for field in fields(part)} - apart
    for language in ("id", "en"):
        words = TEXTS.by_language[language]
        assert [name for name in names if f"change.field.{name}" not in words] == []
    edit = ("quota: 150", "standard: {procedure: [Ambil nomor], time: 1 hari}, quota: 150")
    assert said(edit) == [
        "Disdukcapil, KTP elektronik: standar pelayanan prosedur 'Ambil nomor', "
        "waktu penyelesaian '1 hari', dulu tidak ada"
    ]


def _other(value: Any) -> Any:
    """A value of the same kind that differs."""
    if isinstance(value, LocalText):
        return LocalText.same("Lain")
    if isinstance(value, str):
        return f"{value}x"
    if isinstance(value, int) or value is None:
        return (value or 0) + 7
    if isinstance(value, Place):
        return Place("9", ("99",))
    if isinstance(value, TicketWindow):
        return TicketWindow(99, 99)
    if isinstance(value, tuple):
        return value[1:] if value else ("lain",)
    if isinstance(value, WeeklyHours):
        return replace(value, open_on=frozenset([date(2026, 12, 24)]))
    return None


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_field_of_every_part_is_reported(language: str) -> None:
    """Also those that this test does not know: a field added later is found by reflection."""
    old = menu()
    agency, service = old.agencies[0], old.agencies[0].services[0]
    made: list[tuple[str, Catalogue]] = []
    for field in fields(service):
        changed = replace(service, **{field.name: _other(getattr(service, field.name))})
        services = (changed, *agency.services[1:])
        first = replace(agency, services=services)
        made.append((f"service.{field.name}", replace(old, agencies=(first, *old.agencies[1:]))))
    for field in fields(agency):
        first = replace(agency, **{field.name: _other(getattr(agency, field.name))})
        made.append((f"agency.{field.name}", replace(old, agencies=(first, *old.agencies[1:]))))
    for field in fields(old.site):
        if field.name != "desk":
            site = replace(old.site, **{field.name: _other(getattr(old.site, field.name))})
            made.append((f"site.{field.name}", replace(old, site=site)))
    for name, new in made:
        found = menu_changes(old, new, language)
        assert found, f"{name} is not reported"
        assert all(str(change).strip() and "{" not in str(change) for change in found), name
        assert menu_changes(new, new, language) == []
