"""The control socket: real sockets, a deep folder, rude clients."""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from kiosk.control import SOCKET_NAME, ControlServer, RemoteError, ask
from kiosk.errors import ControlError, UsageError


def _fail(_: Mapping[str, Any]) -> None:
    raise UsageError("no such thing")


def _break(_: Mapping[str, Any]) -> None:
    raise ZeroDivisionError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder deeper than a socket's address is long (108 bytes)."""
    deep = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 6)
    deep.mkdir(parents=True)
    return deep


@pytest.fixture
def server(folder: Path) -> Iterator[ControlServer]:
    made = ControlServer(folder, {"echo": lambda args: dict(args), "fail": _fail, "break": _break})
    yield made
    made.close()


def raw(folder: Path, data: bytes) -> dict[str, Any]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(f"/proc/self/fd/{handle}/{SOCKET_NAME}")
            peer.sendall(data)
            peer.shutdown(socket.SHUT_WR)
            answer = json.loads(peer.makefile().readline())
    finally:
        os.close(handle)
    assert isinstance(answer, dict)
    return answer


def test_a_command_is_answered(server: ControlServer, folder: Path) -> None:
    assert ask(folder, "echo", {"name": "Ågnes \u2028 \U0001f642"}) == {
        "name": "Ågnes \u2028 \U0001f642"
    }


def test_only_the_owner_may_speak_to_it(server: ControlServer, folder: Path) -> None:
    mode = (folder / SOCKET_NAME).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_an_error_comes_with_its_words_and_exit_code(server: ControlServer, folder: Path) -> None:
    with pytest.raises(RemoteError, match="no such thing") as caught:
        ask(folder, "fail", {})
    assert caught.value.exit_code == UsageError.exit_code


def test_a_defect_is_said_plainly_and_the_server_lives(server: ControlServer, folder: Path) -> None:
    with pytest.raises(RemoteError, match="its log says why"):
        ask(folder, "break", {})
    assert ask(folder, "echo", {}) == {}


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"\xff\xfe\n", b"[]\n", b"{}\n", b'{"command": []}\n', b'{"command":"no"}\n',
     b'{"command":"echo","args":3}\n', b"x" * 3_000_000],
    ids=["nothing", "empty", "binary", "list", "object", "type", "unknown", "args", "huge"],
)  # fmt: skip
def test_rubbish_gets_an_answer_or_a_hangup(
    server: ControlServer, folder: Path, data: bytes
) -> None:
    try:
        assert raw(folder, data)["ok"] is False
    except (ConnectionError, BrokenPipeError):
        assert len(data) > 1_000_000
    assert ask(folder, "echo", {}) == {}


def test_many_at_once(server: ControlServer, folder: Path) -> None:
    seen: list[int] = []

    def one(i: int) -> None:
        seen.append(ask(folder, "echo", {"i": i})["i"])

    threads = [threading.Thread(target=one, args=(i,)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(20))


def test_no_app_and_a_dead_socket_are_both_said(folder: Path) -> None:
    with pytest.raises(ControlError, match="no running app"):
        ask(folder, "echo", {})
    ControlServer(folder, {}).close()
    (folder / SOCKET_NAME).touch()
    with pytest.raises(ControlError, match="no running app"):
        ask(folder, "echo", {})


def test_a_socket_left_behind_is_replaced(folder: Path) -> None:
    (folder / SOCKET_NAME).touch()
    server = ControlServer(folder, {"echo": dict})
    try:
        assert ask(folder, "echo", {"a": 1}) == {"a": 1}
    finally:
        server.close()
