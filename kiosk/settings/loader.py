"""From the folder that staff edit to ``Settings``, or to every problem in it."""

from __future__ import annotations

import gc
import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.config import Settings
from kiosk.errors import SettingsError
from kiosk.messages import Message
from kiosk.settings import schema
from kiosk.settings.check import Checker
from kiosk.settings.locale import available_languages, load_words, read_vocabulary
from kiosk.settings.machine import (
    build_kiosk,
    build_template,
    check_kiosk,
    check_letter,
    check_template,
)
from kiosk.settings.menu import DEFAULT_LANGUAGES, MenuCheck, build_catalogue
from kiosk.settings.problems import START, Problem, Report
from kiosk.settings.reading import MISSING, Read
from kiosk.settings.rules import World
from kiosk.settings.source import Mapping, Node, Scalar, Sequence, read_tree

AGENCIES_FILE = "agencies.yaml"
KIOSK_FILE = "kiosk.yaml"
TICKET_FILE = "ticket.yaml"


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a folder.

    ``settings`` is None when a problem is an error; ``problems`` holds errors and warnings in
    the order of the files.
    """

    settings: Settings | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps the settings from being used."""
        return tuple(p for p in self.problems if not p.warning)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What staff should know and what stops nothing."""
        return tuple(p for p in self.problems if p.warning)


def load_settings(
    config_dir: Path, assets_dir: Path, lang: str = "id", menu: Path | None = None
) -> Settings:
    """The settings in ``config_dir``, with icons and words from ``assets_dir``.

    ``menu``: the agencies file where it is not the one in ``config_dir`` (the server's).

    Raises SettingsError with every problem of all three files, each one line of ``lang``
    (``id`` or ``en``) that begins with file:line:column; ``details`` holds them as Problem.
    """
    checked = check_settings(config_dir, assets_dir, lang, menu)
    if checked.settings is None:
        errors = checked.errors
        raise SettingsError(tuple(str(p) for p in errors), errors)
    return checked.settings


def check_settings(
    config_dir: Path, assets_dir: Path, lang: str = "id", menu: Path | None = None
) -> Checked:
    """Like ``load_settings``, but answers errors and warnings instead of raising."""
    objection = _no_folder(config_dir)
    if objection is not None:
        report = Report(str(config_dir), lang)
        report.error(START, None, objection, names=f"{AGENCIES_FILE}, {KIOSK_FILE}, {TICKET_FILE}")
        return Checked(None, tuple(report))
    with _no_collector():
        return _check(config_dir, assets_dir, lang, menu or config_dir / AGENCIES_FILE)


def _no_folder(path: Path) -> str | None:
    """Why there can be no files at ``path``; None also where they say it better themselves."""
    try:
        return None if stat.S_ISDIR(path.stat().st_mode) else "folder.file"
    except (FileNotFoundError, NotADirectoryError):
        return "folder.missing"
    except (OSError, ValueError):
        return None


@contextmanager
def _no_collector() -> Iterator[None]:
    """A large menu is hundreds of thousands of values and no cycle: collecting finds nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _check(config_dir: Path, assets_dir: Path, lang: str, agencies: Path) -> Checked:
    menu_file, kiosk_file, ticket_file = (
        Report(str(path), lang)
        for path in (agencies, config_dir / KIOSK_FILE, config_dir / TICKET_FILE)
    )
    tree = read_tree(agencies, menu_file)
    world, locale_files = _world(config_dir, assets_dir, tree, lang)
    menu = _read(schema.AGENCIES, tree, menu_file, world)
    kiosk = _read(schema.KIOSK, read_tree(config_dir / KIOSK_FILE, kiosk_file), kiosk_file, world)
    ticket = _read(
        schema.TICKET, read_tree(config_dir / TICKET_FILE, ticket_file), ticket_file, world
    )
    if menu is not None:
        MenuCheck(menu_file).check(menu)
    if kiosk is not None:
        check_kiosk(kiosk, kiosk_file)
    if ticket is not None:
        check_template(ticket, ticket_file)
    catalogue = (
        None if menu is None or menu_file.failed else build_catalogue(menu, world.site_languages)
    )
    if kiosk is not None and catalogue is not None:
        check_letter(kiosk, catalogue, menu_file.file, kiosk_file)
    reports = (menu_file, kiosk_file, ticket_file, *locale_files)
    problems = tuple(problem for report in reports for problem in report)
    if catalogue is None or menu is None or kiosk is None or ticket is None:
        return Checked(None, problems)
    if any(report.failed for report in reports):
        return Checked(None, problems)
    settings = _settings(catalogue, menu, kiosk, ticket, world)
    return Checked(settings, problems)


def _settings(
    catalogue: Catalogue, menu: Read, kiosk: Read, ticket: Read, world: World
) -> Settings:
    languages = catalogue.site.languages
    return Settings(
        catalogue=catalogue,
        kiosk=build_kiosk(kiosk),
        template=build_template(ticket),
        words=load_words(world.assets_dir, languages, menu.get("words")),
        config_dir=str(world.config_dir),
    )


def describe(settings: Settings) -> Message:
    """How much there is: ``27 agencies, 80 services``."""
    agencies = settings.catalogue.agencies
    return Message.of(
        "settings.summary",
        agencies=Message.of("settings.agencies", n=len(agencies)),
        services=Message.of("settings.services", n=sum(len(a.services) for a in agencies)),
    )


def _read(kind: schema.Table, tree: Node | None, report: Report, world: World) -> Read | None:
    """The values of a tree; None where there are none to speak of."""
    if tree is None:
        return None
    read = Checker(report, world).table(kind, tree, None)
    return read if read is not MISSING else None


def _world(
    config_dir: Path, assets_dir: Path, menu: Node | None, lang: str
) -> tuple[World, list[Report]]:
    """What texts are held against, and the reports of the vocabulary's files."""
    languages = available_languages(assets_dir)
    vocabulary: dict[str, str] = {}
    reports = []
    for language in languages or ("id",):
        path = assets_dir / "locale" / f"{language}.json"
        report = Report(str(path), lang)
        vocabulary = {**read_vocabulary(path, report), **vocabulary}
        reports.append(report)
    world = World(
        config_dir=config_dir,
        assets_dir=assets_dir,
        icons=_icons(assets_dir / "icons" / "codepoints.json"),
        languages=languages,
        site_languages=_site_languages(menu, languages),
        vocabulary=vocabulary,
    )
    return world, reports


def _icons(path: Path) -> frozenset[str]:
    """The names of the icon font; none where the list cannot be read, then any name will do."""
    try:
        names = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return frozenset()
    return frozenset(names) if isinstance(names, dict) else frozenset()


def _site_languages(menu: Node | None, known: tuple[str, ...]) -> tuple[str, ...]:
    """The site's languages as the file says, ahead of its checking: texts need them."""
    node: Node | None = menu
    for name in ("site", "languages"):
        pair = node.items.get(name) if isinstance(node, Mapping) else None
        node = None if pair is None else pair[1]
    items: list[Node] = node.items if isinstance(node, Sequence) else [node] if node else []
    said = [item.value for item in items if isinstance(item, Scalar)]
    return tuple(s for s in said or DEFAULT_LANGUAGES if s in known) or known[:1]
