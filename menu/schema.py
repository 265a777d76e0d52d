"""What a settings file may contain: the kinds of values, and the schema of ``agencies.yaml``.

One description drives the checks (``check.py``), the schemas for editors and the reference in
``docs/configuration.md``. Kinds hold data only; ``about`` is the text that an editor shows.
``kiosk.settings.schema`` describes ``kiosk.yaml`` and ``ticket.yaml`` with the same kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from menu.holidays import COUNTRIES

NAME = 500
"""Characters of a name or a sentence; 300 must be possible, and memory bounded."""


@dataclass(frozen=True, slots=True)
class PlainText:
    """One text. ``rule`` names a check of its content; ``lines`` allows line breaks."""

    limit: int = NAME
    rule: str = ""
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Local:
    """One text for every language, or a text by language.

    ``fields``: what it may name in braces; None: braces mean nothing.
    """

    limit: int = NAME
    lines: bool = False
    fields: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Locals:
    """A list of such texts, or a list of texts by language, equally long."""

    limit: int = NAME
    most: int = 50


@dataclass(frozen=True, slots=True)
class Label:
    """A short label that people may write as a number: a floor, a counter."""

    limit: int = 20


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from ``low`` to ``high``, or one of ``only``."""

    low: int = 1
    high: int = 1_000_000
    only: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Real:
    """A number from ``low`` to ``high``."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A date, year-month-day."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Periods by weekday, as staff write them."""


@dataclass(frozen=True, slots=True)
class Quota:
    """A number, or numbers by day, hour, time and weekday."""

    number: Whole


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels: ``[1080, 1920]`` or ``1080x1920``."""

    low: int = 200
    high: int = 16384


@dataclass(frozen=True, slots=True)
class WordOverrides:
    """Texts by key of the vocabulary."""


@dataclass(frozen=True, slots=True)
class Many:
    """A list. ``noun``: what an item is called. ``single``: one item needs no list."""

    item: Kind
    most: int = 1000
    noun: str = "item"
    single: bool = False


@dataclass(frozen=True)
class Table:
    """Named values."""

    fields: tuple[Field, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by their names."""
        return {f.name: f for f in self.fields}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The names of the fields that must be given."""
        return tuple(f.name for f in self.fields if f.required)


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of a slip.

    ``options`` is what each kind takes; a kind whose main value is a text (``main``) has its
    options beside it, another has them under its name.
    """

    options: tuple[tuple[str, Table], ...]
    main: tuple[tuple[str, Kind], ...]
    most: int = 60


Kind = (
    PlainText
    | Local
    | Locals
    | Label
    | Whole
    | Real
    | Flag
    | Choice
    | Day
    | Hours
    | Quota
    | Size
    | WordOverrides
    | Many
    | Table
    | Blocks
)


@dataclass(frozen=True, slots=True)
class Field:
    """A named value of a Table."""

    name: str
    kind: Kind
    about: str
    required: bool = False


VERSION = Field("version", Whole(only=(1,)), "Versi susunan berkas; selalu 1.", required=True)
_COUNTERS = Many(Label(), most=100, single=True)
_CODE = PlainText(64, rule="code")

_SEASON = Table(
    (
        Field("from", Day(), "Hari pertama.", required=True),
        Field("to", Day(), "Hari terakhir.", required=True),
        Field("reason", Local(), "Sebabnya, seperti Ramadan."),
        Field("hours", Hours(), "Jam layanan pada hari-hari itu.", required=True),
    )
)

_YEAR = (
    Field(
        "hours_between", Many(_SEASON, most=50, noun="season"), "Jam lain di antara dua tanggal."
    ),
    Field(
        "open_on",
        Many(Day(), most=200, single=True),
        "Tetap buka pada tanggal ini, walau ada di daftar hari libur.",
    ),
)
"""What the site, an agency and a service may each say about single dates."""

_STANDARD = Table(
    (
        Field("procedure", Locals(), "Langkah-langkahnya, satu teks untuk setiap langkah."),
        Field("time", Local(), "Lama penyelesaian, seperti: 3 hari kerja."),
        Field("cost", Local(), "Biaya atau tarif, seperti: Gratis."),
        Field("product", Local(), "Hasil layanan, seperti: KTP elektronik."),
        Field("complaints", Local(), "Tempat menyampaikan pengaduan."),
    )
)

_WITH_STANDARD = (
    Field(
        "standard",
        _STANDARD,
        "Standar pelayanan (UU 25/2009); setiap bagian berlaku sampai diganti di bawahnya.",
    ),
)
"""What the site, an agency and a service may each say of the standard of services."""

_SERVICE = Table(
    (
        Field("code", _CODE, "Nama tetap layanan, tidak diubah sesudah dipakai.", required=True),
        Field("name", Local(), "Nama layanan di layar dan tiket.", required=True),
        Field(
            "prefix", PlainText(NAME, rule="prefix"), "Awalan nomor layanan ini, 1-3 huruf besar."
        ),
        Field("floor", Label(), "Lantai, bila lain dari instansinya."),
        Field("counters", _COUNTERS, "Loket, bila lain dari instansinya."),
        Field("hours", Hours(), "Jam layanan, bila lain dari instansinya."),
        *_YEAR,
        Field("keywords", Many(PlainText(100), most=100), "Kata yang dicari pengunjung."),
        Field(
            "synonyms",
            Many(PlainText(100), most=100),
            "Nama lain layanan ini: nama lama, singkatan, ejaan lain, bahasa lain.",
        ),
        Field("requirements", Locals(), "Yang harus dibawa, satu teks untuk setiap syarat."),
        *_WITH_STANDARD,
        Field(
            "quota",
            Quota(Whole(1, 9999)),
            "Banyaknya nomor sehari (40), atau menurut hari dan jam: {day: 40, hour: 8, before: "
            '{"12:00": 25}, fri: 20}.',
        ),
        Field("minutes", Whole(1, 600), "Lama layanan yang biasa, dalam menit."),
    )
)

_AGENCY = Table(
    (
        Field("code", _CODE, "Nama tetap instansi, tidak diubah sesudah dipakai.", required=True),
        Field(
            "prefix",
            PlainText(NAME, rule="prefix"),
            "Awalan nomor, 1-3 huruf besar.",
            required=True,
        ),
        Field("name", Local(), "Nama lengkap instansi."),
        Field("short", Local(), "Nama pendek di tombol."),
        Field("hint", Local(200), "Kata sehari-hari di bawah nama, paling baik 18 huruf."),
        Field("icon", PlainText(100, rule="icon"), "Nama ikon Material Design Icons."),
        Field("floor", Label(), "Lantai."),
        Field("counters", _COUNTERS, "Loket, di dalam tanda kutip."),
        Field("survey_url", PlainText(rule="url"), "Survei kepuasan (SKM) instansi ini."),
        Field("popular", Whole(1, 99), "Urutan di baris paling sering dikunjungi."),
        Field("hours", Hours(), "Jam layanan, bila lain dari jam semua instansi."),
        *_YEAR,
        *_WITH_STANDARD,
        Field("services", Many(_SERVICE, most=200, noun="service"), "Layanan instansi ini."),
    )
)

_DESK = Table(
    (
        Field("where", Local(), "Di mana meja informasi, terbaca di layar.", required=True),
        Field("phone", PlainText(40), "Nomor telepon atau WhatsApp meja informasi."),
    )
)

_SITE = Table(
    (
        Field("name", Local(), "Nama MPP.", required=True),
        Field("address", Local(), "Alamat, tercetak di tiket."),
        Field("timezone", PlainText(rule="timezone"), "Seperti Asia/Jakarta.", required=True),
        Field("zone", PlainText(20), "Sebutan zona waktu: WIB, WITA, atau WIT."),
        Field("languages", Many(PlainText(rule="language"), 9, single=True), "Yang pertama: awal."),
        Field("public_url", PlainText(rule="url"), "Alamat untuk mengikuti antrean di ponsel."),
        Field("survey_url", PlainText(rule="url"), "Survei kepuasan (SKM), kode QR di tiket."),
        Field(
            "complaint_url",
            PlainText(rule="url"),
            "Pengaduan (SP4N-LAPOR), kode QR di bantuan dan kendala.",
        ),
        Field("desk", _DESK, "Meja informasi: tempat dan nomor telepon."),
    )
)

_CLOSURE = Table(
    (
        Field("date", Day(), "Tanggal libur.", required=True),
        Field("reason", Local(), "Sebabnya, terbaca di layar.", required=True),
        Field(
            "agencies", Many(PlainText(64), single=True), "Hanya instansi ini; tanpa isian: semua."
        ),
    )
)

_GROUP = Table(
    (
        Field("code", _CODE, "Nama tetap kelompok.", required=True),
        Field("name", Local(), "Nama kelompok di layar.", required=True),
        Field("icon", PlainText(100, rule="icon"), "Nama ikon Material Design Icons."),
    )
)

_NEED = Table(
    (
        Field("service", PlainText(64), "Kode layanan.", required=True),
        Field("words", Local(60), "Kata di tombolnya; tanpa isian: nama layanan."),
    )
)

_SEARCH = Table(
    (
        Field(
            "needs",
            Many(_NEED, most=6, noun="need"),
            "Keperluan yang paling sering, di layar cari; paling banyak enam.",
        ),
        Field(
            "synonyms",
            Many(Many(PlainText(100), most=20), most=500),
            "Kelompok kata yang sama artinya.",
        ),
    )
)

AGENCIES = Table(
    (
        VERSION,
        Field(
            "valid_from",
            Day(),
            "Menu ini berlaku mulai tanggal ini; sampai itu menu sebelumnya tetap dipakai.",
        ),
        Field("site", _SITE, "Gedung ini.", required=True),
        Field("words", WordOverrides(), "Kata layar dan tiket yang diganti."),
        Field("hours", Hours(), "Jam layanan semua instansi."),
        Field(
            "holidays",
            Table(
                (
                    Field("country", Choice(COUNTRIES), "Negara daftar hari libur.", required=True),
                    Field("joint_leave", Choice(("closed", "open")), "Cuti bersama: tutup, buka."),
                )
            ),
            "Hari libur nasional dan cuti bersama, dari daftar yang ikut dipasang.",
        ),
        *_YEAR,
        Field(
            "tickets",
            Table(
                (
                    Field("open_minutes_before", Whole(0, 600), "Menit sebelum jam buka."),
                    Field("stop_minutes_before", Whole(0, 600), "Menit sebelum jam tutup."),
                    Field(
                        "confirm_above",
                        Whole(0, 9999),
                        "Lebih dari sekian orang menunggu: mesin bertanya dahulu.",
                    ),
                    Field(
                        "last_by_closing",
                        Flag(),
                        "true: tidak memberi nomor yang perkiraan gilirannya sesudah jam tutup.",
                    ),
                )
            ),
            "Kapan dan bagaimana nomor dapat diambil.",
        ),
        Field("closures", Many(_CLOSURE, noun="closure"), "Hari tutup di luar daftar hari libur."),
        Field(
            "priority",
            Table((Field("groups", Many(_GROUP, most=20, noun="group"), "Kelompok prioritas."),)),
            "Antrean prioritas.",
        ),
        *_WITH_STANDARD,
        Field("search", _SEARCH, "Mencari layanan menurut keperluan."),
        Field(
            "agencies", Many(_AGENCY, most=1000, noun="agency"), "Instansi di MPP.", required=True
        ),
    )
)
"""``agencies.yaml``."""
