"""From the last tap of a visit to its slip, with a queue server, and with one that fell silent.

    python benchmarks/tap_to_slip_server.py [VISITS]

Three kiosks after one another, each making 200 visits with real touches on a virtual printer with
instant mechanics. The first stands alone: the baseline. The second asks a real queue server on
loopback, a process beside it, for each number. The third speaks to such a server through a relay
that turns into a black hole just before a visitor's last touch, and stays one for 24 more: it takes
connections and never answers. Then it passes again, the kiosk sends what it owes, and so on.
"""

from __future__ import annotations

import sys

from benchmarks.common import measured, table, verdict
from benchmarks.paper import virtual_printer
from benchmarks.relay import Relay
from benchmarks.served import queue_server, told
from kiosk.demo.embedded_server import EmbeddedServer
from kiosk.domain.config import ServerSettings

VISITS = 200
OUTAGE = 25
P50_MS, P95_MS = 50.0, 100.0
FIRST_MS = ServerSettings().deadline_s * 1000 + 100.0
"""What the first visitor of an outage may wait: the server's deadline, and a slip."""

NEXT_MS = 50.0
"""So much more than without a server is still as without one, at p95."""


def kiosk(
    server: EmbeddedServer | None, *asked: str, relay: Relay | None = None
) -> dict[str, float]:
    """What ``kiosk_window.py`` measures with that server, through that relay."""
    with virtual_printer(), told(server, relay):
        return measured("kiosk_window.py", *asked)


def main() -> int:
    """Measure all three."""
    visits = int(sys.argv[1]) if len(sys.argv) > 1 else VISITS
    alone = kiosk(None, "slips", str(visits))
    with queue_server() as server:
        asking = kiosk(server, "slips", str(visits))
    with queue_server() as server, Relay(int(server.address.rpartition(":")[2])) as relay:
        hole = kiosk(server, "outages", str(visits), str(OUTAGE), relay=relay)
    rows = [
        [
            way,
            *(f"{said[at + key]:.1f}" for key in ("p50", "p95", "max")),
            f"{said[at + 'slips']:.0f}",
        ]
        for way, said, at in (
            ("without a server", alone, ""),
            ("server on loopback", asking, ""),
            ("black hole, first visit", hole, "first_"),
            ("black hole, next visits", hole, "next_"),
        )
    ]
    table(f"last tap to slip, ms, {visits} visits", ("kiosk", "p50", "p95", "max", "slips"), rows)
    return verdict(
        [
            ("server p50, ms", asking["p50"], P50_MS),
            ("server p95, ms", asking["p95"], P95_MS),
            ("server: numbers not of the server", asking["own"], 0.0),
            ("black hole: slowest first visit, ms", hole["first_max"], FIRST_MS),
            (
                "black hole: next visits p95, ms",
                hole["next_p95"],
                alone["p95"] + NEXT_MS,
            ),
            ("black hole: numbers not of the own line", visits - hole["own"], 0.0),
            ("visits without a slip", sum(s["missing"] for s in (alone, asking, hole)), 0.0),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
