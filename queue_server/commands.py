"""The command line. Exit codes: 0 well, 1 it failed, 2 a wrong command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn, TypeVar

from sqlalchemy import Connection

from queue_server import access, logs, meta, restore, view
from queue_server.catalogue import Catalogue
from queue_server.clock import Clock
from queue_server.database import open_url
from queue_server.errors import ServerError

T = TypeVar("T")
DATABASE = "queue.sqlite3"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code."""
    asked = _parser().parse_args(arguments)
    logs.set_up()
    try:
        command: Callable[[argparse.Namespace], int] = asked.command
        return command(asked)
    except ServerError as error:
        print(f"queue-server: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 0


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as every other error is said."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"queue-server: {message}; see {self.prog} --help\n")


def _parser() -> _Parser:
    parser = _Parser(prog="queue-server", description="The central queue server of an MPP.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace], int], about: str) -> _Parser:
        made = commands.add_parser(name, help=about, description=about)
        made.set_defaults(command=run)
        made.add_argument(
            "--database",
            default=DATABASE,
            metavar="URL",
            help=f"path of an SQLite file, or postgresql://… (default: {DATABASE})",
        )
        return made

    one = add("serve", _serve, "Serve kiosks and counters.")
    _catalogue(one)
    one.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    one.add_argument("--port", type=_port, default=8080, help="0: a free one, printed (8080)")
    one.add_argument(
        "--rate", type=_amount, default=50, metavar="N", help="requests a second per token (50)"
    )
    one.add_argument(
        "--priority-ratio",
        type=_whole,
        default=2,
        metavar="N",
        help="priority tickets called for each other one; 0: all of them first (2)",
    )
    one.add_argument("--now", type=_time, metavar="TIME", help="let the clock run from TIME")
    one.add_argument("--until-stdin-closes", action="store_true", help="stop when stdin closes")
    one = add("add-kiosk", _add_kiosk, "Print a token for a kiosk: a new one, or a new token.")
    one.add_argument("name", metavar="NAME")
    one = add("add-staff", _add_staff, "Print a token for staff.")
    one.add_argument("name", metavar="NAME")
    one.add_argument("--counter", metavar="C", help="the only counter that it may act on")
    one = add("revoke", _revoke, "Revoke all tokens of a kiosk or of staff.")
    one.add_argument("name", metavar="NAME")
    one = add("check", _check, "Check the catalogue, and the database where one is named.")
    one.set_defaults(database=None)
    _catalogue(one)
    one = add("restored", _restored, "After a backup was put back: new epoch, lines moved on.")
    _catalogue(one)
    one.add_argument(
        "--by",
        type=_whole,
        default=restore.NUMBERS,
        metavar="N",
        help=f"more numbers than one line can have lost ({restore.NUMBERS})",
    )
    one.add_argument("--now", type=_time, help=argparse.SUPPRESS)
    one = add("tickets", _tickets, "Print the numbers of one day, reservations among them.")
    one.add_argument("--date", type=_day, metavar="DATE", help="the day (the last that has any)")
    one.add_argument("--json", action="store_true", help="as JSON")
    add("openapi", _openapi, "Print the OpenAPI document.")
    return parser


def _catalogue(parser: argparse.ArgumentParser) -> None:
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


def _whole(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 5000:
        raise argparse.ArgumentTypeError("a whole number from 0 to 5000 is needed")
    return int(text)


def _amount(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = -1
    if not 0 <= amount <= 1_000_000:
        raise argparse.ArgumentTypeError("a number from 0 is needed")
    return amount


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError("a time with an offset: 2026-11-24T09:00:00+08:00")
    return moment


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a date such as 2026-11-24 is needed") from None


def _serve(asked: argparse.Namespace) -> int:
    from queue_server.serve import Settings, serve  # the other commands need no web server

    return serve(
        Settings(
            database=asked.database,
            catalogue=asked.catalogue,
            host=asked.host,
            port=asked.port,
            rate=asked.rate,
            ratio=asked.priority_ratio,
            now=asked.now,
            until_stdin_closes=asked.until_stdin_closes,
        )
    )


def _write(asked: argparse.Namespace, work: Callable[[Connection], T], *, new: bool) -> T:
    """Carries out work on the database that the command line names; ``new``: it may be made."""
    database = open_url(asked.database)
    if not new:
        database.must_exist()
    database.open()
    with closing(database):
        database.write_now(meta.begin_epoch)
        return database.write_now(work)


def _add_kiosk(asked: argparse.Namespace) -> int:
    now_us = Clock().now_us()
    token, _ = _write(asked, lambda c: access.add(c, "kiosk", asked.name, None, now_us), new=True)
    print(token)
    return 0


def _add_staff(asked: argparse.Namespace) -> int:
    now_us = Clock().now_us()
    token, _ = _write(
        asked, lambda c: access.add(c, "staff", asked.name, asked.counter, now_us), new=True
    )
    print(token)
    return 0


def _revoke(asked: argparse.Namespace) -> int:
    count = _write(asked, lambda c: access.revoke(c, asked.name), new=False)
    print(f"{asked.name}: {count} revoked")
    return 0


def _restored(asked: argparse.Namespace) -> int:
    database = open_url(asked.database)
    now_us = Clock(asked.now).now_us()
    menu = Catalogue(asked.catalogue, database, Clock()).read_file()
    done = _write(asked, lambda c: restore.restored(c, menu, asked.by, now_us), new=False)
    print(f"epoch {done.epoch}: {done.lines} lines moved on by {asked.by} since {done.since}")
    return 0


def _tickets(asked: argparse.Namespace) -> int:
    database = open_url(asked.database)
    database.must_exist()
    database.open()
    with closing(database):
        found = database.read_now(lambda connection: view.tickets_of(connection, asked.date))
    if asked.json:
        print(json.dumps(found))
        return 0
    for one in found:
        paper = one["printed"] or "reserved"
        marks = [one["state"]] * (one["state"] == "void") + ["conflict"] * one["conflict"]
        print(*(one["number"], one["service"], one["kiosk"] or "-", paper, *marks), sep="\t")
    return 0


def _openapi(_: argparse.Namespace) -> int:
    from queue_server.web import app, openapi

    print(json.dumps(openapi.document(app.bare_app()), indent=1, sort_keys=True))
    return 0


def _check(asked: argparse.Namespace) -> int:
    database = open_url(asked.database or DATABASE)
    menu = Catalogue(asked.catalogue, database, Clock()).read_file()
    agencies = len({service.agency for service in menu.services.values()})
    print(f"{asked.catalogue}: {agencies} agencies, {len(menu.services)} services")
    if asked.database is None:
        return 0
    database.must_exist()
    database.open()
    with closing(database):
        database.read_now(meta.epoch)
    print("the database answers")
    return 0
