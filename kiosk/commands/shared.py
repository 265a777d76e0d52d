"""What several commands share: folders, the log, and where to ask."""

from __future__ import annotations

import argparse
import logging
import logging.handlers
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import platformdirs

from kiosk import control
from kiosk.errors import AlreadyRunning, ControlError, KioskError

SYSTEM_CONFIG = Path("/etc/mpp-kiosk")
SYSTEM_STATE = Path("/var/lib/mpp-kiosk")
LOG_NAME = "kiosk.log"
LOG_BYTES = 1_000_000
PATIENCE_S = 20.0
ASK_AGAIN_S = 0.1
SILENT_S = 1.0
"""A wait longer than this is said."""


def add_config(parser: argparse.ArgumentParser) -> None:
    """``--config DIR``."""
    parser.add_argument(
        "--config",
        metavar="DIR",
        type=folder_name,
        help=f"folder of the YAML files (default: {SYSTEM_CONFIG} where it exists, else config)",
    )


def add_state(parser: argparse.ArgumentParser) -> None:
    """``--state DIR``."""
    parser.add_argument(
        "--state",
        metavar="DIR",
        type=folder_name,
        help=f"folder of journal, lock and socket (default: {SYSTEM_STATE}, else the user's)",
    )


def folder_name(text: str) -> Path:
    """A folder named on the command line. argparse.ArgumentTypeError for an empty text, which
    ``Path`` would read as the working directory: an unset variable in a script."""
    if not text:
        raise argparse.ArgumentTypeError("the name of the folder is empty")
    return Path(text)


def config_dir(given: Path | None) -> Path:
    """The folder of the YAML files."""
    if given is not None:
        return given
    return SYSTEM_CONFIG if SYSTEM_CONFIG.is_dir() else Path("config")


def state_dir(given: Path | None, name: str = "mpp-kiosk", *, create: bool = True) -> Path:
    """The folder of journal, lock and socket, an absolute path.

    ``create``: make it when it is missing; without, a missing folder is a KioskError. Raises
    KioskError when it cannot be used.
    """
    if given is not None:
        folder = given
    elif name == SYSTEM_STATE.name and os.access(SYSTEM_STATE, os.W_OK):
        folder = SYSTEM_STATE
    else:
        folder = Path(platformdirs.user_state_dir(name))
    if not create and not folder.is_dir():
        raise KioskError(f"no state folder {folder}: no kiosk has run with it")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KioskError(f"cannot use the state folder {folder}: {error.strerror}") from error
    return folder.resolve()


def log_to(folder: Path) -> None:
    """Write the log into ``folder`` from now on; on stderr only what is grave enough.

    A folder that takes no log is no reason not to give numbers.
    """
    try:
        file = logging.handlers.RotatingFileHandler(
            folder / LOG_NAME, maxBytes=LOG_BYTES, backupCount=3, encoding="utf-8"
        )
    except OSError as error:
        logging.getLogger(__name__).warning("no log file: %s", error.strerror)
        return
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    for handler in root.handlers:
        handler.setLevel(root.level)
    root.setLevel(min(root.level, logging.INFO))
    root.addHandler(file)


def ask_or_do(folder: Path, command: str, args: Mapping[str, Any], alone: Callable[[], Any]) -> Any:
    """The running app's answer to ``command``; where no app runs, what ``alone`` answers.

    ``alone`` takes the lock itself. While somebody holds it who does not answer (another
    command, or an app that is starting) this says so and waits for PATIENCE_S seconds.
    """
    begun = time.monotonic()
    said = False
    while True:
        try:
            return control.ask(folder, command, args)
        except ControlError:
            try:
                return alone()
            except AlreadyRunning as error:
                waited_s = time.monotonic() - begun
                if waited_s > PATIENCE_S:
                    raise ControlError(f"{error}, but it does not answer") from error
                if waited_s > SILENT_S and not said:
                    said = True
                    print(f"kiosk: {error}; waiting for it to answer or end", file=sys.stderr)
                time.sleep(ASK_AGAIN_S)
