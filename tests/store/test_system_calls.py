"""What the store asks of the operating system: durability, open files, locks, birth times."""

from __future__ import annotations

import gc
import json
import os
import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.errors import AlreadyRunning, JournalDamaged, JournalError
from kiosk.store import opening
from kiosk.store.database import connect, migrations
from kiosk.store.file_identity import born_s
from kiosk.store.lock import LOCK_NAME, OwnerLock, mark_used, refuse_if_owned, was_used
from kiosk.store.quarantine import salvage
from kiosk.store.queries import counts_in_copy
from kiosk.store.watermark import Watermark
from tests.store.making import FILE, TUESDAY, WITNESS, at, issue, opened

PID_LINE = f"{os.getpid():<15}\n".encode()
MARK_LINE = b"a journal was created here\n"


def open_files() -> list[str]:
    return os.listdir("/proc/self/fd")  # noqa: PTH208  # Path.iterdir opens the folder longer


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """Each fsync of the test: the name of the file, and what a power cut would leave of it."""
    calls: list[tuple[str, bytes]] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        calls.append((path.name, b"" if path.is_dir() else path.read_bytes()))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    return calls


def test_a_commit_is_on_the_disk_when_it_returns(tmp_path: Path) -> None:
    """FULL is 2 (SQLite, PRAGMA synchronous): the log is synced at each commit."""
    with closing(connect(tmp_path / FILE)) as db:
        pragmas = ("synchronous", "journal_mode", "trusted_schema")
        values = [db.execute(f"PRAGMA {pragma}").fetchone()[0] for pragma in pragmas]
    assert values == [2, "wal", 0]


def test_a_durable_watermark_is_whole_before_it_is_synced(
    tmp_path: Path, synced: list[tuple[str, bytes]]
) -> None:
    Watermark("j1", 2, 5, ("B",)).write(tmp_path / WITNESS, durable=True)
    (draft, content), (folder, _) = synced
    assert (draft, folder) == (WITNESS + ".new", tmp_path.name)
    assert json.loads(content)["seq"] == 5
    assert Watermark.read(tmp_path / WITNESS) == Watermark("j1", 2, 5, ("B",))


def test_an_ordinary_watermark_costs_no_fsync(
    tmp_path: Path, synced: list[tuple[str, bytes]]
) -> None:
    Watermark("j1", 2, 5).write(tmp_path / WITNESS)
    assert synced == []


def test_the_mark_is_synced_behind_an_empty_process_id(
    tmp_path: Path, synced: list[tuple[str, bytes]]
) -> None:
    mark_used(tmp_path)
    assert synced == [(LOCK_NAME, b" " * 15 + b"\n" + MARK_LINE)]


def test_the_mark_keeps_a_process_id_that_ends_early(tmp_path: Path) -> None:
    """A full disk cuts a file short; version 0.1 wrote the process id alone."""
    (tmp_path / LOCK_NAME).write_bytes(b"4711\n")
    mark_used(tmp_path)
    assert (tmp_path / LOCK_NAME).read_bytes() == b"4711           \n" + MARK_LINE
    assert was_used(tmp_path)


def test_the_lock_file_is_private_and_names_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "state"
    with OwnerLock(folder):
        path = folder / LOCK_NAME
        assert path.read_bytes() == PID_LINE
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with pytest.raises(AlreadyRunning) as refused:
            refuse_if_owned(folder)
    assert str(os.getpid()) in str(refused.value)


def test_a_lock_leaves_no_file_open(tmp_path: Path) -> None:
    """Neither when it is released, nor when it is refused by the file or by the folder's name."""
    before = open_files()
    with OwnerLock(tmp_path):
        held = open_files()
        with pytest.raises(AlreadyRunning):
            OwnerLock(tmp_path)
        (tmp_path / LOCK_NAME).unlink()
        with pytest.raises(AlreadyRunning):
            OwnerLock(tmp_path)
        assert open_files() == held
    assert open_files() == before


def test_a_second_release_closes_no_other_file(tmp_path: Path) -> None:
    lock = OwnerLock(tmp_path)
    lock.release()
    with (tmp_path / "other").open("w", encoding="utf-8"):
        before = open_files()
        lock.release()
        assert open_files() == before
    with OwnerLock(tmp_path):
        pass


def test_the_birth_time_is_that_of_stat(tmp_path: Path) -> None:
    """GNU stat also uses statx(2), with an independent definition of the structure."""
    stat_command = shutil.which("stat")
    assert stat_command is not None
    path = tmp_path / "file"
    path.touch()
    asked = subprocess.run(
        [stat_command, "--format", "%W %.9W", path],
        capture_output=True,
        text=True,
        check=True,
        env={"LC_ALL": "C"},
    )
    whole, exact = asked.stdout.split()
    if whole == "0":
        assert born_s(path) is None
    else:
        assert born_s(path) == pytest.approx(float(exact), abs=1e-6)


def test_a_log_of_an_earlier_age_is_found_over_a_newer_main_file(tmp_path: Path) -> None:
    """SQLite replays the log and then shows the older content; only the main file is current."""
    main = tmp_path / FILE
    log = main.with_name(FILE + "-wal")
    with closing(opened(tmp_path)) as journal:
        issue(journal, "t1")
        early = log.read_bytes()
        issue(journal, "t2")
        identity = opening._identity(main)
        assert identity is not None
        assert not opening._log_is_older(main, identity)
    log.write_bytes(early)
    replayed = opening.Identity(identity.id, identity.machine, 0, 1)
    assert opening._log_is_older(main, replayed)
    other = opening.Identity("another", identity.machine, 0, 99)
    assert opening._log_is_older(main, other)


def test_a_new_journal_names_the_one_it_replaces(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as journal:
        issue(journal, "t1")
        assert journal.outbox.unsent(9, at()).predecessor is None
        old = journal.outbox.unsent(9, at()).journal
    (tmp_path / WITNESS).unlink()
    with closing(opened(tmp_path)) as journal:
        batch = journal.outbox.unsent(9, at())
    assert (batch.predecessor, batch.journal != old) == (old, True)


def test_a_file_that_is_no_database_leaves_no_file_open(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"{garbage" * 600)
    before = open_files()
    with pytest.raises(sqlite3.DatabaseError):
        connect(tmp_path / FILE)
    gc.collect()
    assert open_files() == before


def test_a_birth_time_is_found_by_a_relative_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    assert born_s(Path("file")) == born_s(tmp_path / "file")


def test_tickets_of_a_journal_of_the_first_schema_are_salvaged(tmp_path: Path) -> None:
    """It has no column ``alone``: there was no queue server yet."""
    path = tmp_path / FILE
    with closing(sqlite3.connect(path)) as db:
        db.executescript(migrations()[0])
        columns = [row[1] for row in db.execute("PRAGMA table_info(ticket)")]
        assert "alone" not in columns
        known = {
            "id": "t1",
            "track": "5" * 32,
            "number": "DK-007",
            "prefix": "DK",
            "letter": "",
            "value": 7,
            "business_date": "2026-11-24",
            "service": "ktp",
            "language": "id",
            "issued_at": "2026-11-24T09:00:00+08:00",
            "state": "issued",
            "rev": 1,
            "origin": "j1",
            "acked_rev": 0,
            "seq": 1,
        }
        given = {name: value for name, value in known.items() if name in columns}
        marks = ", ".join("?" for _ in given)
        names = ", ".join(given)
        db.execute(f"INSERT INTO ticket ({names}) VALUES ({marks})", list(given.values()))
        db.commit()
    found = salvage(path).tickets
    assert [stored.ticket.number for stored in found] == ["DK-007"]


def test_a_journal_of_an_earlier_version_gets_the_mark(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as journal:
        issue(journal, "t1")
    (tmp_path / LOCK_NAME).unlink()
    with closing(opened(tmp_path)):
        assert was_used(tmp_path)


def test_a_new_journal_that_a_crash_left_beside_its_place_is_put_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a further one, with a further letter."""

    def crash(path: Path) -> None:
        raise OSError(5, "the power goes")

    with monkeypatch.context() as patch:
        patch.setattr(opening, "_put_in_place", crash)
        with pytest.raises(JournalError):
            opened(tmp_path)
    made = Watermark.read(tmp_path / WITNESS)
    assert made is not None
    with closing(opened(tmp_path)) as journal:
        assert (journal.id, journal.notices) == (made.journal, ())


def test_a_copy_that_is_no_journal_is_damage_and_not_an_empty_day(tmp_path: Path) -> None:
    """On a read-only disk the journal is read in a copy, which is brought up to date there."""
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        db.execute("CREATE TABLE other (n)")
    with pytest.raises(JournalDamaged):
        counts_in_copy(tmp_path / FILE, TUESDAY)
    assert counts_in_copy(tmp_path / "missing.sqlite3", TUESDAY) == {}
