"""A real ``queue-server`` process, that can be stopped, moved in time and put back."""

from __future__ import annotations

import json
import select
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import sqlalchemy

from menu.numbers import Number
from queue_server import cli
from queue_server.schema import journals, tickets
from tests import forks
from tests.queue_server.postgres import Postgres
from tests.queue_server.servers import transaction
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


@contextmanager
def running(folder: Path) -> Iterator[QueueServer]:
    """A server in ``folder`` whose clock is right."""
    server = QueueServer(folder)
    server.start(datetime.now(UTC))
    try:
        yield server
    finally:
        server.stop()


class QueueServer:
    """``queue-server serve`` in ``folder``; its clock runs from ``now``. The port stays.

    Its database is an SQLite file there, or a new one of ``postgres``.
    """

    def __init__(self, folder: Path, postgres: Postgres | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._postgres = postgres
        self.database = postgres.new_database() if postgres else str(folder / "queue.sqlite3")
        self.menu = folder / "agencies.yaml"
        shutil.copy(MENU, self.menu)
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def link(self) -> str:
        """Its line in ``kiosk.yaml``; the token lies beside that file."""
        return f"server: {{url: '{self.url}', token_file: token, deadline_s: 5}}\n"

    def command(self, name: str, *args: str) -> str:
        """What a command of ``queue-server`` prints."""
        said = StringIO()
        with redirect_stdout(said):
            code = cli.main([name, "--database", self.database, *args])
        assert code == 0, said.getvalue()
        return said.getvalue().strip()

    def start(self, now: datetime | None = None) -> None:
        """Serve, from the moment ``now`` (09:00 on Tuesday without one)."""
        argv = [
            *[sys.executable, "-m", "queue_server", "serve", "--database", self.database],
            *["--catalogue", str(self.menu), "--port", str(self.port), "--rate", "0"],
            *["--now", (now or at()).isoformat(), "--until-stdin-closes"],
        ]
        self._process = forks.start(
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

    def backup(self) -> str:
        """A copy of the database."""
        if self._postgres:
            return self._postgres.dump(self.database, self.folder / "backup.sql")
        copy = self.folder / "backup.sqlite3"
        with closing(sqlite3.connect(self.database)) as db, closing(sqlite3.connect(copy)) as to:
            db.backup(to)
        return str(copy)

    def put_back(self, copy: str, *, forgetful: bool = False) -> None:
        """Put a backup in the database's place, as the staff guide says, and serve again.

        ``forgetful``: without ``queue-server restored``.
        """
        self.stop()
        if self._postgres:
            self.database = self._postgres.new_database()
            self._postgres.load(copy, self.database)
        else:
            for tail in ("-wal", "-shm"):
                Path(self.database + tail).unlink(missing_ok=True)
            shutil.copy(copy, self.database)
        if not forgetful:
            self.restored()
        self.start()

    def restored(self) -> None:
        """What staff are to do once a backup was put back."""
        self.command("restored", "--catalogue", str(self.menu), "--now", at().isoformat())

    @property
    def tickets(self) -> dict[str, Held]:
        """All tickets that are settled, by id."""
        return {i: held for i, held in self.all().items() if held.rev > 0}

    def all(self) -> dict[str, Held]:
        """All tickets, reservations (rev 0) among them."""
        with transaction(self.database) as connection:
            found = connection.execute(sqlalchemy.select(tickets)).all()
        return {
            row.id: Held(
                number=str(Number(row.prefix, row.letter, row.value)),
                business_date=row.business_date,
                rev=row.rev,
                state=row.state,
                printed=row.printed,
                conflict=row.conflict,
            )
            for row in found
        }

    def ended_by(self, journal: str) -> set[str]:
        """The journals that say that they have replaced this one where it was at home."""
        said = journals.c.follows == journal, journals.c.ended
        with transaction(self.database) as connection:
            return set(connection.execute(sqlalchemy.select(journals.c.id).where(*said)).scalars())


TOMORROW = at() + timedelta(days=1)
