"""Which journal may continue: damaged, copied and old ones are quarantined, never deleted."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from kiosk.domain.delivery import Proof
from kiosk.errors import JournalDamaged, JournalError
from kiosk.messages import in_language
from kiosk.store.opening import notice
from tests.store.making import (
    FILE,
    WITNESS,
    at,
    filled,
    garbage,
    issue,
    numbers,
    opened,
    set_aside,
)


def test_a_first_start_has_no_notices(tmp_path: Path) -> None:
    journal = opened(tmp_path / "deep" / "down")
    assert journal.notices == ()
    assert len(journal.id) == 32
    assert (tmp_path / "deep" / "down" / WITNESS).exists()
    journal.close()


def test_a_start_killed_during_the_creation_is_repeated_as_a_first_start(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite3.new").write_bytes(b"half of it")
    (tmp_path / "journal.sqlite3.new-wal").write_bytes(b"and more")
    journal = opened(tmp_path)
    assert journal.notices == ()
    assert issue(journal, "t1").number == "DK-001"
    journal.close()


# ── damage ───────────────────────────────────────────────────────────────────────────────


def empty(path: Path) -> None:
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def zero_page(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(bytes(4096))


def no_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(bytes(100))


def missing_table(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("DROP TABLE line")
    db.close()


def missing_small_table(path: Path) -> None:
    """Seen only when a session begins."""
    db = sqlite3.connect(path)
    db.execute("DROP TABLE letter")
    db.close()


def no_identity(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("DELETE FROM journal")
    db.commit()
    db.close()


def another_database(path: Path) -> None:
    path.unlink()
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE recipes (title TEXT)")
    db.close()


HARMS = [
    garbage,
    empty,
    truncated,
    zero_page,
    no_header,
    missing_table,
    missing_small_table,
    no_identity,
    another_database,
]


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_journal_is_quarantined_and_reported(tmp_path: Path, harm: object) -> None:
    filled(tmp_path)
    assert callable(harm)
    harm(tmp_path / FILE)
    as_it_was = (tmp_path / FILE).read_bytes()

    journal = opened(tmp_path)
    assert issue(journal, "new").number == "DK-A001", "a letter not used before"
    aside = set_aside(tmp_path)
    assert aside == ["journal-0-damaged-20261124T090000.sqlite3"]
    assert (tmp_path / aside[0]).read_bytes() == as_it_was, "never overwritten"
    assert len(journal.notices) == 1
    assert aside[0] in str(journal.notices[0])
    assert "damaged" in str(journal.notices[0])
    journal.close()

    again = opened(tmp_path)
    assert len(again.notices) == 1, "staff who come a day later can still read it"
    assert issue(again, "newer").number == "DK-A002"
    again.close()


@pytest.mark.parametrize("harm", [missing_table, no_identity])
def test_a_salvaged_ticket_is_found_by_its_id(tmp_path: Path, harm: object) -> None:
    filled(tmp_path)
    assert callable(harm)
    harm(tmp_path / FILE)
    journal = opened(tmp_path)
    assert numbers(journal) == ["DK-001", "DK-002", "DK-003"]
    assert issue(journal, "t1").number == "DK-002"
    assert journal.record("t1", Proof.CONFIRMED).rev == 2
    journal.close()


def test_tickets_around_a_damaged_page_are_salvaged_from_both_ends(tmp_path: Path) -> None:
    filled(tmp_path, 400)
    path = tmp_path / FILE
    content = path.read_bytes()
    pages = range(0, len(content), 4096)
    rows = [at for at in pages if content[at : at + 4096].count(b"5" * 32) > 5]
    with path.open("r+b") as file:
        file.seek(rows[len(rows) // 2])
        file.write(b"\xff" * 4096)
    journal = opened(tmp_path)
    saved = {t.id for t in journal.tickets()}
    assert {"t0", "t399"} <= saved
    assert 300 < len(saved) < 400
    journal.close()


def test_each_loss_takes_another_letter(tmp_path: Path) -> None:
    given = []
    for i in range(4):
        journal = opened(tmp_path)
        given.append(issue(journal, f"t{i}").number)
        journal.close()
        garbage(tmp_path / FILE)
    assert given == ["DK-001", "DK-A001", "DK-B001", "DK-C001"]
    assert len(set_aside(tmp_path)) == 3


def test_a_kiosk_with_a_letter_gets_a_second_one(tmp_path: Path) -> None:
    filled(tmp_path)
    garbage(tmp_path / FILE)
    journal = opened(tmp_path)
    assert issue(journal, "t", letter="X").number == "DK-XA001"
    journal.close()


def test_without_a_watermark_the_names_in_quarantine_give_the_next_letter(
    tmp_path: Path,
) -> None:
    for _ in range(2):
        filled(tmp_path)
        garbage(tmp_path / FILE)
    opened(tmp_path).close()
    (tmp_path / WITNESS).unlink()
    garbage(tmp_path / FILE)
    journal = opened(tmp_path)
    assert issue(journal, "t").number == "DK-C001"
    journal.close()


def test_two_journals_quarantined_in_one_second_are_both_kept(tmp_path: Path) -> None:
    for _ in range(2):
        filled(tmp_path)
        shutil.copy(tmp_path / FILE, tmp_path / "kept")
        (tmp_path / WITNESS).unlink()
        garbage(tmp_path / FILE)
        for old in tmp_path.glob("journal-*"):
            old.rename(tmp_path / "journal-0-damaged-20261124T090000.sqlite3")
        opened(tmp_path).close()
    assert len(set_aside(tmp_path)) == 2


# ── damage found in use ──────────────────────────────────────────────────────────────────


def test_damage_in_use_raises_at_that_call_and_the_journal_can_be_replaced(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    issue(journal, "t1")
    damaged = journal.id
    journal._db.execute("DROP TABLE line")
    with pytest.raises(JournalDamaged, match="is damaged"):
        issue(journal, "t2")
    journal.replace(at(), damaged)
    assert journal.id != damaged
    assert issue(journal, "t2").number == "DK-A001"
    assert issue(journal, "t1").number == "DK-001", "read from the damaged one"
    assert "damaged" in str(journal.notices[0])
    sound = journal.id
    journal.replace(at(), damaged)
    assert journal.id == sound, "another thread had replaced it already"
    journal.close()


def test_a_page_damaged_in_use_is_detected(tmp_path: Path) -> None:
    filled(tmp_path, 400)
    journal = opened(tmp_path)
    with (tmp_path / FILE).open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * ((tmp_path / FILE).stat().st_size - 4096))
    with pytest.raises(JournalDamaged):
        issue(journal, "new")
    journal.replace(at(), journal.id)
    assert issue(journal, "new").number == "DK-A001"
    journal.close()


def test_a_file_removed_in_use_gets_no_more_numbers(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    issue(journal, "t1")
    for file in tmp_path.iterdir():
        file.unlink()
    with pytest.raises(JournalDamaged, match="taken away"):
        issue(journal, "t2")
    journal.replace(at(), journal.id)
    assert issue(journal, "t2").number == "DK-A001", "the journal itself knows its letter"
    assert issue(journal, "t1").number == "DK-001"
    journal.close()


def test_a_failed_replacement_is_retried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = opened(tmp_path)
    issue(journal, "t1")
    damaged = journal.id
    with monkeypatch.context() as broken:
        broken.setattr("kiosk.store.opening.migrate", _no_space)
        with pytest.raises(JournalError, match="full"):
            journal.replace(at(), damaged)
    with pytest.raises(JournalDamaged, match="not be replaced"):
        issue(journal, "t2")
    journal.replace(at(), damaged)
    assert issue(journal, "t1").number == "DK-001"
    assert issue(journal, "t2").number == "DK-B001", "A may have been in use; a gap is harmless"
    journal.close()


def test_a_file_removed_from_a_full_disk_keeps_its_tickets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The open connection holds the only copy of them until a new journal has them."""
    journal = opened(tmp_path)
    issue(journal, "t1")
    journal.void("t1")
    damaged = journal.id
    for file in tmp_path.iterdir():
        file.unlink()
    for _ in range(2):
        with monkeypatch.context() as broken:
            broken.setattr("kiosk.store.opening.migrate", _no_space)
            with pytest.raises(JournalError, match="full"):
                journal.replace(at(), damaged)
    journal.replace(at(), damaged)
    kept = journal.get("t1")
    assert kept is not None, "given to a visitor, and not sent to the server yet"
    assert (kept.number, kept.state) == ("DK-001", "void")
    journal.close()


def _no_space(_: sqlite3.Connection) -> None:
    raise OSError(28, "No space left on device")


def test_a_notice_stored_by_an_earlier_version_is_shown_unchanged() -> None:
    assert notice("The journal was damaged.") == "The journal was damaged."
    said = notice("quarantine.older journal-1-older.sqlite3")
    assert "journal-1-older.sqlite3" in in_language(said, "id")
    assert in_language(said, "id").startswith("Jurnal adalah salinan lama")
    assert in_language(said, "en").startswith("The journal was an old copy")
