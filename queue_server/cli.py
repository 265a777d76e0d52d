"""The command line: parser, log set-up, and the mapping of errors to exit codes.

Output and errors are in the language of ``--lang`` or ``KIOSK_LANG``, Bahasa Indonesia without
either. Exit codes: 0 success, 1 failure (one line on stderr says why), 2 wrong command line.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import NoReturn

from menu.command_line import add_language, argparse_in, wanted_language
from queue_server import __version__, logs
from queue_server.errors import ServerError
from queue_server.texts import TEXTS, say
from reports.command import add_arguments as add_report_arguments

DEFAULT_DATABASE = "queue.sqlite3"
VARIABLE = "QUEUE_DATABASE"
"""The environment variable that names the database; the unit of the server sets it too."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Without the packages of the extra ``[server]``: exit code 1 and how to install them.
    """
    given = sys.argv[1:] if arguments is None else arguments
    language = wanted_language(given, os.environ, TEXTS.languages)
    with argparse_in(language):
        try:
            parser = _parser(language)
        except ModuleNotFoundError as error:
            return _missing(error, language)
        args = parser.parse_args(given)
    logs.configure()
    try:
        command: Callable[[argparse.Namespace], int] = args.command
        return command(args)
    except ModuleNotFoundError as error:
        return _missing(error, language)
    except ServerError as error:
        print(f"queue-server: {error.in_(language)}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 0


def _missing(error: ModuleNotFoundError, language: str) -> int:
    said = say(language, "cli.missing", package=error.name)
    print(f"queue-server: {said}", file=sys.stderr)
    return 1


class _Parser(argparse.ArgumentParser):
    """Reports a usage error on one line, in the format of every other error."""

    language = "en"

    def error(self, message: str) -> NoReturn:
        said = say(self.language, "cli.see_help", problem=message, program=self.prog)
        self.exit(2, f"queue-server: {said}\n")


def _parser(language: str) -> _Parser:
    # These need the extra [server].
    from queue_server import backups, commands, prune, report, restore, waiting

    def text(key: str, **fields: object) -> str:
        return say(language, key, **fields)

    parser = _Parser(prog="queue-server", description=text("cli.description"))
    parser.language = language
    parser.add_argument("--version", action="version", version=f"queue-server {__version__}")
    add_language(parser, TEXTS.languages, language, text("help.language"))
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")

    database = os.environ.get(VARIABLE)

    def add(name: str, run: Callable[[argparse.Namespace], int]) -> _Parser:
        about = text(f"command.{name}")
        subparser = subparsers.add_parser(name, help=about, description=about)
        subparser.language = language
        add_language(subparser, TEXTS.languages, language, text("help.language"))
        subparser.set_defaults(command=run)
        subparser.add_argument(
            "--database",
            default=database or DEFAULT_DATABASE,
            metavar="URL",
            help=text("help.database", default=f"${VARIABLE}, {DEFAULT_DATABASE}"),
        )
        return subparser

    command = add("serve", commands.serve)
    _add_catalogue(command, language)
    command.add_argument("--host", default="127.0.0.1", help=text("help.host"))
    command.add_argument(
        "--port",
        type=partial(_port, language),
        default=8080,
        help=text("help.port"),
    )
    command.add_argument(
        "--monitor-port",
        type=partial(_port, language),
        metavar="PORT",
        help=text("help.monitor_port"),
    )
    command.add_argument("--monitor-host", default="127.0.0.1", help=text("help.monitor_host"))
    command.add_argument(
        "--rate", type=partial(_rate, language), default=50, metavar="N", help=text("help.rate")
    )
    command.add_argument(
        "--priority-ratio",
        type=partial(_count, language),
        default=waiting.PRIORITY_RATIO,
        metavar="N",
        help=text("help.ratio"),
    )
    command.add_argument(
        "--now", type=partial(_time, language), metavar="TIME", help=text("help.now")
    )
    command.add_argument("--until-stdin-closes", action="store_true", help=text("help.stdin"))
    command = add("add-kiosk", commands.add_kiosk)
    command.add_argument("name", metavar="NAME")
    command.add_argument("--new", action="store_true", help=text("help.new"))
    command = add("add-staff", commands.add_staff)
    command.add_argument("name", metavar="NAME")
    command.add_argument("--counter", metavar="C", help=text("help.counter"))
    command.add_argument("--new", action="store_true", help=text("help.new"))
    command = add("add-board", commands.add_board)
    command.add_argument("name", metavar="NAME")
    command.add_argument("--new", action="store_true", help=text("help.new"))
    command = add("revoke", commands.revoke)
    command.add_argument("name", metavar="NAME")
    command = add("allow-journal", commands.allow_journal)
    command.add_argument("name", metavar="NAME")
    command = add("check", commands.check)
    command.set_defaults(database=database or None)  # without one it checks only the file
    _add_catalogue(command, language)
    command.add_argument("--confirm", action="store_true", help=text("help.confirm"))
    command.add_argument("--rename-site", action="store_true", help=text("help.rename_site"))
    command = add("backup", commands.backup)
    command.add_argument("folder", type=partial(_folder, language), metavar="DIR")
    command.add_argument(
        "--keep",
        type=partial(_positive, language),
        default=backups.KEEP,
        metavar="N",
        help=text("help.keep", default=backups.KEEP),
    )
    add("migrate", commands.migrate)
    command = add("prune", commands.prune)
    command.add_argument(
        "--keep",
        type=partial(_days, language),
        default=prune.KEEP_DAYS,
        metavar="DAYS",
        help=text("help.keep_days", default=f"{prune.KEEP_DAYS}d"),
    )
    command.add_argument("--clock-is-right", action="store_true", help=text("help.clock"))
    command.add_argument("--now", type=partial(_time, language), help=argparse.SUPPRESS)
    from_file = add("restore", commands.restore_backup)
    from_file.add_argument("file", type=partial(_folder, language), metavar="FILE")
    for command in (from_file, add("restored", commands.restored)):
        _add_catalogue(command, language)
        command.add_argument(
            "--by",
            type=partial(_positive, language),
            default=restore.NUMBERS,
            metavar="N",
            help=text("help.by", default=restore.NUMBERS),
        )
        command.add_argument("--now", type=partial(_time, language), help=argparse.SUPPRESS)
    command = add("tickets", commands.tickets)
    command.add_argument(
        "--date", type=partial(_date, language), metavar="DATE", help=text("help.date")
    )
    command.add_argument("--json", action="store_true", help=text("help.json"))
    command = add("report", report.report)
    add_report_arguments(command)
    command.add_argument("--now", type=partial(_time, language), help=argparse.SUPPRESS)
    add("openapi", commands.openapi)
    return parser


def _add_catalogue(parser: argparse.ArgumentParser, language: str) -> None:
    parser.add_argument(
        "--catalogue",
        type=Path,
        default=Path("config/agencies.yaml"),
        metavar="FILE",
        help=say(language, "help.catalogue"),
    )


def _port(language: str, text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(say(language, "usage.port"))
    return int(text)


def _count(language: str, text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 5000:
        raise argparse.ArgumentTypeError(say(language, "usage.count"))
    return int(text)


def _positive(language: str, text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 5000:
        raise argparse.ArgumentTypeError(say(language, "usage.positive"))
    return int(text)


def _days(language: str, text: str) -> int:
    from queue_server.prune import LEAST_DAYS

    number = text.removesuffix("d")
    if not number.isdecimal() or not LEAST_DAYS <= int(number) <= 36500:
        raise argparse.ArgumentTypeError(say(language, "usage.days", least=LEAST_DAYS))
    return int(number)


def _rate(language: str, text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1
    if not 0 <= rate <= 1_000_000:
        raise argparse.ArgumentTypeError(say(language, "usage.rate"))
    return rate


def _time(language: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError(say(language, "usage.time"))
    return moment


def _date(language: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(say(language, "usage.date")) from None


def _folder(language: str, text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError(say(language, "usage.folder"))
    return Path(text)
