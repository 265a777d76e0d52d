"""The menus that were in force in a month, from the agencies files that kiosk or server keep.

A report of March must say what an agency was called in March and when it was closed, although
today's menu has another name, and no longer has the closure or the service.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain

from menu.agencies import AGENCIES_FILE, check_menu
from menu.catalogue import Catalogue, Found
from reports.figures import MonthMenus, dates_of, distinct


@dataclass(frozen=True, slots=True)
class KeptMenu:
    """An agencies file and the local date from which on it was in force."""

    since: date
    body: bytes


class KeptMenus:
    """The menus of any date, from the files that are kept.

    ``kept``: in order of time; of two files of one date the later one counts. Files that this
    version of the program refuses count as absent.
    """

    def __init__(self, kept: Sequence[KeptMenu]) -> None:
        self._kept = kept
        self._read = cache(_read)  # a file takes 0.1 s, and most months have one
        self.on = cache(self._on)
        self.found = cache(self._found)

    def _on(self, day: date) -> Catalogue | None:
        """The menu in force on ``day``; before the first one, that; None where none is kept."""
        earlier = [one.body for one in self._kept if one.since <= day]
        later = [one.body for one in self._kept[len(earlier) :]]
        return _first(reversed(earlier), self._read) or _first(later, self._read)

    def newest_first(self) -> Iterator[Catalogue]:
        """All of them."""
        read = (self._read(one.body) for one in reversed(self._kept))
        return (menu for menu in read if menu is not None)

    def _found(self, service: str, day: date) -> Found | None:
        """A service as the menu of ``day`` has it, else the newest menu that has it."""
        menu = self._on(day)
        menus = chain(() if menu is None else (menu,), self.newest_first())
        return next((found for one in menus if (found := one.service(service))), None)


def month_menus(
    month: date, kept: Sequence[KeptMenu], in_use: Catalogue, services: Collection[str]
) -> MonthMenus:
    """The menus of the month in which ``month`` lies.

    ``kept`` as in ``KeptMenus``. ``in_use``: the menu where none is kept.
    ``services``: the codes that were counted; those that no menu of the month has are looked for
    in the other files, newest first.
    """
    menus = KeptMenus(kept)
    days = [menus.on(day) or in_use for day in dates_of(month)]
    missing = {code for code in services if not any(menu.service(code) for menu in distinct(days))}
    others: list[Catalogue] = []
    for menu in menus.newest_first() if missing else ():
        found = {code for code in missing if menu.service(code)}
        if found:
            others.append(menu)
            missing -= found
        if not missing:
            break
    return MonthMenus(tuple(days), tuple(others), kept[0].since if days[-1] is not in_use else None)


def _first(bodies: Iterable[bytes], read: Callable[[bytes], Catalogue | None]) -> Catalogue | None:
    return next((menu for menu in map(read, bodies) if menu is not None), None)


def _read(body: bytes) -> Catalogue | None:
    return check_menu(body, AGENCIES_FILE).catalogue
