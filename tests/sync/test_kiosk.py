"""The kiosk as the app has it, beside a real server: its threads keep it in step by themselves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.bootstrap import Options, build_kiosk
from kiosk.commands.handlers import handlers
from kiosk.domain.events import Committed, Event, Refused
from kiosk.domain.live import NOT_LIVE
from kiosk.domain.staff_call import CallState
from kiosk.errors import Refusal
from kiosk.runtime import Kiosk
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from queue_server import access
from tests.e2e.site import SiteFolder
from tests.queue_server.servers import Staff, transaction
from tests.sync.real import QueueServer, running

SILENT = Options(printer=False)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[QueueServer]:
    with running(tmp_path / "server") as server:
        yield server


@pytest.fixture
def site(tmp_path: Path, server: QueueServer) -> SiteFolder:
    site = SiteFolder(tmp_path)
    (site.config / "agencies.yaml").write_text(server.menu.read_text())
    (site.config / "token").write_text(server.command("add-kiosk", "lobi-1"))
    site.machine("connection: virtual", server.link)
    return site


class Screen:
    """Keeps what is posted to it."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def number(self, kiosk: Kiosk, service: str = "ktp") -> str:
        """The number that a visitor sees."""
        seen = len(self.events)
        kiosk.issue(kiosk.new_request(service), self.events.append)
        wait_for(lambda: len(self.events) > seen + 1 or bool(self._refused(seen)))
        committed = [e for e in self.events[seen:] if isinstance(e, Committed)]
        return committed[0].ticket.number if committed else f"{self._refused(seen)[0].trouble}"

    def _refused(self, seen: int) -> list[Refused]:
        return [e for e in self.events[seen:] if isinstance(e, Refused)]


def test_the_app_exchanges_with_the_server_periodically(
    site: SiteFolder, server: QueueServer
) -> None:
    settings, screen = load_settings(site.config, ASSETS), Screen()
    with build_kiosk(settings, site.state, SILENT) as kiosk:
        assert screen.number(kiosk) == str(Refusal.NUMBERS), "no letter before the first exchange"
        kiosk.start()
        wait_for(lambda: kiosk.live().in_touch)
        wait_for(lambda: kiosk.trouble() is None)
        assert screen.number(kiosk) == "DK-001"
        wait_for(lambda: len(server.tickets) == 1)
        server.stop()
        assert screen.number(kiosk) == "DK-A001"
        assert not kiosk.live().in_touch
        server.start(datetime.now(UTC))
        wait_for(lambda: len(server.tickets) == 2)
        wait_for(lambda: kiosk.live().in_touch)
        assert screen.number(kiosk) == "DK-002"
        wait_for(lambda: len(server.tickets) == 3)


def test_a_reserved_number_has_the_people_ahead(site: SiteFolder) -> None:
    screen = Screen()
    with build_kiosk(load_settings(site.config, ASSETS), site.state, SILENT) as kiosk:
        kiosk.start()
        wait_for(lambda: kiosk.live().in_touch)
        assert not kiosk.live().cut_off
        wait_for(lambda: kiosk.trouble() is None)
        assert [screen.number(kiosk) for _ in range(2)] == ["DK-001", "DK-002"]
    ahead = [e.ahead for e in screen.events if isinstance(e, Committed)]
    assert [a.people for a in ahead if a] == [0, 1]


def test_the_numbers_left_are_counted_down_while_offline(
    site: SiteFolder, server: QueueServer
) -> None:
    screen = Screen()
    with build_kiosk(load_settings(site.config, ASSETS), site.state, SILENT) as kiosk:
        kiosk.start()
        wait_for(lambda: left(kiosk) == (2, True))
        wait_for(lambda: kiosk.trouble() is None)
        assert screen.number(kiosk, "akta") == "DK-001"
        wait_for(lambda: left(kiosk) == (1, True))
        server.stop()
        assert screen.number(kiosk, "akta") == "DK-A001"
        wait_for(lambda: left(kiosk) == (0, False))
        assert kiosk.live().cut_off
        assert screen.number(kiosk, "akta") == str(Refusal.QUOTA)


def left(kiosk: Kiosk) -> tuple[int | None, bool] | None:
    """The numbers left of "akta" as the screen gets them, and whether it is open."""
    state = kiosk.live().services.get("akta")
    return (state.quota_left, state.open) if state else None


def test_an_edit_on_the_server_reaches_the_app(site: SiteFolder, server: QueueServer) -> None:
    heard: list[str] = []
    with build_kiosk(load_settings(site.config, ASSETS), site.state, SILENT) as kiosk:
        kiosk.on_settings(lambda: heard.append(name_of(kiosk)))
        kiosk.start()
        wait_for(lambda: heard == ["ID card"])
        text = server.menu.read_text().replace("ID card", "Identity card")
        server.menu.write_text(text)
        wait_for(lambda: heard == ["ID card", "Identity card"])
    server.stop()
    with build_kiosk(load_settings(site.config, ASSETS), site.state, SILENT) as kiosk:
        assert name_of(kiosk) == "Identity card", "also without the server"


def test_without_a_server_no_sync_code_runs(tmp_path: Path) -> None:
    site = SiteFolder(tmp_path)
    with build_kiosk(load_settings(site.config, ASSETS), site.state, SILENT) as kiosk:
        assert kiosk.queue is None
        assert kiosk.live() == NOT_LIVE
        assert kiosk.trouble() is None
        assert Screen().number(kiosk, "ktp-el") == "DK-001"
        assert kiosk.ready_journal().outbox.unsent(9, kiosk.now()).rows == ()


def name_of(kiosk: Kiosk) -> str:
    """The service's name on the screen."""
    found = kiosk.settings.catalogue.service("ktp")
    assert found is not None
    return found.service.name.in_("en")


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until ``condition``, 30 s at most."""
    tick = threading.Event()
    for _ in range(1500):
        if condition():
            return
        tick.wait(0.02)
    raise AssertionError("waited in vain")


def test_a_call_for_staff_reaches_them_and_their_answer_the_screen(
    site: SiteFolder, server: QueueServer
) -> None:
    with transaction(server.database) as connection:
        token, _ = access.add(connection, "staff", "desk", None, 0)
    staff = Staff(server.url, token)
    with build_kiosk(load_settings(site.config, ASSETS), site.state, SILENT) as kiosk:
        assert call(kiosk) is CallState.READY
        kiosk.call_staff()
        assert call(kiosk) is CallState.UNSENT, "no exchange yet: nothing is promised"
        assert status(kiosk)["state"] == "unsent"
        kiosk.start()
        wait_for(lambda: call(kiosk) is CallState.CALLED)
        kiosk.call_staff()
        (shown,) = staff.board()["staff_calls"]
        assert shown["kiosk"] == "lobi-1"
        assert status(kiosk) == {
            "id": shown["id"],
            "since": kiosk.staff_call().since.isoformat(timespec="seconds"),  # type: ignore[union-attr]
            "state": "called",
        }
        (listed,) = staff.ask("GET", "/kiosks").json()["kiosks"]
        assert listed["health"]["staff_call"]["id"] == shown["id"]

        server.stop()
        wait_for(lambda: not kiosk.live().in_touch)
        assert call(kiosk) is CallState.CALLED, "the server has taken it"
        server.start(datetime.now(UTC))
        assert staff.ask("POST", f"/staff-calls/{shown['id']}/answer").status_code == 200
        wait_for(lambda: call(kiosk) is CallState.ANSWERED)
        assert staff.board()["staff_calls"] == []
        assert status(kiosk)["state"] == "answered"


def test_a_call_while_out_of_touch_is_sent_later(site: SiteFolder, server: QueueServer) -> None:
    with transaction(server.database) as connection:
        token, _ = access.add(connection, "staff", "desk", None, 0)
    with build_kiosk(load_settings(site.config, ASSETS), site.state, SILENT) as kiosk:
        kiosk.start()
        wait_for(lambda: kiosk.live().in_touch)
        server.stop()
        wait_for(lambda: not kiosk.live().in_touch)
        kiosk.call_staff()
        assert call(kiosk) is CallState.UNSENT
        server.start(datetime.now(UTC))
        wait_for(lambda: call(kiosk) is CallState.CALLED)
        assert len(Staff(server.url, token).board()["staff_calls"]) == 1


def call(kiosk: Kiosk) -> CallState:
    """The state of the call for staff, as the screen has it."""
    return kiosk.staff_call().state


def status(kiosk: Kiosk) -> Any:
    """The call in ``kiosk status --json``."""
    return handlers(kiosk)["status"]({})["staff_call"]
