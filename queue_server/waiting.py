"""How long people wait: a range, from the last tickets that were finished."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from queue_server.clock import MINUTE_US
from queue_server.menu import Service
from queue_server.prepared import Prepared
from queue_server.schema import tickets

LAST = 10
"""So many of the last finished tickets are looked at."""
ENOUGH = 3
"""With fewer than these, the menu's usual minutes are used."""
RECENT_US = 45 * MINUTE_US
"""Counters that finished somebody within this time are taken to be at work."""
STEP = 5
MOST_MINUTES = 600

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
"""When it was called, when it ended, at which counter."""


KEPT_S = 5.0


class Recent:
    """The last finished tickets by service, kept for a moment: a range needs no more."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], tuple[float, list[Finished]]] = {}

    def last_finished(self, connection: Connection, day: str, service: str) -> list[Finished]:
        """As ``last_finished``, at most ``KEPT_S`` seconds old."""
        now_s = time.monotonic()
        made_s, found = self._held.get((day, service), (float("-inf"), []))
        if now_s - made_s > KEPT_S:
            found = last_finished(connection, day, service)
            self._held = {k: v for k, v in self._held.items() if k[0] == day}
            self._held[day, service] = now_s, found
        return found


def last_finished(connection: Connection, day: str, service: str) -> list[Finished]:
    """The last finished tickets of a service today, newest first."""
    values = {"day": day, "wanted": service}
    return [tuple(row) for row in _FINISHED.all(connection, values)]


def range_of(
    ahead: int, finished: Sequence[Finished], service: Service, now_us: int
) -> tuple[int, int] | None:
    """From and to in minutes, in steps of five; None where nobody can say.

    The shorter and the longer of the usual times at the counter, for each person ahead, shared
    among the counters that are at work.
    """
    if len(finished) >= ENOUGH:
        spans = sorted(max(0, ended - called) / MINUTE_US for called, ended, _ in finished)
        short, long = spans[len(spans) // 4], spans[-1 - len(spans) // 4]
        at_work = {counter for _, ended, counter in finished if now_us - ended < RECENT_US}
        counters = max(1, len(at_work))
    elif service.minutes is not None:
        short, long = service.minutes * 0.75, service.minutes * 1.25
        counters = max(1, len(service.counters))
    else:
        return None
    low = int(ahead * short / counters) // STEP * STEP
    high = -int(-(ahead * long / counters) // STEP) * STEP
    low = min(low, MOST_MINUTES)
    return low, max(low + STEP, min(high, MOST_MINUTES))
