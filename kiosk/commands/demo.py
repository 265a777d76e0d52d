"""Show the main job: the app with a virtual printer, a queue server and a state folder of its own.

The demo's clock starts at 09:00 on the next open day and runs. With ``--offscreen`` a robot
touches an invisible window and saves pictures of screens and slips. The queue server is stopped
during one visit, and the lists of kiosk and server are compared at the end.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from kiosk.bootstrap import Options
from kiosk.commands.run import add_window, show
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
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings

DEMO_NAME = "mpp-kiosk-demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``kiosk demo``."""
    add_config(parser)
    parser.add_argument(
        "--state",
        metavar="DIR",
        type=folder_name,
        help="the demo's state folder (default: the user's)",
    )
    add_window(parser)
    parser.add_argument("--offscreen", action="store_true", help="no display: a robot touches")
    parser.add_argument(
        "--visits", type=int, default=3, metavar="N", help="visits of the robot (default 3)"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("demo-output"), metavar="DIR", help="where pictures go"
    )
    parser.add_argument("--no-pictures", action="store_true", help="no pictures of the screens")
    clock = parser.add_mutually_exclusive_group()
    clock.add_argument("--now", type=moment, metavar="TIME", help="the clock's start")
    clock.add_argument("--real-time", action="store_true", help="the system's clock")


def moment(text: str) -> datetime:
    """Parse ``2026-11-24T09:00``; argparse.ArgumentTypeError for anything else."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time, such as 2026-11-24T09:00"
        ) from error


def run(args: argparse.Namespace) -> int:
    """Run the demo; 0 when every visit of the robot ended with a number."""
    if args.visits < 1:
        raise UsageError("--visits must be 1 or more")
    if args.visits != 3 and not args.offscreen:
        raise UsageError("--visits goes with --offscreen")
    if args.size and not (args.windowed or args.offscreen):
        raise UsageError("--size goes with --windowed or --offscreen")
    config = config_dir(args.config).absolute()
    settings = load_settings(config, ASSETS)
    state = state_dir(args.state, f"{DEMO_NAME}-{folder_digest(config)}")
    claim_state(state, config)
    log_to(state)
    start = first_moment(args.now, settings, real_time=args.real_time)
    options = Options(demo=True, start=start)
    if args.offscreen:
        # Fails here when nothing is open, before any process is started.
        plan_visits(settings.catalogue, start or datetime.now(site_zone(settings)), args.visits)
        options = replace(options, slips=args.out / "slips")
    with demo_session(settings, config, state, options) as session:
        if args.offscreen:
            size = args.size or SIZE
            wanted = OffscreenRun(args.visits, args.out, not args.no_pictures, size)
            return perform(session.kiosk, session.server, wanted)
        announce(session, config)
        show(session.kiosk, windowed=args.windowed, size=args.size)
    return 0
