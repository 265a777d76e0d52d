"""Checks of single texts, by the names that the schema gives them.

A rule takes the text and what is known of the world, and answers None or a Fault. A rule may
never raise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from kiosk.domain.config import CODE_PAGES
from kiosk.domain.connection import KINDS, BadConnection, Device, Serial, read_connection
from kiosk.domain.numbering import LETTER, PREFIX
from kiosk.settings.problems import excerpt

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ZONES = {"wib": "Asia/Jakarta", "wita": "Asia/Makassar", "wit": "Asia/Jayapura"}


@dataclass(frozen=True, slots=True)
class World:
    """What texts are held against.

    ``icons``: names of the icon font, empty where it is not there (then any name will do).
    ``languages``: those with a vocabulary; ``site_languages``: those of this site.
    ``vocabulary``: the texts of the first language by key. ``config_dir`` and ``assets_dir``
    are where files may lie.
    """

    config_dir: Path
    assets_dir: Path
    icons: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()
    site_languages: tuple[str, ...] = ()
    vocabulary: dict[str, str] = field(default_factory=dict)


class Fault(NamedTuple):
    """The key of a message, its fields, a guess at what was meant."""

    key: str
    fields: dict[str, object]
    guess: str | None = None
    warning: bool = False


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like ``word``, whatever the case; None if none is."""
    by_fold = {k.casefold(): k for k in known}
    match = get_close_matches(word.casefold()[:100], by_fold, 1, 0.6)
    return by_fold[match[0]] if match else None


def _code(text: str, _: World) -> Fault | None:
    if _CODE.fullmatch(text):
        return None
    like = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:40].strip("-")
    return Fault("code", {"value": excerpt(text), "like": like or "ktp-el"})


def _prefix(text: str, _: World) -> Fault | None:
    if PREFIX.fullmatch(text):
        return None
    like = re.sub(r"[^A-Z]", "", text.upper())[:3]
    return Fault("prefix", {"value": excerpt(text), "like": like or "DK"})


def _letter(text: str, _: World) -> Fault | None:
    if LETTER.fullmatch(text):
        return None
    like = re.sub(r"[^A-HJ-NP-Z]", "", text.upper())[:2]
    return Fault("letter", {"value": excerpt(text), "like": like or "B"})


def _icon(text: str, world: World) -> Fault | None:
    if not world.icons or text in world.icons:
        return None
    return Fault("icon", {"value": excerpt(text)}, closest(text, world.icons))


def _timezone(text: str, _: World) -> Fault | None:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        guess = _ZONES.get(text.casefold()) or closest(text, available_timezones())
        return Fault("timezone", {"value": excerpt(text)}, guess)
    return None


def _language(text: str, world: World) -> Fault | None:
    if text in world.languages:
        return None
    names = ", ".join(world.languages)
    guess = closest(text, world.languages)
    return Fault("language", {"value": excerpt(text), "known": names}, guess)


def _url(text: str, _: World) -> Fault | None:
    wrong = Fault("url", {"value": excerpt(text)})
    try:
        parts = urlsplit(text)
        host, port, user = parts.hostname, parts.port, parts.username
    except ValueError:
        return wrong
    if user is not None or parts.password is not None:
        return Fault("url.secret", {})
    sound = parts.scheme in ("http", "https") and host and port != 0
    return None if sound and not re.search(r"\s", text) else wrong


_WRONG_PARTS = {
    "host": "connection.host",
    "port": "connection.port",
    "path": "connection.path",
    "usb": "connection.usb",
    "serial": "connection.serial",
    "baud": "connection.baud",
    "queue": "connection.queue",
    "file": "connection.file",
}


def _connection(text: str, _: World) -> Fault | None:
    try:
        way = read_connection(text)
    except BadConnection as error:
        if error.part != "kind":
            return Fault(_WRONG_PARTS[error.part], {})
        scheme, colon, rest = text.partition(":")
        guess = None if scheme in KINDS else closest(scheme, KINDS)
        shown = guess + colon + rest if guess else None
        return Fault("connection", {"value": excerpt(text)}, shown)
    if isinstance(way, Device | Serial):
        inside = way.path.startswith("/dev/") and ".." not in way.path.split("/")
        return None if inside and way.path != "/dev/" else Fault("connection.path", {})
    return None


def _inside(folder: Path, name: str) -> Path | None:
    """The path of ``name`` under ``folder``, links followed; None where that leads out."""
    try:
        home = folder.resolve()
        path = (home / name).resolve()
    except (OSError, ValueError, RuntimeError):
        return None
    return path if path.is_relative_to(home) and path != home else None


def _file(text: str, world: World) -> Fault | None:
    bad = Path(text).is_absolute() or "\\" in text or text.startswith("~")
    if bad or _inside(world.config_dir, text) is None:
        return Fault("path.outside", {"value": excerpt(text)})
    return None


def _logo(text: str, world: World) -> Fault | None:
    fault = _file(text, world)
    if fault is not None:
        return fault
    for folder in (world.config_dir, world.assets_dir / "images"):
        path = _inside(folder, text)
        if path is not None and path.is_file():
            return None
    return Fault("path.logo", {"value": excerpt(text)}, warning=True)


def _code_page(text: str, _: World) -> Fault | None:
    if text.upper() in CODE_PAGES:
        return None
    fields: dict[str, object] = {"value": excerpt(text), "known": ", ".join(CODE_PAGES)}
    return Fault("choice", fields, closest(text, CODE_PAGES))


RULES: dict[str, Callable[[str, World], Fault | None]] = {
    "code": _code,
    "code_page": _code_page,
    "connection": _connection,
    "file": _file,
    "icon": _icon,
    "language": _language,
    "letter": _letter,
    "logo": _logo,
    "prefix": _prefix,
    "timezone": _timezone,
    "url": _url,
}
