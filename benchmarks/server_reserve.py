"""Measure reservations a second on loopback, compared with plain commits on the same disk.

    python benchmarks/server_reserve.py [SECONDS]

Eight clients, each with its own token and connection, reserve numbers without a pause:

* one server process on SQLite with full sync; baseline: plain SQLite commits a second;
* two server processes on one PostgreSQL; baseline: plain insert transactions of eight clients.

Each client is a process. They share the processors with the server, so they use plain sockets.
Exit code 1 if a limit is missed.
"""

from __future__ import annotations

import multiprocessing
import secrets
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from benchmarks import raw_http
from benchmarks.common import ROOT, machine
from tests.queue_server.postgres import Postgres
from tests.queue_server.servers import OPENING, ServerProcess, serving

CLIENTS = 8
MENU = ROOT / "config" / "agencies.yaml"
SERVICES = ["ktp-el", "kartu-keluarga", "akta-kelahiran"]
ROW = "x" * 200


class ReserveRun(NamedTuple):
    """The result of one run: numbers a second, milliseconds at p50 and p99, and doubles."""

    rate: float
    p50_ms: float
    p99_ms: float
    doubles: int


def run_processes(
    target: Callable[..., None], jobs: Sequence[tuple[object, ...]], seconds: float
) -> list[Any]:
    """Run one process for each job; return the answer of each."""
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    start = context.Barrier(len(jobs))
    processes = [
        context.Process(target=target, args=(answers, start, seconds, *job), daemon=True)
        for job in jobs
    ]
    for one in processes:
        one.start()
    answers_received = [answers.get(timeout=seconds + 60) for _ in processes]
    for one in processes:
        one.join()
    return answers_received


def reserve(
    answers: Queue[tuple[list[str], list[float]]],
    start: Barrier,
    seconds: float,
    port: int,
    token: str,
    services: list[str],
) -> None:
    """Run one client that reserves for ``seconds``."""
    line = raw_http.RawConnection(port)
    numbers: list[str] = []
    times: list[float] = []
    start.wait()
    end = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        body = {
            "service": services[len(numbers) % len(services)],
            "priority": None,
            "requested_at": OPENING.isoformat(),
            "track": secrets.token_hex(16),
        }
        status, answer = line.ask(raw_http.request("PUT", f"/tickets/{uuid.uuid4()}", token, body))
        assert status == 200, answer
        numbers.append(answer["number"])
        times.append(time.perf_counter() - begun)
    line.close()
    answers.put((numbers, times))


def insert(answers: Queue[int], start: Barrier, seconds: float, url: str) -> None:
    """Run one client of PostgreSQL that commits transactions with one insert, using psycopg."""
    count = 0
    with psycopg.connect(url) as connection:
        start.wait()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            connection.execute("INSERT INTO bare (body) VALUES (%s)", (ROW,))
            connection.commit()
            count += 1
    answers.put(count)


def bare_sqlite(folder: Path, seconds: float) -> float:
    """Commits a second of one connection with full sync."""
    connection = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, body TEXT)")
    count, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bare (body) VALUES (?)", (ROW,))
        connection.execute("COMMIT")
        count += 1
    connection.close()
    return count / seconds


def bare_postgresql(url: str, seconds: float) -> float:
    """Insert transactions a second of eight clients."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE bare (id BIGSERIAL PRIMARY KEY, body TEXT)")
    counts: list[int] = run_processes(insert, [(url,)] * CLIENTS, seconds)
    return sum(counts) / seconds


def all_services() -> list[str]:
    """Every service of the menu."""
    from queue_server.served_menu import read_menu

    return list(read_menu(MENU.read_bytes()).services)


def reserving(servers: Sequence[ServerProcess], seconds: float) -> ReserveRun:
    """Run eight clients on one or more servers."""
    services = all_services()
    jobs = []
    for index in range(CLIENTS):
        server = servers[index % len(servers)]
        shifted = services[index * 10 :] + services[: index * 10]
        jobs.append((server.port, server.kiosk().token, shifted))
    answers_received = run_processes(reserve, jobs, seconds)
    numbers = [number for each, _ in answers_received for number in each]
    times = sorted(spent for _, each in answers_received for spent in each)
    return ReserveRun(
        len(numbers) / seconds,
        statistics.median(times) * 1000,
        times[int(len(times) * 0.99)] * 1000,
        len(numbers) - len(set(numbers)),
    )


def main(seconds: float) -> int:
    """Print the table; return 1 if a limit is missed."""
    with tempfile.TemporaryDirectory(dir=ROOT.parent) as folder:
        bare = bare_sqlite(Path(folder), seconds)
        with serving(str(Path(folder) / "queue.sqlite3"), MENU) as server:
            one = reserving([server], seconds)
        bare_after = bare_sqlite(Path(tempfile.mkdtemp(dir=folder)), seconds)
    postgres = Postgres()
    try:
        postgres.start()
        bare_pg = bare_postgresql(postgres.new_database(), seconds)
        database = postgres.new_database()
        with serving(database, MENU) as first, serving(database, MENU) as second:
            two = reserving([first, second], seconds)
        bare_pg_after = bare_postgresql(postgres.new_database(), seconds)
    finally:
        postgres.remove()
    print(machine())
    good = report("one process, SQLite, full sync", one, (bare + bare_after) / 2, 20)
    good &= report("two processes, one PostgreSQL", two, (bare_pg + bare_pg_after) / 2, 25)
    return 0 if good else 1


def report(name: str, run: ReserveRun, bare: float, wanted: int) -> bool:
    """Print one line of the table; return whether its limits are kept."""
    share = run.rate / bare * 100
    good = share >= wanted and run.p99_ms < 50 and not run.doubles
    print(
        f"{name}: {run.rate:.0f}/s of {bare:.0f} bare commits/s = {share:.0f} % "
        f"(must reach {wanted} %), p50 {run.p50_ms:.1f} ms, p99 {run.p99_ms:.1f} ms "
        f"(must stay under 50 ms), doubles {run.doubles}: {'good' if good else 'MISSED'}"
    )
    return good


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0))
