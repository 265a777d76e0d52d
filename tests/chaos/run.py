"""One chaos run: kiosk and server processes, a faulty network between them, and kills."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import select

from menu.numbers import Number
from queue_server.schema import tickets
from tests import forks
from tests.chaos import visits
from tests.chaos.oracle import ShownNumber, Stored, paper_violations, violations
from tests.chaos.printers import KilledPrinter
from tests.chaos.proxy import Proxy
from tests.e2e.site import SiteFolder
from tests.queue_server.servers import OPENING, ROOT, ServerProcess, transaction, until
from tests.sync.real import MENU


@dataclass(frozen=True)
class Extent:
    """The size of a run: visitors (of all kiosks together), processes, kills of each kind.

    ``printers``: how many of the kiosks print, on a virtual printer of their own; the others have
    none. ``wait_s``: the time limit of each phase.
    """

    visitors: int
    kiosks: int = 4
    servers: int = 1
    kiosk_kills: int = 4
    server_kills: int = 2
    database_kills: int = 0
    printers: int = 0
    printer_kills: int = 0
    wait_s: float = 120.0


@dataclass
class ChaosResult:
    """The result. ``wrong``: violations of the promises, empty if there are none."""

    wrong: list[str]
    shown: list[ShownNumber]
    faults: Counter[str]
    kills: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    pieces: int = 0
    confirmed: int = 0

    @property
    def own(self) -> int:
        """How many numbers came from kiosks' own (lettered) series."""
        return sum(one.number.partition("-")[2][0].isalpha() for one in self.shown)


class _Kiosk:
    """A kiosk's process, its site and its proxy."""

    def __init__(
        self,
        base: Path,
        name: str,
        seed: int,
        servers: list[ServerProcess],
        count: int,
        *,
        prints: bool,
    ) -> None:
        self.folder, self.name, self.count = base / name, name, count
        self.proxy = Proxy(seed, name, [server.port for server in servers])
        site = SiteFolder(self.folder)
        shutil.copy(MENU, site.config / "agencies.yaml")
        (site.config / "token").write_text(servers[0].token("kiosk", name))
        url = f"http://127.0.0.1:{self.proxy.port}"
        self.printer = KilledPrinter(self.folder / "paper") if prints else None
        port = self.printer.port if self.printer else 0
        printer = (
            f"connection: 'network:127.0.0.1:{port}', level: A" if port else "connection: virtual"
        )
        site.machine(printer, f"server: {{url: '{url}', token_file: token}}\n")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, now: str) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = forks.start(
                [sys.executable, "-m", visits.__name__, self.folder, now, str(self.count)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    @property
    def shown(self) -> list[ShownNumber]:
        found = visits.lines(self.folder / visits.SHOWN)
        return [ShownNumber(self.name, *words) for words in found if len(words) == 4]

    def confirmed(self) -> list[str]:
        """The numbers whose slip the journal records as printed."""
        found: list[str] = json.loads((self.folder / visits.CONFIRMED).read_text())
        return found

    def close(self) -> None:
        self.kill()
        self.proxy.close()
        if self.printer is not None:
            self.printer.stop()

    def check_alive(self) -> None:
        assert self.process is not None
        code = self.process.poll()
        assert not code, (self.folder / "log").read_text()[-4000:]


class Chaos:
    """A run with one ``seed`` on one ``database``. All files are in the folder ``base``."""

    def __init__(
        self,
        base: Path,
        database: str,
        seed: int,
        extent: Extent,
        kill_database: Callable[[], None] = lambda: None,
    ) -> None:
        """``kill_database`` kills the database server and restarts it."""
        self._base, self._database, self._seed, self._extent = base, database, seed, extent
        self._kill_database = kill_database
        self._began = time.monotonic()
        self._chance = random.Random(f"{seed} kills")
        self.kills: Counter[str] = Counter()
        self.printer_kills: Counter[int] = Counter()
        self._servers: list[ServerProcess] = []
        self._kiosks: list[_Kiosk] = []

    def run(self) -> ChaosResult:
        """Run all visits and kills, wait until everything is settled, check the promises."""
        try:
            return self._run()
        finally:
            for kiosk in self._kiosks:
                kiosk.close()
            for n in range(len(self._servers)):
                self._kill_server(n)

    def _run(self) -> ChaosResult:
        extent = self._extent
        self._servers = [self._server() for _ in range(extent.servers)]
        for n in range(extent.kiosks):
            count = extent.visitors // extent.kiosks
            name, prints = f"lobi-{n + 1}", n < extent.printers
            kiosk = _Kiosk(self._base, name, self._seed, self._servers, count, prints=prints)
            self._kiosks.append(kiosk)
            kiosk.start(self._now())
        for at, kind, n in self._plan():
            until(partial(self._served, at), f"{at} visitors are served", extent.wait_s)
            self._kill(kind, n)
        until(partial(self._served, extent.visitors), "all are served", extent.wait_s)
        for kiosk in self._kiosks:
            kiosk.proxy.calm()
            (kiosk.folder / visits.CALM).touch()
            # Restart: back-offs of up to a minute are forgotten, so that rows are sent at once.
            kiosk.kill()
            kiosk.start(self._now())
        until(self._settled, "all is settled", extent.wait_s)
        return self._judged()

    def _plan(self) -> list[tuple[int, str, int]]:
        """The kills, sorted: after how many visitors, which kind of process, which index."""
        extent, chance = self._extent, self._chance
        kinds = ["kiosk"] * extent.kiosk_kills + ["server"] * extent.server_kills
        kinds += ["database"] * extent.database_kills + ["printer"] * extent.printer_kills
        many = {"kiosk": extent.kiosks, "server": extent.servers, "database": 1}
        many["printer"] = extent.printers
        return sorted(
            (chance.randrange(1, extent.visitors), kind, chance.randrange(many[kind]))
            for kind in kinds
        )

    def _kill(self, kind: str, n: int) -> None:
        time.sleep(self._chance.random() * 0.05)  # anywhere within a visit
        self.kills[kind] += 1
        if kind == "kiosk":
            self._kiosks[n].kill()
            self._kiosks[n].start(self._now())
        elif kind == "database":
            self._kill_database()
        elif kind == "printer":
            printer = self._kiosks[n].printer
            assert printer is not None
            printer.kill()
            self.printer_kills[n] += 1
            time.sleep(self._chance.random() * 0.5)  # without power
            printer.start()
        else:
            self._kill_server(n)
            self._servers[n] = self._server(self._servers[n].port)

    def _kill_server(self, n: int) -> None:
        """Kill a server process; its log is kept next to the kiosks' files."""
        server = self._servers[n]
        server.kill()
        with (self._base / f"server-{n + 1}.log").open("a") as log:
            log.write(server.logged())

    def _server(self, port: int = 0) -> ServerProcess:
        now = OPENING + timedelta(seconds=time.monotonic() - self._began)
        return ServerProcess(self._database, MENU, now=now, port=port).wait_ready()

    def _now(self) -> str:
        return (OPENING + timedelta(seconds=time.monotonic() - self._began)).isoformat()

    def _served(self, visitors: int) -> bool:
        """Whether at least ``visitors`` visitors hold a number."""
        for kiosk in self._kiosks:
            kiosk.check_alive()
        held = {(one.kiosk, one.visitor) for k in self._kiosks for one in k.shown}
        return len(held) >= visitors

    def _settled(self) -> bool:
        for kiosk in self._kiosks:
            kiosk.check_alive()
        return all(k.process is not None and k.process.poll() == 0 for k in self._kiosks)

    def _judged(self) -> ChaosResult:
        shown = [one for kiosk in self._kiosks for one in kiosk.shown]
        counts = [(kiosk.name, kiosk.count) for kiosk in self._kiosks]
        wrong = violations(counts, shown, held_by(self._database))
        for kiosk in self._kiosks:
            left = (kiosk.folder / visits.DONE).read_text()
            if left != '{"pending": 0, "parked": []}':
                wrong.append(f"{kiosk.name} still has {left}")
        pieces = confirmed = 0
        for n, kiosk in enumerate(self._kiosks):
            if kiosk.printer is not None:
                kiosk.printer.stop()
                paper, proved = kiosk.printer.pieces(), kiosk.confirmed()
                kiosk.printer = None
                found = paper_violations(paper, proved, self.printer_kills[n])
                wrong += [f"{kiosk.name}: {why}" for why in found]
                pieces, confirmed = pieces + len(paper), confirmed + len(proved)
        faults = Counter(fault.value for kiosk in self._kiosks for fault in kiosk.proxy.met)
        spent = time.monotonic() - self._began
        return ChaosResult(wrong, shown, faults, self.kills, spent, pieces, confirmed)


def held_by(database: str) -> list[Stored]:
    """All tickets in a server's database."""
    with transaction(database) as connection:
        found = connection.execute(select(tickets)).all()
    return [
        Stored(
            row.id,
            str(Number(row.prefix, row.letter, row.value)),
            row.business_date,
            row.rev,
            row.conflict,
            row.order_us,
        )
        for row in found
    ]
