"""The local socket by which commands reach the running app.

One request and one answer a connection, each a line of JSON (UTF-8, at most 1 MiB):
``{"command": "issue", "args": {...}}`` and ``{"ok": true, "result": ...}`` or
``{"ok": false, "error": "one line", "exit": 1}``. The socket lies in the state folder with
mode 0600: who may read the journal may speak to the app, nobody else.
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
from typing import Any

from kiosk.errors import ControlError, KioskError

SOCKET_NAME = "control.sock"
LINE_LIMIT = 1 << 20
REQUEST_S = 5.0
"""A client that connects and says nothing is hung up on after this."""

Handler = Callable[[Mapping[str, Any]], Any]
log = logging.getLogger(__name__)


@contextlib.contextmanager
def _short_path(folder: Path) -> Iterator[str]:
    """A path to the socket that fits ``sun_path`` (108 bytes, unix(7)) however deep it lies."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{SOCKET_NAME}"
    finally:
        os.close(handle)


class ControlServer:
    """Answers commands; each connection on a thread of its own.

    ``handlers`` maps a command to a function of its arguments whose result JSON can hold. A
    KioskError becomes the client's error line; anything else is logged and said plainly.
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
            self._socket.listen(16)
        except OSError as error:
            self._socket.close()
            raise ControlError(f"cannot open the control socket: {error.strerror}") from error
        self._path = folder / SOCKET_NAME
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up and take the socket away. Requests under way finish by themselves."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with contextlib.suppress(OSError):
            self._path.unlink()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(
                target=self._answer, args=(client,), name="control-client", daemon=True
            ).start()

    def _answer(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.settimeout(REQUEST_S)
            answer = self._run(_read_line(client))
            client.sendall(json.dumps(answer).encode() + b"\n")

    def _run(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            handler = self._handlers[request["command"]]
            args = dict(request.get("args") or {})
        except (ValueError, KeyError, TypeError, RecursionError):
            return {"ok": False, "error": "the app does not know this command", "exit": 1}
        try:
            return {"ok": True, "result": handler(args)}
        except KioskError as error:
            return {"ok": False, "error": str(error), "exit": error.exit_code}
        except Exception:
            log.exception("control command failed: %s", request["command"])
            return {"ok": False, "error": "the app could not do this; its log says why", "exit": 1}


def _read_line(peer: socket.socket) -> bytes:
    data = bytearray()
    while not data.endswith(b"\n"):
        piece = peer.recv(65536)
        if not piece or len(data) + len(piece) > LINE_LIMIT:
            break
        data += piece
    return bytes(data)


class RemoteError(KioskError):
    """What the running app answered in place of a result."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def ask(folder: Path, command: str, args: Mapping[str, Any], deadline_s: float = 30.0) -> Any:
    """The running app's answer to ``command``.

    Raises ControlError when no app listens or it does not answer in ``deadline_s`` seconds,
    RemoteError with the app's own words and exit code when it refuses.
    """
    try:
        with _short_path(folder) as path, socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(deadline_s)
            peer.connect(path)
            peer.sendall(json.dumps({"command": command, "args": dict(args)}).encode() + b"\n")
            answer = json.loads(_read_line(peer))
        ok = answer["ok"]
    except TimeoutError as error:
        raise ControlError("the running app did not answer in time") from error
    except OSError as error:
        raise ControlError(f"no running app answers: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ControlError("the running app gave an answer that makes no sense") from error
    if not ok:
        raise RemoteError(str(answer.get("error")), int(answer.get("exit", 1)))
    return answer.get("result")
