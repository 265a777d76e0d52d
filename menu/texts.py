"""Translations: JSON files, one for each language, and the function that looks a text up.

A file ``<folder>/<language>.json`` holds ``{"key": "text with {fields}"}``. To add a language,
add a file; no code lists the languages. There is one such folder for each group of readers, so
that a package ships its own texts and a site can replace those for visitors:

- ``assets/locale``: visitors (screens and slips); a site may override them under ``words:``.
- ``kiosk/locale``: staff (commands, status, notices, errors).
- ``menu/locale``: staff (what is wrong with a settings file, the command line's own words).
- ``queue_server/locale``: the server's commands, refusals and tracking page.
- ``reports/locale``: the monthly report, and the options of the two commands that make it.

A language may be incomplete: a text it lacks comes from the next language of the fallback chain.
A key that no language has gives the key itself, never an exception, because a missing text must
not take a screen or an error message down. The tests find such keys.

A key may have variants for an exact number: ``"rows#1"`` is used in place of ``"rows"`` where the
field ``n`` is 1. English needs ``#1``; Indonesian needs none. A language with more plural forms has
``"lang.plural"``, the expression of gettext's ``Plural-Forms`` header (GNU gettext manual, 11.2.6),
and variants by its result: ``"rows#form0"``, ``"rows#form1"``, …
"""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol, runtime_checkable

FALLBACK = ("id", "en")
"""The languages that are asked, in this order, for a text that a language lacks."""
VARIANT = "#"
"""Separates a key from the number that a variant of its text is for."""
PLURAL = "lang.plural"
FORM = "form"
MOST_COUNTED = 200
"""A plural expression is tried with the numbers up to this one before it is used."""
_FIELD = re.compile(r"\{(\w+)\}")


@runtime_checkable
class Translatable(Protocol):
    """A value that is written differently in each language, such as an error within an error."""

    def in_(self, language: str, /) -> str:
        """The value as text in ``language``."""
        ...


@dataclass(frozen=True)
class Texts:
    """Texts by language and key. ``by_language``: language -> key -> text.

    ``fallback``: the languages asked, in this order, for a text that a language lacks; after them
    all others.
    """

    by_language: Mapping[str, Mapping[str, str]]
    fallback: tuple[str, ...] = FALLBACK

    @property
    def languages(self) -> tuple[str, ...]:
        """All languages, those of the fallback chain first."""
        ordered = dict.fromkeys((*self.fallback, *self.by_language))
        return tuple(language for language in ordered if language in self.by_language)

    def say(self, language: str, key: str, /, **fields: object) -> str:
        """The text of ``key`` in ``language`` with ``fields`` filled in. Never raises."""
        texts = self.by_language.get(language, {})
        if key not in texts:
            having = (self.by_language[name] for name in self.languages)
            texts = next((t for t in having if key in t), {key: key})
        count = fields.get("n")
        text = _counted(texts, key, count) if isinstance(count, int) else texts[key]
        return fill(text, language, fields)


def _counted(texts: Mapping[str, str], key: str, count: int) -> str:
    """The text of ``key`` for ``count`` things."""
    exact = texts.get(f"{key}{VARIANT}{count}")
    if exact is not None or PLURAL not in texts:
        return texts[key] if exact is None else exact
    try:
        form = plural_form(texts[PLURAL])(abs(count))
    except ArithmeticError:  # a division by zero, for a number above MOST_COUNTED
        return texts[key]
    return texts.get(f"{key}{VARIANT}{FORM}{form}", texts[key])


@lru_cache(maxsize=16)
def plural_form(expression: str) -> Callable[[int], int]:
    """The function from a number to its plural form. Raises ValueError for a bad expression."""
    rule = expression.rpartition("plural=")[2].strip().rstrip(";")
    try:
        # Not in the module's documentation, but what gettext.translation itself uses; it accepts
        # nothing but numbers, ``n`` and operators.
        found: Callable[[int], int] = gettext.c2py(rule)
        for count in range(MOST_COUNTED):
            found(count)
    except (ArithmeticError, RecursionError, ValueError) as error:
        raise ValueError(f"{PLURAL}: {error}") from error
    return found


def fill(text: str, language: str, fields: Mapping[str, object]) -> str:
    """``text`` with each ``{field}`` replaced by its value, once.

    A field without a value stays as it is. Braces within a value are not replaced again.
    """
    if not fields or "{" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        if match[1] not in fields:
            return match[0]
        found = fields[match[1]]
        if isinstance(found, str):  # the usual case: a protocol's check takes 20 times as long
            return found
        return found.in_(language) if isinstance(found, Translatable) else str(found)

    return _FIELD.sub(value, text)


def completed(own: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """``own`` with the texts it lacks from ``other``; the variants of a key come with the key."""
    missing = {k: t for k, t in other.items() if k.partition(VARIANT)[0] not in own}
    return {**missing, **own}


def placeholders(text: str) -> frozenset[str]:
    """The names of the fields in ``text``."""
    return frozenset(_FIELD.findall(text))


def languages_in(folder: Path) -> tuple[str, ...]:
    """The languages that ``folder`` has a file for; those of the fallback chain first."""
    found = {path.stem for path in folder.glob("*.json")}
    return (*(n for n in FALLBACK if n in found), *sorted(found.difference(FALLBACK)))


def read(path: Path) -> dict[str, str]:
    """The texts of one file, by key.

    Raises OSError, json.JSONDecodeError for broken JSON, ValueError for JSON of another shape.
    """
    try:
        texts = json.loads(path.read_bytes())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(texts, dict) or not all(isinstance(t, str) for t in texts.values()):
        raise ValueError("{key: text}")
    if PLURAL in texts:
        plural_form(texts[PLURAL])
    return texts


def load(folder: Path) -> Texts:
    """The texts of a package: all files of ``folder``.

    A damaged file of a further language is left out; the fallback chain has its texts.
    """
    by_language: dict[str, dict[str, str]] = {}
    for language in languages_in(folder):
        try:
            by_language[language] = read(folder / f"{language}.json")
        except (OSError, ValueError):
            by_language[language] = {}
    return Texts(by_language)
