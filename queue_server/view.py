"""Read models: tickets, the board, kiosks and conflicts, as JSON-ready dictionaries."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from menu.numbers import Number
from queue_server import series, staff_calls
from queue_server.clock import from_us, rfc3339
from queue_server.live import states
from queue_server.menu_file import LANGUAGES, FileStatus
from queue_server.schema import CONFLICT, journals, letters, principals, tickets, tokens
from queue_server.served_menu import ServedMenu

MAX_LISTED = 500
MAX_RECENT = 12
FINGERPRINT_DIGITS = 12
t = tickets.c


def ticket_view(row: RowMapping | dict[str, Any], menu: ServedMenu) -> dict[str, Any]:
    """A ticket for staff (schema ``Ticket``)."""
    called_us = row["called_us"]
    return {
        "id": row["id"],
        "number": str(Number(row["prefix"], row["letter"], row["value"])),
        "service": row["service"],
        "priority": row["priority"],
        "state": row["state"],
        "status": row["status"],
        "counter": row["counter"],
        "called_at": None if called_us is None else rfc3339(called_us, menu.zone),
        "calls": row["calls"],
        "placeholder": bool(row["placeholder"]),
        "conflict": bool(row["conflict"]),
    }


def board(connection: Connection, menu: ServedMenu, now_us: int, ratio: int) -> dict[str, Any]:
    """The board of today: counters, services, waiting tickets, latest calls (schema ``Board``).

    ``ratio``: as in ``live.states``.
    """
    day = from_us(now_us, menu.zone).date().isoformat()
    today = select(tickets).where(t.queue_date == day)
    called = connection.execute(today.where(t.status == "called")).mappings().all()
    at_counter = {row["counter"]: ticket_view(row, menu) for row in called}
    waiting = connection.execute(
        today.where(series.waits(now_us - series.RESERVED_US))
        .order_by(t.order_us, t.value)
        .limit(MAX_LISTED)
    )
    recent = connection.execute(
        today.where(t.called_us.is_not(None), t.status != "joined")
        .order_by(t.called_us.desc())
        .limit(MAX_RECENT)
    )
    return {
        "business_date": day,
        "counters": [
            {"counter": counter, "ticket": at_counter.get(counter)}
            for counter in sorted(menu.counters() | at_counter.keys())
        ],
        "services": states(connection, menu, now_us, ratio),
        "waiting": [ticket_view(row, menu) for row in waiting.mappings()],
        "recent": [ticket_view(row, menu) for row in recent.mappings()],
        "staff_calls": staff_calls.open_calls(connection, menu, now_us),
    }


def kiosks(connection: Connection, menu: ServedMenu, now_us: int) -> list[dict[str, Any]]:
    """Every kiosk with its last health and its journals (schema ``Kiosk``), sorted by name."""
    valid = select(tokens.c.principal).where(tokens.c.ended.is_(None))
    with_token = set(connection.execute(valid).scalars())
    by_id = {}
    rows = connection.execute(
        select(principals).where(principals.c.kind == "kiosk").order_by(principals.c.name)
    )
    for row in rows:
        by_id[row.id] = {
            "name": row.name,
            "revoked": row.id not in with_token,
            "seen_at": None if row.seen_us is None else rfc3339(row.seen_us, menu.zone),
            "health": None if row.health is None else json.loads(row.health),
            "journal_conflicts": row.conflicts,
            "conflict_at": (
                None if row.conflict_us is None else rfc3339(row.conflict_us, menu.zone)
            ),
            "journals": [],
            "staff_call": None,
        }
    for kiosk_id, call in staff_calls.last_calls(connection, by_id, menu, now_us).items():
        by_id[kiosk_id]["staff_call"] = call
    held = connection.execute(
        select(journals.c.kiosk, journals.c.id, journals.c.seq, letters.c.letter)
        .outerjoin(letters, letters.c.journal == journals.c.id)
        .order_by(journals.c.seen_us, letters.c.ordinal)
    )
    for row in held:
        kiosk: Any = by_id[row.kiosk]
        # With a journal's id and a stolen token another machine could settle numbers in its name.
        fingerprint = hashlib.sha256(row.id.encode()).hexdigest()[:FINGERPRINT_DIGITS]
        kiosk["journals"].append({"id": fingerprint, "seq": row.seq, "letter": row.letter})
    return list(by_id.values())


def catalogue(menu: ServedMenu, status: FileStatus) -> dict[str, Any]:
    """The live menu and the state of the file (schema ``CatalogueStatus``)."""
    said = {language: status.message(language) for language in LANGUAGES}
    return {
        "etag": menu.etag,
        "services": len(menu.services),
        "file": status.state.value,
        "message": said if any(said.values()) else None,
        "problems": list(status.problems[LANGUAGES[0]]) if status.problems else [],
        "missing": len(status.missing),
    }


def conflicts(connection: Connection, menu: ServedMenu) -> list[dict[str, Any]]:
    """Tickets whose number another ticket holds on that date, newest first."""
    rows = connection.execute(
        select(tickets, principals.c.name)
        .outerjoin(principals, principals.c.id == t.kiosk)
        .where(CONFLICT)
        .order_by(t.settled_us.desc())
        .limit(MAX_LISTED)
    )
    return [
        ticket_view(row, menu) | {"kiosk": row["name"], "business_date": row["business_date"]}
        for row in rows.mappings()
    ]


def tickets_of(connection: Connection, day: date | None) -> list[dict[str, Any]]:
    """All tickets of a business date in queue order; ``day`` None: the latest date with a ticket.

    The latest date is at most a day after the newest ticket arrived by the server's clock: one row
    of a kiosk whose clock is in 2199 must not hide the others.
    Includes reservations that no kiosk has settled (``rev`` 0); excludes placeholders.
    """
    real = t.placeholder.is_(False)
    newest = from_us(series.newest_arrival_us(connection) or 0) + timedelta(days=1)
    in_time = t.business_date <= newest.date().isoformat()
    last = select(func.max(t.business_date)).where(real, in_time).scalar_subquery()
    rows = connection.execute(
        select(tickets, principals.c.name)
        .outerjoin(principals, principals.c.id == t.kiosk)
        .where(real, t.business_date == (last if day is None else day.isoformat()))
        .order_by(t.order_us, t.prefix, t.letter, t.value)
    )
    return [
        {
            "id": row["id"],
            "number": str(Number(row["prefix"], row["letter"], row["value"])),
            "business_date": row["business_date"],
            "service": row["service"],
            "kiosk": row["name"],
            "state": row["state"],
            "printed": row["printed"],
            "rev": row["rev"],
            "conflict": bool(row["conflict"]),
        }
        for row in rows.mappings()
    ]
