"""Checks of single texts, by the names that the schema gives them.

A rule takes the text and the names that a file may use, and returns None or a Fault. A rule
must not raise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Lookup
from difflib import get_close_matches
from ipaddress import IPv4Address
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from menu.known_names import KnownNames
from menu.numbers import PREFIX
from menu.problems import excerpt

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
ZONE_NAMES = MappingProxyType(
    {
        "Asia/Jakarta": "WIB",
        "Asia/Pontianak": "WIB",
        "Asia/Makassar": "WITA",
        "Asia/Jayapura": "WIT",
    }
)
"""How people write the zones of Indonesia."""

_ZONES = MappingProxyType(
    {
        "Asia/Jakarta": ("wib", "jakarta", "surabaya", "bandung", "medan", "semarang", "palembang"),
        "Asia/Makassar": ("wita", "makassar", "balikpapan", "samarinda", "denpasar", "manado"),
        "Asia/Jayapura": ("wit", "jayapura", "ambon", "sorong", "manokwari", "merauke"),
    }
)


class RuleViolation(NamedTuple):
    """The key of a message, its fields, a guess at what was meant."""

    key: str
    fields: dict[str, object]
    guess: str | None = None
    warning: bool = False


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word most similar to ``word``, ignoring case; None if none is similar."""
    by_fold = {k.casefold(): k for k in known}
    match = get_close_matches(word.casefold()[:100], by_fold, 1, 0.6)
    return by_fold[match[0]] if match else None


INDONESIAN = MappingProxyType(
    {
        "alamat": ("address",),
        "alasan": ("reason",),
        "alur": ("procedure",),
        "antrean": ("tickets",),
        "awalan": ("prefix",),
        "bahasa": ("languages",),
        "biaya": ("cost",),
        "dari": ("from",),
        "gedung": ("site",),
        "hari": ("date", "day"),
        "hasil": ("product",),
        "ikon": ("icon",),
        "instansi": ("agencies",),
        "jam": ("hours", "hour"),
        "kata": ("words",),
        "kata_kunci": ("keywords",),
        "kelompok": ("groups",),
        "keterangan": ("hint", "reason"),
        "kode": ("code",),
        "kuota": ("quota",),
        "lantai": ("floor",),
        "langkah": ("procedure",),
        "layanan": ("services", "service"),
        "libur": ("closures", "holidays"),
        "loket": ("counters",),
        "meja": ("desk",),
        "menit": ("minutes",),
        "nama": ("name",),
        "negara": ("country",),
        "nomor": ("number",),
        "pengaduan": ("complaints",),
        "persyaratan": ("requirements",),
        "prioritas": ("priority",),
        "produk": ("product",),
        "prosedur": ("procedure",),
        "sampai": ("to",),
        "sebelum": ("before",),
        "singkat": ("short",),
        "singkatan": ("short",),
        "standar": ("standard",),
        "syarat": ("requirements",),
        "tanggal": ("date",),
        "telepon": ("phone",),
        "tempat": ("where",),
        "tutup": ("closures",),
        "waktu": ("time",),
        "zona": ("zone", "timezone"),
    }
)
"""The keys that an Indonesian word may mean, the likeliest first."""


def meant_key(word: str, known: Iterable[str]) -> str | None:
    """The known key that ``word`` may mean, by its meaning in Indonesian or by its letters."""
    keys = list(known)
    folded = re.sub(r"[\s-]+", "_", word.casefold())
    meant = (key for key in INDONESIAN.get(folded, ()) if key in keys)
    return next(meant, None) or closest(word, keys)


def _code(text: str, _: KnownNames) -> RuleViolation | None:
    if CODE.fullmatch(text):
        return None
    like = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:40].strip("-")
    return RuleViolation("code", {"value": excerpt(text), "like": like or "ktp-el"})


def _prefix(text: str, _: KnownNames) -> RuleViolation | None:
    if PREFIX.fullmatch(text):
        return None
    like = re.sub(r"[^A-Z]", "", text.upper())[:3]
    return RuleViolation("prefix", {"value": excerpt(text), "like": like or "DK"})


def _icon(text: str, names: KnownNames) -> RuleViolation | None:
    if not names.icons or text in names.icons:
        return None
    return RuleViolation("icon", {"value": excerpt(text)}, closest(text, names.icons))


def _timezone(text: str, _: KnownNames) -> RuleViolation | None:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        return RuleViolation("timezone", {"value": excerpt(text)}, zone_meant(text))
    return None


def zone_meant(text: str) -> str | None:
    """One of the three zones of Indonesia, by its letters, its name or a city in it."""
    city = text.casefold().rpartition("/")[2].strip()
    by_word = {word: zone for zone, words in _ZONES.items() for word in words}
    word = city if city in by_word else closest(city, by_word)
    return by_word[word] if word else None


def _language(text: str, names: KnownNames) -> RuleViolation | None:
    if names.may_offer(text):
        return None
    known = ", ".join(names.languages)
    guess = closest(text, names.languages)
    return RuleViolation("language", {"value": excerpt(text), "known": known}, guess)


def _url(text: str, _: KnownNames) -> RuleViolation | None:
    wrong = RuleViolation("url", {"value": excerpt(text)})
    try:
        parts = urlsplit(text)
        host, port, user = parts.hostname, parts.port, parts.username
    except ValueError:
        return wrong
    if user is not None or parts.password is not None:
        return RuleViolation("url.secret", {})
    sound = parts.scheme in ("http", "https") and host and port != 0 and _is_host(host)
    return None if sound and not re.search(r"\s", text) else wrong


def _is_host(host: str) -> bool:
    """Whether ``host`` is a name, or an address whose four figures are at most 255."""
    if not re.fullmatch(r"[0-9.]+", host):
        return True
    try:
        IPv4Address(host)
    except ValueError:
        return False
    return True


Rule = Callable[[str, KnownNames], RuleViolation | None]

RULES: Lookup[str, Rule] = MappingProxyType(
    {
        "code": _code,
        "icon": _icon,
        "language": _language,
        "prefix": _prefix,
        "timezone": _timezone,
        "url": _url,
    }
)
"""The rules of ``agencies.yaml``."""
