"""The time at the site: from the system, corrected by the queue server, or simulated.

A machine without a network and with an empty clock battery starts in 1970 or at the date of its
firmware. Such a time must not date a number: ``SiteClock`` says whether it believes its reading,
and holds another moment in place of one that it does not believe. The hold does not close the
kiosk: it is a moment at which numbers were given, or the first opening after the release.
"""

from __future__ import annotations

import ctypes
import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as dtime
from zoneinfo import ZoneInfo

from kiosk.domain.config import Settings
from menu.schedule import next_open_day, opening

DEMO_HOUR = 9

TOLERATED = timedelta(seconds=60)
"""A system clock that differs from the server's by no more than this is used as it is."""

SET_BACK = timedelta(hours=1)
"""A system clock that is behind the newest number by no more than this lost some time in a restart:
the time of that number holds until the clock has reached it."""

CATCHES_UP = timedelta(days=1)
"""A system clock that is behind the newest number by no more than this will reach it soon: until
then the time of that number holds still. A time that went on would stay ahead of the clock for
ever, because each number that is given moves the newest one."""

LASTS = timedelta(days=15 * 365)
"""No machine runs a release for longer: a clock beyond it has overflowed or was set wrong."""

HEARD_FOR_S = 24 * 3600.0
"""How long the server's last time is used, measured by the clock since boot."""

log = logging.getLogger(__name__)

_STA_UNSYNC = 0x0040
_TIME_ERROR = 5


def _system() -> datetime:
    return datetime.now(UTC)


def since_boot() -> float:
    """Seconds since boot, including suspend (CLOCK_BOOTTIME): cannot be set."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class SiteClock:
    """The time at the site: the system's, or for the demo one that runs from ``start``.

    Once the queue server has sent its time, a system clock that differs by more than TOLERATED is
    ignored, because opening hours and business dates would be wrong.

    Without the server's time a system clock is not believed when it reads

    - before the ``released`` date of this program, or more than LASTS after it;
    - before ``newest()``, the time of the newest number (aware; None for none), by more than
      SET_BACK, unless the kernel reports that it is synchronised: numbers may have been given
      under a wrong clock that has been set right since.

    In place of a reading that is not believed the clock goes on from the last believed one by the
    clock since boot. Where the newest number is later, it goes on from there if the system's clock
    is behind by more than CATCHES_UP. Else it holds the time of the newest number, and without one
    ``first_opening()``: by a clock that has lost its time, closing time could come at any moment.

    ``system`` and ``since_boot`` are replaced by tests.
    """

    def __init__(
        self,
        zone: str,
        start: datetime | None = None,
        *,
        released: date | None = None,
        newest: Callable[[], datetime | None] = lambda: None,
        first_opening: Callable[[], datetime] | None = None,
        system: Callable[[], datetime] = _system,
        since_boot: Callable[[], float] = since_boot,
    ) -> None:
        self._zone = ZoneInfo(zone)
        self._start = start
        self._began_s = time.monotonic()
        self._released: datetime | None = None
        if released is not None:
            self._released = datetime.combine(released, dtime(), tzinfo=self._zone)
        self._newest = newest
        self._first_opening = first_opening
        self._system = system
        self._since_boot = since_boot
        self._heard: tuple[datetime, float] | None = None
        self._believed: tuple[datetime, float] | None = None

    @property
    def simulated(self) -> bool:
        """Whether the time is simulated."""
        return self._start is not None

    def __call__(self) -> datetime:
        """Now: aware, in the site's zone."""
        if self._start is not None:
            passed = timedelta(seconds=time.monotonic() - self._began_s)
            return (self._start + passed).astimezone(self._zone)
        return self._reading()[0].astimezone(self._zone)

    def believed(self) -> bool:
        """Whether the time is the server's or a system clock's that can be right."""
        return self.simulated or self._reading()[1]

    def learn(self, server_time: datetime) -> None:
        """Take the server's time (aware) as the present moment, if it can be right."""
        if self._possible(server_time):
            self._heard = (server_time, self._since_boot())
        else:
            log.warning("the server's clock cannot be right: %s", server_time)

    @property
    def ahead_s(self) -> float:
        """Seconds by which the system's clock is ahead of the server's; 0 when the difference is
        tolerated or unknown."""
        server_time = self._server_time()
        if server_time is None or self.simulated:
            return 0.0
        ahead = self._system() - server_time
        return ahead.total_seconds() if abs(ahead) > TOLERATED else 0.0

    def system_time(self) -> datetime | None:
        """The system's clock (aware, in the site's zone), where somebody says that it is right; the
        server's or simulated time where there is one. None for a reading that cannot be right."""
        if self.simulated or self._server_time() is not None:
            return self()
        system = self._system()
        return system.astimezone(self._zone) if self._possible(system) else None

    def confirmed(self) -> bool:
        """Whether the date is confirmed by the server or by a synchronised system clock."""
        if self.simulated or self._server_time() is not None:
            return True
        return self._possible(self._system()) and kernel_clock_synchronised()

    def _reading(self) -> tuple[datetime, bool]:
        """The present moment, and whether it is believed."""
        system, server_time, newest = self._system(), self._server_time(), self._newest()
        if server_time is not None:
            moment = server_time if abs(system - server_time) > TOLERATED else system
        elif not self._possible(system):
            return self._held(system), False
        elif (
            newest is None
            or system >= newest
            or not self._possible(newest)
            or kernel_clock_synchronised()
        ):
            moment = system
        elif newest - system <= SET_BACK:
            moment = newest
        else:
            return self._held(system), False
        self._believed = (moment, self._since_boot())
        return moment, True

    def _held(self, system: datetime) -> datetime:
        """The moment in place of ``system``, a reading that is not believed."""
        newest, now_s = self._newest(), self._since_boot()
        if newest is not None and not self._possible(newest):
            newest = None
        if self._believed is not None:
            moment, read_s = self._believed
            going_on = moment + timedelta(seconds=now_s - read_s)
            if newest is None or going_on >= newest:
                return going_on
        if newest is None:
            return self._first_opening() if self._first_opening else self._released or system
        if self._possible(system) and newest - system > CATCHES_UP:
            self._believed = (newest, now_s)
        return newest

    def _possible(self, moment: datetime) -> bool:
        """Whether a right clock can read ``moment``."""
        return self._released is None or self._released <= moment <= self._released + LASTS

    def _server_time(self) -> datetime | None:
        """The present moment by the server's last answer; None without a recent one."""
        if self._heard is None:
            return None
        moment, heard_s = self._heard
        passed_s = self._since_boot() - heard_s
        return moment + timedelta(seconds=passed_s) if passed_s <= HEARD_FOR_S else None


def demo_start(settings: Settings) -> datetime:
    """``opening_from`` today."""
    today = datetime.now(ZoneInfo(settings.catalogue.site.timezone)).date()
    return opening_from(settings, today)


def opening_from(settings: Settings, first: date) -> datetime:
    """09:00 site time on the first open day from ``first`` on, or the first opening later that
    day."""
    menu = settings.catalogue
    zone = ZoneInfo(menu.site.timezone)
    hours = tuple(found.service.hours for found in menu.services())
    day = next_open_day(hours, menu.closed, first)
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
