"""Single HTTP requests whose whole reply is judged: status, content type, headers, body.

``kiosk.sync.client`` maps replies to the kiosk's errors, and so hides what a server did wrong. The
connections, deadlines and limits here are the kiosk's.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.conformance.case import Differs, NoAnswer
from kiosk.errors import ServerUnreachable
from kiosk.messages import Message, Text, reason
from kiosk.sync.client import MOST_MENU_BYTES
from kiosk.sync.http_link import EXCHANGE_S, JSON, PROBLEM
from kiosk.sync.wire import CancellableCall, new_session, within

PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class ProbeReply:
    """``kind``: content type without parameters. ``headers``: by lower-case name. ``took_s``:
    seconds from the start of the request to the end of the body."""

    status: int
    kind: str
    headers: Mapping[str, str]
    body: bytes
    took_s: float

    @property
    def json(self) -> dict[str, Any] | None:
        """The JSON object of the body; None for any other body."""
        try:
            said = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return said if isinstance(said, dict) else None

    @property
    def code(self) -> str:
        """The code of an error; empty where the kiosk would read none."""
        readable = self.kind == PROBLEM or (self.status == 409 and self.kind == JSON)
        said = self.json if readable and 400 <= self.status < 500 else None
        code = (said or {}).get("code")
        return code if isinstance(code, str) else ""

    @property
    def named(self) -> str:
        """Status and code, for a report."""
        return f"{self.status} {self.code}".strip()


class Probe:
    """Sends requests to the server at ``url``. ``token``: sent unless a request says otherwise.

    ``ca_file``: the site's own CA; None for the system's. Thread-safe.
    """

    def __init__(self, url: str, token: str, ca_file: Path | None = None) -> None:
        self._base = url.rstrip("/") + "/api/v1"
        self._token = token
        self._session = new_session()
        self._verify: str | bool = str(ca_file) if ca_file is not None else True

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ProbeReply:
        """The reply to one request. Raises NoAnswer where there is none within the deadline.

        ``body``: bytes are sent as they are, anything else as JSON. ``token``: another one; empty
        for none.
        """
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        bearer = self._token if token is None else token
        sent = {
            "Accept": f"{JSON}, {PROBLEM}, */*;q=0.1",
            "Accept-Encoding": "identity",
            **({"Authorization": f"Bearer {bearer}"} if bearer else {}),
            **({} if data is None else {"Content-Type": JSON}),
            **(headers or {}),
        }
        begun_s = time.monotonic()

        def job(_: CancellableCall) -> ProbeReply:
            with self._session.request(
                method,
                self._base + path,
                data=data,
                headers=sent,
                timeout=EXCHANGE_S,
                verify=self._verify,
                allow_redirects=False,
                stream=True,
            ) as response:
                found = {name.lower(): value for name, value in response.headers.items()}
                whole = bytearray()
                for piece in response.iter_content(PIECE):
                    whole += piece
                    if len(whole) > MOST_MENU_BYTES:
                        raise Differs(Message.of("server.long", most=MOST_MENU_BYTES))
                kind = found.get("content-type", "").partition(";")[0].strip().lower()
                took_s = time.monotonic() - begun_s
                return ProbeReply(response.status_code, kind, found, bytes(whole), took_s)

        try:
            return within(EXCHANGE_S, job)
        except ServerUnreachable as error:
            raise NoAnswer(error.message) from error
        except OSError as error:
            raise NoAnswer(Message.of("check_server.got.none", why=_why(error))) from error


def _why(error: BaseException) -> Text:
    """The innermost cause: requests wraps it up to three times."""
    for _ in range(8):
        causes = (getattr(error, "reason", None), *error.args)
        inner = next((one for one in causes if isinstance(one, BaseException)), None)
        if inner is None:
            break
        error = inner
    if isinstance(error, OSError) and error.errno:
        return reason(error)
    return " ".join(str(error).split())[:200] or type(error).__name__
