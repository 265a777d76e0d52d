"""What is damage in a journal's file: rows that are no tickets, counts of another age."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.errors import JournalDamaged
from kiosk.store.database import check, connect, migrate
from kiosk.store.rows import to_ticket
from kiosk.store.watermark import sync_folder
from tests.store.making import FILE, issue, opened

SOUND = (
    *("t1", "5" * 32, "DK", "", 7, "2026-11-24", "ktp", "id", None),
    *("2026-11-24T09:00:00+08:00", "issued", None, 1),
)


def test_a_sound_row_is_a_ticket() -> None:
    ticket = to_ticket(SOUND)
    assert (ticket.number, ticket.rev) == ("DK-007", 1)


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
    journal = opened(tmp_path)
    issue(journal, "t1")
    journal.close()
    with closing(connect(tmp_path / FILE)) as db:
        db.executescript("ALTER TABLE quota DROP COLUMN most; PRAGMA user_version = 4;")
        check(db)  # a sound file of version 4
        db.execute("UPDATE journal SET ticket_count = ticket_count + 1")
        with pytest.raises(JournalDamaged):
            check(db)
        migrate(db)
        with pytest.raises(JournalDamaged):
            check(db)


def test_writing_a_folder_to_the_disk_leaves_no_file_open(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")  # noqa: PTH208  # Path.iterdir opens the folder longer
    sync_folder(tmp_path)
    assert os.listdir("/proc/self/fd") == before  # noqa: PTH208
