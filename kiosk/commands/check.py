"""``kiosk check``: report every error of the YAML files at once.

Exit 0 with a summary and the closed days of the coming weeks when there is no error, 1 with the
errors, each at file:line:column. A warning does not change the exit code.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from functools import partial

from kiosk.commands.shared import add_config, config_dir, folder_name
from kiosk.messages import Say
from kiosk.settings import check_settings
from kiosk.settings.assets import ASSETS
from menu.agencies import describe
from menu.catalogue import Catalogue
from menu.year import YearNotice, notices, site_today


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk check``."""
    parser.add_argument(
        "dir", metavar="DIR", nargs="?", type=partial(folder_name, say), help=say("help.dir")
    )
    add_config(parser, say)
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help=say("help.format")
    )


def run(args: argparse.Namespace) -> int:
    """Check; the result is the exit code."""
    checked = check_settings(args.dir or config_dir(args.config), ASSETS, args.lang)
    summary = describe(checked.settings.catalogue).in_(args.lang) if checked.settings else None
    coming = _coming(checked.settings.catalogue, args.lang) if checked.settings else []
    if args.format == "json":
        problems = [asdict(problem) for problem in checked.problems]
        answer = {"ok": summary is not None, "summary": summary, "problems": problems}
        answer["coming"] = [asdict(notice) for notice in coming]
        print(json.dumps(answer, ensure_ascii=False))
    else:
        for problem in checked.problems:
            print(problem, file=sys.stderr)
        if summary:
            print(summary)
        for notice in coming:
            print(notice.text, file=sys.stderr if notice.warning else sys.stdout)
    return 0 if summary else 1


def _coming(menu: Catalogue, language: str) -> list[YearNotice]:
    return notices(menu, site_today(menu), language)
