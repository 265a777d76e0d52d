"""The messages of the contract (docs/protocol.md) as values, built for and parsed from JSON.

A malformed required field of an answer (id, number, results) raises ServerGarbled; a malformed
optional field is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
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
    """A number reserved by the server for a ticket id. ``business_date``: local at the site."""

    number: str
    business_date: date
    ahead: int | None = None
    wait_minutes: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """The kiosk's side of one exchange. ``tickets``: rows made by ``ticket_row``. ``follows``: the
    quarantined journal that this one replaced; None for the first journal. ``ended``: that journal
    gives no more numbers anywhere."""

    journal: str
    seq: int
    follows: str | None
    sent_at: datetime
    catalogue: str
    tickets: tuple[dict[str, Any], ...]
    health: Mapping[str, Any]
    ended: bool = False


@dataclass(frozen=True, slots=True)
class RowResult:
    """The result of one row: ``status`` stored, conflict or refused, with the reason ``code``."""

    id: str
    rev: int
    status: str
    code: str


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """What the server says of the call for staff ``id``. ``answered``: staff have seen it."""

    id: str
    answered: bool


@dataclass(frozen=True, slots=True)
class SyncAnswer:
    """The server's side of one exchange. An empty ``notice`` means none.

    ``server_time``: None from a server whose clock is not to be believed; its answers then neither
    correct this kiosk's clock nor confirm the date.
    ``calls``: whether the server passes calls for staff on; ``staff_call``: the one reported.
    ``letter_since``: the first date of the letter, None where no other journal had it."""

    epoch: str
    server_time: datetime | None
    next_sync_s: float | None
    results: tuple[RowResult, ...]
    services: Mapping[str, ServiceLive]
    letter: str
    catalogue: str
    notice: str
    calls: bool = False
    staff_call: CallAnswer | None = None
    letter_since: date | None = None

    @staticmethod
    def of_rows(epoch: str, results: Iterable[RowResult]) -> SyncAnswer:
        """The answer of a server that takes rows, and has neither letters, states, a menu nor a
        clock for a kiosk."""
        return SyncAnswer(
            epoch=epoch,
            server_time=None,
            next_sync_s=None,
            results=tuple(results),
            services={},
            letter="",
            catalogue="",
            notice="",
        )

    def at_site(self, zone: tzinfo) -> SyncAnswer:
        """With the times that visitors read in the site's ``zone``: a server may write any offset,
        and the screen shows day and hour as they are written."""
        return replace(
            self,
            services={
                code: one if one.until is None else replace(one, until=one.until.astimezone(zone))
                for code, one in self.services.items()
            },
        )


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """The agencies file as bytes, with the server's ETag."""

    etag: str
    body: bytes


def reservation_body(request: TicketRequest) -> dict[str, Any]:
    """The JSON body of a reservation."""
    return {
        "service": request.service,
        "priority": request.priority,
        "requested_at": request.requested_at.isoformat(),
        "track": request.track,
    }


def ticket_row(ticket: Ticket, origin: str | None = None) -> dict[str, Any]:
    """A ticket as a row of an exchange. ``origin``: the journal that gave the number, if another.

    A ticket whose print job is under way is sent as ``no``; the next revision updates it.
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
    """The JSON body of an exchange."""
    return {
        "journal": request.journal,
        "seq": request.seq,
        "follows": request.follows,
        "follows_ended": request.ended,
        "sent_at": request.sent_at.isoformat(),
        "catalogue": request.catalogue,
        "tickets": list(request.tickets),
        "health": dict(request.health),
    }


def read_reservation(said: Mapping[str, Any], ticket_id: str) -> Reservation:
    """Parse a reservation; ServerGarbled unless it is valid and for ``ticket_id``."""
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
        str(parsed), day, figure(said.get("ahead")), _range(said.get("wait_minutes"))
    )


def read_answer(said: Mapping[str, Any], journal: str = "") -> SyncAnswer:
    """Parse the answer of an exchange; ServerGarbled when a required field is malformed.

    ``journal``: of the request. An answer that names another one is not used: a proxy that mixes up
    its connections would bring the letter of another kiosk.
    """
    named = said.get("journal")
    if journal and named is not None and named != journal:
        raise ServerGarbled("server.other_journal")
    try:
        epoch = said["epoch"]
        epoch = _text(epoch if isinstance(epoch, str) else str(_whole(epoch)))
        if not epoch:
            raise TypeError("no epoch")
        moment = _moment(said["server_time"])
        if not isinstance(said["results"], list):
            raise TypeError("no results")
        results = tuple(_result(one) for one in said["results"])
        letter = said.get("letter") or ""
        if letter and not LETTER.fullmatch(_text(letter)):
            raise ValueError("no letter")
        since = _first_date(said.get("letter_since"))
    except (KeyError, ValueError, TypeError) as error:
        raise ServerGarbled("server.contract") from error
    services = said.get("services")
    states = services.items() if isinstance(services, Mapping) else ()
    return SyncAnswer(
        epoch=epoch,
        server_time=moment,
        next_sync_s=_seconds(said.get("next_sync_s")),
        results=results,
        services={
            code: _service(one)
            for code, one in states
            if isinstance(one, Mapping) and code == _short(code)
        },
        letter=letter,
        letter_since=since,
        catalogue=_short(said.get("catalogue")),
        notice=_notice(said.get("notice")),
        calls="staff_call" in said,
        staff_call=_call(said.get("staff_call")),
    )


def _first_date(said: Any) -> date | None:
    """The first date of a letter that another journal had; ValueError or TypeError if malformed:
    without it the letter must not be used."""
    if said is None:
        return None
    day = date.fromisoformat(_text(said))
    if day.isoformat() != said or day.year not in _YEARS:
        raise ValueError("no date")
    return day


def _result(said: Any) -> RowResult:
    ticket_id, rev, status = _text(said["id"]), _whole(said["rev"]), said["status"]
    if status not in STATUSES:
        raise ValueError("no result")
    return RowResult(ticket_id, rev, status, _short(said.get("code")))


def _service(said: Mapping[str, Any]) -> ServiceLive:
    return ServiceLive(
        waiting=figure(said.get("waiting")),
        wait_minutes=_range(said.get("wait_minutes")),
        now_serving=_short(said.get("now_serving")) or None,
        open=said.get("open") is not False,
        reason=_short(said.get("reason")) or None,
        until=read_until(said.get("until")),
        quota_left=figure(said.get("quota_left")),
        given_day=figure(said.get("given_day")),
        given_hour=figure(said.get("given_hour")),
    )


def _call(said: Any) -> CallAnswer | None:
    if not isinstance(said, Mapping) or not _short(said.get("id")):
        return None
    return CallAnswer(_short(said["id"]), said.get("answered") is True)


def _notice(said: Any) -> str:
    """A notice as one line; some servers send an object with a code."""
    if isinstance(said, Mapping):
        said = said.get("code")
    return _short(said)


def _text(said: Any) -> str:
    """A required text that journal and screen can store; rejects lone surrogates of JSON."""
    if not isinstance(said, str) or len(said) > MOST_TEXT or not said.isprintable():
        raise TypeError("no text")
    return said


def _short(said: Any) -> str:
    """An optional text: cut to MOST_TEXT, without unprintable characters."""
    words = said[:MOST_TEXT].split() if isinstance(said, str) else ()
    return "".join(letter for letter in " ".join(words) if letter.isprintable())


def read_until(said: Any) -> datetime | None:
    """The end of a refusal or of a closed service; None where it is missing or not a moment."""
    try:
        return None if said is None else _moment(said)
    except (ValueError, TypeError):
        return None


def _moment(said: Any) -> datetime:
    text = _text(said)
    moment = datetime.fromisoformat(text.upper())
    if not _RFC3339.fullmatch(text) or moment.year not in _YEARS:
        raise ValueError("no moment")
    return moment


def _whole(said: Any) -> int:
    """A required whole number; TypeError for anything else.

    5.0 is 5: encoders of languages without integers write it so.
    """
    if isinstance(said, float) and said.is_integer():
        return int(said)
    if isinstance(said, bool) or not isinstance(said, int):
        raise TypeError("no whole number")
    return said


def figure(said: Any) -> int | None:
    """An optional whole number from 0 to MOST_FIGURE; None for anything else."""
    try:
        whole = _whole(said)
    except TypeError:
        return None
    return whole if 0 <= whole <= MOST_FIGURE else None


def _seconds(said: Any) -> float | None:
    good = isinstance(said, int | float) and not isinstance(said, bool) and 0 < said <= MOST_FIGURE
    return float(said) if good else None


def _range(said: Any) -> tuple[int, int] | None:
    if not isinstance(said, list) or len(said) != 2:
        return None
    low, high = figure(said[0]), figure(said[1])
    return (low, high) if low is not None and high is not None and low <= high else None
