"""The application with a real queue server: edits of the menu and counts reach the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.app.kiosk_app import make_root_view
from kiosk.bootstrap import Options, build_kiosk
from kiosk.domain import live
from kiosk.domain.events import AgencyChosen, BackTapped, ServiceChosen, Tap
from kiosk.domain.visit_screens import (
    Agencies,
    Services,
)
from kiosk.runtime import Kiosk
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from queue_server import access
from tests.e2e.site import SiteFolder
from tests.queue_server.servers import KioskClient, transaction
from tests.sync.real import QueueServer, running
from tests.ui.app_under_test import AppUnderTest


@pytest.fixture
def server(tmp_path: Path) -> Iterator[QueueServer]:
    with running(tmp_path / "server") as server:
        yield server


@pytest.fixture
def kiosk(tmp_path: Path, server: QueueServer) -> Iterator[Kiosk]:
    site = SiteFolder(tmp_path)
    (site.config / "token").write_text(server.command("add-kiosk", "lobi-1"))
    site.machine("connection: virtual", server.link)
    with build_kiosk(
        load_settings(site.config, ASSETS), site.state, Options(printer=False)
    ) as made:
        yield made


def test_an_edit_on_the_server_reaches_the_screen_between_visits(
    context: Callable[..., AppUnderTest], kiosk: Kiosk, server: QueueServer
) -> None:
    s, agency = context(kiosk, make_root_view), AgencyChosen("dukcapil")
    kiosk.on_settings(s.app.settings_changed)
    kiosk.start()
    s.until(lambda: name_on(s, agency) == "Dinas Kependudukan", "the server's menu")
    edit(server, "Dinas Kependudukan", "Dinas Dukcapil")
    s.until(lambda: name_on(s, agency) == "Dinas Dukcapil", "the edit, on the home screen")

    s.tap(agency)
    s.on(Services)
    updates: list[str] = []
    kiosk.on_settings(lambda: updates.append("menu"))
    edit(server, "Dinas Dukcapil", "Disdukcapil", "id: KTP,", "id: KTP-el,")
    s.until(lambda: soon(kiosk) and bool(updates), "the edit, during a visit")
    s.frames(10)
    assert name_on(s, ServiceChosen("ktp")) == "KTP", "the menu changed during a visit"
    s.tap(BackTapped())
    s.on(Agencies)
    s.until(lambda: name_on(s, agency) == "Disdukcapil", "the edit, once home")
    s.tap(agency)
    s.until(lambda: name_on(s, ServiceChosen("ktp")) == "KTP-el", "the edit, for the next visit")


def test_the_number_of_people_waiting_is_hidden_while_the_server_is_offline(
    context: Callable[..., AppUnderTest],
    kiosk: Kiosk,
    server: QueueServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Counts are shown until they are FRESH_S old, here 2 s; the sign for staff appears at once."""
    monkeypatch.setattr(live, "FRESH_S", 2.0)
    s, agency = context(kiosk, make_root_view), AgencyChosen("dukcapil")
    kiosk.on_settings(s.app.settings_changed)
    kiosk.start()
    s.until(lambda: name_on(s, agency) == "Dinas Kependudukan", "the server's menu")
    with transaction(server.database) as connection:
        token, _ = access.add(connection, "kiosk", "lobi-2", None, 0)
    KioskClient(server.url, token).reserve(service="ktp")
    s.until(lambda: soon(kiosk) and s.robot.find(agency).waiting == "1 antre", "who waits")
    assert not s.root_view.header.sign

    server.stop()
    s.until(lambda: soon(kiosk) and bool(s.root_view.header.sign), "the mark for staff")
    s.until(lambda: s.robot.find(agency).waiting == "", "no figure that is too old")
    assert name_on(s, agency) == "Dinas Kependudukan"

    server.start(datetime.now(UTC))
    s.until(lambda: soon(kiosk) and s.robot.find(agency).waiting == "1 antre", "the figure again")
    assert not s.root_view.header.sign


def edit(server: QueueServer, *words: str) -> None:
    """Edit the agencies file; ``words`` alternates old and new texts."""
    text = server.menu.read_text(encoding="utf-8")
    for old, new in zip(words[::2], words[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    server.menu.write_text(text, encoding="utf-8")


def soon(kiosk: Kiosk) -> bool:
    """Start the next exchange now, as a new ticket does, to save time."""
    assert kiosk.queue is not None
    kiosk.queue.wake()
    return True


def name_on(context: AppUnderTest, event: Tap) -> str | None:
    """The name on the button for ``event``; None without such a button."""
    found = context.robot.find(event)
    if found is None:
        return None
    # The button of a service is a part of its row.
    return str(found.name if hasattr(found, "name") else found.parent.name)
