"""What the service manager is told, on real datagram sockets."""

from __future__ import annotations

import logging
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.background.service_manager import ServiceNotifier


class Manager:
    """The service manager's end of NOTIFY_SOCKET."""

    def __init__(self, name: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self.socket.setblocking(False)

    def heard(self) -> list[str]:
        """The messages since the last call."""
        found = []
        while True:
            try:
                found.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return found


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Manager]]:
    name = str(tmp_path / "notify") if request.param == "path" else f"@kiosk-{uuid.uuid4().hex}"
    made = Manager(name)
    yield name, made
    made.socket.close()


def test_messages_are_lines_of_the_protocol(manager: tuple[str, Manager]) -> None:
    name, heard = manager
    environment = {"NOTIFY_SOCKET": name, "WATCHDOG_PID": "1", "WATCHDOG_USEC": "nonsense"}
    notifier = ServiceNotifier.from_environment(environment)
    notifier.ready()
    notifier.alive()
    notifier.stopping()
    assert heard.heard() == ["READY=1", "WATCHDOG=1", "STOPPING=1"]
    assert "NOTIFY_SOCKET" not in environment, "a child process would report for the app"
    notifier.hand_over(environment)
    assert environment["NOTIFY_SOCKET"] == name


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "relative/path"])
def test_without_a_socket_nothing_is_sent(address: str) -> None:
    ServiceNotifier.from_environment({"NOTIFY_SOCKET": address}).ready()
    ServiceNotifier.from_environment({}).ready()


def test_a_manager_that_is_gone_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    notifier = ServiceNotifier(str(tmp_path / "nobody"))
    for _ in range(3):
        notifier.alive()
    assert [r.levelno for r in caplog.records] == [logging.WARNING]


def test_a_manager_that_does_not_read_stops_nothing(manager: tuple[str, Manager]) -> None:
    name, _ = manager
    notifier = ServiceNotifier(name)
    for _ in range(2000):
        notifier.alive()
