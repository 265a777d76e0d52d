"""POST /sync: settle tickets, record the journal and the kiosk's health, in one transaction."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from sqlalchemy import Connection, update

from queue_server import journals, meta, staff_calls
from queue_server.access import Principal
from queue_server.clock import day_of
from queue_server.errors import RequestProblem
from queue_server.journals import Owner
from queue_server.letter_reuse import AssignedLetter
from queue_server.messages import MAX_ROWS, Exchange
from queue_server.schema import principals
from queue_server.served_menu import ServedMenu
from queue_server.settle import SettleContext, settle

MAX_HEALTH_BYTES = 8192
_NOTICES = {
    "journal_conflict": (
        "Jurnal kiosk ini lebih tua daripada yang pernah terlihat, atau dipakai kiosk lain.",
        "This kiosk's journal is older than one seen before, or belongs to another kiosk.",
    ),
    "letters_used_up": (
        "Tidak ada huruf lagi untuk jurnal kiosk ini.",
        "There is no letter left for this kiosk's journal.",
    ),
    "too_many_journals": (
        "Terlalu banyak jurnal baru dari kiosk ini hari ini: periksa disknya. Jurnal ini belum "
        "mendapat huruf; nomor tetap diberikan lewat server.",
        "Too many new journals of this kiosk today: check its disk. This journal gets no letter "
        "yet; numbers are given through the server.",
    ),
    "bad_health": (
        "Keadaan kiosk tidak dapat dibaca.",
        "The kiosk's health could not be read.",
    ),
}
"""By code: Indonesian, English. Order of precedence is in ``exchange``."""


class ExchangeResult(NamedTuple):
    """The parts of an answer that are this kiosk's own (the rest is the same for all kiosks)."""

    epoch: str
    results: list[dict[str, Any]]
    letter: AssignedLetter | None
    notice: dict[str, Any] | None
    staff_call: dict[str, Any] | None


def exchange(
    connection: Connection, kiosk: Principal, request: Exchange, menu: ServedMenu, now_us: int
) -> ExchangeResult:
    """Carry out one exchange.

    Rows are settled even if journal or health are rejected: a visitor already has the number.
    Raises RequestProblem 413 for more than ``MAX_ROWS`` rows.
    """
    if len(request.tickets) > MAX_ROWS:
        raise RequestProblem(413, "too_many_rows", f"At most {MAX_ROWS} tickets at once.")
    follows = request.follows if request.follows != request.journal else None
    owner = journals.register(
        connection,
        request.journal,
        follows,
        kiosk.id,
        now_us,
        today=day_of(now_us, menu.zone),
        ended=follows is not None and bool(request.follows_ended),
    )
    context = SettleContext(kiosk, request.journal, now_us - request.sent_at, menu, now_us)
    results = settle(connection, context, request.tickets)
    notices = []
    if owner is not Owner.REFUSED and (
        owner is Owner.OTHER
        or journals.is_step_back(connection, request.journal, request.seq, now_us)
        or journals.is_followed(connection, request.journal)
    ):
        journals.record_conflict(connection, kiosk.id, now_us)
        notices.append("journal_conflict")
    call = None
    if not notices:  # a delayed copy of an older exchange must not end or reopen a call
        ahead_us = now_us - request.sent_at
        call = staff_calls.report(connection, kiosk.id, request.health, ahead_us, now_us)
    letter = None
    if owner is Owner.REFUSED:
        # Not an error: a kiosk without an answer and without a letter would give no numbers.
        notices.append("too_many_journals")
    elif owner is Owner.SELF:
        letter = journals.assign_letter(
            connection,
            request.journal,
            now_us,
            menu.zone,
            again=request.follows_ended is not None,
        )
        if letter is None:
            notices.append("letters_used_up")
    health = health_text(request.health)
    if health is None:
        notices.append("bad_health")
    seen: dict[str, Any] = {"seen_us": now_us}
    if health:
        seen["health"] = health
    connection.execute(update(principals).where(principals.c.id == kiosk.id).values(**seen))
    return ExchangeResult(meta.epoch(connection), results, letter, _notice(notices), call)


def health_text(health: Any) -> str | None:
    """A kiosk's health as JSON text to store; "" if it sent none; None if it is not storable.

    Storable: an object of at most ``MAX_HEALTH_BYTES`` without NaN or infinity.
    """
    if health is None:
        return ""
    try:
        text = json.dumps(health, allow_nan=False)
    except (ValueError, RecursionError):
        return None
    return text if isinstance(health, dict) and len(text) <= MAX_HEALTH_BYTES else None


def _notice(codes: list[str]) -> dict[str, Any] | None:
    """The notice for the first code: the answer has room for one."""
    if not codes:
        return None
    indonesian, english = _NOTICES[codes[0]]
    return {"code": codes[0], "message": {"id": indonesian, "en": english}}
