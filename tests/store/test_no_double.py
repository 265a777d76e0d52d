"""A journal without proof that it is the latest one never continues its series."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.store.making import FILE, WITNESS, issue, numbers, opened, set_aside


def _backup_at_003(folder: Path, later: int = 2) -> tuple[Path, list[str]]:
    """A copy of the journal file after DK-003, and all numbers given until it was put back."""
    journal = opened(folder)
    given = [issue(journal, f"t{i}").number for i in range(3)]
    journal.close()
    backup = folder.with_name("backup.sqlite3")
    shutil.copy2(folder / FILE, backup)
    journal = opened(folder)
    given += [issue(journal, f"later{i}").number for i in range(later)]
    journal.close()
    return backup, given


def test_a_backup_of_the_journal_alone_in_a_new_folder_is_quarantined(tmp_path: Path) -> None:
    backup, given = _backup_at_003(tmp_path / "state")
    new = tmp_path / "new"
    new.mkdir()
    shutil.copy2(backup, new / FILE)
    journal = opened(new)
    after = [issue(journal, f"new{i}").number for i in range(2)]
    assert not set(after) & set(given)
    assert numbers(journal)[:3] == given[:3], "what the backup holds is salvaged"
    assert len(set_aside(new)) == 1
    assert "journal.witness" in str(journal.notices[0])
    journal.close()


@pytest.mark.parametrize("content", [None, "", "{", '{"journal": 1}'])
def test_a_backup_without_a_readable_watermark_is_quarantined(
    tmp_path: Path, content: str | None
) -> None:
    backup, given = _backup_at_003(tmp_path)
    shutil.copy(backup, tmp_path / FILE)
    (tmp_path / WITNESS).unlink()
    if content is not None:
        (tmp_path / WITNESS).write_text(content)
    journal = opened(tmp_path)
    assert issue(journal, "new").number not in given
    journal.close()


def test_a_backup_from_before_the_first_number_is_quarantined(tmp_path: Path) -> None:
    opened(tmp_path / "state").close()
    shutil.copy2(tmp_path / "state" / FILE, tmp_path / "empty")
    journal = opened(tmp_path / "state")
    given = issue(journal, "t0").number
    journal.close()
    (tmp_path / "state" / WITNESS).unlink()
    shutil.copy2(tmp_path / "empty", tmp_path / "state" / FILE)
    journal = opened(tmp_path / "state")
    assert issue(journal, "new").number != given
    journal.close()


def test_a_watermark_of_an_earlier_journal_proves_nothing(tmp_path: Path) -> None:
    """Journal and watermark of different backups."""
    journal = opened(tmp_path)
    issue(journal, "t0")
    journal.close()
    (tmp_path / WITNESS).rename(tmp_path / "first")
    (tmp_path / FILE).write_bytes(b"gone")
    opened(tmp_path).close()
    shutil.copy2(tmp_path / FILE, tmp_path / "second")
    journal = opened(tmp_path)
    given = issue(journal, "t1").number
    journal.close()
    shutil.copy2(tmp_path / "second", tmp_path / FILE)
    (tmp_path / "first").rename(tmp_path / WITNESS)
    journal = opened(tmp_path)
    assert issue(journal, "new").number != given
    journal.close()


def test_a_backup_with_the_log_of_the_latest_run_is_quarantined(tmp_path: Path) -> None:
    """SQLite replays the log over the old file: the identity is new, the series is old."""
    backup, given = _backup_at_003(tmp_path, later=30)
    journal = opened(tmp_path)  # writes a session into the log, and no number
    for name in (FILE, FILE + "-wal"):
        shutil.copy2(tmp_path / name, tmp_path / f"crashed-{name}")
    journal._db.close()
    shutil.copy(tmp_path / f"crashed-{FILE}-wal", tmp_path / (FILE + "-wal"))
    shutil.copy(backup, tmp_path / FILE)
    journal = opened(tmp_path)
    after = [issue(journal, f"new{i}").number for i in range(40)]
    assert not set(after) & set(given)
    journal.close()


def test_one_backup_on_two_machines_gives_two_letters(tmp_path: Path) -> None:
    """Also twice on one machine. Random choices differ but for one case in 600."""
    backup, given = _backup_at_003(tmp_path / "state")
    letters = []
    for i in range(8):
        new = tmp_path / f"new{i}"
        new.mkdir()
        shutil.copy2(backup, new / FILE)
        journal = opened(new, machine=f"machine-{i // 2}", choose=None)
        letters.append(issue(journal, "new").number)
        journal.close()
    assert len(set(letters)) > 4
    assert not set(letters) & set(given)
