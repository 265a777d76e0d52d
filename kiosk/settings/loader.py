"""Read the settings folder: ``Settings``, or every problem in it."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.domain.config import Settings
from kiosk.errors import SettingsError
from kiosk.settings import schema
from kiosk.settings.blocks import SlipChecker
from kiosk.settings.locale import available_languages, load_words, read_vocabulary
from kiosk.settings.machine import (
    build_kiosk,
    build_template,
    check_kiosk,
    check_letter,
    check_template,
)
from kiosk.settings.rules import machine_rules
from menu.agencies import AGENCIES_FILE, check_text, no_collector
from menu.known_names import KnownNames, known_names
from menu.problems import START, FileProblem, Report
from menu.reading import MISSING, Read
from menu.rules import Rule
from menu.schema import Table
from menu.source import read_text, read_tree
from menu.texts import FALLBACK

KIOSK_FILE = "kiosk.yaml"
TICKET_FILE = "ticket.yaml"
FILES = (AGENCIES_FILE, KIOSK_FILE, TICKET_FILE)


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of reading a settings folder.

    ``settings`` is None when a problem is an error; ``problems`` holds errors and warnings in
    the order of the files.
    """

    settings: Settings | None
    problems: tuple[FileProblem, ...]

    @property
    def errors(self) -> tuple[FileProblem, ...]:
        """The problems that prevent the use of the settings."""
        return tuple(p for p in self.problems if not p.warning)

    @property
    def warnings(self) -> tuple[FileProblem, ...]:
        """The problems that do not prevent the use of the settings."""
        return tuple(p for p in self.problems if p.warning)


def load_settings(
    config_dir: Path,
    assets_dir: Path,
    lang: str = "id",
    menu: Path | None = None,
    files: Path | None = None,
) -> Settings:
    """The settings in ``config_dir``, with the words of ``assets_dir``.

    ``menu``: the agencies file where it is not the one in ``config_dir`` (the server's).
    ``files``: a folder with copies of the three files, which are read in their place; problems
    name those of ``config_dir``, and what the files name is looked for there.

    Raises SettingsError with every problem of all three files, each one line of ``lang``
    (``id`` or ``en``) that begins with file:line:column; ``details`` holds them as FileProblem.
    """
    checked = check_settings(config_dir, assets_dir, lang, menu, files)
    if checked.settings is None:
        errors = checked.errors
        raise SettingsError(tuple(str(p) for p in errors), errors)
    return checked.settings


def check_settings(
    config_dir: Path,
    assets_dir: Path,
    lang: str = "id",
    menu: Path | None = None,
    files: Path | None = None,
) -> Checked:
    """Like ``load_settings``, but returns errors and warnings instead of raising."""
    objection = _no_folder(config_dir) if files is None else None
    if objection is not None:
        report = Report(str(config_dir), lang)
        report.error(START, None, objection, names=f"{AGENCIES_FILE}, {KIOSK_FILE}, {TICKET_FILE}")
        return Checked(None, tuple(report))
    with no_collector():
        return _check(config_dir, assets_dir, lang, menu, files or config_dir)


def _no_folder(path: Path) -> str | None:
    """Why there can be no files at ``path``; None also where they say it better themselves."""
    try:
        return None if stat.S_ISDIR(path.stat().st_mode) else "folder.file"
    except (FileNotFoundError, NotADirectoryError):
        return "folder.missing"
    except (OSError, ValueError):
        return None


def _check(
    config_dir: Path, assets_dir: Path, lang: str, agencies: Path | None, files: Path
) -> Checked:
    menu_file, kiosk_file, ticket_file = (
        Report(str(path), lang)
        for path in (
            agencies or config_dir / AGENCIES_FILE,
            config_dir / KIOSK_FILE,
            config_dir / TICKET_FILE,
        )
    )
    menu = check_text(read_text(agencies or files / AGENCIES_FILE, menu_file), menu_file)
    locale_files = _word_files(assets_dir, lang)
    names = known_names().of_site(menu.languages)
    rules = machine_rules(config_dir, assets_dir)
    kiosk = _read(schema.KIOSK, files / KIOSK_FILE, kiosk_file, names, rules)
    ticket = _read(schema.TICKET, files / TICKET_FILE, ticket_file, names, rules)
    if kiosk is not None:
        check_kiosk(kiosk, kiosk_file)
    if ticket is not None:
        check_template(ticket, ticket_file)
    if kiosk is not None and menu.catalogue is not None:
        check_letter(kiosk, menu.catalogue, menu_file.file, kiosk_file)
    reports = (menu_file, kiosk_file, ticket_file, *locale_files)
    problems = tuple(problem for report in reports for problem in report)
    if menu.catalogue is None or kiosk is None or ticket is None:
        return Checked(None, problems)
    if any(report.failed for report in reports):
        return Checked(None, problems)
    settings = Settings(
        catalogue=menu.catalogue,
        kiosk=build_kiosk(kiosk),
        template=build_template(ticket),
        words=load_words(assets_dir, menu.languages, menu.words),
        config_dir=str(config_dir),
    )
    return Checked(settings, problems)


def _word_files(assets_dir: Path, lang: str) -> list[Report]:
    """What is wrong with the files of the words; one report for each language."""
    reports = []
    for language in available_languages(assets_dir) or FALLBACK[:1]:
        path = assets_dir / "locale" / f"{language}.json"
        reports.append(Report(str(path), lang))
        read_vocabulary(path, reports[-1])
    return reports


def _read(
    kind: Table, path: Path, report: Report, names: KnownNames, rules: Mapping[str, Rule]
) -> Read | None:
    """The values of one of this machine's own files; None where it cannot be read."""
    tree = read_tree(path, report)
    if tree is None:
        return None
    read = SlipChecker(report, names, rules).table(kind, tree, None)
    return read if read is not MISSING else None
