"""``kiosk preview``: draw every screen and slip as pictures, per language, size, mode and state."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from kiosk.commands.shared import add_config, config_dir, folder_name
from kiosk.domain.modes import Mode
from kiosk.errors import KioskError
from kiosk.messages import TEXTS, Say, reason
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings

MODE_NAMES = ("normal", *(mode.value for mode in Mode))


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk preview``."""
    parser.add_argument(
        "dir", metavar="DIR", nargs="?", type=partial(folder_name, say), help=say("help.dir")
    )
    parser.add_argument(
        "--out", type=Path, default=Path("preview"), metavar="DIR", help=say("help.pictures")
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--slips-only", action="store_true", help=say("help.slips_only"))
    what.add_argument("--screens-only", action="store_true", help=say("help.screens_only"))
    what.add_argument("--only", metavar="NAME", help=say("help.only"))
    parser.add_argument(
        "--mode", action="append", metavar="NAME", choices=MODE_NAMES, help=say("help.mode")
    )
    add_config(parser, say)


def run(args: argparse.Namespace) -> int:
    """Draw; 0 when every picture was drawn."""
    settings = load_settings(args.dir or config_dir(args.config), ASSETS, args.lang)
    out: Path = args.out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KioskError("folder.write", folder=out, why=reason(error)) from error
    drawn: list[Path] = []
    if not args.screens_only and not args.only:
        from kiosk.preview.slips import draw_slips

        drawn += draw_slips(settings, out / "slips")
    if not args.slips_only:
        from kiosk.preview.studio import render

        drawn += render(settings, out, only=args.only or "*", modes=args.mode)
    print(TEXTS.say(args.lang, "preview.done", n=len(drawn), folder=out))
    return 0
