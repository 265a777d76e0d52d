"""Only the kiosk's own user may read its files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.store.private import keep_private


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def make(path: Path, permissions: int) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    path.chmod(permissions)
    return path


def test_files_of_earlier_versions_lose_the_rights_of_others(tmp_path: Path) -> None:
    names = ("journal.sqlite3", "journal.witness", "kiosk.log", "kiosk.log.1", "printers.json")
    files = [make(tmp_path / name, 0o644) for name in (*names, "slips/1.png", "settings/x.yaml")]
    tmp_path.chmod(0o755)
    keep_private(tmp_path)
    assert {path.name: mode(path) for path in files} == {path.name: 0o600 for path in files}
    assert [mode(tmp_path), mode(tmp_path / "slips")] == [0o700, 0o700]


def test_new_files_are_private(tmp_path: Path) -> None:
    keep_private(tmp_path)
    (tmp_path / "new.txt").write_text("x")
    (tmp_path / "folder").mkdir()
    assert [mode(tmp_path / "new.txt"), mode(tmp_path / "folder")] == [0o600, 0o700]


def test_other_files_and_the_targets_of_links_keep_their_modes(tmp_path: Path) -> None:
    state = tmp_path / "state"
    holiday = make(state / "holiday.jpg", 0o644)
    outside = make(tmp_path / "outside" / "a.json", 0o644)
    (state / "slips").symlink_to(outside.parent)
    (state / "linked.json").symlink_to(outside)
    keep_private(state)
    assert [mode(holiday), mode(outside), mode(outside.parent)] == [0o644, 0o644, 0o755]


def test_a_folder_in_which_no_kiosk_has_run_stays_as_it_is(tmp_path: Path) -> None:
    project = tmp_path / "project"
    package = make(project / "package.json", 0o644)
    project.chmod(0o755)
    keep_private(project)
    assert [mode(project), mode(package)] == [0o755, 0o644]
    make(project / "kiosk.lock", 0o600)
    keep_private(project)
    assert mode(project) == 0o700


def test_a_shared_folder_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    keep_private(tmp_path)
    assert mode(tmp_path) == 0o1777


def test_a_file_that_cannot_be_corrected_is_logged_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    files = [make(tmp_path / name, 0o644) for name in ("kiosk.log", "machine-id")]

    def refuse(self: Path, _mode: int) -> None:
        if self.name == "kiosk.log":
            raise PermissionError(1, "Operation not permitted")
        os.chmod(self, _mode)  # noqa: PTH101 - Path.chmod is replaced

    monkeypatch.setattr(Path, "chmod", refuse)
    keep_private(tmp_path)
    assert [mode(path) for path in files] == [0o644, 0o600]
    assert "kiosk.log cannot be corrected" in caplog.text
