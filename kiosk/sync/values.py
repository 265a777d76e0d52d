"""Messages of the contract as values: what is sent as JSON, and what an answer must look like.

Whatever in an answer is not as the contract has it, raises ServerGarbled where the answer is
useless without it (id, number, results), and is left out where it is only nice to know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kiosk.domain.live import ServiceLive
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.errors import ServerGarbled
from menu.numbers import LETTER, Number

STATUSES = ("stored", "conflict", "refused")
MOST_TEXT = 200
MOST_FIGURE = 1_000_000
_YEARS = range(2020, 2200)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reservation:
    """A number that the server reserved for a ticket id, on ``business_date`` at the site."""

    number: str
    business_date: date
    ahead: int | None = None
    wait_minutes: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """One exchange: what the kiosk says. ``tickets`` are rows made by ``row``; ``follows`` is the
    journal that was set aside for this one, None for the first."""

    journal: str
    seq: int
    follows: str | None
    sent_at: datetime
    catalogue: str
    tickets: tuple[dict[str, Any], ...]
    health: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row: ``status`` stored, conflict or refused, and why (``code``)."""

    id: str
    rev: int
    status: str
    code: str


@dataclass(frozen=True, slots=True)
class SyncAnswer:
    """One exchange: what the server says. ``notice`` is empty for none."""

    epoch: str
    server_time: datetime
    next_sync_s: float | None
    results: tuple[RowResult, ...]
    services: Mapping[str, ServiceLive]
    letter: str
    catalogue: str
    notice: str


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """The catalogue's bytes and their ETag, as the server gave it."""

    etag: str
    body: bytes


def reservation_body(request: TicketRequest) -> dict[str, Any]:
    """The body of a reservation."""
    return {
        "service": request.service,
        "priority": request.priority,
        "requested_at": request.requested_at.isoformat(),
        "track": request.track,
    }


def ticket_row(ticket: Ticket, origin: str | None = None) -> dict[str, Any]:
    """A ticket as a row. ``origin``: the journal that handed it out, where it is another one.

    A ticket whose paper is still open is sent as ``no``: the next revision tells more.
    """
    made: dict[str, Any] = {
        "id": ticket.id,
        "rev": ticket.rev,
        "state": ticket.state,
        "printed": ticket.printed.value if ticket.printed else "no",
        "number": ticket.number,
        "business_date": ticket.business_date.isoformat(),
        "service": ticket.service,
        "priority": ticket.priority,
        "issued_at": ticket.issued_at.isoformat(),
        "track": ticket.track,
    }
    return made if origin is None else made | {"journal": origin}


def sync_body(request: SyncRequest) -> dict[str, Any]:
    """The body of an exchange."""
    return {
        "journal": request.journal,
        "seq": request.seq,
        "follows": request.follows,
        "sent_at": request.sent_at.isoformat(),
        "catalogue": request.catalogue,
        "tickets": list(request.tickets),
        "health": dict(request.health),
    }


def read_reservation(said: Mapping[str, Any], ticket_id: str) -> Reservation:
    """The reservation in an answer; ServerGarbled unless it is one for ``ticket_id``."""
    if said.get("id") != ticket_id:
        raise ServerGarbled("server.wrong_ticket")
    try:
        parsed = Number.parse(_text(said["number"]))
        day = date.fromisoformat(_text(said["business_date"]))
        if day.isoformat() != said["business_date"]:
            raise ValueError("not as the contract writes a date")
    except (KeyError, ValueError, TypeError) as error:
        raise ServerGarbled("server.no_number") from error
    if str(parsed) != said["number"] or not parsed.value or day.year not in _YEARS:
        raise ServerGarbled("server.no_number")
    return Reservation(
        str(parsed), day, _figure(said.get("ahead")), _range(said.get("wait_minutes"))
    )


def read_answer(said: Mapping[str, Any]) -> SyncAnswer:
    """The answer of an exchange; ServerGarbled when what counts in it is missing or odd."""
    try:
        epoch = said["epoch"]
        if isinstance(epoch, bool) or not isinstance(epoch, str | int) or epoch == "":
            raise TypeError("no epoch")
        epoch = _text(str(epoch))
        moment = _moment(said["server_time"])
        if not isinstance(said["results"], list):
            raise TypeError("no results")
        results = tuple(_result(one) for one in said["results"])
        letter = said.get("letter") or ""
        if letter and not LETTER.fullmatch(_text(letter)):
            raise ValueError("no letter")
    except (KeyError, ValueError, TypeError) as error:
        raise ServerGarbled("server.contract") from error
    services = said.get("services")
    named = services.items() if isinstance(services, Mapping) else ()
    return SyncAnswer(
        epoch=epoch,
        server_time=moment,
        next_sync_s=_seconds(said.get("next_sync_s")),
        results=results,
        services={
            code: _service(one)
            for code, one in named
            if isinstance(one, Mapping) and code == _short(code)
        },
        letter=letter,
        catalogue=_short(said.get("catalogue")),
        notice=_notice(said.get("notice")),
    )


def _result(said: Any) -> RowResult:
    ticket_id, rev, status = _text(said["id"]), said["rev"], said["status"]
    if isinstance(rev, bool) or not isinstance(rev, int) or status not in STATUSES:
        raise ValueError("no result")
    return RowResult(ticket_id, rev, status, _short(said.get("code")))


def _service(said: Mapping[str, Any]) -> ServiceLive:
    until = said.get("until")
    try:
        moment = None if until is None else _moment(until)
    except (ValueError, TypeError):
        moment = None
    return ServiceLive(
        waiting=_figure(said.get("waiting")),
        wait_minutes=_range(said.get("wait_minutes")),
        now_serving=_short(said.get("now_serving")) or None,
        open=said.get("open") is not False,
        reason=_short(said.get("reason")) or None,
        until=moment,
        quota_left=_figure(said.get("quota_left")),
    )


def _notice(said: Any) -> str:
    """A notice as one line; some servers give it as an object with a code."""
    if isinstance(said, Mapping):
        said = said.get("code")
    return _short(said)


def _text(said: Any) -> str:
    """A text that journal and screen can hold: JSON may carry half a character."""
    if not isinstance(said, str) or len(said) > MOST_TEXT or not said.isprintable():
        raise TypeError("no text")
    return said


def _short(said: Any) -> str:
    """The same of what is only nice to know: cut, and without what cannot be printed."""
    words = said[:MOST_TEXT].split() if isinstance(said, str) else ()
    return "".join(letter for letter in " ".join(words) if letter.isprintable())


def _moment(said: Any) -> datetime:
    text = _text(said)
    moment = datetime.fromisoformat(text.upper())
    if not _RFC3339.fullmatch(text) or moment.year not in _YEARS:
        raise ValueError("no moment")
    return moment


def _figure(said: Any) -> int | None:
    good = isinstance(said, int) and not isinstance(said, bool) and 0 <= said <= MOST_FIGURE
    return said if good else None


def _seconds(said: Any) -> float | None:
    good = isinstance(said, int | float) and not isinstance(said, bool) and 0 < said <= MOST_FIGURE
    return float(said) if good else None


def _range(said: Any) -> tuple[int, int] | None:
    if not isinstance(said, list) or len(said) != 2:
        return None
    low, high = _figure(said[0]), _figure(said[1])
    return (low, high) if low is not None and high is not None and low <= high else None
