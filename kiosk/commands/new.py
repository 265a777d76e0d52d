"""``kiosk new``: settings for another site, from a few questions.

Asks for the name, the time zone, the hours and the agencies; an empty answer takes the value in
brackets. Works from a pipe too, a line for each answer: after the end of the input the values in
brackets are taken. Each answer is checked as the file's value when it is given. Nothing is written
before all answers are known and the files pass ``kiosk check``. Exit 0, 1 where the folder is not
empty or an answer from a pipe cannot be used.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import time
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from kiosk.commands.shared import folder_name
from kiosk.errors import KioskError, SettingsError
from kiosk.messages import Message, Say, reason, speaker
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.settings.new_site import NewAgency, NewSite, answer_problem, prefix_of, write_site
from menu.agencies import describe
from menu.hours import Wrong, is_closed, read_periods, show
from menu.numbers import PREFIX
from menu.rules import ZONE_NAMES, zone_meant
from menu.schedule import Period

DEFAULT_FOLDER = Path("mpp-baru")
PICTURES = "preview"
MOST_CHARACTERS = 2000
MOST_AGENCIES = 200
WEEK = (("mon-thu", "08:00-14:00"), ("fri", "08:00-11:00"), ("sat", ""))
"""The days that are asked for, with their usual hours."""

_AGENCY = NewAgency("A", ("B",))
_SITE = NewSite("MPP", "Asia/Jakarta", {"fri": (Period(time(8), time(11)),)}, (_AGENCY,))
"""A site without errors, in which single answers are checked."""

T = TypeVar("T")


class _NotUsable(Exception):
    """An answer that cannot be used: the message says why."""

    def __init__(self, key: str, **fields: object) -> None:
        super().__init__(key)
        self.message = Message.of(key, **fields)


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk new``."""
    parser.add_argument(
        "dir",
        metavar="DIR",
        nargs="?",
        type=partial(folder_name, say),
        default=DEFAULT_FOLDER,
        help=say("help.new_dir", folder=DEFAULT_FOLDER),
    )
    parser.add_argument("--no-preview", action="store_true", help=say("help.no_pictures"))


def run(args: argparse.Namespace) -> int:
    """Ask, write the files, draw the home screen; the result is the exit code."""
    say, folder = speaker(args.lang), args.dir
    _refuse_full(folder)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    site = _site(_Questions(say, args.lang), say)
    try:
        with tempfile.TemporaryDirectory(prefix="kiosk-new-") as draft:
            write_site(site, Path(draft))
            settings = load_settings(folder, ASSETS, args.lang, files=Path(draft))
            _refuse_full(folder)
            shutil.copytree(draft, folder, dirs_exist_ok=True)
    except OSError as error:
        raise KioskError("folder.use", folder=folder, why=reason(error)) from error
    except SettingsError as error:
        raise KioskError("sentence", text="; ".join(error.problems)) from error
    print(f"{folder}: {describe(settings.catalogue).in_(args.lang)}")
    if not args.no_preview:
        _draw(folder, args.lang)
    print(say("new.next", folder=folder))
    return 0


def _refuse_full(folder: Path) -> None:
    """KioskError for a folder that holds something, or cannot be one."""
    try:
        if next(folder.iterdir(), None) is not None:
            raise KioskError("new.full", folder=folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise KioskError("folder.use", folder=folder, why=reason(error)) from error


def _draw(folder: Path, language: str) -> None:
    """The home screen as pictures. Without OpenGL there are none, and the files are good."""
    from kiosk.preview.studio import SIZES, render

    say = speaker(language)
    try:
        settings = load_settings(folder, ASSETS, language)
        out, sizes = folder / PICTURES, [next(iter(SIZES))]
        drawn = render(settings, out, sizes=sizes, only="agencies-open", modes=["normal"])
    except (KioskError, OSError) as error:
        why = error.in_(language) if isinstance(error, KioskError) else reason(error)
        print(say("new.no_pictures", why=why))
        return
    print(say("preview.done", n=len(drawn), folder=out))


# ── the questions ────────────────────────────────────────────────────────────────────────


class _Questions:
    """Asks a person on stderr; reads answers from standard input."""

    def __init__(self, say: Say, language: str) -> None:
        self._say, self._language = say, language
        self._terminal = sys.stdin.isatty()

    def ask(
        self,
        question: str,
        read: Callable[[str], T],
        usual: str | None = None,
        put: Callable[[T], NewSite] | None = None,
    ) -> T:
        """The answer to ``question`` as ``read`` takes it.

        ``usual``: the answer that an empty line gives; None: there must be one. ``read`` raises
        _NotUsable: a person is asked again, for a pipe it is a KioskError. So it is where the site
        that ``put`` makes with the answer has an error.
        """
        while True:
            if self._terminal:
                shown = f"{question} [{usual}]" if usual else question
                print(f"{shown}: ", end="", file=sys.stderr, flush=True)
            line = _line()
            text = line.strip() or usual
            try:
                if len(line) > MOST_CHARACTERS:
                    raise _NotUsable("new.long", most=MOST_CHARACTERS)
                if text is None:
                    raise _NotUsable("new.needed")
                answer = read(text)
                problem = answer_problem(put(answer), self._language) if put and answer else ""
                if problem:
                    raise _NotUsable("sentence", text=problem)
                return answer
            except _NotUsable as error:
                if not self._terminal or not line:
                    why = error.message
                    raise KioskError("new.answer", question=question, why=why) from error
                print(f"  {error.message.in_(self._language)}", file=sys.stderr)


def _line() -> str:
    """The next line; of a longer one than MOST_CHARACTERS more than that, and the rest is read."""
    line = piece = sys.stdin.readline(MOST_CHARACTERS + 1)
    while len(piece) > MOST_CHARACTERS and not piece.endswith("\n"):
        piece = sys.stdin.readline(MOST_CHARACTERS + 1)
    return line.removesuffix("\n") if len(line) > MOST_CHARACTERS else line


def _site(questions: _Questions, say: Say) -> NewSite:
    name = questions.ask(say("new.name"), str, put=lambda text: replace(_SITE, name=text))
    timezone = questions.ask(say("new.zone"), _zone, "WIB")
    address = questions.ask(say("new.address"), str, "", lambda text: replace(_SITE, address=text))
    hours = {}
    for day, usual in WEEK:
        shown = usual.replace(":", ".") or say("new.closed")
        hours[day] = questions.ask(say(f"new.hours.{day}"), _hours, shown)
    desk = questions.ask(say("new.desk"), str, "", lambda text: replace(_SITE, desk=text))
    agencies: list[NewAgency] = []
    while len(agencies) < MOST_AGENCIES:
        made = _agency(questions, say, agencies)
        if made is None:
            break
        agencies.append(made)
    return NewSite(name, timezone, hours, tuple(agencies), address=address, desk=desk)


def _agency(questions: _Questions, say: Say, before: list[NewAgency]) -> NewAgency | None:
    """The next agency; None for an empty answer, of which the first agency has none."""
    number = len(before) + 1
    usual = "" if before else None
    short = questions.ask(say("new.agency", n=number), str, usual, lambda text: _with(short=text))
    if not short:
        return None
    taken = {agency.prefix for agency in before}
    return NewAgency(
        short=short,
        name=questions.ask(
            say("new.agency_name", agency=short), str, short, lambda text: _with(name=text)
        ),
        prefix=questions.ask(
            say("new.prefix", agency=short), partial(_prefix, taken), prefix_of(short, taken)
        ),
        floor=questions.ask(
            say("new.floor", agency=short), str, "1", lambda text: _with(floor=text)
        ),
        counters=questions.ask(
            say("new.counters", agency=short), _listed, "", lambda names: _with(counters=names)
        ),
        services=questions.ask(
            say("new.services", agency=short),
            _services,
            say("new.usual_service"),
            lambda names: _with(services=names),
        ),
    )


def _with(**answer: Any) -> NewSite:
    """A site whose only agency has this answer."""
    return replace(_SITE, agencies=(replace(_AGENCY, **answer),))


def _zone(text: str) -> str:
    """WIB, WITA or WIT, a city in one of them, or an IANA name."""
    if text in ZONE_NAMES:
        return text
    zone = zone_meant(text)
    if zone is None:
        raise _NotUsable("new.no_zone", value=repr(text))
    return zone


def _hours(text: str) -> tuple[Period, ...]:
    """``08.00-12.00, 13.00-15.00``, or a word for closed."""
    if is_closed(text):
        return ()
    periods = read_periods(text)
    if isinstance(periods, Wrong):
        raise _NotUsable("new.no_hours", value=repr(text))
    if any(a.end > b.start for a, b in pairwise(periods)):
        raise _NotUsable("new.no_hours", value=repr(", ".join(map(show, periods))))
    return periods


def _prefix(taken: set[str], text: str) -> str:
    letters = text.upper()
    if not PREFIX.fullmatch(letters):
        raise _NotUsable("new.no_prefix", value=repr(text))
    if letters in taken:
        raise _NotUsable("new.prefix_taken", value=repr(letters))
    return letters


def _listed(text: str) -> tuple[str, ...]:
    """Names separated by commas, or by semicolons where a name holds a comma."""
    separator = ";" if ";" in text else ","
    return tuple(part.strip() for part in text.split(separator) if part.strip())


def _services(text: str) -> tuple[str, ...]:
    """As ``_listed``, at least one."""
    names = _listed(text)
    if not names:
        raise _NotUsable("new.needed")
    return names
