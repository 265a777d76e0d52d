"""``agencies.yaml``: from checked values to the catalogue.

What only shows when all agencies are seen together is checked here: codes, prefixes, ranks,
closures of agencies, hours that are nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from kiosk.domain.catalogue import Agency, Catalogue, Place, PriorityGroup, Service, Site
from kiosk.domain.schedule import Closure, TicketWindow, WeeklyHours
from kiosk.domain.text import LocalText
from kiosk.settings.problems import Mark, Report, excerpt
from kiosk.settings.reading import Read
from kiosk.settings.rules import closest

DEFAULT_ICON = "office-building-outline"
DEFAULT_LANGUAGES = ("id", "en")
NO_HOURS = WeeklyHours(((),) * 7)

_ZONES = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}


@dataclass(frozen=True, slots=True)
class _First:
    """Who has taken a code, a prefix or a rank: for the message that names both places."""

    agency: int
    thing: Read
    mark: Mark


class MenuCheck:
    """Checks over the whole of ``agencies.yaml``."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def check(self, root: Read) -> None:
        """Notes everything that is wrong between the parts of the file."""
        agencies: list[Read] = root.get("agencies", [])
        services = [s for a in agencies for s in a.get("services", [])]
        self._each_once(agencies, "code")
        self._each_once(services, "code")
        self._each_once(agencies, "popular")
        self._each_once((root.get("priority") or _NONE).get("groups", []), "code")
        self._prefixes(agencies)
        self._names_and_hours(root, agencies)
        self._languages(root.get("site") or _NONE)
        self._closures(root, agencies)

    def _each_once(self, things: list[Read], name: str) -> None:
        """Notes each second use of a value that may be used once."""
        seen: dict[Any, _First] = {}
        for thing in things:
            value = thing.get(name)
            if value is not None:
                at = thing.place(name)
                first = seen.setdefault(value, _First(0, thing, at))
                if first.thing is not thing:
                    self._double(thing, at, name, first, value)

    def _double(self, thing: Read, at: Mark, name: str, first: _First, value: object) -> None:
        way = first.thing.way
        self._report.error(
            at,
            thing.to(name),
            f"{name}.double",
            None,
            value=excerpt(str(value)),
            other=way.words(self._report.lang) if way else "",
            line=first.mark.line,
            column=first.mark.column,
        )

    def _prefixes(self, agencies: list[Read]) -> None:
        """A prefix belongs to one agency, whether it or its services use it."""
        taken: dict[str, _First] = {}
        for i, agency in enumerate(agencies):
            for user in [agency, *agency.get("services", [])]:
                prefix = user.get("prefix")
                if prefix is None:
                    continue
                at = user.place("prefix")
                first = taken.setdefault(prefix, _First(i, user, at))
                if first.agency != i:
                    self._double(user, at, "prefix", first, prefix)

    def _names_and_hours(self, root: Read, agencies: list[Read]) -> None:
        for agency in agencies:
            if not agency.written("name") and not agency.written("short"):
                self._report.error(agency.mark, agency.way, "name.missing")
            if root.written("hours") or agency.written("hours"):
                continue
            for service in agency.get("services", []):
                if not service.written("hours"):
                    self._report.error(service.mark, service.way, "hours.none")

    def _languages(self, site: Read) -> None:
        languages = site.get("languages")
        if languages is None:
            return
        if not languages:
            self._report.error(site.place("languages"), site.to("languages"), "languages.none")
        places = site.places("languages")
        for i, language in enumerate(languages):
            if language in languages[:i]:
                way = site.to("languages")
                self._report.error(places[i], way, "language.double", None, value=language)

    def _closures(self, root: Read, agencies: list[Read]) -> None:
        codes = {a.get("code") for a in agencies} if root.written("agencies") else set()
        unsure = None in codes or root.get("agencies") is None
        seen: dict[date, Mark] = {}
        for closure in root.get("closures", []):
            named = [] if unsure else closure.get("agencies", [])
            for code, at in zip(named, closure.places("agencies"), strict=False):
                if code not in codes:
                    way, guess = closure.to("agencies"), closest(code, codes)
                    self._report.error(at, way, "closure.agency", guess, value=excerpt(code))
            day = closure.get("date")
            if day is None or closure.written("agencies"):
                continue
            at = closure.place("date")
            first = seen.setdefault(day, at)
            if first is not at:
                fields = {"date": day.isoformat(), "line": first.line, "column": first.column}
                self._report.error(at, closure.to("date"), "closure.double", None, **fields)


_NONE = Read(Mark(1, 1), None)


def build_catalogue(root: Read, languages: tuple[str, ...]) -> Catalogue:
    """The catalogue of a file without errors; ``languages`` where the site names none."""
    tickets: Read = root.get("tickets") or _NONE
    priority: Read = root.get("priority") or _NONE
    hours: WeeklyHours = root.get("hours") or NO_HOURS
    return Catalogue(
        site=_build_site(root.get("site"), languages),
        agencies=tuple(_build_agency(a, hours) for a in root.get("agencies")),
        window=TicketWindow(
            tickets.get("open_minutes_before", 0), tickets.get("stop_minutes_before", 0)
        ),
        closures=tuple(
            Closure(c.get("date"), c.get("reason"), tuple(c.get("agencies", ())))
            for c in root.get("closures", [])
        ),
        priority_groups=tuple(
            PriorityGroup(g.get("code"), g.get("name")) for g in priority.get("groups", [])
        ),
        confirm_above=tickets.get("confirm_above", None),
    )


def _build_site(site: Read, languages: tuple[str, ...]) -> Site:
    timezone = site.get("timezone")
    return Site(
        name=site.get("name"),
        timezone=timezone,
        languages=tuple(site.get("languages", languages)),
        address=site.get("address", LocalText.same("")),
        public_url=site.get("public_url", ""),
        zone=site.get("zone", _ZONES.get(timezone, "")),
    )


def _build_agency(agency: Read, site_hours: WeeklyHours) -> Agency:
    place = Place(agency.get("floor", ""), tuple(agency.get("counters", ())))
    hours: WeeklyHours = agency.get("hours") or site_hours
    prefix: str = agency.get("prefix")
    name = agency.get("name") or agency.get("short")
    return Agency(
        code=agency.get("code"),
        prefix=prefix,
        name=name,
        short=agency.get("short") or name,
        hint=agency.get("hint", LocalText.same("")),
        icon=agency.get("icon", DEFAULT_ICON),
        place=place,
        hours=hours,
        services=tuple(_build_service(s, prefix, place, hours) for s in agency.get("services", [])),
        popular=agency.get("popular"),
    )


def _build_service(service: Read, prefix: str, place: Place, hours: WeeklyHours) -> Service:
    floor: str = service.get("floor", place.floor)
    counters = service.get("counters")
    return Service(
        code=service.get("code"),
        name=service.get("name"),
        prefix=service.get("prefix", prefix),
        place=Place(floor, place.counters if counters is None else tuple(counters)),
        hours=service.get("hours") or hours,
        keywords=tuple(service.get("keywords", ())),
        requirements=tuple(service.get("requirements", ())),
        quota=service.get("quota"),
        minutes=service.get("minutes"),
    )
