"""The menus that were in force, by day, in the state folder."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.settings import menu_record
from kiosk.settings.assets import ASSETS
from kiosk.settings.history import SettingsHistory, Snapshot
from kiosk.settings.loader import load_settings
from kiosk.settings.menu_record import MenuRecord
from tests.settings.folder import AGENCIES, KIOSK, TICKET, Folder

WITA = ZoneInfo("Asia/Makassar")


@pytest.fixture
def files(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "config")
    folder.path.mkdir()
    for name, text in (("agencies.yaml", AGENCIES), ("kiosk.yaml", KIOSK), ("ticket.yaml", TICKET)):
        folder.write(name, text)
    return folder


def note(state: Path, files: Folder, mark: str, day: int) -> None:
    """Put a menu with this comment in force on a day of November."""
    path = files.path / "agencies.yaml"
    path.write_text(path.read_text("utf-8").split("\n# ")[0] + f"\n# {mark}\n", "utf-8")
    settings = load_settings(files.path, ASSETS)
    MenuRecord(state).note(settings, date(2026, 11, day))


def kept(state: Path) -> list[tuple[int, str]]:
    """The day and the mark of each kept menu."""
    found = MenuRecord(state).kept(WITA)
    return [(one.since.day, one.body.decode().split("\n# ")[1].strip()) for one in found]


def test_one_menu_is_kept_for_each_day_of_a_change(tmp_path: Path, files: Folder) -> None:
    for mark, day in (("A", 2), ("A", 3), ("B", 5), ("A", 5), ("A", 6), ("C", 6), ("B", 6)):
        note(tmp_path, files, mark, day)
    assert kept(tmp_path) == [(2, "A"), (5, "A"), (6, "B")]


def test_a_date_of_a_wrong_clock_hides_no_later_menu(tmp_path: Path, files: Folder) -> None:
    note(tmp_path, files, "A", 30)
    note(tmp_path, files, "A", 2)
    note(tmp_path, files, "B", 4)
    assert kept(tmp_path) == [(2, "A"), (4, "B"), (30, "A")]


def test_before_the_first_one_are_the_sets_of_the_history(tmp_path: Path, files: Folder) -> None:
    for mark, day in (("A", 1), ("B", 9), ("C", 20)):
        note(tmp_path / "other", files, mark, day)
        snapshot = Snapshot.take(files.path)
        assert snapshot is not None
        SettingsHistory(tmp_path).keep(snapshot, datetime(2026, 11, day, 23, tzinfo=UTC))
    assert kept(tmp_path) == [(2, "A"), (10, "B"), (21, "C")]
    note(tmp_path, files, "D", 10)
    assert kept(tmp_path) == [(2, "A"), (10, "D")]


def test_the_oldest_are_deleted_and_a_full_disk_raises_nothing(
    tmp_path: Path, files: Folder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(menu_record, "MOST", 2)
    for day in (2, 3, 4):
        note(tmp_path, files, f"M{day}", day)
    assert kept(tmp_path) == [(3, "M3"), (4, "M4")]
    (tmp_path / "file").touch()
    note(tmp_path / "file", files, "A", 5)
    assert "cannot be kept" in caplog.text
