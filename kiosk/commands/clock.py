"""``kiosk clock``: show the kiosk's time; with ``--confirm`` say that the machine's clock is right.

For a kiosk without network or server on which numbers were given under a clock that was ahead:
after somebody has set it back, the kiosk would keep to the time of its newest number. The running
app does it where there is one. Exit 0, 1 for a clock that is not believed.
"""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from typing import Any

from kiosk.bootstrap import Options, build_kiosk
from kiosk.commands.handlers import handlers
from kiosk.commands.shared import add_config, add_state, ask_or_do, config_dir, log_to, state_dir
from kiosk.messages import Say, speaker
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk clock``."""
    parser.add_argument("--confirm", action="store_true", help=say("help.confirm_clock"))
    parser.add_argument("--json", action="store_true", help=say("help.json"))
    add_config(parser, say)
    add_state(parser, say)


def run(args: argparse.Namespace) -> int:
    """Print the time; 0 when it is believed, else 1."""
    state = state_dir(args.state, create=False)
    wish = {"confirm": args.confirm}

    def alone() -> object:
        settings = load_settings(config_dir(args.config), ASSETS, args.lang)
        log_to(state)
        with build_kiosk(settings, state, Options(printer=False)) as kiosk:
            return handlers(kiosk)["clock"](wish)

    said: dict[str, Any] = ask_or_do(state, "clock", wish, args.lang, alone)
    if args.json:
        print(json.dumps(said, ensure_ascii=False))
    else:
        say = speaker(args.lang)
        now = datetime.fromisoformat(said["now"]).strftime("%Y-%m-%d %H:%M:%S %z")
        print(say("clock.believed" if said["believed"] else "clock.held", now=now))
    return 0 if said["believed"] else 1
