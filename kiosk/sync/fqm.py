"""The adapter for FQM (Free Queue Manager), version 0.9 to 1.0: its REST interface ``/api/v1``.

FQM computes the next number by reading the highest one, without a lock: two requests at the same
time get one number. So its numbers are not used. Visitors get the kiosk's own numbers; each is
delivered as a *registered* ticket, whose name FQM shows and calls in place of its number.

FQM has no idempotency. The name therefore ends with a part of our ticket id, and is looked for:

* once a day, at the start and after each failure all tickets are read before any is posted;
* a POST is never retried blindly: without an answer its exchange fails;
* a minute after a failure the tickets are read again, because a request that timed out may have
  been executed late. Of two tickets with one name the later one is deleted while it still waits.

Facts of FQM's interface, shown by ``script/prove-fqm``, one (*) read in FQM's source:

* ``GET /tasks/`` and ``GET /tickets/`` give 30 entries a page (``chunk``), then empty pages;
* ``POST /tickets/`` takes ``task_id`` and ``name``, and chooses the office with the fewest tickets
  waiting (*);
* the answer's ``n`` is false where FQM prints a slip itself (setting of its touch screen);
* ``PUT /tickets/ID`` changes *all* tickets, so it is never used;
* a task without an office and a printer that fails are 500 with a ``message``;
* an id is given again after its ticket was deleted: the name is compared before a deletion.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import requests

from kiosk.domain.ticket import TicketRequest
from kiosk.errors import NotReserving, ServerBusy, ServerGarbled, SyncError, TokenDenied
from kiosk.messages import Message, Text
from kiosk.sync import values
from kiosk.sync.http_link import (
    EXCHANGE_S,
    JSON,
    MOST_ANSWER_BYTES,
    PIECE,
    HttpLink,
    content_type,
    one_line,
    read_json,
    read_object,
    retry_after,
    translated,
)
from kiosk.sync.port import Promise
from kiosk.sync.wire import CancellableCall, within
from menu.catalogue import Catalogue

KIND = "fqm"
PAGE = 30
"""Entries of a page of tasks or tickets."""
MOST_PAGES = 1000
MOST_OFFICES = 26
"""FQM gives each office one letter from A to Z."""
DELIVER_S = 8.0
"""Rows that are not delivered within this time wait for the next exchange."""
LATE_S = 60.0
"""After a failure, how long a request that timed out may still be executed by FQM."""
MOST_FAILURES = 3
"""After this many tickets that FQM failed to make an exchange delivers no more."""
MENU_S = 60.0
"""How old the list of tasks may be."""
ID_DIGITS = 8
"""How many digits of the ticket id end the name: a board shows them too."""
MOST_NAMED = 3

_NAME = re.compile(rf"[A-Z]{{1,3}}-[A-Z]{{0,2}}\d{{3,4}} [0-9a-f]{{{ID_DIGITS}}}")
_TOO_OLD, _NO_TASK, _INVALID = "past_day", "no_task", "invalid"


@dataclass(frozen=True, slots=True)
class FqmTicket:
    """A ticket as FQM has it. ``waiting``: not called yet."""

    id: int
    name: str
    waiting: bool


def name_of(row: Mapping[str, Any]) -> str:
    """The name under which FQM has the ticket of ``row``: its number, and the end of its id."""
    return f"{row['number']} {str(row['id']).replace('-', '')[-ID_DIGITS:]}"


class FqmClient:
    """The client of one FQM; see ``kiosk.sync.port.QueueServer``.

    ``url``: without ``/api/v1``. ``menu`` returns the menu in force: a service is FQM's task of
    that name, by its code or by its name in any language. ``mono``: monotonic seconds.
    """

    lacks = frozenset(Promise)

    def __init__(
        self,
        url: str,
        token_file: Path,
        ca_file: Path | None = None,
        *,
        menu: Callable[[], Catalogue],
        exchange_s: float = EXCHANGE_S,
        mono: Callable[[], float] = time.monotonic,
    ) -> None:
        self._link = HttpLink(url.rstrip("/") + "/api/v1", token_file, ca_file)
        self._menu = menu
        self._exchange_s = exchange_s
        self._mono = mono
        self._one = threading.Lock()
        self._tasks: dict[str, int] = {}
        self._tasks_s = float("-inf")
        # Services of the menu without a task.
        self._missing: tuple[str, ...] = ()
        # Names that FQM has, by id; None: not known, to be read before the next POST.
        self._names: dict[str, int] | None = None
        self._day: date | None = None
        self._again_s: float | None = None
        # Names of today's tickets that were given back.
        self._void: set[str] = set()
        self._prints = False
        # Numbers for which FQM failed to make a ticket in the last exchange, and its reason.
        self._failed: list[tuple[str, Text]] = []

    def close(self) -> None:
        """Close the connections."""
        self._link.close()

    def reserve(self, request: TicketRequest, deadline_s: float) -> values.Reservation:  # noqa: ARG002
        """Raises NotReserving: FQM gives one number to two requests at the same time."""
        raise NotReserving("server.not_reserving")

    def catalogue(self, etag: str) -> values.CatalogueFile | None:  # noqa: ARG002
        """None: FQM has no menu for a kiosk."""
        return None

    @property
    def notices(self) -> Sequence[Text]:
        """What is set wrongly at FQM."""
        said: list[Text] = []
        if self._prints:
            said.append(Message("fqm.prints"))
        for number, why in self._failed[:1]:
            said.append(Message.of("fqm.not_made", number=number, why=why))
        if self._missing:
            more = " …" if len(self._missing) > MOST_NAMED else ""
            named = ", ".join(self._missing[:MOST_NAMED]) + more
            said.append(Message.of("fqm.no_task", n=len(self._missing), which=named))
        return said

    @property
    def remarks(self) -> Sequence[Text]:
        """That there are more agencies than FQM can have offices."""
        agencies = len(self._menu().agencies)
        if agencies <= MOST_OFFICES:
            return ()
        return (Message.of("fqm.offices", n=agencies, most=MOST_OFFICES),)

    # ── an exchange ──────────────────────────────────────────────────────────────────────

    def sync(self, request: values.SyncRequest) -> values.SyncAnswer:
        """Deliver the rows that FQM does not have yet. Raises SyncError.

        ``refused`` rows: of a service without a task (``no_task``), of a past day (``past_day``).
        """
        with self._one:
            try:
                results = within(
                    self._exchange_s,
                    lambda call: translated(lambda: self._exchange(request, call)),
                )
            except SyncError:
                self._forget()
                raise
        return values.SyncAnswer.of_rows(KIND, results)

    def _forget(self) -> None:
        """A POST failed, and may have been executed all the same: read again what FQM has."""
        self._names, self._again_s = None, self._mono() + LATE_S

    def _exchange(
        self, request: values.SyncRequest, call: CancellableCall
    ) -> list[values.RowResult]:
        begun_s, day = self._mono(), request.sent_at.date()
        self._read_tasks(call, request.tickets)
        late = self._again_s is not None and begun_s >= self._again_s
        if day != self._day:
            self._void.clear()
        if late or day != self._day:
            self._names = None
        if self._names is None:
            self._names = self._read_names(call)
            self._day = day
            self._again_s = None if late else self._again_s
        results = []
        self._failed = []
        for row in request.tickets:
            code = self._deliver(row, day, self._names, call)
            if code is not None:
                status = "refused" if code else "stored"
                results.append(values.RowResult(row["id"], row["rev"], status, code))
            if self._mono() - begun_s > DELIVER_S or len(self._failed) == MOST_FAILURES:
                break
        if self._failed:
            self._forget()
        return results

    def _deliver(
        self, row: Mapping[str, Any], day: date, names: dict[str, int], call: CancellableCall
    ) -> str | None:
        """Deliver one row; returns why FQM cannot take it, empty when it has it.

        None where FQM failed to make the ticket: the row is sent again, after the others."""
        name = name_of(row)
        if row["state"] == "void":
            self._void.add(name)
            if name in names and self._delete(names[name], name, call):
                del names[name]
            return ""
        if name in names:
            return ""
        if row["business_date"] != day.isoformat():
            return _TOO_OLD
        task = self._task(row["service"])
        if not task:
            return _NO_TASK
        with self._ask("POST", "/tickets/", call, {"task_id": task, "name": name}) as response:
            if response.status_code == 404:
                # The task was deleted since the list was read.
                self._tasks_s = float("-inf")
                return _NO_TASK
            if response.status_code in (400, 422):
                return _INVALID
            if response.status_code == 500:
                self._failed.append((row["number"], _failure(response).message))
                return None
            said = _done(response, (200, 201))
        made = _ticket(said)
        if made is None or made.name != name:
            raise ServerGarbled("fqm.wrong_ticket")
        self._prints = said.get("n") is False
        names[name] = made.id
        return ""

    # ── what FQM has ─────────────────────────────────────────────────────────────────────

    def _read_tasks(self, call: CancellableCall, rows: Iterable[Mapping[str, Any]]) -> None:
        """Read the tasks; at least one page in each exchange, which shows that FQM answers."""
        fresh = self._mono() - self._tasks_s < MENU_S
        if fresh and all(self._task(row["service"]) for row in rows):
            self._page("/tasks/", 1, call)
            return
        found = self._pages("/tasks/", call)
        named: dict[str, list[int]] = {}
        for one in found:
            task = values.figure(one.get("id"))
            if task and isinstance(one.get("name"), str):
                named.setdefault(_key(one["name"]), []).append(task)
        self._tasks = {name: ids[0] for name, ids in named.items() if len(ids) == 1}
        self._tasks_s = self._mono()
        codes = [found.service.code for found in self._menu().services()]
        self._missing = tuple(code for code in codes if not self._task(code))

    def _task(self, code: str) -> int:
        """FQM's task for the service ``code``; 0 for none, or where a name fits several."""
        by_code = self._tasks.get(_key(code))
        if by_code:
            return by_code
        found = self._menu().service(code)
        if found is None:
            return 0
        names = {_key(text) for text in found.service.name.by_language.values()}
        for other in self._menu().services():
            if other.service.code != code:
                names -= {_key(text) for text in other.service.name.by_language.values()}
        tasks = {self._tasks[name] for name in names if name in self._tasks}
        return tasks.pop() if len(tasks) == 1 else 0

    def _read_names(self, call: CancellableCall) -> dict[str, int]:
        """The kiosks' tickets by name. A second one of a name is deleted while it waits."""
        by_name: dict[str, list[FqmTicket]] = {}
        for said in self._pages("/tickets/", call):
            ticket = _ticket(said)
            if ticket is not None and _NAME.fullmatch(ticket.name):
                by_name.setdefault(ticket.name, []).append(ticket)
        kept = {}
        for name, tickets in by_name.items():
            # One that was called is kept, else the earliest.
            first, *more = sorted(tickets, key=lambda one: (one.waiting, one.id))
            for ticket in more:
                self._delete(ticket.id, name, call)
            # Voided while its POST was not answered: executed late, it is in no one's hand.
            if name in self._void and self._delete(first.id, name, call):
                continue
            kept[name] = first.id
        return kept

    def _delete(self, ticket_id: int, name: str, call: CancellableCall) -> bool:
        """Delete a waiting ticket; False where it was called already. Gone is as good."""
        path = f"/tickets/{ticket_id}"
        with self._ask("GET", path, call) as response:
            if response.status_code == 404:
                return True
            ticket = _ticket(_done(response, (200,)))
        if ticket is None or ticket.name != name:
            return True
        if not ticket.waiting:
            return False
        with self._ask("DELETE", path, call) as response:
            if response.status_code not in (200, 204, 404):
                raise _failure(response)
        return True

    def _pages(self, path: str, call: CancellableCall) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for number in range(1, MOST_PAGES + 1):
            page = self._page(path, number, call)
            found += page
            if len(page) < PAGE:
                return found
        raise ServerGarbled("fqm.too_many", most=MOST_PAGES * PAGE)

    def _page(self, path: str, number: int, call: CancellableCall) -> list[dict[str, Any]]:
        with self._ask("GET", f"{path}?chunk={number}", call) as response:
            if response.status_code != 200:
                raise _failure(response)
            if content_type(response) != JSON:
                raise ServerGarbled("server.other")
            said = read_json(response, MOST_ANSWER_BYTES)
        if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
            raise ServerGarbled("fqm.contract")
        return said

    def _ask(
        self,
        method: str,
        path: str,
        call: CancellableCall,
        body: Mapping[str, Any] | None = None,
    ) -> requests.Response:
        return self._link.ask(method, path, call, self._exchange_s, body=body)


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _ticket(said: Mapping[str, Any]) -> FqmTicket | None:
    """A ticket of FQM; None for one without an id or a name, which is none of a kiosk."""
    ticket_id = values.figure(said.get("id"))
    if ticket_id is None or not isinstance(said.get("name"), str):
        return None
    return FqmTicket(ticket_id, said["name"], said.get("p") is not True)


def _done(response: requests.Response, statuses: Sequence[int]) -> dict[str, Any]:
    if response.status_code not in statuses:
        raise _failure(response)
    if content_type(response) != JSON:
        raise ServerGarbled("server.other")
    return read_object(response, MOST_ANSWER_BYTES)


def _failure(response: requests.Response) -> SyncError:
    """The error of a response with an unexpected status. Never raises."""
    status = response.status_code
    if status in (401, 403):
        return TokenDenied("server.denied", status=status)
    if status == 500 and content_type(response) == JSON:
        why = _message(response)
        if why:
            return ServerBusy("fqm.failed", None, why=why)
    if status in (408, 429) or status >= 500:
        return ServerBusy("server.busy", retry_after(response), status=status)
    return ServerGarbled("server.status", status=status)


def _message(response: requests.Response) -> str:
    try:
        return one_line(read_object(response, PIECE).get("message"))
    except (SyncError, requests.RequestException, OSError):
        return ""
