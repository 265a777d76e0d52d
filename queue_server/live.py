"""The state of every service now, as each answer of an exchange carries it.

A snapshot takes a few queries over all services and is cached for ``KEPT_S``, because hundreds of
kiosks ask for the same. A change by this process invalidates it at once.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from menu.catalogue import Service
from menu.limits import Limit, room
from menu.numbers import Number
from queue_server import series, waiting
from queue_server.catalogue import LiveCatalogue
from queue_server.clock import Clock, from_us, to_us
from queue_server.database import Database
from queue_server.schema import paused, tickets
from queue_server.served_menu import ServedMenu

KEPT_S = 1.0
"""Maximum age of a snapshot in seconds."""


class LiveStates:
    """Caches the last snapshot as JSON."""

    def __init__(
        self,
        database: Database,
        catalogue: LiveCatalogue,
        clock: Clock,
        ratio: int,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._ratio = ratio
        self._making = asyncio.Lock()
        self._made_s = float("-inf")
        self._changes = 0
        self._seen = -1
        self._text = "{}"

    def changed(self) -> None:
        """Invalidate the snapshot after a write that it shows."""
        self._changes += 1

    async def text(self) -> str:
        """The states of all services as JSON; at most ``KEPT_S`` old."""
        async with self._making:
            if self._seen != self._changes or time.monotonic() - self._made_s > KEPT_S:
                self._seen = self._changes
                menu, now_us = self._catalogue.menu, self._clock.now_us()
                found = await self._database.read(lambda c: states(c, menu, now_us, self._ratio))
                self._text = json.dumps(found, separators=(",", ":"))
                self._made_s = time.monotonic()
            return self._text


def states(
    connection: Connection, menu: ServedMenu, now_us: int, ratio: int
) -> dict[str, dict[str, Any]]:
    """The state of each service of the menu, by code.

    ``ratio``: priority tickets called for each regular one; 0: all of them first.
    """
    day = from_us(now_us, menu.zone).date().isoformat()
    now = from_us(now_us)
    limits = {code: menu.limits(service, now) for code, service in menu.services.items()}
    begins = {limit.since for some in limits.values() for limit in some if limit.since is not None}
    rows = _Rows(connection, day, now_us, begins, ratio)
    return {
        code: _state(rows, menu, service, now_us, limits[code])
        for code, service in menu.services.items()
    }


class _Rows:
    """The database's figures of all services on one business date."""

    def __init__(
        self,
        connection: Connection,
        day: str,
        now_us: int,
        begins: Iterable[datetime],
        ratio: int,
    ) -> None:
        """``begins``: the moments from which numbers are counted for a limit."""
        t = tickets.c
        since_us = now_us - series.RESERVED_US
        today = t.queue_date == day
        counted = select(t.service, func.count()).group_by(t.service)
        waiting_now = counted.where(today, series.waits(since_us))
        self.waiting = _by_service(connection, waiting_now)
        self.priority = _by_service(connection, waiting_now.where(t.priority.is_not(None)))
        self.ratio = ratio
        taken = counted.where(
            t.business_date == day, t.placeholder.is_(False), series.counts(since_us)
        )
        self.taken: dict[datetime | None, dict[str, int]] = {}
        self.taken[None] = _by_service(connection, taken)
        for since in begins:
            from_then = taken.where(series.given_from(to_us(since), since_us))
            self.taken[since] = _by_service(connection, from_then)
        self.serving = serving(connection, day)
        self.finished = _finished(connection, day)
        self.paused = {
            row.service: row.until_us
            for row in connection.execute(select(paused))
            if row.until_us is None or row.until_us > now_us
        }


def _by_service(connection: Connection, counted: Select[str, int]) -> dict[str, int]:
    """The rows of a SELECT of service and count, as a dictionary."""
    return dict(connection.execute(counted).all())


def serving(connection: Connection, day: str) -> dict[str, str]:
    """The number that was called last on ``day``, by service."""
    t = tickets.c
    called = t.queue_date == day, t.called_us.is_not(None), t.status != "joined"
    last = (
        select(t.service, func.max(t.called_us).label("called_us"))
        .where(*called)
        .group_by(t.service)
        .subquery()
    )
    shown = select(t.service, t.prefix, t.letter, t.value).join(
        last, (last.c.service == t.service) & (last.c.called_us == t.called_us)
    )
    return {
        row.service: str(Number(row.prefix, row.letter, row.value))
        for row in connection.execute(shown.where(*called))
    }


def _finished(connection: Connection, day: str) -> dict[str, list[waiting.Finished]]:
    t = tickets.c
    place = func.row_number().over(partition_by=t.service, order_by=t.ended_us.desc())
    ranked = (
        select(t.service, t.called_us, t.ended_us, t.counter, place.label("place"))
        .where(t.queue_date == day, t.status == "done")
        .subquery()
    )
    found: dict[str, list[waiting.Finished]] = defaultdict(list)
    for row in connection.execute(select(ranked).where(ranked.c.place <= waiting.LAST)):
        found[row.service].append((row.called_us, row.ended_us, row.counter))
    return found


def _state(
    rows: _Rows, menu: ServedMenu, service: Service, now_us: int, limits: Sequence[Limit]
) -> dict[str, Any]:
    code = service.code
    now = from_us(now_us)
    opening = menu.opening(service, now)
    left = room(limits, lambda since: rows.taken[since].get(code, 0))
    hour = next((limit.since for limit in limits if limit.since is not None), None)
    ahead = rows.waiting.get(code, 0)
    finished, local = rows.finished.get(code, []), now.astimezone(menu.zone)
    wait = waiting.range_of(ahead, finished, service, local)
    reason, until = None, opening.until if opening.open else opening.opens
    if not opening.open:
        reason = "closed"
    elif code in rows.paused:
        reason = "paused"
        end_us = rows.paused[code]
        until = None if end_us is None else from_us(end_us, menu.zone)
    elif left is not None and left.left <= 0:
        reason, until = "quota_full", menu.again_after(service, left.limit)
    elif menu.too_late(service, now, wait) and not (
        menu.catalogue.priority_groups and _in_time_for_priority(rows, menu, service, local)
    ):
        # Open while a priority number is given: a regular visitor gets the reason with the refusal.
        reason, until = "quota_full", menu.next_day_after(service, now)
    return {
        "waiting": ahead,
        "wait_minutes": wait,
        "now_serving": rows.serving.get(code),
        "open": reason is None,
        "reason": reason,
        "until": None if until is None else until.isoformat(timespec="seconds"),
        "quota_left": None if left is None else max(0, left.left),
        "given_day": None if hour is None else rows.taken[None].get(code, 0),
        "given_hour": None if hour is None else rows.taken[hour].get(code, 0),
    }


def _in_time_for_priority(rows: _Rows, menu: ServedMenu, service: Service, now: datetime) -> bool:
    """Whether a priority number taken at ``now`` (site time) would be called before closing."""
    priority = rows.priority.get(service.code, 0)
    regular = rows.waiting.get(service.code, 0) - priority
    ahead = waiting.before_priority(priority, regular, rows.ratio)
    finished = rows.finished.get(service.code, [])
    return not menu.too_late(service, now, waiting.range_of(ahead, finished, service, now))
