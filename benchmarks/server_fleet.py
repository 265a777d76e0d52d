"""Measure 300 kiosks on one server process with PostgreSQL, and their simultaneous return.

Each simulated kiosk has its own token, connection and journal, and exchanges every 5 s with a
jitter of 20 %. In 90 s, 1,500 visitors reserve a number that is settled at once: sixty times the
highest known rate. Then the kiosks return from an outage with 20 numbers of their own series each,
and all exchange at the same moment. Baseline: one kiosk on the same server, with consecutive
exchanges within the rate limit, for 5 s.

    python benchmarks/server_fleet.py [SECONDS] [KIOSKS]

The kiosks run in this process and use plain sockets. Exit code 1 if a limit is missed.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import secrets
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from benchmarks import raw_http
from benchmarks.common import ROOT, quantile, table, verdict
from queue_server import access
from queue_server.served_menu import read_menu
from tests.queue_server.postgres import Postgres
from tests.queue_server.servers import DAY, OPENING, ServerProcess, serving, transaction

KIOSKS, SECONDS, VISITORS = 300, 90.0, 1500
EVERY_S, JITTER = 5.0, 0.2
ALONE_S = 0.025
BACKLOG = 20
SYNC_P99_MS = 250.0
MENU = ROOT / "config" / "agencies.yaml"
TIME = OPENING.isoformat()


@dataclass
class LoadResult:
    """Milliseconds of each kind of request, errors, each ticket's number, and stored tickets."""

    syncs: list[float] = field(default_factory=list)
    reserves: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)


class SimulatedKiosk:
    """One kiosk: a token, a connection and the id of a journal."""

    def __init__(self, port: int, token: str, result: LoadResult) -> None:
        self._port, self._token, self.result = port, token, result
        self._journal = f"journal-{secrets.token_hex(8)}"
        self._seq = 0
        self._busy = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.letter = ""

    async def sync(self, *rows: dict[str, Any]) -> None:
        """Make one exchange; rows that are not stored count as errors."""
        async with self._busy:
            self._seq += 1
            body = {"journal": self._journal, "seq": self._seq, "sent_at": TIME, "catalogue": ""}
            body |= {"tickets": list(rows), "health": {"printer": "ok"}}
            answer = await self._ask("POST", "/sync", body, self.result.syncs)
        if answer is None:
            return
        self.letter = answer["letter"] or ""
        for result in answer["results"]:
            if result["status"] == "stored":
                self.result.stored.add(result["id"])
            else:
                self.result.errors.append(f"{result['status']} {result['code']}")

    async def visit(self, service: str) -> None:
        """Reserve a number for a visitor and settle it at once."""
        ticket, track = str(uuid.uuid4()), secrets.token_hex(16)
        wish = {"service": service, "priority": None, "requested_at": TIME, "track": track}
        async with self._busy:
            answer = await self._ask("PUT", f"/tickets/{ticket}", wish, self.result.reserves)
        if answer is not None:
            await self.sync(self._row(ticket, track, service, answer["number"]))

    def own(self, prefix: str, service: str) -> list[dict[str, Any]]:
        """Rows given while offline: numbers of the kiosk's own series."""
        return [
            self._row(
                str(uuid.uuid4()), secrets.token_hex(16), service, f"{prefix}-{self.letter}{n:03d}"
            )
            for n in range(1, BACKLOG + 1)
        ]

    def _row(self, ticket: str, track: str, service: str, number: str) -> dict[str, Any]:
        self.result.numbers[ticket] = number
        row = {"id": ticket, "rev": 1, "state": "issued", "printed": "confirmed", "number": number}
        row |= {"business_date": DAY, "service": service, "priority": None}
        return row | {"issued_at": TIME, "track": track}

    async def _ask(
        self, method: str, path: str, body: dict[str, Any], times: list[float]
    ) -> dict[str, Any] | None:
        begun = time.perf_counter()
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            writer.write(raw_http.request(method, path, self._token, body))
            head = await reader.readuntil(b"\r\n\r\n")
            text = await reader.readexactly(raw_http.length_of(head))
        except (OSError, EOFError) as error:
            self.hang_up()
            self.result.errors.append(type(error).__name__)
            return None
        times.append((time.perf_counter() - begun) * 1000)
        if head[9:12] != b"200":
            self.result.errors.append(f"{path.split('/')[1]} {head[9:12].decode()} {text[:200]!r}")
            return None
        answer: dict[str, Any] = json.loads(text)
        return answer

    def hang_up(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def regular(kiosk: SimulatedKiosk, end: float) -> None:
    """Exchange every 5 s until ``end`` (event loop's clock), starting at a random moment."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(random.uniform(0, EVERY_S))
    while loop.time() < end:
        await kiosk.sync()
        await asyncio.sleep(EVERY_S * random.uniform(1 - JITTER, 1 + JITTER))


async def visitors(kiosks: list[SimulatedKiosk], services: Iterator[str], seconds: float) -> None:
    """Make the visits of the steady state at random moments."""

    async def one(at_s: float) -> None:
        await asyncio.sleep(at_s)
        await random.choice(kiosks).visit(next(services))

    count = round(VISITORS * seconds / SECONDS)
    await asyncio.gather(*(one(random.uniform(0, seconds)) for _ in range(count)))


@dataclass(frozen=True)
class PhaseResult:
    """One row of the table. ``cpu``: percent of one processor; ``mib``: peak memory so far."""

    result: LoadResult
    spent_s: float
    cpu: float
    mib: float

    def cells(self, name: str) -> list[str]:
        """The cells of the row."""
        syncs, reserves = self.result.syncs, self.result.reserves or [0.0]
        return [
            name,
            f"{self.spent_s:.1f}",
            str(len(syncs)),
            *(f"{quantile(syncs, part):.1f}" for part in (0.5, 0.99, 1)),
            f"{quantile(reserves, 0.99):.1f}",
            str(len(self.result.errors)),
            f"{self.cpu:.0f} %",
            f"{self.mib:.0f}",
        ]


def cpu_s(process: int) -> float:
    """Processor time of a process, in seconds (proc(5), stat)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mib(process: int) -> float:
    """Peak memory of a process in MiB (proc(5), status, VmHWM)."""
    text = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(text.partition("VmHWM:")[2].split()[0]) / 1024


async def phase(
    server: ServerProcess, result: LoadResult, work: Callable[[], Awaitable[object]]
) -> PhaseResult:
    """Run one phase, and measure the server's process before and after it."""
    pid, begun = server.process.pid, time.perf_counter()
    before = cpu_s(pid)
    await work()
    duration = time.perf_counter() - begun
    return PhaseResult(result, duration, (cpu_s(pid) - before) / duration * 100, peak_mib(pid))


async def measure(server: ServerProcess, tokens: list[str], seconds: float) -> list[PhaseResult]:
    """Measure one kiosk alone, all kiosks in the steady state, and their simultaneous return."""
    menu = read_menu(MENU.read_bytes())
    codes = list(menu.services)
    result = [LoadResult(), LoadResult(), LoadResult()]

    async def alone() -> None:
        kiosk = SimulatedKiosk(server.port, tokens.pop(), result[0])
        end = time.perf_counter() + min(5.0, seconds)
        while time.perf_counter() < end:
            await kiosk.sync()
            await asyncio.sleep(ALONE_S)
        kiosk.hang_up()

    found = [await phase(server, result[0], alone)]
    kiosks = [SimulatedKiosk(server.port, token, result[1]) for token in tokens]
    services = (codes[n % len(codes)] for n in range(10**9))

    async def steady() -> None:
        end = asyncio.get_running_loop().time() + seconds
        each = [regular(kiosk, end) for kiosk in kiosks]
        await asyncio.gather(visitors(kiosks, services, seconds), *each)

    found.append(await phase(server, result[1], steady))
    rows = []
    for kiosk in kiosks:
        kiosk.hang_up()
        kiosk.result = result[2]
        code = next(services)
        rows.append(kiosk.own(menu.services[code].prefix, code))

    async def all_back() -> None:
        await asyncio.gather(*(k.sync(*mine) for k, mine in zip(kiosks, rows, strict=True)))

    found.append(await phase(server, result[2], all_back))
    for kiosk in kiosks:
        kiosk.hang_up()
    return found


def new_tokens(database: str, count: int) -> list[str]:
    """Enrol ``count`` kiosks; return their tokens."""
    now_us = time.time_ns() // 1000
    with transaction(database) as connection:
        return [access.add(connection, "kiosk", f"k{n}", None, now_us)[0] for n in range(count)]


def main(seconds: float, count: int) -> int:
    """Print the table; return 1 if a limit is missed."""
    postgres = Postgres()
    try:
        postgres.start()
        database = postgres.new_database()
        # The rate limit per token of a real site; the last option takes precedence.
        with serving(database, MENU, "--rate", "50") as server:
            tokens = new_tokens(database, count + 1)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                alone, steady, all_back = runner.run(measure(server, tokens, seconds))
    finally:
        postgres.remove()
    heads = ("phase", "s", "syncs", "p50 ms", "p99 ms", "max ms", "reserve p99 ms")
    table(
        f"{count} kiosks, one server process, PostgreSQL",
        (*heads, "errors", "server CPU", "peak MiB"),
        [
            alone.cells("one kiosk alone"),
            steady.cells("all, every 5 s"),
            all_back.cells(f"all back at once, {BACKLOG} numbers each"),
        ],
    )
    parts = (steady.result, all_back.result)
    for answer in sorted({error for result in parts for error in result.errors})[:10]:
        print(answer)
    given = [number for result in parts for number in result.numbers.values()]
    lost = sum(len(result.numbers.keys() - result.stored) for result in parts)
    return verdict(
        [
            ("sync p99 in the steady state, ms", quantile(steady.result.syncs, 0.99), SYNC_P99_MS),
            ("errors", float(sum(len(result.errors) for result in parts)), 0.0),
            ("numbers given twice", float(len(given) - len(set(given))), 0.0),
            ("numbers not stored", float(lost), 0.0),
        ]
    )


if __name__ == "__main__":
    more = sys.argv[1:]
    sys.exit(main(float(more[0]) if more else SECONDS, int(more[1]) if len(more) > 1 else KIOSKS))
