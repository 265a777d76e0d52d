"""``kiosk report``: the numbers of a month, agency and service by day, as XLSX and PDF.

Counts the journal of this kiosk, as ``kiosk tickets`` shows it. Names, agencies and closed days are
those of the menus that were in force in the month (``kiosk.settings.menu_record``). Where there is
a queue server, ``queue-server report`` counts all kiosks and knows waiting and service time. Exit
0, 1 where the files cannot be written or the YAML files have an error, 2 for a wrong month, 3 for a
report that is incomplete because the journal no longer has the tickets of some of its days.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

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
from kiosk.errors import KioskError
from kiosk.messages import Say, reason
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.settings.menu_record import MenuRecord
from reports import command
from reports.figures import DayCount, MonthCounts, dates_of, month_report
from reports.menus import month_menus
from reports.notes import incomplete
from reports.texts import say as say_report


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk report``."""
    command.add_arguments(parser)
    add_config(parser, say)
    add_state(parser, say)


def run(args: argparse.Namespace) -> int:
    """Write the files, or print the figures; the result is the exit code."""
    state = state_dir(args.state, create=False)
    settings = load_settings(config_dir(args.config), ASSETS, args.lang)
    menu = settings.catalogue
    now = datetime.now(ZoneInfo(menu.site.timezone))
    month = command.month_wanted(args, now.date())
    wish = {"dates": [day.isoformat() for day in dates_of(month)]}

    def alone() -> object:
        with build_kiosk(settings, state, Options(printer=False)) as kiosk:
            return handlers(kiosk)["report"](wish)

    answer = ask_or_do(state, "report", wish, args.lang, alone)
    first, counts = answer["complete_from"], _counts(answer["days"])
    kept = MenuRecord(state).kept(ZoneInfo(menu.site.timezone))
    menus = month_menus(month, kept, menu, {count.service for count in counts.days})
    report = month_report(
        menus,
        month,
        counts,
        today=now.date(),
        language=args.lang,
        removed=say_report(args.lang, "report.removed"),
        kiosk=settings.kiosk.id,
        partial=bool(settings.kiosk.server.url),
        complete_from=date.fromisoformat(first) if first else date.min,
    )
    code = 0
    if report.incomplete_before is not None:
        code = INCOMPLETE
        print(f"kiosk: {incomplete(args.lang, report.incomplete_before)}", file=sys.stderr)
    try:
        written = command.write_wanted(report, now, args)
    except OSError as error:
        folder = command.files_folder(args)
        raise KioskError("folder.use", folder=folder, why=reason(error)) from error
    print(*command.result_lines(report, written, args), sep="\n")
    return code


def _counts(days: Iterable[Mapping[str, Any]]) -> MonthCounts:
    """The counts of the app's answer."""
    counted: list[DayCount] = []
    hours: Counter[tuple[int, int]] = Counter()
    for day in days:
        when = date.fromisoformat(day["date"])
        counted += [DayCount(when, code, *sums) for code, sums in day["services"].items()]
        for hour, issued in day["hours"].items():
            hours[when.day, int(hour)] += issued
    return MonthCounts(tuple(counted), hours)
