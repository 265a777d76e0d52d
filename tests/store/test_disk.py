"""A disk that is full, read-only, locked or broken: a plain line, and no number twice.

File modes do not stop root, so these tests use real mounts where the machine lets them, and
child processes that have given up root or may write only so much.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.domain.delivery import Proof
from kiosk.errors import (
    AlreadyRunning,
    JournalBusy,
    JournalError,
    JournalFull,
    JournalReadOnly,
)
from kiosk.store import queries
from kiosk.store.file_identity import machine_id
from kiosk.store.journal import JOURNAL_NAME
from kiosk.store.lock import OwnerLock, refuse_if_owned
from tests.store.making import TUESDAY, crash, issue, opened

NOBODY = 65534


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A separate disk of 16 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("this machine does not let tests mount a disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Write until nothing more fits; answers the file to delete."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return ballast
    raise AssertionError("a disk without an end")


def in_child(work: Callable[[Path], None], folder: Path) -> None:
    """Run ``work(folder)`` in a new process; its failure fails the test.

    Spawned and not forked: pytest's process has threads, and a forked child can deadlock on a
    lock that one of them held.
    """
    child = multiprocessing.get_context("spawn").Process(target=work, args=(folder,))
    child.start()
    child.join()
    assert child.exitcode == 0, "the traceback is in the captured output"


@dataclass(frozen=True)
class AsNobody:
    """``work`` as a user without root's right to ignore file modes."""

    work: Callable[[Path], None]

    def __call__(self, folder: Path) -> None:
        """Give up root for good, then do the work.

        A journal is opened first, so that every module is loaded: Python may be installed where
        only root can read it.
        """
        with tempfile.TemporaryDirectory() as elsewhere:
            for _ in ("created", "opened again"):
                opened(Path(elsewhere)).close()
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        self.work(folder)


def one_line(error: pytest.ExceptionInfo[JournalError]) -> str:
    text = str(error.value)
    assert text
    assert "\n" not in text
    assert "Traceback" not in text
    return text


# ── full ─────────────────────────────────────────────────────────────────────────────────


def test_a_full_disk_is_reported_without_double_number_or_lost_ticket(small_disk: Path) -> None:
    journal = opened(small_disk)
    given = [issue(journal, f"t{i}").number for i in range(3)]
    ballast = fill(small_disk)
    failed = []
    for i in range(3, 200):
        try:
            given.append(issue(journal, f"t{i}").number)
        except JournalFull:
            failed.append(f"t{i}")
    assert failed, "a disk of 16 MiB ends"
    with pytest.raises(JournalFull, match="disk is full") as error:
        journal.record("t0", Proof.SENT)
    one_line(error)
    held = journal.get("t0")
    assert held is not None
    assert held.printed is None
    ballast.unlink()
    given += [issue(journal, t).number for t in failed]
    assert len(set(given)) == len(given) == 200
    crash(journal)
    journal = opened(small_disk)
    assert sorted(t.number for t in journal.tickets()) == sorted(given)
    assert issue(journal, "new").number not in given
    journal.close()


def test_a_journal_is_created_once_the_disk_has_space(small_disk: Path) -> None:
    ballast = fill(small_disk)
    with pytest.raises(JournalFull) as error:
        opened(small_disk)
    one_line(error)
    ballast.unlink()
    journal = opened(small_disk)
    assert journal.notices == ()
    assert issue(journal, "t").number == "DK-001"
    journal.close()


def test_a_journal_opens_on_a_full_disk_or_raises_the_reason(small_disk: Path) -> None:
    journal = opened(small_disk)
    given = issue(journal, "t0").number
    journal.close()
    ballast = fill(small_disk)
    with pytest.raises(JournalFull):
        opened(small_disk)
    ballast.unlink()
    journal = opened(small_disk)
    assert journal.notices == ()
    assert issue(journal, "t1").number != given
    journal.close()


def test_a_damaged_journal_on_a_full_disk_is_not_lost(small_disk: Path) -> None:
    journal = opened(small_disk)
    issue(journal, "t0")
    journal.close()
    path = small_disk / "journal.sqlite3"
    db = sqlite3.connect(path)
    db.execute("DROP TABLE line")
    db.close()
    ballast = fill(small_disk)
    for _ in range(2):
        with pytest.raises(JournalFull):
            opened(small_disk)
    ballast.unlink()
    journal = opened(small_disk)
    assert issue(journal, "t0").number == "DK-001"
    assert issue(journal, "t1").number == "DK-A001"
    journal.close()


def test_a_journal_that_cannot_grow_raises_journal_full(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages}")
    given: list[str] = []
    with pytest.raises(JournalFull) as error:
        given.extend(issue(journal, f"t{i}").number for i in range(1000))
    one_line(error)
    journal._db.execute("PRAGMA max_page_count = 100000")
    given = [t.number for t in journal.tickets()]
    assert issue(journal, "after").number == f"DK-{len(given) + 1:03d}"
    journal.close()


def issue_with_little_space(folder: Path) -> None:
    """Issue numbers while the journal's log may grow by 5,000 bytes only, then crash."""
    journal = opened(folder)
    end = (folder / "journal.sqlite3-wal").stat().st_size + 5000
    resource.setrlimit(resource.RLIMIT_FSIZE, (end, resource.RLIM_INFINITY))
    with pytest.raises(JournalError) as error:
        [issue(journal, f"broken{i}") for i in range(50)]
    one_line(error)
    os._exit(0)


def test_an_incomplete_write_gives_no_number(tmp_path: Path) -> None:
    """A commit that is half written when the limit is reached counts as not made."""
    journal = opened(tmp_path)
    given = [issue(journal, f"t{i}").number for i in range(3)]
    crash(journal)
    in_child(issue_with_little_space, tmp_path)
    journal = opened(tmp_path)
    kept = [t.number for t in journal.tickets()]
    assert kept[:3] == given
    assert len(set(kept)) == len(kept)
    assert issue(journal, "new").number not in kept
    journal.close()


# ── read-only ────────────────────────────────────────────────────────────────────────────


def test_a_disk_that_becomes_read_only_in_use_is_reported(small_disk: Path) -> None:
    outside = small_disk.parent / "open"
    journal = opened(small_disk)
    given = issue(journal, "t0").number
    crash(journal)
    remount = ["mount", "-o", "remount,ro", str(small_disk)]
    subprocess.run(remount, check=True, capture_output=True)
    with pytest.raises(JournalReadOnly) as error:
        opened(small_disk)
    assert "refuses writing" in one_line(error)
    with pytest.raises(JournalReadOnly):
        OwnerLock(small_disk)
    subprocess.run([*remount[:2], "remount,rw", str(small_disk)], check=True)
    journal = opened(small_disk)
    assert journal.notices == ()
    assert issue(journal, "t1").number != given
    journal.close()
    assert not outside.exists()


def test_a_read_only_journal_is_read_with_its_write_ahead_log(
    small_disk: Path,
) -> None:
    journal = opened(small_disk)
    issue(journal, "t0")
    crash(journal)
    journal = opened(small_disk)
    assert (small_disk / "journal.sqlite3-wal").stat().st_size, "not all is in the file itself"
    after_a_crash = issue(journal, "t1")
    crash(journal)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    path = small_disk / JOURNAL_NAME
    assert [t.id for t in queries.tickets_in_copy(path, None, 10)] == ["t0", "t1"]
    assert queries.tickets_in_copy(path, None, 1) == (after_a_crash,)
    assert queries.counts_in_copy(path, TUESDAY) == {"ktp": 2}
    assert queries.tickets_in_copy(small_disk / "none.sqlite3", None, 10) == ()


def test_a_journal_that_another_process_owns_is_not_read(tmp_path: Path) -> None:
    refuse_if_owned(tmp_path)
    with OwnerLock(tmp_path), pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"):
        refuse_if_owned(tmp_path)
    refuse_if_owned(tmp_path)


def open_read_only_folder(state: Path) -> None:
    """Neither the journal nor one in a new folder below can be opened."""
    with pytest.raises(JournalReadOnly) as error:
        opened(state)
    one_line(error)
    with pytest.raises(JournalReadOnly):
        opened(state / "deeper")


def test_a_read_only_folder_is_reported(tmp_path: Path) -> None:
    journal = opened(tmp_path / "state")
    issue(journal, "t0")
    journal.close()
    _let_in(tmp_path)
    (tmp_path / "state").chmod(0o555)
    in_child(AsNobody(open_read_only_folder), tmp_path / "state")
    (tmp_path / "state").chmod(0o755)


def open_read_only_file(state: Path) -> None:
    """The journal cannot be opened for writing."""
    with pytest.raises(JournalReadOnly) as error:
        opened(state)
    one_line(error)


def test_a_read_only_file_is_reported_and_not_quarantined(tmp_path: Path) -> None:
    journal = opened(tmp_path / "state")
    issue(journal, "t0")
    journal.close()
    _let_in(tmp_path)
    state = tmp_path / "state"
    state.chmod(0o777)
    (state / "journal.sqlite3").chmod(0o444)
    in_child(AsNobody(open_read_only_file), state)
    assert not list(state.glob("journal-*"))
    (state / "journal.sqlite3").chmod(0o644)
    journal = opened(state)
    assert issue(journal, "t1").number == "DK-002"
    journal.close()


def _let_in(folder: Path) -> None:
    """pytest's folders are for their owner alone."""
    for above in (folder, *folder.parents):
        if above.stat().st_uid == os.geteuid() and str(above).startswith("/tmp/"):
            above.chmod(above.stat().st_mode | 0o755)


# ── locked, gone, odd ────────────────────────────────────────────────────────────────────


def test_a_journal_locked_by_another_program_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.store.database.BUSY_MS", 50)
    journal = opened(tmp_path)
    other = sqlite3.connect(tmp_path / "journal.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalBusy) as error:
        issue(journal, "t1")
    assert "another program" in one_line(error)
    other.execute("ROLLBACK")
    other.close()
    assert issue(journal, "t1").number == "DK-001"
    journal.close()


def test_a_folder_in_place_of_the_journal_is_reported(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite3").mkdir()
    with pytest.raises(JournalError) as error:
        opened(tmp_path)
    one_line(error)


def test_numbers_are_given_if_the_watermark_cannot_be_written(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    (tmp_path / "journal.witness.new").mkdir()
    assert issue(journal, "t1").number == "DK-001"
    journal.close()


# ── the owner's lock ─────────────────────────────────────────────────────────────────────


def test_a_second_owner_gets_the_first_one_s_process_id(tmp_path: Path) -> None:
    with OwnerLock(tmp_path), pytest.raises(AlreadyRunning) as error:
        OwnerLock(tmp_path)
    assert str(error.value) == f"the kiosk is already running here (process {os.getpid()})"
    OwnerLock(tmp_path).release()


def test_the_lock_ends_with_its_process(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys\n"
        "from kiosk.store.lock import OwnerLock\n"
        "lock = OwnerLock(pathlib.Path(sys.argv[1]))\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.readline() == b"held\n"
    with pytest.raises(AlreadyRunning, match=f"process {child.pid}"):
        OwnerLock(tmp_path)
    child.kill()
    child.wait()
    child.stdout.close()
    child.stdin.close()
    OwnerLock(tmp_path).release()


# ── which machine ────────────────────────────────────────────────────────────────────────


def test_the_machine_id_is_derived_from_the_system_s_id_and_does_not_reveal_it(
    tmp_path: Path,
) -> None:
    system = tmp_path / "etc"
    system.write_text("0123456789abcdef0123456789abcdef\n")
    said = machine_id(tmp_path / "state", (tmp_path / "none", system))
    assert said == machine_id(tmp_path / "state", (system,))
    assert len(said) == 32
    assert said != system.read_text().strip()
    assert not (tmp_path / "state").exists()
    system.write_text("1123456789abcdef0123456789abcdef\n")
    assert machine_id(tmp_path / "state", (system,)) != said


@pytest.mark.parametrize("content", [None, "", "uninitialized\n", "zz" * 16, "\xff"])
def test_a_machine_without_an_id_gets_a_permanent_one(tmp_path: Path, content: str | None) -> None:
    system = tmp_path / "etc"
    if content is not None:
        system.write_text(content, encoding="latin-1")
    first = machine_id(tmp_path / "one", (system,))
    assert machine_id(tmp_path / "one", (system,)) == first
    assert machine_id(tmp_path / "two", (system,)) != first
