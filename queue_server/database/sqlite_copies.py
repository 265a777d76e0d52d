"""Backup and restore of an SQLite database.

A backup is ``VACUUM INTO``: one read transaction, beside a server at work. A restore prepares the
whole new file beside the database and moves it into place last. The ``-wal`` and ``-shm`` of the
old database must go: SQLite would apply the old log to the new file, which makes it malformed.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from queue_server.database.port import Database
from queue_server.database.serving_lock import create_private, give_to_owner
from queue_server.database.sqlite import SqliteDatabase
from queue_server.errors import Unusable
from queue_server.migrations import check_known

EXTENSION = ".sqlite3"
REPLACED = ".before-restore-"
STAMP = "%Y%m%dT%H%M%S.%fZ"
"""In the names of copies. Of fixed width and in UTC: names sort by time."""
_MAGIC = b"SQLite format 3\0"


def dump(database: SqliteDatabase, target: Path) -> None:
    """Write a consistent copy of the database into ``target``, a file that is empty or missing."""
    with closing(_connect(database.path, "mode=rw")) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))


def check(file: Path) -> None:
    """Read all of a backup. Raises Unusable for one that is damaged, or of a newer program."""
    with file.open("rb") as opened:
        if opened.read(len(_MAGIC)) != _MAGIC:
            raise Unusable("backup.other_kind", path=file, kind="SQLite")
    try:
        with closing(_connect(file, _reading(file))) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found != "ok":
                raise Unusable("backup.bad", path=file, why=found)
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            connection.execute("SELECT count(*) FROM tickets").fetchone()
    except (sqlite3.Error, TypeError) as error:
        raise Unusable("backup.bad", path=file, why=error) from error
    check_known(revision)


@contextmanager
def restoring(database: SqliteDatabase, file: Path) -> Iterator[Database]:
    """An open database with the content of ``file``; it is put in place when the block ends.

    The caller holds the servers' lock. An exception in the block leaves the old database as it
    was. The old database is kept beside the new one, with its ``-wal``.
    """
    path = Path(os.path.realpath(database.path))
    _check_unused(path)
    fresh = path.with_name(f".{path.name}.restoring")
    _remove(fresh)
    create_private(fresh)  # readable by its owner only from the first byte on
    try:
        with (
            closing(_connect(file, _reading(file))) as source,
            closing(sqlite3.connect(fresh)) as copy,
        ):
            source.backup(copy)
        opened = SqliteDatabase(fresh)
        opened.open()
        with closing(opened):
            yield opened
        with closing(sqlite3.connect(fresh)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")  # all of it in one file
        _put_in_place(fresh, path)
    except (sqlite3.Error, OSError) as error:
        raise Unusable("restore.failed", path=path, why=error) from error
    finally:
        _remove(fresh)


def _put_in_place(fresh: Path, path: Path) -> None:
    """Replace the database by ``fresh``. A stop in between leaves no database, never a mixed one:
    a server then starts with an empty one that knows no token, and kiosks use their own series."""
    if path.exists():
        shutil.copymode(path, fresh)
    else:
        fresh.chmod(0o600)
    give_to_owner(fresh, path)
    stamp = datetime.now(UTC).strftime(STAMP)
    for tail in ("", "-wal"):
        old = Path(f"{path}{tail}")
        if old.exists():
            old.rename(f"{path}{REPLACED}{stamp}{tail}")
    Path(f"{path}-shm").unlink(missing_ok=True)
    fresh.rename(path)
    sync_folder(path.parent)


def delete_replaced(database: SqliteDatabase, before: datetime) -> int:
    """Delete the databases that restores before ``before`` replaced; returns how many there were.

    The moment is the one in their names: their modification time is that of their last write.
    """
    path = Path(os.path.realpath(database.path))
    pattern = re.compile(re.escape(path.name + REPLACED) + r"(\d{8}T\d{6}\.\d{6}Z)(-wal|-shm)?")
    old = set()
    for file in path.parent.iterdir():
        found = pattern.fullmatch(file.name)
        if found is not None and found[1] < before.astimezone(UTC).strftime(STAMP):
            file.unlink(missing_ok=True)
            old.add(found[1])
    return len(old)


def _check_unused(path: Path) -> None:
    """Raise Unusable while another process has the database open, such as an older server.

    In WAL mode each open connection holds a shared lock, which excludes locking mode EXCLUSIVE.
    Closing this connection also moves the log into the database.
    """
    if not path.exists():
        return
    try:
        with closing(_connect(path, "mode=rw")) as connection:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise Unusable("database.serving") from error
    except sqlite3.Error:
        pass  # a damaged database is what a restore is for


def _reading(file: Path) -> str:
    """How to open a backup: without a ``-wal`` beside it, also from a folder that is read-only."""
    return "mode=rw" if Path(f"{file}-wal").exists() else "mode=ro&immutable=1"


def _connect(file: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(file))}?{how}", uri=True, timeout=5.0)


def _remove(file: Path) -> None:
    for tail in ("", "-wal", "-shm", "-journal", "-serving"):
        Path(f"{file}{tail}").unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Write a folder's entries to the disk: a renamed file stays renamed after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
