"""Journals and their letters: a letter belongs to one journal, and nobody else ever gets it."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select, update

from queue_server import series
from queue_server.numbers import LAST_LETTER, letter_at
from queue_server.schema import journals, letters, principals


def journal_of(
    connection: Connection, journal: str, follows: str | None, kiosk: int, now_us: int
) -> bool:
    """Whether ``journal`` is this kiosk's; a new one becomes its own.

    ``follows`` is the journal that was set aside for it, which may be another kiosk's: the disk
    of a clone names the one that it was copied from.
    """
    here = journals.c.id == journal
    held = connection.execute(select(journals.c.kiosk, journals.c.follows).where(here)).first()
    if held is None:
        values = {"id": journal, "kiosk": kiosk, "follows": follows, "seq": 0, "seen_us": now_us}
        connection.execute(insert(journals).values(**values))
        return True
    own = bool(held.kiosk == kiosk)
    if own and follows is not None and held.follows != follows:
        connection.execute(update(journals).where(here).values(follows=follows))
    return own


def is_followed(connection: Connection, journal: str) -> bool:
    """Whether another journal has said that it follows this one: it was set aside somewhere."""
    after = select(journals.c.id).where(journals.c.follows == journal).limit(1)
    return connection.execute(after).first() is not None


def is_step_back(connection: Connection, journal: str, seq: int, now_us: int) -> bool:
    """Whether an exchange of this journal is older than one seen; else ``seq`` is remembered.

    Two that arrive at once are ordered by the row's lock.
    """
    moved = connection.execute(
        update(journals)
        .where(journals.c.id == journal, journals.c.seq <= seq)
        .values(seq=seq, seen_us=now_us)
    ).rowcount
    return moved == 0


def note_conflict(connection: Connection, kiosk: int, now_us: int) -> None:
    """Remembers a journal_conflict of a kiosk, for staff."""
    connection.execute(
        update(principals)
        .where(principals.c.id == kiosk)
        .values(conflicts=principals.c.conflicts + 1, conflict_us=now_us)
    )


def letter_of(connection: Connection, journal: str) -> str | None:
    """The letter of a journal; one that nobody has had when it has none. None: all are used up."""
    held = letters.c.journal == journal
    found = connection.execute(
        select(letters.c.letter).where(held).order_by(letters.c.ordinal).limit(1)
    ).scalar()
    if found is not None:
        return str(found)
    series.lock(connection, "letters", "", "")
    last = connection.execute(select(func.max(letters.c.ordinal))).scalar() or 0
    if last >= LAST_LETTER:
        return None
    letter = letter_at(last + 1)
    connection.execute(insert(letters).values(ordinal=last + 1, letter=letter, journal=journal))
    return letter


def holds(connection: Connection, letter: str, journal: str, kiosk: int, now_us: int) -> bool:
    """Whether ``journal``, one of this kiosk's, holds or held ``letter``.

    A letter that a restore moved over is bound to the first journal that shows it.
    """
    owner = connection.execute(select(journals.c.kiosk).where(journals.c.id == journal)).scalar()
    if owner is not None and owner != kiosk:
        return False
    row = connection.execute(
        select(letters.c.journal, letters.c.ordinal).where(letters.c.letter == letter)
    ).first()
    if row is None:
        return False
    if row.journal is None:
        if owner is None:
            values = {"id": journal, "kiosk": kiosk, "seq": 0, "seen_us": now_us}
            connection.execute(insert(journals).values(**values))
        free = letters.c.ordinal == row.ordinal, letters.c.journal.is_(None)
        return bool(
            connection.execute(update(letters).where(*free).values(journal=journal)).rowcount
        )
    return bool(row.journal == journal)


def move_letters_on(connection: Connection, by: int) -> int:
    """After a restore: sets aside the next ``by`` letters; how many there were."""
    last = connection.execute(select(func.max(letters.c.ordinal))).scalar() or 0
    ordinals = range(last + 1, min(last + by, LAST_LETTER) + 1)
    for ordinal in ordinals:
        connection.execute(insert(letters).values(ordinal=ordinal, letter=letter_at(ordinal)))
    return len(ordinals)
