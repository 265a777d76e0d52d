"""Checks between the parts of ``agencies.yaml``.

Only a look at all agencies together shows them: codes, prefixes and ranks used twice, closures
of agencies that are not listed, services without hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from menu.problems import START, Mark, Report, excerpt
from menu.reading import Read
from menu.rules import ZONE_NAMES, closest

_NONE = Read(START, None)


def _whole(scope: Read, name: str) -> bool:
    """Whether each item of this list was read."""
    items = scope.get(name)
    return items is not None and (not items or len(items) == len(scope.places(name)))


def _cut_off(agencies: list[Read]) -> bool:
    """Whether the last agency, or its last service, is as a file leaves it that ends in it."""
    last = agencies[-1:]
    service = last[0].get("services", [])[-1:] if last else []
    return any(not agency.written("prefix") for agency in last) or any(
        not one.written("name") for one in service
    )


@dataclass(frozen=True, slots=True)
class _First:
    """The first use of a code, prefix or rank: a message about the second use names both."""

    agency: int
    thing: Read
    mark: Mark


class MenuCheck:
    """Checks over the whole of ``agencies.yaml``."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def check(self, root: Read) -> None:
        """Report everything that is wrong between the parts of the file."""
        agencies: list[Read] = root.get("agencies", [])
        services = [s for a in agencies for s in a.get("services", [])]
        self._each_once(agencies, "code")
        self._each_once(services, "code")
        self._each_once(agencies, "popular")
        self._each_once((root.get("priority") or _NONE).get("groups", []), "code")
        self._prefixes(agencies)
        self._names_and_hours(root, agencies)
        self._languages(root.get("site") or _NONE)
        self._zone(root.get("site") or _NONE)
        self._closures(root, agencies)
        self._needs(root, services)
        for scope in [root, *agencies, *services]:
            self._seasons(scope)
            self._open_on(scope, root)

    def _each_once(self, things: list[Read], name: str) -> None:
        """Report each second use of a value that must be unique."""
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
        """Report a prefix that two agencies, or services of two agencies, use."""
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

    def _zone(self, site: Read) -> None:
        """Report a ``zone`` that is not the usual name of an Indonesian ``timezone``."""
        timezone, zone = site.get("timezone"), site.get("zone")
        usual = ZONE_NAMES.get(timezone)
        if usual is not None and zone is not None and zone != usual:
            fields = {"timezone": timezone, "value": excerpt(zone)}
            self._report.error(site.place("zone"), site.to("zone"), "zone.other", usual, **fields)

    def _closures(self, root: Read, agencies: list[Read]) -> None:
        codes = {a.get("code") for a in agencies} if root.written("agencies") else set()
        unsure = None in codes or not _whole(root, "agencies") or _cut_off(agencies)
        seen: dict[date, Mark] = {}
        for closure in root.get("closures", []):
            if closure.get("agencies") == []:
                place = closure.place("agencies")
                self._report.error(place, closure.to("agencies"), "closure.nobody")
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

    def _needs(self, root: Read, services: list[Read]) -> None:
        """Report a need whose service is not listed or that is written twice."""
        codes = {s.get("code") for s in services}
        whole = _whole(root, "agencies") and all(
            _whole(a, "services") for a in root.get("agencies") if a.written("services")
        )
        if None in codes or not whole or _cut_off(root.get("agencies")):
            return
        seen: dict[str, Mark] = {}
        for need in (root.get("search") or _NONE).get("needs", []):
            code, at, way = need.get("service"), need.place("service"), need.to("service")
            if code is None:
                continue
            if code not in codes:
                guess = closest(code, codes)
                self._report.error(at, way, "need.service", guess, value=excerpt(code))
            first = seen.setdefault(code, at)
            if first is not at:
                fields = {"value": excerpt(code), "line": first.line, "column": first.column}
                self._report.error(at, way, "need.double", None, **fields)

    def _seasons(self, scope: Read) -> None:
        """Report a season that ends before it begins, or overlaps another of the same scope."""
        seasons: list[Read] = scope.get("hours_between", [])
        known: list[Read] = []
        for season in seasons:
            first, last = season.get("from"), season.get("to")
            if first is None or last is None:
                continue
            if last < first:
                fields = {"value": last.isoformat(), "first": first.isoformat()}
                self._report.error(season.place("to"), season.to("to"), "season.order", **fields)
                continue
            for other in known:
                if first <= other.get("to") and other.get("from") <= last:
                    at = other.place("from")
                    fields = {"line": at.line, "column": at.column}
                    way = season.to("from")
                    self._report.error(season.place("from"), way, "season.overlap", None, **fields)
                    break
            known.append(season)

    def _open_on(self, scope: Read, root: Read) -> None:
        """Report a day that ``closures`` closes for the whole site: the closure counts."""
        days: list[date] = scope.get("open_on", [])
        closed = {
            closure.get("date"): closure.place("date")
            for closure in root.get("closures", [])
            if not closure.written("agencies")
        }
        for day, at in zip(days, scope.places("open_on"), strict=False):
            first = closed.get(day)
            if first is not None:
                fields = {"date": day.isoformat(), "line": first.line, "column": first.column}
                self._report.error(at, scope.to("open_on"), "open_on.closed", None, **fields)
