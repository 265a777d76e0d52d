"""A real ``queue-server`` process on SQLite, that can be stopped, moved in time and put back."""

from __future__ import annotations

import json
import select
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.store.making import at

ROOT = Path(__file__).resolve().parents[2]
MENU = Path(__file__).with_name("menu.yaml")
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Held:
    """A ticket as the server has it."""

    number: str
    business_date: str
    rev: int
    state: str
    printed: str | None
    conflict: bool


class QueueServer:
    """``queue-server serve`` in ``folder``; its clock runs from ``now``. The port stays."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.database = folder / "queue.sqlite3"
        self.menu = folder / "agencies.yaml"
        shutil.copy(MENU, self.menu)
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self, name: str, *args: str) -> str:
        """What a command of ``queue-server`` prints."""
        argv = [sys.executable, "-m", "queue_server", name, "--database", str(self.database)]
        done = subprocess.run(
            [*argv, *args], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self, now: datetime | None = None) -> None:
        """Serve, from the moment ``now`` (09:00 on Tuesday without one)."""
        argv = [
            *[sys.executable, "-m", "queue_server", "serve", "--database", str(self.database)],
            *["--catalogue", str(self.menu), "--port", str(self.port), "--rate", "0"],
            *["--now", (now or at()).isoformat(), "--until-stdin-closes"],
        ]
        self._process = subprocess.Popen(
            argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        pipe = self._process.stdout
        assert pipe is not None
        assert select.select([pipe], [], [], PATIENCE_S)[0], "the server did not start"
        self.port = json.loads(pipe.readline())["port"]

    def stop(self) -> None:
        """Stop gracefully; a second time does nothing."""
        process, self._process = self._process, None
        if process is not None:
            process.communicate(timeout=PATIENCE_S)

    def restart(self, now: datetime | None = None) -> None:
        """Stop, and serve from ``now`` on."""
        self.stop()
        self.start(now)

    def backup(self) -> Path:
        """A copy of the database."""
        copy = self.folder / "backup.sqlite3"
        with closing(sqlite3.connect(self.database)) as db, closing(sqlite3.connect(copy)) as to:
            db.backup(to)
        return copy

    def put_back(self, copy: Path) -> None:
        """Put a backup in the database's place, as the staff guide says, and serve again."""
        self.stop()
        for tail in ("-wal", "-shm"):
            self.database.with_name(self.database.name + tail).unlink(missing_ok=True)
        shutil.copy(copy, self.database)
        self.command("restored", "--catalogue", str(self.menu))
        self.start()

    @property
    def tickets(self) -> dict[str, Held]:
        """All tickets that are settled, by id."""
        return {i: held for i, held in self.all().items() if held.rev > 0}

    def all(self) -> dict[str, Held]:
        """All tickets, reservations (rev 0) among them."""
        with closing(sqlite3.connect(self.database)) as db:
            found = db.execute(
                "SELECT id, prefix || '-' || letter || printf('%03d', value), business_date, rev,"
                " state, printed, conflict FROM tickets"
            ).fetchall()
        return {row[0]: Held(row[1], row[2], row[3], row[4], row[5], bool(row[6])) for row in found}


TOMORROW = at() + timedelta(days=1)
