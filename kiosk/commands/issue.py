"""``kiosk issue``: give one number without the screen, and print its slip.

For a reception desk or a script. The running app does it where there is one.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict
from datetime import UTC, datetime

from kiosk.bootstrap import build_kiosk
from kiosk.commands.handlers import handlers
from kiosk.commands.shared import add_config, add_state, ask_or_do, config_dir, log_to, state_dir
from kiosk.domain.ticket import KEY_BYTES, ticket_key
from kiosk.messages import Say, speaker
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk issue``."""
    parser.add_argument("service", metavar="SERVICE", help=say("help.service"))
    parser.add_argument("--language", metavar="CODE", help=say("help.slip_language"))
    parser.add_argument("--priority", metavar="GROUP", help=say("help.priority"))
    parser.add_argument("--json", action="store_true", help=say("help.json"))
    add_config(parser, say)
    add_state(parser, say)


def run(args: argparse.Namespace) -> int:
    """Issue; 0 when there is a number, 1 when there is none."""
    state = state_dir(args.state)
    wish = {"service": args.service, "language": args.language, "priority": args.priority}
    wish |= asdict(ticket_key(datetime.now(UTC), os.urandom(KEY_BYTES)))

    def alone() -> object:
        settings = load_settings(config_dir(args.config), ASSETS, args.lang)
        log_to(state)
        with build_kiosk(settings, state) as kiosk:
            kiosk.probe_now()
            kiosk.exchange_with_server()
            try:
                return handlers(kiosk)["issue"](wish)
            finally:
                kiosk.send_pending()

    ticket = ask_or_do(state, "issue", wish, args.lang, alone)
    if args.json:
        print(json.dumps(ticket, ensure_ascii=False))
    else:
        say = speaker(args.lang)
        paper = say(f"paper.{ticket['printed'] or 'open'}")
        fault = f" ({say('fault.' + ticket['fault'])})" if ticket["fault"] else ""
        number, service = ticket["number"], ticket["service"]
        print(say("issue.done", number=number, service=service, paper=paper) + fault)
    return 0
