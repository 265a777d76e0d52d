"""The menu that the server serves: the shared catalogue, its bytes, and lookups by service.

Reading, checks and hours are those of the package ``menu``, which every kiosk uses too: the
server accepts a file exactly where each kiosk accepts it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from menu.agencies import CheckedMenu, Summary, check_menu, describe
from menu.catalogue import Catalogue, Service
from menu.limits import Limit, Wait, again_after, limits_of, next_day_after, too_late
from menu.local_text import LocalText
from menu.schedule import Opening, opening
from queue_server.errors import CatalogueError


@dataclass(frozen=True)
class ServedMenu:
    """A catalogue and the file that it was read from. ``etag``: the SHA-256 of ``body``, in hex."""

    etag: str
    body: bytes = field(repr=False)
    catalogue: Catalogue = field(repr=False)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the site."""
        return ZoneInfo(self.catalogue.site.timezone)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the site; the first is the default."""
        return self.catalogue.site.languages

    @property
    def name(self) -> LocalText:
        """The name of the site."""
        return self.catalogue.site.name

    @property
    def site(self) -> str:
        """The identity of the site: its name, without differences of case and spaces."""
        return " ".join(self.name.in_("id").split()).casefold()

    @property
    def summary(self) -> Summary:
        """How much there is: ``27 agencies, 80 services``."""
        return describe(self.catalogue)

    @cached_property
    def services(self) -> Mapping[str, Service]:
        """All services by code, in the order of the menu."""
        return {service.code: service for _, service in self.catalogue.services()}

    @cached_property
    def _agency_codes(self) -> Mapping[str, str]:
        return {service.code: agency.code for agency, service in self.catalogue.services()}

    def counts_at(self, now: datetime) -> bool:
        """Whether ``valid_from`` lets the menu be used at ``now`` (aware)."""
        return self.catalogue.counts_on(now.astimezone(self.zone).date())

    def opening(self, service: Service, now: datetime) -> Opening:
        """Whether numbers are given for ``service`` at ``now`` (aware), else when again."""
        menu = self.catalogue
        agency = self._agency_codes[service.code]
        return opening(service.hours, menu.window, menu.closed, agency, now.astimezone(self.zone))

    def limits(self, service: Service, now: datetime) -> tuple[Limit, ...]:
        """The limits on the numbers of ``service`` at ``now`` (aware)."""
        return limits_of(service, now.astimezone(self.zone))

    def too_late(self, service: Service, now: datetime, wait: Wait | None) -> bool:
        """Whether a number at ``now`` (aware) would be called after closing; ``wait``: minutes."""
        return too_late(self.catalogue, service, now.astimezone(self.zone), wait)

    def next_day_after(self, service: Service, now: datetime) -> datetime | None:
        """When numbers are given on the next day with hours after ``now`` (aware)."""
        return next_day_after(self.catalogue, service, now.astimezone(self.zone))

    def again_after(self, service: Service, limit: Limit) -> datetime | None:
        """When numbers are given again once ``limit`` is reached; None if unknown."""
        return again_after(self.catalogue, service, limit)

    def at_counter(self, counter: str) -> tuple[str, ...]:
        """The codes of the services that are served at a counter."""
        return tuple(code for code, s in self.services.items() if counter in s.place.counters)

    def counters(self) -> frozenset[str]:
        """Every counter that the menu names."""
        return frozenset(c for s in self.services.values() for c in s.place.counters)

    def prefixes(self) -> frozenset[str]:
        """Every prefix in use."""
        return frozenset(s.prefix for s in self.services.values())


def read_menu(body: bytes, name: str = "agencies.yaml", lang: str = "id") -> ServedMenu:
    """The menu of an agencies file.

    CatalogueError with every error, each one line that begins with ``name``:line:column, in
    ``lang`` (``id``, ``en``).
    """
    return served(check_menu(body, name, lang), body)


def served(checked: CheckedMenu, body: bytes) -> ServedMenu:
    """The menu of a checked file; CatalogueError with every error."""
    if checked.catalogue is None:
        raise CatalogueError(*map(str, checked.errors))
    return ServedMenu(hashlib.sha256(body).hexdigest(), body, checked.catalogue)
