"""What a menu says about single days: which agencies are open, why others are not, and what staff
should know of the coming weeks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from menu.catalogue import Agency, Catalogue
from menu.holidays import holidays_of
from menu.messages import say
from menu.schedule import Closure, Period, Season, Week, WeeklyHours, closure_on, common

COMING_DAYS = 60
"""How far ahead ``kiosk check`` looks."""

MOST_PAST = 3
"""Past closures, or missing agencies, that a line names."""

LOCAL_COUNTRY = {"WIB": "ID", "WITA": "ID", "WIT": "ID"}
"""The country whose holidays are looked at where the menu names none, by the site's zone."""


@dataclass(frozen=True, slots=True)
class AgencyDay:
    """An agency on one day.

    ``periods``: from the first to the last opening of its services; empty: closed. ``closure``:
    why it is closed, None where its week says so.
    """

    agency: Agency
    periods: tuple[Period, ...] = ()
    closure: Closure | None = None


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day of the menu, an entry for each agency in the menu's order."""

    date: date
    agencies: tuple[AgencyDay, ...]

    @property
    def open(self) -> tuple[AgencyDay, ...]:
        """The agencies that are open for a part of the day."""
        return tuple(a for a in self.agencies if a.periods)

    @property
    def closed(self) -> tuple[AgencyDay, ...]:
        """The agencies that are closed all day."""
        return tuple(a for a in self.agencies if not a.periods)

    @property
    def closures(self) -> tuple[Closure, ...]:
        """Why agencies are closed, each closure once; without those whose week says so."""
        return tuple(dict.fromkeys(a.closure for a in self.agencies if a.closure is not None))


def site_today(menu: Catalogue) -> date:
    """Today's date at the site."""
    return datetime.now(ZoneInfo(menu.site.timezone)).date()


def calendar(menu: Catalogue, first: date, last: date) -> Iterator[CalendarDay]:
    """Each day from ``first`` to ``last``, both included."""
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        yield CalendarDay(day, tuple(_agency_on(menu, agency, day) for agency in menu.agencies))


def _agency_on(menu: Catalogue, agency: Agency, day: date) -> AgencyDay:
    found: dict[tuple[Period, ...], None] = {}
    shut: Closure | None = None
    for hours in _weeks(agency):
        periods = hours.periods(day)
        closure = closure_on(day, hours, menu.closed, agency.code)
        if closure is None:
            found.setdefault(periods)
        elif periods:
            shut = shut or closure
    periods = _together([p for p in found if p])
    return AgencyDay(agency, periods, None if periods else shut)


def _together(days: list[tuple[Period, ...]]) -> tuple[Period, ...]:
    """The periods of a day on which services differ: one, from the first to the last of all."""
    if len(days) <= 1:
        return days[0] if days else ()
    return (Period(min(d[0].start for d in days), max(d[-1].end for d in days)),)


@dataclass(frozen=True, slots=True)
class YearNotice:
    """A line about the coming days. ``warning``: staff should do something about it."""

    text: str
    warning: bool = False


def notices(menu: Catalogue, today: date, language: str) -> list[YearNotice]:
    """What staff should know of the ``COMING_DAYS`` from ``today`` on, in the order of the days;
    of a menu that counts from a later date on: that date, and the days from then on.

    Closed days; holidays on which an agency works without saying so; seasons that leave an agency
    no hours; the end of the list.
    """
    begins: list[YearNotice] = []
    if menu.valid_from is not None and menu.valid_from > today:
        today = menu.valid_from
        begins.append(YearNotice(say(language, "year.valid_from", date=today.isoformat())))
    last = today + timedelta(days=COMING_DAYS)
    listed = _listed(menu)
    found = begins + _without_hours(menu, today, last, language)
    for day in calendar(menu, today, last):
        found += [_closed(day, closure, language) for closure in day.closures]
        holiday = listed.get(day.date)
        working = [a.agency for a in day.open if not _says_open(a.agency, day.date)]
        if holiday is not None and working:
            reason = holiday.reason.in_(language)
            text = say(language, "year.forgotten", date=day.date.isoformat(), reason=reason)
            found.append(YearNotice(text, warning=True))
    if menu.country and last.year > holidays_of(menu.country).decreed:
        text = say(language, "year.end", year=holidays_of(menu.country).decreed)
        found.append(YearNotice(text, warning=True))
    return found


def check_notices(menu: Catalogue, today: date, language: str) -> list[YearNotice]:
    """``notices``, and the closures that are past: a day of last year is often a slip of the pen.
    For those who edit the file: a closure is past without anybody's doing, so that it must not
    become a warning of the machine."""
    past = sorted({c.date for c in menu.closures if not c.listed and c.date < today})
    found = notices(menu, today, language)
    if past:
        dates = ", ".join(day.isoformat() for day in past[-MOST_PAST:])
        found.insert(0, YearNotice(say(language, "year.past", dates=dates), warning=True))
    return found


def fewer_agencies(used: Catalogue, new: Catalogue, language: str) -> list[YearNotice]:
    """The agencies of the menu in use that a new one lacks: a file that was cut off between two
    entries has no error."""
    gone = [a.short.in_(language) for a in used.agencies if new.agency(a.code) is None]
    if not gone:
        return []
    names = ", ".join(gone[:MOST_PAST]) + (", …" if len(gone) > MOST_PAST else "")
    return [YearNotice(say(language, "check.fewer", n=len(gone), names=names), warning=True)]


def _weeks(agency: Agency) -> list[WeeklyHours]:
    """The different hours of an agency's services; its own where it has no service."""
    return list(dict.fromkeys(s.hours for s in agency.services)) or [agency.hours]


def _says_open(agency: Agency, day: date) -> bool:
    return any(day in hours.open_on for hours in _weeks(agency))


def _without_hours(menu: Catalogue, today: date, last: date, language: str) -> list[YearNotice]:
    """Seasons that are open on a weekday of an agency, but not at a time of its own."""
    shut: dict[Season, list[str]] = {}
    for agency in menu.agencies:
        for hours in _weeks(agency):
            usual = Week(hours.days, hours.break_closed)
            for season in hours.wider:
                both = common(usual, season.week).days
                days = zip(usual.days, season.week.days, both, strict=True)
                if season.last < today or season.first > last:
                    continue
                if any(own and general and not shared for own, general, shared in days):
                    shut.setdefault(season, []).append(agency.short.in_(language))
    return [
        YearNotice(
            say(
                language,
                "year.no_hours",
                first=season.first.isoformat(),
                last=season.last.isoformat(),
                agencies=", ".join(dict.fromkeys(names)),
            ),
            warning=True,
        )
        for season, names in shut.items()
    ]


def _closed(day: CalendarDay, closure: Closure, language: str) -> YearNotice:
    shut = [a.agency for a in day.agencies if a.closure == closure]
    key = "year.estimated" if closure.estimated else "year.closed"
    if day.open:
        key = "year.closed_some"
    text = say(
        language,
        key,
        date=day.date.isoformat(),
        reason=closure.reason.in_(language),
        agencies=", ".join(agency.short.in_(language) for agency in shut),
    )
    return YearNotice(text)


def _listed(menu: Catalogue) -> dict[date, Closure]:
    """The holidays that a menu without ``holidays`` should know, by date."""
    country = "" if menu.country else LOCAL_COUNTRY.get(menu.site.zone, "")
    listed = holidays_of(country).closures(joint_leave=True) if country else ()
    return {closure.date: closure for closure in listed}
