"""``queue-server report``: the monthly report of all kiosks, with waiting and service time."""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, tzinfo

from sqlalchemy import Connection, func, select

from queue_server.catalogue import live_menu
from queue_server.clock import SECOND_US, Clock, day_of, from_us
from queue_server.database import open_url
from queue_server.errors import ServerError
from queue_server.schema import catalogues, daily_totals, live_menus, tickets
from reports.command import files_folder, month_wanted, result_lines, write_wanted
from reports.figures import DayCount, MonthCounts, Times, dates_of, month_report
from reports.menus import KeptMenu, month_menus
from reports.texts import say

t = tickets.c


def report(args: argparse.Namespace) -> int:
    """Write the files, or print the figures.

    Names, agencies and closed days are those of the menu that was live on each day of the month.
    """
    database = open_url(args.database)
    database.must_exist()
    database.open()
    with closing(database):
        menu = database.read_now(live_menu)
        if menu is None:
            raise ServerError("catalogue.none")
        now = from_us(Clock(args.now).now_us(), menu.zone)
        month = month_wanted(args, now.date())
        counts = database.read_now(lambda connection: month_counts(connection, month, menu.zone))
        kept = database.read_now(lambda connection: menus_since(connection, menu.zone))
    services = {count.service for count in counts.days}
    made = month_report(
        month_menus(month, kept, menu.catalogue, services),
        month,
        counts,
        today=now.date(),
        language=args.lang,
        removed=say(args.lang, "report.removed"),
    )
    try:
        written = write_wanted(made, now, args)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ServerError("report.failed", path=files_folder(args), why=why) from error
    print(*result_lines(made, written, args), sep="\n")
    return 0


def menus_since(connection: Connection, zone: tzinfo) -> list[KeptMenu]:
    """The menus that were live, in order of time, with the local date of each change."""
    joined = select(live_menus.c.since_us, catalogues.c.body).join(
        catalogues, catalogues.c.etag == live_menus.c.etag
    )
    rows = connection.execute(joined.order_by(live_menus.c.since_us))
    return [KeptMenu(day_of(since_us, zone), bytes(body)) for since_us, body in rows]


@dataclass(slots=True)
class DaySums:
    """The settled tickets of one service on one business date, as ``daily_totals`` keeps them."""

    issued: int = 0
    priority: int = 0
    offline: int = 0
    void: int = 0

    def count(self, state: str, letter: str, priority: str | None) -> None:
        """Count one ticket, by its columns; a void one is not ``issued``."""
        if state == "void":
            self.void += 1
            return
        self.issued += 1
        self.priority += priority is not None
        self.offline += letter != ""


@dataclass(slots=True)
class _Durations:
    """Of one service, in seconds."""

    waiting: list[int] = field(default_factory=list)
    serving: list[int] = field(default_factory=list)


def month_counts(connection: Connection, month: date, zone: tzinfo) -> MonthCounts:
    """The tickets of the month in which ``month`` lies, as ``queue-server tickets`` lists them.

    A reservation that its kiosk has not settled is not counted, but is reported as ``unsettled``;
    so is a number that was called at a counter before the kiosk reported it. Waiting time is from
    the number to its last call, service time from there to its end. Pruned tickets are counted
    without their hours and times (``days_only``).
    """
    dates = dates_of(month)
    of_month = t.business_date.between(dates[0].isoformat(), dates[-1].isoformat())
    settled = t.placeholder.is_(False), t.rev > 0
    sums: dict[tuple[str, str], DaySums] = defaultdict(DaySums)
    hours: Counter[tuple[int, int]] = Counter()
    durations: dict[str, _Durations] = defaultdict(_Durations)
    rows = connection.execute(
        select(
            *(t.business_date, t.service, t.state, t.letter, t.priority, t.status),
            *(func.coalesce(t.issued_us, t.order_us), t.called_us, t.ended_us),
        ).where(of_month, *settled)
    )
    # Unpacked, not by name: 40,000 rows with attribute access take twice as long.
    for day, service, state, letter, priority, status, issued_us, called_us, ended_us in rows:
        sums[day, service].count(state, letter, priority)
        if state == "void":
            continue
        hours[int(day[8:]), from_us(issued_us, zone).hour] += 1
        if called_us is None:
            continue
        durations[service].waiting.append(max(0, called_us - issued_us) // SECOND_US)
        if status == "done" and ended_us is not None:
            durations[service].serving.append(max(0, ended_us - called_us) // SECOND_US)
    pruned = daily_totals.c.business_date.between(dates[0].isoformat(), dates[-1].isoformat())
    days_only = 0
    for total in connection.execute(select(daily_totals).where(pruned)):
        one = sums[total.business_date, total.service]
        one.issued += total.issued
        days_only += total.issued
        one.priority += total.priority
        one.offline += total.offline
        one.void += total.void
    reserved = t.placeholder.is_(False) & (t.rev == 0) & (t.state != "void")
    called_early = t.placeholder & t.joined.is_(None)
    unsettled = connection.execute(
        select(func.count()).select_from(tickets).where(of_month, reserved | called_early)
    )
    return MonthCounts(
        days=tuple(
            DayCount(
                date.fromisoformat(day),
                service,
                issued=one.issued,
                priority=one.priority,
                offline=one.offline,
                connected=one.issued,
                void=one.void,
            )
            for (day, service), one in sorted(sums.items())
        ),
        hours=hours,
        times={
            service: Times(tuple(found.waiting), tuple(found.serving))
            for service, found in durations.items()
        },
        unsettled=unsettled.scalar_one(),
        days_only=days_only,
    )
