"""The settings folder as staff leave it: broken, half saved, replaced, gone, edited while it is
read."""

from __future__ import annotations

import os
import shutil
import threading
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.background.settings_folder import (
    SETTLED_S,
    OnDisk,
    Opened,
    SettingsFolder,
    open_settings,
)
from kiosk.background.settings_manager import SettingsManager
from kiosk.bootstrap import _load_with_menu
from kiosk.errors import SettingsError
from kiosk.messages import in_language
from kiosk.settings.history import MOST, SettingsHistory, Snapshot
from menu.agencies import describe
from tests.settings.folder import AGENCIES, KIOSK, TICKET, Folder

NOON = datetime(2026, 11, 27, 12, tzinfo=ZoneInfo("Asia/Makassar"))
SERVICES = "".join(f"      - {{code: s{i}, name: Layanan {i}}}\n" for i in range(8))
LARGE = AGENCIES + SERVICES
LANGUAGES = Path(__file__).parents[1] / "languages"
BROKEN = AGENCIES.replace("prefix: DJ", "prefiks: DJ")


class Site:
    """A settings folder, a state folder, and a kiosk's settings while it runs."""

    def __init__(self, base: Path) -> None:
        (base / "config").mkdir()
        (base / "state").mkdir()
        self.files = Folder(base / "config")
        self.state = base / "state"
        self.mono_s, self.now = 100.0, NOON
        self.save(LARGE, KIOSK, TICKET)

    def save(self, agencies: str, kiosk: str = KIOSK, ticket: str = TICKET) -> None:
        for name, text in (
            ("agencies.yaml", agencies),
            ("kiosk.yaml", kiosk),
            ("ticket.yaml", ticket),
        ):
            self.files.write(name, text)

    def open(self) -> Opened:
        return open_settings(self.files.path, self.state, "en", lambda _: self.now.date())

    def start(self) -> Running:
        """As ``kiosk run`` starts."""
        return Running(self, self.open())


class Running:
    """The settings of a running kiosk; ``settle`` lets time pass and looks."""

    def __init__(self, site: Site, opened: Opened) -> None:
        self._site = site
        load = partial(_load_with_menu, SettingsHistory(site.state))
        self.manager = SettingsManager(opened.settings, load)
        self.folder = SettingsFolder(
            opened, self.manager, site.state, lambda: site.now, lambda: site.mono_s
        )
        self.changes = 0
        self.manager.on_change(self._count)

    def _count(self) -> None:
        self.changes += 1

    @property
    def summary(self) -> str:
        return str(describe(self.manager.current.catalogue))

    def notice(self, language: str = "en") -> str:
        return in_language(self.folder.status.notice, language)

    def settle(self) -> OnDisk:
        self.folder.look()
        self._site.mono_s += SETTLED_S
        self.folder.look()
        return self.folder.status.state


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_first_start_with_errors_names_them(site: Site) -> None:
    site.save(BROKEN)
    with pytest.raises(SettingsError, match=r"agencies\.yaml:6:5.*prefiks"):
        site.open()
    assert SettingsHistory(site.state).kept() == ()


@pytest.mark.parametrize("name", ["agencies.yaml", "kiosk.yaml", "ticket.yaml"])
@pytest.mark.parametrize("fault", ["broken", "empty", "gone", "binary", "folder", "fifo"])
def test_a_kiosk_that_ran_starts_with_any_file_broken(site: Site, name: str, fault: str) -> None:
    site.start()
    path = site.files.path / name
    path.unlink()
    match fault:
        case "broken":
            path.write_text("version: 1\nid: [\n", encoding="utf-8")
        case "empty":
            path.touch()
        case "binary":
            path.write_bytes(b"\x00\xff" * 500)
        case "folder":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
    again = site.start()
    assert again.summary == "1 agency, 9 services"
    assert again.folder.status.state is OnDisk.BROKEN
    assert name in again.notice("id")
    assert name in again.notice("en")
    assert "kesalahan" in again.notice("id")


def test_a_kiosk_that_ran_starts_without_its_settings_folder(site: Site) -> None:
    site.start()
    shutil.rmtree(site.files.path)
    again = site.start()
    assert (again.summary, again.folder.status.state) == ("1 agency, 9 services", OnDisk.BROKEN)


def test_the_last_good_settings_survive_any_number_of_starts(site: Site) -> None:
    site.start()
    site.save(BROKEN)
    for _ in range(3):
        assert site.start().summary == "1 agency, 9 services"
    site.save(LARGE.replace("NPWP", "Nomor pajak"))
    mended = site.start()
    assert mended.folder.status.state is OnDisk.IN_USE
    assert len(SettingsHistory(site.state).kept()) == 2


def test_an_edit_is_used_once_it_has_settled(site: Site) -> None:
    running = site.start()
    assert running.settle() is OnDisk.IN_USE
    assert running.changes == 0
    site.save(LARGE.replace("NPWP", "Nomor pajak"))
    running.folder.look()
    site.mono_s += SETTLED_S / 2
    running.folder.look()
    assert running.changes == 0
    site.mono_s += SETTLED_S / 2
    running.folder.look()
    assert running.changes == 1
    found = running.manager.current.catalogue.service("npwp")
    assert found is not None
    assert found.service.name.in_("id") == "Nomor pajak"
    assert (running.folder.status.state, running.notice()) == (OnDisk.IN_USE, "")


def test_a_broken_edit_changes_nothing_and_is_named_until_it_is_mended(site: Site) -> None:
    running = site.start()
    site.save(BROKEN)
    assert running.settle() is OnDisk.BROKEN
    assert (running.changes, running.summary) == (0, "1 agency, 9 services")
    assert "agencies.yaml:6:5" in running.notice()
    site.save(LARGE)
    assert running.settle() is OnDisk.IN_USE
    assert (running.changes, running.notice()) == (0, "")


def test_a_file_that_is_gone_for_a_moment_while_it_is_replaced_is_no_fault(site: Site) -> None:
    running = site.start()
    (site.files.path / "agencies.yaml").unlink()
    running.folder.look()
    site.mono_s += SETTLED_S / 2
    site.save(LARGE)
    assert running.settle() is OnDisk.IN_USE


def test_a_half_saved_menu_waits_for_staff_over_a_restart_too(site: Site) -> None:
    running = site.start()
    half = "".join(LARGE.splitlines(keepends=True)[:-4])
    site.save(half)
    assert running.settle() is OnDisk.WAITING
    assert running.summary == "1 agency, 9 services"
    assert "4 of 9 services (s4, s5, s6, s7)" in running.notice()
    again = site.start()
    assert (again.summary, again.folder.status.state) == ("1 agency, 9 services", OnDisk.WAITING)
    snapshot = Snapshot.take(site.files.path)
    assert snapshot is not None
    SettingsHistory(site.state).confirm(snapshot)
    assert again.settle() is OnDisk.IN_USE
    assert again.summary == "1 agency, 5 services"
    assert site.start().summary == "1 agency, 5 services"


def test_what_a_running_app_cannot_change_waits_for_the_next_start(site: Site) -> None:
    running = site.start()
    site.save(LARGE, "version: 1\nid: lobi-2\n")
    assert running.settle() is OnDisk.RESTART
    assert running.manager.current.kiosk.id == "lobi-1"
    assert "next start" in running.notice()
    again = site.start()
    assert (again.manager.current.kiosk.id, again.folder.status.state) == (
        "lobi-2",
        OnDisk.IN_USE,
    )


def test_the_slip_changes_at_once_and_the_server_s_menu_stays(site: Site) -> None:
    running = site.start()
    served = running.manager.current
    running.manager.use_menu(served)
    site.save(LARGE.replace("NPWP", "Lain"), ticket="version: 1\nblocks: [number, where, ahead]\n")
    assert running.settle() is OnDisk.IN_USE
    assert len(running.manager.current.template.blocks) == 3
    found = running.manager.current.catalogue.service("npwp")
    assert found is not None
    assert found.service.name.in_("id") == "NPWP"


def served(site: Site, language: str) -> Path:
    """The server's menu: in this language too, whose folder the site has, and one service more."""
    shutil.copytree(LANGUAGES / language, site.files.path / "locale" / language)
    zone = "timezone: Asia/Makassar"
    text = LARGE.replace(zone, f"{zone}, languages: [id, {language}]")
    menu = site.state / "served.yaml"
    menu.write_text(text + "      - {code: of-server, name: Lain}\n", encoding="utf-8")
    return menu


def test_languages_that_cannot_be_printed_go_with_the_menu_in_force(site: Site) -> None:
    menu = served(site, "zh")
    running = site.start()
    running.manager.use_menu(running.manager.load_menu(menu))
    assert running.manager.current.template.unprintable == {"zh"}
    site.files.write("ticket.yaml", "version: 1\nblocks: [number, where, ahead]\n")
    assert running.settle() is OnDisk.IN_USE
    assert len(running.manager.current.template.blocks) == 3
    assert running.manager.current.template.unprintable == {"zh"}


def test_broken_words_of_the_server_s_language_are_said_and_the_old_ones_stay(site: Site) -> None:
    menu = served(site, "jv")
    running = site.start()
    running.manager.use_menu(running.manager.load_menu(menu), menu)
    assert running.manager.current.language_problems == ()
    words = site.files.path / "locale" / "jv" / "words.yaml"
    words.write_text('lang.name: "Jawa"\nnav.back: "Bali"\n', encoding="utf-8")
    running.settle()
    words.write_text('lang.name: "Jawa"\nnav.nowhere: "Bali"\n', encoding="utf-8")
    running.settle()
    now = running.manager.current
    (problem,) = now.language_problems
    assert (problem.code, problem.kept) == ("jv", True)
    assert "locale/jv/words.yaml:2:1" in problem.line
    assert now.catalogue.site.languages == ("id", "jv")
    assert now.words.say("jv", "nav.back") == "Bali"
    words.write_text('lang.name: "Jawa"\nnav.back: "Mbalik"\n', encoding="utf-8")
    running.settle()
    assert running.manager.current.language_problems == ()
    assert running.manager.current.words.say("jv", "nav.back") == "Mbalik"


def test_a_language_of_the_server_without_words_is_said_and_not_offered(site: Site) -> None:
    menu = served(site, "jv")
    shutil.rmtree(site.files.path / "locale" / "jv")
    running = site.start()
    running.manager.use_menu(running.manager.load_menu(menu), menu)
    now = running.manager.current
    (problem,) = now.language_problems
    assert (problem.code, problem.kept) == ("jv", False)
    assert now.catalogue.site.languages == ("id",)


def test_words_of_the_site_change_at_once_under_the_server_s_menu(site: Site) -> None:
    menu = served(site, "jv")
    running = site.start()
    running.manager.use_menu(running.manager.load_menu(menu), menu)
    words = site.files.path / "locale" / "jv" / "words.yaml"
    words.write_text('lang.name: "Jawa"\nnav.back: "Bali"\n', encoding="utf-8")
    assert running.settle() is OnDisk.IN_USE
    assert running.manager.current.words.say("jv", "nav.back") == "Bali"
    assert running.manager.current.catalogue.service("of-server") is not None
    menu.unlink()
    words.write_text('lang.name: "Jawa"\nnav.back: "Wangsul"\n', encoding="utf-8")
    running.settle()
    assert running.manager.current.catalogue.service("of-server") is not None


def test_settings_that_this_version_no_longer_reads_are_not_fallen_back_on(site: Site) -> None:
    site.start()
    (kept,) = SettingsHistory(site.state).kept()
    (kept.folder / "kiosk.yaml").write_text("version: 1\nident: x\n", encoding="utf-8")
    site.save(BROKEN)
    with pytest.raises(SettingsError, match="prefiks"):
        site.open()


def test_an_edit_a_hundred_times_a_second_is_used_only_when_it_ends(site: Site) -> None:
    """Two sound files take turns, so that only the settling time keeps them from the screen."""
    running = site.start()
    stop = threading.Event()
    other = LARGE.replace("Layanan 1", "Layanan satu")

    def edit() -> None:
        path = site.files.path / "agencies.yaml"
        while not stop.wait(0.002):
            path.write_text(other, encoding="utf-8")
            path.write_text(LARGE + "# x\n", encoding="utf-8")

    writer = threading.Thread(target=edit)
    writer.start()
    try:
        for _ in range(200):
            running.folder.look()
            assert running.changes == 0
    finally:
        stop.set()
        writer.join()
    assert running.settle() is OnDisk.IN_USE
    assert SettingsHistory(site.state).newest() is not None


def test_the_newest_sets_are_kept(site: Site) -> None:
    history = SettingsHistory(site.state)
    for i in range(MOST + 5):
        site.save(LARGE + f"# {i}\n")
        snapshot = Snapshot.take(site.files.path)
        assert snapshot is not None
        history.keep(snapshot, NOON + timedelta(minutes=i))
        history.keep(snapshot, NOON + timedelta(minutes=i))
    kept = history.kept()
    assert [k.number for k in kept] == list(range(6, MOST + 6))
    assert kept[-1].since == NOON + timedelta(minutes=MOST + 4)


def test_a_set_that_was_being_written_at_a_power_cut_does_not_count(site: Site) -> None:
    site.start()
    draft = site.state / "settings" / "draft"
    draft.mkdir()
    (draft / "agencies.yaml").write_text("version: 1\n", encoding="utf-8")
    assert len(SettingsHistory(site.state).kept()) == 1
    site.save(LARGE + "# x\n")
    site.start()
    assert len(SettingsHistory(site.state).kept()) == 2


def test_a_state_folder_that_cannot_be_written_keeps_the_kiosk_running(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SettingsHistory, "keep", full)
    running = site.start()
    site.save(LARGE.replace("NPWP", "Nomor pajak"))
    assert running.settle() is OnDisk.IN_USE
    assert running.changes == 1


def test_an_edit_while_the_app_starts_is_not_lost(site: Site) -> None:
    """Between reading the settings and following them the journal and the printer are opened."""
    opened = site.open()
    site.save(LARGE.replace("NPWP", "Nomor pajak"))
    running = Running(site, opened)
    assert running.settle() is OnDisk.IN_USE
    assert running.changes == 1


def test_an_older_set_is_used_where_the_newest_cannot_be_read(site: Site) -> None:
    """A power cut may tear a file, and a new version of the program may refuse one."""
    site.start()
    site.save(LARGE + "# kedua\n")
    site.start()
    first, second = SettingsHistory(site.state).kept()
    (second.folder / "agencies.yaml").write_bytes(b"")
    site.save(BROKEN)
    again = site.start()
    assert (again.summary, again.folder.status.state) == ("1 agency, 9 services", OnDisk.BROKEN)
    assert first.number == 1


def test_a_menu_that_waits_holds_back_no_other_file(site: Site) -> None:
    """An installer puts in the real menu and the real printer together."""
    site.start()
    timeouts = "timeouts: {number_s: 12}\n"
    site.save(AGENCIES, KIOSK + timeouts, "version: 1\nblocks: [number]\n")
    again = site.start()
    assert again.folder.status.state is OnDisk.WAITING
    assert again.summary == "1 agency, 9 services"
    assert again.manager.current.kiosk.timeouts.number_s == 12
    assert len(again.manager.current.template.blocks) == 1
    site.save(AGENCIES + "# x\n", KIOSK + timeouts, "version: 1\nblocks: [number, where, qr]\n")
    assert again.settle() is OnDisk.WAITING
    assert len(again.manager.current.template.blocks) == 3
    assert site.start().summary == "1 agency, 9 services"


def test_beside_the_server_s_menu_the_files_are_compared_with_the_files(site: Site) -> None:
    """The server's menu is larger than the stub of this machine."""
    site.save(AGENCIES)
    running = site.start()
    site.save(LARGE)
    running.manager.use_menu(site.files.load())
    site.save(AGENCIES)
    site.mono_s += 10
    site.files.write("ticket.yaml", "version: 1\nblocks: [number, where, ahead]\n")
    assert running.settle() is OnDisk.IN_USE
    assert running.summary == "1 agency, 9 services"
    assert len(running.manager.current.template.blocks) == 3


def test_a_restart_is_asked_for_until_it_happens(site: Site) -> None:
    running = site.start()
    edited = "version: 1\nid: lobi-2\n"
    site.save(LARGE, edited)
    assert running.settle() is OnDisk.RESTART
    site.save(BROKEN, edited)
    assert running.settle() is OnDisk.BROKEN
    site.save(LARGE, edited)
    assert running.settle() is OnDisk.RESTART
    site.save(LARGE)
    assert running.settle() is OnDisk.IN_USE


def test_another_time_zone_waits_for_the_next_start_with_its_menu(site: Site) -> None:
    """The clock of the running app has the old zone: hours and clock must not disagree."""
    running = site.start()
    moved = LARGE.replace("Asia/Makassar", "Asia/Jakarta")
    site.save(moved)
    assert running.settle() is OnDisk.RESTART
    site.save(moved + "# lagi\n")
    assert running.settle() is OnDisk.RESTART
    assert running.manager.current.catalogue.site.timezone == "Asia/Makassar"
    again = site.start()
    assert again.manager.current.catalogue.site.timezone == "Asia/Jakarta"
    assert again.folder.status.state is OnDisk.IN_USE


def test_a_set_that_is_put_back_counts_as_confirmed_and_keeps_the_files_mode(site: Site) -> None:
    site.save(AGENCIES)
    site.start()
    site.save(LARGE)
    running = site.start()
    (site.files.path / "agencies.yaml").chmod(0o664)
    history = SettingsHistory(site.state)
    for _ in range(MOST + 3):
        history.put_back(history.kept()[0], site.files.path, NOON)
    assert running.settle() is OnDisk.IN_USE
    assert running.summary == "1 agency, 1 service"
    assert (site.files.path / "agencies.yaml").stat().st_mode & 0o777 == 0o664
    assert len(list((site.state / "settings").glob("replaced-*"))) == MOST


JAVANESE = LARGE.replace("Asia/Makassar}", "Asia/Makassar, languages: [id, jv]}")


def test_a_language_of_the_site_is_used_without_a_restart_and_kept(site: Site) -> None:
    running = site.start()
    words = site.files.path / "locale" / "jv" / "words.yaml"
    words.parent.mkdir(parents=True)
    words.write_text('lang.name: "Basa Jawa"\nnav.back: "Wangsul"\n', encoding="utf-8")
    site.save(JAVANESE)
    assert running.settle() is OnDisk.IN_USE
    assert running.manager.current.words.say("jv", "nav.back") == "Wangsul"
    words.write_text('lang.name: "Basa Jawa"\nnav.back: "Mbalik"\n', encoding="utf-8")
    assert running.settle() is OnDisk.IN_USE
    assert running.manager.current.words.say("jv", "nav.back") == "Mbalik"
    words.write_text('lang.name: "Basa Jawa"\nnav.bak: "Mbalik"\n', encoding="utf-8")
    assert running.settle() is OnDisk.BROKEN
    assert "locale/jv/words.yaml:2:1" in running.notice()
    assert running.manager.current.words.say("jv", "nav.back") == "Mbalik"
    again = site.start()
    assert again.folder.status.state is OnDisk.BROKEN
    assert again.manager.current.words.say("jv", "nav.back") == "Mbalik"
    assert again.manager.current.catalogue.site.languages == ("id", "jv")


def test_a_font_that_is_added_mends_what_could_not_be_drawn(site: Site) -> None:
    running = site.start()
    sample = Path(__file__).parents[1] / "languages" / "zh"
    folder = site.files.path / "locale" / "zh"
    folder.mkdir(parents=True)
    shutil.copy(sample / "words.yaml", folder)
    site.save(JAVANESE.replace("jv", "zh"))
    assert running.settle() is OnDisk.BROKEN
    shutil.copy(sample / "font.ttf", folder)
    assert running.settle() is OnDisk.IN_USE
    assert running.manager.current.fonts[0].regular == str(folder / "font.ttf")
    (folder / "font.ttf").unlink()
    assert running.settle() is OnDisk.BROKEN
    assert running.manager.current.catalogue.site.languages == ("id", "zh")


MONDAY = "valid_from: 2026-11-30\n"
NEW = LARGE.replace("version: 1\n", f"version: 1\n{MONDAY}") + "      - {code: s9, name: Baru}\n"


def test_a_menu_of_next_monday_waits_for_its_date(site: Site) -> None:
    running = site.start()
    before = running.summary
    site.save(NEW, ticket=TICKET.replace("feed: 1", "feed: 2"))
    assert running.settle() is OnDisk.COMING
    assert running.summary == before
    assert running.notice() == (
        "the menu file counts from 2026-11-30 on; until then the present menu stays in use"
    )
    assert "berlaku mulai 2026-11-30" in running.notice("id")
    site.now += timedelta(days=2, hours=11, minutes=59)
    assert running.settle() is OnDisk.COMING
    site.now += timedelta(minutes=1)
    assert running.settle() is OnDisk.IN_USE
    assert running.summary != before
    assert running.notice() == ""


def test_a_coming_menu_waits_over_restarts_and_counts_at_one_on_its_date(site: Site) -> None:
    before = site.start().summary
    site.save(NEW)
    for _ in range(2):
        running = site.start()
        assert (running.folder.status.state, running.summary) == (OnDisk.COMING, before)
    site.now += timedelta(days=3)
    running = site.start()
    assert (running.folder.status.state, running.summary != before) == (OnDisk.IN_USE, True)


def test_a_coming_menu_may_be_taken_back_or_edited_before_its_date(site: Site) -> None:
    running = site.start()
    before = running.summary
    site.save(NEW)
    assert running.settle() is OnDisk.COMING
    site.save(LARGE)
    assert running.settle() is OnDisk.IN_USE
    site.save(NEW.replace("s9", "s10").replace("prefix: DJ", "prefiks: DJ"))
    assert running.settle() is OnDisk.BROKEN, "its errors are named before its date"
    assert running.summary == before


def test_a_coming_menu_that_lost_services_waits_for_staff_on_its_date(site: Site) -> None:
    running = site.start()
    before = running.summary
    site.save(AGENCIES.replace("version: 1\n", f"version: 1\n{MONDAY}"))
    assert running.settle() is OnDisk.COMING
    site.now += timedelta(days=3)
    assert running.settle() is OnDisk.WAITING
    assert running.summary == before


def test_a_first_start_uses_a_coming_menu(site: Site) -> None:
    site.save(NEW)
    running = site.start()
    assert running.folder.status.state is OnDisk.IN_USE
    site.save(NEW.replace("name: Baru", "name: Lagi"))
    assert running.settle() is OnDisk.COMING, "an edit waits for the date that it names"
