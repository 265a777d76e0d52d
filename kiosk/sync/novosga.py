"""The adapter for Novo SGA 2.2: its REST interface ``/api``.

Panels of Novo SGA call the ``senha`` that Novo SGA makes, so that is the visitor's number (decision
19). It is reserved with a key of ours in ``cliente.documento``. A kiosk that gets no answer in time
gives a number of its own series; an exchange brings that number into the queue as a second kind of
ticket, with the number as the client's name.

Novo SGA has no idempotency, and no route that cancels a ticket. Therefore:

* a POST is never repeated blindly: the key is looked for in the list, then in the history, and a
  POST without an answer is not repeated before LATE_S have passed;
* numbers are taken only where two visitors cannot get the same one: the service has a ``sigla``
  that no other service has, its numbers have no end (``numeroFinal``), and the counters were not
  reset today;
* a ticket whose visitor has another number stays in the queue, and staff are told its number.

Facts of the interface, read in the source of the branch v2.2 (commit e683e6b of novosga/novosga;
not run):

* ``TriagemController::distribui`` catches Symfony's configuration exception only, while
  ``AtendimentoService`` throws ``\\Exception``: a refusal is 500 with ``{"code", "error"}`` of
  ``JsonExceptionListener``. 200 with ``{"error"}`` and 422 are read as refusals too;
* ``AtendimentoService::distribuiSenha`` publishes to Mercure after its commit: where the hub is
  down, the answer is 500 although the ticket was made;
* ``ApiCrudController::search`` passes ``limit`` and ``offset`` on as text to ``findBy``, which in
  Doctrine ORM 3.3 (composer.lock) takes integers: only its first 25 entries can be read, the newest
  with ``sort=id&order=desc``. Without ``q`` it fails;
* ``UnidadesController::atendimentos`` lists all tickets of the unit, without pages;
* a reset (``RelationalStorage::acumularAtendimentos``) moves the tickets to the history and starts
  the counters again;
* ``/api/token`` is open without a login; ``/oauth2/token`` is its successor.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import requests

from kiosk.domain.ticket import TicketRequest
from kiosk.errors import (
    NotReserving,
    ServerBusy,
    ServerGarbled,
    ServerUnreachable,
    SyncError,
    TokenDenied,
    TokenMissing,
)
from kiosk.messages import Message, Text
from kiosk.sync import values
from kiosk.sync.http_link import (
    EXCHANGE_S,
    JSON,
    HttpLink,
    content_type,
    one_line,
    read_json,
    read_token,
    retry_after,
    translated,
)
from kiosk.sync.novosga_values import (
    NAMED,
    RESERVED,
    SgaService,
    SgaTicket,
    id_of,
    key_of,
    services_of,
    ticket_of,
)
from kiosk.sync.port import Promise
from kiosk.sync.wire import CancellableCall, within
from menu.catalogue import Catalogue
from menu.numbers import LAST_NUMBER

KIND = "novosga"
MOST_LIST_BYTES = 16_000_000
"""The list has all tickets of the unit, about 1 kB each."""
DELIVER_S = 8.0
"""Rows that are not delivered within this time wait for the next exchange."""
LATE_S = 120.0
"""How long a POST without an answer may still be executed. It cannot be undone."""
MOST_FAILURES = 3
"""After this many tickets that Novo SGA failed to make an exchange delivers no more."""
SERVICES_S = 60.0
"""How old the list of services may be."""
TOKEN_PATHS = ("/api/token", "/oauth2/token")
TOKEN_S = 3600.0
"""How long a login lasts where the answer does not say."""
RESERVED_NAME = "Kiosk"
"""The client's name of a reserved ticket: Novo SGA stores no client without one."""
MOST_NAMED = 3

_BEARER = re.compile(r"[!-~]{8,8192}")
_TOO_OLD, _NO_SERVICE = "past_day", "no_service"


class NovoSgaClient:
    """The client of one unit of a Novo SGA; see ``kiosk.sync.port.QueueServer``.

    ``url``: without ``/api``. ``unit``: the id of the ``unidade``. ``token_file``: one line,
    ``CLIENT_ID:CLIENT_SECRET:USER:PASSWORD``. ``menu`` returns the menu in force: a service is the
    unit's service of that name, by its code or by its name in any language. ``mono``: monotonic
    seconds.
    """

    lacks = frozenset(Promise) - {Promise.NUMBERS}

    def __init__(
        self,
        url: str,
        unit: int,
        token_file: Path,
        ca_file: Path | None = None,
        *,
        menu: Callable[[], Catalogue],
        exchange_s: float = EXCHANGE_S,
        mono: Callable[[], float] = time.monotonic,
    ) -> None:
        self._link = HttpLink(url.rstrip("/"), token_file, ca_file, bearer=self._bearer)
        self._unit = unit
        self._token_file = token_file
        self._menu = menu
        self._exchange_s = exchange_s
        self._mono = mono
        self._one = threading.Lock()
        # Guards what follows: desks reserve during an exchange.
        self._state = threading.Lock()
        self._token, self._secret = "", ""
        self._logged_s = self._renew_s = float("-inf")
        self._services: dict[str, SgaService] = {}
        self._services_s = float("-inf")
        self._priority = 0
        # Today's numbers by key. Not read again yet after a failure: _read is False.
        self._keys: dict[str, str] = {}
        self._read = False
        self._newest_id = 0
        self._day: date | None = None
        # The highest number of today by sigla, and why no numbers are taken today.
        self._highest: dict[str, int] = {}
        self._reset = False
        self._wrong_day = False
        # When a POST without an answer was sent, by key.
        self._tried: dict[str, float] = {}
        # The first exchange: the kiosk's time, and monotonic seconds.
        self._first: tuple[datetime, float] | None = None
        # For staff: services without a counterpart or without numbers, the visitors' numbers by the
        # key of their reservation, numbers that were given back, and what Novo SGA refused.
        self._missing: tuple[str, ...] = ()
        self._own_only: tuple[str, ...] = ()
        self._given: dict[str, str] = {}
        self._left: dict[str, None] = {}
        self._failed: list[tuple[str, str]] = []

    def close(self) -> None:
        """Close the connections."""
        self._link.close()

    def catalogue(self, etag: str) -> values.CatalogueFile | None:  # noqa: ARG002
        """None: Novo SGA has no menu for a kiosk."""
        return None

    @property
    def notices(self) -> Sequence[Text]:
        """What is set wrongly at Novo SGA, and which of its tickets have no visitor."""
        with self._state:
            said: list[Text] = []
            if self._missing:
                said.append(_listing("novosga.no_service", self._missing))
            if self._own_only:
                said.append(_listing("novosga.own_series", self._own_only))
            if self._reset:
                said.append(Message("novosga.reset"))
            if self._wrong_day:
                said.append(Message("novosga.wrong_day"))
            ghosts = [
                f"{self._keys[key]} ({number})"
                for key, number in self._given.items()
                if self._keys.get(key, number) not in ("", number)
            ]
            if ghosts:
                said.append(_listing("novosga.ghost", ghosts))
            if self._left:
                said.append(_listing("novosga.left", tuple(self._left)))
            for number, why in self._failed[:1]:
                said.append(Message.of("novosga.not_made", number=number, why=why))
            return said

    @property
    def remarks(self) -> Sequence[Text]:
        """That a panel cannot call a number of the kiosk's own series."""
        return (Message("novosga.panel"),)

    # ── a reservation ────────────────────────────────────────────────────────────────────

    def reserve(self, request: TicketRequest, deadline_s: float) -> values.Reservation:
        """Take Novo SGA's next number. Raises SyncError.

        NotReserving: for a service whose numbers could be given twice, after a reset of the
        counters, and where Novo SGA refuses: its reason is a sentence without a code, so that no
        visitor is sent away for it."""
        key = key_of(RESERVED, request.id)
        with self._state:
            day = self._day
            if not self._read or day is None:
                raise ServerUnreachable("novosga.not_read")
            if key in self._keys:
                return values.Reservation(self._keys[key], day)
            if key in self._tried:
                raise ServerUnreachable("novosga.unanswered")
            service = self._services.get(request.service)
            if service is None or not service.prefix or self._reset or self._wrong_day:
                raise NotReserving("server.not_reserving")
            before = self._highest.get(service.prefix, 0)
            if before >= LAST_NUMBER:
                raise NotReserving("server.not_reserving")
            self._tried[key] = self._mono()
        made = within(deadline_s, lambda call: self._reserved(service, key, deadline_s, call))
        with self._state:
            self._tried.pop(key, None)
            self._keys[key] = made.number
            if made.day != day.isoformat():
                self._wrong_day = True
                raise NotReserving("novosga.wrong_day")
            if made.value <= before:
                # A second series began: this number was given today already.
                self._reset = True
                raise NotReserving("novosga.reset")
            self._count(made)
            if made.sigla != service.prefix or not made.number:
                # The sigla was changed: no number is taken until the services are read again.
                self._services[request.service] = replace(service, prefix="")
                self._services_s = float("-inf")
                raise NotReserving("server.no_number")
        return values.Reservation(made.number, day)

    def _reserved(
        self, service: SgaService, key: str, timeout_s: float, call: CancellableCall
    ) -> SgaTicket:
        """The ticket of ``key``. It is looked for once after an answer that is none."""
        why = ""
        try:
            made = translated(lambda: self._post(service, RESERVED_NAME, key, timeout_s, call))
            if isinstance(made, SgaTicket):
                return made
            why = made
        except (ServerUnreachable, ServerBusy, ServerGarbled):
            found = translated(lambda: self._find(key, call))
            if found is None:
                raise
            return found
        found = translated(lambda: self._find(key, call))
        if found is None:
            raise NotReserving("novosga.failed", why=why)
        return found

    def _find(self, key: str, call: CancellableCall) -> SgaTicket | None:
        """The ticket of ``key`` among the newest ones."""
        return next((one for one in self._newest("atendimentos", call) if one.key == key), None)

    # ── an exchange ──────────────────────────────────────────────────────────────────────

    def sync(self, request: values.SyncRequest) -> values.SyncAnswer:
        """Deliver the rows that Novo SGA does not have yet. Raises SyncError.

        ``refused`` rows: of a service that the unit does not have (``no_service``), of a past day
        (``past_day``)."""
        with self._one:
            try:
                results = within(
                    self._exchange_s,
                    lambda call: translated(lambda: self._exchange(request, call)),
                )
            except SyncError:
                with self._state:
                    self._read = False
                raise
        return values.SyncAnswer.of_rows(KIND, results)

    def _exchange(
        self, request: values.SyncRequest, call: CancellableCall
    ) -> list[values.RowResult]:
        begun_s = self._mono()
        first, first_s = self._first = self._first or (request.sent_at, begun_s)
        unsure = first if begun_s - first_s < LATE_S else None
        self._log_in(call)
        self._read_services(call)
        self._read_tickets(request.sent_at.date(), call)
        results: list[values.RowResult] = []
        failed: list[tuple[str, str]] = []
        for row in request.tickets:
            code = self._deliver(row, request.sent_at.date(), unsure, failed, call)
            if code is not None:
                status = "refused" if code else "stored"
                results.append(values.RowResult(row["id"], row["rev"], status, code))
            if self._mono() - begun_s > DELIVER_S or len(failed) == MOST_FAILURES:
                break
        with self._state:
            self._failed = failed
        return results

    def _deliver(
        self,
        row: Mapping[str, Any],
        day: date,
        unsure: datetime | None,
        failed: list[tuple[str, str]],
        call: CancellableCall,
    ) -> str | None:
        """Deliver one row; returns why Novo SGA cannot take it, empty when it has it. ``unsure``:
        the process before this one may have sent rows of numbers that it gave before then.

        None: the row is sent again, because it may still arrive or Novo SGA failed to make it."""
        number: str = row["number"]
        reserved, named = key_of(RESERVED, row["id"]), key_of(NAMED, row["id"])
        with self._state:
            ghost = self._keys.get(reserved, "")
            there = ghost == number or named in self._keys
            today = row["business_date"] == day.isoformat()
            if today:
                self._given[reserved] = number
            if row["state"] == "void":
                if today and (there or named in self._tried):
                    self._left[number] = None
                return ""
            if there:
                return ""
            if not today:
                return _TOO_OLD
            service = self._services.get(row["service"])
            if service is None:
                return _NO_SERVICE
            if unsure is not None and datetime.fromisoformat(row["issued_at"]) < unsure:
                return None
            if self._mono() - self._tried.get(named, float("-inf")) < LATE_S:
                return None
            self._tried[named] = self._mono()
        name = f"{number} (bukan {ghost})" if ghost else number
        made = self._post(service, name, named, self._exchange_s, call)
        if not isinstance(made, SgaTicket):
            found = self._find(named, call)
            if found is None:
                failed.append((number, made))
                self._tried.pop(named, None)
                return None
            made = found
        with self._state:
            self._tried.pop(named, None)
            self._keys[named] = made.number
        return ""

    def _post(
        self, service: SgaService, name: str, key: str, timeout_s: float, call: CancellableCall
    ) -> SgaTicket | str:
        """Make a ticket; the sentence with which Novo SGA refuses it. Raises SyncError.

        The body is written to the server's log: it holds nothing about a visitor but number and
        key."""
        body = {
            "unidade": self._unit,
            "servico": service.id,
            "prioridade": self._priority,
            "cliente": {"nome": name, "documento": key},
        }
        with self._link.ask("POST", "/api/distribui", call, timeout_s, body=body) as response:
            why = self._refusal(response)
            if why:
                return why
            said = self._json(response, (200, 201))
        if isinstance(said, dict) and (why := one_line(said.get("error"))):
            return why
        made = ticket_of(said)
        if made is None or made.key != key:
            raise ServerGarbled("novosga.wrong_ticket")
        return made

    # ── what Novo SGA has ────────────────────────────────────────────────────────────────

    def _read_tickets(self, day: date, call: CancellableCall) -> None:
        """Read the newest tickets; all of them, then the history, after a gap or a failure."""
        with self._state:
            if day != self._day:
                self._read = False
            known, whole = self._newest_id, not self._read
        newest = self._newest("atendimentos", call)
        ids = [one.id for one in newest]
        gap = known not in ids if known else bool(ids)
        history: list[SgaTicket] = []
        if whole or gap:
            # In this order: a reset moves a ticket from the list to the history.
            newest = self._list(f"/api/unidades/{self._unit}/atendimentos", call)
            history = self._newest("atendimentoshistorico", call)
        with self._state:
            if day != self._day:
                self._begin_day(day)
            self._learn(newest, history, day.isoformat())
            self._read = True

    def _begin_day(self, day: date) -> None:
        self._day = day
        self._reset = self._wrong_day = False
        self._highest.clear()
        self._keys.clear()
        self._given.clear()
        self._left.clear()

    def _learn(self, tickets: list[SgaTicket], history: list[SgaTicket], day: str) -> None:
        if any(one.day >= day for one in history):
            self._reset = True
        if any(one.day == day for one in tickets):
            self._wrong_day = False
        for one in (*history, *tickets):
            if one.key:
                self._keys[one.key] = one.number
            if one.day == day:
                self._count(one)
        # The list may be empty after a reset: ids go on.
        self._newest_id = max((one.id for one in tickets), default=0)

    def _count(self, ticket: SgaTicket) -> None:
        highest = self._highest.get(ticket.sigla, 0)
        self._highest[ticket.sigla] = max(ticket.value, highest)

    def _newest(self, resource: str, call: CancellableCall) -> list[SgaTicket]:
        """The newest 25 tickets of the unit, the newest first."""
        return self._list(f"/api/{resource}?q=unidade:{self._unit}&sort=id&order=desc", call)

    def _list(self, path: str, call: CancellableCall) -> list[SgaTicket]:
        found = [ticket_of(one) for one in self._entries(path, call)]
        if any(one is None for one in found):
            raise ServerGarbled("novosga.contract")
        return [one for one in found if one is not None]

    def _entries(self, path: str, call: CancellableCall) -> list[dict[str, Any]]:
        with self._link.ask("GET", path, call, self._exchange_s) as response:
            why = self._refusal(response)
            if why:
                raise ServerBusy("novosga.failed", None, why=why)
            said = self._json(response, (200,))
        if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
            raise ServerGarbled("novosga.contract")
        return said

    def _read_services(self, call: CancellableCall) -> None:
        """Read the unit's services and the normal priority."""
        if self._mono() - self._services_s < SERVICES_S:
            return
        offered = self._entries(f"/api/unidades/{self._unit}/servicos", call)
        priorities = self._entries("/api/prioridades?q=peso:0&sort=id&order=asc", call)
        normal = [n for one in priorities if one.get("ativo") is True and (n := id_of(one))]
        if not normal:
            raise ServerGarbled("novosga.no_priority")
        menu = self._menu()
        services = services_of(offered, menu)
        codes = [found.service.code for found in menu.services()]
        with self._state:
            self._services, self._priority = services, normal[0]
            self._services_s = self._mono()
            self._missing = tuple(code for code in codes if code not in services)
            self._own_only = tuple(
                code for code in codes if code in services and not services[code].prefix
            )

    # ── login and answers ────────────────────────────────────────────────────────────────

    def _bearer(self) -> str:
        """The token of the login in force."""
        if not self._token:
            raise TokenMissing("novosga.no_login")
        return self._token

    def _log_in(self, call: CancellableCall) -> None:
        """Log in, well before the last login ends and after a change of the file."""
        secret = read_token(self._token_file)
        if secret == self._secret and self._token and self._mono() < self._renew_s:
            return
        parts = secret.split(":", 3)
        if len(parts) != 4 or not all(parts):
            raise TokenMissing("novosga.credentials", path=self._token_file)
        form = dict(zip(("client_id", "client_secret", "username", "password"), parts, strict=True))
        said = self._login_answer({"grant_type": "password", **form}, call)
        token = said.get("access_token")
        if not isinstance(token, str) or not _BEARER.fullmatch(token):
            raise ServerGarbled("novosga.contract")
        lasts_s = values.figure(said.get("expires_in")) or TOKEN_S
        self._token, self._secret = token, secret
        self._logged_s = self._mono()
        self._renew_s = self._logged_s + lasts_s / 2

    def _login_answer(self, form: Mapping[str, str], call: CancellableCall) -> dict[str, Any]:
        for path in TOKEN_PATHS:
            with self._link.ask("POST", path, call, self._exchange_s, form=form) as response:
                status = response.status_code
                if status in (404, 405) and path != TOKEN_PATHS[-1]:
                    continue
                if status in (400, 401, 403) and content_type(response) == JSON:
                    raise TokenDenied("novosga.denied", status=status)
                said = self._json(response, (200,))
            if isinstance(said, dict):
                return said
            break
        raise ServerGarbled("novosga.contract")

    def _refusal(self, response: requests.Response) -> str:
        """The sentence in ``error`` of an answer 422 or 500; empty for another answer."""
        if response.status_code not in (422, 500) or content_type(response) != JSON:
            return ""
        said = read_json(response, MOST_LIST_BYTES)
        return one_line(said.get("error")) if isinstance(said, dict) else ""

    def _json(self, response: requests.Response, statuses: Sequence[int]) -> Any:
        """The JSON value of an answer with one of ``statuses``."""
        status = response.status_code
        if status in (401, 403):
            fresh = self._mono() - self._logged_s < SERVICES_S
            self._token = ""
            if fresh:
                raise TokenDenied("novosga.denied", status=status)
            raise ServerBusy("server.busy", None, status=status)
        if status in (408, 429) or status >= 500:
            raise ServerBusy("server.busy", retry_after(response), status=status)
        if status not in statuses:
            raise ServerGarbled("server.status", status=status)
        if content_type(response) != JSON:
            raise ServerGarbled("server.other")
        return read_json(response, MOST_LIST_BYTES)


def _listing(key: str, entries: Sequence[str]) -> Message:
    more = " …" if len(entries) > MOST_NAMED else ""
    return Message.of(key, n=len(entries), which=", ".join(entries[-MOST_NAMED:]) + more)
