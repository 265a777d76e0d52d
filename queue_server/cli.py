"""The command line: parser, log set-up, and the mapping of errors to exit codes.

Exit codes: 0 success, 1 failure (one line on stderr says why), 2 wrong command line.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn

from queue_server import logs
from queue_server.errors import ServerError

DEFAULT_DATABASE = "queue.sqlite3"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Without the packages of the extra ``[server]``: exit code 1 and how to install them.
    """
    try:
        parser = _parser()
    except ModuleNotFoundError as error:
        return _missing(error)
    args = parser.parse_args(arguments)
    logs.configure()
    try:
        command: Callable[[argparse.Namespace], int] = args.command
        return command(args)
    except ModuleNotFoundError as error:
        return _missing(error)
    except ServerError as error:
        print(f"queue-server: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 0


def _missing(error: ModuleNotFoundError) -> int:
    print(f"queue-server: {error.name} is not installed: pip install '.[server]'", file=sys.stderr)
    return 1


class _Parser(argparse.ArgumentParser):
    """Reports a usage error on one line, in the format of every other error."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"queue-server: {message}; see {self.prog} --help\n")


def _parser() -> _Parser:
    from queue_server import commands, restore  # needs the extra [server]

    parser = _Parser(prog="queue-server", description="The central queue server of an MPP.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace], int], about: str) -> _Parser:
        subparser = subparsers.add_parser(name, help=about, description=about)
        subparser.set_defaults(command=run)
        subparser.add_argument(
            "--database",
            default=DEFAULT_DATABASE,
            metavar="URL",
            help=f"path of an SQLite file, or postgresql://… (default: {DEFAULT_DATABASE})",
        )
        return subparser

    command = add("serve", commands.serve, "Serve kiosks and counters.")
    _add_catalogue(command)
    command.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    command.add_argument(
        "--port",
        type=_port,
        default=8080,
        help="port to listen on; 0: any free port, printed (8080)",
    )
    command.add_argument(
        "--rate", type=_rate, default=50, metavar="N", help="requests a second per token (50)"
    )
    command.add_argument(
        "--priority-ratio",
        type=_count,
        default=2,
        metavar="N",
        help="priority tickets called for each regular one; 0: all priority tickets first (2)",
    )
    command.add_argument("--now", type=_time, metavar="TIME", help="start the clock at TIME")
    command.add_argument("--until-stdin-closes", action="store_true", help="stop when stdin closes")
    command = add(
        "add-kiosk",
        commands.add_kiosk,
        "Print a token for a new kiosk, or a new token for a known one.",
    )
    command.add_argument("name", metavar="NAME")
    command = add("add-staff", commands.add_staff, "Print a token for staff.")
    command.add_argument("name", metavar="NAME")
    command.add_argument("--counter", metavar="C", help="the only counter this token may act on")
    command = add("revoke", commands.revoke, "Revoke all tokens of a kiosk or of staff.")
    command.add_argument("name", metavar="NAME")
    command = add("check", commands.check, "Check the catalogue, and the database if one is given.")
    command.set_defaults(database=None)
    _add_catalogue(command)
    command = add(
        "restored", commands.restored, "Run after restoring a backup: new epoch, series moved on."
    )
    _add_catalogue(command)
    command.add_argument(
        "--by",
        type=_count,
        default=restore.NUMBERS,
        metavar="N",
        help=f"more numbers than one series can have lost ({restore.NUMBERS})",
    )
    command.add_argument("--now", type=_time, help=argparse.SUPPRESS)
    command = add("tickets", commands.tickets, "Print all numbers of one day, with reservations.")
    command.add_argument(
        "--date", type=_date, metavar="DATE", help="the business date (default: the latest one)"
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    add("openapi", commands.openapi, "Print the OpenAPI document.")
    return parser


def _add_catalogue(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--catalogue",
        type=Path,
        default=Path("config/agencies.yaml"),
        metavar="FILE",
        help="the agencies file (config/agencies.yaml)",
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError("a port is 0 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 5000:
        raise argparse.ArgumentTypeError("a whole number from 0 to 5000 is needed")
    return int(text)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1
    if not 0 <= rate <= 1_000_000:
        raise argparse.ArgumentTypeError("a number from 0 is needed")
    return rate


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError("a time with an offset: 2026-11-24T09:00:00+08:00")
    return moment


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a date such as 2026-11-24 is needed") from None
