"""``kiosk evidence --pekppp``: pictures of this machine's screens and slip as proof, in one PDF.

The ministry examines every public service unit each year (PEKPPP) and asks for dated pictures. The
sections are subjects of that examination; a section carries the number of its indicator where the
number is certain, else a blank for staff to fill in. Subjects that this machine's settings leave
empty say so in place of a picture. Exit 0, 1 where the YAML files have an error, nothing can be
drawn, or the file cannot be written.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kiosk.background.pictures import picture_files
from kiosk.commands.shared import add_config, config_dir, folder_name
from kiosk.domain.config import Settings
from kiosk.domain.modes import Mode
from kiosk.errors import KioskError
from kiosk.messages import Say, reason, speaker
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from menu.agencies import describe
from reports.files import write_whole
from reports.texts import day_name

if TYPE_CHECKING:
    from reports.album import Picture, Section

DEFAULT_FILE = Path("bukti-pekppp.pdf")
SLIP = "slip"


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of the examination.

    ``name``: of its texts ``evidence.NAME``. ``indicators``: their numbers, empty where they are
    not certain. ``pictures``: names of preview states, each with a mode, or SLIP; the text of a
    picture is ``evidence.picture.NAME`` with the state's name, or the mode's where there is one.
    """

    name: str
    indicators: tuple[int, ...]
    pictures: tuple[tuple[str, str], ...]


SUBJECTS = (
    Subject("standards", (1, 3), (("services-lit", ""), ("details", ""))),
    Subject("pledge", (5,), (("attract", ""),)),
    Subject("survey", (6, 7), ((SLIP, ""),)),
    Subject("hours", (), (("site-closed", ""), ("closed-not_yet", ""))),
    Subject(
        "vulnerable",
        (),
        (
            ("services-priority", ""),
            ("agencies-open", "large"),
            ("agencies-open", "contrast"),
            ("agencies-open", "low"),
            ("agencies-open", "speech"),
        ),
    ),
    Subject("information", (), (("agencies-open", ""), ("find-typed", ""))),
    Subject("complaints", (), (("help", ""), ("call-called", ""), ("help-no-call", ""))),
    Subject("queue", (31,), (("agencies-open", ""), ("number-confirmed", ""), (SLIP, ""))),
)


WITH_SERVER, WITHOUT_SERVER = ("help", "call-called"), ("help-no-call",)
"""States that only a machine with a queue server can show, or only one without."""


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk evidence``."""
    parser.add_argument(
        "dir", metavar="DIR", nargs="?", type=partial(folder_name, say), help=say("help.dir")
    )
    parser.add_argument("--pekppp", action="store_true", required=True, help=say("help.pekppp"))
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=partial(folder_name, say),
        default=DEFAULT_FILE,
        help=say("help.evidence_out", file=DEFAULT_FILE),
    )
    add_config(parser, say)


def run(args: argparse.Namespace) -> int:
    """Draw and write; the result is the exit code."""
    from reports.album import album

    say, out = speaker(args.lang), args.out
    settings = load_settings(args.dir or config_dir(args.config), ASSETS, args.lang)
    site = settings.catalogue.site
    now = datetime.now(ZoneInfo(site.timezone))
    taken = say(
        "evidence.taken",
        day=day_name(args.lang, now),
        time=f"{now:%H.%M}",
        zone=site.zone,
        kiosk=settings.kiosk.id,
        summary=describe(settings.catalogue).in_(args.lang),
    )
    heading = [say("evidence.title"), site.name.in_(args.lang), say("evidence.about"), taken]
    try:
        with tempfile.TemporaryDirectory(prefix="kiosk-evidence-") as folder:
            studio = _Album(settings, Path(folder), args.lang)
            body = album(heading, [studio.section(subject) for subject in SUBJECTS], args.lang)
        out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(out, body)
    except OSError as error:
        raise KioskError("folder.use", folder=out, why=reason(error)) from error
    print(out)
    print(say("evidence.done"))
    return 0


class _Album:
    """Draws the pictures of a subject into ``folder``."""

    def __init__(self, settings: Settings, folder: Path, language: str) -> None:
        from kiosk.preview.states import states

        site = settings.catalogue.site.languages
        self._settings, self._folder = settings, folder
        self._language, self._screens = language, language if language in site else site[0]
        self._say = speaker(language)
        self._drawn: dict[tuple[str, str], Path] = {}
        self._known = {state.name for state in states(settings, self._screens)}

    def section(self, subject: Subject) -> Section:
        from reports.album import Section

        title = self._say(f"evidence.{subject.name}")
        if subject.indicators:
            numbers = ", ".join(map(str, subject.indicators))
            title = self._say("evidence.indicator", title=title, numbers=numbers)
        else:
            title = self._say("evidence.no_indicator", title=title)
        missing = self._missing(subject.name)
        if missing:
            return Section(title, self._say(missing))
        pictures = tuple(self._pictures(subject))
        return Section(title, self._say(f"evidence.{subject.name}.text"), pictures)

    def _missing(self, name: str) -> str:
        """The text that says what the settings lack for a subject; empty for nothing."""
        menu, folder = self._settings.catalogue, self._settings.kiosk.attract.pictures
        own = Path(self._settings.config_dir) / folder
        if name == "pledge" and not picture_files(own):
            return "evidence.pledge.missing"
        asked = menu.site.survey_url or any(agency.survey_url for agency in menu.agencies)
        if name == "survey" and not asked:
            return "evidence.survey.missing"
        return ""

    def _pictures(self, subject: Subject) -> Iterator[Picture]:
        from reports.album import Picture

        for name, mode in subject.pictures:
            if self._offered(name, mode):
                path = self._slip() if name == SLIP else self._screen(name, mode)
                yield Picture(path, self._say(f"evidence.picture.{mode or name}"))

    def _offered(self, name: str, mode: str) -> bool:
        """Whether this machine has what a picture shows: calls for staff need a queue server, low
        reach a screen that hangs high, a closed screen an hour at which the menu is closed."""
        if name == SLIP:
            return any(self._settings.catalogue.services())
        if name not in self._known:
            return False
        if name in WITH_SERVER or name in WITHOUT_SERVER:
            return (name in WITH_SERVER) is bool(self._settings.kiosk.server.url)
        return mode != Mode.LOW.value or self._can_move()

    def _can_move(self) -> bool:
        from kiosk.preview.studio import SIZES, Studio

        return Mode.LOW.value in Studio(self._settings, next(iter(SIZES.values()))).modes

    def _screen(self, name: str, mode: str) -> Path:
        from kiosk.preview.studio import SIZES, render

        if (name, mode) not in self._drawn:
            drawn = render(
                self._settings,
                self._folder / (mode or "normal"),
                sizes=[next(iter(SIZES))],
                languages=[self._screens],
                only=name,
                modes=[mode or "normal"],
            )
            self._drawn[name, mode] = drawn[0]
        return self._drawn[name, mode]

    def _slip(self) -> Path:
        from kiosk.preview.slips import draw_slips

        if (SLIP, "") not in self._drawn:
            drawn = draw_slips(self._settings, self._folder / SLIP)
            # A site without a public address has no code on its slips, but most samples have one.
            sample = "first" if self._settings.catalogue.site.public_url else "no-code"
            names = [path for path in drawn if path.stem.endswith(f"{self._screens}-{sample}")]
            self._drawn[SLIP, ""] = names[0]
        return self._drawn[SLIP, ""]
