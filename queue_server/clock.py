"""Time as the server keeps it: whole microseconds since 1970, UTC.

One kind of figure on both databases, compared and sorted as a number. Dates of business are
``YYYY-MM-DD`` at the site.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, tzinfo

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """An aware moment in microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def from_us(value_us: int, zone: tzinfo = UTC) -> datetime:
    """The moment of ``value_us`` in ``zone``."""
    return (_EPOCH + timedelta(microseconds=value_us)).astimezone(zone)


def day_of(value_us: int, zone: tzinfo) -> date:
    """The local date at the site."""
    return from_us(value_us, zone).date()


def written(value_us: int, zone: tzinfo = UTC) -> str:
    """RFC 3339, to the second, with the site's offset."""
    return from_us(value_us, zone).isoformat(timespec="seconds")


class Clock:
    """The server's clock: the system's, or one that runs from ``start`` (demonstrations, tests)."""

    def __init__(self, start: datetime | None = None) -> None:
        self._offset_us = 0 if start is None else to_us(start) - time.time_ns() // 1000

    def now_us(self) -> int:
        """Microseconds since 1970."""
        return time.time_ns() // 1000 + self._offset_us
