"""``kiosk preview``: draw every screen and slip as pictures, per language, size, mode and state.

``index.html`` beside them leafs through. With ``--changed`` the settings in use, which the running
kiosk keeps in its state folder, are drawn too, and the page begins with what differs from them.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from functools import partial
from pathlib import Path

from kiosk.commands.shared import add_config, add_state, config_dir, folder_name, state_dir
from kiosk.domain.config import Settings
from kiosk.domain.modes import Mode
from kiosk.errors import KioskError
from kiosk.messages import TEXTS, Say, reason
from kiosk.settings.assets import ASSETS
from kiosk.settings.history import SettingsHistory, load_kept
from kiosk.settings.loader import load_settings

MODE_NAMES = ("normal", *(mode.value for mode in Mode if mode is not Mode.CURTAIN))


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
    parser.add_argument("--changed", action="store_true", help=say("help.changed"))
    add_config(parser, say)
    add_state(parser, say)


def run(args: argparse.Namespace) -> int:
    """Draw; 0 when every picture was drawn."""
    folder = args.dir or config_dir(args.config)
    settings = load_settings(folder, ASSETS, args.lang)
    in_use = _in_use(args, folder) if args.changed else None
    out: Path = args.out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KioskError("folder.write", folder=out, why=reason(error)) from error
    from kiosk.preview.index import BEFORE, changed, write_index

    differing = None
    if in_use is None:
        drawn = _draw(settings, out, args)
    else:
        with tempfile.TemporaryDirectory(prefix="kiosk-preview-") as name:
            before = Path(name)
            _draw(in_use, before, args)
            drawn = _draw(settings, out, args)
            differing = changed(_pictures(drawn), out, before)
            shutil.rmtree(out / BEFORE, ignore_errors=True)
            for path in differing:
                here = path.relative_to(out)
                if (before / here).is_file():
                    (out / BEFORE / here).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(before / here, out / BEFORE / here)
    page = write_index(out, drawn, args.lang, settings.words, differing)
    print(TEXTS.say(args.lang, "preview.done", n=len(drawn), folder=out))
    if differing is not None:
        key = "preview.differs" if differing else "preview.same"
        print(TEXTS.say(args.lang, key, n=len(differing)))
    print(TEXTS.say(args.lang, "preview.page", page=page))
    return 0


def _draw(settings: Settings, out: Path, args: argparse.Namespace) -> list[Path]:
    """The pictures that ``args`` ask for."""
    drawn: list[Path] = []
    if not args.screens_only and not args.only:
        from kiosk.preview.slips import draw_slips

        drawn += draw_slips(settings, out / "slips")
    if not args.slips_only:
        from kiosk.preview.studio import render

        drawn += render(settings, out, only=args.only or "*", modes=args.mode)
    return drawn


def _pictures(drawn: list[Path]) -> list[Path]:
    """``drawn`` without the contact sheets, which differ with any picture."""
    return [path for path in drawn if not path.stem.endswith("-sheet")]


def _in_use(args: argparse.Namespace, folder: Path) -> Settings:
    """The settings that the kiosk has in use. Raises KioskError where it has kept none."""
    state = state_dir(args.state, create=False)
    kept = SettingsHistory(state).newest()
    if kept is None:
        raise KioskError("preview.none_in_use", folder=state)
    return load_kept(kept, folder, args.lang)
