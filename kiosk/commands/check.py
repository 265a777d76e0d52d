"""``kiosk check``: report every error of the YAML files at once.

Exit 0 with a summary and the closed days of the coming weeks when there is no error, 1 with the
errors, each at file:line:column. A warning does not change the exit code.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

from kiosk.background.catalogue_manager import FOLDER as MENU_FOLDER
from kiosk.background.catalogue_manager import MENU_NAME
from kiosk.commands.shared import add_config, add_state, config_dir, folder_name, state_dir
from kiosk.errors import KioskError
from kiosk.messages import Say, reason, speaker
from kiosk.settings import check_settings, load_settings
from kiosk.settings.assets import ASSETS
from kiosk.settings.history import SettingsHistory, Snapshot, load_kept
from menu.agencies import describe
from menu.catalogue import Catalogue
from menu.problems import lines, workflow_commands
from menu.year import YearNotice, check_notices, fewer_agencies, site_today


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk check``."""
    parser.add_argument(
        "dir", metavar="DIR", nargs="?", type=partial(folder_name, say), help=say("help.dir")
    )
    add_config(parser, say)
    add_state(parser, say)
    parser.add_argument("--confirm", action="store_true", help=say("help.confirm"))
    parser.add_argument(
        "--format", choices=("text", "json", "github"), default="text", help=say("help.format")
    )


def run(args: argparse.Namespace) -> int:
    """Check; the result is the exit code."""
    folder = args.dir or config_dir(args.config)
    checked = check_settings(folder, ASSETS, args.lang)
    summary = describe(checked.settings.catalogue).in_(args.lang) if checked.settings else None
    coming = _coming(checked.settings.catalogue, args) if checked.settings else []
    if args.format == "json":
        problems = [asdict(problem) for problem in checked.problems]
        answer = {"ok": summary is not None, "summary": summary, "problems": problems}
        answer["coming"] = [asdict(notice) for notice in coming]
        print(json.dumps(answer, ensure_ascii=False))
    elif args.format == "github":
        warnings = [notice.text for notice in coming if notice.warning]
        for line in workflow_commands(checked.problems, warnings):
            print(line)
    else:
        for line in lines(checked.problems, args.lang):
            print(line, file=sys.stderr)
        if summary:
            print(summary)
        for notice in coming:
            print(notice.text, file=sys.stderr if notice.warning else sys.stdout)
    if args.confirm and summary:
        _confirm(folder, args)
    return 0 if summary else 1


def _confirm(folder: Path, args: argparse.Namespace) -> None:
    """Accept the menu although it lacks many services of the one in use.

    KioskError where no kiosk has kept its settings: a confirmation there would reach none.
    """
    state = state_dir(args.state, create=False)
    history, snapshot = SettingsHistory(state), Snapshot.take(folder)
    if snapshot is None or history.newest() is None:
        raise KioskError("check.no_kiosk", folder=state)
    try:
        history.confirm(snapshot)
    except OSError as error:
        raise KioskError("folder.use", folder=state, why=reason(error)) from error
    if args.format == "text":
        print(speaker(args.lang)("check.confirmed", folder=state))


def _coming(menu: Catalogue, args: argparse.Namespace) -> list[YearNotice]:
    """What staff should know of the coming days, and what this machine's menu in use has more."""
    found = check_notices(menu, site_today(menu), args.lang)
    if args.dir is not None:
        return found
    with contextlib.suppress(KioskError):
        state = state_dir(args.state, create=False)
        found = _languages_of_server(state, args) + found
        newest = SettingsHistory(state).newest()
        if newest is not None:
            used = load_kept(newest, config_dir(args.config), args.lang).catalogue
            return fewer_agencies(used, menu, args.lang) + found
    return found


def _languages_of_server(state: Path, args: argparse.Namespace) -> list[YearNotice]:
    """What is wrong with the words of languages that only the server's menu offers."""
    menu = state / MENU_FOLDER / MENU_NAME
    if not menu.exists():
        return []
    older = tuple(kept.folder for kept in reversed(SettingsHistory(state).kept()))
    read = load_settings(config_dir(args.config), ASSETS, args.lang, menu=menu, older=older)
    problems = read.language_problems
    return [YearNotice(problem.message.in_(args.lang), warning=True) for problem in problems]
