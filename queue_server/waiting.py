"""Estimated waiting time: a range of minutes from the tickets finished last."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, select

from menu.catalogue import Service
from menu.schedule import working_s
from queue_server.clock import MINUTE_US, SECOND_US, from_us, to_us
from queue_server.prepared import Prepared
from queue_server.schema import tickets

LAST = 10
"""Sample size: the tickets of a service finished last."""
MIN_SAMPLE = 3
"""With fewer finished tickets, the minutes of the menu are used."""
STAFFED_US = 45 * MINUTE_US
"""A counter that finished a ticket within this time counts as staffed. Only time within the
service's periods counts: after a break the counters are those of the time before it."""
PRIORITY_RATIO = 2
"""Default number of priority tickets that are called for each regular one."""
STEP_MINUTES = 5
MAX_MINUTES = 600

_t = tickets.c
_FINISHED = Prepared(
    select(_t.called_us, _t.ended_us, _t.counter)
    .where(
        _t.queue_date == bindparam("day"),
        _t.service == bindparam("wanted"),
        _t.status == "done",
    )
    .order_by(_t.ended_us.desc())
    .limit(LAST)
)

Finished = tuple[int, int, str | None]
"""``called_us``, ``ended_us``, counter."""

CACHE_S = 5.0


class Recent:
    """Cache of the last finished tickets by service: an estimate may be ``CACHE_S`` old."""

    def __init__(self) -> None:
        self._cache: dict[tuple[str, str], tuple[float, list[Finished]]] = {}

    def last_finished(self, connection: Connection, day: str, service: str) -> list[Finished]:
        """``last_finished``, at most ``CACHE_S`` seconds old."""
        now_s = time.monotonic()
        cached_s, found = self._cache.get((day, service), (float("-inf"), []))
        if now_s - cached_s > CACHE_S:
            found = last_finished(connection, day, service)
            # Drop the entries of other dates, so that the cache does not grow.
            self._cache = {k: v for k, v in self._cache.items() if k[0] == day}
            self._cache[day, service] = now_s, found
        return found


def last_finished(connection: Connection, day: str, service: str) -> list[Finished]:
    """The last ``LAST`` finished tickets of a service on a date, newest first."""
    values = {"day": day, "wanted": service}
    return [tuple(row) for row in _FINISHED.all(connection, values)]


def before_priority(priority: int, regular: int, ratio: int) -> int:
    """How many tickets are called before a new priority ticket.

    ``priority``, ``regular``: those that wait. ``ratio``: priority tickets called for each regular
    one; 0: all priority tickets first.
    """
    return priority + (min(regular, priority // ratio) if ratio else 0)


def _lately(service: Service, ended_us: int, now: datetime) -> bool:
    """Whether a ticket ended within ``STAFFED_US`` of working time before ``now``."""
    if to_us(now) - ended_us < STAFFED_US:
        return True
    worked_s = working_s(service.hours, from_us(ended_us, now.tzinfo or UTC), now)
    return worked_s * SECOND_US < STAFFED_US


def range_of(
    ahead: int, finished: Sequence[Finished], service: Service, now: datetime
) -> tuple[int, int] | None:
    """Shortest and longest wait in minutes, in steps of five; None without any basis.

    Time per ticket: first and third quartile of the sample, or the menu's minutes ± 25 %. That,
    times the people ahead, divided by the staffed counters. ``now``: aware, in the site's zone.
    """
    if len(finished) >= MIN_SAMPLE:
        spans = sorted(max(0, ended - called) / MINUTE_US for called, ended, _ in finished)
        short, long = spans[len(spans) // 4], spans[-1 - len(spans) // 4]
        staffed = {counter for _, ended, counter in finished if _lately(service, ended, now)}
        counters = max(1, len(staffed))
    elif service.minutes is not None:
        short, long = service.minutes * 0.75, service.minutes * 1.25
        counters = max(1, len(service.place.counters))
    else:
        return None
    low = int(ahead * short / counters) // STEP_MINUTES * STEP_MINUTES
    high = -int(-(ahead * long / counters) // STEP_MINUTES) * STEP_MINUTES
    low = min(low, MAX_MINUTES)
    return low, max(low + STEP_MINUTES, min(high, MAX_MINUTES))
