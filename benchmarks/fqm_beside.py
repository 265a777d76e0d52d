"""Measure FQM and the queue server side by side, and the slip of a kiosk with FQM.

    FQM_CHECKOUT=FOLDER FQM_PYTHON=FILE python benchmarks/fqm_beside.py [SECONDS] [RUNS] [VISITS]

``script/prove-fqm`` makes the Python with FQM's packages, and says how; a checkout is a clone of
mrf345/FQM. Without both this ends with 2.

First table: eight clients, each a process with one kept-alive connection, ask for numbers without
a pause: FQM on its SQLite (gunicorn with gevent, one worker and four), the queue server on SQLite
(one process: it refuses a second one on a file), and four of its processes on one PostgreSQL. The
clients of FQM use ``POST /api/v1/tickets/``, which makes a ticket with the same function as FQM's
touch screen, without the page. Each run has new databases on one disk, in another order.

Second table: FQM's own answer to one client that asks alone; then, from the last tap to the whole
slip, a kiosk without a server, one with FQM, and one whose FQM becomes silent just before the last
touch (``tap_to_slip_server.py``): a kiosk that asked FQM for its number would wait there.

Exit code 1 if a limit is missed.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

from benchmarks import raw_http
from benchmarks.common import ROOT, measured, quantile, table, verdict
from benchmarks.paper import virtual_printer
from benchmarks.relay import Relay
from benchmarks.served import variables
from benchmarks.server_reserve import CLIENTS, MENU, all_services, reserving, run_processes
from kiosk.domain.config import FQM, ServerSettings
from tests.queue_server.postgres import Postgres
from tests.queue_server.servers import serving

SECONDS, RUNS, VISITS, OUTAGE = 10.0, 3, 100, 10
WARM_UP_S = 1.0
WORKERS = (1, 4)
LEAST_TIMES, MORE_MS = 5.0, 15.0
DEADLINE_MS = ServerSettings().deadline_s * 1000
"""How long a kiosk waits at least for a number of a silent server."""

SQLITE = "queue server, SQLite"
SERVING = ROOT / "tests" / "sync" / "fqm_serving.py"


class Rate(NamedTuple):
    """What eight clients got: numbers a second, milliseconds, numbers given twice, errors."""

    rate: float
    p50_ms: float
    p99_ms: float
    doubles: int
    errors: int


class FqmProcess(NamedTuple):
    """A running FQM."""

    port: int
    token: str


@contextlib.contextmanager
def fqm(workers: int) -> Iterator[FqmProcess]:
    """Run FQM with a new database and a task for each service of the menu."""
    checkout, python = os.environ["FQM_CHECKOUT"], os.environ["FQM_PYTHON"]
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with tempfile.TemporaryDirectory(dir=ROOT.parent) as folder, contextlib.ExitStack() as stack:
        database = str(Path(folder) / "fqm.sqlite")
        log = stack.enter_context((Path(folder) / "log").open("w+"))
        process = stack.enter_context(
            subprocess.Popen(
                [python, str(SERVING), checkout, database, str(workers), *all_services()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=own,
            )
        )
        assert process.stdin is not None
        assert process.stdout is not None
        stack.callback(process.stdin.close)
        said = process.stdout.readline().split()
        if len(said) != 2:
            log.seek(0)
            raise SystemExit(f"FQM did not start:\n{log.read()[-2000:]}")
        for _ in range(workers):
            assert process.stdout.readline() == "ready\n"
        yield FqmProcess(int(said[0]), said[1])


def post(
    answers: Queue[tuple[list[str], list[float], int]],
    start: Barrier,
    seconds: float,
    port: int,
    token: str,
    tasks: int,
) -> None:
    """Run one client that makes tickets in FQM for ``seconds``."""
    line = raw_http.RawConnection(port)
    numbers: list[str] = []
    times: list[float] = []
    errors = 0
    start.wait()
    end = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        task = len(numbers) % tasks + 1
        body = {"task_id": task, "name": f"DK-001 {secrets.token_hex(4)}"}
        try:
            status, answer = line.ask(raw_http.request("POST", "/tickets/", token, body))
        except (OSError, ValueError):
            errors += 1
            line = raw_http.RawConnection(port)
            continue
        if status != 200:
            errors += 1
            continue
        numbers.append(answer["number"])
        times.append(time.perf_counter() - begun)
    line.close()
    answers.put((numbers, times, errors))


def posting(server: FqmProcess, seconds: float, clients: int = CLIENTS) -> tuple[Rate, list[float]]:
    """Run clients of FQM; returns also the milliseconds of each answer."""
    job = (server.port, server.token, len(all_services()))
    got = run_processes(post, [job] * clients, seconds)
    numbers = [number for each, _, _ in got for number in each]
    times = [spent * 1000 for _, each, _ in got for spent in each]
    if not numbers:
        raise SystemExit("FQM gave no number")
    doubles, errors = len(numbers) - len(set(numbers)), sum(each for _, _, each in got)
    p50, p99 = quantile(times, 0.5), quantile(times, 0.99)
    return Rate(len(numbers) / seconds, p50, p99, doubles, errors), times


def of_fqm(workers: int, seconds: float) -> Rate:
    """FQM with that many workers."""
    with fqm(workers) as server:
        posting(server, WARM_UP_S)
        return posting(server, seconds)[0]


def of_ours(database: str, processes: int, seconds: float) -> Rate:
    """The queue server with that many processes. A refused number would end the measurement."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(serving(database, MENU)) for _ in range(processes)]
        reserving(servers, WARM_UP_S)
        return Rate(*reserving(servers, seconds), errors=0)


def rates(seconds: float, runs: int) -> dict[str, list[Rate]]:
    """Measure all servers ``runs`` times; print a table with the load before each measurement."""
    postgres = Postgres()
    found: dict[str, list[Rate]] = {}
    rows: list[list[str]] = []

    def sqlite() -> Rate:
        with tempfile.TemporaryDirectory(dir=ROOT.parent) as folder:
            return of_ours(str(Path(folder) / "queue.sqlite3"), 1, seconds)

    def postgresql() -> Rate:
        return of_ours(postgres.new_database(), 4, seconds)

    ways: list[tuple[str, Callable[[], Rate]]] = [
        *((f"FQM, workers: {count}", partial(of_fqm, count, seconds)) for count in WORKERS),
        (SQLITE, sqlite),
        ("queue server, 4, PostgreSQL", postgresql),
    ]
    try:
        postgres.start()
        for run in range(runs):
            turn = run % len(ways)
            for name, measure in ways[turn:] + ways[:turn]:
                load = os.getloadavg()[0]
                one = measure()
                found.setdefault(name, []).append(one)
                figures = (f"{one.rate:.0f}", f"{one.p50_ms:.1f}", f"{one.p99_ms:.1f}")
                rows.append(
                    [name, str(run + 1), *figures, str(one.doubles), str(one.errors), f"{load:.1f}"]
                )
    finally:
        postgres.remove()
    rows.sort(key=lambda row: [name for name, _ in ways].index(row[0]))
    heads = ("server", "run", "numbers/s", "p50 ms", "p99 ms", "doubles", "errors", "load")
    asked = subprocess.run(
        [os.environ["FQM_PYTHON"], "--version"], capture_output=True, text=True, check=True
    )
    title = f"numbers of {CLIENTS} clients, {seconds:.0f} s each (FQM on {asked.stdout.strip()})"
    table(title, heads, rows)
    return found


def kiosk(server: FqmProcess | None, *asked: str, relay: Relay | None = None) -> dict[str, float]:
    """The figures of ``kiosk_window.py`` with this FQM, through this relay."""
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as folder, virtual_printer():
        names = {}
        if server is not None:
            token = Path(folder) / "token"
            token.write_text(server.token)
            token.chmod(0o600)
            port = server.port if relay is None else relay.port
            names = {"SERVER": f"http://127.0.0.1:{port}", "TOKEN": str(token), "KIND": FQM}
        if relay is not None:
            names["SWITCH"] = str(relay.switch)
        with variables({f"KIOSK_BENCH_{name}": value for name, value in names.items()}):
            return measured("kiosk_window.py", *asked)


def slips(seconds: float, visits: int) -> list[tuple[str, float, float]]:
    """Measure and print the second table; returns its limits."""
    load = os.getloadavg()[0]
    with fqm(WORKERS[-1]) as server:
        posting(server, WARM_UP_S, 1)
        answer = posting(server, seconds, 1)[1]
    alone = kiosk(None, "slips", str(visits))
    with fqm(WORKERS[-1]) as server:
        beside = kiosk(server, "slips", str(visits))
    with fqm(WORKERS[-1]) as server, Relay(server.port) as relay:
        silent = kiosk(server, "outages", str(visits), str(OUTAGE), relay=relay)
    own = {"p50": quantile(answer, 0.5), "p95": quantile(answer, 0.95), "max": max(answer)}
    rows = [
        [way, *(f"{said[at + key]:.1f}" for key in ("p50", "p95", "max")), f"{count:.0f}"]
        for way, said, at, count in (
            ("FQM's own answer, no slip", own, "", len(answer)),
            ("kiosk without a server", alone, "", alone["slips"]),
            ("kiosk with FQM", beside, "", beside["slips"]),
            ("FQM silent, first visit", silent, "first_", silent["first_slips"]),
            ("FQM silent, next visits", silent, "next_", silent["next_slips"]),
        )
    ]
    heads = ("way", "p50", "p95", "max", "answers or slips")
    table(f"last tap to slip, ms, {visits} visits, load {load:.1f}", heads, rows)
    return [
        ("kiosk with FQM p50, ms", beside["p50"], own["p50"] + MORE_MS),
        ("kiosk with FQM p95, ms", beside["p95"], own["p95"] + MORE_MS),
        ("FQM silent: slowest first visit, ms", silent["first_max"], DEADLINE_MS),
        ("visits without a slip", sum(s["missing"] for s in (alone, beside, silent)), 0.0),
    ]


def main(seconds: float, runs: int, visits: int) -> int:
    """Print both tables; return 1 if a limit is missed."""
    found = rates(seconds, runs)
    median = {name: statistics.median(one.rate for one in each) for name, each in found.items()}
    ours = median[SQLITE]
    limits = [
        (f"{name}: {LEAST_TIMES:.0f} times its numbers/s", median[name] * LEAST_TIMES, ours)
        for name in median
        if name.startswith("FQM")
    ]
    doubles = [one.doubles for name, each in found.items() if "queue" in name for one in each]
    limits.append(("doubles of the queue server", float(sum(doubles)), 0.0))
    return verdict([*limits, *slips(seconds, visits)])


def missing() -> list[str]:
    """The environment variables that name nothing of FQM; makes the others absolute paths."""
    wanting = []
    for name, part in (("FQM_CHECKOUT", "app/main.py"), ("FQM_PYTHON", "")):
        path = Path(os.environ.get(name, "")).absolute()
        if not os.environ.get(name) or not (path / part).exists():
            wanting.append(name)
        os.environ[name] = str(path)
    return wanting


if __name__ == "__main__":
    if wanting := missing():
        print(f"{' and '.join(wanting)} missing: script/prove-fqm says how", file=sys.stderr)
        sys.exit(2)
    more = sys.argv[1:]
    sys.exit(
        main(
            float(more[0]) if more else SECONDS,
            int(more[1]) if len(more) > 1 else RUNS,
            int(more[2]) if len(more) > 2 else VISITS,
        )
    )
