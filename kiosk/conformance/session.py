"""What the cases share: two journals, their letters, and every ticket that must be given back."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from kiosk.conformance.case import Differs, NotOffered, NotPrepared, NotRun
from kiosk.conformance.probe import Probe, ProbeReply
from kiosk.domain.ticket import uuid7
from kiosk.errors import ServerGarbled
from kiosk.messages import Message
from kiosk.sync import values
from kiosk.sync.client import CODES, DONE
from kiosk.sync.http_link import JSON
from menu.numbers import LAST_NUMBER, Number

TURN_AWAY = ("closed", "paused", "quota_full")
"""The codes of a 409 that send a visitor away."""
CONFLICT = "journal_conflict"
OWN_PREFIX = "CS"
"""Of own numbers where no reservation shows a prefix of the server's menu."""
OWN_SERVICE = "check-server"
"""The service of tickets where the server names none, and one that no menu has."""
MOST_SERVICES = 5
"""How many services are tried at most until one gives a number."""


@dataclass
class ProbeJournal:
    """A journal of the check. ``letter``: empty before the server gave one; ``last``: its last own
    number's value."""

    id: str = field(default_factory=lambda: secrets.token_hex(16))
    seq: int = 0
    follows: str | None = None
    letter: str = ""
    last: int = 0


@dataclass(frozen=True, slots=True)
class ExtraTokens:
    """Tokens that some cases need; empty for none. ``other``: of a second kiosk."""

    other: str = ""
    revoked: str = ""


class ConformanceSession:
    """One run against one server. ``wanted``: codes of services to use, in place of the open ones
    that the server names. ``tokens``: for the cases that need further ones.

    ``kept``: the row that the server holds of each ticket, by id; ``reserved``: each reservation,
    by id.
    """

    def __init__(self, probe: Probe, wanted: Sequence[str], tokens: ExtraTokens) -> None:
        self.probe = probe
        self.tokens = tokens
        self.first, self.second = ProbeJournal(), ProbeJournal()
        self.second.follows = self.first.id
        self.kept: dict[str, dict[str, Any]] = {}
        self.reserved: dict[str, values.Reservation] = {}
        self.answer: values.SyncAnswer | None = None
        self.said: dict[str, Any] = {}
        self.fastest_s = float("inf")
        self.service = wanted[0] if wanted else ""
        self._wanted = tuple(wanted)
        self._answered_s = 0.0
        self._refusal: NotOffered | NotRun | None = None

    # ── exchanges ────────────────────────────────────────────────────────────────────────

    def post(self, journal: ProbeJournal, *rows: Any, token: str | None = None, **more: Any) -> Any:
        """The reply to an exchange; ``more`` replaces or adds fields of the request."""
        journal.seq += len(rows)
        body = {
            "journal": journal.id,
            "seq": journal.seq,
            "follows": journal.follows,
            # The first journal ends here: a server that gives letters again must wait.
            "follows_ended": journal.follows is not None,
            "sent_at": self.now().isoformat(),
            "catalogue": "",
            "tickets": list(rows),
            "health": {"printer": "ready"},
        }
        reply = self.probe.ask("POST", "/sync", body | more, token=token)
        self._keep(reply, rows)
        return reply

    def sync(self, *rows: Any, journal: ProbeJournal | None = None, **more: Any) -> Any:
        """The answer of an exchange, as the kiosk reads it. Raises Differs where it cannot."""
        sender = journal or self.first
        reply = self.post(sender, *rows, **more)
        answer = read_answer(reply)
        self.answer, self.said, self._answered_s = answer, reply.json or {}, time.monotonic()
        if answer.letter and not sender.letter:
            sender.letter = answer.letter
        return answer

    def settle(self, row: dict[str, Any], *expected: str, **more: Any) -> values.RowResult:
        """Send one row; raises Differs unless its result is one of ``expected``."""
        return result_of(self.sync(row, **more), row, *expected)

    def now(self) -> datetime:
        """The server's time, or this machine's before the first answer."""
        if self.answer is None or self.answer.server_time is None:
            return datetime.now().astimezone()
        return self.answer.server_time + timedelta(seconds=time.monotonic() - self._answered_s)

    @property
    def day(self) -> date:
        """The business date: of a reservation, or by the server's time."""
        found = next(iter(self.reserved.values()), None)
        return found.business_date if found else self.now().date()

    def _keep(self, reply: ProbeReply, rows: Sequence[Any]) -> None:
        """Remember the rows that the server has stored, to give them back at the end."""
        sent = {row["id"]: row for row in rows if type(row.get("rev")) is int and "number" in row}
        results = (reply.json or {}).get("results") if reply.status in DONE else None
        for result in results if isinstance(results, list) else ():
            found = sent.get(str(result.get("id"))) if isinstance(result, dict) else None
            if found is None or result.get("status") not in ("stored", "conflict"):
                continue
            old = self.kept.get(found["id"])
            if old is None or found["rev"] > old["rev"]:
                self.kept[found["id"]] = found

    # ── tickets ──────────────────────────────────────────────────────────────────────────

    def row(self, number: str, **changed: Any) -> dict[str, Any]:
        """A row with a new ticket id; ``changed`` replaces or adds fields."""
        made = {
            "id": new_id(),
            "rev": 1,
            "state": "issued",
            "printed": "confirmed",
            "number": number,
            "business_date": self.day.isoformat(),
            "service": self.service or OWN_SERVICE,
            "priority": None,
            "issued_at": self.now().isoformat(),
            "track": secrets.token_hex(16),
        }
        return made | changed

    def own_row(self, journal: ProbeJournal | None = None, **changed: Any) -> dict[str, Any]:
        """A row with the next own number of a journal. Raises NotRun without a letter."""
        sender = journal or self.first
        sender.last += 1
        return self.row(self.own_number(sender.last, sender), **changed)

    def own_number(self, value: int, journal: ProbeJournal | None = None) -> str:
        """An own number of a journal. Raises NotRun without a letter."""
        letter = (journal or self.first).letter
        if not letter:
            raise NotRun(Message("check_server.no_letter"))
        return str(Number(self.prefix, letter, value))

    @property
    def prefix(self) -> str:
        """The prefix of the reserved numbers, or one of the check's own."""
        found = next(iter(self.reserved.values()), None)
        return Number.parse(found.number).prefix if found else OWN_PREFIX

    def unreserved_number(self) -> str:
        """A number without a letter that no id of this run has reserved."""
        return str(Number(self.prefix, "", LAST_NUMBER))

    # ── reservations ─────────────────────────────────────────────────────────────────────

    def put(self, ticket: str, service: str = "", *, token: str | None = None, **more: Any) -> Any:
        """The reply to a reservation; ``more`` replaces fields, None leaves the field out."""
        body = {
            "service": service or self.service or OWN_SERVICE,
            "priority": None,
            "requested_at": self.now().isoformat(),
            "track": secrets.token_hex(16),
        } | more
        reply = self.probe.ask("PUT", f"/tickets/{ticket}", body, token=token)
        if reply.status in DONE:
            self.fastest_s = min(self.fastest_s, reply.took_s)
        return reply

    def reserve(self, ticket: str = "") -> tuple[str, values.Reservation]:
        """A ticket id and its reservation, as the kiosk reads it.

        Raises Differs where the kiosk cannot use the answer, NotOffered where the server reserves
        nothing, and NotRun where no service gives numbers now.
        """
        self.require_reserving()
        made = ticket or new_id()
        return made, self.read_reservation(made, self.put(made))

    def require_reserving(self) -> None:
        """Find, once, a service that gives numbers. Raises NotOffered or NotRun as ``reserve``."""
        if self._refusal is not None:
            raise self._refusal
        if self.reserved:
            return
        for code in self.services()[:MOST_SERVICES] or [OWN_SERVICE]:
            ticket = new_id()
            reply = self.put(ticket, code)
            if reply.status in (404, 501) and reply.code not in CODES:
                self._refusal = NotOffered(Message("check_server.not_reserving"))
                raise self._refusal
            if reply.code not in (*TURN_AWAY, "unknown_service"):
                self.service = code
                self.read_reservation(ticket, reply)
                return
        self._refusal = NotRun(Message.of("check_server.no_service", answer=reply.named))
        raise self._refusal

    def read_reservation(self, ticket: str, reply: ProbeReply) -> values.Reservation:
        """The reservation in ``reply``. Raises Differs where the kiosk could not use it."""
        try:
            found = values.read_reservation(object_of(reply), ticket)
        except ServerGarbled as error:
            raise Differs(Message.of("check_server.got.unusable", why=error)) from error
        if ticket not in self.reserved:
            self.reserved[ticket] = found
        return found

    def services(self) -> list[str]:
        """Codes of services that may give numbers: as wanted, or as the server says."""
        if self._wanted or self.answer is None:
            return list(self._wanted)
        return [code for code, state in self.answer.services.items() if state.open]

    def shut_service(self) -> str:
        """The code of a service that gives no numbers now. Raises NotPrepared without one."""
        for code, state in (self.answer.services if self.answer else {}).items():
            if not state.open:
                return code
        raise NotPrepared(Message("check_server.none_shut"))

    # ── the end ──────────────────────────────────────────────────────────────────────────

    def give_back(self) -> list[str]:
        """Settle every ticket of the run as void; the numbers of those that the server still
        holds as valid."""
        for ticket, reservation in self.reserved.items():
            if ticket not in self.kept:
                row = self.row(reservation.number, id=ticket, rev=0)
                self.kept[ticket] = row | {"business_date": reservation.business_date.isoformat()}
        left = {i: r for i, r in self.kept.items() if r["state"] != "void"}
        for journal in (self.second, self.first):
            if not left or not (journal.letter or journal is self.first):
                continue
            rows = [self._void(row, journal) for row in left.values()]
            try:
                answer = self.sync(*rows, journal=journal)
            except Differs:
                continue
            done = {r.id for r in answer.results if r.status in ("stored", "conflict")}
            left = {i: r for i, r in left.items() if i not in done}
        return [row["number"] for row in left.values()]

    def _void(self, row: dict[str, Any], journal: ProbeJournal) -> dict[str, Any]:
        of_first = re.fullmatch(rf"[A-Z]+-{self.first.letter or '-'}[0-9]+", row["number"])
        origin = {"journal": self.first.id} if of_first and journal is self.second else {}
        plain = {key: value for key, value in row.items() if key != "journal"}
        return plain | origin | {"state": "void", "rev": row["rev"] + 1}


def new_id() -> str:
    """A new ticket id."""
    return uuid7(time.time_ns() // 1_000_000, secrets.token_bytes(10))


def object_of(reply: ProbeReply) -> dict[str, Any]:
    """The JSON object of a good reply. Raises Differs for a reply that the kiosk would not read."""
    if reply.status not in DONE:
        raise Differs(Message.of("check_server.got.status", found=reply.named, expected=200))
    if reply.kind != JSON:
        found = reply.kind or "-"
        raise Differs(Message.of("check_server.got.kind", found=found, expected=JSON))
    if reply.headers.get("content-encoding", "identity") != "identity":
        raise Differs(Message("server.compressed"))
    said = reply.json
    if said is None:
        raise Differs(Message("server.not_object"))
    return said


READABLE: dict[str, Any] = {
    "epoch": "1",
    "server_time": "2026-11-24T09:00:00+08:00",
    "results": [],
    "letter": None,
}
"""The smallest answer that the kiosk takes."""


def read_answer(reply: ProbeReply) -> values.SyncAnswer:
    """The answer of an exchange as the kiosk reads it. Raises Differs where it cannot."""
    said = object_of(reply)
    try:
        return values.read_answer(said)
    except ServerGarbled:
        found = ", ".join(f"{name}: {str(said.get(name))[:80]}" for name in _unreadable(said))
        raise Differs(Message.of("check_server.got.field", found=found)) from None


def _unreadable(said: dict[str, Any]) -> Iterator[str]:
    """The required fields that the kiosk cannot read."""
    for name in READABLE:
        try:
            values.read_answer(READABLE | {name: said.get(name)})
        except ServerGarbled:
            yield name


def result_of(answer: values.SyncAnswer, row: dict[str, Any], *expected: str) -> values.RowResult:
    """The result of one row. Raises Differs where it is missing, or is none of ``expected``."""
    wanted = (row["id"], row["rev"])
    for result in answer.results:
        if (result.id, result.rev) == wanted:
            if result.status not in expected:
                found = f"{result.status} {result.code}".strip()
                differs(found, "/".join(expected), "check_server.got.result")
            return result
    names = "; ".join(f"{r.id} rev {r.rev}" for r in answer.results[:2]) or "-"
    text = Message.of("check_server.got.no_result", id=row["id"], rev=row["rev"], found=names)
    raise Differs(text)


def differs(found: object, expected: object, key: str = "check_server.got.status") -> None:
    """Raise Differs: ``found`` is in the place of ``expected``."""
    raise Differs(Message.of(key, found=found, expected=expected))


def require_refusal(reply: ProbeReply) -> None:
    """Raises Differs unless ``reply`` is a refusal that the kiosk understands: a 4xx with a known
    code, and none that turns a visitor away."""
    if not 400 <= reply.status < 500:
        differs(reply.named, "4xx")
    if reply.code not in CODES.difference(TURN_AWAY):
        found = f"{reply.named} ({reply.kind or '-'})"
        raise Differs(Message.of("check_server.got.no_code", found=found))
