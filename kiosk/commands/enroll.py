"""Meet the queue server: keep the token, check it, and get this machine's letter.

The server and its token file stand in kiosk.yaml. With --token the token is asked for, or read
from standard input, and kept in that file; without, the one that lies there is used. The new
way of giving numbers holds from the next business date; at once where none was given yet.
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from typing import Any

from kiosk.bootstrap import Options, build_kiosk
from kiosk.commands.handlers import handlers
from kiosk.commands.shared import add_config, add_state, ask_or_do, config_dir, log_to, state_dir
from kiosk.errors import KioskError
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.sync.token import keep_token


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``kiosk enroll``."""
    parser.add_argument(
        "--token", action="store_true", help="ask for a new token, or read it from standard input"
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    add_config(parser)
    add_state(parser)


def run(args: argparse.Namespace) -> int:
    """Enroll; 0 when the server took the token, 1 when not."""
    config, state = config_dir(args.config), state_dir(args.state)
    settings = load_settings(config, ASSETS)
    server = settings.kiosk.server
    if not server.url:
        raise KioskError("no server in kiosk.yaml: write its url and token_file there first")
    if not server.token_file:
        raise KioskError("no token_file in kiosk.yaml: write there where the token is to be kept")
    if args.token:
        keep_token(config / server.token_file, _asked())

    def alone() -> object:
        log_to(state)
        with build_kiosk(settings, state, Options(printer=False)) as kiosk:
            return handlers(kiosk)["enroll"]({})

    said: dict[str, Any] = ask_or_do(state, "enroll", {}, alone)
    if args.json:
        print(json.dumps(said, ensure_ascii=False))
    else:
        print(f"enrolled with {said['url']}, letter {said['letter'] or 'none yet'}")
    return 0


def _asked() -> str:
    """The token, which is shown nowhere."""
    from kiosk.sync.client import check_token

    text = getpass.getpass("token: ") if sys.stdin.isatty() else sys.stdin.readline(1024)
    return check_token(text.strip())
