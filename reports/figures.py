"""The figures of one month: agency and service by day, with sums. Pure: no file, no clock.

A command counts its tickets into ``MonthCounts``; ``month_report`` joins them with the menus that
were in force on the days of the month (``reports.menus`` finds them).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from menu.catalogue import Agency, Catalogue, Service
from menu.schedule import closure_on

HOURS = 24


@dataclass(frozen=True, slots=True)
class DayCount:
    """The numbers of one service on one business date.

    ``issued``: valid ones, so without ``void``. Of these, ``priority`` are for the priority queue;
    ``connected`` were given while a queue server was configured, ``offline`` of them by the kiosk
    alone (a number with a letter).
    """

    date: date
    service: str
    issued: int
    priority: int = 0
    offline: int = 0
    connected: int = 0
    void: int = 0


@dataclass(frozen=True, slots=True)
class Times:
    """How long visitors of one service waited and were served, in seconds, in any order."""

    waiting_s: tuple[int, ...] = ()
    serving_s: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """What was counted in a month.

    ``hours``: valid numbers by (day of the month, hour of issue). ``times`` by service; None where
    nothing knows them, as on a kiosk. ``unsettled``: numbers that are not in the counts, because
    the kiosk that gave them has not reported them yet. ``days_only``: valid numbers of
    ``days`` that are missing in ``hours`` and ``times``, because their tickets were deleted.
    """

    days: tuple[DayCount, ...] = ()
    hours: Mapping[tuple[int, int], int] = field(default_factory=dict)
    times: Mapping[str, Times] | None = None
    unsettled: int = 0
    days_only: int = 0


@dataclass(frozen=True, slots=True)
class MonthMenus:
    """The menus of a month.

    ``days``: the menu in force at the end of each day, from the 1st; of a day to come the newest
    one. ``others``: menus of other times, for services that were counted and that none of ``days``
    has. ``known_from``: the first day whose menu is known; before it, ``days`` has the first known
    one. None: no menu was kept, and ``days`` has the one in use.
    """

    days: tuple[Catalogue, ...]
    others: tuple[Catalogue, ...] = ()
    known_from: date | None = None

    @staticmethod
    def always(menu: Catalogue, month: date) -> MonthMenus:
        """One menu on all days of the month in which ``month`` lies."""
        return MonthMenus((menu,) * len(dates_of(month)), known_from=date.min)


@dataclass(frozen=True, slots=True)
class Spread:
    """Durations in seconds: how many, their mean, median and the 90th percentile."""

    n: int
    mean_s: float
    p50_s: int
    p90_s: int

    @staticmethod
    def of(seconds: Iterable[int]) -> Spread | None:
        """The spread of ``seconds`` (nearest rank); None without any."""
        ordered = sorted(seconds)
        if not ordered:
            return None
        count = len(ordered)
        p50, p90 = (ordered[max(0, math.ceil(share * count) - 1)] for share in (0.5, 0.9))
        return Spread(count, sum(ordered) / count, p50, p90)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A line of the report: a service, an agency, or everything.

    ``days``: valid numbers by day, from the 1st. ``closed``: the indexes of the days on which it
    gives no numbers. ``open_days``: how many days it was open so far. The rest as in ``DayCount``.
    """

    code: str
    name: str
    days: tuple[int, ...]
    closed: frozenset[int]
    open_days: int
    priority: int
    offline: int
    connected: int
    void: int
    waiting: Spread | None = None
    serving: Spread | None = None

    @property
    def issued(self) -> int:
        """The sum of the days."""
        return sum(self.days)


@dataclass(frozen=True, slots=True)
class AgencyRows:
    """An agency and its services, in the menu's order."""

    agency: ReportRow
    services: tuple[ReportRow, ...]


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """Why something is closed: ``agencies`` are short names, empty for the whole site."""

    date: date
    reason: str
    agencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MonthReport:
    """A month's report in one language.

    ``zone``: how people write the time zone (WITA). ``month``: its first day. ``until``: the last
    day that is counted, None for a month that is over. ``hours``: valid numbers by weekday (0 is
    Monday) and hour. ``timed``: whether waiting and service time are known at all. ``kiosk``: the
    id of the one kiosk that was counted, empty for all of them; ``partial``: that kiosk has a queue
    server, which knows more. ``incomplete_before``: tickets of the month from before this day are
    no longer known; None: all days are complete. ``days_only``: as in ``MonthCounts``.
    ``menus_from``: as ``known_from`` of ``MonthMenus``.
    """

    language: str
    site: str
    address: str
    zone: str
    month: date
    until: date | None
    agencies: tuple[AgencyRows, ...]
    total: ReportRow
    hours: tuple[tuple[int, ...], ...]
    closures: tuple[ClosedDay, ...]
    timed: bool
    unsettled: int
    kiosk: str
    partial: bool
    incomplete_before: date | None
    days_only: int
    menus_from: date | None

    @property
    def dates(self) -> tuple[date, ...]:
        """The days of the month."""
        return dates_of(self.month)


def dates_of(month: date) -> tuple[date, ...]:
    """All days of the month in which ``month`` lies."""
    first = month.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return tuple(first + timedelta(days=ahead) for ahead in range((after - first).days))


def distinct(menus: Iterable[Catalogue]) -> list[Catalogue]:
    """Each menu once, in the order of its first place. By identity: comparing two is slow."""
    return list({id(menu): menu for menu in menus}.values())


def month_report(
    menus: MonthMenus,
    month: date,
    counts: MonthCounts,
    *,
    today: date,
    language: str,
    removed: str,
    kiosk: str = "",
    partial: bool = False,
    complete_from: date = date.min,
) -> MonthReport:
    """The report of the month in which ``month`` lies.

    Agencies, services and their order are those of the month's last menu, then those that an
    earlier one had. ``today``: later days count as not yet come. ``removed``: what services that no
    known menu has are gathered under. ``complete_from``: the first day of which all tickets are
    known. Other arguments: as in ``MonthReport``.
    """
    dates = dates_of(month)
    incomplete_before = complete_from if complete_from > dates[0] else None
    maker = _Maker(menus, dates, counts, today, language)
    return maker.made(removed, kiosk, incomplete_before, partial=partial)


class _Maker:
    """Builds one report. ``by_service``: the counts of a service, by index of the day."""

    def __init__(
        self,
        menus: MonthMenus,
        dates: tuple[date, ...],
        counts: MonthCounts,
        today: date,
        language: str,
    ) -> None:
        self._menus, self._dates, self._counts = menus, dates, counts
        self._today, self._language = today, language
        self._by_service: dict[str, list[DayCount]] = defaultdict(list)
        for count in counts.days:
            self._by_service[count.service].append(count)

    def made(
        self, removed: str, kiosk: str, incomplete_before: date | None, *, partial: bool
    ) -> MonthReport:
        placed, gone = self._placed()
        agencies = [self._agency(agency, services) for agency, services in placed]
        closed = frozenset(range(len(self._dates)))
        closed = closed.intersection(*(one.agency.closed for one in agencies))
        if gone:
            agencies.append(self._gone(removed, sorted(gone)))
        rows = [one.agency for one in agencies]
        site = self._menus.days[-1].site
        running = self._dates[0] <= self._today < self._dates[-1]
        return MonthReport(
            language=self._language,
            site=site.name.in_(self._language),
            address=site.address.in_(self._language),
            zone=site.zone,
            month=self._dates[0],
            until=self._today if running else None,
            agencies=tuple(agencies),
            total=self._sum("", "", rows, closed, list(self._by_service)),
            hours=self._hours(),
            closures=tuple(self._closures()),
            timed=self._counts.times is not None,
            unsettled=self._counts.unsettled,
            kiosk=kiosk,
            partial=partial,
            incomplete_before=incomplete_before,
            days_only=self._counts.days_only,
            menus_from=self._menus.known_from,
        )

    def _placed(self) -> tuple[list[tuple[Agency, list[Service]]], set[str]]:
        """The agencies and services of the report, and the counted codes that no menu knows.

        Agencies and services that were removed come last. A service of ``others`` is only shown if
        it was counted.
        """
        placed: dict[str, tuple[Agency, list[Service]]] = {}
        known: set[str] = set()
        of_month = distinct(reversed(self._menus.days))
        for n, menu in enumerate((*of_month, *self._menus.others)):
            for found in menu.services():
                code = found.service.code
                if code in known or (n >= len(of_month) and code not in self._by_service):
                    continue
                known.add(code)
                placed.setdefault(found.agency.code, (found.agency, []))[1].append(found.service)
        return list(placed.values()), self._by_service.keys() - known

    def _agency(self, agency: Agency, services: Sequence[Service]) -> AgencyRows:
        rows = tuple(self._service(service) for service in services)
        every = frozenset(range(len(self._dates)))
        closed = every.intersection(*(row.closed for row in rows))
        name = agency.short.in_(self._language)
        codes = [service.code for service in services]
        return AgencyRows(self._sum(agency.code, name, rows, closed, codes), rows)

    def _service(self, service: Service) -> ReportRow:
        closed = frozenset(
            index for index in range(len(self._dates)) if self._closed(service.code, index)
        )
        return self._of_service(service.code, service.name.in_(self._language), closed)

    def _closed(self, code: str, index: int) -> bool:
        """Whether the menu of that day gives no numbers for a service then, or lacks it."""
        menu, day = self._menus.days[index], self._dates[index]
        found = menu.service(code)
        if found is None or not found.service.hours.periods(day):
            return True
        hours = found.service.hours
        return closure_on(day, hours, menu.closed, found.agency.code) is not None

    def _gone(self, removed: str, codes: list[str]) -> AgencyRows:
        rows = tuple(self._of_service(code, code, frozenset()) for code in codes)
        return AgencyRows(self._sum("", removed, rows, frozenset(), codes), rows)

    def _of_service(self, code: str, name: str, closed: frozenset[int]) -> ReportRow:
        counts = self._by_service.get(code, [])
        by_day = Counter[date]()
        for count in counts:
            by_day[count.date] += count.issued
        days = [by_day[day] for day in self._dates]
        return self._row(code, name, closed, days, counts, [code])

    def _sum(
        self,
        code: str,
        name: str,
        rows: Sequence[ReportRow],
        closed: frozenset[int],
        services: list[str],
    ) -> ReportRow:
        days = [sum(row.days[index] for row in rows) for index in range(len(self._dates))]
        return self._row(code, name, closed, days, rows, services)

    def _row(
        self,
        code: str,
        name: str,
        closed: frozenset[int],
        days: Sequence[int],
        parts: Sequence[DayCount | ReportRow],
        services: list[str],
    ) -> ReportRow:
        """The sum of ``parts``; ``services``: the codes whose times it has."""
        waiting, serving = self._spreads(services)
        return ReportRow(
            code=code,
            name=name,
            days=tuple(days),
            closed=closed,
            open_days=self._open_days(closed),
            priority=sum(part.priority for part in parts),
            offline=sum(part.offline for part in parts),
            connected=sum(part.connected for part in parts),
            void=sum(part.void for part in parts),
            waiting=waiting,
            serving=serving,
        )

    def _open_days(self, closed: frozenset[int]) -> int:
        return sum(
            index not in closed and day <= self._today for index, day in enumerate(self._dates)
        )

    def _spreads(self, services: list[str]) -> tuple[Spread | None, Spread | None]:
        times = self._counts.times or {}
        found = [times[code] for code in services if code in times]
        waiting = Spread.of(s for one in found for s in one.waiting_s)
        return waiting, Spread.of(s for one in found for s in one.serving_s)

    def _hours(self) -> tuple[tuple[int, ...], ...]:
        week = [[0] * HOURS for _ in range(7)]
        for (day, hour), issued in self._counts.hours.items():
            week[self._dates[day - 1].weekday()][hour] += issued
        return tuple(tuple(day) for day in week)

    def _closures(self) -> Iterable[ClosedDay]:
        for day, menu in zip(self._dates, self._menus.days, strict=True):
            for closure in menu.closed.get(day, ()):
                shut = [
                    agency.short.in_(self._language)
                    for agency in menu.agencies
                    if _shut_by_closure(menu, agency, day)
                    and (not closure.agencies or agency.code in closure.agencies)
                ]
                if shut:
                    everyone = len(shut) == len(menu.agencies)
                    reason = closure.reason.in_(self._language)
                    yield ClosedDay(day, reason, () if everyone else tuple(shut))


def _shut_by_closure(menu: Catalogue, agency: Agency, day: date) -> bool:
    """Whether a closure, not the week, closes all services of ``agency`` on ``day``."""
    closed = [closure_on(day, s.hours, menu.closed, agency.code) for s in agency.services]
    return bool(closed) and None not in closed
