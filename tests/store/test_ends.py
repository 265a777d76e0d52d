"""What a journal says of the one that it replaced: only at home may it say that it has ended.

The queue server may give the letter of an ended journal to another one. A copy of the journal may
be at work with that letter, on another machine or in another folder.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.store.journal import Journal
from kiosk.store.opening import CONFLICT, DAMAGED
from tests.store.making import FILE, WITNESS, at, filled, garbage, issue, opened


def said(journal: Journal) -> tuple[str | None, bool]:
    """The predecessor and whether it has ended, as sent to the server."""
    batch = journal.outbox.unsent(0, at())
    return batch.predecessor, batch.ended


def test_a_first_journal_has_ended_none(tmp_path: Path) -> None:
    assert said(opened(tmp_path)) == (None, False)


@pytest.mark.parametrize("why", [CONFLICT, DAMAGED])
def test_a_journal_that_is_replaced_in_use_has_ended(tmp_path: Path, why: str) -> None:
    journal = opened(tmp_path)
    old = journal.id
    journal.replace(at(), old, why)
    assert said(journal) == (old, True)
    journal.close()
    assert said(opened(tmp_path)) == (old, True), "after a start too"


def test_an_old_copy_that_is_put_back_at_home_has_ended(tmp_path: Path) -> None:
    filled(tmp_path)
    shutil.copy(tmp_path / FILE, tmp_path / "copy")
    journal = opened(tmp_path)
    old = journal.id
    issue(journal, "later")
    journal.close()
    shutil.copy(tmp_path / "copy", tmp_path / FILE)
    assert said(opened(tmp_path)) == (old, True)


def test_a_journal_of_before_the_last_one_may_be_a_copy(tmp_path: Path) -> None:
    filled(tmp_path)
    shutil.copy(tmp_path / FILE, tmp_path / "copy")
    journal = opened(tmp_path)
    first = journal.id
    journal.replace(at(), first, CONFLICT)
    journal.close()
    shutil.copy(tmp_path / "copy", tmp_path / FILE)
    assert said(opened(tmp_path)) == (first, False)


def test_a_journal_on_another_machine_is_a_copy(tmp_path: Path) -> None:
    filled(tmp_path)
    journal = opened(tmp_path, "machine-2")
    assert said(journal)[1] is False
    own = journal.id
    journal.replace(at(), own, CONFLICT)
    assert said(journal) == (own, True), "the next one replaces the copy's own journal"


def test_a_folder_that_was_copied_on_the_same_machine_is_a_copy(tmp_path: Path) -> None:
    home, copy = tmp_path / "home", tmp_path / "copy"
    home.mkdir()
    filled(home)
    shutil.copytree(home, copy)
    predecessor, ended = said(opened(copy))
    assert predecessor is not None
    assert not ended
    assert said(opened(home)) == (None, False), "it goes on"


@pytest.mark.parametrize("lost", [FILE, WITNESS])
def test_a_journal_without_its_proof_may_be_a_copy(tmp_path: Path, lost: str) -> None:
    filled(tmp_path)
    (tmp_path / lost).unlink()
    predecessor, ended = said(opened(tmp_path))
    assert predecessor is not None
    assert not ended


def test_a_journal_that_cannot_be_read_may_be_another_machines(tmp_path: Path) -> None:
    filled(tmp_path)
    garbage(tmp_path / FILE)
    assert said(opened(tmp_path))[1] is False


def test_a_journal_that_an_earlier_version_replaced_has_not_ended(tmp_path: Path) -> None:
    """It did not note whether it was at home."""
    journal = opened(tmp_path)
    old = journal.id
    journal.replace(at(), old, CONFLICT)
    journal.close()
    with closing(sqlite3.connect(tmp_path / FILE)) as db, db:
        db.execute("ALTER TABLE follows DROP COLUMN ended")
        db.execute("ALTER TABLE server DROP COLUMN since")
        db.execute("PRAGMA user_version = 10")
    assert said(opened(tmp_path)) == (old, False)
