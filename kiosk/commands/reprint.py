"""``kiosk reprint``: print slips again, marked as copies (SALINAN): the last, or the named ones.

The running app does it where there is one. While an earlier slip is uncertain nothing is
printed: look at the printer, then ``kiosk print-test``.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from kiosk.bootstrap import build_kiosk
from kiosk.commands.handlers import handlers
from kiosk.commands.shared import add_config, add_state, ask_or_do, config_dir, log_to, state_dir
from kiosk.messages import Say, speaker
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings

MOST = 20


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk reprint``."""
    parser.add_argument("numbers", nargs="*", metavar="NUMBER", help=say("help.numbers"))
    parser.add_argument("--last", type=int, metavar="N", help=say("help.last", most=MOST))
    parser.add_argument("--json", action="store_true", help=say("help.json"))
    add_config(parser, say)
    add_state(parser, say)


def run(args: argparse.Namespace) -> int:
    """Print; 0 when each copy came out as far as the printer can say, else 1."""
    state = state_dir(args.state)
    wish = {"numbers": args.numbers, "last": args.last}

    def alone() -> object:
        settings = load_settings(config_dir(args.config), ASSETS, args.lang)
        log_to(state)
        with build_kiosk(settings, state) as kiosk:
            kiosk.probe_now()
            return handlers(kiosk)["reprint"](wish)

    done: list[dict[str, Any]] = ask_or_do(state, "reprint", wish, args.lang, alone)
    say = speaker(args.lang)
    if args.json:
        print(json.dumps(done, ensure_ascii=False))
    for one in () if args.json else done:
        fault = f" ({say('fault.' + one['fault'])})" if one["fault"] else ""
        outcome = say(f"outcome.{one['outcome']}")
        print(say("reprint.done", number=one["number"], outcome=outcome) + fault)
    return 0 if all(one["outcome"] == "printed" for one in done) else 1
