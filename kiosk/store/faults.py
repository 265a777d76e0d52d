"""Translation of errors of SQLite and of the operating system into JournalError."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from kiosk.errors import (
    JournalBusy,
    JournalDamaged,
    JournalError,
    JournalFull,
    JournalReadOnly,
)
from kiosk.messages import reason

_BY_CODE: dict[int, type[JournalError]] = {
    sqlite3.SQLITE_FULL: JournalFull,
    sqlite3.SQLITE_READONLY: JournalReadOnly,
    sqlite3.SQLITE_BUSY: JournalBusy,
    sqlite3.SQLITE_LOCKED: JournalBusy,
    sqlite3.SQLITE_CORRUPT: JournalDamaged,
    sqlite3.SQLITE_NOTADB: JournalDamaged,
    sqlite3.SQLITE_MISMATCH: JournalDamaged,
}
_BY_ERRNO: dict[int, type[JournalError]] = {
    errno.ENOSPC: JournalFull,
    errno.EDQUOT: JournalFull,
    errno.EFBIG: JournalFull,
    errno.EROFS: JournalReadOnly,
    errno.EACCES: JournalReadOnly,
    errno.EPERM: JournalReadOnly,
}
_WORDS: dict[type[JournalError], str] = {
    JournalFull: "journal.full",
    JournalReadOnly: "journal.read_only",
    JournalBusy: "journal.busy",
    JournalDamaged: "journal.damaged",
    JournalError: "journal.unusable",
}


def translate(error: sqlite3.Error | OSError, path: Path) -> JournalError:
    """The JournalError for ``error``, which occurred with the journal at ``path``."""
    kind = _kind_of_os(error) if isinstance(error, OSError) else _kind_of_sqlite(error, path)
    why = reason(error) if isinstance(error, OSError) else " ".join(str(error).split())
    return kind(_WORDS[kind], path=path, why=why)


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Context in which sqlite3.Error and OSError are raised as JournalError."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise translate(error, path) from error


def _kind_of_os(error: OSError) -> type[JournalError]:
    return _BY_ERRNO.get(error.errno or 0, JournalError)


def _kind_of_sqlite(error: sqlite3.Error, path: Path) -> type[JournalError]:
    # Errors that the sqlite3 module makes itself carry no code.
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return JournalDamaged if "decode to UTF-8" in str(error) else JournalError
    primary = code & 0xFF
    if primary in _BY_CODE:
        return _BY_CODE[primary]
    if primary == sqlite3.SQLITE_ERROR and str(error).startswith(("no such table", "no such col")):
        return JournalDamaged
    if primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return _kind_of_disk(path)
    return JournalError


def _kind_of_disk(path: Path) -> type[JournalError]:
    """The cause of an I/O error that SQLite does not explain, from statvfs(3) of the disk."""
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return JournalError
    if disk.f_flag & os.ST_RDONLY:
        return JournalReadOnly
    return JournalFull if disk.f_bavail == 0 else JournalError
