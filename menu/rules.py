"""Checks of single texts, by the names that the schema gives them.

A rule takes the text and the names that a file may use, and returns None or a Fault. A rule
must not raise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Lookup
from difflib import get_close_matches
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from menu.known_names import KnownNames
from menu.numbers import PREFIX
from menu.problems import excerpt

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ZONES = {"wib": "Asia/Jakarta", "wita": "Asia/Makassar", "wit": "Asia/Jayapura"}


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


def _code(text: str, _: KnownNames) -> RuleViolation | None:
    if _CODE.fullmatch(text):
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
        guess = _ZONES.get(text.casefold()) or closest(text, available_timezones())
        return RuleViolation("timezone", {"value": excerpt(text)}, guess)
    return None


def _language(text: str, names: KnownNames) -> RuleViolation | None:
    if text in names.languages:
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
    sound = parts.scheme in ("http", "https") and host and port != 0
    return None if sound and not re.search(r"\s", text) else wrong


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
