"""``kiosk rollback``: put an earlier set of settings back into the settings folder.

The files that were there are kept beside the sets. Exit 0, 1 where there is no such set or a folder
cannot be written.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from functools import partial

from kiosk.commands.shared import add_config, add_state, config_dir, state_dir
from kiosk.commands.tickets import amount
from kiosk.errors import KioskError
from kiosk.messages import Say, reason, speaker
from kiosk.settings.history import Kept, SettingsHistory, Snapshot, load_kept
from kiosk.store.private import give_to_owner
from menu.agencies import describe


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk rollback``."""
    parser.add_argument(
        "number",
        metavar="NUMBER",
        nargs="?",
        type=partial(amount, say),
        help=say("help.set"),
    )
    add_config(parser, say)
    add_state(parser, say)


def run(args: argparse.Namespace) -> int:
    """Put the set back; the result is the exit code."""
    say, config = speaker(args.lang), config_dir(args.config)
    state = state_dir(args.state, create=False)
    history = SettingsHistory(state)
    chosen = _chosen(history, Snapshot.take(config), args.number)
    settings = load_kept(chosen, config, args.lang)
    try:
        saved = history.put_back(chosen, config, datetime.now(UTC))
        give_to_owner(saved.parent, state)
    except OSError as error:
        raise KioskError("folder.use", folder=config, why=reason(error)) from error
    summary = describe(settings.catalogue).in_(args.lang)
    print(say("rollback.done", number=chosen.number, summary=summary, saved=saved))
    return 0


def _chosen(history: SettingsHistory, on_disk: Snapshot | None, number: int | None) -> Kept:
    """The set with ``number``; without one the newest that differs from the files."""
    for kept in reversed(history.kept()):
        if number is None and Snapshot.take(kept.folder) not in (None, on_disk):
            return kept
        if kept.number == number:
            return kept
    raise KioskError("rollback.none" if number is None else "rollback.unknown", number=number)
