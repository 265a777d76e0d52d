"""``kiosk print-test``: find the printer and its level, print a test slip, list its abilities.

The test slip confirms that the printer is clear: after an uncertain slip, numbers are printed
again.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from kiosk.bootstrap import build_kiosk
from kiosk.commands.handlers import handlers
from kiosk.commands.shared import (
    add_config,
    add_state,
    ask_or_do,
    config_dir,
    labelled,
    log_to,
    state_dir,
)
from kiosk.domain.tables import table
from kiosk.messages import Say, in_language, speaker
from kiosk.printing.finding import find_printers
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings

ABILITIES = (
    "status",
    "process_id",
    "in_order",
    "early",
    "clear",
    "watch",
    "cutter",
)

UNKNOWN = ("unreachable", "mute", "garbled", "wedged")
"""Faults with which the printer's abilities are not known."""


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk print-test``."""
    parser.add_argument("--json", action="store_true", help=say("help.json"))
    parser.add_argument(
        "--find",
        action="store_true",
        help=say("help.find"),
    )
    add_config(parser, say)
    add_state(parser, say)


def run(args: argparse.Namespace) -> int:
    """Print the test slip; 0 when it came out as far as the printer can say, else 1."""
    if args.find:
        return _find(args.lang, as_json=args.json)
    state = state_dir(args.state)

    def alone() -> object:
        settings = load_settings(config_dir(args.config), ASSETS, args.lang)
        log_to(state)
        with build_kiosk(settings, state) as kiosk:
            return handlers(kiosk)["print-test"]({})

    found = ask_or_do(state, "print-test", {}, args.lang, alone)
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print(_report(found, speaker(args.lang)))
    return 0 if found["outcome"] == "printed" else 1


def _report(found: dict[str, Any], say: Say) -> str:
    """The result of the test slip and, if it was printed, the printer's capabilities."""
    level = f"level.{found['level']}" if found["fault"] not in UNKNOWN else "level.unknown"
    fault = f" ({say('fault.' + found['fault'])})" if found["fault"] else ""
    detail = f": {found['detail']}" if found["detail"] else ""
    rows = [
        ("label.printer", found["connection"]),
        ("label.level", say(level)),
        ("label.outcome", say(f"outcome.{found['outcome']}") + fault + detail),
    ]
    if found["fault"]:
        rows.append(("label.action", say(f"action.{found['fault']}")))
    printed = found["outcome"] == "printed"
    if printed:
        words = {True: "ability.yes", False: "ability.no", None: "ability.silent"}
        can = found["can"]
        rows += [(f"ability.{name}", say(words[can[name]])) for name in ABILITIES]
        if can["mouth"]:
            rows.append(("label.mouth", say(f"mouth.{can['mouth']}")))
        if can["answer_s"]:
            rows.append(("label.answer", say("print-test.answer", seconds=can["answer_s"])))
    text = labelled((say(label), said) for label, said in rows)
    return f"{text}\n{_settings(found, say)}" if printed else text


def _settings(found: dict[str, Any], say: Say) -> str:
    """The lines for kiosk.yaml."""
    can = found["can"]
    model = " ".join(name for name in (can["maker"], can["model"]) if name)
    comment = f"   # {' '.join(model.split())}" if model.isprintable() and model else ""
    lines = [
        "",
        say("print-test.look"),
        *([say("print-test.early")] if can["early"] else []),
        *([say("print-test.alone")] if found["connection"].startswith("network:") else []),
        "",
        f"printer:{comment}",
        f"  connection: {json.dumps(found['connection'])}",
        f"  paper_mm: {found['paper_mm']}",
        # Not the level found: another printer may be connected there one day.
        "  level: auto",
    ]
    return "\n".join(lines)


def _find(language: str, *, as_json: bool) -> int:
    """List the printers that could be meant; 0 when there is at least one."""
    say = speaker(language)
    found = [(f.connection, in_language(f.about, language)) for f in find_printers()]
    if as_json:
        print(json.dumps([{"connection": where, "about": about} for where, about in found]))
    elif found:
        print(table((say("find.connection"), say("find.about")), found))
    else:
        print(say("find.none"))
    return 0 if found else 1
