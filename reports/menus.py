"""The menus that were in force in a month, from the agencies files that kiosk or server keep.

A report of March must say what an agency was called in March and when it was closed, although
today's menu has another name, and no longer has the closure or the service.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from menu.agencies import AGENCIES_FILE, check_menu
from menu.catalogue import Catalogue
from reports.figures import MonthMenus, dates_of, distinct


@dataclass(frozen=True, slots=True)
class KeptMenu:
    """An agencies file and the local date from which on it was in force."""

    since: date
    body: bytes


def month_menus(
    month: date, kept: Sequence[KeptMenu], in_use: Catalogue, services: Collection[str]
) -> MonthMenus:
    """The menus of the month in which ``month`` lies.

    ``kept``: in order of time; of two files of one date the later one counts. Files that this
    version of the program refuses count as absent. ``in_use``: the menu where none is kept.
    ``services``: the codes that were counted; those that no menu of the month has are looked for
    in the other files, newest first.
    """
    read = cache(_read)  # a file takes 0.1 s, and most months have one
    days = []
    for day in dates_of(month):
        earlier = [one.body for one in kept if one.since <= day]
        later = [one.body for one in kept[len(earlier) :]]
        days.append(_first(reversed(earlier), read) or _first(later, read) or in_use)
    missing = {code for code in services if not any(menu.service(code) for menu in distinct(days))}
    others: list[Catalogue] = []
    for body in (one.body for one in reversed(kept)):
        menu = read(body) if missing else None
        found = {code for code in missing if menu is not None and menu.service(code)}
        if menu is not None and found:
            others.append(menu)
            missing -= found
    return MonthMenus(tuple(days), tuple(others), kept[0].since if days[-1] is not in_use else None)


def _first(bodies: Iterable[bytes], read: Callable[[bytes], Catalogue | None]) -> Catalogue | None:
    return next((menu for menu in map(read, bodies) if menu is not None), None)


def _read(body: bytes) -> Catalogue | None:
    return check_menu(body, AGENCIES_FILE).catalogue
