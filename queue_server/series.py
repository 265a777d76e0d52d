"""The letterless number series, their locks, and which tickets count in a queue."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from queue_server.clock import MINUTE_US
from queue_server.prepared import Prepared
from queue_server.schema import number_series, tickets

RESERVED_US = 2 * MINUTE_US
"""A reservation not settled within this time no longer counts."""
AHEAD_US = 10 * MINUTE_US
"""How far the clocks of two servers on one database may differ. A time further ahead is that of a
clock that was set right since."""


def advancing(dialect: str, only: Select[Any] | None = None) -> Any:
    """The upsert that takes the next number of a series.

    ``dialect``: ``sqlite`` or ``postgresql``. ``only``: take it only if this SELECT finds a row.
    """
    made = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(number_series)
    after_us = number_series.c.at_us + 1
    now_us = made.excluded.at_us
    named = {column.name: cast(bindparam(column.name), column.type) for column in number_series.c}
    if only is None:
        made = made.values(named)
    else:
        made = made.from_select(list(named), select(*named.values()).where(exists(only)))
    return made.on_conflict_do_update(
        index_elements=[number_series.c.business_date, number_series.c.prefix],
        set_={
            "last": number_series.c.last + 1,
            "at_us": case((now_us > after_us, now_us), else_=after_us),
        },
    ).returning(number_series.c.last, number_series.c.at_us)


_ADVANCE = Prepared(advancing("sqlite"), advancing("postgresql"))


def advance(connection: Connection, day: str, prefix: str, now_us: int) -> tuple[int, int]:
    """Take the next number of a letterless series. Returns it and the time of its reservation.

    One atomic upsert; the row stays locked until the transaction ends. The times of one series
    strictly increase even if the clocks of several servers differ, because they are the order in
    which tickets are called.
    """
    values = {"business_date": day, "prefix": prefix, "last": 1, "at_us": now_us}
    row = _ADVANCE.first(connection, values)
    return row.last, row.at_us


_LOCK = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("key"), 7116301)))


def lock(connection: Connection, day: str, prefix: str, letter: str) -> None:
    """Take the advisory lock of a series until the transaction ends (PostgreSQL).

    Serialises settlements and calls of its numbers. SQLite has one writer and needs no lock.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"key": f"{day} {prefix} {letter}"})


def counts(since_us: int | ColumnElement[int]) -> ColumnElement[bool]:
    """SQL: the ticket is not void, and is settled or was reserved within ``RESERVED_US``.

    ``since_us``: the begin of that time. A reservation from more than ``AHEAD_US`` ahead does not
    count until that time comes.
    """
    reserved_us = tickets.c.reserved_us
    held = and_(reserved_us > since_us, reserved_us - RESERVED_US - AHEAD_US <= since_us)
    return and_(tickets.c.state == "issued", or_(tickets.c.rev > 0, held))


def _given_us() -> ColumnElement[int]:
    """SQL: when a number was given, by the server's clock.

    Not ``order_us``: the times of a series never go back, so that after a clock that was ahead they
    stay ahead.
    """
    t = tickets.c
    issued_us = case((t.issued_us < t.settled_us, t.issued_us), else_=t.settled_us)
    return func.coalesce(t.reserved_us, issued_us, t.order_us)


def given_from(
    from_us: int | ColumnElement[int], since_us: int | ColumnElement[int]
) -> ColumnElement[bool]:
    """SQL: the number was given from ``from_us`` up to now; ``since_us``: as for ``counts``.

    Times more than ``AHEAD_US`` ahead belong to the hour that the wrong clock showed then.
    """
    return and_(_given_us() >= from_us, _given_us() - RESERVED_US - AHEAD_US <= since_us)


def waits(since_us: int | ColumnElement[int]) -> ColumnElement[bool]:
    """SQL: the ticket counts and waits to be called."""
    return and_(tickets.c.status == "waiting", counts(since_us))


_SINCE: BindParameter[int] = bindparam("since_us")
_OF_DAY = select(func.count()).where(
    tickets.c.business_date == bindparam("day"),
    tickets.c.service == bindparam("service"),
    tickets.c.placeholder.is_(False),
    counts(_SINCE),
)
_TAKEN = Prepared(_OF_DAY)
_TAKEN_FROM = Prepared(_OF_DAY.where(given_from(bindparam("from_us"), _SINCE)))
_WAITING = Prepared(
    select(func.count(), func.count(tickets.c.priority)).where(
        tickets.c.queue_date == bindparam("day"),
        tickets.c.service == bindparam("service"),
        waits(_SINCE),
    )
)
_AHEAD = Prepared(
    select(func.count()).where(
        tickets.c.queue_date == bindparam("day"),
        tickets.c.service == bindparam("service"),
        tickets.c.order_us < bindparam("order_us"),
        waits(_SINCE),
    )
)


def taken(
    connection: Connection, day: str, service: str, now_us: int, from_us: int | None = None
) -> int:
    """How much of a date's quota is used: ticket ids that count, given from ``from_us`` on (None:
    on the whole date)."""
    values = {"day": day, "service": service, "since_us": now_us - RESERVED_US}
    if from_us is None:
        return int(_TAKEN.first(connection, values)[0])
    return int(_TAKEN_FROM.first(connection, {**values, "from_us": from_us})[0])


def ahead_of(connection: Connection, day: str, service: str, order_us: int, now_us: int) -> int:
    """How many tickets of a service wait before the sort key ``order_us``."""
    values = {
        "day": day,
        "service": service,
        "order_us": order_us,
        "since_us": now_us - RESERVED_US,
    }
    return int(_AHEAD.first(connection, values)[0])


def waiting(connection: Connection, day: str, service: str, now_us: int) -> tuple[int, int]:
    """How many regular and how many priority tickets of a service wait."""
    values = {"day": day, "service": service, "since_us": now_us - RESERVED_US}
    whole, priority = _WAITING.first(connection, values)
    return whole - priority, priority


def newest_arrival_us(connection: Connection, until_us: int | None = None) -> int | None:
    """When the newest ticket arrived, by the server's clock; None without tickets.

    Not the newest business date: one row of a kiosk whose clock is in 2199 would hide the others.
    ``until_us``: ignore later arrivals, recorded while the server's clock was ahead.
    """
    t = tickets.c
    arrived_us = func.coalesce(t.settled_us, t.reserved_us, t.order_us)
    newest = select(func.max(arrived_us))
    if until_us is not None:
        newest = newest.where(arrived_us <= until_us)
    return connection.execute(newest).scalar()
