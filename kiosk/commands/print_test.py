"""Find the printer and its level, print a test slip, and say what the printer can.

Printing it says that the printer is clear: after an uncertain slip, numbers go to paper again.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from kiosk.bootstrap import build_kiosk
from kiosk.commands.handlers import handlers
from kiosk.commands.shared import add_config, add_state, ask_or_do, config_dir, log_to, state_dir
from kiosk.domain.tables import table
from kiosk.printing.finding import find_printers
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings

LEVELS = {
    "A": "confirms each slip once it is out",
    "B": "confirms that all before was processed",
    "C": "answers its state; a slip counts as sent",
    "D": "says nothing; a slip counts as sent",
}

ABILITIES = {
    "status": "state",
    "process_id": "echo",
    "clear": "clear",
    "watch": "watch",
    "memory": "memory",
    "cutter": "cutter",
}

UNKNOWN = ("unreachable", "mute", "garbled", "wedged")
"""Faults with which nobody can say what the printer is able to."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``kiosk print-test``."""
    parser.add_argument("--json", action="store_true", help="the findings as JSON")
    parser.add_argument(
        "--find",
        action="store_true",
        help="list the printers seen here, print nothing",
    )
    add_config(parser)
    add_state(parser)


def run(args: argparse.Namespace) -> int:
    """Print the test slip; 0 when it came out as far as the printer can say, else 1."""
    if args.find:
        return _find(as_json=args.json)
    state = state_dir(args.state)

    def alone() -> object:
        settings = load_settings(config_dir(args.config), ASSETS)
        log_to(state)
        with build_kiosk(settings, state) as kiosk:
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
        if found["outcome"] == "printed":
            print(_findings(found))
    return 0 if found["outcome"] == "printed" else 1


def _findings(found: dict[str, Any]) -> str:
    """What the printer can, and the lines for kiosk.yaml."""
    can = found["can"]
    words = {True: "yes", False: "no", None: "does not say"}
    lines = [f"{label:<10}{words[can[key]]}" for key, label in ABILITIES.items()]
    model = " ".join(name for name in (can["maker"], can["model"]) if name)
    comment = f"   # {' '.join(model.split())}" if model.isprintable() and model else ""
    lines += [
        "",
        "Look at the slip: the ruler, the letters, the code, the cut. Then, for kiosk.yaml:",
        "",
        f"printer:{comment}",
        f"  connection: {json.dumps(found['connection'])}",
        f"  paper_mm: {found['paper_mm']}",
        f"  level: {found['level']}",
    ]
    return "\n".join(lines)


def _find(*, as_json: bool) -> int:
    """Say which printers could be meant; 0 when there is one at least."""
    found = find_printers()
    if as_json:
        print(json.dumps([{"connection": f.connection, "about": f.about} for f in found]))
    elif found:
        print(table(("connection", "what it is"), [(f.connection, f.about) for f in found]))
    else:
        print("No printer is plugged in here. One on the network: network:ADDRESS:9100")
    return 0 if found else 1
