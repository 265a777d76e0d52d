"""What is read from the files of a state folder: rows that are no tickets, counts of another age, a
watermark that was put back, the mark in the lock file."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.durable import sync_folder
from kiosk.errors import JournalDamaged, JournalError
from kiosk.store.database import check, connect, migrate, migrations
from kiosk.store.faults import translate
from kiosk.store.file_identity import born_s
from kiosk.store.lock import LOCK_NAME, OwnerLock, mark_used, was_used
from kiosk.store.quarantine import add_latest
from kiosk.store.rows import StoredTicket, to_ticket
from kiosk.store.series import misdated
from kiosk.store.watermark import Watermark
from tests.store.making import FILE, TUESDAY, WITNESS, at, issue, opened

SOUND = (
    *("t1", "5" * 32, "DK", "", 7, "2026-11-24", "ktp", "id", None),
    *("2026-11-24T09:00:00+08:00", "issued", None, 1),
)


def test_a_sound_row_is_a_ticket() -> None:
    ticket = to_ticket(SOUND)
    assert (ticket.number, ticket.rev, ticket.priority) == ("DK-007", 1, None)
    assert to_ticket((*SOUND[:8], "elderly", *SOUND[9:])).priority == "elderly"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (4, "7"),
        (4, 0),
        (12, "1"),
        (9, "yesterday"),
        (9, "2026-11-24T09:00:00"),
        (10, "lost"),
        (5, "24.11."),
        (11, "perhaps"),
    ],
)
def test_a_row_with_a_wrong_column_is_damage(column: int, value: object) -> None:
    row = [*SOUND[:column], value, *SOUND[column + 1 :]]
    with pytest.raises(JournalDamaged):
        to_ticket(row)


def test_a_table_of_another_age_is_damage_before_the_schema_is_brought_up_to_date(
    tmp_path: Path,
) -> None:
    with closing(connect(tmp_path / FILE)) as db:
        for step in migrations()[:4]:
            db.executescript(step)
        db.execute("PRAGMA user_version = 4")
        db.execute(
            "INSERT INTO journal (one, id, machine, lost, because, seq, newest_date, session,"
            " unclean_session, clean) VALUES (1, 'journal-1', 'machine-1', 0, '', 0, '', 0, 0, 1)"
        )
        check(db)  # a sound file of version 4
        db.execute("UPDATE journal SET ticket_count = ticket_count + 1")
        with pytest.raises(JournalDamaged):
            check(db)
        migrate(db)
        with pytest.raises(JournalDamaged):
            check(db)


@pytest.mark.parametrize(
    ("same_boot", "same_file", "put_back"),
    [(True, True, False), (True, False, True), (False, False, False)],
)
def test_without_a_birth_time_the_inode_detects_a_copy_within_one_boot(
    tmp_path: Path, same_boot: bool, same_file: bool, put_back: bool
) -> None:
    path = tmp_path / WITNESS
    Watermark("journal-1", 0, 7).write(path)
    content = json.loads(path.read_text(encoding="utf-8")) | {"born_s": None}
    content["file"] += 0 if same_file else 1
    content["boot"] += "" if same_boot else "-other"
    path.write_text(json.dumps(content), encoding="utf-8")

    assert Watermark.read(path) == Watermark("journal-1", 0, 7, put_back=put_back)


def test_a_filesystem_without_birth_times_gives_none() -> None:
    assert born_s(Path("/proc/version")) is None


def test_of_two_rows_with_one_revision_the_first_is_kept() -> None:
    sound = to_ticket(SOUND)
    first, same = StoredTicket(sound, 1, "journal-1"), StoredTicket(sound, 0, "journal-2")
    newer = StoredTicket(replace(sound, rev=2), 0, "journal-2")
    tickets = {sound.id: first}

    add_latest(tickets, [same])
    assert tickets == {sound.id: first}
    add_latest(tickets, [newer, same])
    assert tickets == {sound.id: newer}


def test_an_error_without_an_errno_is_no_known_fault(tmp_path: Path) -> None:
    assert type(translate(OSError("of no kind"), tmp_path)) is JournalError


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Could not decode to UTF-8 column 'id' with text '\ufffd'", JournalDamaged),
        ("Cannot operate on a closed database.", JournalError),
    ],
)
def test_errors_that_sqlite3_makes_itself(
    tmp_path: Path, said: str, kind: type[JournalError]
) -> None:
    assert type(translate(sqlite3.OperationalError(said), tmp_path)) is kind


@pytest.mark.parametrize(("days", "wrong"), [(0, False), (1, False), (2, True)])
def test_a_date_after_tomorrow_is_a_wrong_one(tmp_path: Path, days: int, wrong: bool) -> None:
    """Tomorrow is none: the server may still be on the day before."""
    journal = opened(tmp_path)
    with closing(journal):
        day = TUESDAY + timedelta(days=days)
        issue(journal, "t1", day=day, now=at(day))
        assert misdated(journal._db, TUESDAY) is wrong


def test_the_mark_in_the_lock_file_is_a_line_below_the_process_id(tmp_path: Path) -> None:
    assert not was_used(tmp_path)
    mark_used(tmp_path)
    assert was_used(tmp_path)
    first, second = (tmp_path / LOCK_NAME).read_text(encoding="ascii").splitlines()
    assert (len(first), second) == (15, "a journal was created here")
    with OwnerLock(tmp_path):
        lines = (tmp_path / LOCK_NAME).read_text(encoding="ascii").splitlines()
    assert [line.strip() for line in lines] == [str(os.getpid()), second]


def test_writing_a_folder_to_the_disk_leaves_no_file_open(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")  # noqa: PTH208  # Path.iterdir opens the folder longer
    sync_folder(tmp_path)
    assert os.listdir("/proc/self/fd") == before  # noqa: PTH208
