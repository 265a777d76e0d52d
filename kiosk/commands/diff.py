"""``kiosk diff``: what differs between settings, in words.

Without arguments: what the files on the disk change against the settings in use. With a folder:
what its files would change. With a number of ``kiosk history``: what that set changed against the
one before it; with two numbers: what the second changes against the first. Exit 0, whether there is
a difference or not; 1 when the YAML files have an error or there is no such set.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from kiosk.commands.shared import add_config, add_state, config_dir, state_dir
from kiosk.domain.config import Settings
from kiosk.errors import KioskError
from kiosk.messages import Say, speaker
from kiosk.settings.assets import ASSETS
from kiosk.settings.changes import settings_changes
from kiosk.settings.history import Kept, SettingsHistory, load_kept
from kiosk.settings.loader import load_settings
from menu.changes import Change


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk diff``."""
    parser.add_argument("what", metavar="DIR | N", nargs="?", help=say("help.diff"))
    parser.add_argument("other", metavar="M", nargs="?", help=say("help.diff_other"))
    parser.add_argument("--json", action="store_true", help=say("help.json"))
    add_config(parser, say)
    add_state(parser, say)


def run(args: argparse.Namespace) -> int:
    """Print the differences; the result is the exit code."""
    say, config = speaker(args.lang), config_dir(args.config)
    if args.what == "" or (args.other is not None and not args.other.isdecimal()):
        args.parser.error(say("usage.diff"))
    history = SettingsHistory(state_dir(args.state, create=False))
    if args.what is not None and args.what.isdecimal():
        first = int(args.what)
        new = _kept(history, int(args.other) if args.other else first)
        old = _kept(history, first) if args.other else before(history, new)
        pair = tuple(load_kept(one, config, args.lang) for one in (old, new))
    elif args.other is not None:
        args.parser.error(say("usage.diff"))
    else:
        pair = (_in_use(history, config, args.lang), _files(args, config))
    found = settings_changes(pair[0], pair[1], args.lang)
    if args.json:
        print(json.dumps({"changes": [_plain(one) for one in found]}, ensure_ascii=False))
        return 0
    for change in found:
        print(change)
    if not found:
        print(say("diff.none"))
    return 0


def before(history: SettingsHistory, kept: Kept) -> Kept:
    """The set that was in use before ``kept``. KioskError where none is kept."""
    earlier = [one for one in history.kept() if one.number < kept.number]
    if not earlier:
        raise KioskError("diff.first", number=kept.number)
    return earlier[-1]


def _plain(change: Change) -> dict[str, str]:
    return asdict(change) | {"sentence": str(change)}


def _kept(history: SettingsHistory, number: int) -> Kept:
    for kept in history.kept():
        if kept.number == number:
            return kept
    raise KioskError("rollback.unknown", number=number)


def _in_use(history: SettingsHistory, config: Path, language: str) -> Settings:
    newest = history.newest()
    if newest is None:
        raise KioskError("diff.nothing_in_use")
    return load_kept(newest, config, language)


def _files(args: argparse.Namespace, config: Path) -> Settings:
    return load_settings(Path(args.what) if args.what else config, ASSETS, args.lang)
