"""``kiosk tickets``: show the numbers that were given, as a table, CSV or JSON.

``csv`` is for programs and keeps its form; ``excel`` is for people: names in place of codes, in a
CSV that Excel opens by a double click.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from datetime import date, datetime
from functools import partial
from typing import Any

from kiosk.bootstrap import Options, build_kiosk
from kiosk.commands.handlers import handlers
from kiosk.commands.shared import add_config, add_state, ask_or_do, config_dir, state_dir
from kiosk.domain.tables import as_text, spreadsheet_csv, table
from kiosk.errors import SettingsError
from kiosk.messages import Say, speaker
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings

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


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk tickets``."""
    parser.add_argument("--date", type=partial(day, say), metavar="DATE", help=say("help.date"))
    parser.add_argument(
        "--limit", type=partial(amount, say), default=1000, metavar="N", help=say("help.limit")
    )
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
    """Print the tickets, oldest first."""
    state = state_dir(args.state, create=False)
    wish = {
        "date": args.date.isoformat() if args.date else None,
        "limit": min(args.limit, MOST),
    }

    def alone() -> object:
        settings = load_settings(config_dir(args.config), ASSETS, args.lang)
        with build_kiosk(settings, state, Options(printer=False)) as kiosk:
            return handlers(kiosk)["tickets"](wish)

    found: list[dict[str, Any]] = ask_or_do(state, "tickets", wish, args.lang, alone)
    rows = [[_text(ticket[name]) for name in COLUMNS] for ticket in found]
    if args.format == "json":
        print(json.dumps(found, ensure_ascii=False))
    elif args.format == "csv":
        csv.writer(sys.stdout).writerows([COLUMNS, *rows])
    elif args.format == "excel":
        body = _for_excel(found, args)
        sys.stdout.flush()
        sys.stdout.buffer.write(body)
    else:
        say = speaker(args.lang)
        print(table([say(f"column.{name}") for name in COLUMNS], rows))
    return 0


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _for_excel(found: list[dict[str, Any]], args: argparse.Namespace) -> bytes:
    """The tickets with the names of the menu in the settings folder; codes where it has errors."""
    say = speaker(args.lang)
    try:
        menu = load_settings(config_dir(args.config), ASSETS, args.lang).catalogue
    except SettingsError:
        menu = None
    groups = {g.code: g.name.in_(args.lang) for g in menu.priority_groups} if menu else {}
    rows = []
    for ticket in found:
        service = menu.service(ticket["service"]) if menu else None
        issued = datetime.fromisoformat(ticket["issued_at"])
        priority = ticket["priority"] or ""
        texts = {
            "number": ticket["number"],
            "agency": service.agency.short.in_(args.lang) if service else "",
            "name": service.service.name.in_(args.lang) if service else "",
            "service": ticket["service"],
            "priority": groups.get(priority, priority),
            "state": say(f"tickets.{ticket['state']}"),
            "paper": say(f"paper.{ticket['printed'] or 'open'}"),
        }
        cells = {name: as_text(text) for name, text in texts.items()}
        # Excel reads an ISO date and a time with colons as such, in each of its languages.
        cells |= {"date": ticket["business_date"], "time": f"{issued:%H:%M:%S}"}
        rows.append([cells[name] for name in EXCEL])
    return spreadsheet_csv([say(f"tickets.column.{name}") for name in EXCEL], rows)
