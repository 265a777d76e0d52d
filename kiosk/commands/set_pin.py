"""``kiosk set-pin``: set the PIN of the staff screen.

Asks twice on a terminal; a script gives the PIN as a line on standard input. Only its hash is kept,
in a file of the state folder that the kiosk's user alone can read. The running app uses the new PIN
at once, and wrong PINs entered before no longer count.

Root may set it for the kiosk's user, in a folder that exists: a folder that root would have to
create is not the one that the kiosk uses.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from kiosk.commands.shared import add_state, as_owner, state_dir
from kiosk.errors import KioskError
from kiosk.messages import Say, reason, speaker
from kiosk.staff.action_log import ActionEntry, ActionLog
from kiosk.staff.attempts import forget
from kiosk.staff.pin import PinFile

MOST_CHARACTERS = 1024


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk set-pin``."""
    add_state(parser, say)


def run(args: argparse.Namespace) -> int:
    """Set the PIN; 0 when it is kept. KioskError for a weak PIN, or two that differ."""
    state, say = _folder(args.state), speaker(args.lang)
    as_owner(state)
    PinFile(state).keep(_asked(say))
    try:
        forget(state)
    except OSError as error:
        raise KioskError("folder.write", folder=state, why=reason(error)) from error
    ActionLog(state).add(ActionEntry(datetime.now(UTC), "set-pin"))
    print(say("pin.done", folder=state))
    return 0


def _folder(given: Path | None) -> Path:
    """The state folder. KioskError where it cannot be used, or root would have to create it."""
    if os.geteuid() != 0:
        return state_dir(given)
    try:
        return state_dir(given, create=False)
    except KioskError as error:
        if error.message.key != "folder.no_state":
            raise
        raise KioskError("pin.folder", **dict(error.message.fields)) from error


def _asked(say: Say) -> str:
    """The PIN, which is never shown."""
    if not sys.stdin.isatty():
        return sys.stdin.readline(MOST_CHARACTERS).strip()
    pin = getpass.getpass(f"{say('pin.ask')}: ")
    if getpass.getpass(f"{say('pin.again')}: ") != pin:
        raise KioskError("pin.differ")
    return pin
