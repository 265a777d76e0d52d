"""What ``kiosk report`` and ``queue-server report`` share: options, files, output.

Each command counts its own tickets in between.
"""

from __future__ import annotations

import argparse
import json
from datetime import date, datetime
from functools import partial
from pathlib import Path

from reports.figures import MonthReport
from reports.files import FORMATS, last_month, month_of, write_files
from reports.texts import month_name, say
from reports.values import report_values


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--month``, ``--out``, ``--format`` and ``--json``.

    Help and errors are in the default language of the parser's ``--lang``, which must exist.
    """
    language: str = parser.get_default("lang")
    parser.add_argument(
        "--month",
        type=partial(_month, language),
        metavar="YYYY-MM",
        help=say(language, "report.help.month"),
    )
    parser.add_argument(
        "--out",
        type=partial(_folder, language),
        metavar="DIR",
        help=say(language, "report.help.out"),
    )
    parser.add_argument("--format", choices=FORMATS, help=say(language, "report.help.format"))
    parser.add_argument("--json", action="store_true", help=say(language, "report.help.json"))


def month_wanted(args: argparse.Namespace, today: date) -> date:
    """The first day of the month asked for; without one, of the month before ``today``."""
    month: date = args.month or last_month(today)
    return month


def files_folder(args: argparse.Namespace) -> Path | None:
    """The folder for the files; None where only JSON is asked for."""
    if args.out is None and args.json:
        return None
    folder: Path = args.out or Path()
    return folder


def write_wanted(report: MonthReport, made_at: datetime, args: argparse.Namespace) -> list[Path]:
    """Write the files that are asked for; their paths. ``made_at``: aware, in the site's zone.

    Raises OSError.
    """
    folder = files_folder(args)
    if folder is None:
        return []
    return write_files(report, made_at, folder, [args.format] if args.format else FORMATS)


def result_lines(report: MonthReport, written: list[Path], args: argparse.Namespace) -> list[str]:
    """What to print: the figures as JSON, or the files and how many numbers there are."""
    files = [str(path) for path in written]
    if args.json:
        return [json.dumps(report_values(report) | {"files": files}, ensure_ascii=False)]
    month = month_name(args.lang, report.month)
    lines = [*files, say(args.lang, "report.done", month=month, n=report.total.issued)]
    if report.partial:
        lines.append(say(args.lang, "report.note.partial"))
    return lines


def _month(language: str, text: str) -> date:
    try:
        return month_of(text)
    except ValueError:
        said = say(language, "report.usage.month", value=repr(text))
        raise argparse.ArgumentTypeError(said) from None


def _folder(language: str, text: str) -> Path:
    """``Path`` would read an empty text, such as an unset variable, as the working directory."""
    if not text:
        raise argparse.ArgumentTypeError(say(language, "report.usage.folder"))
    return Path(text)
