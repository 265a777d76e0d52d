"""The letterless lines, and which tickets stand in a queue."""

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
from queue_server.schema import lines, tickets

RESERVED_US = 2 * MINUTE_US
"""A reservation that was not settled for so long stops counting."""


def advancing(dialect: str, only: Select[Any] | None = None) -> Any:
    """The statement that moves a line on by one; with ``only`` where that finds a row."""
    made = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(lines)
    after_us = lines.c.at_us + 1
    now_us = made.excluded.at_us
    named = {column.name: cast(bindparam(column.name), column.type) for column in lines.c}
    if only is None:
        made = made.values(named)
    else:
        made = made.from_select(list(named), select(*named.values()).where(exists(only)))
    return made.on_conflict_do_update(
        index_elements=[lines.c.business_date, lines.c.prefix],
        set_={
            "last": lines.c.last + 1,
            "at_us": case((now_us > after_us, now_us), else_=after_us),
        },
    ).returning(lines.c.last, lines.c.at_us)


_ADVANCE = Prepared(advancing("sqlite"), advancing("postgresql"))


def advance(connection: Connection, day: str, prefix: str, now_us: int) -> tuple[int, int]:
    """The next value of a letterless line, and the moment of it; the line stays locked.

    One atomic statement. The moments of one line only ever grow, whatever the clocks of several
    servers say: they are the order of reservation.
    """
    values = {"business_date": day, "prefix": prefix, "last": 1, "at_us": now_us}
    row = _ADVANCE.first(connection, values)
    return row.last, row.at_us


_LOCK = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("line"), 7116301)))


def lock(connection: Connection, day: str, prefix: str, letter: str) -> None:
    """Keeps settlements and calls of one line's numbers apart until the transaction ends.

    SQLite needs none: it has one writer.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"line": f"{day} {prefix} {letter}"})


def counts(since_us: int | ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a ticket counts: settled and not void, or reserved after ``since_us``."""
    return and_(
        tickets.c.state == "issued", or_(tickets.c.rev > 0, tickets.c.reserved_us > since_us)
    )


def waits(since_us: int | ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a ticket waits in a queue."""
    return and_(tickets.c.status == "waiting", counts(since_us))


_SINCE: BindParameter[int] = bindparam("since_us")
_TAKEN = Prepared(
    select(func.count()).where(
        tickets.c.business_date == bindparam("day"),
        tickets.c.service == bindparam("service"),
        tickets.c.placeholder.is_(False),
        counts(_SINCE),
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


def taken(connection: Connection, day: str, service: str, now_us: int) -> int:
    """How many places of a day's quota are taken: ids that are not void."""
    values = {"day": day, "service": service, "since_us": now_us - RESERVED_US}
    return int(_TAKEN.first(connection, values)[0])


def ahead_of(connection: Connection, day: str, service: str, order_us: int, now_us: int) -> int:
    """How many people wait before a place in a service's queue."""
    values = {
        "day": day,
        "service": service,
        "order_us": order_us,
        "since_us": now_us - RESERVED_US,
    }
    return int(_AHEAD.first(connection, values)[0])
