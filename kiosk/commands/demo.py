"""Show the main job: the app with a virtual printer and a state folder of its own.

The demo's clock starts at 09:00 on the next open day and runs. With ``--offscreen`` a robot
makes real touches in a window that nobody sees and leaves pictures of screens and slips.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.background.site_clock import demo_start
from kiosk.bootstrap import Kiosk, Options
from kiosk.commands.run import add_window, show
from kiosk.commands.shared import add_config, config_dir, log_to, state_dir
from kiosk.commands.tables import table
from kiosk.domain.config import Settings
from kiosk.errors import KioskError, UsageError
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings

DEMO_NAME = "mpp-kiosk-demo"
LAST_YEAR = 2100
PICTURES = ("[0-9][0-9]*-*.png", "slip-[0-9]*.png")
"""What an earlier demo left, and nothing else."""
OFFSCREEN_SIZE = (1080, 1920)


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
    settings = load_settings(config_dir(args.config), ASSETS)
    printer = replace(settings.kiosk.printer, connection="virtual")
    settings = replace(settings, kiosk=replace(settings.kiosk, printer=printer))
    state = state_dir(args.state, DEMO_NAME)
    log_to(state)
    start = _start(args, settings)
    if args.offscreen:
        return _offscreen(args, settings, state, start)
    options = Options(demo=True, start=start)
    return show(settings, state, options, windowed=args.windowed, size=args.size)


def _start(args: argparse.Namespace, settings: Settings) -> datetime | None:
    """The first moment of the demo's clock, None for the real time."""
    if args.real_time:
        return None
    given: datetime | None = args.now
    if given is None:
        return demo_start(settings)
    if not 2000 <= given.year <= LAST_YEAR:
        raise UsageError(f"--now: the year must be from 2000 to {LAST_YEAR}")
    zone = ZoneInfo(settings.catalogue.site.timezone)
    return given.replace(tzinfo=zone) if given.tzinfo is None else given.astimezone(zone)


def _offscreen(
    args: argparse.Namespace, settings: Settings, state: Path, start: datetime | None
) -> int:
    from kiosk.ui import kivy_env

    out: Path = args.out
    screens, slips = out / "screens", out / "slips"
    try:
        for folder in (screens, slips):
            folder.mkdir(parents=True, exist_ok=True)
            for name in PICTURES:
                for old in folder.glob(name):
                    old.unlink()
    except OSError as error:
        raise KioskError(f"cannot write to {error.filename}: {error.strerror}") from error
    options = Options(demo=True, start=start, slips=slips)
    with Kiosk(settings, state, options) as kiosk:
        kivy_env.prepare(
            offscreen=True, windowed=False, size=args.size or OFFSCREEN_SIZE, home=state / "kivy"
        )
        window = kivy_env.open_window()
        from kiosk.app.robot import run_robot

        kiosk.start()
        kiosk.probe_now()
        print(f"demo: {settings.catalogue.site.name.in_('')}, {kiosk.now():%A %d.%m.%Y %H:%M}")
        results = run_robot(kiosk, window, args.visits, None if args.no_pictures else screens)
    rows = [
        (
            r.number or f"none ({r.trouble})",
            f"{r.agency}: {r.service}",
            str(r.taps),
            "-" if r.slip_ms is None else f"{r.slip_ms:.0f}",
            r.proof.value if r.proof else "-",
        )
        for r in results
    ]
    print(table(("number", "service", "taps", "ms to slip", "paper"), rows))
    if not args.no_pictures:
        print(f"pictures: {screens} ({_count(screens)}), {slips} ({_count(slips)})")
    return 0 if all(r.number for r in results) else 1


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.glob("*.png"))
