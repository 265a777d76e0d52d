"""Check the YAML files; say every error at once.

Exit 0 with a summary when all is well, 1 with the errors, each at file:line:column. Warnings
stop nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from kiosk.commands.shared import add_config, config_dir, folder_name
from kiosk.settings import check_settings, describe
from kiosk.settings.assets import ASSETS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``kiosk check``."""
    parser.add_argument(
        "dir", metavar="DIR", nargs="?", type=folder_name, help="folder of the YAML files"
    )
    add_config(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--lang", choices=("id", "en"), default="id", help="language of errors")


def run(args: argparse.Namespace) -> int:
    """Check; the result is the exit code."""
    checked = check_settings(args.dir or config_dir(args.config), ASSETS, args.lang)
    summary = describe(checked.settings) if checked.settings else None
    if args.format == "json":
        problems = [asdict(problem) for problem in checked.problems]
        answer = {"ok": summary is not None, "summary": summary, "problems": problems}
        print(json.dumps(answer, ensure_ascii=False))
    else:
        for problem in checked.problems:
            print(problem, file=sys.stderr)
        if summary:
            print(summary)
    return 0 if summary else 1
