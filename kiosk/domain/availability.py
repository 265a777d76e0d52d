"""When a service gives numbers: by the hours, and by what the queue server and staff say.

Apart from the snapshot of the kiosk because these are rules and the snapshot is data: they need
the menu, the time and the live state of the queue, and nothing of the machine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.domain.live import QUOTA_FULL, Ahead, Live, ServiceLive
from menu.catalogue import Agency, Catalogue, Service
from menu.schedule import Opening, Why, closing, first_from, opening, working_s


@dataclass(frozen=True, slots=True)
class Availability:
    """``now``: aware, in the site's zone. ``live``: the live state of the queue."""

    catalogue: Catalogue
    now: datetime
    live: Live

    @property
    def site_closed(self) -> Opening | None:
        """When numbers are given again, while no service of the whole site gives any; else None."""
        offering = [a for a in self.catalogue.agencies if a.services]
        if not offering:
            return None
        soonest = _best([self.opening(a) for a in offering])
        return None if soonest.open else soonest

    def opening(self, agency: Agency, service: Service | None = None) -> Opening:
        """Whether numbers are given now for a service, or for any service of an agency."""
        menu = self.catalogue
        wanted = (service,) if service else agency.services
        answers = [self._now(agency, s) for s in wanted] or [
            opening(agency.hours, menu.window, menu.closed, agency.code, self.now)
        ]
        return _best(answers)

    def _now(self, agency: Agency, service: Service) -> Opening:
        """By the hours, and where they let numbers be given by what the server and staff say."""
        hours = self._hours(agency, service, self.now)
        state = self.live.services.get(service.code)
        if state is None or state.open:
            return hours
        if state.reason != QUOTA_FULL:
            return self._paused(agency, service, hours, state)
        ended = state.until is not None and state.until <= self.now
        if ended or not hours.open:
            return hours
        evening = self.now.replace(hour=23, minute=59, second=59)
        again = self._hours(agency, service, evening)
        full = replace(again, why=Why.QUOTA, until=None, reason=None)
        if state.until is None or state.until == full.opens:
            return full
        # A limit that ends earlier, or hours that the server knows better.
        return replace(full, opens=state.until, service_opens=None)

    def _paused(
        self, agency: Agency, service: Service, hours: Opening, state: ServiceLive
    ) -> Opening:
        """For a service that is paused: ``hours``, unless the pause outlasts their next opening.

        A pause may end while the hours give no numbers: it promises the first opening after it.
        """
        until = state.until
        if not hours.open and (until is None or hours.opens is None or until <= hours.opens):
            return hours
        opens, counters = (None, None)
        if until is not None:
            opens, counters = self.again_from(agency, service, until)
        paused = replace(hours, why=Why.PAUSED, until=None, opens=opens, service_opens=counters)
        return replace(paused, reason=state.words)

    def again_from(
        self, agency: Agency, service: Service, moment: datetime
    ) -> tuple[datetime | None, datetime | None]:
        """By the hours: when numbers are first given at or after ``moment`` (aware), and when
        counters open then."""
        menu, local = self.catalogue, moment.astimezone(self.now.tzinfo)
        return first_from(service.hours, menu.window, menu.closed, agency.code, local)

    def _hours(self, agency: Agency, service: Service, moment: datetime) -> Opening:
        menu = self.catalogue
        return opening(service.hours, menu.window, menu.closed, agency.code, moment)

    def busy(self, service: Service) -> bool:
        """Whether more people wait for a service than the menu's ``confirm_above``.

        Only a recent answer of the server counts: ``live`` holds nothing older than 30 s.
        """
        above, state = self.catalogue.confirm_above, self.live.services.get(service.code)
        return above is not None and state is not None and (state.waiting or 0) > above

    def asks(self, agency: Agency, service: Service) -> bool:
        """Whether a question comes before the number: many wait, or the wait passes closing."""
        return self.busy(service) or self.late(agency, service)

    def late(self, agency: Agency, service: Service) -> bool:
        """Whether the estimated wait reaches past today's end of the service's hours, as counters
        work (``ends_late``)."""
        state = self.live.services.get(service.code)
        if state is None or not state.waiting or not self.opening(agency, service).open:
            return False
        return self.ends_late(service, Ahead(state.waiting, state.wait_minutes))

    def ends_late(self, service: Service, ahead: Ahead) -> bool:
        """Whether the wait of ``ahead`` ends after today's end of the service's hours.

        The wait is an estimate of the time that counters work. It passes within the service's
        periods only: not in a break, and not before opening.
        """
        closes = closing(service.hours, self.now)
        if not ahead.wait_minutes or closes is None:
            return False
        return ahead.wait_minutes[1] * 60 > working_s(service.hours, self.now, closes)

    def waiting(self, agency: Agency) -> int | None:
        """People waiting for any service of an agency; None if unknown."""
        states = (self.live.services.get(s.code) for s in agency.services)
        known = [s.waiting for s in states if s is not None and s.waiting is not None]
        return sum(known) if known else None


def _best(answers: list[Opening]) -> Opening:
    """The opening that serves a visitor soonest; among open ones the one that closes last."""
    open_ones = [a for a in answers if a.open]
    if open_ones:
        return max(open_ones, key=lambda a: a.until.timestamp() if a.until else 0.0)
    return min(answers, key=lambda a: a.opens.timestamp() if a.opens else float("inf"))
