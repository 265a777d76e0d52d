"""Show the main job: the app with a virtual printer, a queue server and a state folder of its own.

The demo's clock starts at 09:00 on the next open day and runs. With ``--offscreen`` a robot
touches an invisible window and saves pictures of screens and slips. The queue server is stopped
during one visit, and the lists of kiosk and server are compared at the end.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from kiosk.bootstrap import Options
from kiosk.commands.run import add_window, show, start_again
from kiosk.commands.shared import add_config, config_dir, folder_name, log_to, state_dir
from kiosk.demo.offscreen import SIZE, OffscreenRun, perform
from kiosk.demo.plans import plan_visits
from kiosk.demo.session import (
    announce,
    claim_state,
    demo_session,
    first_moment,
    folder_digest,
    site_zone,
)
from kiosk.errors import UsageError
from kiosk.messages import Say, speaker
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.signals import StopSignals
from kiosk.store.private import keep_private

DEMO_NAME = "mpp-kiosk-demo"


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk demo``."""
    add_config(parser, say)
    parser.add_argument(
        "--state",
        metavar="DIR",
        type=partial(folder_name, say),
        help=say("help.state_demo"),
    )
    add_window(parser, say)
    parser.add_argument("--offscreen", action="store_true", help=say("help.offscreen"))
    parser.add_argument("--visits", type=int, default=3, metavar="N", help=say("help.visits"))
    parser.add_argument(
        "--out", type=Path, default=Path("demo-output"), metavar="DIR", help=say("help.pictures")
    )
    parser.add_argument("--no-pictures", action="store_true", help=say("help.no_pictures"))
    clock = parser.add_mutually_exclusive_group()
    clock.add_argument("--now", type=partial(moment, say), metavar="TIME", help=say("help.now"))
    clock.add_argument("--real-time", action="store_true", help=say("help.real_time"))


def moment(say: Say, text: str) -> datetime:
    """Parse ``2026-11-24T09:00``; argparse.ArgumentTypeError for anything else."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(say("usage.time", value=repr(text))) from error


def run(args: argparse.Namespace) -> int:
    """Run the demo; 0 when every visit of the robot ended with a number."""
    if args.visits < 1:
        raise UsageError("usage.visits")
    if args.visits != 3 and not args.offscreen:
        raise UsageError("usage.goes_with", option="--visits", other="--offscreen")
    if args.size and not (args.windowed or args.offscreen):
        raise UsageError("usage.goes_with", option="--size", other="--windowed, --offscreen")
    config = config_dir(args.config).absolute()
    settings = load_settings(config, ASSETS, args.lang)
    state = state_dir(args.state, f"{DEMO_NAME}-{folder_digest(config)}")
    keep_private(state)
    claim_state(state, config)
    log_to(state)
    start = first_moment(args.now, settings, real_time=args.real_time)
    options = Options(demo=True, start=start)
    if args.offscreen:
        # Fails here when nothing is open, before any process is started.
        plan_visits(settings.catalogue, start or datetime.now(site_zone(settings)), args.visits)
        options = replace(options, slips=args.out / "slips")
    say = speaker(args.lang)
    with demo_session(settings, config, state, options, say) as session:
        if args.offscreen:
            size = args.size or SIZE
            wanted = OffscreenRun(args.visits, args.out, not args.no_pictures, size)
            return perform(session.kiosk, session.server, wanted, say)
        announce(session, config, say)
        with StopSignals() as signals:
            ending = show(session.kiosk, windowed=args.windowed, size=args.size, signals=signals)
    if ending.again and not signals.asked:
        start_again()
    return 0
