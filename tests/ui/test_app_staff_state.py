"""What the staff screen says of a real kiosk: the queue server, and edits of the settings files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from kivy.base import EventLoop

from kiosk.app.kiosk_app import make_root_view
from kiosk.background.settings_folder import open_settings
from kiosk.bootstrap import Options, build_kiosk
from kiosk.domain.staff import StaffAction, StaffFacts, StaffResult, StaffTapped, StaffTask
from kiosk.domain.visit_screens import (
    Staff,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)
from kiosk.runtime import Kiosk
from kiosk.screens.screen_view import ViewContext
from kiosk.screens.staff_state import result_rows, state_rows
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.staff.pin import PinFile
from kiosk.ui.i18n import Phrases
from kiosk.widgets import hold
from tests.e2e.site import SiteFolder
from tests.sync.real import QueueServer, running
from tests.ui.app_under_test import AppUnderTest
from tests.ui.test_app_staff import PIN, StaffSite

Make = Callable[..., AppUnderTest]


@pytest.fixture(autouse=True)
def quick_hold(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(hold, "HOLD_S", 0.3)
    yield
    EventLoop.quit = False


@pytest.fixture
def folder(tmp_path: Path) -> SiteFolder:
    made = SiteFolder(tmp_path)
    made.state.mkdir()
    PinFile(made.state).keep(PIN)
    return made


@pytest.fixture
def edited(folder: SiteFolder, context: Make) -> Iterator[StaffSite]:
    """A machine whose settings files are followed."""
    opened = open_settings(folder.config, folder.state, "id")
    options = Options(printer=False, opened=opened)
    with build_kiosk(opened.settings, folder.state, options) as kiosk:
        kiosk.start()
        yield StaffSite(folder, kiosk, context(kiosk, make_root_view))


def menu_of(folder: SiteFolder) -> Path:
    return folder.config / "agencies.yaml"


def run(site: StaffSite, action: StaffAction) -> bool:
    """Touch a key and wait for its end; whether it was done."""
    task = StaffTask(action)
    site.app.tap(StaffTapped(task))

    def ended() -> bool:
        screen = site.app.visit.screen
        result = screen.result if isinstance(screen, Staff) else None
        return result is not None and result.task == task

    site.app.until(ended, f"the end of {action}")
    assert site.page.result is not None
    return site.page.result.done


def test_an_error_in_the_menu_is_shown_with_its_line_and_mended(edited: StaffSite) -> None:
    site, path = edited, menu_of(edited.folder)
    good = path.read_text(encoding="utf-8")
    site.open()
    assert run(site, StaffAction.RELOAD)
    site.app.until(lambda: "Menu berlaku sejak" in site.shown(), "the menu in use")
    path.write_text(good + "agencis: []\n", encoding="utf-8")
    line = good.count("\n") + 1
    assert not run(site, StaffAction.RELOAD)
    site.app.until(lambda: f"agencies.yaml:{line}:1" in site.shown(), "file and line")
    assert "1 kesalahan" in site.shown()
    path.write_text(good, encoding="utf-8")
    assert run(site, StaffAction.RELOAD)
    site.app.until(lambda: f"agencies.yaml:{line}:1" not in site.shown(), "the end of the error")
    coming = good.replace("version: 1\n", "version: 1\nvalid_from: 2090-01-02\n", 1)
    path.write_text(coming, encoding="utf-8")
    assert run(site, StaffAction.RELOAD)
    site.app.until(lambda: "berlaku mulai Senin, 2 Januari" in site.shown(), "the coming menu")
    assert "belum dipakai" not in site.shown()


def test_a_menu_that_lacks_many_services_is_accepted_by_a_key(edited: StaffSite) -> None:
    site, path = edited, menu_of(edited.folder)
    text = path.read_text(encoding="utf-8")
    agencies = text.index("\nagencies:")
    entries = text[agencies:].split("\n  - code: ")
    fewer = text[:agencies] + "\n  - code: ".join(entries[:4]) + "\n"
    path.write_text(_without_needs(fewer), encoding="utf-8")
    before = len(site.kiosk.settings.catalogue.agencies)
    site.open()
    site.app.until(lambda: "Menu baru menunggu persetujuan" in site.shown(), "the waiting menu")
    assert len(site.kiosk.settings.catalogue.agencies) == before
    assert run(site, StaffAction.ACCEPT)
    assert len(site.kiosk.settings.catalogue.agencies) == 3
    site.close()
    site.app.until(lambda: not site.kiosk.staff.facts().menu_waits, "the new menu")


def _without_needs(text: str) -> str:
    """The menu without the usual needs, which name services that are gone."""
    lines, skipping = [], False
    for line in text.split("\n"):
        if line.strip().startswith("needs:"):
            skipping = True
            continue
        if skipping and (line.startswith("    ") or not line.strip()):
            continue
        skipping = False
        lines.append(line)
    return "\n".join(lines)


def test_the_server_is_shown_with_the_rows_that_it_lacks(
    folder: SiteFolder, tmp_path: Path, context: Make
) -> None:
    with running(tmp_path / "server") as server:
        (folder.config / "token").write_text(server.command("add-kiosk", "lobi-1"))
        folder.machine("connection: virtual", server.link)
        settings = load_settings(folder.config, ASSETS)
        with build_kiosk(settings, folder.state, Options(printer=False)) as kiosk:
            kiosk.start()
            _follow_the_server(StaffSite(folder, kiosk, context(kiosk, make_root_view)), server)


def _follow_the_server(site: StaffSite, server: QueueServer) -> None:
    app, kiosk = site.app, site.kiosk
    app.until(lambda: woken(kiosk) and kiosk.live().in_touch, "the server")
    site.open()
    app.until(lambda: "Server antrean tersambung" in site.shown(), "the server")
    app.until(lambda: "0 belum terkirim" in site.shown(), "nothing unsent")
    assert "Menu dari server antrean" in site.shown()
    server.stop()
    app.until(lambda: woken(kiosk) and "Server antrean terputus" in site.shown(), "the loss")
    service = next(kiosk.settings.catalogue.services()).service.code
    kiosk.issue_now(kiosk.new_request(service))
    app.until(lambda: "1 belum terkirim" in site.shown(), "the unsent row")
    server.start(datetime.now(UTC))
    app.until(lambda: woken(kiosk) and "0 belum terkirim" in site.shown(), "the row is sent")


def woken(kiosk: Kiosk) -> bool:
    """Start the next exchange now, to save time."""
    assert kiosk.queue is not None
    kiosk.queue.wake()
    return True


@pytest.mark.parametrize("action", [StaffAction.RELOAD, StaffAction.ACCEPT])
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_menu_of_the_server_is_not_said_to_be_that_of_the_files(
    folder: SiteFolder, action: StaffAction, language: str
) -> None:
    phrases = Phrases(load_settings(folder.config, ASSETS).words, language)
    result = StaffResult(StaffTask(action), done=True)
    (files,), (served,) = (
        [row.title for row in result_rows(None, result, phrases, served=of_server)]
        for of_server in (False, True)
    )
    assert files == phrases.say(f"staff.done.{action.value}")
    assert served == phrases.say("staff.done.served") != files


def test_the_state_says_that_the_menu_of_the_server_stays_in_use(folder: SiteFolder) -> None:
    settings = load_settings(folder.config, ASSETS)
    facts = StaffFacts(menu_of_server=True)
    snapshot = KioskSnapshot(settings.catalogue, datetime.now(UTC), 0.0, staff=facts)
    screen = Staff(result=StaffResult(StaffTask(StaffAction.RELOAD), done=True))
    context = ViewContext(Visit("id", screen), snapshot, Phrases(settings.words, "id"))
    assert state_rows(screen, context, 3)[0].title == "Menu dari server antrean tetap berlaku"


def test_a_coming_menu_is_no_warning(folder: SiteFolder) -> None:
    settings = load_settings(folder.config, ASSETS)
    snapshot = KioskSnapshot(settings.catalogue, datetime(2026, 11, 27, 9, tzinfo=UTC), 0.0)
    phrases = Phrases(settings.words, "en")
    for of_server, mood in ((False, "info"), (True, "good")):
        facts = StaffFacts(menu_begins=date(2027, 1, 4), menu_of_server=of_server)
        context = ViewContext(Visit("en", Staff()), replace(snapshot, staff=facts), phrases)
        (row,) = [row for row in state_rows(Staff(), context, 3) if "enu" in row.title]
        assert row.mood == mood
        assert ("Monday, 4 January" in row.title) is not of_server
