"""Connections to the journal's file: pragmas, migrations, the check for damage.

Some tables and columns keep the names of version 0.1: ``line`` holds the number series, ``follows``
the predecessor's id, ``lost`` the generation, ``because`` the notice about the predecessor.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib import resources
from pathlib import Path

from kiosk.errors import JournalDamaged, JournalError

_COUNTED = 4
"""The schema version from which on the journal counts its tickets and its own numbers."""

_SAME_AGE = (
    "SELECT ticket_count = (SELECT count(*) FROM ticket)"
    " AND own_count = (SELECT coalesce(sum(own_count), 0) FROM line) FROM journal"
)

BUSY_MS = 2000
"""How long a statement waits for another process that holds the file locked."""

Open = Callable[[], AbstractContextManager[sqlite3.Connection]]
"""A journal's way to read or to write: the connection, with the lock and the transaction."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection that reads and writes, made when missing; usable from several threads,
    one at a time. Commits are on the disk when they return (WAL, ``synchronous=FULL``).

    Raises sqlite3.Error.
    """
    db = sqlite3.connect(
        path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False
    )
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA trusted_schema = OFF")
    except BaseException:
        db.close()
        raise
    return db


@contextlib.contextmanager
def reading(path: Path, *, with_log: bool = True) -> Iterator[sqlite3.Connection]:
    """A read-only connection; it does not checkpoint the write-ahead log.

    ``with_log`` False: the main file alone, as if no write-ahead log lay beside it.
    """
    uri = path.resolve().as_uri() + "?mode=ro" + ("" if with_log else "&immutable=1")
    db = sqlite3.connect(uri, uri=True, timeout=BUSY_MS / 1000, isolation_level=None)
    try:
        yield db
    finally:
        db.close()


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """One ``BEGIN IMMEDIATE`` … ``COMMIT``; rolled back when anything is raised within."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        # Some errors (a full disk) have rolled it back already.
        if db.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                db.execute("ROLLBACK")
        raise


def migrations() -> tuple[str, ...]:
    """The texts of the schema's steps, in order; the first takes a file from version 0 to 1."""
    folder = resources.files("kiosk.store.migrations")
    steps = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return tuple(f.read_text(encoding="utf-8") for f in steps)


def migrate(db: sqlite3.Connection) -> None:
    """Bring the schema up to date, each step in a transaction of its own. Raises sqlite3.Error."""
    steps = migrations()
    for version in range(_version(db), len(steps)):
        script = (
            f"BEGIN IMMEDIATE;\n{steps[version]}\nPRAGMA user_version = {version + 1};\nCOMMIT;"
        )
        try:
            db.executescript(script)
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def check(db: sqlite3.Connection, *, with_log: bool = False) -> None:
    """Raise JournalDamaged unless the file is a sound journal; sqlite3.Error passes through.

    ``with_log``: a write-ahead log was replayed over it, so that indexes are checked too: a log
    over a main file of another age leaves them at odds with their tables (50 ms for 30,000 rows).
    A file from a newer version of the kiosk is a JournalError: it is not damaged.
    """
    version = _version(db)
    if version == 0:
        raise JournalDamaged("journal.no_journal")
    if version > len(migrations()):
        raise JournalError("journal.newer")
    pragma = "integrity_check" if with_log else "quick_check"
    found = db.execute(f"PRAGMA {pragma}(1)").fetchone()
    if found is None or found[0] != "ok":
        raise JournalDamaged("journal.check")
    for table in ("line", "ticket"):
        db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()  # noqa: S608
    if db.execute("SELECT count(*) FROM journal").fetchone() != (1,):
        raise JournalDamaged("journal.identity")
    if version >= _COUNTED and db.execute(_SAME_AGE).fetchone() != (1,):
        raise JournalDamaged("journal.ages")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
