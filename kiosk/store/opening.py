"""Before the journal is used: whether the one on the disk may go on handing out numbers.

It may when it is sound, was made on this machine, and is not older than its watermark. Any other
is set aside, its readable tickets are copied into a new one, and the new one is one further in
the row of journals, from which its letter follows (``kiosk.domain.numbering.own_letter``).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from kiosk.errors import JournalDamaged
from kiosk.store import quarantine, rows
from kiosk.store.database import check, connect, migrate, reading, transaction
from kiosk.store.faults import translated
from kiosk.store.watermark import Watermark

DAMAGED, FOREIGN, OLDER, LOST = "damaged", "copied", "older", "lost"
CONFLICT = "conflict"
"""The queue server had heard more of a journal than it holds: it is an old copy, or a twin."""

_BECAUSE = {
    DAMAGED: "The journal was damaged and is kept as {name}.",
    FOREIGN: "The journal came from another machine and is kept as {name}.",
    OLDER: "The journal was an old copy of itself and is kept as {name}.",
    LOST: "The journal was missing.",
    CONFLICT: "The queue server had heard more of the journal than it holds; kept as {name}.",
}
_FOLLOWS = " Since then the numbers of this kiosk carry a letter that nobody had."


@dataclass(frozen=True, slots=True)
class Identity:
    """Which journal a file is: see the table ``journal``."""

    id: str
    machine: str
    lost: int
    seq: int


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A journal given up while in use: its place in the row, the tickets still read from it,
    why it may not go on, and its id."""

    lost: int
    kept: tuple[rows.Kept, ...]
    why: str = DAMAGED
    id: str = ""


def watermark_path(path: Path) -> Path:
    """Where the watermark of the journal at ``path`` lies."""
    return path.with_suffix(".witness")


def prepare(path: Path, machine: str, now: datetime, abandoned: Abandoned | None = None) -> None:
    """See to it that a sound journal of this ``machine`` lies at ``path``.

    ``now`` (aware) names what is set aside. ``abandoned`` is None at an ordinary start; else
    the journal was given up while in use and goes aside whatever it looks like now.
    Raises JournalError.
    """
    with translated(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        watermark = Watermark.read(watermark_path(path))
        here = path.exists()
        identity = _identity(path) if here else None
        if here:
            why = abandoned.why if abandoned else _objection(identity, machine, watermark)
            if why is None:
                return
        else:
            why = LOST if abandoned or _was_here(path) else ""
        lost, because, follows = 0, "", ""
        if why:
            place = max(_place(path, identity, watermark), abandoned.lost if abandoned else 0)
            name = quarantine.move(path, place, why, now).name
            lost, because = place + 1, _BECAUSE[why].format(name=name) + _FOLLOWS
            known = (abandoned and abandoned.id, identity and identity.id)
            follows = next((i for i in known if i), watermark.journal if watermark else "")
        _begin(path, machine, lost, because, abandoned.kept if abandoned else (), follows)


def _identity(path: Path) -> Identity | None:
    """The identity of the file at ``path``; None when it is damaged."""
    try:
        with translated(path), reading(path) as db:
            check(db)
            *row, newest = db.execute(
                "SELECT id, machine, lost, seq, newest_date FROM journal"
            ).fetchone()
        if newest:
            date.fromisoformat(newest)
    except (JournalDamaged, ValueError):
        return None
    return Identity(*row)


def _objection(identity: Identity | None, machine: str, watermark: Watermark | None) -> str | None:
    """Why the journal on the disk may not go on; None when it may."""
    if identity is None:
        return DAMAGED
    if identity.machine != machine:
        return FOREIGN
    # A watermark of an earlier journal: the kiosk was stopped before the new one was witnessed.
    if watermark is None or watermark.lost < identity.lost:
        return None
    if watermark.journal != identity.id or watermark.put_back:
        return OLDER
    return OLDER if identity.seq < watermark.seq else None


def _was_here(path: Path) -> bool:
    """Whether a journal has been at ``path`` before, by what is left around it."""
    remains = (
        watermark_path(path),
        *(path.with_name(path.name + t) for t in quarantine.COMPANIONS),
    )
    return any(p.exists() for p in remains) or bool(quarantine.found(path))


def _place(path: Path, identity: Identity | None, watermark: Watermark | None) -> int:
    """The place in the row of journals that the one to be left behind has, or may have had."""
    known = [place + 1 for place, _ in quarantine.found(path)]
    if identity is not None:
        known.append(identity.lost)
    if watermark is not None:
        known.append(watermark.lost)
    return max(known, default=0)


def _begin(
    path: Path,
    machine: str,
    lost: int,
    because: str,
    rescued: Iterable[rows.Kept],
    follows: str,
) -> None:
    """Put a new journal at ``path``, complete with all that earlier ones still hold."""
    draft = path.with_name(path.name + ".new")
    for tail in ("", *quarantine.COMPANIONS):
        draft.with_name(draft.name + tail).unlink(missing_ok=True)
    kept = {k.ticket.id: k for k in rescued}
    for _, old in quarantine.found(path):
        for one in quarantine.salvage(old):
            kept.setdefault(one.ticket.id, one)
    new = Identity(secrets.token_hex(16), machine, lost, 0)
    db = connect(draft)
    try:
        migrate(db)
        with transaction(db):
            _write(db, new, because, list(kept.values()))
            if follows:
                db.execute("INSERT INTO follows VALUES (1, ?)", (follows,))
    finally:
        db.close()
    draft.rename(path)
    _sync_folder(path.parent)
    Watermark(new.id, new.lost, new.seq).write(watermark_path(path))


def _write(db: sqlite3.Connection, new: Identity, because: str, kept: list[rows.Kept]) -> None:
    newest = max((k.ticket.business_date.isoformat() for k in kept), default="")
    db.execute(
        "INSERT INTO journal VALUES (1, ?, ?, ?, ?, ?, ?, 0, 0, 1)",
        (new.id, new.machine, new.lost, because, new.seq, newest),
    )
    for one in sorted(kept, key=lambda k: k.ticket.issued_at):
        # A row that breaks the table's rules is damage; it stays in the file that was set aside.
        with contextlib.suppress(sqlite3.IntegrityError):
            rows.insert(db, one, new.seq)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
