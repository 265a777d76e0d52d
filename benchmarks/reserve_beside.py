"""Measure a kiosk's reservation beside phones, idle connections and a million tickets.

    python benchmarks/reserve_beside.py [SECONDS] [TICKETS]

One server process on SQLite. One kiosk reserves 20 numbers a second: alone (baseline), while eight
connections load tracking pages without a pause, beside 2,000 idle connections, with 1,000,000
tickets of earlier days in the database, and while ``queue-server prune`` works on those. The load
is another process. Exit code 1 if a limit is missed.
"""

from __future__ import annotations

import multiprocessing
import resource
import secrets
import socket
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from subprocess import Popen

from sqlalchemy import text

from benchmarks import raw_http
from benchmarks.common import ROOT, quantile, table, verdict
from tests.queue_server.servers import OPENING, serving, transaction

SECONDS, TICKETS, A_SECOND = 10.0, 1_000_000, 20.0
IDLE, PHONES, A_DAY = 2000, 8, 2500
P99_MS = 100.0
MENU = ROOT / "config" / "agencies.yaml"
FILL = text(
    "INSERT INTO tickets (id, business_date, prefix, letter, value, service, track, rev, state,"
    " order_us, settled_us, status, called_us, ended_us, conflict, placeholder, calls) "
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count) "
    "SELECT 'old-' || i, date(:first, '+' || (i / :a_day) || ' days'), 'DK', '', i % :a_day + 1,"
    " 'ktp-el', 'old-' || i, 1, 'issued', i, :us + i / :a_day * 86400000000, 'done', i, i + 1,"
    " false, false, 1 FROM n"
)


def phones(pipe: Connection, port: int, tracks: list[str]) -> None:
    """Load pages from ``PHONES`` connections until told to stop; send how many answered."""
    lines = [socket.create_connection(("127.0.0.1", port), 30) for _ in range(PHONES)]
    count, asked = 0, 0
    pipe.send(None)
    while not pipe.poll():
        for line in lines:
            track = tracks[asked % len(tracks)]
            asked += 1
            line.sendall(f"GET /t/{track} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        for line in lines:
            got = b""
            while (end := got.find(b"\r\n\r\n")) < 0:
                got += line.recv(65536)
            size = end + 4 + raw_http.length_of(got[: end + 2])
            while len(got) < size:
                got += line.recv(65536)
            count += 1
    pipe.send(count)


def idle(pipe: Connection, port: int, _: list[str]) -> None:
    """Hold ``IDLE`` connections that have asked once and then say nothing."""
    lines = []
    for _n in range(IDLE):
        line = socket.create_connection(("127.0.0.1", port), 30)
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 200")
        lines.append(line)
    pipe.send(None)
    pipe.recv()
    still = 0
    for line in lines:
        line.setblocking(False)
        try:
            still += bool(line.recv(1))
        except BlockingIOError:
            still += 1
    pipe.send(still)


@contextmanager
def load(target: object, port: int, tracks: list[str], counted: list[int]) -> Iterator[None]:
    """Run ``target`` in another process for the block; append what it counted."""
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("fork")
    process = context.Process(target=target, args=(there, port, tracks), daemon=True)  # type: ignore[arg-type]
    process.start()
    here.recv()
    yield
    here.send(None)
    counted.append(here.recv())
    process.join()


class Kiosk:
    """Reserves numbers on one connection and keeps their tracks."""

    def __init__(self, port: int, token: str) -> None:
        self._line, self._token = raw_http.RawConnection(port), token
        self.tracks: list[str] = []

    def reserve(self, seconds: float, until: Popen[bytes] | None = None) -> list[float]:
        """Milliseconds of each reservation in ``seconds``, or for as long as ``until`` runs."""
        times, end = [], time.perf_counter() + seconds
        while until.poll() is None if until else time.perf_counter() < end:
            track = secrets.token_hex(16)
            wish = {"service": "ktp-el", "priority": None, "track": track}
            wish["requested_at"] = OPENING.isoformat()
            asked = raw_http.request("PUT", f"/tickets/{uuid.uuid4()}", self._token, wish)
            begun = time.perf_counter()
            answer = self._line.ask(asked)
            times.append((time.perf_counter() - begun) * 1000)
            assert answer.status == 200, answer
            self.tracks.append(track)
            time.sleep(1 / A_SECOND)
        return times


def main(seconds: float, count: int) -> int:
    """Print the table; return 1 if a limit is missed."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    times: dict[str, list[float]] = {}
    counted: list[int] = []
    with tempfile.TemporaryDirectory(prefix="beside-") as folder:
        database = str(Path(folder) / "queue.sqlite3")
        with serving(database, MENU) as server:
            kiosk = Kiosk(server.port, server.token("kiosk", "lobi-1"))
            kiosk.reserve(1)
            times["alone"] = kiosk.reserve(seconds)
            with load(phones, server.port, list(kiosk.tracks), counted):
                times["tracking pages"] = kiosk.reserve(seconds)
            with load(idle, server.port, [], counted):
                times[f"{IDLE:,} idle connections"] = kiosk.reserve(seconds)
        first = OPENING - timedelta(days=count // A_DAY + 40)
        us = int(first.timestamp() * 1e6)
        with transaction(database) as connection:
            values = {"count": count, "a_day": A_DAY, "first": first.date().isoformat(), "us": us}
            connection.execute(FILL, values)
        with serving(database, MENU) as server:
            kiosk = Kiosk(server.port, server.token("kiosk", "lobi-1"))
            kiosk.reserve(1)
            times[f"{count:,} tickets"] = kiosk.reserve(seconds)
            command = [sys.executable, "-m", "queue_server", "prune", "--keep", "62d"]
            command += ["--database", database, "--clock-is-right", "--now", OPENING.isoformat()]
            begun = time.monotonic()
            pruning = Popen(command, cwd=ROOT)
            times["prune"] = kiosk.reserve(0, pruning)
            pruned_s = time.monotonic() - begun
            assert pruning.returncode == 0
    table(
        f"Reservations beside other work ({counted[0] / seconds:.0f} pages a second answered,"
        f" {counted[1]} idle connections open, prune {pruned_s:.0f} s)",
        ("beside", "reservations", "p50 ms", "p99 ms", "max ms"),
        [
            [name, str(len(took)), *(f"{quantile(took, part):.1f}" for part in (0.5, 0.99, 1))]
            for name, took in times.items()
        ],
    )
    return verdict(
        [(f"p99 beside {name}, ms", quantile(took, 0.99), P99_MS) for name, took in times.items()]
        + [("idle connections closed", float(IDLE - counted[1]), 0.0)]
    )


if __name__ == "__main__":
    more = sys.argv[1:]
    sys.exit(main(float(more[0]) if more else SECONDS, int(more[1]) if len(more) > 1 else TICKETS))
