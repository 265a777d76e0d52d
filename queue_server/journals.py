"""Journals and their letters.

A letter is assigned to one journal, so that two journals can never hand out the same number.
``letter_reuse`` says when it may be assigned to another one.
"""

from __future__ import annotations

from datetime import date, tzinfo
from enum import Enum

from sqlalchemy import Connection, func, insert, select, update

from menu.numbers import LETTERS
from queue_server import letter_reuse, meta, series
from queue_server.clock import MINUTE_US
from queue_server.errors import UsageError
from queue_server.letter_reuse import AssignedLetter
from queue_server.schema import former_letters, journals, letters, principals

MAX_NEW_A_DAY = 5
"""New journals of one kiosk within 24 hours that get a letter. A kiosk needs a new one only when
it quarantines the old one; one token must not use up the letters of all kiosks."""
DAY_US = 24 * 60 * MINUTE_US

_BASE = len(LETTERS)
LAST_LETTER = _BASE + _BASE * _BASE
"""How many letters there are: those of one character, then those of two."""


def letter_at(ordinal: int) -> str:
    """The letter number ``ordinal`` (from 1): A … Z, AA … ZZ; ValueError past the last."""
    if not 1 <= ordinal <= LAST_LETTER:
        raise ValueError("no such letter")
    if ordinal <= _BASE:
        return LETTERS[ordinal - 1]
    first, second = divmod(ordinal - 1 - _BASE, _BASE)
    return LETTERS[first] + LETTERS[second]


class Owner(Enum):
    """Whose journal an exchange names."""

    SELF = "self"
    OTHER = "other"
    REFUSED = "refused"
    """It is new, and one too many of this kiosk: it was not registered and gets no letter."""


def register(
    connection: Connection,
    journal: str,
    follows: str | None,
    kiosk: int,
    now_us: int,
    *,
    today: date,
    ended: bool = False,
) -> Owner:
    """Register ``journal`` for a kiosk if it is new. Returns whose it is.

    ``follows``: the quarantined journal that it replaced. That may be another kiosk's journal: a
    cloned disk names the journal from which it was copied. ``ended``: the kiosk says that
    ``follows`` gives no more numbers. ``today``: the date at the site.
    """
    same, j = journals.c.id == journal, journals.c
    found = select(j.kiosk, j.follows, j.ended, j.last_day).where(same)
    known = connection.execute(found).first()
    day = letter_reuse.count_day(connection, today)
    if known is None:
        # Later ones were registered while the server's clock was ahead: they would count for years.
        since_us, until_us = now_us - DAY_US + 1, now_us + series.AHEAD_US
        new = journals.c.created_us.between(since_us, until_us)
        count = select(func.count()).select_from(journals).where(journals.c.kiosk == kiosk, new)
        many = (connection.execute(count).scalar() or 0) >= MAX_NEW_A_DAY
        if many and not meta.remove(connection, _allowed(kiosk)):
            return Owner.REFUSED
        values = {"id": journal, "kiosk": kiosk, "follows": follows, "seq": 0, "ended": ended}
        values |= {"seen_us": now_us, "created_us": now_us, "first_day": day, "last_day": day}
        connection.execute(insert(journals).values(**values))
        return Owner.SELF
    if known.kiosk != kiosk:
        return Owner.OTHER
    said = {"follows": follows, "ended": ended} if follows is not None else {}
    if said and (known.follows, known.ended) != (follows, ended):
        connection.execute(update(journals).where(same).values(**said))
    if known.last_day != day:
        connection.execute(update(journals).where(same).values(last_day=day, seen_us=now_us))
    return Owner.SELF


def allow_one(connection: Connection, name: str) -> None:
    """Let the next new journal of the kiosk ``name`` have a letter, above ``MAX_NEW_A_DAY`` too.

    Twice allows one. Raises UsageError for an unknown kiosk.
    """
    known = principals.c.name == name, principals.c.kind == "kiosk"
    kiosk = connection.execute(select(principals.c.id).where(*known)).scalar()
    if kiosk is None:
        raise UsageError("usage.no_kiosk", name=f"{name!r:.80}")
    meta.put(connection, _allowed(kiosk), "1")


def _allowed(kiosk: int) -> str:
    """The name of the permission for one more journal."""
    return f"journal_allowed:{kiosk}"


def is_followed(connection: Connection, journal: str) -> bool:
    """Whether another journal names this one as its predecessor.

    Then this one was quarantined somewhere, and a further exchange comes from an old copy of it.
    """
    after = select(journals.c.id).where(journals.c.follows == journal).limit(1)
    return connection.execute(after).first() is not None


def is_step_back(connection: Connection, journal: str, seq: int, now_us: int) -> bool:
    """Whether ``seq`` is below the highest one seen of this journal; otherwise stores ``seq``.

    Test and store are one UPDATE: the row lock orders two exchanges that arrive at once.
    """
    updated = connection.execute(
        update(journals)
        .where(journals.c.id == journal, journals.c.seq <= seq)
        .values(seq=seq, seen_us=now_us)
    ).rowcount
    return updated == 0


def record_conflict(connection: Connection, kiosk: int, now_us: int) -> None:
    """Count a journal conflict of a kiosk and store its time, for staff."""
    connection.execute(
        update(principals)
        .where(principals.c.id == kiosk)
        .values(conflicts=principals.c.conflicts + 1, conflict_us=now_us)
    )


def assign_letter(
    connection: Connection, journal: str, now_us: int, zone: tzinfo, *, again: bool
) -> AssignedLetter | None:
    """The letter of a journal. A journal without one gets the next letter never assigned before.

    ``again``: the kiosk takes a letter that another journal had, if no other is left. ``zone``: of
    the site. Returns None if there is none, and for a journal whose letter was given again.
    """
    own = letters.c.journal == journal
    found = connection.execute(
        select(letters.c.letter, letters.c.since).where(own).order_by(letters.c.ordinal).limit(1)
    ).first()
    if found is not None:
        return AssignedLetter(found.letter, found.since)
    # Advisory lock: two journals that ask at once must not read the same highest ordinal.
    series.lock(connection, "letters", "", "")
    last = connection.execute(select(func.max(letters.c.ordinal))).scalar() or 0
    if last >= LAST_LETTER:
        had_one = select(former_letters.c.ordinal).where(former_letters.c.journal == journal)
        if not again or connection.execute(had_one.limit(1)).first() is not None:
            return None
        return letter_reuse.give(connection, journal, now_us, zone)
    letter = letter_at(last + 1)
    connection.execute(insert(letters).values(ordinal=last + 1, letter=letter, journal=journal))
    return AssignedLetter(letter)


def holds(connection: Connection, letter: str, journal: str, kiosk: int, now_us: int) -> bool:
    """Whether ``journal`` belongs to this kiosk and holds, or once held, ``letter``.

    A letter in the gap of a restore has lost its journal: it is bound to the first journal that
    settles a number with it.
    """
    owner = connection.execute(select(journals.c.kiosk).where(journals.c.id == journal)).scalar()
    if owner is not None and owner != kiosk:
        return False
    row = connection.execute(
        select(letters.c.journal, letters.c.ordinal).where(letters.c.letter == letter)
    ).first()
    if row is None:
        return False
    former = former_letters.c.ordinal == row.ordinal, former_letters.c.journal == journal
    if row.journal != journal and connection.execute(select(1).where(*former)).first() is not None:
        return True
    if row.journal is None:
        if owner is None:
            values = {"id": journal, "kiosk": kiosk, "seq": 0, "seen_us": now_us}
            connection.execute(insert(journals).values(**values))
        free = letters.c.ordinal == row.ordinal, letters.c.journal.is_(None)
        return bool(
            connection.execute(update(letters).where(*free).values(journal=journal)).rowcount
        )
    return bool(row.journal == journal)


def move_letters_on(connection: Connection, by: int, further: int = 0) -> int:
    """After a restore: reserve the next ``by`` letters as a gap, counted from the last one here or
    in the replaced database (``further``: its ordinal). Returns how many there were.

    None of those before is given again, see ``letter_reuse.keep``.
    """
    last = connection.execute(select(func.max(letters.c.ordinal))).scalar() or 0
    ordinals = range(last + 1, min(max(last, further) + by, LAST_LETTER) + 1)
    for ordinal in ordinals:
        connection.execute(insert(letters).values(ordinal=ordinal, letter=letter_at(ordinal)))
    letter_reuse.keep(connection, last + len(ordinals))
    return len(ordinals)
