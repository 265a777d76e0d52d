"""Show the main job: the app with a virtual printer, a queue server and a state folder of its own.

The demo's clock starts at 09:00 on the next open day and runs. With ``--offscreen`` a robot
makes real touches in a window that nobody sees and leaves pictures of screens and slips; the
queue server is cut off meanwhile, and the lists of both are compared at the end.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.background.embedded_server import EmbeddedServer, installed
from kiosk.background.site_clock import demo_start
from kiosk.bootstrap import Kiosk, Options
from kiosk.commands.run import add_window, show
from kiosk.commands.shared import add_config, config_dir, log_to, state_dir
from kiosk.demo.offscreen import SIZE, Wish, clock_of, meet, perform
from kiosk.demo.plans import plan_visits
from kiosk.domain.config import ServerSettings, Settings
from kiosk.errors import AlreadyRunning, KioskError, UsageError
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import AGENCIES_FILE, load_settings
from kiosk.store.lock import refuse_if_owned

DEMO_NAME = "mpp-kiosk-demo"
LAST_YEAR = 2100
SERVER_FOLDER = "server"
OWNER_FILE = "demo-of"
"""Which folder of settings a state folder is the demo of."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``kiosk demo``."""
    add_config(parser)
    parser.add_argument(
        "--state", metavar="DIR", type=Path, help="the demo's state folder (default: the user's)"
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
    """``2026-11-24T09:00`` as a time; argparse.ArgumentTypeError for what is none."""
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
    settings = _for_show(load_settings(config, ASSETS))
    state = _state(args.state, config)
    log_to(state)
    start = _start(args, settings)
    options = Options(demo=True, start=start)
    if args.offscreen:
        # Said before anything is started.
        plan_visits(settings.catalogue, start or datetime.now(_zone(settings)), args.visits)
        options = replace(options, slips=args.out / "slips")
    with ExitStack() as ending:
        server = _server(state, config, settings)
        if server is not None:
            ending.enter_context(server)
            settings = _with(settings, server=server.settings)
        with _alone(state):
            kiosk = ending.enter_context(Kiosk(settings, state, options))
        if server is not None:
            server.start(clock_of(kiosk))
        if args.offscreen:
            wish = Wish(args.visits, args.out, not args.no_pictures, args.size or SIZE)
            return perform(kiosk, server, wish)
        if server is not None:
            _greet(kiosk, server, config)
        print(f"demo: the slips are on {kiosk.slips_page()}", flush=True)
        show(kiosk, windowed=args.windowed, size=args.size)
    return 0


def _for_show(settings: Settings) -> Settings:
    """The settings without anything that is not the demo's own: no real printer, no real server."""
    printer = replace(settings.kiosk.printer, connection="virtual")
    return _with(settings, printer=printer, server=ServerSettings())


def _with(settings: Settings, **changes: Any) -> Settings:
    return replace(settings, kiosk=replace(settings.kiosk, **changes))


def _state(given: Path | None, config: Path) -> Path:
    """The state folder: of its own for each folder of settings, whose numbers it holds."""
    home = str(config.resolve())
    digest = hashlib.sha256(home.encode()).hexdigest()[:8]
    state = state_dir(given, f"{DEMO_NAME}-{digest}")
    with _alone(state):
        refuse_if_owned(state)  # before its server's port is in the way
    owner = state / OWNER_FILE
    try:
        if owner.exists() and owner.read_text(encoding="utf-8", errors="replace") != home:
            raise UsageError(f"{state} is the demo's of other settings: give another --state")
        owner.write_text(home, encoding="utf-8")
    except OSError as error:
        raise KioskError(f"cannot use {owner}: {error.strerror}") from error
    return state


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Say of another demo here what to do about it."""
    try:
        yield
    except AlreadyRunning as error:
        raise AlreadyRunning(f"{error}: give a second demo another --state than {state}") from error


def _server(state: Path, config: Path, settings: Settings) -> EmbeddedServer | None:
    """The queue server, with a token for the kiosk; None, and why, where there can be none."""
    try:
        if not installed():
            raise KioskError("the extra [server] is not installed")
        server = EmbeddedServer(state / SERVER_FOLDER, config / AGENCIES_FILE)
        server.add_kiosk(settings.kiosk.id)
    except KioskError as error:
        print(f"demo: without a queue server: {error}", file=sys.stderr)
        return None
    return server


def _greet(kiosk: Kiosk, server: EmbeddedServer, config: Path) -> None:
    """Say where things are. A kiosk that was never enrolled waits until it is."""
    queue = kiosk.queue
    if queue is not None and not queue.terms().letter:
        server.wait()
        meet(kiosk)
    menu = config / AGENCIES_FILE
    print(f"demo: queue server on {server.address}; edit {menu}, and the screen follows")


def _zone(settings: Settings) -> ZoneInfo:
    return ZoneInfo(settings.catalogue.site.timezone)


def _start(args: argparse.Namespace, settings: Settings) -> datetime | None:
    """The first moment of the demo's clock, None for the real time."""
    if args.real_time:
        return None
    given: datetime | None = args.now
    if given is None:
        return demo_start(settings)
    if not 2000 <= given.year <= LAST_YEAR:
        raise UsageError(f"--now: the year must be from 2000 to {LAST_YEAR}")
    zone = _zone(settings)
    return given.replace(tzinfo=zone) if given.tzinfo is None else given.astimezone(zone)
