"""What the files say, as the domain's values: inheritance, spellings, limits, defaults."""

from __future__ import annotations

from datetime import date, time

import pytest

from menu.agencies import describe
from menu.catalogue import Place
from menu.local_text import LocalText
from menu.quota import DayQuota, Quota
from menu.schedule import Period
from tests.settings.folder import Folder

HEAD = "version: 1\nsite: {name: MPP, timezone: Asia/Makassar}\n"

TODAY = date(2026, 11, 27)


def _one(start: str, end: str) -> tuple[Period, ...]:
    return (Period(time.fromisoformat(start), time.fromisoformat(end)),)


def test_a_service_has_its_agency_s_place_prefix_and_hours_unless_it_has_its_own(
    folder: Folder,
) -> None:
    folder.menu(
        """
  - code: dpmptsp
    prefix: PT
    short: DPMPTSP
    floor: 1
    counters: ["01", 2, T-3]
    hours: {sat: "09:00-12:00"}
    services:
      - {code: umum, name: Umum}
      - {code: oss, name: OSS, floor: B1, counters: "15", prefix: PO, hours: {sun: "09:00-10:00"}}
      - {code: tanya, name: Tanya, counters: []}
"""
    )
    (agency,) = folder.load().catalogue.agencies
    general, oss, ask = agency.services
    assert agency.name == agency.short == LocalText.same("DPMPTSP")
    assert (general.prefix, general.place) == ("PT", Place("1", ("01", "2", "T-3")))
    assert general.hours.days[5] == _one("09:00", "12:00")
    assert general.hours.open_weekdays(TODAY) == (5,)
    assert (oss.prefix, oss.place) == ("PO", Place("B1", ("15",)))
    assert oss.hours.open_weekdays(TODAY) == (6,)
    assert ask.place == Place("1", ())


DAYS = [
    ("mon", (0,)),
    ("mon-thu", (0, 1, 2, 3)),
    ("senin-kamis", (0, 1, 2, 3)),
    ("Senin s.d. Kamis", (0, 1, 2, 3)),
    ("senin sampai kamis", (0, 1, 2, 3)),
    ("jumat", (4,)),
    ('"jum\'at"', (4,)),
    ("JUMAT", (4,)),
    ("Sabtu, Minggu", (5, 6)),
    ("sat, sun", (5, 6)),
    ("sabtu dan minggu", (5, 6)),
    ("sat-mon", (0, 5, 6)),
    ("mon-tue, thu", (0, 1, 3)),
    ("ahad", (6,)),
]


@pytest.mark.parametrize(("written", "days"), DAYS)
def test_days_as_staff_write_them(folder: Folder, written: str, days: tuple[int, ...]) -> None:
    folder.write(
        "agencies.yaml",
        f"{HEAD}hours:\n  {written}: 08.15-14.00\nagencies: [{{code: a, prefix: A, name: A}}]\n",
    )
    (agency,) = folder.load().catalogue.agencies
    assert agency.hours.open_weekdays(TODAY) == days
    assert agency.hours.days[days[0]] == _one("08:15", "14:00")


TIMES = [
    '"08:15-14:00"',
    "08:15-14:00",
    "08.15-14.00",
    "8.15-14.00",
    "08.15 - 14.00 WITA",
    "08:15–14:00",
    "08.15 s.d. 14.00",
    "08.15 s/d 14.00",
    "08.15 sampai 14.00",
    '["08:15-14:00"]',
]


@pytest.mark.parametrize("written", TIMES)
def test_times_as_staff_write_them(folder: Folder, written: str) -> None:
    folder.write(
        "agencies.yaml",
        f"{HEAD}hours:\n  mon: {written}\nagencies: [{{code: a, prefix: A, name: A}}]\n",
    )
    (agency,) = folder.load().catalogue.agencies
    assert agency.hours.days[0] == _one("08:15", "14:00")


@pytest.mark.parametrize(
    "written", ['["13:00-14:00", "08:15-12:00"]', '"08.15-12.00, 13.00-14.00"']
)
def test_a_day_with_a_break_has_its_periods_in_order(folder: Folder, written: str) -> None:
    folder.write(
        "agencies.yaml",
        f"{HEAD}hours: {{mon: {written}, break: closed}}\n"
        "agencies: [{code: a, prefix: A, name: A}]\n",
    )
    (agency,) = folder.load().catalogue.agencies
    assert agency.hours.days[0] == _one("08:15", "12:00") + _one("13:00", "14:00")
    assert agency.hours.break_closed


@pytest.mark.parametrize("written", ["closed", "tutup", "libur", "[]", "", "~"])
def test_a_day_may_say_that_it_is_closed(folder: Folder, written: str) -> None:
    folder.write(
        "agencies.yaml",
        f"{HEAD}hours:\n  mon: {written}\n  tue: 08:15-14:00\n  istirahat: buka\n"
        "agencies: [{code: a, prefix: A, name: A}]\n",
    )
    (agency,) = folder.load().catalogue.agencies
    assert agency.hours.open_weekdays(TODAY) == (1,)
    assert not agency.hours.break_closed


def test_closures_for_all_and_for_some(folder: Folder) -> None:
    folder.menu(
        "\n  - {code: djp, prefix: DJ, name: Pajak}\n",
        head="closures:\n  - {date: 2026-12-25, reason: {id: Natal, en: Christmas}}\n"
        '  - {date: "2027-3-1", reason: Rapat, agencies: [djp]}\n',
    )
    christmas, meeting = folder.load().catalogue.closures
    assert (christmas.date, christmas.agencies) == (date(2026, 12, 25), ())
    assert christmas.reason.in_("en") == "Christmas"
    assert (meeting.date, meeting.agencies) == (date(2027, 3, 1), ("djp",))


def test_an_empty_menu_loads(folder: Folder) -> None:
    folder.write("agencies.yaml", f"{HEAD}agencies: []\n")
    settings = folder.load()
    assert str(describe(settings.catalogue)) == "0 agencies, 0 services"
    assert settings.catalogue.site.zone == "WITA"


def test_a_menu_whose_entries_are_all_commented_out_loads(folder: Folder) -> None:
    folder.write("agencies.yaml", f"{HEAD}closures:\n  # none\nagencies:\n  # none yet\n")
    assert folder.load().catalogue.agencies == ()


def test_an_agency_without_services_loads(folder: Folder) -> None:
    folder.menu(
        "\n  - {code: a, prefix: A, name: A}\n  - {code: b, prefix: B, name: B, services: []}\n"
    )
    settings = folder.load()
    assert str(describe(settings.catalogue)) == "2 agencies, 0 services"
    assert settings.catalogue.agencies[0].icon == "office-building-outline"


@pytest.mark.parametrize(
    "name",
    [
        "N" * 300,
        "Layanan 🪪 KTP 👨‍👩‍👧",
        '"; DROP TABLE tickets; --',
        "a: b # c",
        "{site}",
    ],
)
def test_any_printable_name_is_taken_as_it_is(folder: Folder, name: str) -> None:
    quoted = name.replace("'", "''")
    folder.menu(
        f"\n  - {{code: a, prefix: A, name: '{quoted}', "
        f"services: [{{code: s, name: '{quoted}'}}]}}\n"
    )
    (agency,) = folder.load().catalogue.agencies
    assert agency.name.in_("id") == name
    assert agency.services[0].name.in_("en") == name


def test_a_name_of_501_characters_is_too_long(folder: Folder) -> None:
    folder.menu(f"\n  - {{code: a, prefix: A, name: {'N' * 501}}}\n")
    assert folder.problems() == [
        "agencies.yaml:5:32: agency 'a' > name: too long: 501 characters, at most 500"
    ]


def test_200_agencies_with_50_services_load(folder: Folder) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    prefixes = [a + b for a in letters for b in letters]
    lines = []
    for i in range(200):
        lines += [f"  - code: a{i}", f"    prefix: {prefixes[i]}", f"    name: Instansi {i}"]
        lines += ["    services:"]
        lines += [f"      - {{code: s{i}-{j}, name: Layanan {j}}}" for j in range(50)]
    folder.menu("\n" + "\n".join(lines) + "\n")
    settings = folder.load()
    assert str(describe(settings.catalogue)) == "200 agencies, 10000 services"
    found = settings.catalogue.service("s199-49")
    assert found is not None
    assert found.service.prefix == prefixes[199]


def test_requirements_by_language_or_as_a_list(folder: Folder) -> None:
    folder.menu(
        """
  - code: a
    prefix: A
    name: A
    services:
      - {code: s, name: S, requirements: {id: [KTP, KK], en: [ID card, Family card]}}
      - {code: t, name: T, requirements: [KTP, {id: Ijazah, en: Diploma}]}
      - {code: u, name: U, keywords: [ktp, "e-ktp"], quota: 150, minutes: 10}
"""
    )
    one, two, three = folder.load().catalogue.agencies[0].services
    assert [r.in_("en") for r in one.requirements] == ["ID card", "Family card"]
    assert [r.in_("en") for r in two.requirements] == ["KTP", "Diploma"]
    assert (three.keywords, three.minutes) == (("ktp", "e-ktp"), 10)
    assert three.quota == Quota.every_day(DayQuota(day=150))


def test_each_part_of_the_standard_holds_until_it_is_replaced(folder: Folder) -> None:
    folder.menu(
        """
  - code: a
    prefix: A
    name: A
    standard: {cost: {id: Gratis, en: Free}, procedure: [Datang]}
    services:
      - code: s
        name: S
        standard:
          procedure: {id: [Ambil nomor, Tunggu], en: [Get a number, Wait]}
          time: 3 hari
      - {code: t, name: T}
""",
        head="standard: {complaints: Meja informasi, cost: Sesuai tarif}\n",
    )
    one, two = (s.standard for s in folder.load().catalogue.agencies[0].services)
    assert [step.in_("en") for step in one.procedure] == ["Get a number", "Wait"]
    said = [text and text.in_("en") for text in (one.time, one.cost, one.product, one.complaints)]
    assert said == ["3 hari", "Free", None, "Meja informasi"]
    assert [step.in_("id") for step in two.procedure] == ["Datang"]
    assert (two.time, two.cost, two.complaints) == (None, one.cost, one.complaints)


def test_the_word_for_the_queue_is_the_site_s(folder: Folder) -> None:
    folder.menu(
        " []\n", head="words: {word.queue: {id: antrian, en: line}, done.first: 'Giliran Anda'}\n"
    )
    words = folder.load().words
    assert words.say("id", "slip.head") == "NOMOR ANTRIAN"
    assert words.say("en", "done.number") == "Your line number"
    assert words.say("en", "done.first") == "Giliran Anda"


def test_one_language_is_enough(folder: Folder) -> None:
    folder.write(
        "agencies.yaml",
        "version: 1\nagencies: []\n"
        "site: {name: {id: MPP}, timezone: Asia/Jakarta, languages: id}\n",
    )
    settings = folder.load()
    assert folder.problems() == []
    assert settings.catalogue.site.languages == ("id",)
    assert set(settings.words.by_language) == {"id"}
    assert settings.catalogue.site.zone == "WIB"


def test_the_example_of_the_manual_loads(folder: Folder) -> None:
    folder.write(
        "agencies.yaml",
        """\
# yaml-language-server: $schema=schema/agencies.schema.json
version: 1
site:
  name: {id: Mal Pelayanan Publik Kota Balikpapan, en: Balikpapan Public Service Mall}
  timezone: Asia/Makassar
  languages: [id, en]
hours: {mon-thu: "08:15-14:00", fri: "08:15-11:00"}
tickets: {open_minutes_before: 30, stop_minutes_before: 15, confirm_above: 20}
closures:
  - {date: 2026-12-25, reason: {id: Hari Natal, en: Christmas Day}}
priority:
  groups:
    - {code: elderly, name: {id: Lansia (60 tahun ke atas), en: Senior (60 and over)}}
agencies:
  - code: disdukcapil
    prefix: DK
    name: {id: Dinas Kependudukan dan Pencatatan Sipil, en: Population and Civil Registration}
    short: Disdukcapil
    hint: {id: "KTP, KK, akta", en: "ID card, family card, certificates"}
    icon: card-account-details
    floor: 1
    counters: ["19"]
    popular: 1
    hours: {mon-thu: ["08:15-12:00", "13:00-14:00"], fri: "08:15-11:00"}
    services:
      - code: ktp-el
        name: {id: KTP elektronik, en: Electronic ID card}
        keywords: [ktp, e-ktp, rekam ktp, ktp hilang]
        requirements: {id: [Fotokopi Kartu Keluarga], en: [Copy of the family card]}
        quota: 150
        minutes: 10
  - code: dpmptsp
    prefix: PT
    short: DPMPTSP Kota Balikpapan
    floor: 1
    services:
      - {code: oss, name: {id: Pendampingan OSS, en: Help with OSS}, counters: ["15"], prefix: PO}
""",
    )
    folder.write(
        "kiosk.yaml",
        """\
version: 1
id: lobi-1
kiosks: 1
screen: {diagonal_inch: 21.5, lower_edge_mm: 700}
printer: {connection: "network:192.0.2.10:9100", paper_mm: 80, level: auto, on_fault: screen}
server: {url: "https://antrean.example.go.id", token_file: token, ca_file: ca.pem, deadline_s: 0.7}
timeouts: {idle_s: 45, warning_s: 20, number_s: 10}
""",
    )
    folder.write(
        "ticket.yaml",
        """\
version: 1
blocks:
  - logo: logo.png
  - text: "{site}"
  - number: {height: 8}
  - text: "{agency}\\n{service}"
  - where
  - ahead
  - qr
  - text: {id: "Jika nomor terlewat, hubungi petugas loket", en: "If you miss your call, ask"}
  - footer
""",
    )
    assert folder.problems() == []
    settings = folder.load()
    assert str(describe(settings.catalogue)) == "2 agencies, 2 services"
    assert settings.catalogue.confirm_above == 20
