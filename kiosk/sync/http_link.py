"""HTTP for the clients of queue servers: one request, its body, and what failed on the way.

What an answer means is decided by the client of each kind of server. Here is what they share: the
token, no redirect, no compression, a limit of bytes, and the errors of connection and TLS.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import requests

from kiosk.errors import ServerGarbled, ServerUnreachable, SyncError, TokenMissing
from kiosk.messages import Text, reason
from kiosk.sync.wire import CancellableCall, new_session

JSON, PROBLEM = "application/json", "application/problem+json"
FORM = "application/x-www-form-urlencoded"
MOST_ANSWER_BYTES = 4_000_000
EXCHANGE_S = 20.0
"""The deadline of one exchange and of the catalogue, in seconds of wall-clock time."""

PIECE = 1 << 16
_NOT_TLS = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"}
"""OpenSSL's reasons where the answer is no TLS record; which one depends on its version."""
TOKEN = re.compile(r"[!-~]{8,512}")
T = TypeVar("T")


class HttpLink:
    """Requests to the server at ``base`` (a URL without a trailing ``/``). Thread-safe.

    ``ca_file``: the site's own CA; None for the system's. The token is read from ``token_file`` for
    each request, so a new token takes effect at once. It is never logged and never part of an
    error message. ``bearer``: gives the token in its place, for a server with a login. Connections
    are kept alive; nothing is retried.
    """

    def __init__(
        self,
        base: str,
        token_file: Path,
        ca_file: Path | None = None,
        *,
        bearer: Callable[[], str] | None = None,
    ) -> None:
        self._base = base
        self._bearer = bearer or (lambda: read_token(token_file))
        self._session = new_session()
        self._verify: str | bool = str(ca_file) if ca_file is not None else True

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def ask(
        self,
        method: str,
        path: str,
        call: CancellableCall,
        timeout_s: float,
        *,
        body: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send a request and return the response; its body is not read yet. ``form``: sent in place
        of ``body``, without the token: it is a login.

        For use under ``within`` and ``translated``. Raises TokenMissing and what requests raises.
        """
        data = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        kind = {} if data is None else {"Content-Type": JSON}
        if form is not None:
            data, kind = urlencode(form).encode(), {"Content-Type": FORM}
        sent = {
            **({} if form is not None else {"Authorization": f"Bearer {self._bearer()}"}),
            "Accept": f"{JSON}, {PROBLEM}, */*;q=0.1",
            "Accept-Encoding": "identity",
            **kind,
            **(headers or {}),
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
    if not TOKEN.fullmatch(token):
        raise TokenMissing("token.wrong")
    return token


def translated(ask: Callable[[], T]) -> T:
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


def content_type(response: requests.Response) -> str:
    """The media type in lower case, without parameters; empty for none."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def read_body(response: requests.Response, most: int) -> bytes:
    """Read the body, at most ``most`` bytes. A compressed body is an error: none was requested."""
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise ServerGarbled("server.compressed")
    read = bytearray()
    for piece in response.iter_content(PIECE):
        read += piece
        if len(read) > most:
            raise ServerGarbled("server.long", most=most)
    return bytes(read)


def read_json(response: requests.Response, most: int) -> Any:
    """The JSON value of the body, which may have ``most`` bytes. Raises ServerGarbled."""
    try:
        return json.loads(read_body(response, most))
    except (ValueError, RecursionError) as error:
        raise ServerGarbled("server.not_json") from error


def read_object(response: requests.Response, most: int) -> dict[str, Any]:
    """As ``read_json``, for an object."""
    said = read_json(response, most)
    if not isinstance(said, dict):
        raise ServerGarbled("server.not_object")
    return said


def one_line(said: object) -> str:
    """A server's sentence on one line of at most 300 characters; empty for what is no text."""
    words = said[:300].split() if isinstance(said, str) else ()
    return "".join(letter for letter in " ".join(words) if letter.isprintable())


def retry_after(response: requests.Response) -> float | None:
    """Retry-After in seconds. A date (RFC 9110, 10.2.3) is ignored: this clock may be wrong."""
    said = response.headers.get("Retry-After", "").strip()
    return float(said) if re.fullmatch(r"[0-9]{1,9}", said) else None
