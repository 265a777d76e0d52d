"""Small menus to test with, made by hand: no YAML in the way."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from menu.catalogue import Agency, Catalogue, Place, PriorityGroup, Service, Site
from menu.local_text import LocalText
from menu.quota import DayQuota, Quota
from menu.schedule import Closure, Period, TicketWindow, WeeklyHours

WITA = ZoneInfo("Asia/Makassar")
TUESDAY = date(2026, 11, 24)


def at(hour: int, minute: int = 0, day: date = TUESDAY) -> datetime:
    """A moment at the site."""
    return datetime.combine(day, time(hour, minute), tzinfo=WITA)


def hours(*by_day: str, break_closed: bool = False) -> WeeklyHours:
    """Hours from seven texts such as ``08:00-12:00 13:00-15:00``; an empty one is closed."""
    days = []
    for text in by_day:
        periods = []
        for part in text.split():
            start, _, end = part.partition("-")
            periods.append(Period(time.fromisoformat(start), time.fromisoformat(end)))
        days.append(tuple(periods))
    days += [()] * (7 - len(days))
    return WeeklyHours(tuple(days), break_closed)


USUAL = hours(*["08:15-14:00"] * 4, "08:15-11:00")


def service(
    code: str,
    name: str = "",
    prefix: str = "AA",
    at_hours: WeeklyHours = USUAL,
    quota: Quota | int | None = None,
) -> Service:
    """A service with sensible defaults."""
    text = LocalText.same(name or code)
    limit = quota if quota is None or isinstance(quota, Quota) else daily(quota)
    return Service(code, text, prefix, Place("1", ("19",)), at_hours, quota=limit)


def daily(numbers: int) -> Quota:
    """A quota of ``numbers`` on each day."""
    return Quota.every_day(DayQuota(day=numbers))


def agency(code: str, *services: Service, prefix: str = "AA", popular: int | None = None) -> Agency:
    """An agency with sensible defaults."""
    text = LocalText.same(code.capitalize())
    place = Place("1", ("19",))
    return Agency(
        code, prefix, text, text, text, "bank", place, USUAL, tuple(services), popular=popular
    )


def menu(*agencies: Agency, closures: tuple[Closure, ...] = ()) -> Catalogue:
    """A site with these agencies: numbers from 30 minutes before until 15 before the end."""
    site = Site(LocalText.of(id="Mal", en="Mall"), "Asia/Makassar", zone="WITA")
    groups = (PriorityGroup("elderly", LocalText.of(id="Lansia", en="Senior")),)
    return Catalogue(site, agencies, TicketWindow(30, 15), closures, groups)


MENU = menu(
    agency("dukcapil", service("ktp"), service("kk"), prefix="DK", popular=1),
    agency("dlh", service("ukl", prefix="DL"), prefix="DL"),
    agency("kosong"),
)
