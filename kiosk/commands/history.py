"""``kiosk history``: the sets of settings that were in use, newest last. Exit 0."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from kiosk.commands.shared import add_config, add_state, config_dir, state_dir
from kiosk.errors import SettingsError
from kiosk.messages import Say, speaker
from kiosk.settings.history import Kept, SettingsHistory, Snapshot, load_kept
from menu.agencies import describe


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
    listed = [_row(kept, config, args.lang, on_disk) for kept in SettingsHistory(state).kept()]
    if args.json:
        print(json.dumps({"settings": listed}, ensure_ascii=False))
        return 0
    for row in listed:
        what = row["summary"] or say("history.unreadable")
        mark = f"  {say('history.on_disk')}" if row["on_disk"] else ""
        print(f"{row['number']:>4}  {row['since'].replace('T', ' ')}  {what}{mark}")
    if not listed:
        print(say("history.none"))
    return 0


def _row(kept: Kept, config: Path, language: str, on_disk: Snapshot | None) -> dict[str, Any]:
    try:
        summary = describe(load_kept(kept, config, language).catalogue).in_(language)
    except SettingsError:
        summary = None
    return {
        "number": kept.number,
        "since": kept.since.astimezone().isoformat(timespec="seconds"),
        "summary": summary,
        "on_disk": on_disk is not None and Snapshot.take(kept.folder) == on_disk,
    }
