"""``queue-server backup`` and ``restore``: dated, verified copies, and the way back from one."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from queue_server.database import (
    Database,
    PostgresDatabase,
    SqliteDatabase,
    postgresql_copies,
    sqlite_copies,
)
from queue_server.database.port import Work
from queue_server.errors import Unavailable, Unusable

T = TypeVar("T")
KEEP = 14
"""Backups that are kept: two weeks of one each night."""
_PARTIAL_AGE_S = 24 * 3600


def write(database: Database, folder: Path, keep: int) -> Path:
    """Write a verified backup into ``folder`` and keep ``keep`` of this database; the new file.

    Works beside a server at work and changes nothing in the database, which is not opened: a
    backup can be made before the tables are migrated. Raises Unusable if it fails, or if an old
    backup cannot be deleted.
    """
    made = _write(database, folder)
    try:
        for old in _older(made)[keep - 1 :]:
            old.unlink(missing_ok=True)  # another backup may have deleted it just now
    except OSError as error:
        why = error.strerror or error
        raise Unusable("backup.old_stays", made=made, path=folder, why=why) from error
    return made


def _write(database: Database, folder: Path) -> Path:
    """A new backup in ``folder``; it has its name only once it was verified and is on the disk."""
    stamp = datetime.now(UTC).strftime(sqlite_copies.STAMP)
    target = folder / f"{_stem(database)}-{stamp}{_extension(database)}"
    partial = folder / f".{target.name}.partial"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        partial.touch(0o600)  # before it has content: the tools keep the mode of an existing file
        if isinstance(database, PostgresDatabase):
            postgresql_copies.dump(database, partial)
        elif isinstance(database, SqliteDatabase):
            sqlite_copies.dump(database, partial)
        check(database, partial)
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.rename(target)
        sqlite_copies.sync_folder(folder)
    except (OSError, sqlite3.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise Unusable("backup.failed", path=folder, why=why) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return target


def check(database: Database, file: Path) -> None:
    """Read all of a backup for ``database``. Raises Unusable if it cannot be restored there."""
    if not file.is_file():
        raise Unusable("backup.missing", path=file)
    try:
        if isinstance(database, PostgresDatabase):
            postgresql_copies.check(file)
        else:
            sqlite_copies.check(file)
    except OSError as error:
        raise Unusable("backup.bad", path=file, why=error.strerror or error) from error


@contextmanager
def restoring(
    database: Database, file: Path, read: Work[T]
) -> Iterator[tuple[Database, T | None, str]]:
    """An open database with the content of a backup, in place when the block ends; what ``read``
    found in the one that it replaces, None for nothing; and why that could not be read.

    Raises Unusable for a bad backup, and while a server is serving; then nothing was changed.
    """
    check(database, file)
    database.hold_alone()
    found, why = None, ""
    try:
        found = database.read_unopened(read)
    except Unavailable as error:
        why = str(error)
    if isinstance(database, PostgresDatabase):
        with postgresql_copies.restoring(database, file) as opened:
            yield opened, found, why
    elif isinstance(database, SqliteDatabase):
        with sqlite_copies.restoring(database, file) as opened:
            yield opened, found, why


def _stem(database: Database) -> str:
    if isinstance(database, PostgresDatabase):
        return re.sub(r"[^A-Za-z0-9_.]+", "_", str(database.url.database))
    assert isinstance(database, SqliteDatabase)  # noqa: S101  # for the type checker
    return database.path.stem


def _extension(database: Database) -> str:
    on_postgresql = isinstance(database, PostgresDatabase)
    return postgresql_copies.EXTENSION if on_postgresql else sqlite_copies.EXTENSION


def _older(made: Path) -> list[Path]:
    """The other backups of the same database in the folder, the newest first.

    Never includes ``made``: a wrong clock must not delete the backup just written.
    """
    stem = made.name.rpartition("-")[0]
    pattern = re.compile(re.escape(stem) + r"-\d{8}T\d{6}\.\d{6}Z" + re.escape(made.suffix))
    found = [each for each in made.parent.iterdir() if pattern.fullmatch(each.name)]
    return sorted(set(found) - {made}, reverse=True)


def _sweep(folder: Path) -> None:
    """Delete the partial files of backups that were killed."""
    for left in folder.glob(".*.partial"):
        with suppress(FileNotFoundError):  # another backup has just given its file the final name
            if time.time() - left.stat().st_mtime > _PARTIAL_AGE_S:
                left.unlink()
