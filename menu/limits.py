"""Limits on the numbers of a service: the only place that says whether there is one.

Kiosk and queue server both ask ``limit_at``, for a reservation, for the live state and for the
kiosk's own series. A further rule ("at most 40 before noon") is one function in ``RULES``; it then
holds on both sides, on each database, online and offline.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from menu.catalogue import Catalogue, Service
from menu.local_text import LocalText
from menu.schedule import first_from


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` numbers of a service on this business date while the limit applies.

    It counts all numbers of the date, so a limit for a part of the day is the sum up to its end.
    ``ends`` (aware): from then on it no longer applies. ``words``: the visitor's text once it is
    reached; None: the standard text, that today's numbers are given.
    """

    most: int
    ends: datetime
    words: LocalText | None = None


Rule = Callable[[Service, datetime], Limit | None]
"""The limit that a rule sets on a service at a moment (aware, site time); None for none."""


def day_quota(service: Service, now: datetime) -> Limit | None:
    """``quota`` of the menu: numbers a day."""
    if service.quota is None:
        return None
    tomorrow = now.date() + timedelta(days=1)
    return Limit(service.quota, datetime.combine(tomorrow, time.min, now.tzinfo))


RULES: tuple[Rule, ...] = (day_quota,)


def limit_at(service: Service, now: datetime) -> Limit | None:
    """The limit on a service at ``now`` (aware, in the site's zone); None for none.

    Of several rules the one that allows the fewest numbers, then the one that ends last.
    """
    found = [limit for rule in RULES if (limit := rule(service, now)) is not None]
    return min(found, key=lambda limit: (limit.most, -limit.ends.timestamp()), default=None)


def limits_at(menu: Catalogue, now: datetime) -> dict[str, Limit]:
    """The limits at ``now`` (aware, in the site's zone) by service code, where there are any."""
    found = {service.code: limit_at(service, now) for _, service in menu.services()}
    return {code: limit for code, limit in found.items() if limit is not None}


def again_after(menu: Catalogue, service: Service, limit: Limit) -> datetime | None:
    """When numbers are given again once ``limit`` is reached; None if unknown."""
    found = menu.service(service.code)
    agency = found.agency.code if found is not None else ""
    return first_from(service.hours, menu.window, menu.closed, agency, limit.ends)[0]
