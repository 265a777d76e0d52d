"""A command whose answer is lost is asked again: still one visitor, one number.

The process that holds the journal does the command, and its answer never arrives: the connection
closes, or the process dies. A relay in front of the control socket makes that happen.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk import control
from kiosk.bootstrap import build_kiosk
from kiosk.cli import main
from kiosk.commands import shared
from kiosk.commands.handlers import handlers
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from tests.e2e.site import Answer, SiteFolder, VirtualPrinterProgram, until

ANY_NUMBER_OF_TIMES = 1_000_000


@contextlib.contextmanager
def relay(front: Path, behind: Path, lost: int, then: Callable[[], None]) -> Iterator[None]:
    """Pass requests on; drop the answers of the first ``lost``, and call ``then`` before each."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(front))
    listener.listen()
    count = iter(range(ANY_NUMBER_OF_TIMES))

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client, socket.socket(socket.AF_UNIX) as app:
                try:
                    app.connect(str(behind))
                except OSError:
                    continue
                app.sendall(client.makefile("rb").readline())
                answers = app.makefile("rb")
                answer = answers.readline()
                if answer == control.ACK:
                    client.sendall(answer)
                    answer = answers.readline()
                if next(count) < lost:
                    then()
                else:
                    client.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    yield
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


@contextlib.contextmanager
def app(site: SiteFolder, *, lost: int, dies: bool = False) -> Iterator[None]:
    """A kiosk that owns the state folder, behind a relay. ``dies``: with the first lost answer."""
    with contextlib.ExitStack() as running:
        kiosk = running.enter_context(
            build_kiosk(load_settings(site.config, ASSETS, "en"), site.state)
        )
        kiosk.probe_now()
        behind = site.state / "behind"
        behind.mkdir()
        server = control.ControlServer(behind, handlers(kiosk))
        running.callback(server.close)

        def die() -> None:
            (site.state / control.SOCKET_NAME).unlink()
            running.pop_all().close()

        then = die if dies else lambda: None
        front, socket_behind = site.state / control.SOCKET_NAME, behind / control.SOCKET_NAME
        with relay(front, socket_behind, lost, then):
            yield


def issue(site: SiteFolder) -> Answer:
    return site.kiosk("issue", "ktp-el", "--json")


@pytest.mark.parametrize("dies", [False, True], ids=["app lives", "app dies"])
def test_a_lost_answer_makes_no_second_number(
    site: SiteFolder, printer: VirtualPrinterProgram, dies: bool
) -> None:
    site.state.mkdir()
    with app(site, lost=1, dies=dies):
        answer = issue(site)
    assert answer.code == 0, answer.err
    assert [t["number"] for t in site.tickets()] == [answer.json["number"]]
    until(lambda: len(printer.slips()) >= 1, "the slip")
    assert len(printer.slips()) == 1


def test_a_second_command_gets_another_number(
    site: SiteFolder, printer: VirtualPrinterProgram
) -> None:
    site.state.mkdir()
    with app(site, lost=1):
        first, second = issue(site), issue(site)
    assert first.json["number"] != second.json["number"]
    assert len(site.tickets()) == 2


def test_a_lost_answer_names_the_command_that_shows_the_result(
    site: SiteFolder,
    printer: VirtualPrinterProgram,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    site.state.mkdir()
    monkeypatch.setattr(shared, "PATIENCE_S", 0.5)
    with app(site, lost=ANY_NUMBER_OF_TIMES):
        assert main([*site.argv("issue", "ktp-el")[3:], "--lang", "en"]) == 1
    said = capsys.readouterr().err
    assert "may have done this command" in said
    assert "kiosk tickets" in said
    assert len(site.tickets()) == 1


@pytest.mark.parametrize(
    "key",
    [
        {"id": "x", "track": "ab" * 16},
        {"id": "01922222-2222-7222-8222-222222222222"},
        {"track": "ab" * 16},
        {"id": "01922222-2222-4222-8222-222222222222", "track": "ab" * 16},
        {"id": "01922222-2222-7222-8222-222222222222", "track": "' OR 1=1"},
    ],
    ids=json.dumps,
)
def test_an_invalid_key_gives_no_number(
    site: SiteFolder, printer: VirtualPrinterProgram, key: dict[str, str]
) -> None:
    site.state.mkdir()
    with (
        app(site, lost=0),
        pytest.raises(control.RemoteError, match="no UUIDv7") as caught,
    ):
        control.ask(site.state, "issue", {"service": "ktp-el", **key}, language="en")
    assert caught.value.exit_code == 2
    assert site.tickets() == []
