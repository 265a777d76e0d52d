"""Measure what 200 open boards cost at two calls a second, with the shipped menu.

    python benchmarks/board_listeners.py [SECONDS] [LISTENERS]

One server process on SQLite, 400 tickets waiting. The listeners are another process; it counts the
bytes of all streams. Each run is made with ``/events?changes=true`` and, as baseline, with whole
boards. Exit code 1 if a limit is missed.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import tempfile
import time
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.common import ROOT, quantile, table, verdict
from benchmarks.server_fleet import cpu_s
from tests.queue_server.servers import ServerProcess, Staff, serving

LISTENERS, SECONDS, WAITING = 200, 20.0, 400
COUNTER = "19"
CALLS_S = 2.0
MENU = ROOT / "config" / "agencies.yaml"
SERVICES = ("ktp-el", "kartu-keluarga", "akta-kelahiran")
MB_S = 2.0
APART_MS = 450.0  # 500 ms, less what a busy machine delays the earlier of two boards


class ListenerRun(NamedTuple):
    """Bytes of all streams while it was measured, events, and least milliseconds between two."""

    size: int
    events: int
    apart_ms: float


class Listener(asyncio.Protocol):
    """One open stream: counts bytes and notes when its events came."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.size = 0
        self.times: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Count."""
        self.size += len(data)
        if b"event: " in data:
            self.times.append(time.monotonic())


def _same(one: Listener) -> Listener:
    return one


def listen(pipe: Connection, port: int, token: str, path: str, count: int, seconds: float) -> None:
    """Open ``count`` streams; after each has its first board say so; count for ``seconds``."""
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()

    async def run() -> ListenerRun:
        loop = asyncio.get_running_loop()
        made = [Listener(request) for _ in range(count)]
        for one in made:
            await loop.create_connection(partial(_same, one), "127.0.0.1", port)
        while not all(one.times for one in made):
            await asyncio.sleep(0.05)
        pipe.send(None)
        await asyncio.sleep(1)  # past the first boards
        before, first = sum(one.size for one in made), [len(one.times) for one in made]
        await asyncio.sleep(seconds)
        size = sum(one.size for one in made) - before
        events = sum(len(one.times) for one in made) - sum(first)
        gaps = [b - a for one in made for a, b in zip(one.times, one.times[1:], strict=False)]
        return ListenerRun(size, events, quantile(gaps, 0.01) * 1000)

    pipe.send(asyncio.run(run()))


def measure(server: ServerProcess, path: str, count: int, seconds: float) -> tuple[Any, ...]:
    """The result of one run, how many calls were made, and the server's processor time in %."""
    here, there = multiprocessing.Pipe()
    job = (there, server.port, server.token("board", "aula"), path, count, seconds)
    process = multiprocessing.get_context("fork").Process(target=listen, args=job, daemon=True)
    process.start()
    here.recv()
    staff, calls, begun = server.staff(), 0, time.monotonic()
    pid = server.process.pid
    before = cpu_s(pid)
    while True:
        called = staff.call(COUNTER)
        calls += 1
        if here.poll(max(0.0, begun + calls / CALLS_S - time.monotonic())):
            break
        staff.finish(COUNTER, called["id"])
    staff.finish(COUNTER, called["id"])
    spent = time.monotonic() - begun
    found: ListenerRun = here.recv()
    process.join()
    return found, calls / spent, (cpu_s(pid) - before) / spent * 100


def main(seconds: float, count: int) -> int:
    """Print the table; return 1 if a limit is missed."""
    with (
        tempfile.TemporaryDirectory(prefix="boards-") as folder,
        serving(str(Path(folder) / "queue.sqlite3"), MENU) as server,
    ):
        kiosk = server.kiosk()
        for n in range(WAITING):
            kiosk.settled(SERVICES[n % len(SERVICES)])
        one = len(Staff(server.url, server.token("staff", "size")).ask("GET", "/board").content)
        runs = {
            name: measure(server, f"/api/v1/events{more}", count, seconds)
            for name, more in (("changes", "?changes=true"), ("whole boards (baseline)", ""))
        }
    table(
        f"{count} listeners, {CALLS_S:.0f} calls a second, a board of {one / 1000:.0f} kB",
        ("events", "calls/s", "MB/s in all", "events/s each", "least ms apart", "server CPU"),
        [
            [
                name,
                f"{calls:.1f}",
                f"{run.size / seconds / 1e6:.2f}",
                f"{run.events / seconds / count:.2f}",
                f"{run.apart_ms:.0f}",
                f"{cpu:.0f} %",
            ]
            for name, (run, calls, cpu) in runs.items()
        ],
    )
    run = runs["changes"][0]
    return verdict(
        [
            ("MB a second in all", run.size / seconds / 1e6, MB_S),
            ("events a second and listener", run.events / seconds / count, 1000 / APART_MS),
        ]
    )


if __name__ == "__main__":
    more = sys.argv[1:]
    sys.exit(
        main(float(more[0]) if more else SECONDS, int(more[1]) if len(more) > 1 else LISTENERS)
    )
