"""``serve --host /PATH``: a Unix socket, for a proxy that shares a folder with the server."""

from __future__ import annotations

import contextlib
import socket
import stat
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

from queue_server.web.connection_limits import PER_ADDRESS
from tests.queue_server.servers import MENU, ROOT, ServerProcess, get, serving


def connected(path: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(30)
    client.connect(str(path))
    return client


def status(path: Path, url: str) -> int:
    with contextlib.closing(HTTPConnection("localhost")) as client:
        client.sock = connected(path)
        client.request("GET", url)
        return client.getresponse().status


def options(path: Path) -> tuple[str, ...]:
    return ("--host", str(path), "--monitor-port", "0")


def test_only_monitoring_has_a_port(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with serving(str(tmp_path / "q.sqlite3"), MENU, *options(path)) as server:
        found = {url: status(path, url) for url in ("/healthz", "/readyz", "/api/v1/board")}
        assert found == {"/healthz": 200, "/readyz": 404, "/api/v1/board": 401}
        assert get(f"{server.monitor_url}/api/v1/board").status_code == 404
        assert stat.S_IMODE(path.stat().st_mode) == 0o666, "a proxy of another user connects"
    assert not path.exists()


def test_a_proxy_may_have_more_connections_than_one_address(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with (
        serving(str(tmp_path / "q.sqlite3"), MENU, *options(path)),
        contextlib.ExitStack() as held,
    ):
        for _ in range(PER_ADDRESS + 1):
            held.enter_context(connected(path))
        assert status(path, "/healthz") == 200


def test_the_socket_of_a_killed_server_is_replaced(tmp_path: Path) -> None:
    path, database = tmp_path / "socket", str(tmp_path / "q.sqlite3")
    ServerProcess(database, MENU, *options(path)).wait_ready().kill()
    assert path.is_socket()
    with serving(database, MENU, *options(path)):
        assert status(path, "/healthz") == 200


def refused(path: Path, database: Path) -> subprocess.CompletedProcess[str]:
    words = ["serve", "--database", str(database), "--catalogue", str(MENU), "--lang", "en"]
    return subprocess.run(
        [sys.executable, "-m", "queue_server", *words, *options(path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )


def test_the_socket_of_a_server_at_work_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with serving(str(tmp_path / "q.sqlite3"), MENU, *options(path)):
        second = refused(path, tmp_path / "other.sqlite3")
        assert second.returncode == 1
        assert f"cannot listen on {path}: Address already in use" in second.stderr
        assert status(path, "/healthz") == 200


def test_a_file_that_is_no_socket_is_not_deleted(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_text("of someone else")
    assert refused(path, tmp_path / "q.sqlite3").returncode == 1
    assert path.read_text() == "of someone else"
