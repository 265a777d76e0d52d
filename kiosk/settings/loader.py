"""Read the settings folder: ``Settings``, or every problem in it."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kiosk.domain.config import Settings
from kiosk.errors import SettingsError
from kiosk.settings import schema
from kiosk.settings.blocks import SlipChecker
from kiosk.settings.languages import LanguageFolder, check_letters, warn_of_names
from kiosk.settings.locale import available_languages, load_words, read_vocabulary
from kiosk.settings.machine import (
    build_kiosk,
    build_template,
    check_kiosk,
    check_letter,
    check_prefixes,
    check_template,
)
from kiosk.settings.rules import machine_rules
from kiosk.typeface import Face, read_face
from menu.agencies import AGENCIES_FILE, check_text, no_collector
from menu.known_names import KnownNames, known_names
from menu.problems import START, FileProblem, Report
from menu.reading import MISSING, Read
from menu.rules import Rule
from menu.schema import Table
from menu.source import parse
from menu.text_file import read_text
from menu.texts import FALLBACK

KIOSK_FILE = "kiosk.yaml"
TICKET_FILE = "ticket.yaml"
TYPEFACE = "AtkinsonHyperlegibleNext-Regular.ttf"
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
    *,
    lenient: bool = False,
    older: tuple[Path, ...] = (),
) -> Settings:
    """The settings in ``config_dir``, with the words of ``assets_dir`` and of the site.

    ``menu``: the agencies file where it is not the one in ``config_dir`` (the server's).
    ``files``: a folder with copies of the settings files, which are read in their place; problems
    name those of ``config_dir``, and what the files name is looked for there. ``lenient``, which a
    ``menu`` is always: a language without usable words or fonts on this kiosk is not offered, in
    place of an error, and ``language_problems`` says so; it keeps the words of the first of the
    folders ``older`` in which they are good.

    Raises SettingsError with every problem of all files, each one line of ``lang``
    (``id`` or ``en``) that begins with file:line:column; ``details`` holds them as FileProblem.
    """
    checked = check_settings(
        config_dir, assets_dir, lang, menu, files, lenient=lenient, older=older
    )
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
    *,
    lenient: bool = False,
    older: tuple[Path, ...] = (),
) -> Checked:
    """Like ``load_settings``, but returns errors and warnings instead of raising."""
    objection = _no_folder(config_dir) if files is None else None
    if objection is not None:
        report = Report(str(config_dir), lang)
        report.error(START, None, objection, names=f"{AGENCIES_FILE}, {KIOSK_FILE}, {TICKET_FILE}")
        return Checked(None, tuple(report))
    strict = not lenient and menu is None
    with no_collector():
        return _check(
            config_dir, assets_dir, lang, menu, files or config_dir, strict=strict, older=older
        )


def _no_folder(path: Path) -> str | None:
    """Why there can be no files at ``path``; None also where they say it better themselves."""
    try:
        return None if stat.S_ISDIR(path.stat().st_mode) else "folder.file"
    except (FileNotFoundError, NotADirectoryError):
        return "folder.missing"
    except (OSError, ValueError):
        return None


def _check(
    config_dir: Path,
    assets_dir: Path,
    lang: str,
    agencies: Path | None,
    files: Path,
    *,
    strict: bool,
    older: tuple[Path, ...],
) -> Checked:
    menu_file, kiosk_file, ticket_file = (
        Report(str(path), lang)
        for path in (
            agencies or config_dir / AGENCIES_FILE,
            config_dir / KIOSK_FILE,
            config_dir / TICKET_FILE,
        )
    )
    text = read_text(agencies or files / AGENCIES_FILE, menu_file)
    menu = check_text(text, menu_file)
    locale_files, shipped = _shipped(assets_dir, lang)
    names = known_names().of_site(menu.languages)
    rules = machine_rules(config_dir, assets_dir)
    kiosk = _read(schema.KIOSK, read_text(files / KIOSK_FILE, kiosk_file), kiosk_file, names, rules)
    ticket_text = read_text(files / TICKET_FILE, ticket_file)
    ticket = _read(schema.TICKET, ticket_text, ticket_file, names, rules)
    if kiosk is not None:
        check_kiosk(kiosk, kiosk_file)
    if ticket is not None:
        check_template(ticket, ticket_file)
    if kiosk is not None and menu.catalogue is not None:
        check_letter(kiosk, menu.catalogue, menu_file.file, kiosk_file)
        check_prefixes(kiosk, menu.catalogue, menu_file.file, kiosk_file)
    machine = build_kiosk(kiosk) if kiosk is not None and not kiosk_file.failed else None
    folder = LanguageFolder(config_dir, files, own_typeface(assets_dir), lang, older)
    site = folder.read(menu.languages, shipped, names, machine.printer.code_page if machine else "")
    if strict:
        for body, report in ((text, menu_file), (ticket_text, ticket_file)):
            check_letters(body, site.faces, report)
    if menu.catalogue is not None and machine is not None:
        warn_of_names(menu.catalogue, machine.printer.code_page, menu_file)
    own = (menu_file, kiosk_file, ticket_file, *locale_files)
    problems = tuple(problem for report in (*own, *site.reports) for problem in report)
    if menu.catalogue is None or machine is None or ticket is None:
        return Checked(None, problems)
    if any(report.failed for report in (own if not strict else (*own, *site.reports))):
        return Checked(None, problems)
    catalogue = menu.catalogue
    if site.missing:
        left = tuple(code for code in menu.languages if code not in site.missing)
        offered = left or tuple(shipped)[:1]
        catalogue = replace(catalogue, site=replace(catalogue.site, languages=offered))
    languages = catalogue.site.languages
    settings = Settings(
        catalogue=catalogue,
        kiosk=machine,
        template=replace(
            build_template(ticket),
            unprintable=site.unprintable - {languages[0]},
            code_page=machine.printer.code_page,
        ),
        words=load_words(assets_dir, languages, menu.words, site=site.words),
        config_dir=str(config_dir),
        fonts=site.fonts,
        menu_text=text or "",
        language_problems=site.problems,
    )
    return Checked(settings, problems)


def own_typeface(assets_dir: Path) -> Face | None:
    """The kiosk's typeface; None where the folder has none, as in tests of other things."""
    try:
        return read_face(assets_dir / "fonts" / TYPEFACE)
    except (OSError, ValueError):
        return None


def _shipped(assets_dir: Path, lang: str) -> tuple[list[Report], dict[str, dict[str, str]]]:
    """What is wrong with the kiosk's own word files, one report for each language, and the texts by
    language and key."""
    reports, texts = [], {}
    for language in available_languages(assets_dir) or FALLBACK[:1]:
        path = assets_dir / "locale" / f"{language}.json"
        reports.append(Report(str(path), lang))
        texts[language] = read_vocabulary(path, reports[-1])
    return reports, texts


def _read(
    kind: Table, text: str | None, report: Report, names: KnownNames, rules: Mapping[str, Rule]
) -> Read | None:
    """The values of one of this machine's own files; None where it cannot be read."""
    tree = None if text is None else parse(text, report)
    if tree is None:
        return None
    read = SlipChecker(report, names, rules).table(kind, tree, None)
    return read if read is not MISSING else None
