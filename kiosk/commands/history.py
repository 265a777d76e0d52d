"""``kiosk history``: the sets of settings that were in use, newest last, and what each changed.

Exit 0.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from kiosk.commands.shared import add_config, add_state, config_dir, state_dir
from kiosk.domain.config import Settings
from kiosk.errors import SettingsError
from kiosk.messages import Say, speaker
from kiosk.settings.changes import settings_changes
from kiosk.settings.history import Kept, SettingsHistory, Snapshot, load_kept
from menu.agencies import describe

MOST_SHOWN = 3
"""Changes of a set that are printed; ``kiosk diff`` prints all."""


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk history``."""
    parser.add_argument("--json", action="store_true", help=say("help.json"))
    add_config(parser, say)
    add_state(parser, say)


def run(args: argparse.Namespace) -> int:
    """Print the sets; the result is the exit code."""
    say, config = speaker(args.lang), config_dir(args.config)
    state = state_dir(args.state, create=False)
    on_disk = Snapshot.take(config)
    listed: list[dict[str, Any]] = []
    earlier: Settings | None = None
    for kept in SettingsHistory(state).kept():
        settings = _read(kept, config, args.lang)
        row = _row(kept, settings, args.lang, on_disk)
        listed.append(row | {"changes": _changes(earlier, settings, args.lang)})
        earlier = settings or earlier
    if args.json:
        print(json.dumps({"settings": listed}, ensure_ascii=False))
        return 0
    for row in listed:
        what = row["summary"] or say("history.unreadable")
        mark = f"  {say('history.on_disk')}" if row["on_disk"] else ""
        print(f"{row['number']:>4}  {row['since'].replace('T', ' ')}  {what}{mark}")
        for change in row["changes"][:MOST_SHOWN]:
            print(f"      {change}")
        more = len(row["changes"]) - MOST_SHOWN
        if more > 0:
            print(f"      {say('history.more', n=more, number=row['number'])}")
    if not listed:
        print(say("history.none"))
    return 0


def _read(kept: Kept, config: Path, language: str) -> Settings | None:
    """The settings of a set; None where this version of the program cannot read them."""
    try:
        return load_kept(kept, config, language)
    except SettingsError:
        return None


def _row(
    kept: Kept, settings: Settings | None, language: str, on_disk: Snapshot | None
) -> dict[str, Any]:
    return {
        "number": kept.number,
        "since": kept.since.astimezone().isoformat(timespec="seconds"),
        "summary": describe(settings.catalogue).in_(language) if settings else None,
        "on_disk": on_disk is not None and Snapshot.take(kept.folder) == on_disk,
    }


def _changes(old: Settings | None, new: Settings | None, language: str) -> list[str]:
    """What a set changed against the readable one before it."""
    if old is None or new is None:
        return []
    return [str(change) for change in settings_changes(old, new, language)]
