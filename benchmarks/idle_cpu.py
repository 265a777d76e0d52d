"""Measure the processor time of an idle kiosk.

    python benchmarks/idle_cpu.py [SECONDS]

Each window is measured after some seconds without input. The kiosk probes its printer and shows the
time. In further runs it has a queue server (another process) and shows how many people wait, while
another kiosk of that server gives numbers, each for the next service of the menu. One number in
15 s is more than twice the rate of Balikpapan's busiest hour. One number a second changes the
screen at each exchange; that is not idle, so its row has no limit. Baseline: a bare Kivy window
with 27 buttons.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
from itertools import cycle
from pathlib import Path
from typing import Any

from benchmarks import raw_http
from benchmarks.common import ROOT, measured, table, verdict
from benchmarks.paper import virtual_printer
from benchmarks.served import queue_server, server_environment
from kiosk.clock import demo_start
from kiosk.demo.embedded_server import DATABASE, EmbeddedServer
from kiosk.domain.ticket import uuid7
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings

SECONDS = 30
BUSY_S, RUSH_S = 15.0, 1.0


class OtherKiosk:
    """Simulates another kiosk of the same server, which gives a number every ``every_s``."""

    def __init__(self, server: EmbeddedServer, every_s: float) -> None:
        self._every_s = every_s
        folder = Path(server.settings.token_file).parent
        add = [sys.executable, "-m", "queue_server", "add-kiosk", "neighbour"]
        add += ["--database", str(folder / DATABASE)]
        done = subprocess.run(add, cwd=ROOT, check=True, capture_output=True, text=True)
        self._token = done.stdout.strip()
        self._line = raw_http.RawConnection(int(server.address.rpartition(":")[2]))
        self._journal = secrets.token_hex(16)
        settings = load_settings(ROOT / "config", ASSETS)
        self._now = demo_start(settings)
        self._services = tuple(found.service for found in settings.catalogue.services())
        self._letter = self._exchange(0, [])["letter"]
        self.given = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._give)

    def __enter__(self) -> OtherKiosk:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()
        self._line.close()

    def _give(self) -> None:
        for service in cycle(self._services):
            if self._stopped.wait(self._every_s):
                return
            count = self.given + 1
            row = {
                "id": uuid7(int(self._now.timestamp() * 1000), secrets.token_bytes(10)),
                "track": secrets.token_hex(16),
                "rev": 1,
                "state": "issued",
                "printed": "confirmed",
                "business_date": self._now.date().isoformat(),
                "service": service.code,
                "number": f"{service.prefix}-{self._letter}{count:03d}",
                "priority": None,
                "issued_at": self._now.isoformat(),
            }
            (result,) = self._exchange(count, [row])["results"]
            if result["status"] != "stored":
                raise RuntimeError(f"the other kiosk's number was not stored: {result}")
            self.given = count

    def _exchange(self, seq: int, rows: list[dict[str, object]]) -> Any:
        body = {"journal": self._journal, "seq": seq, "sent_at": self._now.isoformat()}
        status, answer = self._line.ask(
            raw_http.request("POST", "/sync", self._token, body | {"tickets": rows})
        )
        if status != 200:
            raise RuntimeError(f"the server answered {status}: {answer}")
        return answer


def served(seconds: str, every_s: float) -> tuple[str, float]:
    """The row's name and the processor share of a kiosk with a server whose queue grows."""
    with (
        queue_server() as server,
        server_environment(server),
        OtherKiosk(server, every_s) as other_kiosk,
    ):
        percent = measured("kiosk_window.py", "idle", seconds)["percent"]
    return f"kiosk, server, {other_kiosk.given} numbers of another kiosk", percent


def main() -> int:
    """Measure all four windows."""
    seconds = sys.argv[1] if len(sys.argv) > 1 else str(SECONDS)
    with virtual_printer():
        bare = measured("bare_window.py", "idle", seconds)["percent"]
        alone = measured("kiosk_window.py", "idle", seconds)["percent"]
        calm, busy = served(seconds, BUSY_S)
        rush, rushed = served(seconds, RUSH_S)
    figures = (("bare window", bare), ("kiosk", alone), (calm, busy), (rush, rushed))
    rows = [[name, f"{percent:.2f}"] for name, percent in figures]
    table(f"idle for {seconds} s, percent of one processor", ("window", "percent"), rows)
    return verdict([("kiosk, percent", alone, bare), ("kiosk with a server, percent", busy, bare)])


if __name__ == "__main__":
    sys.exit(main())
