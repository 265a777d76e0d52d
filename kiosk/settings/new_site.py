"""The settings files of a site that begins: from a few answers to ``agencies.yaml``.

``kiosk new`` asks for the answers; ``script/make_examples.py`` has some of its own. The values are
written in double quotes, whose escapes are those of JSON (YAML 1.2, 5.7), so that no answer can
become a key, a number or a date.
"""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from string import ascii_uppercase

from kiosk.package_data import CONFIG
from kiosk.settings.assets import ASSETS
from kiosk.settings.languages import check_letters
from kiosk.settings.loader import KIOSK_FILE, TICKET_FILE, own_typeface
from menu.agencies import AGENCIES_FILE, check_text
from menu.hours import show
from menu.problems import Report
from menu.rules import ZONE_NAMES
from menu.schedule import Period

SCHEMA_FOLDER = "schema"
_CODE_LENGTH = 40
_MOST_CODE_LENGTH = 64
"""The schema's limit, with the code of the agency in front and a number behind."""

_YAML_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""What YAML 1.1 does not read as a text (yaml.org/type/bool.html)."""

_DAYS = ("mon-thu", "fri", "sat", "sun")

_HEAD = """\
# yaml-language-server: $schema=schema/agencies.schema.json
# Menu layanan: {name}
#
# Cara mengubah:
#   1. Ubah, lalu simpan. Jarak dari tepi kiri dibuat dengan spasi, bukan tombol Tab.
#   2. Periksa dengan: kiosk check
#      Setiap kesalahan disebut dengan nama berkas, baris, dan kolomnya.
#   3. Nomor loket dan jam diberi tanda kutip: "01", "08:15-14:00".
#   4. Setiap "code" adalah nama tetap sebuah layanan: jangan diubah sesudah dipakai.
# Penjelasan semua isian ada di docs/configuration.md.

version: 1
"""
_REST = """
# Nomor dapat diambil sejak 30 menit sebelum buka sampai 15 menit sebelum tutup.
tickets: {open_minutes_before: 30, stop_minutes_before: 15}

# Hari libur nasional dan cuti bersama. Bila melayani pada cuti bersama: joint_leave: open
holidays: {country: ID, joint_leave: closed}

# Pengunjung memilih sendiri; petugas dapat meminta konfirmasi.
priority:
  groups:
    - {code: elderly, name: {id: Lansia (60 tahun ke atas), en: Senior (60 and over)}}
    - {code: disability, name: {id: Penyandang disabilitas, en: Person with a disability}}
    - {code: pregnant, name: {id: Ibu hamil, en: Pregnant}}
    - {code: nursing, name: {id: Menyusui atau membawa bayi, en: Nursing or with a baby}}

# Instansi boleh memiliki "hours" sendiri; layanan juga, dan "counters", "quota", "requirements".
agencies:
"""


@dataclass(frozen=True, slots=True)
class NewAgency:
    """An agency: ``services`` are names. ``prefix`` empty: letters of the short name."""

    short: str
    services: tuple[str, ...]
    name: str = ""
    prefix: str = ""
    floor: str = "1"
    counters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewSite:
    """A site: ``hours`` by ``mon-thu``, ``fri``, ``sat``, ``sun``; a missing day is closed."""

    name: str
    timezone: str
    hours: dict[str, tuple[Period, ...]]
    agencies: tuple[NewAgency, ...]
    address: str = ""
    desk: str = ""
    head: str = field(default="", kw_only=True)
    """Further lines for the head of the file, each a comment."""


def write_site(site: NewSite, folder: Path) -> None:
    """Write the three settings files and their schemas into ``folder``. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / AGENCIES_FILE).write_text(menu_text(site), encoding="utf-8")
    for name in (KIOSK_FILE, TICKET_FILE):
        shutil.copyfile(CONFIG / name, folder / name)
    (folder / SCHEMA_FOLDER).mkdir(exist_ok=True)
    for path in sorted((CONFIG / SCHEMA_FOLDER).glob("*.json")):
        shutil.copyfile(path, folder / SCHEMA_FOLDER / path.name)


def answer_problem(site: NewSite, language: str) -> str:
    """The first error of the menu of ``site``, in ``language`` and without its place; empty where
    it has none. Of a ``site`` with a single answer in it, this is what is wrong with the answer."""
    text, report = menu_text(site), Report(AGENCIES_FILE, language)
    check_text(text, report)
    typeface = own_typeface(ASSETS)
    check_letters(text, (typeface,) if typeface else (), report)
    return next((problem.text for problem in report if not problem.warning), "")


def menu_text(site: NewSite) -> str:
    """The text of ``agencies.yaml``."""
    name = " ".join(site.name.split())
    lines = [_HEAD.format(name=name) + site.head, "site:", f"  name: {quoted(site.name)}"]
    if site.address:
        lines.append(f"  address: {quoted(site.address)}")
    lines.append(f"  timezone: {site.timezone}")
    if site.timezone in ZONE_NAMES:
        lines.append(f"  zone: {ZONE_NAMES[site.timezone]}")
    lines.append("  languages: [id, en]              # yang pertama menjadi bahasa awal")
    if site.desk:
        lines.append(f"  desk: {{where: {quoted(site.desk)}}}")
    lines += ["", '# Hari dengan istirahat: ["08:15-12:00", "13:00-14:00"]', "hours:"]
    for day in _DAYS:
        if site.hours.get(day):
            lines.append(f"  {day}: {_periods(site.hours[day])}")
    return "\n".join(lines) + "\n" + _REST + "".join(_agencies(site.agencies))


def _periods(periods: Sequence[Period]) -> str:
    said = [quoted(show(period)) for period in periods]
    return said[0] if len(said) == 1 else f"[{', '.join(said)}]"


def _agencies(agencies: Sequence[NewAgency]) -> Iterator[str]:
    codes: set[str] = set()
    services: set[str] = set()
    prefixes = {agency.prefix for agency in agencies if agency.prefix}
    for agency in agencies:
        code = code_of(agency.short, codes)
        codes.add(code)
        prefix = agency.prefix or prefix_of(agency.short, prefixes)
        prefixes.add(prefix)
        yield f"  - code: {_plain(code)}\n    prefix: {_plain(prefix)}\n"
        yield f"    short: {quoted(agency.short)}\n"
        if agency.name and agency.name != agency.short:
            yield f"    name: {quoted(agency.name)}\n"
        if agency.floor:
            yield f"    floor: {quoted(agency.floor)}\n"
        if agency.counters:
            yield f"    counters: [{', '.join(map(quoted, agency.counters))}]\n"
        yield "    services:\n"
        for service in agency.services:
            of_service = code_of(service, services, before=code)
            services.add(of_service)
            yield f"      - {{code: {_plain(of_service)}, name: {quoted(service)}}}\n"


def code_of(text: str, taken: Container[str], before: str = "") -> str:
    """A code for something called ``text`` that is not among ``taken``: ``kartu-keluarga``.

    ``before`` is put in front where the plain code is taken; after that a number behind.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_CODE_LENGTH].strip("-") or "x"
    if made in taken and before:
        made = f"{before}-{made}"
    count, tail = 1, ""
    while (code := _cut(made, tail)) in taken:
        count += 1
        tail = f"-{count}"
    return code


def _cut(code: str, tail: str) -> str:
    return code[: _MOST_CODE_LENGTH - len(tail)].strip("-") + tail


def prefix_of(text: str, taken: Container[str]) -> str:
    """Letters for the numbers of something called ``text`` that are not among ``taken``.

    First letters of its words, then its first letter with a later one, then any two.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    words = re.findall(r"[A-Z]+", plain)
    letters = "".join(words)
    tries = ["".join(word[0] for word in words)[:3]] if len(words) > 1 else []
    tries += [letters[:1] + letter for letter in letters[1:]]
    tries += [a + b for a, b in product(ascii_uppercase, repeat=2)]
    return next(one for one in (*tries, *map("".join, product(ascii_uppercase, repeat=3)))
                if one and one not in taken)  # fmt: skip


def _plain(text: str) -> str:
    """A code as it is, or quoted where YAML would read it as a number or a truth value."""
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", text) and text.casefold() not in _YAML_WORDS
    return text if plain else quoted(text)


def quoted(text: str) -> str:
    """``text`` in double quotes for a YAML file: what JSON escapes, YAML reads in the same way."""
    return json.dumps(text, ensure_ascii=False)
