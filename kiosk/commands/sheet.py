"""``kiosk sheet``: an A4 page to hang beside this machine, for those who work in its hall.

It names keys and screens in this site's own words, and only what this machine has: a queue server,
low reach, another machine. The PIN is never on it. The picture of the screen is left out where
nothing can be drawn. Exit 0, 1 where the YAML files have an error or the file cannot be written.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kiosk.commands.shared import add_config, config_dir, folder_name
from kiosk.domain.config import OnFault, Settings, coordinates, server_id
from kiosk.domain.modes import Mode
from kiosk.errors import DisplayError, KioskError
from kiosk.messages import TEXTS, Say, reason, speaker
from kiosk.screens.root_plan import RootPlan
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings, own_typeface
from kiosk.ui.metrics import Metrics
from menu.numbers import Number
from reports.files import write_whole
from reports.texts import day_name

if TYPE_CHECKING:
    from reports.sheet import Card, Sheet
    from reports.sketch import Sketch

DEFAULT_FILE = Path("lembar-kiosk.pdf")
PICTURE = "agencies-open"
"""The preview state of the sketch's screen."""

STAFF_SCREEN = 5
"""The number of the card that says how to open the staff screen: other cards name it."""

LONGEST_KEY, LONGEST_SENTENCE, LONGEST_NAME = 60, 120, 160
"""Letters of a site's own text, more of which are cut off: any text fits the page."""

USUAL_PREFIX = "A"
"""Of the example of a number, where the menu has no service."""


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk sheet``."""
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        type=partial(folder_name, say),
        default=DEFAULT_FILE,
        help=say("help.sheet_file", file=DEFAULT_FILE),
    )
    add_config(parser, say)


def run(args: argparse.Namespace) -> int:
    """Draw and write; the result is the exit code."""
    from reports.sheet import page

    say, out = speaker(args.lang), args.file
    settings = load_settings(config_dir(args.config), ASSETS, args.lang)
    try:
        with tempfile.TemporaryDirectory(prefix="kiosk-sheet-") as folder:
            picture, trouble = _picture(settings, args.lang, Path(folder))
            body = page(content(settings, args.lang, picture), args.lang)
        out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(out, body)
    except OSError as error:
        raise KioskError("folder.write", folder=out, why=reason(error)) from error
    print(out)
    if trouble is not None:
        print(say("sheet.no_picture", why=trouble))
    print(say("sheet.done"))
    return 0


def content(settings: Settings, language: str, picture: Path | None = None) -> Sheet:
    """The texts of the page. ``picture``: of the home screen, None for none."""
    return _Writer(settings, language).page(picture)


def _picture(
    settings: Settings, language: str, folder: Path
) -> tuple[Path | None, KioskError | None]:
    """A picture of the home screen, or why there is none."""
    from kiosk.preview.studio import SIZES, render

    size = next(n for n, (w, h, _) in SIZES.items() if (h >= w) is _metrics(settings).portrait)
    try:
        drawn = render(
            settings,
            folder,
            sizes=[size],
            languages=[screen_language(settings, language)],
            only=PICTURE,
            modes=["normal"],
        )
    except KioskError as error:
        # No OpenGL, or a menu without services, which has no such screen.
        return None, error if isinstance(error, DisplayError) else None
    return drawn[0], None


def screen_language(settings: Settings, language: str) -> str:
    """The language in which the page quotes the screen: ``language`` where the site offers it."""
    site = settings.catalogue.site.languages
    known = [one for one in (language, *site) if one in site and one in TEXTS.languages]
    return known[0] if known else language


def _metrics(settings: Settings) -> Metrics:
    """The screen of this machine; that of the first reference size where its file names none."""
    from kiosk.preview.studio import SIZES

    screen = settings.kiosk.screen
    return Metrics.of(screen, screen.resolution_px or next(iter(SIZES.values()))[:2])


class _Writer:
    """Writes the cards: sentences of ``kiosk/locale`` around the words of the screens."""

    def __init__(self, settings: Settings, language: str) -> None:
        from reports.sheet import plain, strong

        self._settings, self._words, self._language = settings, settings.words, language
        self._say = speaker(language)
        self._screen = screen_language(settings, language)
        self._face = own_typeface(ASSETS)
        self._plan = RootPlan(_metrics(settings), settings.kiosk.screen.lower_edge_mm)
        self._plain, self._strong = plain, strong
        first = next(settings.catalogue.services(), None)
        prefix = first.service.prefix if first else USUAL_PREFIX
        self._usual = str(Number(prefix, "", 1))
        self._own = str(Number(prefix, settings.kiosk.letter or "A", 1))

    def page(self, picture: Path | None) -> Sheet:
        """The whole page."""
        from reports.sheet import Sheet

        site, say = self._settings.catalogue.site, self._say
        now = datetime.now(ZoneInfo(site.timezone))
        return Sheet(
            title=say("sheet.title"),
            site=self._cut(site.name.in_(self._language), LONGEST_NAME),
            machine=say("sheet.machine", kiosk=self._settings.kiosk.id),
            cards=tuple(self._cards()),
            sketch=self._sketch(picture),
            people=(say("sheet.technician"), say("sheet.officer")),
            name=say("sheet.name"),
            phone=say("sheet.phone"),
            foot=say("sheet.foot", day=day_name(self._language, now)),
        )

    def _cards(self) -> list[Card]:
        return [
            self._paper(),
            self._no_paper(),
            self._wrong_number(),
            self._no_numbers(),
            self._staff_screen(),
            self._letter(),
            self._dark(),
            self._reach(),
        ]

    def _paper(self) -> Card:
        keys = [f"staff.paper.{n}" for n in "123"]
        steps = [self._sentence(key, f"{key}_text") for key in keys]
        stops = self._settings.kiosk.printer.on_fault is OnFault.STOP
        more = (
            self._line("sheet.paper.blank", test=self._key("staff.test"), screen=STAFF_SCREEN),
            self._line("sheet.paper.stopped" if stops else "sheet.paper.meanwhile"),
        )
        return self._card("paper", *steps, *more, fault=self._word("fault.paper_out.title"))

    def _no_paper(self) -> Card:
        return self._card(
            "no_paper",
            self._line("sheet.no_paper.valid", noted=self._key("done.noted")),
            self._line(
                "sheet.no_paper.copy",
                screen=STAFF_SCREEN,
                reprint=self._key("staff.reprint"),
            ),
        )

    def _wrong_number(self) -> Card:
        return self._card(
            "wrong",
            self._line(
                "sheet.wrong.cancel", cancel=self._key("done.cancel"), yes=self._key("cancel.yes")
            ),
            self._sentence("cancel.done_text"),
            self._line("sheet.wrong.late"),
        )

    def _no_numbers(self) -> Card:
        desk = self._settings.catalogue.site.desk
        where = self._cut(desk.where.in_(self._language), LONGEST_SENTENCE) if desk else ""
        key = "sheet.numbers.elsewhere" if self._settings.kiosk.kiosks > 1 else "sheet.numbers.desk"
        lines = [
            self._line("sheet.numbers.why", screen=STAFF_SCREEN),
            self._line(
                "sheet.numbers.shut",
                shut=self._key("trouble.shut.title"),
                open=self._key("staff.open"),
            ),
            self._line(f"{key}_at" if where else key, desk=where),
        ]
        return self._card("numbers", *lines, trouble=self._key("trouble.printer.title"))

    def _staff_screen(self) -> Card:
        return self._card(
            "staff",
            self._line("sheet.staff.hold"),
            self._line("sheet.staff.pin", ok=self._key("staff.pin.ok")),
            self._line(
                "sheet.staff.end",
                head=self._key("staff.title"),
                finish=self._key("staff.finish"),
            ),
        )

    def _letter(self) -> Card:
        """With a server that gives the numbers: why some have a letter. Else: what it means."""
        fields = {"own": self._own, "usual": self._usual}
        server = self._settings.kiosk.server
        if not coordinates(server_id(server.kind, server.url)):
            return self._card("letter", self._line("sheet.letter.valid", **fields), **fields)
        return self._card(
            "server",
            self._line("sheet.server.goes_on", **fields),
            self._line("sheet.letter.valid", **fields),
            self._line("sheet.server.cable"),
            off=self._word("staff.server.off"),
        )

    def _dark(self) -> Card:
        return self._card(
            "dark",
            self._line("sheet.dark.dark"),
            self._line("sheet.dark.frozen"),
            self._line("sheet.dark.off"),
            warning="sheet.dark.never",
        )

    def _reach(self) -> Card:
        folded = self._line("sheet.reach.folded", modes=self._key("bar.modes"))
        where = folded if self._folded else self._line("sheet.reach.keys")
        keys = [
            self._line(f"sheet.reach.{mode.value}", key=self._key(f"mode.{mode.value}"))
            for mode in self._modes()
        ]
        return self._card("reach", f"{where} {', '.join(keys)}.")

    def _modes(self) -> list[Mode]:
        """The modes that have a key on this machine's screen."""
        order = (Mode.LARGE, Mode.CONTRAST, Mode.SPEECH, Mode.LOW)
        return [mode for mode in order if mode is not Mode.LOW or self._plan.can_move]

    @property
    def _folded(self) -> bool:
        """Whether the keys of the modes are behind one key, as on a narrow screen."""
        return self._plan.folded(3 + len(self._settings.catalogue.site.languages))

    def _sketch(self, picture: Path | None) -> Sketch:
        from reports.sketch import Sketch

        words = [self._word(f"mode.{mode.value}") for mode in self._modes()]
        return Sketch(
            emblem=self._say("sheet.mark.emblem"),
            keys=self._word("bar.modes") if self._folded else ", ".join(words),
            slip=self._say("sheet.mark.slip"),
            portrait=self._plan.metrics.portrait,
            screen=picture,
        )

    # ── words ────────────────────────────────────────────────────────────────────────────

    def _card(self, name: str, *lines: str, warning: str = "", **fields: str) -> Card:
        from reports.sheet import Card

        title = self._say(f"sheet.{name}.title", **fields)
        return Card(title, lines, self._plain(self._say(warning)) if warning else "")

    def _line(self, key: str, /, **fields: object) -> str:
        """A sentence as markup, with its fields in bold."""
        return self._say(key, **{name: self._strong(str(f)) for name, f in fields.items()})

    def _key(self, key: str) -> str:
        """The words of a key or title of the screen, in quotes."""
        return f"“{self._word(key)}”"

    def _sentence(self, *keys: str) -> str:
        """Sentences of the screens as one line of markup."""
        said = (self._words.say(self._screen, key) for key in keys)
        return self._plain(". ".join(self._cut(one, LONGEST_SENTENCE) for one in said))

    def _word(self, key: str) -> str:
        """A text of the screens, with this site's own words."""
        return self._cut(self._words.say(self._screen, key), LONGEST_KEY)

    def _cut(self, text: str, most: int) -> str:
        """``text`` as far as it can be drawn and has room."""
        drawn = self._face.readable(text) if self._face else text
        return drawn if len(drawn) <= most else drawn[: most - 1].rstrip() + "…"
