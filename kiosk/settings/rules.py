"""Checks of single texts of ``kiosk.yaml`` and ``ticket.yaml``; see ``menu.rules``."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping
from pathlib import Path

from kiosk.domain.colours import LEAST_EDGE, code_of, colour, weakest
from kiosk.domain.config import (
    CODE_PAGES,
    FUNCTION_KEYS,
    MOST_LOGO_BYTES,
    MOST_LOGO_PIXELS,
    MOUTHS,
)
from kiosk.domain.connection import KINDS, BadConnection, Device, Serial, read_connection
from kiosk.domain.theme import NORMAL_COLOURS, readable_accent, with_accent
from menu.known_names import KnownNames
from menu.numbers import LETTER
from menu.problems import excerpt
from menu.rules import RULES, Rule, RuleViolation, closest

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_SIZE, _PNG_HEAD = 16, 24
"""Where a PNG file has its width and height, and the length of its head (PNG specification,
11.2.1)."""


def machine_rules(config_dir: Path, assets_dir: Path) -> Mapping[str, Rule]:
    """The menu's rules and those of this machine's own files.

    ``config_dir`` and ``assets_dir``: where the files that a setting names may lie.
    """
    return {
        **RULES,
        "accent": _accent,
        "code_page": _code_page,
        "connection": _connection,
        "emblem": lambda text, _: _emblem(text, config_dir),
        "file": lambda text, _: _file(text, config_dir),
        "function_key": _function_key,
        "letter": _letter,
        "logo": lambda text, _: _logo(text, config_dir, assets_dir),
        "mount": _mount,
        "mouth": _mouth,
        "pictures": lambda text, _: _pictures(text, config_dir),
    }


def _letter(text: str, _: KnownNames) -> RuleViolation | None:
    if LETTER.fullmatch(text):
        return None
    like = re.sub(r"[^A-HJ-NP-Z]", "", text.upper())[:2]
    return RuleViolation("letter", {"value": excerpt(text), "like": like or "B"})


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


def _connection(text: str, _: KnownNames) -> RuleViolation | None:
    try:
        way = read_connection(text)
    except BadConnection as error:
        if error.part != "kind":
            return RuleViolation(_WRONG_PARTS[error.part], {})
        scheme, colon, rest = text.partition(":")
        guess = None if scheme in KINDS else closest(scheme, KINDS)
        shown = guess + colon + rest if guess else None
        return RuleViolation("connection", {"value": excerpt(text)}, shown)
    if isinstance(way, Device | Serial):
        inside = way.path.startswith("/dev/") and ".." not in way.path.split("/")
        return None if inside and way.path != "/dev/" else RuleViolation("connection.path", {})
    return None


def _inside(folder: Path, name: str) -> Path | None:
    """The path of ``name`` under ``folder``, links followed; None where that leads out."""
    try:
        home = folder.resolve()
        path = (home / name).resolve()
    except (OSError, ValueError, RuntimeError):
        return None
    return path if path.is_relative_to(home) and path != home else None


def _file(text: str, config_dir: Path) -> RuleViolation | None:
    bad = Path(text).is_absolute() or "\\" in text or text.startswith("~")
    if bad or _inside(config_dir, text) is None:
        return RuleViolation("path.outside", {"value": excerpt(text)})
    return None


def _logo(text: str, config_dir: Path, assets_dir: Path) -> RuleViolation | None:
    fault = _file(text, config_dir)
    if fault is not None:
        return fault
    for folder in (config_dir, assets_dir / "images"):
        path = _inside(folder, text)
        if path is not None and path.is_file():
            if _is_logo(path):
                return None
            return RuleViolation("path.no_logo", {"value": excerpt(text)}, warning=True)
    return RuleViolation("path.logo", {"value": excerpt(text)}, warning=True)


def _is_logo(path: Path) -> bool:
    """Whether the head of a file is that of a picture within the limits of the slip's logo."""
    try:
        with path.open("rb") as file:
            head = file.read(_PNG_HEAD)
        small = path.stat().st_size <= MOST_LOGO_BYTES
        if head.startswith(_PNG):
            # Without Pillow, whose import takes longer than the rest of the check.
            width, height = struct.unpack_from(">II", head, _PNG_SIZE)
        else:
            from PIL import Image

            with Image.open(path) as image:
                width, height = image.size
    except (OSError, ValueError, SyntaxError, struct.error):
        return False
    return small and 0 < width * height <= MOST_LOGO_PIXELS


def _emblem(text: str, config_dir: Path) -> RuleViolation | None:
    fault = _file(text, config_dir)
    if fault is not None:
        return fault
    if not text.lower().endswith(".png"):
        return RuleViolation("emblem.png", {"value": excerpt(text)})
    path = _inside(config_dir, text)
    found = path is not None and path.is_file()
    return (
        None if found else RuleViolation("emblem.missing", {"value": excerpt(text)}, warning=True)
    )


def _mount(text: str, _: KnownNames) -> RuleViolation | None:
    """A folder of the machine by its whole path, not the root."""
    parts = Path(text).parts
    if text.startswith("/") and len(parts) > 1 and ".." not in parts and "\0" not in text:
        return None
    return RuleViolation("path.mount", {"value": excerpt(text)})


def _pictures(text: str, config_dir: Path) -> RuleViolation | None:
    fault = _file(text, config_dir)
    if fault is not None:
        return fault
    path = _inside(config_dir, text)
    if path is not None and path.is_dir():
        return None
    return RuleViolation("pictures.missing", {"value": excerpt(text)}, warning=True)


def _accent(text: str, _: KnownNames) -> RuleViolation | None:
    """A colour with which every text and every edge of a control has its least contrast."""
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", text):
        return RuleViolation("accent", {"value": excerpt(text)})
    accent = colour(text)
    weak = weakest(with_accent(NORMAL_COLOURS, accent))
    if weak is None:
        return None
    _pair, ratio, least = weak
    key = "accent.edge" if least == LEAST_EDGE else "accent.text"
    shown = {"value": text, "ratio": f"{math.floor(ratio * 10) / 10:.1f}", "least": f"{least:g}"}
    return RuleViolation(key, {**shown, "like": code_of(readable_accent(accent))})


def _mouth(text: str, _: KnownNames) -> RuleViolation | None:
    """Star's presenters have a message of their own: docs/printers.md, "The mouth"."""
    if text in MOUTHS:
        return None
    if text == "star":
        return RuleViolation("mouth.star", {})
    fields: dict[str, object] = {"value": excerpt(text), "known": ", ".join(MOUTHS)}
    return RuleViolation("choice", fields, closest(text, MOUTHS))


def _code_page(text: str, _: KnownNames) -> RuleViolation | None:
    if text.upper() in CODE_PAGES:
        return None
    fields: dict[str, object] = {"value": excerpt(text), "known": ", ".join(CODE_PAGES)}
    return RuleViolation("choice", fields, closest(text, CODE_PAGES))


def _function_key(text: str, _: KnownNames) -> RuleViolation | None:
    if text in FUNCTION_KEYS:
        return None
    fields: dict[str, object] = {"value": excerpt(text)}
    return RuleViolation("keypad.key", fields, closest(text.upper(), FUNCTION_KEYS))
