"""The states of the closed screen, for the preview and the layout tests.

Apart from the other states because each needs a moment at which the schedule itself gives the
reason: finding that moment is most of the work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import product

from kiosk.domain.live import QUOTA_FULL, Live, ServiceLive
from kiosk.domain.visit_screens import (
    Closed,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
)
from kiosk.preview.cast import Cast, PreviewState
from menu.catalogue import Agency
from menu.local_text import LocalText
from menu.schedule import Closure, Period, WeeklyHours, Why


def closed_states(cast: Cast) -> Iterator[PreviewState]:
    """Each reason for which no number is given, at a moment at which the schedule gives it.

    The opening is computed, so no picture contradicts the hours beside it. A reason that this
    menu never has is shown with hours, a closure or a live state that cause it.
    """
    for why in Why:
        snapshot = None if why is Why.OPEN else _moment_of(cast, why)
        if snapshot is None:
            continue
        opening = snapshot.opening(_same(snapshot, cast.first.agency))
        screen = Closed(cast.first.agency.code, opening)
        yield PreviewState(f"closed-{why.value}", cast.visit(screen), snapshot)
        if why is Why.QUOTA:
            until = next_hour(cast.now)
            full = ServiceLive(open=False, reason=QUOTA_FULL, until=until, quota_left=0)
            hour = _live(snapshot, {s.code: full for s in cast.first.agency.services})
            later = replace(screen, opening=hour.opening(cast.first.agency))
            yield PreviewState("closed-quota-hour", cast.visit(later), hour)
        if why is Why.CUTOFF:
            one = replace(screen, service=cast.first.service.code)
            yield PreviewState("closed-service", cast.visit(one), snapshot)


def next_hour(now: datetime) -> datetime:
    """When the numbers of the next hour are given."""
    return now.replace(minute=0) + timedelta(hours=1)


def _moment_of(cast: Cast, why: Why) -> KioskSnapshot | None:
    """A moment at which the services of ``cast.first``'s agency are closed because of ``why``."""
    snapshot, agency = cast.snapshot, cast.first.agency
    codes = [service.code for service in agency.services]
    if why is Why.PAUSED:
        return _live(snapshot, {c: ServiceLive(open=False, reason="paused") for c in codes})
    if why is Why.QUOTA:
        full = ServiceLive(open=False, reason=QUOTA_FULL, quota_left=0)
        return _live(snapshot, dict.fromkeys(codes, full))
    if why is Why.HOLIDAY:
        return _holiday(cast)
    if why is Why.BREAK:
        split = (Period(time(8, 15), time(11, 30)), Period(time(13, 0), time(14, 0)))
        snapshot = _with_hours(cast, WeeklyHours((split,) * 5 + ((),) * 2, break_closed=True))
    if why is Why.NEVER:
        snapshot = _with_hours(cast, WeeklyHours(((),) * 7))
    for day, hour in product(range(8), (6, 12, 21)):
        now = (cast.now + timedelta(days=day)).replace(hour=hour)
        if replace(snapshot, now=now).opening(_same(snapshot, agency)).why is why:
            return replace(snapshot, now=now)
    return None


def _holiday(cast: Cast) -> KioskSnapshot:
    """The next day on which the menu closes the agency; without one, 25 December."""
    snapshot, now = cast.snapshot, cast.now

    def on(day: date) -> datetime:
        return now.replace(year=day.year, month=day.month, day=day.day)

    for day in sorted(
        {closure.date for closure in cast.menu.closures if closure.date > now.date()}
    ):
        if replace(snapshot, now=on(day)).opening(cast.first.agency).why is Why.HOLIDAY:
            return replace(snapshot, now=on(day))
    christmas = date(now.year, 12, 25)
    if christmas < now.date():
        christmas = christmas.replace(year=now.year + 1)
    closure = Closure(christmas, LocalText.of(id="Hari Natal", en="Christmas Day"))
    return replace(snapshot, now=on(christmas), catalogue=replace(cast.menu, closures=(closure,)))


def _live(snapshot: KioskSnapshot, services: dict[str, ServiceLive]) -> KioskSnapshot:
    return replace(snapshot, live=Live(services, 0.0, in_touch=True, linked=True))


def _with_hours(cast: Cast, hours: WeeklyHours) -> KioskSnapshot:
    """The menu, with other hours for the agency of ``cast.first``."""
    agency = cast.first.agency
    services = tuple(replace(service, hours=hours) for service in agency.services)
    other = replace(agency, hours=hours, services=services)
    agencies = tuple(other if a is agency else a for a in cast.menu.agencies)
    return replace(cast.snapshot, catalogue=replace(cast.menu, agencies=agencies))


def _same(snapshot: KioskSnapshot, agency: Agency) -> Agency:
    """The agency as the menu of ``snapshot`` has it."""
    return snapshot.catalogue.agency(agency.code) or agency
