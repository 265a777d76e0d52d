"""What there is one of: the epoch, and the etag of the live catalogue."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, bindparam, insert, select, update

from queue_server.schema import meta

_FIND = select(meta.c.value).where(meta.c.name == bindparam("fact"))


def fact(connection: Connection, name: str) -> str | None:
    """The value of a fact, None where it was never set."""
    return connection.execute(_FIND, {"fact": name}).scalar()


def set_fact(connection: Connection, name: str, value: str) -> None:
    """Sets a fact."""
    known = meta.c.name == name
    if not connection.execute(update(meta).where(known).values(value=value)).rowcount:
        connection.execute(insert(meta).values(name=name, value=value))


def epoch(connection: Connection) -> str:
    """The present epoch; ``begin_epoch`` was called when the database was opened."""
    return fact(connection, "epoch") or ""


def begin_epoch(connection: Connection, *, anew: bool = False) -> str:
    """Makes an epoch where there is none; ``anew``: a new one, after a restore.

    It is random: a backup that is put back twice must not come to the same one twice.
    """
    held = fact(connection, "epoch")
    if held is None or anew:
        held = secrets.token_hex(8)
        set_fact(connection, "epoch", held)
    return held
