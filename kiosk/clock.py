"""The time at the site, the server's word for it, and the demo's."""

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
"""A system clock this near to the server's is left alone."""

HEARD_FOR_S = 24 * 3600.0
"""How long the server's word for the time holds, by the clock that counts since the boot."""

_STA_UNSYNC = 0x0040
_TIME_ERROR = 5


def _system() -> datetime:
    return datetime.now(UTC)


def _since_boot() -> float:
    """Seconds since the boot, those asleep too: nobody can set this clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class SiteClock:
    """The time at the site: the system's, or for the demo one that runs from ``start``.

    Once the queue server has said what time it is, a system clock that is far off is not
    believed any more: its hours and dates would be wrong. ``system`` and ``since_boot`` are for
    tests.
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
        """Whether this is not the real time."""
        return self._start is not None

    def __call__(self) -> datetime:
        """Now: aware, in the site's zone."""
        if self._start is not None:
            passed = timedelta(seconds=time.monotonic() - self._began_s)
            return (self._start + passed).astimezone(self._zone)
        told, system = self._told(), self._system()
        if told is not None and abs(system - told) > TOLERATED:
            system = told
        return system.astimezone(self._zone)

    def learn(self, server_time: datetime) -> None:
        """Take the server's word for the present moment (aware)."""
        self._heard = (server_time, self._since_boot())

    @property
    def ahead_s(self) -> float:
        """How far the system's clock is ahead of the server's, in seconds; 0 where it is near
        enough or nobody knows."""
        told = self._told()
        if told is None or self.simulated:
            return 0.0
        ahead = self._system() - told
        return ahead.total_seconds() if abs(ahead) > TOLERATED else 0.0

    def confirmed(self) -> bool:
        """Whether the server or a synchronised clock stands behind the date."""
        return self.simulated or self._told() is not None or kernel_clock_synchronised()

    def _told(self) -> datetime | None:
        """The moment now by the server's last word; None without a recent one."""
        if self._heard is None:
            return None
        moment, heard_s = self._heard
        passed_s = self._since_boot() - heard_s
        return moment + timedelta(seconds=passed_s) if passed_s <= HEARD_FOR_S else None


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


class _Timex(ctypes.Structure):
    """The head of ``struct timex`` (adjtimex(2)), and more room than the rest of it takes."""

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
    """Whether the Linux kernel says that a time source keeps its clock (adjtimex(2)).

    NTP and PTP daemons clear the mark "unsynchronised"; the kernel sets it again when they have
    been silent for some hours. False where nobody can say.
    """
    if not sys.platform.startswith("linux"):
        return False
    timex = _Timex()
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return False
    return state not in (-1, _TIME_ERROR) and not timex.status & _STA_UNSYNC
