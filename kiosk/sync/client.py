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
Another queue server needs another class with these three methods.
"""

from __future__ import annotations

import contextlib
import json
import re
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

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
    TokenMissing,
    TokenRevoked,
)
from kiosk.messages import Text, reason
from kiosk.sync import values
from kiosk.sync.wire import CancellableCall, new_session, within
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

JSON, PROBLEM = "application/json", "application/problem+json"
DONE = (200, 201)
"""The statuses of an answer to a reservation or an exchange."""

MOST_ANSWER_BYTES = 4_000_000
MOST_MENU_BYTES = 10_000_000
EXCHANGE_S = 20.0
"""The deadline of one exchange and of the catalogue, in seconds of wall-clock time."""

PIECE = 1 << 16
_NOT_TLS = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"}
"""OpenSSL's reasons where the answer is no TLS record; which one depends on its version."""
T = TypeVar("T")
_TOKEN = re.compile(r"[!-~]{8,512}")
_ETAG = re.compile(r'"[!#-~]{1,128}"')


class QueueClient:
    """The client of one server. Thread-safe; keeps connections alive.

    ``url``: without a path, with or without a trailing ``/``. ``ca_file``: the site's own CA; None
    for the system's. ``exchange_s``: deadline of ``sync`` and ``catalogue`` in seconds. The token
    is read from ``token_file`` for each request, so a new token takes effect at once. It is never
    logged and never part of an error message.
    """

    def __init__(
        self,
        url: str,
        token_file: Path,
        ca_file: Path | None = None,
        exchange_s: float = EXCHANGE_S,
    ) -> None:
        self._base = url.rstrip("/") + "/api/v1"
        self._token_file = token_file
        self._exchange_s = exchange_s
        self._session = new_session()
        self._verify: str | bool = str(ca_file) if ca_file is not None else True

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

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
        return values.read_answer(said)

    def catalogue(self, etag: str) -> values.CatalogueFile | None:
        """Fetch the agencies file; None when it still has ``etag``. Raises SyncError."""

        def job(call: CancellableCall) -> values.CatalogueFile | None:
            headers = {"If-None-Match": etag} if etag else {}
            with self._asked(
                "GET", "/catalogue", None, headers, call, self._exchange_s
            ) as response:
                if response.status_code == 304 and etag:
                    return None
                if response.status_code != 200:
                    raise _failure(response)
                if "html" in _content_type(response):
                    raise ServerGarbled("server.page")
                tag = response.headers.get("ETag", "")
                if not _ETAG.fullmatch(tag):
                    raise ServerGarbled("server.no_etag")
                return values.CatalogueFile(tag, _read(response, MOST_MENU_BYTES))

        return within(self._exchange_s, lambda call: _translated(lambda: job(call)))

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
            with self._asked(method, path, body, {}, call, deadline_s) as response:
                if response.status_code not in DONE:
                    raise error_of(response)
                if _content_type(response) != JSON:
                    raise ServerGarbled("server.other")
                return _object(_read(response, MOST_ANSWER_BYTES))

        begun_s = time.monotonic()

        def job(call: CancellableCall) -> dict[str, Any]:
            try:
                return _translated(lambda: once(call))
            except ServerUnreachable:
                # Retry once on a kept-alive connection that the server had closed. That fails at
                # once, not at the deadline. Both requests are idempotent.
                if not call.reused or time.monotonic() - begun_s > deadline_s / 2:
                    raise
                return _translated(lambda: once(call))

        return within(deadline_s, job)

    def _asked(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        call: CancellableCall,
        timeout_s: float,
    ) -> requests.Response:
        """Send a request and return the response; its body is not read yet."""
        data = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        sent = {
            "Authorization": f"Bearer {read_token(self._token_file)}",
            "Accept": f"{JSON}, {PROBLEM}, */*;q=0.1",
            "Accept-Encoding": "identity",
            **({} if data is None else {"Content-Type": JSON}),
            **headers,
        }
        call.reused = False
        return self._session.request(
            method,
            self._base + path,
            data=data,
            headers=sent,
            timeout=timeout_s,
            verify=self._verify,
            allow_redirects=False,
            stream=True,
        )


def read_token(path: Path) -> str:
    """The token in the file at ``path``; TokenMissing when there is no valid one."""
    try:
        with path.open("rb") as file:
            token = file.read(1024).strip().decode("ascii", "replace")
    except OSError as error:
        raise TokenMissing("token.missing", path=path, why=reason(error)) from error
    try:
        return check_token(token)
    except TokenMissing as error:
        raise TokenMissing("token.empty", path=path) from error


def check_token(token: str) -> str:
    """``token`` if it is valid; otherwise TokenMissing, whose message does not contain it."""
    if not _TOKEN.fullmatch(token):
        raise TokenMissing("token.wrong")
    return token


def _translated(ask: Callable[[], T]) -> T:
    """Call ``ask``; errors of requests and of the socket are raised as SyncError."""
    try:
        return ask()
    except SyncError:
        raise
    except requests.exceptions.SSLError as error:
        if _speaks_plain(error):
            raise ServerUnreachable("server.no_tls") from None
        raise ServerUnreachable("server.tls", why=_why(error)) from None
    except (requests.RequestException, OSError, ValueError) as error:
        raise ServerUnreachable("server.unreachable", why=_why(error)) from None


def _speaks_plain(error: BaseException | None) -> bool:
    """Whether the other end answered TLS with something else, such as HTTP without encryption."""
    for _ in range(8):
        if isinstance(error, ssl.SSLError) and error.reason in _NOT_TLS:
            return True
        if error is None:
            return False
        inner = getattr(error, "reason", None)
        nested = next((a for a in error.args if isinstance(a, BaseException)), None)
        error = inner if isinstance(inner, BaseException) else nested or error.__cause__
    return False


def _why(error: BaseException) -> Text:
    """The innermost cause on one line: requests wraps it up to three times."""
    for _ in range(8):
        inner = getattr(error, "reason", None) or next(
            (a for a in error.args if isinstance(a, BaseException)), error.__cause__
        )
        if not isinstance(inner, BaseException):
            break
        error = inner
    # An SSLError is an OSError whose number is OpenSSL's, not the system's.
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) and error.strerror:
        return reason(error)
    text = " ".join(str(error).split())
    return (text or type(error).__name__)[:200]


def _content_type(response: requests.Response) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _read(response: requests.Response, most: int) -> bytes:
    """Read the body, at most ``most`` bytes. A compressed body is an error: none was requested."""
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise ServerGarbled("server.compressed")
    read = bytearray()
    for piece in response.iter_content(PIECE):
        read += piece
        if len(read) > most:
            raise ServerGarbled("server.long", most=most)
    return bytes(read)


def _object(data: bytes) -> dict[str, Any]:
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ServerGarbled("server.not_json") from error
    if not isinstance(said, dict):
        raise ServerGarbled("server.not_object")
    return said


def _failure(response: requests.Response) -> SyncError:
    """The error that a response with an unexpected status stands for. Never raises."""
    status = response.status_code
    code, detail = "", ""
    words: LocalText | None = None
    until: datetime | None = None
    kind = _content_type(response)
    # Only of a 409 is plain JSON read: no other status sends a visitor away or parks a row.
    if (400 <= status < 500 and kind == PROBLEM) or (status == 409 and kind == JSON):
        with contextlib.suppress(SyncError, requests.RequestException, OSError):
            said = _object(_read(response, PIECE))
            code, detail = (_line(said.get(key)) for key in ("code", "detail"))
            words, until = _words(said.get("message")), values.read_until(said.get("until"))
    if status in (401, 403):
        if code == "revoked":
            return TokenRevoked("issue.revoked")
        return TokenDenied("server.denied", status=status)
    if status in (408, 429) or status >= 500:
        return ServerBusy("server.busy", _retry_after(response), status=status)
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
    known = {str(key): _line(text) for key, text in list(said.items())[:10]}
    texts = {language: text for language, text in known.items() if language and text}
    return LocalText.of(**texts) if texts else None


def _line(said: object) -> str:
    words = said[:300].split() if isinstance(said, str) else ()
    return "".join(letter for letter in " ".join(words) if letter.isprintable())


def _retry_after(response: requests.Response) -> float | None:
    """Retry-After in seconds. A date (RFC 9110, 10.2.3) is ignored: this clock may be wrong."""
    said = response.headers.get("Retry-After", "").strip()
    return float(said) if re.fullmatch(r"[0-9]{1,9}", said) else None
