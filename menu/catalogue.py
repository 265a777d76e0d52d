"""The menu: site, agencies, services, and the times at which numbers are given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from menu.local_text import LocalText
from menu.quota import Quota
from menu.schedule import ClosedDays, Closure, TicketWindow, WeeklyHours, by_date


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visitor is called: ``floor`` ("1"), ``counters`` ("19", ...); both may be empty."""

    floor: str = ""
    counters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PriorityGroup:
    """A group that may ask for the priority queue, self-declared. ``icon``: a name of Material
    Design Icons."""

    code: str
    name: LocalText
    icon: str = "account-heart-outline"


@dataclass(frozen=True, slots=True)
class ServiceStandard:
    """The standard of a service (UU 25/2009, article 21), as far as the menu states it, besides its
    requirements: the steps of the ``procedure``, how long it takes, what it costs, what the visitor
    gets, and where to complain."""

    procedure: tuple[LocalText, ...] = ()
    time: LocalText | None = None
    cost: LocalText | None = None
    product: LocalText | None = None
    complaints: LocalText | None = None


NO_STANDARD = ServiceStandard()


@dataclass(frozen=True, slots=True)
class Service:
    """One thing a visitor comes for. Everything inherited is already filled in.

    ``prefix`` is the service's own or its agency's; ``place`` and ``hours`` likewise.
    ``quota`` None: no limit; ``minutes`` is the usual time at the counter.
    ``requirements`` holds one text for each item of "what to bring", ``standard`` the other parts
    of its standard. ``keywords`` are words by which visitors look for it, ``synonyms`` its other
    names (an old one, an abbreviation).
    """

    code: str
    name: LocalText
    prefix: str
    place: Place
    hours: WeeklyHours
    keywords: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    requirements: tuple[LocalText, ...] = ()
    standard: ServiceStandard = NO_STANDARD
    quota: Quota | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency of the MPP. ``popular`` is its rank among the most visited, None otherwise.

    ``survey_url``: its own satisfaction survey; empty: the site's.
    """

    code: str
    prefix: str
    name: LocalText
    short: LocalText
    hint: LocalText
    icon: str
    place: Place
    hours: WeeklyHours
    services: tuple[Service, ...]
    popular: int | None = None
    survey_url: str = ""


@dataclass(frozen=True, slots=True)
class InformationDesk:
    """The information desk: ``where`` in words, ``phone`` (or WhatsApp) empty for none."""

    where: LocalText
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """The building. ``timezone`` is an IANA name; ``zone`` is how people write it (WITA).

    ``public_url`` is where visitors follow their number on a phone, ``survey_url`` where they say
    how it was (SKM), ``complaint_url`` where they complain (SP4N-LAPOR); empty for none.
    ``languages``: the first is the default. ``desk``: None where the menu does not name it.
    """

    name: LocalText
    timezone: str
    languages: tuple[str, ...] = ("id", "en")
    address: LocalText = field(default_factory=lambda: LocalText.same(""))
    public_url: str = ""
    survey_url: str = ""
    complaint_url: str = ""
    zone: str = ""
    desk: InformationDesk | None = None


def survey_of(site: Site, agency: Agency) -> str:
    """The address of the satisfaction survey after a visit to ``agency``; empty for none."""
    return agency.survey_url or site.survey_url


@dataclass(frozen=True, slots=True)
class Need:
    """A usual need, offered on the search screen: ``words`` leads to the service ``service``.

    ``words`` None: the service's name.
    """

    service: str
    words: LocalText | None = None


class Found(NamedTuple):
    """A service and the agency it belongs to."""

    agency: Agency
    service: Service


@dataclass(frozen=True)
class Catalogue:
    """The whole menu, checked: codes are unique, every service has its place and hours.

    ``confirm_above``: a service for which more people wait asks before it gives a number; None:
    none ever asks. ``needs``: the usual needs on the search screen. ``synonyms``: groups of words
    that mean the same in a search.
    ``closures``: what staff wrote, then the holidays of ``country``'s list; ``country`` is empty
    where the menu uses none. ``last_by_closing``: no number whose expected turn is after closing.
    ``valid_from``: the first date of this menu; None: at once.
    """

    site: Site
    agencies: tuple[Agency, ...]
    window: TicketWindow
    closures: tuple[Closure, ...] = ()
    priority_groups: tuple[PriorityGroup, ...] = ()
    confirm_above: int | None = None
    needs: tuple[Need, ...] = ()
    synonyms: tuple[tuple[str, ...], ...] = ()
    country: str = ""
    last_by_closing: bool = False
    valid_from: date | None = None

    def counts_on(self, day: date) -> bool:
        """Whether ``valid_from`` lets the menu be used on ``day``."""
        return self.valid_from is None or self.valid_from <= day

    @cached_property
    def closed(self) -> ClosedDays:
        """The closures by date."""
        return by_date(self.closures)

    @cached_property
    def _by_code(self) -> dict[str, Found]:
        return {s.code: Found(a, s) for a in self.agencies for s in a.services}

    @cached_property
    def _agencies(self) -> dict[str, Agency]:
        return {a.code: a for a in self.agencies}

    def service(self, code: str) -> Found | None:
        """The service with this code and its agency, or None."""
        return self._by_code.get(code)

    def agency(self, code: str) -> Agency | None:
        """The agency with this code, or None."""
        return self._agencies.get(code)

    def services(self) -> Iterator[Found]:
        """All services, in the order of the menu."""
        return iter(self._by_code.values())

    def popular(self) -> tuple[Agency, ...]:
        """The most visited agencies, by rank."""
        ranked = [a for a in self.agencies if a.popular is not None]
        return tuple(sorted(ranked, key=lambda a: (a.popular or 0, a.code)))

    def others(self, language: str) -> tuple[Agency, ...]:
        """The other agencies, A to Z by short name in ``language``."""
        rest = [a for a in self.agencies if a.popular is None]
        return tuple(sorted(rest, key=lambda a: (a.short.in_(language).casefold(), a.code)))


LOST_SHARE = 1 / 3
"""The share of the services in use whose loss staff must confirm."""


def lost(in_use: Catalogue, new: Catalogue) -> tuple[str, ...]:
    """The codes of the services that ``new`` lacks, where they are a third or more of those in
    use; else none. A file of which only the first half was saved may be valid."""
    codes = {found.service.code for found in new.services()}
    old = [found.service.code for found in in_use.services()]
    missing = tuple(code for code in old if code not in codes)
    return missing if len(missing) >= LOST_SHARE * max(1, len(old)) else ()
