"""Menus and counts for reports, and a journal with the tickets of a month."""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.domain.delivery import Proof
from kiosk.domain.ticket import Ticket, ticket_key
from kiosk.store.database import connect, transaction
from kiosk.store.file_identity import machine_id
from kiosk.store.journal import JOURNAL_NAME, Journal
from kiosk.store.rows import StoredTicket, insert
from menu.agencies import check_menu
from menu.catalogue import Catalogue
from reports.figures import (
    DayCount,
    MonthCounts,
    MonthMenus,
    MonthReport,
    Times,
    dates_of,
    month_report,
)
from tests.settings.folder import ROOT

WITA = ZoneInfo("Asia/Makassar")
NOVEMBER = date(2026, 11, 1)
MADE_AT = datetime(2026, 12, 1, 8, 30, tzinfo=WITA)


@cache
def balikpapan() -> Catalogue:
    """The shipped menu."""
    return menu_of((ROOT / "config" / "agencies.yaml").read_text("utf-8"))


def menu_of(text: str) -> Catalogue:
    """The menu of an agencies file without errors."""
    checked = check_menu(text.encode(), "agencies.yaml")
    assert checked.catalogue is not None, [str(problem) for problem in checked.problems]
    return checked.catalogue


def counts(menu: Catalogue, month: date, seed: int = 1, *, timed: bool = True) -> MonthCounts:
    """Random counts on the weekdays of a month."""
    draw = random.Random(seed)
    days, hours = [], Counter[tuple[int, int]]()
    codes = [found.service.code for found in menu.services()]
    for day in (d for d in dates_of(month) if d.weekday() < 5):
        for code in codes:
            issued = draw.choice((0, 0, 1, 3, 9, 28))
            if issued:
                void = draw.randint(0, 1)
                days.append(DayCount(day, code, issued, issued // 9, issued // 20, issued, void))
                hours[day.day, draw.randint(8, 13)] += issued
    times = {
        code: Times(
            tuple(draw.randint(0, 3000) for _ in range(9)),
            tuple(draw.randint(60, 900) for _ in range(9)),
        )
        for code in codes
    }
    return MonthCounts(tuple(days), hours, times if timed else None)


def report_of(
    counted: MonthCounts,
    menu: Catalogue | MonthMenus | None = None,
    month: date = NOVEMBER,
    language: str = "id",
    today: date | None = None,
    complete_from: date = date.min,
) -> MonthReport:
    """The report of a month that is over."""
    return month_report(
        menu if isinstance(menu, MonthMenus) else MonthMenus.always(menu or balikpapan(), month),
        month,
        counted,
        today=today or date(2099, 1, 1),
        language=language,
        removed="Tidak ada lagi di menu",
        kiosk="lobi-1",
        complete_from=complete_from,
    )


@dataclass(frozen=True)
class Held:
    """A ticket that a journal of ``journal_of_month`` holds."""

    day: date
    service: str
    void: bool
    priority: bool


def journal_of_month(
    state: Path, menu: Catalogue, month: date, count: int, seed: int = 1
) -> list[Held]:
    """A journal in ``state`` with ``count`` tickets of a month, one transaction; what it holds."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = state / JOURNAL_NAME
    opened = datetime.combine(month, time(7), WITA)
    Journal.open(path, machine_id=machine_id(state), now=opened).close()
    held = []
    with closing(connect(path)) as db, transaction(db):
        for one, stored in _tickets(menu, month, count, random.Random(seed)):
            insert(db, stored, 0)
            held.append(one)
    return held


def _tickets(
    menu: Catalogue, month: date, count: int, draw: random.Random
) -> Iterator[tuple[Held, StoredTicket]]:
    found = list(menu.services())
    days = [day for day in dates_of(month) if day.weekday() < 5]
    values = Counter[tuple[date, str]]()
    for n in range(count):
        day = days[n * len(days) // count]
        service = draw.choice(found).service
        values[day, service.prefix] += 1
        moment = datetime.combine(day, time(8, 15), WITA) + timedelta(seconds=draw.randrange(20000))
        key = ticket_key(moment, secrets.token_bytes(26))
        held = Held(day, service.code, draw.random() < 0.05, draw.random() < 0.1)
        ticket = Ticket(
            id=key.id,
            track=key.track,
            number=f"{service.prefix}-{values[day, service.prefix]:03d}",
            business_date=day,
            service=service.code,
            language="id",
            issued_at=moment,
            priority="elderly" if held.priority else None,
            state="void" if held.void else "issued",
            printed=Proof.CONFIRMED,
        )
        yield held, StoredTicket(ticket, acked_rev=0, origin="")
