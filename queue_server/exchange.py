"""POST /sync: settle, report, learn, in one transaction."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from sqlalchemy import Connection, update

from queue_server import journals, meta
from queue_server.access import Principal
from queue_server.errors import Problem
from queue_server.menu import Menu
from queue_server.messages import MOST_ROWS, Exchange
from queue_server.schema import principals
from queue_server.settle import Sender, settle

MOST_HEALTH_BYTES = 8192
_NOTICES = {
    "journal_conflict": (
        "Jurnal kiosk ini lebih tua daripada yang pernah terlihat, atau dipakai kiosk lain.",
        "This kiosk's journal is older than one seen before, or belongs to another kiosk.",
    ),
    "letters_used_up": (
        "Tidak ada huruf lagi untuk jurnal kiosk ini.",
        "There is no letter left for this kiosk's journal.",
    ),
    "bad_health": (
        "Keadaan kiosk tidak dapat dibaca.",
        "The kiosk's health could not be read.",
    ),
}


class Learned(NamedTuple):
    """What an exchange answers, besides what is the same for every kiosk."""

    epoch: str
    results: list[dict[str, Any]]
    letter: str | None
    notice: dict[str, Any] | None


def exchange(
    connection: Connection, kiosk: Principal, said: Exchange, menu: Menu, now_us: int
) -> Learned:
    """Carries out one exchange. The rows are settled whatever else is wrong."""
    if len(said.tickets) > MOST_ROWS:
        raise Problem(413, "too_many_rows", f"At most {MOST_ROWS} tickets at once.")
    follows = said.follows if said.follows != said.journal else None
    own = journals.journal_of(connection, said.journal, follows, kiosk.id, now_us)
    sender = Sender(kiosk, said.journal, now_us - said.sent_at, menu, now_us, set(), set())
    results = settle(connection, sender, said.tickets)
    notices = []
    if (
        not own
        or journals.is_step_back(connection, said.journal, said.seq, now_us)
        or journals.is_followed(connection, said.journal)
    ):
        journals.note_conflict(connection, kiosk.id, now_us)
        notices.append("journal_conflict")
    letter = journals.letter_of(connection, said.journal) if own else None
    if own and letter is None:
        notices.append("letters_used_up")
    health = health_text(said.health)
    if health is None:
        notices.append("bad_health")
    seen: dict[str, Any] = {"seen_us": now_us}
    if health:
        seen["health"] = health
    connection.execute(update(principals).where(principals.c.id == kiosk.id).values(**seen))
    return Learned(meta.epoch(connection), results, letter, _notice(notices))


def health_text(said: Any) -> str | None:
    """What is kept of a kiosk's health, empty for none; None where it cannot be kept."""
    if said is None:
        return ""
    try:
        text = json.dumps(said, allow_nan=False)
    except (ValueError, RecursionError):
        return None
    return text if isinstance(said, dict) and len(text) <= MOST_HEALTH_BYTES else None


def _notice(codes: list[str]) -> dict[str, Any] | None:
    if not codes:
        return None
    indonesian, english = _NOTICES[codes[0]]
    return {"code": codes[0], "message": {"id": indonesian, "en": english}}
