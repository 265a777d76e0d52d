"""Journals that were set aside: moved out of the way, never overwritten, and read once more.

A set-aside journal keeps its place in the row of journals in its name,
``journal-0-damaged-20261124T091500.sqlite3``, so that no letter is given twice even when the
watermark is gone. Its tickets are copied into the journal that follows it: they are still found by
their id, still counted, and still sent to the server.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from kiosk.errors import JournalDamaged
from kiosk.store.database import reading
from kiosk.store.rows import FIELDS, Kept, to_ticket
from kiosk.store.series import letters

COMPANIONS = ("-wal", "-shm")
"""What SQLite keeps beside a file; it belongs to that file and moves with it."""

_ALL = f"SELECT {FIELDS}, acked_rev, origin, {{alone}} FROM ticket ORDER BY n"  # noqa: S608


def move(path: Path, lost: int, why: str, now: datetime) -> Path:
    """Move the journal at ``path``, and what SQLite keeps beside it, out of the way.

    ``lost`` is its place in the row of journals. Answers the new path. Raises OSError.
    """
    stem = f"{path.stem}-{lost}-{why}-{now.strftime('%Y%m%dT%H%M%S')}"
    target = path.with_name(stem + path.suffix)
    again = 2
    while any(target.with_name(target.name + tail).exists() for tail in ("", *COMPANIONS)):
        target = path.with_name(f"{stem}-{again}{path.suffix}")
        again += 1
    # Nothing was at the target, and the owner's lock keeps others away: no rename overwrites.
    for tail in ("", *COMPANIONS):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + tail).rename(target.with_name(target.name + tail))
    return target


def found(path: Path) -> list[tuple[int, Path]]:
    """The journals set aside beside ``path``, each with its place in the row, newest first."""
    name = re.compile(re.escape(path.stem) + r"-(\d{1,6})-.*" + re.escape(path.suffix))
    matches = [(name.fullmatch(p.name), p) for p in path.parent.iterdir()]
    aside = [(int(m[1]), p) for m, p in matches if m]
    return sorted(aside, key=lambda a: (a[0], a[1].name), reverse=True)


def salvage(path: Path) -> tuple[list[Kept], set[str]]:
    """All tickets that can be read from the file at ``path``, and the letters it knows as used.

    The main file is also read without its write-ahead log: a log of an earlier age hides what
    the main file holds. Of a ticket the highest revision counts. Empty when it is no database.
    """
    tickets: dict[str, Kept] = {}
    used: set[str] = set()
    for with_log in (True, False):
        with contextlib.suppress(sqlite3.Error), reading(path, with_log=with_log) as db:
            add_latest(tickets, readable(db))
            used |= letters(db)
    return list(tickets.values()), used


def add_latest(tickets: dict[str, Kept], found: Iterable[Kept]) -> None:
    """Add ``found`` to ``tickets`` (by ticket id), where it holds no revision as high."""
    for one in found:
        known = tickets.get(one.ticket.id)
        if known is None or known.ticket.rev < one.ticket.rev:
            tickets[one.ticket.id] = one


def readable(db: sqlite3.Connection) -> list[Kept]:
    """All tickets that ``db`` still gives up: read from both ends, around a damaged spot."""
    tickets: dict[str, Kept] = {}
    for order in ("ASC", "DESC"):
        with contextlib.suppress(sqlite3.Error):
            for kept in _rows(db, order):
                tickets[kept.ticket.id] = kept
            break
    return list(tickets.values())


def _rows(db: sqlite3.Connection, order: str) -> Iterator[Kept]:
    # A journal set aside before there was a server has no such column: its kiosk stood alone.
    known = any(column[1] == "alone" for column in db.execute("PRAGMA table_info(ticket)"))
    for row in db.execute(f"{_ALL.format(alone='alone' if known else '1')} {order}"):
        with contextlib.suppress(JournalDamaged, ValueError, TypeError):
            *fields, acked_rev, origin, alone = row
            yield Kept(to_ticket(fields), int(acked_rev), str(origin), bool(alone))
