"""Which journal may go on: damaged, copied, old and missing ones are set aside, never lost."""

from __future__ import annotations

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from kiosk.domain.delivery import Proof
from kiosk.errors import JournalDamaged, JournalError
from kiosk.store.journal import Journal
from kiosk.store.witness import Witness
from tests.store.making import MACHINE, TUESDAY, WEDNESDAY, at, crash, issue, opened

FILE, WITNESS = "journal.sqlite3", "journal.witness"


def filled(folder: Path, count: int = 3, *, clean: bool = True) -> None:
    """A journal with tickets t0, t1 … in ``folder``."""
    journal = opened(folder)
    for i in range(count):
        issue(journal, f"t{i}")
    if clean:
        journal.close()
    else:
        crash(journal)


def set_aside(folder: Path) -> list[str]:
    """The journals set aside in ``folder``, without what SQLite keeps beside them."""
    return sorted(p.name for p in folder.glob("journal-*.sqlite3"))


def numbers(journal: Journal) -> list[str]:
    return [t.number for t in journal.tickets()]


def test_a_first_start_has_nothing_to_say(tmp_path: Path) -> None:
    journal = opened(tmp_path / "deep" / "down")
    assert journal.notices == ()
    assert len(journal.id) == 32
    assert (tmp_path / "deep" / "down" / WITNESS).exists()
    journal.close()


def test_a_start_that_was_killed_while_making_the_journal_is_a_first_start(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite3.new").write_bytes(b"half of it")
    (tmp_path / "journal.sqlite3.new-wal").write_bytes(b"and more")
    journal = opened(tmp_path)
    assert journal.notices == ()
    assert issue(journal, "t1").number == "DK-001"
    journal.close()


# ── damage ───────────────────────────────────────────────────────────────────────────────


def garbage(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(20_000))


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
    no_identity,
    another_database,
]


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_journal_is_set_aside_and_said(tmp_path: Path, harm: object) -> None:
    filled(tmp_path)
    assert callable(harm)
    harm(tmp_path / FILE)
    as_it_was = (tmp_path / FILE).read_bytes()

    journal = opened(tmp_path)
    assert issue(journal, "new").number == "DK-A001", "a letter that nobody had"
    aside = set_aside(tmp_path)
    assert aside == ["journal-0-damaged-20261124T090000.sqlite3"]
    assert (tmp_path / aside[0]).read_bytes() == as_it_was, "never overwritten"
    assert len(journal.notices) == 1
    assert aside[0] in journal.notices[0]
    assert "damaged" in journal.notices[0]
    journal.close()

    again = opened(tmp_path)
    assert len(again.notices) == 1, "staff who come a day later can still read it"
    assert issue(again, "newer").number == "DK-A002"
    again.close()


@pytest.mark.parametrize("harm", [missing_table, no_identity])
def test_what_a_damaged_journal_still_holds_is_found_by_its_id(
    tmp_path: Path, harm: object
) -> None:
    filled(tmp_path)
    assert callable(harm)
    harm(tmp_path / FILE)
    journal = opened(tmp_path)
    assert numbers(journal) == ["DK-001", "DK-002", "DK-003"]
    assert issue(journal, "t1").number == "DK-002"
    assert journal.record("t1", Proof.CONFIRMED).rev == 2
    journal.close()


def test_tickets_around_a_damaged_page_are_saved_from_both_ends(tmp_path: Path) -> None:
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


def test_without_a_witness_the_names_of_what_was_set_aside_say_which_letter(tmp_path: Path) -> None:
    for _ in range(2):
        filled(tmp_path)
        garbage(tmp_path / FILE)
    opened(tmp_path).close()
    (tmp_path / WITNESS).unlink()
    garbage(tmp_path / FILE)
    journal = opened(tmp_path)
    assert issue(journal, "t").number == "DK-C001"
    journal.close()


def test_two_journals_set_aside_in_one_second_are_both_kept(tmp_path: Path) -> None:
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


def test_damage_found_in_use_is_said_at_that_call_and_mended_by_replacing(tmp_path: Path) -> None:
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
    assert "damaged" in journal.notices[0]
    sound = journal.id
    journal.replace(at(), damaged)
    assert journal.id == sound, "another thread had replaced it already"
    journal.close()


def test_a_page_that_goes_bad_in_use_is_damage(tmp_path: Path) -> None:
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


def test_a_file_taken_away_in_use_gets_no_more_numbers(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    issue(journal, "t1")
    for file in tmp_path.iterdir():
        file.unlink()
    with pytest.raises(JournalDamaged, match="taken away"):
        issue(journal, "t2")
    journal.replace(at(), journal.id)
    assert issue(journal, "t2").number == "DK-A001", "nothing beside it says so, but it knows"
    assert issue(journal, "t1").number == "DK-001"
    journal.close()


def test_a_replacement_that_fails_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def _no_space(_: sqlite3.Connection) -> None:
    raise OSError(28, "No space left on device")


# ── copies, old ones, missing ones ───────────────────────────────────────────────────────


def test_a_journal_from_another_machine_is_set_aside(tmp_path: Path) -> None:
    filled(tmp_path / "here")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    here, there = opened(tmp_path / "here"), opened(tmp_path / "there", machine="machine-2")
    assert here.notices == ()
    assert "another machine" in there.notices[0]
    assert issue(here, "x").number == "DK-004"
    assert issue(there, "x").number == "DK-A001"
    here.close()
    there.close()


@pytest.mark.parametrize("clean", [True, False])
def test_a_journal_put_back_from_a_backup_is_set_aside(tmp_path: Path, clean: bool) -> None:
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
    assert "old copy" in journal.notices[0]
    assert issue(journal, "new").number == "DK-A001"
    assert numbers(journal)[:3] == ["DK-001", "DK-002", "DK-003"]
    assert not set(later) & set(numbers(journal)), "nobody can know these"
    journal.close()


def test_an_outcome_alone_makes_a_backup_old(tmp_path: Path) -> None:
    filled(tmp_path)
    shutil.copy(tmp_path / FILE, tmp_path / "backup")
    journal = opened(tmp_path)
    journal.record("t0", Proof.SENT)
    journal.close()
    shutil.copy(tmp_path / "backup", tmp_path / FILE)
    journal = opened(tmp_path)
    assert issue(journal, "new").number == "DK-A001"
    journal.close()


def test_a_journal_of_before_the_loss_does_not_come_back(tmp_path: Path) -> None:
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


def test_a_missing_journal_is_a_lost_one(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / FILE).unlink()
    journal = opened(tmp_path)
    assert journal.notices[0].startswith("The journal was missing")
    assert issue(journal, "new").number == "DK-A001"
    journal.close()


def test_a_log_left_without_its_journal_is_never_read_into_the_next(tmp_path: Path) -> None:
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


def test_a_witness_that_cannot_be_read_bars_nobody(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / WITNESS).write_text("{")
    journal = opened(tmp_path)
    assert journal.notices == ()
    assert issue(journal, "new").number == "DK-004"
    assert Witness.read(tmp_path / WITNESS) == Witness(journal.id, 0, 4)
    journal.close()


def test_a_kill_between_the_commit_and_its_witness_bars_nobody(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    older = (tmp_path / WITNESS).read_bytes()
    journal = opened(tmp_path)
    issue(journal, "t9")
    crash(journal)
    (tmp_path / WITNESS).write_bytes(older)
    journal = opened(tmp_path)
    assert journal.notices == ()
    assert issue(journal, "new").number == "DK-024"
    journal.close()


def test_a_kill_before_the_new_journal_is_witnessed_bars_nobody(tmp_path: Path) -> None:
    filled(tmp_path)
    older = (tmp_path / WITNESS).read_bytes()
    garbage(tmp_path / FILE)
    opened(tmp_path).close()
    (tmp_path / WITNESS).write_bytes(older)
    journal = opened(tmp_path)
    assert issue(journal, "new").number == "DK-A001"
    journal.close()


def test_a_disk_that_lost_its_last_writes_costs_no_double(tmp_path: Path) -> None:
    """The whole folder falls back, witness and all, by as much as the skip covers."""
    journal = opened(tmp_path / "disk")
    given = [issue(journal, f"t{i}").number for i in range(5)]
    shutil.copytree(tmp_path / "disk", tmp_path / "survived")
    given += [issue(journal, f"lost{i}").number for i in range(20)]
    crash(journal)
    journal = opened(tmp_path / "survived")
    after = [issue(journal, f"new{i}").number for i in range(30)]
    assert not set(given) & set(after)
    journal.close()


def test_a_lost_first_number_of_a_new_day_costs_no_double(tmp_path: Path) -> None:
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


def test_what_was_saved_counts_for_the_day_and_keeps_its_origin(tmp_path: Path) -> None:
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
    assert MACHINE != "machine-2"
