"""Copied, restored or lost journals never continue with numbers already given."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from kiosk.domain.delivery import Proof
from kiosk.errors import JournalError
from kiosk.store.watermark import Watermark
from tests.store.making import (
    FILE,
    TUESDAY,
    WEDNESDAY,
    WITNESS,
    at,
    crash,
    filled,
    garbage,
    issue,
    numbers,
    opened,
    set_aside,
)


def test_a_journal_from_another_machine_is_quarantined(tmp_path: Path) -> None:
    filled(tmp_path / "here")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    here, there = opened(tmp_path / "here"), opened(tmp_path / "there", machine="machine-2")
    assert here.notices == ()
    assert "another machine" in str(there.notices[0])
    assert issue(here, "x").number == "DK-004"
    assert issue(there, "x").number == "DK-A001"
    here.close()
    there.close()


@pytest.mark.parametrize("clean", [True, False])
def test_a_journal_restored_from_a_backup_is_quarantined(tmp_path: Path, clean: bool) -> None:
    filled(tmp_path, 3, clean=clean)
    backup = tmp_path / "backup"
    backup.mkdir()
    for file in tmp_path.glob("journal.sqlite3*"):
        shutil.copy(file, backup)
    journal = opened(tmp_path)
    later = [issue(journal, f"later{i}").number for i in range(2)]
    journal.close()
    for file in backup.iterdir():
        shutil.copy(file, tmp_path)

    journal = opened(tmp_path)
    assert "old copy" in str(journal.notices[0])
    assert issue(journal, "new").number == "DK-A001"
    assert numbers(journal)[:3] == ["DK-001", "DK-002", "DK-003"]
    assert not set(later) & set(numbers(journal)), "these numbers were lost with the journal"
    journal.close()


def test_a_backup_is_old_even_if_only_an_outcome_was_recorded_since(tmp_path: Path) -> None:
    filled(tmp_path)
    shutil.copy(tmp_path / FILE, tmp_path / "backup")
    journal = opened(tmp_path)
    journal.record("t0", Proof.SENT)
    journal.close()
    shutil.copy(tmp_path / "backup", tmp_path / FILE)
    journal = opened(tmp_path)
    assert issue(journal, "new").number == "DK-A001"
    journal.close()


def test_a_journal_from_before_the_loss_is_not_used_again(tmp_path: Path) -> None:
    filled(tmp_path)
    shutil.copy(tmp_path / FILE, tmp_path / "backup")
    garbage(tmp_path / FILE)
    journal = opened(tmp_path)
    issue(journal, "a1")
    journal.close()
    shutil.copy(tmp_path / "backup", tmp_path / FILE)
    journal = opened(tmp_path)
    assert issue(journal, "new").number == "DK-B001"
    journal.close()


def test_a_missing_journal_counts_as_lost(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / FILE).unlink()
    journal = opened(tmp_path)
    assert str(journal.notices[0]).startswith("The journal was missing")
    assert issue(journal, "new").number == "DK-A001"
    journal.close()


def test_a_write_ahead_log_without_its_journal_is_not_replayed_into_the_next(
    tmp_path: Path,
) -> None:
    running = opened(tmp_path / "running")
    issue(running, "t0")
    log = tmp_path / "journal.sqlite3-wal"
    shutil.copy(tmp_path / "running" / log.name, log)
    running.close()
    assert log.stat().st_size > 0
    journal = opened(tmp_path)
    assert journal.tickets() == ()
    assert issue(journal, "new").number == "DK-A001"
    journal.close()
    assert list(tmp_path.glob("journal-0-lost-*-wal")), "kept all the same"


def test_a_kill_between_commit_and_watermark_leaves_the_journal_valid(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    older = Watermark.read(tmp_path / WITNESS)
    assert older is not None
    journal = opened(tmp_path)
    issue(journal, "t9")
    crash(journal)
    older.write(tmp_path / WITNESS)
    journal = opened(tmp_path)
    assert journal.notices == ()
    assert issue(journal, "new").number == "DK-024"
    journal.close()


def test_a_disk_that_lost_its_last_writes_causes_no_double_number(tmp_path: Path) -> None:
    """The whole folder falls back, watermark and all, by as much as the skip covers."""
    journal = opened(tmp_path / "disk")
    given = [issue(journal, f"t{i}").number for i in range(5)]
    shutil.copytree(tmp_path / "disk", tmp_path / "survived")
    given += [issue(journal, f"lost{i}").number for i in range(20)]
    crash(journal)
    journal = opened(tmp_path / "survived")
    after = [issue(journal, f"new{i}").number for i in range(30)]
    assert not set(given) & set(after)
    journal.close()


def test_a_lost_first_number_of_a_new_day_causes_no_double_number(tmp_path: Path) -> None:
    journal = opened(tmp_path / "disk")
    issue(journal, "t")
    shutil.copytree(tmp_path / "disk", tmp_path / "survived")
    lost = [issue(journal, f"lost{i}", day=WEDNESDAY).number for i in range(3)]
    assert lost[0] == "DK-001"
    crash(journal)
    journal = opened(tmp_path / "survived")
    assert issue(journal, "new", day=WEDNESDAY).number not in lost
    journal.close()


def test_a_journal_of_a_newer_kiosk_is_left_alone(tmp_path: Path) -> None:
    filled(tmp_path)
    db = sqlite3.connect(tmp_path / FILE)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(JournalError, match="newer version"):
        opened(tmp_path)
    assert set_aside(tmp_path) == []


def test_salvaged_tickets_count_for_the_day_and_keep_their_origin(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    origin = journal.id
    issue(journal, "t0")
    issue(journal, "t1")
    journal.record("t0", Proof.CONFIRMED)
    crash(journal)
    journal = opened(tmp_path, machine="machine-2")
    issue(journal, "t2")
    assert journal.counts(TUESDAY) == {"ktp": 3}
    rows = journal._db.execute("SELECT id, rev, acked_rev, origin FROM ticket ORDER BY n")
    assert rows.fetchall() == [
        ("t0", 2, 0, origin),
        ("t1", 1, 0, origin),
        ("t2", 1, 0, journal.id),
    ]
    assert journal.unfinished(at()) is not None
    journal.close()


def test_a_folder_restored_with_its_watermark_is_detected_as_a_copy(tmp_path: Path) -> None:
    """Whether copied over the living files or into a new folder: neither file is the one made."""
    live, kept = tmp_path / "live", tmp_path / "kept"
    filled(live, 2)
    shutil.copytree(live, kept)
    filled(live, 3)
    for name in (FILE, WITNESS):
        shutil.copy2(kept / name, live / name)
    journal = opened(live)
    assert issue(journal, "new").number == "DK-A001"
    journal.close()


def test_a_moved_folder_or_changed_permissions_are_no_copy(tmp_path: Path) -> None:
    filled(tmp_path / "here", 2)
    (tmp_path / "here").rename(tmp_path / "there")
    (tmp_path / "there" / WITNESS).chmod(0o640)
    journal = opened(tmp_path / "there")
    assert issue(journal, "new").number == "DK-003"
    journal.close()


def test_a_disk_that_also_loses_the_skip_causes_no_double_number(tmp_path: Path) -> None:
    """Power fails twice; each time the disk has lost the last number, skip and all."""
    disk, given = tmp_path / "disk", []
    filled(disk, 2)
    for i in range(3):
        crash(opened(disk))
        before = tmp_path / f"before-{i}"
        journal = opened(disk)
        crash(journal)
        shutil.copytree(disk, before)
        journal = opened(disk)
        given.append(issue(journal, f"lost-{i}").number)
        crash(journal)
        kept = Watermark.read(before / WITNESS)
        assert kept is not None
        shutil.rmtree(disk)
        shutil.copytree(before, disk)
        kept.write(disk / WITNESS)
    assert len(set(given)) == 3, given
