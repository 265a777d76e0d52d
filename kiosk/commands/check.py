"""Check the YAML files; say every error at once.

Exit 0 with a summary when all is well, 1 with the errors, each at file:line:column.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from kiosk.commands.shared import add_config, config_dir
from kiosk.errors import SettingsError
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import describe, load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``kiosk check``."""
    parser.add_argument("dir", metavar="DIR", nargs="?", type=Path, help="folder of the YAML files")
    add_config(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--lang", choices=("id", "en"), default="id", help="language of errors")


def run(args: argparse.Namespace) -> int:
    """Check; the result is the exit code."""
    folder = args.dir or config_dir(args.config)
    try:
        settings = load_settings(folder, ASSETS, lang=args.lang)
    except SettingsError as error:
        if args.format == "text":
            raise
        print(json.dumps({"ok": False, "problems": list(error.problems)}, ensure_ascii=False))
        return error.exit_code
    if args.format == "json":
        print(json.dumps({"ok": True, "summary": describe(settings), "problems": []}))
    else:
        print(describe(settings))
    return 0
