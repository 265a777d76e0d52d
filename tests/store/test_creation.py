"""A new journal is put in place so that no crash and no power cut costs a number or a letter."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.store.making import FILE, WITNESS, crash, filled, garbage, issue, numbers, opened

Undo = Callable[[], object]


class Killed(BaseException):
    """The process ends here."""


class DiskWithPowerCuts:
    """Sees the renames and fsyncs of a process; stops it at one of them.

    ``power_cut`` takes back the renames that no fsync of their folder has followed. What a file
    holds is not lost: each new file is closed by SQLite with fsync, or written with fsync.
    """

    def __init__(self, patch: pytest.MonkeyPatch, kept: Path, last: int = 0) -> None:
        """``kept``: a folder on the same filesystem, for files that a rename has replaced."""
        kept.mkdir()
        self._kept = kept
        self.left = last
        self.steps: list[str] = []
        self._undo: list[Undo] = []
        rename, replace, fsync = Path.rename, Path.replace, os.fsync

        def moved(real: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
            def move(source: Path, target: Path) -> Path:
                self._step(f"rename {source.name} {target.name}")
                old = None
                if target.exists():
                    old = self._kept / str(len(self.steps))
                    old.hardlink_to(target)
                result = real(source, target)
                self._undo.append(lambda: self._back(rename, source, target, old))
                return result

            return move

        def synced(handle: int) -> None:
            name = Path(f"/proc/self/fd/{handle}").readlink()
            self._step(f"fsync {name.name}")
            fsync(handle)
            if name.is_dir():
                self._undo.clear()

        patch.setattr(Path, "rename", moved(rename))
        patch.setattr(Path, "replace", moved(replace))
        patch.setattr(os, "fsync", synced)

    def _step(self, what: str) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed(what)
        self.steps.append(what)

    @staticmethod
    def _back(rename: Any, source: Path, target: Path, old: Path | None) -> None:
        if target.exists():
            rename(target, source)
        if old is not None:
            rename(old, target)

    def power_cut(self) -> None:
        """Take back what is not on the disk."""
        for undo in reversed(self._undo):
            undo()
        self._undo.clear()


def _nothing(_: Path) -> None:
    """A first start."""


def _damaged(folder: Path) -> None:
    filled(folder)
    (folder / FILE).write_bytes(b"garbage" * 1000)


def _deleted(folder: Path) -> None:
    filled(folder)
    (folder / FILE).unlink()


STARTS = {
    "first": (_nothing, "DK-"),
    "damaged": (_damaged, "DK-A"),
    "deleted": (_deleted, "DK-A"),
}


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("power", [False, True])
def test_a_crash_at_any_step_of_a_creation_uses_up_no_letter(
    tmp_path: Path, start: str, power: bool
) -> None:
    """Only a journal that was already moved to quarantine may cost one letter more."""
    given = []
    for last in range(1, 100):
        folder = tmp_path / str(last)
        folder.mkdir()
        prepare, expected = STARTS[start]
        prepare(folder)
        with pytest.MonkeyPatch.context() as patch:
            disk = DiskWithPowerCuts(patch, tmp_path / f"kept-{last}", last)
            try:
                opened(folder).close()
                break
            except Killed:
                pass
            if power:
                disk.power_cut()
        journal = opened(folder)
        given.append(issue(journal, "new").number.removesuffix("001").removesuffix("021"))
        if start == "first":
            assert journal.notices == (), given
        journal.close()
    assert len(given) > 6
    assert set(given) <= {expected, "DK-B"}
    assert expected in given
    if start == "first":
        assert "DK-B" not in given


def test_a_new_journal_is_on_the_disk_before_its_first_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = DiskWithPowerCuts(monkeypatch, tmp_path / "kept")
    journal = opened(tmp_path)
    given = issue(journal, "t0").number
    crash(journal)
    disk.power_cut()
    monkeypatch.undo()
    journal = opened(tmp_path)
    assert journal.notices == ()
    assert numbers(journal) == [given]
    assert issue(journal, "new").number != given
    journal.close()


def test_the_watermark_is_on_the_disk_before_its_journal_is_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = DiskWithPowerCuts(monkeypatch, tmp_path / "kept")
    opened(tmp_path).close()
    folder = f"fsync {tmp_path.name}"
    witness = [f"fsync {WITNESS}.new", f"rename {WITNESS}.new {WITNESS}", folder]
    created = [*witness, "fsync kiosk.lock", f"rename {FILE}.new {FILE}", folder]
    assert disk.steps == [*created, *witness, *witness], "created, opened, closed"


def test_a_number_needs_no_fsync_of_the_watermark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = opened(tmp_path)
    disk = DiskWithPowerCuts(monkeypatch, tmp_path / "kept")
    issue(journal, "t0")
    assert disk.steps == [f"rename {WITNESS}.new {WITNESS}"]
    journal.close()


def test_deleting_the_journal_s_files_does_not_restart_at_one(tmp_path: Path) -> None:
    """``rm journal.*`` leaves the lock file, which says that numbers may have been given."""
    filled(tmp_path)
    for file in tmp_path.glob("journal.*"):
        file.unlink()
    journal = opened(tmp_path)
    assert str(journal.notices[0]).startswith("The journal was missing")
    assert issue(journal, "new").number == "DK-A001"
    journal.close()


def test_used_letters_are_known_after_their_journal_was_damaged(tmp_path: Path) -> None:
    filled(tmp_path)
    given = set()
    for _ in range(4):
        garbage(tmp_path / FILE)
        journal = opened(tmp_path, choose=lambda letters: letters[5])
        given.add(issue(journal, "t").number)
        journal.close()
        for old in tmp_path.glob("journal-*"):
            garbage(old)
    assert len(given) == 4
