"""Say how the kiosk is: printer, numbers, settings, clock, disk.

Exit 0 well, 1 degraded, 3 out of service or no answer.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from kiosk.bootstrap import build_kiosk
from kiosk.commands.handlers import handlers
from kiosk.commands.shared import add_config, add_state, ask_or_do, config_dir, state_dir
from kiosk.errors import KioskError
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings

EXIT_CODES = {"well": 0, "degraded": 1, "out_of_service": 3}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``kiosk status``."""
    parser.add_argument("--json", action="store_true", help="as JSON")
    add_config(parser)
    add_state(parser)


def run(args: argparse.Namespace) -> int:
    """Print the status; the result is the exit code."""
    try:
        answer = _answer(args)
    except KioskError as error:
        # An app that does not answer, settings with which none starts: no numbers for anybody.
        error.exit_code = EXIT_CODES["out_of_service"]
        raise
    if args.json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        print(_lines(answer))
    return EXIT_CODES[answer["state"]]


def _answer(args: argparse.Namespace) -> dict[str, Any]:
    state = state_dir(args.state, create=False)

    def alone() -> object:
        settings = load_settings(config_dir(args.config), ASSETS)
        with build_kiosk(settings, state) as kiosk:
            kiosk.probe_now()
            kiosk.meet_server()
            return handlers(kiosk)["status"]({}) | {"running": False}

    answer: dict[str, Any] = ask_or_do(state, "status", {}, alone)
    return answer


def _lines(answer: dict[str, Any]) -> str:
    printer, tickets, clock = answer["printer"], answer["tickets"], answer["clock"]
    said = [
        f"state     {answer['state'].replace('_', ' ')}"
        + ("" if answer["running"] else " (the app does not run)"),
        f"printer   {_printer(printer)}",
        f"server    {_server(answer['server'])}",
        f"tickets   {_numbers(tickets)}",
        f"settings  {answer['settings']['summary']} ({answer['settings']['folder']})",
        f"clock     {clock['now']}, {'synchronised' if clock['confirmed'] else 'not synchronised'}",
        f"disk      {answer['disk']['free_mb']} MB free",
    ]
    said += [f"notice    {notice}" for notice in answer["notices"]]
    return "\n".join(said)


def _server(said: dict[str, Any] | None) -> str:
    if said is None:
        return "not used: this kiosk gives its own numbers"
    how = "in touch" if said["in_touch"] else "out of touch"
    letter = f"letter {said['letter']}" if said["letter"] else "no letter yet"
    why = f": {said['problem']}" if said["problem"] else ""
    return f"{said['url']}, {how}, {letter}{why}"


def _numbers(said: dict[str, int | None]) -> str:
    """The numbers of today and the rows that the server has not taken, as far as known."""
    known = [f"{n} {what}" for what, n in said.items() if n is not None]
    return ", ".join(known) or "not known"


def _printer(said: dict[str, Any]) -> str:
    if said["at"] is None:
        return f"not asked, {said['connection']}"
    detail = f": {said['detail']}" if said["detail"] else ""
    return f"{said['fault'] or _paper(said)}, level {said['level']}, {said['connection']}{detail}"


def _paper(printer: dict[str, Any]) -> str:
    """A printer without a fault: well, or low on paper."""
    if not printer["near_end"]:
        return "well"
    left = printer["slips_left"]
    return "paper low" if left is None else f"paper low (about {left} slips left)"
