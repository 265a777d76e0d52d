"""Time as the server stores it: whole microseconds since 1970, UTC.

Integers compare and sort alike on both databases. Business dates are ``YYYY-MM-DD``, local to the
site.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, tzinfo

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """An aware datetime in microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def from_us(value_us: int, zone: tzinfo = UTC) -> datetime:
    """Microseconds since 1970 as a datetime in ``zone``."""
    return (_EPOCH + timedelta(microseconds=value_us)).astimezone(zone)


def day_of(value_us: int, zone: tzinfo) -> date:
    """The local date in ``zone``."""
    return from_us(value_us, zone).date()


def rfc3339(value_us: int, zone: tzinfo = UTC) -> str:
    """RFC 3339 text, to the second, with the offset of ``zone``."""
    return from_us(value_us, zone).isoformat(timespec="seconds")


class Clock:
    """The system clock, or one that starts at ``start`` (demonstrations and tests)."""

    def __init__(self, start: datetime | None = None) -> None:
        self._offset_us = 0 if start is None else to_us(start) - time.time_ns() // 1000

    def now_us(self) -> int:
        """Microseconds since 1970."""
        return time.time_ns() // 1000 + self._offset_us
