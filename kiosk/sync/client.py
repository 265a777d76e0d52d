"""The queue server's HTTP client: the only place that maps HTTP to the kiosk's errors.

::

    response                                          error
    ------------------------------------------------  -------------------------
    no connection, TLS, no answer in time, cut short  ServerUnreachable
    408, 429, 5xx                                     ServerBusy (Retry-After)
    401, 403 with the code ``revoked``                TokenRevoked
    any other 401, 403                                TokenDenied
    4xx, a problem document with a code of CODES      ServerRefused
    409, plain JSON with a code of CODES              ServerRefused
    404, 501 to a reservation, without such a code    NotReserving
    anything else: redirect, HTML, malformed, large   ServerGarbled

A 201 is taken like a 200, because some servers answer so to a PUT or POST that created something.
A server that speaks something else needs another adapter (``kiosk.sync.port``).
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from kiosk.domain.ticket import TicketRequest
from kiosk.errors import (
    NotReserving,
    ServerBusy,
    ServerGarbled,
    ServerRefused,
    ServerUnreachable,
    SyncError,
    TokenDenied,
    TokenRevoked,
)
from kiosk.messages import Text
from kiosk.sync import values
from kiosk.sync.http_link import (
    EXCHANGE_S,
    JSON,
    MOST_ANSWER_BYTES,
    PIECE,
    PROBLEM,
    HttpLink,
    content_type,
    one_line,
    read_body,
    read_object,
    retry_after,
    translated,
)
from kiosk.sync.port import Promise
from kiosk.sync.wire import CancellableCall, within
from menu.local_text import LocalText

CODES = frozenset(
    {
        "closed",
        "paused",
        "quota_full",
        "journal_conflict",
        "encoded_body",
        "invalid",
        "not_found",
        "not_json",
        "service_changed",
        "too_large",
        "too_many_rows",
        "unknown_service",
    }
)
"""The codes of the contract that make a 4xx a refusal."""

DONE = (200, 201)
"""The statuses of an answer to a reservation or an exchange."""

MOST_MENU_BYTES = 10_000_000
_ETAG = re.compile(r'"[!#-~]{1,128}"')


class QueueClient:
    """The client of one server. Thread-safe; keeps connections alive.

    ``url``: without a path, with or without a trailing ``/``. ``ca_file``: the site's own CA; None
    for the system's. ``exchange_s``: deadline of ``sync`` and ``catalogue`` in seconds. The token
    is read from ``token_file`` for each request, so a new token takes effect at once. It is never
    logged and never part of an error message.
    """

    lacks: frozenset[Promise] = frozenset()
    notices: tuple[Text, ...] = ()
    remarks: tuple[Text, ...] = ()

    def __init__(
        self,
        url: str,
        token_file: Path,
        ca_file: Path | None = None,
        exchange_s: float = EXCHANGE_S,
    ) -> None:
        self._link = HttpLink(url.rstrip("/") + "/api/v1", token_file, ca_file)
        self._exchange_s = exchange_s

    def close(self) -> None:
        """Close the connections."""
        self._link.close()

    # ── the three calls ──────────────────────────────────────────────────────────────────

    def reserve(self, request: TicketRequest, deadline_s: float) -> values.Reservation:
        """Reserve a number for the ticket id of ``request``; idempotent for the same id.

        ``deadline_s``: wall-clock seconds for the whole request: resolving, connecting, sending,
        reading. Raises SyncError; ServerRefused with ``closed``, ``paused`` or ``quota_full``
        must be shown to the visitor; NotReserving where the server has no reservations.
        """
        said = self._json(
            "PUT",
            f"/tickets/{request.id}",
            values.reservation_body(request),
            deadline_s,
            failure=_reserve_failure,
        )
        return values.read_reservation(said, request.id)

    def sync(self, request: values.SyncRequest) -> values.SyncAnswer:
        """One exchange. Raises SyncError."""
        said = self._json("POST", "/sync", values.sync_body(request), self._exchange_s)
        return values.read_answer(said, request.journal)

    def catalogue(self, etag: str) -> values.CatalogueFile | None:
        """Fetch the agencies file; None when it still has ``etag``. Raises SyncError."""

        def job(call: CancellableCall) -> values.CatalogueFile | None:
            headers = {"If-None-Match": etag} if etag else {}
            with self._link.ask(
                "GET", "/catalogue", call, self._exchange_s, headers=headers
            ) as response:
                if response.status_code == 304 and etag:
                    return None
                if response.status_code != 200:
                    raise _failure(response)
                if "html" in content_type(response):
                    raise ServerGarbled("server.page")
                tag = response.headers.get("ETag", "")
                if not _ETAG.fullmatch(tag):
                    raise ServerGarbled("server.no_etag")
                return values.CatalogueFile(tag, read_body(response, MOST_MENU_BYTES))

        return within(self._exchange_s, lambda call: translated(lambda: job(call)))

    # ── requests ─────────────────────────────────────────────────────────────────────────

    def _json(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any],
        deadline_s: float,
        failure: Callable[[requests.Response], SyncError] | None = None,
    ) -> dict[str, Any]:
        """Send a request and return the JSON object of the answer.

        ``failure`` gives the error of a response with another status; ``_failure`` by default.
        """
        error_of = failure or _failure

        def once(call: CancellableCall) -> dict[str, Any]:
            with self._link.ask(method, path, call, deadline_s, body=body) as response:
                if response.status_code not in DONE:
                    raise error_of(response)
                if content_type(response) != JSON:
                    raise ServerGarbled("server.other")
                return read_object(response, MOST_ANSWER_BYTES)

        begun_s = time.monotonic()

        def job(call: CancellableCall) -> dict[str, Any]:
            try:
                return translated(lambda: once(call))
            except ServerUnreachable:
                # Retry once on a kept-alive connection that the server had closed. That fails at
                # once, not at the deadline. Both requests are idempotent.
                if not call.reused or time.monotonic() - begun_s > deadline_s / 2:
                    raise
                return translated(lambda: once(call))

        return within(deadline_s, job)


def _failure(response: requests.Response) -> SyncError:
    """The error that a response with an unexpected status stands for. Never raises."""
    status = response.status_code
    code, detail = "", ""
    words: LocalText | None = None
    until: datetime | None = None
    kind = content_type(response)
    # Only of a 409 is plain JSON read: no other status sends a visitor away or parks a row.
    if (400 <= status < 500 and kind == PROBLEM) or (status == 409 and kind == JSON):
        with contextlib.suppress(SyncError, requests.RequestException, OSError):
            said = read_object(response, PIECE)
            code, detail = (one_line(said.get(key)) for key in ("code", "detail"))
            words, until = _words(said.get("message")), values.read_until(said.get("until"))
    if status in (401, 403):
        if code == "revoked":
            return TokenRevoked("issue.revoked")
        return TokenDenied("server.denied", status=status)
    if status in (408, 429) or status >= 500:
        return ServerBusy("server.busy", retry_after(response), status=status)
    if code in CODES:
        return ServerRefused(code, detail, status, words, until)
    return ServerGarbled("server.status", status=status)


def _reserve_failure(response: requests.Response) -> SyncError:
    """As ``_failure``, for a reservation: without a known code, a 404 or 501 means that the server
    has no such route. Whether the kiosk is online is then decided by its exchanges alone."""
    error = _failure(response)
    if response.status_code in (404, 501) and not isinstance(error, ServerRefused):
        return NotReserving("server.not_reserving")
    return error


def _words(said: object) -> LocalText | None:
    """The visitor's words of a problem document, by language; None where there are none."""
    if not isinstance(said, dict):
        return None
    known = {str(key): one_line(text) for key, text in list(said.items())[:10]}
    texts = {language: text for language, text in known.items() if language and text}
    return LocalText.of(**texts) if texts else None
