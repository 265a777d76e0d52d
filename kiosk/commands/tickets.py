"""``kiosk tickets``: show the numbers that were given, as a table, CSV or JSON.

``csv`` is for programs and keeps its form; ``excel`` is for people: names in place of codes, in a
CSV that Excel opens by a double click. ``priority`` holds the codes of all priority groups of a
ticket, with spaces between.

Without ``--limit`` all tickets of a date are shown, and all of them in ``excel``; else the latest
1000, and a line on stderr counts the others. Exit 0, 1 where the journal cannot be read, 2 for a
wrong argument, 3 for a date of which the journal has deleted tickets.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from kiosk.bootstrap import Options, build_kiosk
from kiosk.commands.handlers import handlers
from kiosk.commands.shared import (
    INCOMPLETE,
    add_config,
    add_state,
    ask_or_do,
    config_dir,
    state_dir,
)
from kiosk.domain.tables import as_text, spreadsheet_csv, table
from kiosk.errors import SettingsError
from kiosk.messages import Say, speaker
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.settings.menu_record import MenuRecord
from kiosk.store.outbox import ANY_PRIORITY
from menu.catalogue import Catalogue
from reports.menus import KeptMenus

COLUMNS = (
    "number",
    "business_date",
    "issued_at",
    "service",
    "priority",
    "state",
    "printed",
    "rev",
    "id",
)

EXCEL = ("number", "date", "time", "agency", "name", "service", "priority", "state", "paper")
"""The columns of ``--format excel``: ``name`` is the service's, ``service`` its code."""

MOST = 1_000_000
USUAL = 1000
"""Tickets of all dates together that are shown without ``--limit``."""

PAGE = 2000
"""Tickets in one answer of the running app: its screen waits while an answer is made."""


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk tickets``."""
    parser.add_argument("--date", type=partial(day, say), metavar="DATE", help=say("help.date"))
    parser.add_argument("--limit", type=partial(amount, say), metavar="N", help=say("help.limit"))
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument(
        "--format",
        choices=("table", "csv", "excel", "json"),
        default="table",
        help=say("help.tickets_format"),
    )
    shape.add_argument(
        "--json", action="store_const", dest="format", const="json", help=say("help.json")
    )
    add_config(parser, say)
    add_state(parser, say)


def day(say: Say, text: str) -> date:
    """``2026-11-24`` as a date; argparse.ArgumentTypeError for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(say("usage.date", value=repr(text))) from error


def amount(say: Say, text: str) -> int:
    """A whole number from 1; argparse.ArgumentTypeError for anything else."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(say("usage.amount", value=repr(text)))
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Print the tickets, oldest first; the result is the exit code."""
    say = speaker(args.lang)
    whole = args.date is not None or args.format == "excel"
    limit = min(args.limit or (MOST if whole else USUAL), MOST)
    found, total, complete_from = _found(args, limit)
    shown = [ticket | {"priority": " ".join(ticket["priorities"])} for ticket in found]
    rows = [[_text(ticket[name]) for name in COLUMNS] for ticket in shown]
    if args.format == "json":
        print(json.dumps(found, ensure_ascii=False))
    elif args.format == "csv":
        csv.writer(sys.stdout).writerows([COLUMNS, *rows])
    elif args.format == "excel":
        body = _for_excel(found, args)
        sys.stdout.flush()
        sys.stdout.buffer.write(body)
    else:
        print(table([say(f"column.{name}") for name in COLUMNS], rows))
    sys.stdout.flush()
    if args.limit is None and total > len(found):
        print(f"kiosk: {say('tickets.more', n=total - len(found))}", file=sys.stderr)
    if complete_from is not None and args.date is not None and args.date < complete_from:
        said = say("tickets.incomplete", date=args.date, first=complete_from)
        print(f"kiosk: {said}", file=sys.stderr)
        return INCOMPLETE
    return 0


def _found(args: argparse.Namespace, limit: int) -> tuple[list[dict[str, Any]], int, date | None]:
    """The latest ``limit`` tickets in order of issue, how many there are without a limit, and the
    first date of which none was deleted."""
    state = state_dir(args.state, create=False)
    wish = {"date": args.date.isoformat() if args.date else None, "limit": limit}

    def alone() -> object:
        settings = load_settings(config_dir(args.config), ASSETS, args.lang)
        with build_kiosk(settings, state, Options(printer=False)) as kiosk:
            return handlers(kiosk)["tickets"](wish | {"skip": len(found)})

    found: dict[str, dict[str, Any]] = {}
    total: int | None = None
    while True:
        known = len(found)
        # Whole pages after the first: a ticket given since moves the others by one, so that a page
        # repeats some that are known.
        asked = {"limit": PAGE if known else min(PAGE, limit), "skip": known}
        answer = ask_or_do(state, "tickets", wish | asked, args.lang, alone)
        # That of the first answer: with tickets given since, the last page may have no other one.
        total = answer["total"] if total is None else total
        found = {ticket["id"]: ticket for ticket in answer["tickets"]} | found
        if len(found) == known or len(found) >= min(limit, total):
            break
    first = answer["complete_from"]
    return [*found.values()][-limit:], total, date.fromisoformat(first) if first else None


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _groups(menu: Catalogue | None, language: str) -> dict[str, str]:
    """The names of the priority groups by code."""
    return {g.code: g.name.in_(language) for g in menu.priority_groups} if menu else {}


def _for_excel(found: list[dict[str, Any]], args: argparse.Namespace) -> bytes:
    """The tickets with the names of the menu of their day; where none is kept, of the menu in the
    settings folder, and codes where that has errors."""
    say = speaker(args.lang)
    zone = datetime.fromisoformat(found[-1]["issued_at"]).tzinfo if found else None
    menus = KeptMenus(MenuRecord(state_dir(args.state, create=False)).kept(zone or UTC))
    try:
        in_use = load_settings(config_dir(args.config), ASSETS, args.lang).catalogue
    except SettingsError:
        in_use = None
    rows = []
    for ticket in found:
        day, code = date.fromisoformat(ticket["business_date"]), ticket["service"]
        service = menus.found(code, day) or (in_use.service(code) if in_use else None)
        groups = _groups(menus.on(day) or in_use, args.lang)
        issued = datetime.fromisoformat(ticket["issued_at"])
        marks = [groups.get(code, code) for code in ticket["priorities"] if code != ANY_PRIORITY]
        if ANY_PRIORITY in ticket["priorities"]:
            marks = [say("tickets.any_priority")]
        texts = {
            "number": ticket["number"],
            "agency": service.agency.short.in_(args.lang) if service else "",
            "name": service.service.name.in_(args.lang) if service else "",
            "service": ticket["service"],
            "priority": ", ".join(marks),
            "state": say(f"tickets.{ticket['state']}"),
            "paper": say(f"paper.{ticket['printed'] or 'open'}"),
        }
        cells = {name: as_text(text) for name, text in texts.items()}
        # Excel reads an ISO date and a time with colons as such, in each of its languages.
        cells |= {"date": ticket["business_date"], "time": f"{issued:%H:%M:%S}"}
        rows.append([cells[name] for name in EXCEL])
    return spreadsheet_csv([say(f"tickets.column.{name}") for name in EXCEL], rows)
