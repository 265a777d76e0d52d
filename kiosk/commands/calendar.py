"""``kiosk calendar``: each day's hours by agency, and why a day is closed.

Exit 0 with the days, 1 when the YAML files have an error, 2 for wrong dates.
"""

from __future__ import annotations

import argparse
import json
from datetime import date, timedelta
from functools import partial

from kiosk.commands.shared import add_config, config_dir
from kiosk.commands.tickets import day as date_of
from kiosk.messages import Say, speaker
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from menu.hours import show
from menu.year import COMING_DAYS, AgencyDay, CalendarDay, calendar, site_today

MOST_DAYS = 3 * 366

MOST_NAMES = 3
"""More agencies than these are counted, not named."""


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk calendar``."""
    when = partial(date_of, say)
    parser.add_argument("--from", dest="first", metavar="DATE", type=when, help=say("help.first"))
    help_last = say("help.to", days=COMING_DAYS)
    parser.add_argument("--to", dest="last", metavar="DATE", type=when, help=help_last)
    parser.add_argument("--json", action="store_true", help=say("help.json"))
    add_config(parser, say)


def run(args: argparse.Namespace) -> int:
    """Print the days; the result is the exit code."""
    say = speaker(args.lang)
    menu = load_settings(config_dir(args.config), ASSETS, args.lang).catalogue
    first = args.first or site_today(menu)
    ahead = min(timedelta(days=COMING_DAYS), date.max - first)
    last = args.last or first + ahead
    if not 0 <= (last - first).days < MOST_DAYS:
        args.parser.error(say("usage.dates", most=MOST_DAYS))
    days = calendar(menu, first, last)
    if args.json:
        listed = [_plain(day, args.lang, say) for day in days]
        print(json.dumps({"days": listed}, ensure_ascii=False))
        return 0
    for day in days:
        weekday = say(f"weekday.{day.date.weekday()}")
        print(f"{day.date.isoformat()}  {weekday}  {_line(day, args.lang, say)}")
    return 0


def _plain(day: CalendarDay, language: str, say: Say) -> dict[str, object]:
    return {
        "date": day.date.isoformat(),
        "open": [a.agency.code for a in day.open],
        "closed": [
            {"agency": a.agency.code, "reason": _reason(day, a, language, say)} for a in day.closed
        ],
    }


def _reason(day: CalendarDay, shut: AgencyDay, language: str, say: Say) -> str:
    if shut.closure is None:
        return say("calendar.no_hours", day=say(f"weekday.{day.date.weekday()}"))
    reason = shut.closure.reason.in_(language)
    return say("calendar.estimated", reason=reason) if shut.closure.estimated else reason


def _line(day: CalendarDay, language: str, say: Say) -> str:
    """Agencies with equal hours together, then those closed for the same reason."""
    groups: dict[str, list[str]] = {}
    for one in (*day.open, *day.closed):
        if one.periods:
            said = ", ".join(show(period) for period in one.periods)
        else:
            said = say("calendar.closed", reason=_reason(day, one, language, say))
        groups.setdefault(said, []).append(one.agency.short.in_(language))
    parts = []
    for said, names in groups.items():
        if len(names) == len(day.agencies):
            who = say("calendar.all")
        elif len(names) > MOST_NAMES:
            who = say("calendar.agencies", n=len(names))
        else:
            who = ", ".join(names)
        parts.append(f"{said} ({who})")
    return "; ".join(parts) or say("calendar.none")
