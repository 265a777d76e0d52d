"""The control socket: real sockets, a deep folder, rude clients, a listener that is busy."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import queue
import socket
import stat
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kiosk import control
from kiosk.control import ACK, SOCKET_NAME, AnswerLost, AppFrozen, ControlServer, RemoteError, ask
from kiosk.errors import ControlError, UsageError


def _fail(_: Mapping[str, Any]) -> None:
    raise UsageError("no such thing")


def _break(_: Mapping[str, Any]) -> None:
    raise ZeroDivisionError


def _long(args: Mapping[str, Any]) -> list[str]:
    return ["x" * 1000] * int(args["thousands"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder deeper than a socket's address is long (108 bytes)."""
    deep = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 6)
    deep.mkdir(parents=True)
    return deep


@pytest.fixture
def server(folder: Path) -> Iterator[ControlServer]:
    made = ControlServer(
        folder, {"echo": lambda args: dict(args), "fail": _fail, "break": _break, "long": _long}
    )
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


def test_an_answer_may_be_longer_than_a_request(server: ControlServer, folder: Path) -> None:
    """A month's tickets are 10 MB."""
    assert ask(folder, "long", {"thousands": 10_000}) == ["x" * 1000] * 10_000


def test_only_the_owner_may_speak_to_it(server: ControlServer, folder: Path) -> None:
    mode = (folder / SOCKET_NAME).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_an_error_response_has_its_message_and_exit_code(
    server: ControlServer, folder: Path
) -> None:
    with pytest.raises(RemoteError, match="no such thing") as caught:
        ask(folder, "fail", {})
    assert caught.value.exit_code == UsageError.exit_code


def test_an_unexpected_exception_is_reported_and_the_server_runs_on(
    server: ControlServer, folder: Path
) -> None:
    with pytest.raises(RemoteError, match="its log says why"):
        ask(folder, "break", {}, language="en")
    assert ask(folder, "echo", {}) == {}


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"\xff\xfe\n", b"[]\n", b"{}\n", b'{"command": []}\n', b'{"command":"no"}\n',
     b'{"command":"echo","args":3}\n', b"x" * 3_000_000],
    ids=["nothing", "empty", "binary", "list", "object", "type", "unknown", "args", "huge"],
)  # fmt: skip
def test_an_invalid_request_gets_an_error_or_is_closed(
    server: ControlServer, folder: Path, data: bytes
) -> None:
    try:
        assert raw(folder, data)["ok"] is False
    except (ConnectionError, BrokenPipeError):
        assert len(data) > 1_000_000
    assert ask(folder, "echo", {}) == {}


def test_many_at_once(server: ControlServer, folder: Path) -> None:
    clients = 200
    start = threading.Barrier(clients)

    def one(i: int) -> int:
        start.wait()
        answer = ask(folder, "echo", {"i": i})
        assert isinstance(answer["i"], int)
        return answer["i"]

    with ThreadPoolExecutor(clients) as pool:
        assert list(pool.map(one, range(clients))) == list(range(clients))


@pytest.fixture
def full(tmp_path: Path) -> Iterator[tuple[Path, socket.socket, list[socket.socket]]]:
    """A listener that accepts nothing, with clients that fill its backlog.

    On a full backlog the kernel refuses a non-blocking connect with EAGAIN at once (unix(7)).
    """
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(str(tmp_path / SOCKET_NAME))
        listener.listen(1)
        waiting: list[socket.socket] = []
        while True:
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.setblocking(False)
            try:
                client.connect(str(tmp_path / SOCKET_NAME))
            except BlockingIOError:
                break
            waiting.append(client)
        yield tmp_path, listener, waiting


def test_connecting_to_a_full_backlog_is_retried(
    full: tuple[Path, socket.socket, list[socket.socket]],
) -> None:
    folder, listener, waiting = full
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask, folder, "echo", {"i": 7}, 30.0)
        # Long enough for many attempts that are refused; the answer needs one more of them.
        with pytest.raises(TimeoutError):
            asked.result(0.5)
        for _ in waiting:
            listener.accept()[0].close()
        with listener.accept()[0] as peer:
            assert json.loads(peer.makefile().readline())["args"] == {"i": 7}
            peer.sendall(b'{"ok": true, "result": "seven"}\n')
        assert asked.result(30) == "seven"


def test_a_backlog_that_stays_full_is_reported_as_no_answer(
    full: tuple[Path, socket.socket, list[socket.socket]],
) -> None:
    begun = time.monotonic()
    with pytest.raises(ControlError, match="did not answer in time"):
        ask(full[0], "echo", {}, deadline_s=0.4)
    assert time.monotonic() - begun >= 0.4


def test_an_app_that_ends_with_a_full_backlog_counts_as_not_running(
    full: tuple[Path, socket.socket, list[socket.socket]],
) -> None:
    folder, listener, _ = full
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask, folder, "echo", {}, 60.0)
        with pytest.raises(TimeoutError):
            asked.result(0.3)
        listener.close()
        with pytest.raises(ControlError, match="no running app"):
            asked.result(30)


def test_the_deadline_covers_an_answer_that_arrives_slowly(tmp_path: Path) -> None:
    """Each drop comes in time, but the whole line does not."""
    with socket.socket(socket.AF_UNIX) as listener, ThreadPoolExecutor(1) as pool:
        listener.bind(str(tmp_path / SOCKET_NAME))
        listener.listen(1)
        asked = pool.submit(ask, tmp_path, "echo", {}, 0.5)
        with listener.accept()[0] as peer, contextlib.suppress(OSError):
            peer.sendall(ACK)
            while not asked.done():
                peer.sendall(b" ")
                time.sleep(0.05)
        with pytest.raises(ControlError, match="did not answer in time"):
            asked.result(30)


def test_an_app_that_does_not_begin_is_frozen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel accepts the connection and the request for a process that is stopped."""
    monkeypatch.setattr(control, "ACK_S", 0.2)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / SOCKET_NAME))
        listener.listen(1)
        with pytest.raises(AppFrozen, match="was not carried out"):
            ask(tmp_path, "issue", {})


def test_an_app_that_stops_with_the_request_unread_is_not_frozen(tmp_path: Path) -> None:
    """Its end resets the connection; the command may then be done without an app."""
    with socket.socket(socket.AF_UNIX) as listener, ThreadPoolExecutor(1) as pool:
        listener.bind(str(tmp_path / SOCKET_NAME))
        listener.listen(1)
        asked = pool.submit(ask, tmp_path, "issue", {})
        peer, _ = listener.accept()
        with peer:
            assert peer.recv(1)
        with pytest.raises(AnswerLost):
            asked.result(30)


def test_an_app_that_begins_at_the_last_moment_is_not_called_frozen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The acknowledgement is in the client's buffer when its patience ends."""
    read_line = control._read_line
    impatient = iter([True])
    acknowledged = threading.Event()

    def read(peer: socket.socket, *args: Any, **options: Any) -> bytes:
        if next(impatient, False):
            assert acknowledged.wait(10)
            raise TimeoutError
        return read_line(peer, *args, **options)

    with socket.socket(socket.AF_UNIX) as listener, ThreadPoolExecutor(1) as pool:
        listener.bind(str(tmp_path / SOCKET_NAME))
        listener.listen(1)
        monkeypatch.setattr(control, "_read_line", read)
        asked = pool.submit(ask, tmp_path, "issue", {})
        with listener.accept()[0] as peer:
            assert peer.recv(65536)
            peer.sendall(ACK)
            acknowledged.set()
            with pytest.raises(AnswerLost):
                asked.result(30)


def test_a_request_whose_client_has_gone_is_not_carried_out(folder: Path) -> None:
    """As an app finds it that was stopped, and goes on after the client has given up."""
    done: list[str] = []
    request = json.dumps({"command": "issue", "ack": True}).encode() + b"\n"
    server = ControlServer(folder, {"issue": lambda _: done.append("issue")})
    woken = threading.Event()
    reader: queue.SimpleQueue[threading.Thread] = queue.SimpleQueue()
    read_line = control._read_line

    def late(peer: socket.socket, *args: Any, **options: Any) -> bytes:
        line = read_line(peer, *args, **options)
        reader.put(threading.current_thread())
        assert woken.wait(10)
        return line

    with pytest.MonkeyPatch.context() as patch, contextlib.closing(server):
        patch.setattr(control, "_read_line", late)
        handle = os.open(folder, os.O_RDONLY)
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(f"/proc/self/fd/{handle}/{SOCKET_NAME}")
            peer.sendall(request)
        os.close(handle)
        woken.set()
        client = reader.get(timeout=10)
        client.join(10)
    assert not client.is_alive()
    assert done == []


def test_the_server_recovers_from_a_lack_of_file_descriptors(
    server: ControlServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept, refused = socket.socket.accept, threading.Event()

    def without_descriptors(listener: socket.socket) -> tuple[socket.socket, Any]:
        if not refused.is_set():
            refused.set()
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return accept(listener)

    monkeypatch.setattr(socket.socket, "accept", without_descriptors)
    ask(folder, "echo", {})  # wakes the accept() that was already waiting
    assert ask(folder, "echo", {"a": 1}) == {"a": 1}
    assert refused.is_set()


@pytest.mark.parametrize("left_behind", [False, True], ids=["no socket", "no listener"])
def test_a_missing_app_is_reported_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left_behind: bool
) -> None:
    if left_behind:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(tmp_path / SOCKET_NAME))

    def no_sleep(seconds: float) -> None:
        pytest.fail("waited for an app that does not run")

    monkeypatch.setattr("kiosk.control.sleep", no_sleep)
    with pytest.raises(ControlError, match="no running app"):
        ask(tmp_path, "echo", {}, deadline_s=60.0)


def test_a_missing_and_a_stale_socket_are_both_reported(folder: Path) -> None:
    with pytest.raises(ControlError, match="no running app"):
        ask(folder, "echo", {})
    ControlServer(folder, {}).close()
    (folder / SOCKET_NAME).touch()
    with pytest.raises(ControlError, match="no running app"):
        ask(folder, "echo", {})


def test_a_stale_socket_is_replaced(folder: Path) -> None:
    (folder / SOCKET_NAME).touch()
    server = ControlServer(folder, {"echo": dict})
    try:
        assert ask(folder, "echo", {"a": 1}) == {"a": 1}
    finally:
        server.close()
