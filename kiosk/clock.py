"""The time at the site: from the system, corrected by the queue server, or simulated."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from kiosk.domain.config import Settings
from menu.schedule import next_open_day, opening

DEMO_HOUR = 9

TOLERATED = timedelta(seconds=60)
"""A system clock that differs from the server's by no more than this is used as it is."""

HEARD_FOR_S = 24 * 3600.0
"""How long the server's last time is used, measured by the clock since boot."""

_STA_UNSYNC = 0x0040
_TIME_ERROR = 5


def _system() -> datetime:
    return datetime.now(UTC)


def _since_boot() -> float:
    """Seconds since boot, including suspend (CLOCK_BOOTTIME): cannot be set."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class SiteClock:
    """The time at the site: the system's, or for the demo one that runs from ``start``.

    Once the queue server has sent its time, a system clock that differs by more than TOLERATED is
    ignored, because opening hours and business dates would be wrong. ``system`` and
    ``since_boot`` are replaced by tests.
    """

    def __init__(
        self,
        zone: str,
        start: datetime | None = None,
        *,
        system: Callable[[], datetime] = _system,
        since_boot: Callable[[], float] = _since_boot,
    ) -> None:
        self._zone = ZoneInfo(zone)
        self._start = start
        self._began_s = time.monotonic()
        self._system = system
        self._since_boot = since_boot
        self._heard: tuple[datetime, float] | None = None

    @property
    def simulated(self) -> bool:
        """Whether the time is simulated."""
        return self._start is not None

    def __call__(self) -> datetime:
        """Now: aware, in the site's zone."""
        if self._start is not None:
            passed = timedelta(seconds=time.monotonic() - self._began_s)
            return (self._start + passed).astimezone(self._zone)
        server_time, system = self._server_time(), self._system()
        if server_time is not None and abs(system - server_time) > TOLERATED:
            system = server_time
        return system.astimezone(self._zone)

    def learn(self, server_time: datetime) -> None:
        """Take the server's time (aware) as the present moment."""
        self._heard = (server_time, self._since_boot())

    @property
    def ahead_s(self) -> float:
        """Seconds by which the system's clock is ahead of the server's; 0 when the difference is
        tolerated or unknown."""
        server_time = self._server_time()
        if server_time is None or self.simulated:
            return 0.0
        ahead = self._system() - server_time
        return ahead.total_seconds() if abs(ahead) > TOLERATED else 0.0

    def confirmed(self) -> bool:
        """Whether the date is confirmed by the server or by a synchronised system clock."""
        return self.simulated or self._server_time() is not None or kernel_clock_synchronised()

    def _server_time(self) -> datetime | None:
        """The present moment by the server's last answer; None without a recent one."""
        if self._heard is None:
            return None
        moment, heard_s = self._heard
        passed_s = self._since_boot() - heard_s
        return moment + timedelta(seconds=passed_s) if passed_s <= HEARD_FOR_S else None


def demo_start(settings: Settings) -> datetime:
    """09:00 site time on the next open day, or the first opening later that day."""
    menu = settings.catalogue
    zone = ZoneInfo(menu.site.timezone)
    hours = tuple(found.service.hours for found in menu.services())
    day = next_open_day(hours, menu.closed, datetime.now(zone).date())
    nine = datetime(day.year, day.month, day.day, DEMO_HOUR, tzinfo=zone)
    answers = [
        opening(f.service.hours, menu.window, menu.closed, f.agency.code, nine)
        for f in menu.services()
    ]
    later = [a.opens for a in answers if a.opens is not None and a.opens.date() == day]
    return nine if any(a.open for a in answers) or not later else min(later)


class _Timex(ctypes.Structure):
    """The beginning of ``struct timex`` (adjtimex(2)), padded beyond its full size."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 512),
    )


def kernel_clock_synchronised() -> bool:
    """Whether the Linux kernel's clock is synchronised to a time source (adjtimex(2)).

    NTP and PTP daemons clear the flag STA_UNSYNC; the kernel sets it again some hours after their
    last update. False where the kernel cannot be asked.
    """
    if not sys.platform.startswith("linux"):
        return False
    timex = _Timex()
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return False
    return state not in (-1, _TIME_ERROR) and not timex.status & _STA_UNSYNC
