"""``kiosk status``: show the state of printer, numbers, settings, clock and disk.

Exit 0 well, 1 degraded, 3 out of service, no app or no answer. ``--stopped-is-well``: the parts
alone are judged, for a self-test before the app starts. ``--timeout S``: an answer within S seconds
that never takes the kiosk's lock, for a service manager; where the app gives none, its last health.
"""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from functools import partial
from typing import Any

from kiosk import control
from kiosk.background.last_health import read_health
from kiosk.bootstrap import build_kiosk
from kiosk.commands.handlers import handlers
from kiosk.commands.print_test import UNKNOWN
from kiosk.commands.shared import add_config, add_state, ask_or_do, config_dir, labelled, state_dir
from kiosk.domain.config import MPP
from kiosk.errors import AlreadyRunning, ControlError, KioskError
from kiosk.messages import Say, speaker
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.store.lock import refuse_if_owned

DAY_S = 24 * 3600
LONGEST_S = 60.0
EXIT_CODES = {"well": 0, "degraded": 1, "out_of_service": 3}


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk status``."""
    parser.add_argument("--json", action="store_true", help=say("help.json"))
    parser.add_argument("--stopped-is-well", action="store_true", help=say("help.stopped"))
    parser.add_argument(
        "--timeout", metavar="S", type=partial(timeout_s, say), help=say("help.timeout")
    )
    add_config(parser, say)
    add_state(parser, say)


def timeout_s(say: Say, text: str) -> float:
    """Seconds, above 0 to 60; argparse.ArgumentTypeError for anything else."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST_S:
        raise argparse.ArgumentTypeError(say("usage.seconds", value=repr(text)))
    return seconds


def run(args: argparse.Namespace) -> int:
    """Print the status; the result is the exit code."""
    try:
        answer = current_status(args) if args.timeout is None else quick_status(args)
    except KioskError as error:
        # The app does not answer, or cannot start with these settings: it gives no numbers.
        error.exit_code = EXIT_CODES["out_of_service"]
        raise
    if not answer["running"] and not args.stopped_is_well:
        answer["state"] = "out_of_service"
    if args.json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        print(_lines(answer, speaker(args.lang)))
    return EXIT_CODES[answer["state"]]


def current_status(args: argparse.Namespace) -> dict[str, Any]:
    """The status by the running app, or of the parts alone. Raises KioskError without either."""
    state = state_dir(args.state, create=False)

    def alone() -> object:
        settings = load_settings(config_dir(args.config), ASSETS, args.lang)
        with build_kiosk(settings, state) as kiosk:
            kiosk.probe_now()
            kiosk.exchange_with_server()
            return handlers(kiosk)["status"]({}) | {"running": False}

    answer: dict[str, Any] = ask_or_do(state, "status", {}, args.lang, alone)
    return answer


def quick_status(args: argparse.Namespace) -> dict[str, Any]:
    """The running app's status within ``args.timeout`` seconds, else the last one that it wrote.

    The last one has the keys ``at`` (when it was written) and ``answered`` (false), is
    ``out_of_service``, and ``running`` says whether a process holds the lock. Raises KioskError
    where there is none. Does not take the lock: it could keep a starting app out.
    """
    state = state_dir(args.state, create=False)
    try:
        answer: dict[str, Any] = control.ask(state, "status", {}, args.timeout, args.lang)
        return answer
    except ControlError:
        last = read_health(state)
        if last is None:
            raise
    try:
        refuse_if_owned(state)
        running = False
    except AlreadyRunning:
        running = True
    return last | {"state": "out_of_service", "running": running, "answered": False}


def _lines(answer: dict[str, Any], say: Say) -> str:
    printer, state = answer["printer"], say(f"state.{answer['state']}")
    settings = answer["settings"]
    rows = [
        ("state", state if answer["running"] else say("status.not_running", state=state)),
        *([] if answer.get("answered", True) else [("app", _silent(answer["at"], say))]),
        ("printer", _printer(printer, say)),
    ]
    if printer["not_taken"]:
        rows.append(("mouth", say("status.not_taken", n=printer["not_taken"])))
    if printer["fault"]:
        rows.append(("action", say(f"action.{printer['fault']}")))
    rows += [
        ("server", _server(answer["server"], say)),
        *([("limits", limits)] if (limits := _limits(answer["server"], say)) else []),
        *([("call", _call(answer["staff_call"], say))] if answer["staff_call"] else []),
        ("tickets", _numbers(answer["tickets"], say)),
        ("settings", say("status.settings", **settings)),
        ("clock", _clock(answer["clock"], say)),
        ("disk", say("status.disk", n=answer["disk"]["free_mb"])),
    ]
    if answer["screen"] is not None:
        rows.append(("screen", _screen(answer["screen"], say)))
    rows += [("notice", notice) for notice in answer["notices"]]
    return labelled((say(f"label.{label}"), text) for label, text in rows)


def _silent(at: str, say: Say) -> str:
    """The app gave no answer: when it wrote what is shown in its place."""
    written = datetime.fromisoformat(at).astimezone()
    return say("status.silent", time=written.strftime("%Y-%m-%d %H:%M"))


def _clock(said: dict[str, Any], say: Say) -> str:
    """The time, and whether it is confirmed; for how long it has not been, once that is a day."""
    if not said["believed"]:
        return say("status.clock_wrong")
    if said["confirmed"]:
        return say("status.clock_good", now=said["now"])
    days = int(said["unconfirmed_s"] // DAY_S)
    key = "status.clock_days" if days else "status.clock_alone"
    return say(key, now=said["now"], n=days)


def _screen(said: dict[str, Any], say: Say) -> str:
    """When a frame was drawn and a touch came, what failed and what was dropped."""
    frame_s, touch_s = said["last_frame_s"], said["last_touch_s"]
    parts = [
        say("status.no_frame") if frame_s is None else say("status.frame", n=round(frame_s)),
        say("status.no_touch") if touch_s is None else say("status.touch", n=round(touch_s)),
    ]
    if said["frames_failed"]:
        parts.append(say("status.frames_failed", n=said["frames_failed"]))
    if said["touches_dropped"]:
        parts.append(say("status.touches_dropped", n=said["touches_dropped"]))
    return ", ".join(parts)


def _server(said: dict[str, Any] | None, say: Say) -> str:
    if said is None:
        return say("status.no_server")
    needed = said.get("kind", MPP) == MPP
    letter = "status.no_letter" if needed else "status.without_letter"
    letter = "status.letter" if said["letter"] else letter
    text = say(
        "status.server",
        url=said["url"],
        how=say("status.in_touch" if said["in_touch"] else "status.out_of_touch"),
        letter=say(letter, letter=said["letter"]),
    )
    return f"{text}: {said['problem']}" if said["problem"] else text


def _limits(said: dict[str, Any] | None, say: Say) -> str:
    """What the server does not do for the kiosk, and what does not fit into it; empty for none."""
    if said is None:
        return ""
    # Missing in the last status that an earlier version wrote.
    lacks = ", ".join(say(f"lacks.{promise}") for promise in said.get("lacks", ()))
    parts = [say("status.lacks", list=lacks)] if lacks else []
    return "; ".join([*parts, *said.get("remarks", ())])


def _call(said: dict[str, str], say: Say) -> str:
    """A visitor's open call for staff: since when, and whether staff have seen it."""
    since = datetime.fromisoformat(said["since"]).strftime("%H:%M")
    return say(f"status.call.{said['state']}", time=since)


def _numbers(said: dict[str, int | None], say: Say) -> str:
    """The numbers of today and the rows that the server has not taken, as far as known."""
    known = [say(f"status.{what}", n=n) for what, n in said.items() if n is not None]
    return ", ".join(known) or say("status.unknown")


def _printer(said: dict[str, Any], say: Say) -> str:
    connection, fault = said["connection"], said["fault"]
    if said["at"] is None:
        return say("status.not_asked", connection=connection)
    how = say(f"fault.{fault}") if fault else _paper(said, say)
    level = say(f"level.{said['level']}" if said["fault"] not in UNKNOWN else "level.unknown")
    text = say("status.printer", how=how, level=level, connection=connection)
    return f"{text}: {said['detail']}" if said["detail"] else text


def _paper(printer: dict[str, Any], say: Say) -> str:
    """A printer without a fault: ready, or low on paper."""
    if not printer["near_end"]:
        return say("status.printer_well")
    left = printer["slips_left"]
    return say("status.paper_low") if left is None else say("status.paper_left", n=left)
