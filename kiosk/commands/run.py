"""Run the kiosk's app, fullscreen, until staff or the system end it.

Exit codes, also for a service manager: 0 asked to stop, 1 not started, 2 wrong command line, 3 no
display, 70 the screen failed again and again, 75 the display is gone (sysexits.h).
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

from kiosk.background.headset import HeadsetWatch
from kiosk.background.screen_monitor import ThreadDump
from kiosk.background.service_manager import ServiceNotifier
from kiosk.background.settings_folder import Opened, open_settings
from kiosk.bootstrap import Options, build_kiosk
from kiosk.commands.handlers import serving
from kiosk.commands.shared import (
    THREADS_NAME,
    add_config,
    add_state,
    as_owner,
    config_dir,
    log_to,
    state_dir,
)
from kiosk.domain.events import HeadsetChanged
from kiosk.errors import AlreadyRunning, UsageError
from kiosk.messages import Say
from kiosk.runtime import Kiosk
from kiosk.signals import StopSignals
from kiosk.store.private import keep_private

STOP_WITHIN_S = 1.5
"""Asked to stop, the app closes the journal after this time even in the middle of a slip."""

EXIT_DISPLAY_LOST = os.EX_TEMPFAIL

RESTARTED = "KIOSK_RESTARTED"
"""In the environment of a process that staff have started again."""

LOCK_PATIENCE_S = 20.0
START_PATIENCE_S = 2.0
LOCK_AGAIN_S = 0.1

log = logging.getLogger(__name__)


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
    """Run the app. Ends the process with the exit code; errors before the end are raised."""
    state = state_dir(args.state)
    as_owner(state)
    keep_private(state)
    log_to(state)
    opened = open_settings(config_dir(args.config), state, args.lang)
    if args.size and not args.windowed:
        raise UsageError("usage.goes_with", option="--size", other="--windowed")
    notifier = ServiceNotifier.from_environment(os.environ)
    with StopSignals() as signals:
        kiosk = _built(opened, state, signals)
        kiosk.screen.report_to(notifier, ThreadDump(state / THREADS_NAME))
        ended = True
        try:
            ending = show(kiosk, windowed=args.windowed, size=args.size, signals=signals)
        finally:
            ended = kiosk.close(STOP_WITHIN_S)
        if not ended:
            log.warning("left in the middle of a slip: it is offered at the next start")
    # A stop that the system asks for after the restart by staff ends the app.
    if ending.again and not signals.asked:
        start_again(notifier)
    end_now(ending.code)


def _built(opened: Opened, state: Path, signals: StopSignals) -> Kiosk:
    """The kiosk. A command may hold the lock for a moment: try again. Longer after a restart by
    staff, because nobody else would start the app."""
    patience_s = LOCK_PATIENCE_S if os.environ.pop(RESTARTED, "") else START_PATIENCE_S
    until = time.monotonic() + patience_s
    while True:
        try:
            return build_kiosk(opened.settings, state, Options(opened=opened))
        except AlreadyRunning:
            if signals.asked or time.monotonic() >= until:
                raise
            time.sleep(LOCK_AGAIN_S)


@dataclass(frozen=True, slots=True)
class Ending:
    """How the app ended: its exit code, and whether staff asked to start it ``again``."""

    code: int
    again: bool


def start_again(notifier: ServiceNotifier | None = None) -> NoReturn:
    """Replace this process by a fresh one with the same command line: staff asked for a restart.

    The process id stays, so that a service manager sees no end, and the fresh process reports to
    it by the same ``notifier``. Call after the kiosk is closed.
    """
    log.info("started again by staff")
    if notifier is not None:
        # The watchdog waits for the fresh process's first frame from here.
        notifier.alive()
        notifier.hand_over(os.environ)
    os.environ[RESTARTED] = "1"
    os.execv(sys.executable, [sys.executable, "-m", "kiosk", *sys.argv[1:]])  # noqa: S606


def show(
    kiosk: Kiosk,
    *,
    windowed: bool,
    size: tuple[int, int] | None,
    signals: StopSignals | None = None,
) -> Ending:
    """Open the window and run the app on ``kiosk`` until it ends."""
    from kiosk.ui import heap, kivy_env

    kivy_env.prepare(
        offscreen=False,
        windowed=windowed,
        size=size or kiosk.settings.kiosk.screen.resolution_px,
        home=kiosk.state / "kivy",
    )
    window = kivy_env.open_window()
    from kiosk.app.kiosk_app import KioskApp
    from kiosk.ui.x_connection import when_connection_is_lost

    when_connection_is_lost(partial(_leave_lost_display, kiosk))
    app = KioskApp(
        kiosk,
        window,
        when_shown=kiosk.start,
        when_unused=heap.settle,
        signals=signals,
        monitor=kiosk.screen,
    )
    kiosk.on_settings(app.settings_changed)
    headset = HeadsetWatch(lambda plugged: app.post(HeadsetChanged(plugged)))
    app.snapshots.headset_socket = lambda: headset.available
    headset.start()
    with serving(kiosk):
        app.run()
    headset.stop()
    return Ending(app.exit_code, app.restart)


def end_now(code: int) -> NoReturn:
    """End the process without the interpreter's own end.

    That would wait for the desk's threads, which a printer may keep for seconds, and run the exit
    handlers of a graphics driver whose display may be gone."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _leave_lost_display(kiosk: Kiosk) -> NoReturn:
    log.error("the connection to the display is lost: the app ends for a restart")
    kiosk.screen.end()
    kiosk.close(STOP_WITHIN_S)
    end_now(EXIT_DISPLAY_LOST)
