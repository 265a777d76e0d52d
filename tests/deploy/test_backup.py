"""``libexec/backup``: a whole copy of journal and settings, beside an app at work."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.deploy.scripts import LIBEXEC, Script


class Site:
    """A kiosk's folders, with a journal of one number."""

    def __init__(self, folder: Path) -> None:
        self.script = Script(folder)
        self.state, self.config = folder / "state", folder / "config"
        self.backups = self.state / "backup"
        self.where = {
            "MPP_ROOT": folder / "opt",
            "STATE_DIR": self.state,
            "CONFIG_DIR": self.config,
        }
        bin_ = folder / "opt/current/venv/bin"
        for each in (self.state, self.config, bin_):
            each.mkdir(parents=True)
        (bin_ / "python").symlink_to(sys.executable)
        with sqlite3.connect(self.state / "journal.sqlite3") as journal:
            journal.execute("PRAGMA journal_mode=WAL")
            journal.execute("CREATE TABLE ticket (number TEXT)")
            journal.execute("INSERT INTO ticket VALUES ('DK-001')")
        journal.close()

    def put(self, name: str, text: str = "x\n") -> Path:
        """A file of the settings."""
        path = self.config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def backup(self, **env: object) -> subprocess.CompletedProcess[str]:
        return self.script.run("backup", **self.where | env)

    def copies(self) -> list[Path]:
        """The backups, the oldest first; everything else in the folder as well."""
        return sorted(self.backups.iterdir())


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def test_a_backup_is_whole_while_the_journal_is_written(site: Site) -> None:
    site.put("kiosk.yaml", "id: lobi-1\n")
    site.put("token")
    journal = sqlite3.connect(site.state / "journal.sqlite3", isolation_level=None)
    journal.execute("BEGIN")
    journal.execute("INSERT INTO ticket VALUES ('DK-002')")
    done = site.backup()
    journal.execute("COMMIT")
    journal.close()
    assert (done.returncode, done.stderr) == (0, "")
    (copy,) = site.copies()
    assert files(copy) == {"journal.sqlite3", "config/kiosk.yaml"}
    assert all(p.stat().st_mode & 0o077 == 0 for p in (copy, *copy.rglob("*")))
    with contextlib.closing(sqlite3.connect(copy / "journal.sqlite3")) as found:
        assert found.execute("SELECT number FROM ticket").fetchall() == [("DK-001",)]
    for n in range(20):
        (site.backups / f"2020{n:02}01-120000").mkdir()
    assert site.backup(KEEP=3).returncode == 0
    assert len(site.copies()) == 3
    assert copy in site.copies()


def test_the_backup_just_made_stays_where_the_clock_is_behind(site: Site) -> None:
    for n in range(3):
        (site.backups / f"2026010{n + 1}-120000").mkdir(parents=True)
    site.script.program("date", "echo 20000101-120000")
    assert site.backup(KEEP=2).returncode == 0
    assert [p.name for p in site.copies()] == ["20000101-120000", "20260103-120000"]


SETTINGS = ("kiosk.yaml", "agencies.yaml", "locale/jv/words.yaml", "locale/zh/font.otf", "logo.png",
            "attract/1.jpg", "ca.pem", "update.pub", "display.env", "backup.env")  # fmt: skip
SECRETS = ("token", "token.new", "secrets/lobi", "staff-pin.json", "vpn.env", "tls.key", "tls.pem")


def test_all_settings_are_copied_but_no_secret(site: Site) -> None:
    for name in (*SETTINGS, *SECRETS, "schema/kiosk.schema.json"):
        site.put(name)
    site.put("kiosk.yaml", "server: {url: https://x, token_file: secrets/lobi}\n")
    site.put("tls.pem", "-----BEGIN PRIVATE KEY-----\n")
    # A picture that is a link, and a folder that contains itself.
    (site.config / "attract/2.jpg").symlink_to(site.config / "logo.png")
    (site.config / "attract/again").symlink_to(site.config)
    done = site.backup()
    assert (done.returncode, done.stderr) == (0, "")
    (copy,) = site.copies()
    assert files(copy / "config") == {*SETTINGS, "attract/2.jpg"}


def test_pictures_that_did_not_change_need_their_room_once(site: Site) -> None:
    site.script.program("date", 'echo "20260101-00000$(ls "$STATE_DIR/backup" | wc -l)"')
    picture = site.put("attract/1.jpg")
    site.backup()
    site.backup()
    picture.write_text("another\n")
    site.backup()
    found = [copy / "config/attract/1.jpg" for copy in site.copies()]
    assert [path.read_text() for path in found] == ["x\n", "x\n", "another\n"]
    assert [path.stat().st_nlink for path in found] == [2, 2, 1]


def test_a_backup_that_fails_leaves_nothing(site: Site) -> None:
    (site.state / "journal.sqlite3").write_text("no database" * 100)
    done = site.backup()
    assert done.returncode == 1
    assert done.stderr == "the backup failed: file is not a database\n"
    assert site.copies() == []


def test_a_backup_that_is_stopped_leaves_nothing(site: Site) -> None:
    left = site.backups / ".part.1"
    left.mkdir(parents=True)
    (left / "journal.sqlite3").write_text("of a power cut\n")
    # Ends by the signal only.
    python = site.script.folder / "opt/current/venv/bin/python"
    python.unlink()
    python.write_text('#!/bin/sh\ntouch "$5/journal.sqlite3"\nexec sleep 60\n')
    python.chmod(0o755)
    env = os.environ | {name: str(value) for name, value in site.where.items()}
    with subprocess.Popen([LIBEXEC / "backup"], env=env, stderr=subprocess.PIPE) as running:
        end = time.monotonic() + 30
        while files(site.backups) != {f".part.{running.pid}/journal.sqlite3"}:
            assert time.monotonic() < end, files(site.backups)
            time.sleep(0.02)
        # To the shell alone: systemd signals the whole group, staff with kill do not.
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=20) == 143
    assert site.copies() == []


def test_without_a_journal_nothing_is_copied(site: Site) -> None:
    site.put("kiosk.yaml")
    (site.state / "journal.sqlite3").unlink()
    new = site.backup()
    assert (new.returncode, new.stderr, new.stdout.count("\n")) == (0, "", 1)
    # Its watermark says that there was one.
    (site.state / "journal.witness").write_text("{}")
    gone = site.backup()
    assert (gone.returncode, gone.stderr.count("\n")) == (1, 1)
    assert not site.backups.exists()
