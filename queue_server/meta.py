"""Singleton values: server epoch and the ETag of the current catalogue (table ``facts``)."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from queue_server.schema import meta

EPOCH, CATALOGUE = "epoch", "catalogue"
CONFIRMED = "catalogue_confirmed"
"""The ETag of a menu that staff confirmed although it lacks many services."""
SITE = "site"
"""The name of the MPP whose database this is (``ServedMenu.site``)."""
SITE_CONFIRMED = "site_confirmed"
"""The new name of the MPP, confirmed by staff (``queue-server check --rename-site``)."""
WRITE_PROBE = "write_probe"
PROBE_BYTES = 64 * 1024
RESTORING = "restoring"
"""Set by a restore in the transaction that loads the backup; ``restored`` deletes it. While it is
set, nothing may be served: numbers given after the backup would be given again."""
MARK_RESTORING = """
DELETE FROM facts WHERE name = 'restoring';
INSERT INTO facts (name, value) VALUES ('restoring', '1');
"""

_FIND = select(meta.c.value).where(meta.c.name == bindparam("key"))


def get(connection: Connection, name: str) -> str | None:
    """The value stored under ``name``; None if it was never set."""
    return connection.execute(_FIND, {"key": name}).scalar()


def put(connection: Connection, name: str, value: str) -> None:
    """Store ``value`` under ``name``, replacing an older one."""
    known = meta.c.name == name
    if not connection.execute(update(meta).where(known).values(value=value)).rowcount:
        connection.execute(insert(meta).values(name=name, value=value))


def remove(connection: Connection, name: str) -> bool:
    """Delete the value stored under ``name``; whether there was one."""
    return connection.execute(delete(meta).where(meta.c.name == name)).rowcount > 0


def probe_write(connection: Connection) -> None:
    """Write a new value of 64 KiB: it needs as much room as a busy second's reservations.

    Random, because PostgreSQL compresses long values (TOAST): a repeated text needs no room.
    """
    put(connection, WRITE_PROBE, secrets.token_hex(PROBE_BYTES // 2))


def epoch(connection: Connection) -> str:
    """The current epoch. Requires an earlier ``ensure_epoch``."""
    return get(connection, EPOCH) or ""


def ensure_epoch(connection: Connection) -> str:
    """The current epoch; creates one on a new database."""
    return get(connection, EPOCH) or new_epoch(connection)


def new_epoch(connection: Connection) -> str:
    """Replace the epoch, after a restore.

    It is random, not a counter: one backup restored twice must not yield the same epoch twice.
    """
    value = secrets.token_hex(8)
    put(connection, EPOCH, value)
    return value
