"""The messages of the contract as pydantic models. The OpenAPI document is generated from them."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from menu.numbers import Number
from queue_server.clock import to_us

MAX_ROWS = 500
MAX_SEQ = 2**53
_YEARS = range(2000, 2200)
_HEX = "0-9a-f"
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _moment(value: Any) -> int:
    if not isinstance(value, str) or len(value) > 40 or not _RFC3339.fullmatch(value):
        raise ValueError("not a time of RFC 3339 with an offset")
    try:
        moment = datetime.fromisoformat(value.upper())
        offset = moment.utcoffset()
    except ValueError:
        raise ValueError("not a time of RFC 3339 with an offset") from None
    if offset is None or moment.year not in _YEARS:
        raise ValueError("not a time of RFC 3339 with an offset, in the years 2000 to 2199")
    return to_us(moment)


def _day(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 10:
        raise ValueError("not a date")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError("not a date") from None
    if day.year not in _YEARS or day.isoformat() != value:
        raise ValueError("not a date in the years 2000 to 2199")
    return value


def _number(value: Any) -> Number:
    if not isinstance(value, str):
        raise ValueError("not a queue number")  # noqa: TRY004  # pydantic expects ValueError
    return Number.parse(value)


Moment = Annotated[
    int,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "minLength": 20, "maxLength": 40}),
]
"""On the wire RFC 3339 with an offset; validated to microseconds since 1970."""
Day = Annotated[
    str,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date"}),
]
NumberText = Annotated[
    Any,
    BeforeValidator(_number),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{1,3}-([A-HJ-NP-Z]{0,2})[0-9]{3,4}$"}),
]
"""On the wire ``DK-027`` or ``DK-B003``; validated to a ``Number``."""
TICKET_ID = rf"[{_HEX}]{{8}}-[{_HEX}]{{4}}-[{_HEX}]{{4}}-[{_HEX}]{{4}}-[{_HEX}]{{12}}"
TicketId = Annotated[str, Field(pattern=f"^{TICKET_ID}$")]
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Track = Annotated[str, Field(pattern=rf"^[{_HEX}]{{32}}$")]
JournalId = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{8,64}$")]
CounterName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,19}$")]
CallId = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{8,64}$")]
RequestId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]


class IncomingMessage(BaseModel):
    """Base of incoming messages: strict types; unknown fields are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore")


class Reservation(IncomingMessage):
    """PUT /tickets/{id}."""

    service: Code
    priority: Code | None = None
    requested_at: Moment
    track: Track


class Row(IncomingMessage):
    """One ticket of an exchange. ``journal``: the journal that issued it, if not the sender's."""

    id: TicketId
    rev: Annotated[int, Field(ge=1, le=2**31 - 1)]
    state: Literal["issued", "void"]
    printed: Literal["confirmed", "sent", "uncertain", "screen", "no"]
    number: NumberText
    business_date: Day
    service: Code
    priority: Code | None = None
    issued_at: Moment
    track: Track
    journal: JournalId | None = None


class Exchange(IncomingMessage):
    """POST /sync. Each row of ``tickets`` is validated separately, and so is ``health``.

    ``follows``: the quarantined journal that this one replaced. ``follows_ended``: that one gives
    no more numbers anywhere; None from a kiosk that cannot be given a letter again.
    """

    journal: JournalId
    seq: Annotated[int, Field(ge=0, le=MAX_SEQ)]
    follows: JournalId | None = None
    follows_ended: bool | None = None
    sent_at: Moment
    catalogue: Annotated[str, Field(max_length=200)] = ""
    tickets: Annotated[
        list[Any],
        WithJsonSchema({"type": "array", "items": {"$ref": "#/components/schemas/Row"}}),
    ]
    health: Annotated[Any, WithJsonSchema({"type": "object", "additionalProperties": True})] = None


class ReportedCall(IncomingMessage):
    """``staff_call`` in a kiosk's health: a visitor calls for staff, from ``since`` to ``until``.

    The kiosk makes the id. Reported with each exchange as long as the call is open."""

    id: CallId
    since: Moment
    until: Moment


class Call(IncomingMessage):
    """POST /counters/{counter}/call: the next ticket by rule, or the given one.

    ``services``: call only for these, instead of the services that the menu assigns to the counter.
    """

    request_id: RequestId
    number: NumberText | None = None
    ticket: TicketId | None = None
    services: Annotated[list[Code], Field(min_length=1, max_length=200)] | None = None


class Action(IncomingMessage):
    """Recall, finish, no-show or undo. ``ticket``: id of the ticket called to this counter."""

    request_id: RequestId
    ticket: TicketId


class Pause(IncomingMessage):
    """POST /services/{service}/pause. Without ``until`` the pause lasts until it is resumed."""

    until: Moment | None = None


# ── outgoing ─────────────────────────────────────────────────────────────────────────────────

Range = Annotated[
    list[int],
    WithJsonSchema({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}),
]
MomentText = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
DayText = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]


class Reserved(BaseModel):
    """The number that the ticket id holds now."""

    id: str
    number: str
    business_date: DayText
    ahead: int
    wait_minutes: Range | None
    epoch: str


class Result(BaseModel):
    """The result of one row. ``id`` is empty and ``rev`` 0 if they could not be read."""

    id: str
    rev: int
    status: Literal["stored", "conflict", "refused"]
    code: str | None


class ServiceState(BaseModel):
    """One service now. ``until``: when ``open`` changes, if known.

    ``given_day``, ``given_hour``: numbers given on the date and in this hour of the clock; null
    for a service without a quota by the hour.
    """

    waiting: int
    wait_minutes: Range | None
    now_serving: str | None
    open: bool
    reason: Literal["closed", "paused", "quota_full"] | None
    until: MomentText | None
    quota_left: int | None
    given_day: int | None
    given_hour: int | None


class Notice(BaseModel):
    """A warning for the staff of the kiosk."""

    code: Literal["journal_conflict", "too_many_journals", "letters_used_up", "bad_health"]
    message: dict[str, str]


class CallAnswer(BaseModel):
    """What the kiosk's call for staff has come to. ``answered``: staff have seen it."""

    id: str
    answered: bool


class Exchanged(BaseModel):
    """The answer to an exchange. ``results`` are in the order of the rows.

    ``journal``: of the request, so that a kiosk does not use another kiosk's answer.

    ``staff_call``: the call that the kiosk has reported; null where it has reported none, or one
    that is over by its ``until``. ``letter_since``: the first date of numbers with the letter; null
    where no other journal had it."""

    journal: JournalId
    epoch: str
    server_time: MomentText
    next_sync_s: float
    results: list[Result]
    services: dict[str, ServiceState]
    letter: str | None
    letter_since: DayText | None
    catalogue: str
    notice: Notice | None
    staff_call: CallAnswer | None


class ProblemDocument(BaseModel):
    """A problem document (RFC 9457). ``message``: text for the visitor, by language."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    message: dict[str, str] | None = None
    until: MomentText | None = None
    errors: list[dict[str, str]] | None = None


class Ticket(BaseModel):
    """A ticket for staff. ``state`` is set by the kiosk, ``status`` by the counters."""

    id: str
    number: str
    service: str
    priority: str | None
    state: Literal["issued", "void"]
    status: Literal["waiting", "called", "done", "no_show"]
    counter: str | None
    called_at: MomentText | None
    calls: int
    placeholder: bool
    conflict: bool


class Called(BaseModel):
    """The answer to a counter action. ``ticket`` is null if no ticket is waiting."""

    counter: str
    ticket: Ticket | None


class AtCounter(BaseModel):
    """A counter and the ticket called to it."""

    counter: str
    ticket: Ticket | None


class StaffCall(BaseModel):
    """A visitor's call for staff at a kiosk. It ends at ``until`` if nobody answers."""

    id: str
    kiosk: str
    since: MomentText
    until: MomentText
    answered_at: MomentText | None
    answered_by: str | None


class Board(BaseModel):
    """The whole board. ``waiting`` in queue order, ``recent`` newest call first.

    ``staff_calls``: kiosks at which a visitor calls for staff, the oldest call first."""

    business_date: DayText
    counters: list[AtCounter]
    services: dict[str, ServiceState]
    waiting: list[Ticket]
    recent: list[Ticket]
    staff_calls: list[StaffCall]


class Journal(BaseModel):
    """A journal, its highest exchange number, and a letter that it holds.

    ``id``: a fingerprint of the journal's id, which only the kiosk and the server know.
    """

    id: str
    seq: int
    letter: str | None


class Kiosk(BaseModel):
    """A kiosk and the health that it last reported. ``staff_call``: its present one, if any."""

    name: str
    revoked: bool
    seen_at: MomentText | None
    health: dict[str, Any] | None
    journal_conflicts: int
    conflict_at: MomentText | None
    journals: list[Journal]
    staff_call: StaffCall | None


class CatalogueStatus(BaseModel):
    """The live menu, and what became of the agencies file on the machine that answers.

    ``message`` says by language what is wrong and what to do; null where nothing is. ``problems``
    are the errors of a ``bad`` file, in Indonesian. ``missing``: how many services of the live
    menu a ``waiting`` file lacks.
    """

    etag: str
    services: int
    file: Literal["live", "settling", "older", "waiting", "coming", "other_site", "bad"]
    message: dict[str, str] | None
    problems: list[str]
    missing: int


class Kiosks(BaseModel):
    """All kiosks, sorted by name."""

    kiosks: list[Kiosk]
    catalogue: CatalogueStatus | None = None


class Conflict(Ticket):
    """A ticket whose number another ticket holds on that date."""

    kiosk: str | None
    business_date: DayText


class Conflicts(BaseModel):
    """Tickets in conflict, newest first."""

    conflicts: list[Conflict]
