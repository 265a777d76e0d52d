"""Backup and restore: beside a server at work, after kill -9, and everything that is refused."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from alembic import command
from sqlalchemy import Connection, insert, select

from queue_server import cli, meta
from queue_server.clock import day_of, to_us
from queue_server.database import open_url
from queue_server.migrations import alembic_config, head
from queue_server.restore import restored
from queue_server.schema import number_series, tickets
from queue_server.served_menu import read_menu
from tests.queue_server.servers import (
    MENU,
    OPENING,
    ServerProcess,
    new_id,
    row,
    serving,
    statuses,
    transaction,
    until,
)

RESTORE = ("--catalogue", str(MENU), "--now", OPENING.isoformat())


def run(database: str, name: str, *arguments: str | Path) -> int:
    """Run a command in this process; its exit code."""
    return cli.main(["--lang", "en", name, "--database", database, *map(str, arguments)])


def backups(folder: Path) -> list[Path]:
    """The backups in a folder, the oldest first."""
    return sorted(folder.iterdir())


@pytest.fixture
def made(database: str, tmp_path: Path) -> tuple[str, Path]:
    """A database with one kiosk and one number, and a backup of it."""
    opened = open_url(database)
    opened.open()
    with closing(opened):
        opened.write_now(meta.ensure_epoch)
    assert run(database, "backup", tmp_path / "backups") == 0
    return database, backups(tmp_path / "backups")[0]


def test_no_number_is_given_twice_after_a_restore(database: str, tmp_path: Path) -> None:
    """A backup while kiosks reserve, more numbers, kill -9, the backup put in place."""
    folder = tmp_path / "backups"
    given: list[str] = []
    server = ServerProcess(database).wait_ready()
    kiosk = server.kiosk("lobi")
    first = kiosk.sync()
    enough = threading.Event()

    def reserve() -> None:
        while True:
            try:
                given.append(kiosk.reserve()["number"])
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                return
            if len(given) >= 5:
                enough.set()

    visitors = threading.Thread(target=reserve)
    visitors.start()
    assert enough.wait(30), "no numbers before the backup"
    assert run(database, "backup", folder) == 0
    at_backup = len(given)
    until(lambda: len(given) > at_backup + 3, "numbers are given after the backup")
    assert run(database, "restore", backups(folder)[0], *RESTORE) == 1, "a server is serving"
    server.kill()
    visitors.join(30)

    assert run(database, "restore", backups(folder)[0], *RESTORE) == 0

    with serving(database) as again:
        kiosk.api = f"{again.url}/api/v1"
        after = [kiosk.reserve()["number"] for _ in range(3)]
        lost = row(given[-1])
        answer = kiosk.sync(lost)
        assert not set(given) & set(after)
        assert answer["epoch"] != first["epoch"]
        assert statuses(answer) == ["stored"], "a number on paper stays valid"


def test_the_same_backup_restored_twice_gives_no_number_and_no_letter_twice(
    database: str, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    numbers: list[str] = []
    letters: list[str] = []

    def serve(times: int, *kiosks: str) -> None:
        with serving(database) as server:
            for name in kiosks:
                kiosk = server.kiosk(name)
                letters.append(kiosk.sync()["letter"])
                numbers.extend(kiosk.reserve()["number"] for _ in range(times))

    serve(2, "lobi-1")
    assert run(database, "backup", folder) == 0
    serve(3, "lobi-2")
    for name in ("lobi-3", "lobi-4", "lobi-5"):
        assert run(database, "restore", backups(folder)[0], *RESTORE) == 0
        serve(3, name)

    assert len(set(numbers)) == len(numbers) == 14
    assert len(set(letters)) == len(letters) == 5


def test_staff_learn_that_the_replaced_database_could_not_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, folder = tmp_path / "queue.sqlite3", tmp_path / "backups"
    with serving(str(file)) as server:
        server.kiosk().reserve()
    assert run(str(file), "backup", folder) == 0
    file.write_bytes(b"not a database" * 1000)

    assert run(str(file), "restore", backups(folder)[0], *RESTORE) == 0

    assert "run this again with --by 2000" in capsys.readouterr().err


@pytest.mark.parametrize(
    "days_off",
    [0, -1, 400],
    ids=["clock right", "clock a day behind", "clock a year ahead"],
)
def test_a_restore_moves_all_series_that_may_have_lost_numbers(
    database: str, days_off: int
) -> None:
    """The backup is two days old. One of its tickets arrived while the server's clock was ahead."""
    opened = open_url(database)
    opened.open()
    with closing(opened):
        menu = read_menu(MENU.read_bytes())
        old, today = OPENING - timedelta(days=2), day_of(to_us(OPENING), menu.zone)
        ticket: dict[str, object] = {
            "business_date": old.date().isoformat(),
            "prefix": "DK",
            "letter": "",
        }
        ticket |= {"service": "ktp-el", "rev": 0, "state": "issued", "status": "waiting"}
        arrived = {"value": 1, "order_us": to_us(old), "reserved_us": to_us(old)}
        ahead = {"value": 2, "order_us": to_us(OPENING) + 10**15, "reserved_us": None}
        series = {"business_date": today.isoformat(), "prefix": "PJ", "last": 3, "at_us": 1}

        def fill(connection: Connection) -> None:
            for values in (arrived, ahead):
                connection.execute(insert(tickets).values(id=new_id(), **ticket, **values))
            connection.execute(insert(number_series).values(series))

        opened.write_now(fill)
        now_us = to_us(OPENING + timedelta(days=days_off))
        done = opened.write_now(lambda c: restored(c, menu, 1000, now_us))
        found = opened.read_now(lambda c: c.execute(select(number_series)).all())
    assert done.since == old.date().isoformat()
    last = {(row.business_date, row.prefix): row.last for row in found}
    assert last[old.date().isoformat(), "DK"] == 1000
    assert (last[today.isoformat(), "PJ"], last[today.isoformat(), "DK"]) == (1003, 1000)


def test_an_old_backup_that_cannot_be_deleted_is_named(
    made: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    database, first = made
    first.unlink()
    first.mkdir()
    assert run(database, "backup", first.parent, "--keep", "1") == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert "an old backup" in said
    assert len(backups(first.parent)) == 2, "the new one stays"


def test_a_backup_is_dated_and_the_oldest_are_deleted(
    made: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database, first = made
    other = first.with_name("other-20260101T000000.000000Z" + first.suffix)
    other.write_bytes(b"")
    capsys.readouterr()

    for _ in range(2):
        assert run(database, "backup", first.parent, "--keep", "2") == 0

    printed = capsys.readouterr().out.splitlines()
    assert other.exists(), "the backup of another database"
    other.unlink()
    kept = backups(first.parent)
    assert first not in kept
    assert [line.partition(" ")[0] for line in printed] == [str(file) for file in kept]
    assert all(file.stat().st_mode & 0o077 == 0 for file in kept), "only the owner reads tokens"


def test_partial_files_of_killed_backups_are_deleted_after_a_day(made: tuple[str, Path]) -> None:
    database, first = made
    killed, at_work, ended = (first.with_name(f".{n}.partial") for n in ("1", "2", "3"))
    for file in (killed, at_work):
        file.touch()
    os.utime(killed, (0, 0))
    ended.symlink_to("renamed")  # as if the other backup ended between glob and stat
    assert run(database, "backup", first.parent) == 0
    assert (killed.exists(), at_work.exists()) == (False, True)


def test_a_damaged_backup_is_refused_and_changes_nothing(
    made: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database, file = made
    bad = tmp_path / "bad"
    bad.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    text = tmp_path / "text"
    text.write_text("CREATE TABLE tickets")

    for wrong in (bad, text, tmp_path / "missing"):
        assert run(database, "restore", wrong, *RESTORE) == 1
        printed = capsys.readouterr().err
        assert len(printed.splitlines()) == 1
    with transaction(database) as connection:
        assert meta.get(connection, meta.EPOCH)
        assert meta.get(connection, meta.RESTORING) is None


@pytest.mark.parametrize("name", ["restore", "restored"])
def test_a_database_that_is_served_is_not_restored(
    server: ServerProcess, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments: list[str | Path] = []
    if name == "restore":
        assert run(server.database, "backup", tmp_path) == 0
        arguments = [backups(tmp_path)[0]]
    epoch = server.kiosk().sync()["epoch"]

    assert run(server.database, name, *arguments, *RESTORE) == 1

    assert "stop every server first" in capsys.readouterr().err
    assert server.kiosk().sync()["epoch"] == epoch


def test_an_old_log_beside_the_database_is_not_applied_to_the_backup(tmp_path: Path) -> None:
    """The database was killed and lost: its -wal and -shm are left."""
    file, folder = tmp_path / "queue.sqlite3", tmp_path / "backups"
    server = ServerProcess(str(file)).wait_ready()
    kiosk = server.kiosk()
    kiosk.reserve()
    assert run(str(file), "backup", folder) == 0
    for _ in range(20):
        kiosk.reserve()
    server.kill()
    assert Path(f"{file}-wal").stat().st_size
    file.unlink()

    assert run(str(file), "restore", backups(folder)[0], *RESTORE) == 0

    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM tickets").fetchone() == (1,)
    assert [each.name for each in tmp_path.glob("queue.sqlite3.before-restore-*-wal")]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_restore_that_did_not_end_is_not_served(
    made: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    database, file = made
    with transaction(database) as connection:
        meta.put(connection, meta.RESTORING, "1")

    assert run(database, "serve", "--catalogue", MENU, "--port", "0") == 1
    assert "a restore did not end" in capsys.readouterr().err

    assert run(database, "restore", file, *RESTORE) == 0
    with transaction(database) as connection:
        assert meta.get(connection, meta.RESTORING) is None


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_tool_that_is_missing_is_named(
    made: tuple[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    database, _ = made
    monkeypatch.setenv("PATH", str(tmp_path))

    assert run(database, "backup", tmp_path / "more") == 1

    assert "pg_dump is not installed" in capsys.readouterr().err
    assert not list((tmp_path / "more").iterdir())


@pytest.mark.parametrize("name", ["serve", "migrate", "restored", "backup"])
def test_a_database_of_a_newer_program_is_one_line(
    made: tuple[str, Path], tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    database, _ = made
    with transaction(database) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    catalogue: list[str | Path] = ["--catalogue", MENU]
    arguments: dict[str, list[str | Path]] = {
        "serve": [*catalogue, "--port", "0"],
        "restored": catalogue,
        "backup": [tmp_path / "newer"],
    }

    assert run(database, name, *arguments.get(name, [])) == 1

    printed = capsys.readouterr()
    lines = [line for line in printed.err.splitlines() if not line.startswith("{")]
    assert len(lines) == 1
    assert "a newer version of this program made the database (version 9999" in lines[0]


def test_migrate_brings_an_older_database_up_to_date(
    made: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    database, _ = made
    with transaction(database) as connection:
        command.downgrade(alembic_config(connection), "0003")
    capsys.readouterr()

    assert run(database, "migrate") == 0

    assert head() in capsys.readouterr().out
    with transaction(database) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM staff_calls").scalar() == 0
