"""``kiosk enroll``: keep the queue server's token, check it, and get this machine's letter.

kiosk.yaml names the server and its token file. With --token the token is asked for, or read from
standard input, and written to that file; without, the file's token is used. Numbers come from
the server from the next business date on; at once where none was given yet today.
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from pathlib import Path
from typing import Any

from kiosk.bootstrap import Options, build_kiosk
from kiosk.commands.handlers import handlers
from kiosk.commands.shared import add_config, add_state, ask_or_do, config_dir, log_to, state_dir
from kiosk.domain.config import MPP
from kiosk.errors import KioskError
from kiosk.messages import Say, reason, speaker
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.store.private import give_to_owner
from kiosk.sync.token import keep_token


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk enroll``."""
    parser.add_argument("--token", action="store_true", help=say("help.token"))
    parser.add_argument("--json", action="store_true", help=say("help.json"))
    add_config(parser, say)
    add_state(parser, say)


def run(args: argparse.Namespace) -> int:
    """Enroll; 0 when the server took the token, 1 when not."""
    config, state = config_dir(args.config), state_dir(args.state)
    settings = load_settings(config, ASSETS, args.lang)
    server = settings.kiosk.server
    if not server.url:
        raise KioskError("enroll.no_url")
    if not server.token_file:
        raise KioskError("enroll.no_file")
    say = speaker(args.lang)
    if args.token:
        token_file = config / server.token_file
        keep_token(token_file, _asked(say))
        _give(token_file, state)

    def alone() -> object:
        log_to(state)
        with build_kiosk(settings, state, Options(printer=False)) as kiosk:
            return handlers(kiosk)["enroll"]({})

    said: dict[str, Any] = ask_or_do(state, "enroll", {}, args.lang, alone)
    if args.json:
        print(json.dumps(said, ensure_ascii=False))
    else:
        none = "enroll.no_letter" if server.kind == MPP else "enroll.needs_none"
        letter = said["letter"] or say(none)
        print(say("enroll.done", url=said["url"], letter=letter))
    return 0


def _give(token_file: Path, state: Path) -> None:
    """Root gives the token to the kiosk's user, who reads it."""
    try:
        give_to_owner(token_file, state)
    except OSError as error:
        raise KioskError("token.keep", path=token_file, why=reason(error)) from error


def _asked(say: Say) -> str:
    """The token, which is never shown."""
    from kiosk.sync.http_link import check_token

    text = getpass.getpass(say("enroll.ask")) if sys.stdin.isatty() else sys.stdin.readline(1024)
    return check_token(text.strip())
