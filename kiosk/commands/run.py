"""Run the kiosk's app, fullscreen, until staff or the system end it."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from functools import partial
from typing import NoReturn

from kiosk.background.settings_folder import open_settings
from kiosk.bootstrap import Options, build_kiosk
from kiosk.commands.handlers import serving
from kiosk.commands.shared import add_config, add_state, config_dir, log_to, state_dir
from kiosk.errors import UsageError
from kiosk.messages import Say
from kiosk.runtime import Kiosk
from kiosk.signals import StopSignals
from kiosk.store.private import keep_private


def window_size(say: Say, text: str) -> tuple[int, int]:
    """``1080x1920`` as (width, height) in pixels; argparse.ArgumentTypeError for anything else."""
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(say("usage.size", value=repr(text)))
    size = int(width), int(height)
    if not all(200 <= n <= 10_000 for n in size):
        raise argparse.ArgumentTypeError(say("usage.size_range", value=repr(text)))
    return size


def add_window(parser: argparse.ArgumentParser, say: Say) -> None:
    """``--windowed`` and ``--size``."""
    parser.add_argument("--windowed", action="store_true", help=say("help.windowed"))
    parser.add_argument(
        "--size",
        type=partial(window_size, say),
        metavar="WxH",
        help=say("help.size"),
    )


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk run``."""
    add_config(parser, say)
    add_state(parser, say)
    add_window(parser, say)


def run(args: argparse.Namespace) -> int:
    """Run the app; 0 when it was asked to stop."""
    state = state_dir(args.state)
    keep_private(state)
    log_to(state)
    opened = open_settings(config_dir(args.config), state, args.lang)
    if args.size and not args.windowed:
        raise UsageError("usage.goes_with", option="--size", other="--windowed")
    with (
        StopSignals() as signals,
        build_kiosk(opened.settings, state, Options(opened=opened)) as kiosk,
    ):
        again = show(kiosk, windowed=args.windowed, size=args.size, signals=signals)
    if again:
        start_again()
    return 0


def start_again() -> NoReturn:
    """Replace this process by a fresh one with the same command line: staff asked for a restart.

    The process id stays, so that a supervisor sees no end. Call after the kiosk is closed.
    """
    logging.getLogger(__name__).info("started again by staff")
    os.execv(sys.executable, [sys.executable, "-m", "kiosk", *sys.argv[1:]])  # noqa: S606


def show(
    kiosk: Kiosk,
    *,
    windowed: bool,
    size: tuple[int, int] | None,
    signals: StopSignals | None = None,
) -> bool:
    """Open the window and run the app on ``kiosk`` until it is asked to stop.

    Returns whether staff asked for a restart.
    """
    from kiosk.ui import kivy_env

    kivy_env.prepare(
        offscreen=False,
        windowed=windowed,
        size=size or kiosk.settings.kiosk.screen.resolution_px,
        home=kiosk.state / "kivy",
    )
    window = kivy_env.open_window()
    from kiosk.app.kiosk_app import KioskApp

    app = KioskApp(kiosk, window, when_shown=kiosk.start, signals=signals)
    kiosk.on_settings(app.settings_changed)
    with serving(kiosk):
        app.run()
    return app.restart
