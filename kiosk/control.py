"""The local socket through which commands reach the running app.

Each connection carries one request (at most 1 MiB) and one response, each a line of JSON (UTF-8):
``{"command": "issue", "args": {...}, "lang": "id"}`` and ``{"ok": true, "result": ...}`` or
``{"ok": false, "error": "one line", "exit": 1}``, sentences in ``lang``. A request with
``"ack": true`` first gets the line ``{"ack": true}``: the app is alive and begins. Without it
within ``ACK_S`` the app is frozen; the client then closes the connection, and an app that wakes up
later does not carry the request out, because nobody would learn of the number. The socket is in
the state folder with mode 0600, so only the user who owns the journal can connect.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from kiosk.errors import ControlError, KioskError
from kiosk.messages import STAFF_LANGUAGE, in_language, reason

SOCKET_NAME = "control.sock"
LINE_LIMIT = 1 << 20
ANSWER_LIMIT = 1 << 30
"""The answer may be much longer than a request: 1,000,000 tickets are 350 MB."""

BACKLOG = 128
"""Connections the kernel queues while the app is too busy to accept them."""
REQUEST_S = 5.0
"""The server closes a connection on which no bytes arrive for this long."""
ACK_S = 2.5
"""An app that has not begun with a request after this time is frozen."""
ACK = b'{"ack": true}\n'
RETRY_BASE_S = 0.01
RETRY_MAX_S = 0.2
"""Back-off between attempts: to connect to a full backlog, to accept without descriptors."""

Handler = Callable[[Mapping[str, Any]], Any]
log = logging.getLogger(__name__)


@contextlib.contextmanager
def _short_path(folder: Path) -> Iterator[str]:
    """A path to the socket that fits ``sun_path`` (108 bytes, unix(7)) at any folder depth."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{SOCKET_NAME}"
    finally:
        os.close(handle)


class ControlServer:
    """Answers commands; one thread for each connection.

    ``handlers`` maps a command's name to a function that takes the request's arguments and
    returns a value that JSON can represent. A KioskError becomes the response's error line; any
    other exception is logged, and the response says that the log has the reason.

    Raises ControlError when the socket cannot be made.
    """

    def __init__(self, folder: Path, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            (folder / SOCKET_NAME).unlink(missing_ok=True)
            old_mask = os.umask(0o177)
            try:
                with _short_path(folder) as path:
                    self._socket.bind(path)
            finally:
                os.umask(old_mask)
            self._socket.listen(BACKLOG)
        except OSError as error:
            self._socket.close()
            raise ControlError("control.socket", why=reason(error)) from error
        self._path = folder / SOCKET_NAME
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and remove the socket. Requests already accepted run to their end."""
        self._closed.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with contextlib.suppress(OSError):
            self._path.unlink()

    def _serve(self) -> None:
        while not self._closed.is_set():
            try:
                client, _ = self._socket.accept()
            except OSError as error:
                # Out of descriptors or memory is temporary; without a retry one such moment
                # would leave the app unreachable for as long as it runs.
                if not self._closed.wait(RETRY_MAX_S):
                    log.warning("control socket: accept failed: %s", error.strerror)
                continue
            try:
                threading.Thread(
                    target=self._answer, args=(client,), name="control-client", daemon=True
                ).start()
            except RuntimeError:
                log.warning("control socket: no thread for a client; its connection is closed")
                client.close()

    def _answer(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.settimeout(REQUEST_S)
            answer = self._run(_read_line(client), client)
            client.sendall(json.dumps(answer).encode() + b"\n")

    def _run(self, line: bytes, client: socket.socket) -> dict[str, Any]:
        """The answer to a request. Raises OSError for a client that has gone, before it begins."""
        language = STAFF_LANGUAGE
        try:
            request = json.loads(line)
            language = str(request.get("lang") or language)
            handler = self._handlers[request["command"]]
            args = dict(request.get("args") or {})
            wants_ack = request.get("ack") is True
        except (AttributeError, ValueError, KeyError, TypeError, RecursionError):
            return _failed(ControlError("control.unknown"), language)
        if wants_ack:
            client.sendall(ACK)
        try:
            return {"ok": True, "result": in_words(handler(args), language)}
        except KioskError as error:
            return _failed(error, language)
        except Exception:
            log.exception("control command failed: %s", request["command"])
            return _failed(ControlError("control.failed"), language)


def in_words(result: Any, language: str) -> Any:
    """``result`` as JSON holds it, its messages (``kiosk.messages``) as texts in ``language``."""
    return json.loads(json.dumps(result, default=lambda value: in_language(value, language)))


def _failed(error: KioskError, language: str) -> dict[str, Any]:
    return {"ok": False, "error": error.in_(language), "exit": error.exit_code}


def _read_line(
    peer: socket.socket, until: float | None = None, *, one: bool = False, limit: int = LINE_LIMIT
) -> bytes:
    """Bytes up to a newline, the end of the stream or ``limit``.

    ``one``: take nothing behind the first newline. Raises TimeoutError when ``until``
    (``time.monotonic``) passes first.
    """
    data = bytearray()
    while not data.endswith(b"\n"):
        if until is not None:
            peer.settimeout(_left_s(until))
        piece = peer.recv(65536, socket.MSG_PEEK if one else 0)
        if one:
            piece = peer.recv(piece.find(b"\n") + 1 or len(piece)) if piece else b""
        if not piece or len(data) + len(piece) > limit:
            break
        data += piece
    return bytes(data)


def _first_line(peer: socket.socket, until: float) -> bytes:
    """The acknowledgement or the answer. AppFrozen when none has come by ``until``.

    The connection is shut down before the decision, so that an app which wakes up at this moment
    either has acknowledged the request or cannot any more.
    """
    with contextlib.suppress(TimeoutError):
        return _read_line(peer, until, one=True)
    peer.shutdown(socket.SHUT_RDWR)
    if _read_line(peer, one=True) == ACK:
        raise TimeoutError
    raise AppFrozen("control.frozen")


def _left_s(until: float) -> float:
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _connect(peer: socket.socket, path: str, until: float) -> None:
    """Connect; raises OSError at once when no process listens, TimeoutError at ``until``.

    A socket with a timeout is non-blocking, and on a full backlog the kernel answers a
    non-blocking connect with EAGAIN (unix(7)) in place of waiting. EAGAIN therefore means "the
    app is busy"; ENOENT and ECONNREFUSED mean "no app runs".
    """
    delay_s = RETRY_BASE_S
    while True:
        peer.settimeout(_left_s(until))
        try:
            peer.connect(path)
        except BlockingIOError:
            sleep(min(delay_s, _left_s(until)))
            delay_s = min(delay_s * 2, RETRY_MAX_S)
        else:
            return


class AppFrozen(ControlError):
    """An app accepted the connection and does not begin: it is stopped or hangs."""


class AnswerLost(ControlError):
    """The request was sent and no answer came: the app may or may not have done it."""


class RemoteError(KioskError):
    """The running app refused the command; carries its sentence and its exit code."""

    def __init__(self, sentence: str, exit_code: int) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


def ask(
    folder: Path,
    command: str,
    args: Mapping[str, Any],
    deadline_s: float = 30.0,
    language: str = STAFF_LANGUAGE,
) -> Any:
    """Send ``command`` to the running app and return its result, sentences in ``language``.

    ``deadline_s`` (seconds) limits the whole exchange: connect, request and response.

    Raises ControlError at once when no app listens, and at the deadline when none accepts the
    request; AppFrozen after ``ACK_S`` when one does not begin, and will not carry it out later;
    AnswerLost when it began and no readable answer came in time; RemoteError with the app's message
    and exit code when it refuses the command.
    """
    until = monotonic() + deadline_s
    asked = {"command": command, "args": dict(args), "lang": language, "ack": True}
    request = json.dumps(asked).encode() + b"\n"
    failed: type[ControlError] = ControlError
    try:
        with _short_path(folder) as path, socket.socket(socket.AF_UNIX) as peer:
            _connect(peer, path, until)
            peer.settimeout(_left_s(until))
            failed = AnswerLost
            peer.sendall(request)
            first = _first_line(peer, min(until, monotonic() + ACK_S))
            rest = _read_line(peer, until, limit=ANSWER_LIMIT) if first == ACK else first
            answer = json.loads(rest)
        ok = answer["ok"]
    except TimeoutError as error:
        raise failed("control.late") from error
    except OSError as error:
        raise failed("control.nobody", why=reason(error)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise failed("control.garbled") from error
    if not ok:
        raise RemoteError(str(answer.get("error")), int(answer.get("exit", 1)))
    return answer.get("result")
