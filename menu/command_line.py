"""The language of a command: ``--lang``, the environment, and argparse's own words."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from menu.texts import FALLBACK, load

OPTION = "--lang"
VARIABLE = "KIOSK_LANG"
"""The environment's choice of a language, for a shell or a service; ``--lang`` wins over it."""

TEXTS = load(Path(__file__).parent / "locale")
PREFIX = "argparse:"
"""Before a text of argparse: the key of its translation in ``menu/locale``."""


def wanted_language(
    args: Sequence[str], environment: Mapping[str, str], known: Sequence[str]
) -> str:
    """The language that a command line asks for, read ahead of parsing because help and errors of
    the parser itself are in it. Bahasa Indonesia where none of ``known`` is asked for."""
    wanted = [environment.get(VARIABLE, "")]
    for i, arg in enumerate(args):
        name, equals, value = arg.partition("=")
        if name == OPTION:
            wanted.append(value if equals else args[i + 1] if i + 1 < len(args) else "")
    return next((language for language in reversed(wanted) if language in known), FALLBACK[0])


def add_language(
    parser: argparse.ArgumentParser, known: Sequence[str], language: str, help_text: str
) -> None:
    """Adds ``--lang``; ``language`` where it is not given."""
    parser.add_argument(
        OPTION, choices=known, default=language, metavar="|".join(known), help=help_text
    )


@contextlib.contextmanager
def argparse_in(language: str) -> Iterator[None]:
    """Within: argparse's own words ("usage", "error: ... are required") are in ``language``.

    argparse takes them from gettext, under the name ``_``. gettext wants compiled catalogues in a
    folder of the system; replacing the name needs only ``menu/locale``. A text of argparse without
    a translation stays English.
    """

    def translated(text: str) -> str:
        found = TEXTS.say(language, PREFIX + text)
        return text if found == PREFIX + text else found

    def counted(one: str, many: str, n: int) -> str:
        return translated(one if n == 1 else many)

    names: dict[str, Callable[..., str]] = {"_": translated, "ngettext": counted}
    before = {name: getattr(argparse, name) for name in names}
    for name, function in names.items():
        setattr(argparse, name, function)
    try:
        yield
    finally:
        for name, function in before.items():
            setattr(argparse, name, function)
