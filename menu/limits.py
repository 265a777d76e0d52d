"""Limits on the numbers of a service: the only place that says whether there is one.

Kiosk and queue server both ask ``limits_of``, for a reservation, for the live state and for the
kiosk's own series. A further rule ("at most 40 before noon") is one function in ``RULES``; it then
holds on both sides, on each database, online and offline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from menu.catalogue import Catalogue, Service
from menu.local_text import LocalText
from menu.schedule import closing, first_from, working_s


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` numbers of a service on this business date while the limit applies.

    It counts the numbers of the date given from ``since`` on (aware); None: all of them, so that
    such a limit for a part of the day is the sum up to its end. ``ends`` (aware): from then on it
    no longer applies. ``words``: the visitor's text once it is reached; None: the standard text,
    that the numbers up to ``ends`` are given.
    """

    most: int
    ends: datetime
    words: LocalText | None = None
    since: datetime | None = None


Wait = tuple[int, int]
"""An estimated waiting time: from, to, in minutes."""

Rule = Callable[[Service, datetime], Iterable[Limit]]
"""The limits that a rule sets on a service at a moment (aware, site time)."""


def day_quota(service: Service, now: datetime) -> Iterable[Limit]:
    """``quota`` by day."""
    most = service.quota.on(now.date()).day if service.quota else None
    if most is not None:
        yield Limit(most, _at(now.date() + timedelta(days=1), time.min, now.tzinfo))


def hour_quota(service: Service, now: datetime) -> Iterable[Limit]:
    """``quota`` by hour of the clock."""
    most = service.quota.on(now.date()).hour if service.quota else None
    if most is not None:
        yield Limit(most, hour_end(now), since=hour_start(now))


def quota_before(service: Service, now: datetime) -> Iterable[Limit]:
    """``quota`` up to a time of the day."""
    for clock, most in service.quota.on(now.date()).before if service.quota else ():
        if now.time() < clock:
            yield Limit(most, _at(now.date(), clock, now.tzinfo))


RULES: tuple[Rule, ...] = (day_quota, hour_quota, quota_before)


def hour_start(now: datetime) -> datetime:
    """When the hour of the clock at ``now`` (aware) began. An hour that the clock shows twice,
    at the end of summer time, is one hour."""
    return _at(now.date(), time(now.hour), now.tzinfo)


def hour_end(now: datetime) -> datetime:
    """When the hour of the clock at ``now`` (aware) ends."""
    following = datetime.combine(now.date(), time(now.hour)) + timedelta(hours=1)
    return _at(following.date(), following.time(), now.tzinfo)


def _at(day: date, clock: time, zone: tzinfo | None) -> datetime:
    """A time of the site; one that its clock skips is written as the clock shows it then."""
    return datetime.combine(day, clock, zone).astimezone(UTC).astimezone(zone)


def limits_of(service: Service, now: datetime) -> tuple[Limit, ...]:
    """The limits on a service at ``now`` (aware, in the site's zone), of all rules."""
    return tuple([limit for rule in RULES for limit in rule(service, now)])


def limits_at(menu: Catalogue, now: datetime) -> dict[str, tuple[Limit, ...]]:
    """The limits at ``now`` (aware, in the site's zone) by service code, where there are any."""
    found = {service.code: limits_of(service, now) for _, service in menu.services()}
    return {code: limits for code, limits in found.items() if limits}


class Room(NamedTuple):
    """What the limits leave: ``left`` numbers (below 0 after an overshoot), by ``limit``."""

    left: int
    limit: Limit


def room(limits: Iterable[Limit], taken: Callable[[datetime | None], int]) -> Room | None:
    """What ``limits`` leave of a service's numbers; None without a limit.

    ``taken``: how many numbers of the date were given from a moment on; None: all of the date.
    Of several limits the one that leaves fewest. Of several that are reached, the one that ends
    last: it says when numbers are given again.
    """
    rooms = [Room(limit.most - taken(limit.since), limit) for limit in limits]
    if not rooms:
        return None
    left = min(one.left for one in rooms)
    binding = [one.limit for one in rooms if one.left <= max(left, 0)]
    return Room(left, max(binding, key=lambda limit: limit.ends.timestamp()))


def too_late(menu: Catalogue, service: Service, now: datetime, wait: Wait | None) -> bool:
    """Whether ``last_by_closing`` refuses a number at ``now`` (aware, in the site's zone).

    ``wait``: the estimate in minutes (from, to) for the next number, as counters work; its middle
    is the expected turn. It passes within the service's periods only: not in a break, and not
    before opening. None, no estimate, refuses nothing.
    """
    ends = closing(service.hours, now) if menu.last_by_closing else None
    if ends is None or wait is None:
        return False
    return sum(wait) / 2 * 60 > working_s(service.hours, now, ends)


def next_day_after(menu: Catalogue, service: Service, now: datetime) -> datetime | None:
    """When numbers are given on the next day with hours; None if unknown."""
    tomorrow = _at(now.date() + timedelta(days=1), time.min, now.tzinfo)
    return again_after(menu, service, Limit(0, tomorrow))


def again_after(menu: Catalogue, service: Service, limit: Limit) -> datetime | None:
    """When numbers are given again once ``limit`` is reached; None if unknown."""
    found = menu.service(service.code)
    agency = found.agency.code if found is not None else ""
    return first_from(service.hours, menu.window, menu.closed, agency, limit.ends)[0]
