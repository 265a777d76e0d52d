"""Find the printer and its level, print a test slip, and say what the printer can.

Printing it says that the printer is clear: after an uncertain slip, numbers go to paper again.
"""

from __future__ import annotations

import argparse
import json

from kiosk.bootstrap import Kiosk
from kiosk.commands.handlers import handlers
from kiosk.commands.shared import add_config, add_state, ask_or_do, config_dir, log_to, state_dir
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings

LEVELS = {
    "A": "confirms each slip once it is out",
    "B": "confirms that all before was processed",
    "C": "answers its state; a slip counts as sent",
    "D": "says nothing; a slip counts as sent",
}

UNKNOWN = ("unreachable", "mute", "garbled", "wedged")
"""Faults with which nobody can say what the printer is able to."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``kiosk print-test``."""
    parser.add_argument("--json", action="store_true", help="the findings as JSON")
    add_config(parser)
    add_state(parser)


def run(args: argparse.Namespace) -> int:
    """Print the test slip; 0 when it came out as far as the printer can say, else 1."""
    state = state_dir(args.state)

    def alone() -> object:
        settings = load_settings(config_dir(args.config), ASSETS)
        log_to(state)
        with Kiosk(settings, state) as kiosk:
            return handlers(kiosk)["print-test"]({})

    found = ask_or_do(state, "print-test", {}, alone)
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print(f"printer   {found['connection']}")
        reached = found["fault"] not in UNKNOWN
        level = f"{found['level']}: {LEVELS[found['level']]}" if reached else "not known yet"
        print(f"level     {level}")
        fault = f" ({found['fault']})" if found["fault"] else ""
        detail = f": {found['detail']}" if found["detail"] else ""
        print(f"outcome   {found['outcome'].replace('_', ' ')}{fault}{detail}")
    return 0 if found["outcome"] == "printed" else 1
