"""Before a journal is used: decide whether the one on the disk may continue its number series.

It may when it is sound, was made on this machine and is as new as its watermark. Any other is
moved to quarantine. Its readable tickets are copied into a new journal, whose own series carries a
letter that no journal of this kiosk is known to have used (``kiosk.domain.numbering.own_letter``).

A journal without a readable watermark is moved to quarantine too: it may be an old copy. A new
journal is therefore put in place in an order that leaves no such state behind a crash:

1. the complete journal under a draft name;
2. its watermark, on the disk (fsync);
3. the mark in the lock file, on the disk;
4. rename to the journal's name; fsync of the folder.

A start that finds the draft and its watermark, and no journal, finishes steps 3 and 4.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from kiosk.durable import sync_folder
from kiosk.errors import JournalDamaged
from kiosk.messages import Message, Text
from kiosk.store import quarantine, rows
from kiosk.store.database import check, connect, migrate, reading, transaction
from kiosk.store.faults import translated
from kiosk.store.lock import mark_used, was_used
from kiosk.store.watermark import Watermark

DAMAGED, FOREIGN, OLDER, LOST = "damaged", "copied", "older", "lost"
UNVERIFIED = "unverified"
"""No readable watermark proves that the journal is the latest one."""
CONFLICT = "conflict"
"""The queue server had heard more of a journal than it holds: it is an old copy, or a twin."""

_NOTICE = "quarantine."
"""Before a reason: the key of the notice for staff."""


def notice(because: str) -> Text:
    """The notice for staff, from what a journal holds about its predecessor_id.

    Journals of version 0.1 hold an English sentence, later ones a key and a file's name.
    """
    key, _, name = because.partition(" ")
    return Message.of(key, name=name) if key.startswith(_NOTICE) else because


@dataclass(frozen=True, slots=True)
class Identity:
    """Which journal a file is: see the table ``journal``."""

    id: str
    machine: str
    generation: int
    seq: int


@dataclass(frozen=True, slots=True)
class Predecessor:
    """What a new journal takes over from the one that it replaces.

    ``tickets`` are those that could still be read from it; ``letters`` those that it knew as used;
    ``why`` the reason for which it was given up; ``id`` is empty where it is not known. ``ended``:
    it was at home here, so that it can give no more numbers anywhere (see ``_ended``).
    """

    generation: int
    tickets: tuple[rows.StoredTicket, ...] = ()
    why: str = DAMAGED
    id: str = ""
    letters: tuple[str, ...] = ()
    ended: bool = False


def watermark_path(path: Path) -> Path:
    """The path of the watermark of the journal at ``path``."""
    return path.with_suffix(".witness")


def prepare(path: Path, machine: str, now: datetime, given_up: Predecessor | None = None) -> None:
    """Make sure that a sound journal of this ``machine`` lies at ``path``.

    ``now`` (aware) names what is moved to quarantine. ``given_up`` is None at an ordinary start;
    else the journal was given up while in use and goes to quarantine in any case.
    Raises JournalError.
    """
    with translated(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        watermark = Watermark.read(watermark_path(path))
        if given_up is None and _finish(path, machine, watermark):
            return
        identity = _identity(path) if path.exists() else None
        why = _why_not(path, identity, machine, watermark, given_up)
        if why is None:
            mark_used(path.parent)
            return
        if not why:
            _create(path, Identity(secrets.token_hex(16), machine, 0, 0), "", None)
            return
        old = _predecessor(path, why, identity, watermark, given_up)
        old = replace(old, ended=_ended(old.id, identity, machine, watermark, given_up))
        name = quarantine.move(path, old.generation, why, now).name
        new = Identity(secrets.token_hex(16), machine, old.generation + 1, 0)
        _create(path, new, f"{_NOTICE}{why} {name}", old)


def _why_not(
    path: Path,
    identity: Identity | None,
    machine: str,
    watermark: Watermark | None,
    given_up: Predecessor | None,
) -> str | None:
    """Why there must be a new journal: empty for a first start, None when there need be none."""
    if path.exists():
        return given_up.why if given_up else _objection(identity, machine, watermark)
    return LOST if given_up or _was_here(path) else ""


def _predecessor(
    path: Path,
    why: str,
    identity: Identity | None,
    watermark: Watermark | None,
    given_up: Predecessor | None,
) -> Predecessor:
    """What is known of the journal to be replaced, from the file, its watermark and its user."""
    generations = [generation + 1 for generation, _ in quarantine.found(path)]
    generations += [known.generation for known in (given_up, identity, watermark) if known]
    ids = [known.id for known in (given_up, identity) if known] + (
        [watermark.journal] if watermark else []
    )
    letters = {letter for known in (given_up, watermark) if known for letter in known.letters}
    return Predecessor(
        max(generations, default=0),
        given_up.tickets if given_up else (),
        why,
        next((one for one in ids if one), ""),
        tuple(sorted(letters)),
    )


def _ended(
    journal: str,
    identity: Identity | None,
    machine: str,
    watermark: Watermark | None,
    given_up: Predecessor | None,
) -> bool:
    """Whether the journal with this id, which is replaced now, gives no more numbers anywhere.

    True for a journal that was in use, which ``_objection`` had let pass, and for one that this
    machine's own watermark names. False wherever the journal may be a copy: the other one may be at
    work, with its letter, on another machine or in another folder.
    """
    if given_up is not None and given_up.id:
        return given_up.id == journal
    if identity is None or watermark is None or watermark.put_back:
        return False
    at_home = identity.machine == machine and watermark.journal == identity.id
    return at_home and identity.id == journal


def _identity(path: Path) -> Identity | None:
    """The identity of the file at ``path``; None when it is damaged."""
    try:
        with translated(path), reading(path) as db:
            check(db, with_log=_log(path).exists())
            *row, newest = db.execute(
                "SELECT id, machine, lost, seq, newest_date FROM journal"
            ).fetchone()
        if newest:
            date.fromisoformat(newest)
    except (JournalDamaged, ValueError):
        return None
    identity = Identity(*row)
    return None if _log_is_older(path, identity) else identity


def _log_is_older(path: Path, identity: Identity) -> bool:
    """Whether the write-ahead log beside ``path`` hides newer changes, or another journal.

    SQLite replays any valid log, even one that does not belong to the main file.
    """
    if not _log(path).exists():
        return False
    # The main file alone may be unreadable: a checkpoint may have been interrupted.
    with contextlib.suppress(sqlite3.Error), reading(path, with_log=False) as db:
        row = db.execute("SELECT id, seq FROM journal").fetchone()
        return row is not None and (row[0] != identity.id or row[1] > identity.seq)
    return False


def _objection(identity: Identity | None, machine: str, watermark: Watermark | None) -> str | None:
    """Why the journal on the disk may not continue; None when it may."""
    if identity is None:
        return DAMAGED
    if identity.machine != machine:
        return FOREIGN
    if watermark is None:
        return UNVERIFIED
    if watermark.journal != identity.id or watermark.put_back:
        return OLDER
    return OLDER if identity.seq < watermark.seq else None


def _was_here(path: Path) -> bool:
    """Whether a journal was at ``path`` before, according to the files around it."""
    remains = (
        watermark_path(path),
        *(path.with_name(path.name + t) for t in quarantine.COMPANIONS),
    )
    return any(p.exists() for p in remains) or bool(quarantine.found(path)) or was_used(path.parent)


def _log(path: Path) -> Path:
    return path.with_name(path.name + quarantine.COMPANIONS[0])


def _draft(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def _create(path: Path, new: Identity, notice_key: str, old: Predecessor | None) -> None:
    """Put a new journal at ``path``, with the tickets and letters of all earlier ones."""
    draft = _draft(path)
    for tail in ("", *quarantine.COMPANIONS):
        draft.with_name(draft.name + tail).unlink(missing_ok=True)
    tickets: dict[str, rows.StoredTicket] = {}
    letters = set(old.letters if old else ())
    pruned = ""
    quarantine.add_latest(tickets, old.tickets if old else ())
    for _, earlier in quarantine.found(path):
        found = quarantine.salvage(earlier)
        quarantine.add_latest(tickets, found.tickets)
        letters |= found.letters
        pruned = max(pruned, found.pruned)
    db = connect(draft)
    try:
        # Nobody reads the draft after a crash here, so that only the last commit waits for the
        # disk: it syncs the whole log, and closing then syncs the whole file.
        db.execute("PRAGMA synchronous = OFF")
        migrate(db)
        db.execute("PRAGMA synchronous = FULL")
        with transaction(db):
            _write(db, new, notice_key, list(tickets.values()))
            if pruned:
                rows.store_pruned(db, pruned)
            if old and old.id:
                row = (old.id, int(old.ended))
                db.execute("INSERT INTO follows (one, id, ended) VALUES (1, ?, ?)", row)
            db.executemany("INSERT INTO letter VALUES (?, NULL)", [(one,) for one in letters])
    finally:
        db.close()
    watermark = Watermark(new.id, new.generation, new.seq, tuple(sorted(letters)))
    watermark.write(watermark_path(path), durable=True)
    _put_in_place(path)


def _finish(path: Path, machine: str, watermark: Watermark | None) -> bool:
    """Put the draft in place that a crash has left behind its watermark; whether there was one."""
    draft = _draft(path)
    if watermark is None or watermark.put_back or path.exists() or not draft.exists():
        return False
    found = _identity(draft)
    if found != Identity(watermark.journal, machine, watermark.generation, watermark.seq):
        return False
    _put_in_place(path)
    return True


def _put_in_place(path: Path) -> None:
    mark_used(path.parent)
    _draft(path).rename(path)
    sync_folder(path.parent)


def _write(
    db: sqlite3.Connection, new: Identity, notice_key: str, salvaged: list[rows.StoredTicket]
) -> None:
    newest = max((one.ticket.business_date.isoformat() for one in salvaged), default="")
    db.execute(
        "INSERT INTO journal (one, id, machine, lost, because, seq, newest_date, session,"
        " unclean_session, clean) VALUES (1, ?, ?, ?, ?, ?, ?, 0, 0, 1)",
        (new.id, new.machine, new.generation, notice_key, new.seq, newest),
    )
    for one in sorted(salvaged, key=lambda one: one.ticket.issued_at):
        # A row that breaks the table's constraints is damage; it stays in the file in quarantine.
        with contextlib.suppress(sqlite3.IntegrityError):
            rows.insert(db, one, new.seq)
