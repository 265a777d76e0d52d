"""Give one number without the screen, and print its slip.

For a reception desk or a script. Goes to the running app where there is one.
"""

from __future__ import annotations

import argparse
import json

from kiosk.bootstrap import build_kiosk
from kiosk.commands.handlers import handlers
from kiosk.commands.shared import add_config, add_state, ask_or_do, config_dir, log_to, state_dir
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``kiosk issue``."""
    parser.add_argument("service", metavar="SERVICE", help="a service's code, such as ktp-el")
    parser.add_argument(
        "--language", metavar="CODE", help="of the slip (default: the site's first)"
    )
    parser.add_argument("--priority", metavar="GROUP", help="a priority group's code")
    parser.add_argument("--json", action="store_true", help="the ticket as JSON")
    add_config(parser)
    add_state(parser)


def run(args: argparse.Namespace) -> int:
    """Issue; 0 when there is a number, 1 when there is none."""
    state = state_dir(args.state)
    wish = {"service": args.service, "language": args.language, "priority": args.priority}

    def alone() -> object:
        settings = load_settings(config_dir(args.config), ASSETS)
        log_to(state)
        with build_kiosk(settings, state) as kiosk:
            kiosk.probe_now()
            kiosk.meet_server()
            try:
                return handlers(kiosk)["issue"](wish)
            finally:
                kiosk.settle()

    ticket = ask_or_do(state, "issue", wish, alone)
    if args.json:
        print(json.dumps(ticket, ensure_ascii=False))
    else:
        paper = ticket["printed"] or "open"
        fault = f" ({ticket['fault']})" if ticket["fault"] else ""
        print(f"{ticket['number']}  {ticket['service']}  paper: {paper}{fault}")
    return 0
