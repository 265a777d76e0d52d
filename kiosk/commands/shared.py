"""Shared by the commands: folders, the log, and the connection to the running app."""

from __future__ import annotations

import argparse
import logging
import logging.handlers
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import platformdirs

from kiosk import control
from kiosk.errors import AlreadyRunning, ControlError, KioskError
from kiosk.messages import Say, reason, speaker
from kiosk.signals import StopSignals
from kiosk.store.private import become_owner, keep_private

SYSTEM_CONFIG = Path("/etc/mpp-kiosk")
SYSTEM_STATE = Path("/var/lib/mpp-kiosk")
LOG_NAME = "kiosk.log"
THREADS_NAME = "kiosk.threads"
"""Stacks of all threads of a frozen app, in the state folder."""

LOG_BYTES = 1_000_000
PATIENCE_S = 20.0
ASK_AGAIN_S = 0.1
INCOMPLETE = 3
"""Exit code of a list or report of days whose tickets were deleted from the journal."""
SILENT_S = 1.0
"""After waiting this long for another process, the command says so."""


def add_config(parser: argparse.ArgumentParser, say: Say) -> None:
    """``--config DIR``."""
    parser.add_argument(
        "--config",
        metavar="DIR",
        type=partial(folder_name, say),
        help=say("help.config", system=SYSTEM_CONFIG),
    )


def add_state(parser: argparse.ArgumentParser, say: Say) -> None:
    """``--state DIR``."""
    parser.add_argument(
        "--state",
        metavar="DIR",
        type=partial(folder_name, say),
        help=say("help.state", system=SYSTEM_STATE),
    )


def folder_name(say: Say, text: str) -> Path:
    """A folder named on the command line. argparse.ArgumentTypeError for an empty text, which
    ``Path`` would read as the working directory: an unset variable in a script."""
    if not text:
        raise argparse.ArgumentTypeError(say("usage.folder"))
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
        raise KioskError("folder.no_state", folder=folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KioskError("folder.state", folder=folder, why=reason(error)) from error
    return folder.resolve()


def as_owner(folder: Path) -> None:
    """Before the state folder is written: ``become_owner``, its failure as a KioskError."""
    try:
        become_owner(folder)
    except OSError as error:
        raise KioskError("folder.state", folder=folder, why=reason(error)) from error


def labelled(rows: Iterable[tuple[str, str]]) -> str:
    """Lines of label and text, the texts below each other."""
    listed = list(rows)
    width = max((len(label) for label, _ in listed), default=0)
    return "\n".join(f"{label:<{max(width, 8) + 2}}{text}" for label, text in listed)


def log_to(folder: Path) -> None:
    """Write the log into ``folder`` from now on; stderr keeps the level of ``KIOSK_LOG``.

    Without a log the kiosk still gives numbers, so a folder that cannot be written is a warning.
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


def ask_or_do(
    folder: Path, command: str, args: Mapping[str, Any], language: str, alone: Callable[[], Any]
) -> Any:
    """The running app's answer to ``command``; where no app runs, the result of ``alone``.

    Sentences in the answer are in ``language``. ``alone`` takes the lock itself. While another
    process holds it and does not answer (another command, or an app that is starting), this
    prints that it waits, and waits for PATIENCE_S seconds at most.

    A frozen app is an error at once (``control.AppFrozen``).

    An app may have done a command whose answer was lost, and the command is then done again: by
    the app, or by ``alone`` where the app has died. So a command that may be done only once
    carries an id in ``args``, by which the second time is recognised.

    Root goes on as the folder's owner before ``alone``, to the end of the process. While ``alone``
    works, signals that would stop it wait for its end.
    """
    begun = time.monotonic()
    said = lost = False
    while True:
        try:
            return control.ask(folder, command, args, language=language)
        except control.AppFrozen:
            raise
        except ControlError as failure:
            lost = lost or isinstance(failure, control.AnswerLost)
            try:
                as_owner(folder)
                keep_private(folder)
                # Until the journal is closed: a terminal that is closed, or Ctrl-C, must not
                # leave it without the mark of a clean stop in the middle of a slip.
                with StopSignals():
                    done = alone()
                return control.in_words(done, language)
            except AlreadyRunning as error:
                waited_s = time.monotonic() - begun
                if waited_s > PATIENCE_S:
                    key = "control.lost" if lost else "control.silent"
                    raise ControlError(key, error=error) from error
                if waited_s > SILENT_S and not said:
                    said = True
                    waiting = speaker(language)("control.waiting", error=error)
                    print(f"kiosk: {waiting}", file=sys.stderr)
                time.sleep(ASK_AGAIN_S)
