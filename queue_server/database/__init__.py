"""The database: short units of work, each in one transaction, on SQLite or PostgreSQL.

SQLite allows one writer, so one thread runs all writes and commits them in groups (group commit:
one fsync for many units). PostgreSQL runs each unit in its own transaction on a thread pool and
retries it after a serialization failure or deadlock.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from queue_server.database.port import Database, Work
from queue_server.database.postgresql import PostgresDatabase
from queue_server.database.sqlite import SqliteDatabase
from queue_server.errors import UsageError

__all__ = ["Database", "PostgresDatabase", "SqliteDatabase", "Work", "open_url"]


def open_url(text: str) -> Database:
    """Return the database for a URL or for the path of an SQLite file, not yet opened.

    Raises UsageError for a URL that is malformed or of another kind of database.
    """
    if "://" not in text:
        return SqliteDatabase(Path(text))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise UsageError("usage.url") from None
    backend = url.drivername.split("+")[0]
    if backend == "sqlite":
        if not url.database or url.database == ":memory:":
            raise UsageError("usage.file")
        return SqliteDatabase(Path(url.database))
    if backend in ("postgres", "postgresql"):
        return PostgresDatabase(url.set(drivername="postgresql+psycopg"))
    raise UsageError("usage.backend", backend=backend)
