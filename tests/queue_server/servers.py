"""Real server processes, and clients for them.

A server starts with its clock at 09:00 on an open day, on a free loopback port, and stops when its
stdin closes.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar

import requests
from sqlalchemy import Connection, create_engine, delete, text, update

from queue_server import access
from queue_server.schema import metadata, tickets
from tests import forks

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
MENU = Path(__file__).with_name("menu.yaml")
ZONE = timezone(timedelta(hours=8))
OPENING = datetime(2026, 11, 24, 9, 0, tzinfo=ZONE)
DAY = "2026-11-24"
WAIT_S = 30.0


def until(found: Callable[[], T | None], what: str, wait_s: float = WAIT_S) -> T:
    """Poll until ``found`` returns something true; returns it. Fails after ``wait_s`` seconds."""
    end = time.monotonic() + wait_s
    while time.monotonic() < end:
        result = found()
        if result:
            return result
        time.sleep(0.02)  # poll interval
    raise AssertionError(f"not within {wait_s} s: {what}")


def command(*arguments: str | Path, database: str) -> subprocess.CompletedProcess[str]:
    """Run one queue-server command to its end."""
    first, *rest = map(str, arguments)
    return forks.run(
        [sys.executable, "-m", "queue_server", first, "--database", database, *rest],
        text=True,
        cwd=ROOT,
        env=os.environ | {"KIOSK_LANG": "en"},
        timeout=60,
    )


class ServerProcess:
    """One server process."""

    def __init__(
        self,
        database: str,
        catalogue: Path = MENU,
        *options: str,
        now: datetime | None = OPENING,
        port: int = 0,
    ) -> None:
        self.database = database
        clock = ["--now", now.isoformat()] if now else []
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed by _release
        self._final_log = ""
        self.process = forks.start(
            [
                *[sys.executable, "-m", "queue_server", "serve", "--database", database],
                *["--catalogue", str(catalogue), "--port", str(port), "--until-stdin-closes"],
                *["--rate", "0", *clock, *options],
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            cwd=ROOT,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the server did not start: {self.logged()}"
        said = json.loads(line)
        self.port = int(said.get("port", 0))  # 0: on a Unix socket
        self.url = f"http://127.0.0.1:{self.port}"
        self.monitor_url = f"http://127.0.0.1:{said.get('monitor_port', self.port)}"

    def logged(self) -> str:
        """Its log so far, or up to its end."""
        if self.log.closed:
            return self._final_log
        self.log.seek(0)
        return self.log.read()

    def wait_ready(self) -> ServerProcess:
        """Wait until it is ready to serve."""
        until(lambda: get(f"{self.monitor_url}/readyz").status_code == 200, "the server is ready")
        return self

    def stop(self) -> int:
        """Stop it gracefully; its exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        code = self.process.wait(WAIT_S)
        self._release()
        return code

    def kill(self) -> None:
        """Kill it (SIGKILL)."""
        self.process.kill()
        self.process.wait()
        self._release()

    def _release(self) -> None:
        """Close the pipes and the log's file; a second call does nothing."""
        self._final_log = self.logged()
        for file in (self.process.stdin, self.process.stdout, self.log):
            assert file is not None
            file.close()

    def kiosk(self, name: str | None = None) -> KioskClient:
        """A kiosk with a new token."""
        return KioskClient(self.url, self.token("kiosk", name or f"k-{secrets.token_hex(4)}"))

    def staff(self, counter: str | None = None, name: str | None = None) -> Staff:
        """Staff with a new token."""
        return Staff(self.url, self.token("staff", name or f"s-{secrets.token_hex(4)}", counter))

    def token(self, kind: str, name: str, counter: str | None = None) -> str:
        """Create a token as the commands do, without starting a process."""
        with transaction(self.database) as connection:
            return access.add(connection, kind, name, counter, time.time_ns() // 1000)[0]

    def let_pass(self, seconds: int) -> None:
        """Make every ticket ``seconds`` older."""
        us = seconds * 1_000_000
        t = tickets.c
        moments = (t.order_us, t.reserved_us, t.settled_us, t.issued_us, t.called_us, t.ended_us)
        with transaction(self.database) as connection:
            connection.execute(update(tickets).values({c.name: c - us for c in moments}))

    def empty(self) -> None:
        """Delete everything in the database but catalogue and epoch."""
        with transaction(self.database) as connection:
            _empty(connection)


@contextmanager
def transaction(url: str) -> Iterator[Connection]:
    """A transaction on a server's database, outside the server."""
    engine = create_engine(
        url.replace("postgresql:", "postgresql+psycopg:") if "://" in url else f"sqlite:///{url}"
    )
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def until_locked(url: str, count: int) -> None:
    """Wait until ``count`` transactions of a PostgreSQL database wait for a lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )

    def found() -> bool:
        with transaction(url) as connection:
            return connection.execute(waiting).scalar() == count

    until(found, f"{count} transactions wait for a lock")


def _empty(connection: Connection) -> None:
    for table in reversed(metadata.sorted_tables):
        if table.name not in ("facts", "catalogues", "live_menus"):
            connection.execute(delete(table))


def get(url: str) -> requests.Response:
    """A GET request with a time limit."""
    return requests.get(url, timeout=WAIT_S)


@contextmanager
def serving(
    database: str, catalogue: Path = MENU, *options: str, now: datetime | None = OPENING
) -> Iterator[ServerProcess]:
    """A server process for the duration of the block; it must stop with exit code 0."""
    server = ServerProcess(database, catalogue, *options, now=now)
    try:
        yield server.wait_ready()
    finally:
        if server.process.poll() is None:
            code = server.stop()
            assert code == 0
        else:
            server.kill()


class ApiClient:
    """An HTTP client with a token."""

    def __init__(self, url: str, token: str) -> None:
        self.api = f"{url}/api/v1"
        self.token = token
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        """Send one request; ``body`` as JSON."""
        if body is not None:
            more["json"] = body
        return self.http.request(method, self.api + path, timeout=WAIT_S, **more)


def new_id() -> str:
    """A UUIDv7-like ticket id."""
    digits = f"{time.time_ns() // 1_000_000:012x}7{secrets.token_hex(2)[1:]}8"
    digits += secrets.token_hex(8)[: 32 - len(digits)]
    return "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])


def row(number: str, **changed: Any) -> dict[str, Any]:
    """A row of an exchange; ``changed`` replaces or adds fields."""
    made = {
        "id": new_id(),
        "rev": 1,
        "state": "issued",
        "printed": "confirmed",
        "number": number,
        "business_date": DAY,
        "service": "ktp-el",
        "priority": None,
        "issued_at": OPENING.isoformat(),
        "track": secrets.token_hex(16),
    }
    return made | changed


class KioskClient(ApiClient):
    """A kiosk with one journal."""

    def __init__(self, url: str, token: str, journal: str | None = None) -> None:
        super().__init__(url, token)
        self.journal = journal or f"journal-{secrets.token_hex(8)}"
        self.seq = 0

    def put(self, ticket: str | None = None, service: str = "ktp-el", **more: Any) -> Any:
        """Reserve a number; the response."""
        body = {
            "service": service,
            "priority": None,
            "requested_at": OPENING.isoformat(),
            "track": secrets.token_hex(16),
        }
        return self.ask("PUT", f"/tickets/{ticket or new_id()}", body | more)

    def reserve(self, ticket: str | None = None, service: str = "ktp-el", **more: Any) -> Any:
        """Reserve a number, which must succeed; the answer."""
        response = self.put(ticket, service, **more)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, *rows: Any, **changed: Any) -> requests.Response:
        """Exchange; the response."""
        self.seq += 1
        body = {
            "journal": self.journal,
            "seq": self.seq,
            "sent_at": OPENING.isoformat(),
            "catalogue": "",
            "tickets": list(rows),
            "health": {"printer": "ok"},
        }
        return self.ask("POST", "/sync", body | changed)

    def sync(self, *rows: Any, **changed: Any) -> Any:
        """Exchange, which must succeed; the answer."""
        response = self.post(*rows, **changed)
        assert response.status_code == 200, response.text
        return response.json()

    def settled(self, service: str = "ktp-el", **more: Any) -> dict[str, Any]:
        """Reserve and settle a ticket; its row."""
        priority = more.pop("priority", None)
        got = self.reserve(None, service, priority=priority)
        made = row(got["number"], id=got["id"], service=service, priority=priority, **more)
        assert statuses(self.sync(made)) == ["stored"]
        return made


def statuses(answer: Any) -> list[str]:
    """The status of each row, followed by its code."""
    return [" ".join(filter(None, (r["status"], r["code"]))) for r in answer["results"]]


class Staff(ApiClient):
    """A member of staff."""

    def act(self, counter: str, action: str, request_id: str | None = None, **more: Any) -> Any:
        """One counter action; the response."""
        body = {"request_id": request_id or secrets.token_hex(8)} | more
        return self.ask("POST", f"/counters/{counter}/{action}", body)

    def call(self, counter: str, **more: Any) -> Any:
        """Call, which must succeed; the ticket or None."""
        response = self.act(counter, "call", **more)
        assert response.status_code == 200, response.text
        return response.json()["ticket"]

    def finish(self, counter: str, ticket: str) -> None:
        """Finish the ticket at the counter."""
        response = self.act(counter, "finish", ticket=ticket)
        assert response.status_code == 200, response.text

    def board(self) -> Any:
        """The whole board."""
        response = self.ask("GET", "/board")
        assert response.status_code == 200, response.text
        return response.json()

    def waiting(self) -> list[str]:
        """The waiting numbers in queue order."""
        return [ticket["number"] for ticket in self.board()["waiting"]]
