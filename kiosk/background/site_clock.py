"""The time at the site, and the demo's."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kiosk.background.clock import kernel_clock_synchronised
from kiosk.domain.config import Settings
from kiosk.domain.schedule import next_open_day, opening

DEMO_HOUR = 9


class SiteClock:
    """The time at the site: the system's, or for the demo one that runs from ``start``."""

    def __init__(self, zone: str, start: datetime | None = None) -> None:
        self._zone = ZoneInfo(zone)
        self._start = start
        self._began_s = time.monotonic()

    @property
    def simulated(self) -> bool:
        """Whether this is not the real time."""
        return self._start is not None

    def __call__(self) -> datetime:
        """Now: aware, in the site's zone."""
        if self._start is None:
            return datetime.now(self._zone)
        passed = timedelta(seconds=time.monotonic() - self._began_s)
        return (self._start + passed).astimezone(self._zone)

    def confirmed(self) -> bool:
        """Whether a synchronised clock stands behind the date."""
        return self.simulated or kernel_clock_synchronised()


def demo_start(settings: Settings) -> datetime:
    """09:00 site time on the next open day; later that day where nothing is open by then."""
    menu = settings.catalogue
    zone = ZoneInfo(menu.site.timezone)
    hours = tuple(found.service.hours for found in menu.services())
    day = next_open_day(hours, menu.closures, datetime.now(zone).date())
    nine = datetime(day.year, day.month, day.day, DEMO_HOUR, tzinfo=zone)
    answers = [
        opening(f.service.hours, menu.window, menu.closures, f.agency.code, nine)
        for f in menu.services()
    ]
    later = [a.opens for a in answers if a.opens is not None and a.opens.date() == day]
    return nine if any(a.open for a in answers) or not later else min(later)
