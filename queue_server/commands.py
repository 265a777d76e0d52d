"""The commands. Each takes the parsed command line and returns the exit code.

Errors are raised as ServerError; ``cli`` maps them to a message and an exit code.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC
from typing import TypeVar

from sqlalchemy import Connection

from menu.agencies import check_menu
from menu.catalogue import lost
from menu.problems import lines
from menu.year import notices, site_today
from queue_server import access, backups, journals, meta, restore, view
from queue_server import prune as pruning
from queue_server.catalogue import confirm, confirm_site, is_other_site, live_menu
from queue_server.clock import Clock
from queue_server.database import Database, open_url
from queue_server.errors import CatalogueError, UsageError
from queue_server.menu_file import MenuFile, waiting_message
from queue_server.migrations import revision_of
from queue_server.served_menu import ServedMenu, read_menu, served
from queue_server.texts import say

T = TypeVar("T")


def serve(args: argparse.Namespace) -> int:
    """Serve until a signal stops the server."""
    from queue_server import process  # the other commands need no web server

    return process.serve(
        process.ServeOptions(
            database=args.database,
            catalogue=args.catalogue,
            host=args.host,
            port=args.port,
            monitor_host=args.monitor_host,
            monitor_port=args.monitor_port,
            rate=args.rate,
            ratio=args.priority_ratio,
            now=args.now,
            until_stdin_closes=args.until_stdin_closes,
            lang=args.lang,
        )
    )


def _write(args: argparse.Namespace, work: Callable[[Connection], T]) -> T:
    """Run a unit of work on an existing database, not while a restore replaces it."""
    database = open_url(args.database)
    with closing(database):
        database.must_exist()
        database.open(shared=True)
        return database.write_now(work)


def add_kiosk(args: argparse.Namespace) -> int:
    """Create a kiosk if its name is new; print a new token."""
    now_us = Clock().now_us()
    print(_write(args, lambda c: _added(c, args, "kiosk", None, now_us)))
    return 0


def add_staff(args: argparse.Namespace) -> int:
    """Create a member of staff if the name is new; print a new token."""
    now_us = Clock().now_us()
    print(_write(args, lambda c: _added(c, args, "staff", args.counter, now_us)))
    return 0


def add_board(args: argparse.Namespace) -> int:
    """Create a board if its name is new; print a new token, which only reads the board."""
    now_us = Clock().now_us()
    print(_write(args, lambda c: _added(c, args, "board", None, now_us)))
    return 0


def _added(
    connection: Connection, args: argparse.Namespace, kind: str, counter: str | None, now_us: int
) -> str:
    """A token for the name of the command line; a name like a known one needs ``--new``."""
    if not args.new:
        like = access.similar(connection, args.name)
        if like is not None:
            raise UsageError("usage.similar", name=args.name, like=like)
    return access.add(connection, kind, args.name, counter, now_us)[0]


def revoke(args: argparse.Namespace) -> int:
    """Revoke all tokens of a name; print how many were valid."""
    count = _write(args, lambda c: access.revoke(c, args.name))
    print(say(args.lang, "revoke.done", name=args.name, n=count))
    return 0


def allow_journal(args: argparse.Namespace) -> int:
    """Let the next new journal of a kiosk have a letter although it had too many today."""
    _write(args, lambda c: journals.allow_one(c, args.name))
    print(say(args.lang, "journal.allowed", name=args.name))
    return 0


def backup(args: argparse.Namespace) -> int:
    """Write a verified backup into a folder and delete the oldest ones; print its name."""
    database = open_url(args.database)
    with closing(database):
        database.must_exist()
        made = backups.write(database, args.folder, args.keep)
    megabytes = made.stat().st_size / 1_000_000
    print(say(args.lang, "backup.done", path=made, mb=f"{megabytes:.1f}"))
    return 0


def restored(args: argparse.Namespace) -> int:
    """Change the epoch and move series and letters on after a restore by other means."""
    database = open_url(args.database)
    with closing(database):
        database.must_exist()
        database.hold_alone()
        database.open()
        return _restored(args, database)


def restore_backup(args: argparse.Namespace) -> int:
    """Put a backup in the database's place, with the steps of ``restored``."""
    database = open_url(args.database)
    with (
        closing(database),
        backups.restoring(database, args.file, restore.given) as (opened, replaced, why),
    ):
        if why:
            print(say(args.lang, "restore.unread", why=why), file=sys.stderr)
        return _restored(args, opened, replaced or restore.NOTHING)


def _restored(
    args: argparse.Namespace, database: Database, replaced: restore.Given = restore.NOTHING
) -> int:
    now_us = Clock(args.now).now_us()

    def work(connection: Connection) -> restore.Restored:
        menu = _menu_after_restore(args, connection)
        return restore.restored(connection, menu, args.by, now_us, replaced)

    done = database.write_now(work)
    fields = {"epoch": done.epoch, "series": done.series, "by": args.by, "since": done.since}
    print(say(args.lang, "restored.done", **fields))
    return 0


def _menu_after_restore(args: argparse.Namespace, connection: Connection) -> ServedMenu:
    """The menu of the file; of the database if the file has errors: a restore must not wait."""
    try:
        return read_menu(MenuFile(args.catalogue).read(args.lang), str(args.catalogue), args.lang)
    except CatalogueError:
        live = live_menu(connection)
        if live is None:
            raise
        return live


def migrate(args: argparse.Namespace) -> int:
    """Create the database or bring its tables to this program's revision; print which that is."""
    database = open_url(args.database)
    with closing(database):
        database.open(shared=True)
        database.write_now(meta.ensure_epoch)
        revision = database.read_now(revision_of)
    print(say(args.lang, "migrate.done", revision=revision))
    return 0


def prune(args: argparse.Namespace) -> int:
    """Delete what is no longer needed; print how much that was."""
    database = open_url(args.database)
    with closing(database):
        database.must_exist()
        database.open(shared=True)
        now_us = Clock(args.now).now_us()
        menu = database.read_now(live_menu)
        zone = UTC if menu is None else menu.zone
        done = pruning.prune(database, zone, now_us, args.keep, trusted=args.clock_is_right)
    print(say(args.lang, "prune.done", **done._asdict()))
    return 0


def tickets(args: argparse.Namespace) -> int:
    """Print the tickets of one business date."""
    database = open_url(args.database)
    database.must_exist()
    database.open()
    with closing(database):
        listed = database.read_now(lambda connection: view.tickets_of(connection, args.date))
    if args.json:
        print(json.dumps(listed))
        return 0
    for ticket in listed:
        printed = ticket["printed"] or "reserved"
        flags = ["void"] * (ticket["state"] == "void") + ["conflict"] * ticket["conflict"]
        columns = ticket["number"], ticket["service"], ticket["kiosk"] or "-", printed, *flags
        print(*columns, sep="\t")
    return 0


def openapi(_: argparse.Namespace) -> int:
    """Print the OpenAPI document."""
    from queue_server.web import app, openapi

    print(json.dumps(openapi.document(app.bare_app()), indent=1, sort_keys=True))
    return 0


def check(args: argparse.Namespace) -> int:
    """Check the catalogue as ``kiosk check`` does, and the database if one is given.

    Prints every error and warning on stderr. With a database: whether the file would go live;
    with ``--confirm``: lets it go live although it lacks many services of the live menu, with
    ``--rename-site``: although it names another site.
    """
    if args.database is None and (args.confirm or args.rename_site):
        raise UsageError("usage.confirm" if args.confirm else "usage.rename_site")
    body = MenuFile(args.catalogue).read(args.lang)
    checked = check_menu(body, str(args.catalogue), args.lang)
    for line in lines(checked.problems, args.lang):
        print(line, file=sys.stderr)
    if checked.catalogue is None:
        return 1
    menu = served(checked, body)
    print(f"{args.catalogue}: {menu.summary.in_(args.lang)}")
    for notice in notices(menu.catalogue, site_today(menu.catalogue), args.lang):
        print(notice.text, file=sys.stderr if notice.warning else sys.stdout)
    return 0 if args.database is None else _check_database(args, menu)


def _check_database(args: argparse.Namespace, menu: ServedMenu) -> int:
    """Whether the database answers, and the checked file can go live there."""
    database = open_url(args.database)
    database.must_exist()
    database.open(shared=args.confirm or args.rename_site)
    with closing(database):
        live = database.read_now(live_menu)
        print(say(args.lang, "database.answers"))
        if live is None:
            return 0
        if not _check_site(args, database, menu, live):
            return 1
        missing = lost(live.catalogue, menu.catalogue)
        if not missing:
            return 0
        print(waiting_message(args.lang, missing, len(live.services)), file=sys.stderr)
        if not args.confirm:
            return 1
        database.write_now(lambda connection: confirm(connection, menu.etag))
    print(say(args.lang, "catalogue.confirmed"))
    return 0


def _check_site(
    args: argparse.Namespace, database: Database, menu: ServedMenu, live: ServedMenu
) -> bool:
    """Whether the file is of the database's site, or the rename of the site is confirmed now."""
    if not database.read_now(lambda connection: is_other_site(connection, menu, live.site)):
        return True
    names = {"site": menu.name.in_("id"), "of": live.name.in_("id")}
    if not args.rename_site:
        print(say(args.lang, "catalogue.other_site", **names), file=sys.stderr)
        return False
    database.write_now(lambda connection: confirm_site(connection, menu))
    print(say(args.lang, "catalogue.renamed", **names))
    return True
