"""Measure the time from the last tap to the slip with a queue server, and with one that is silent.

    python benchmarks/tap_to_slip_server.py [VISITS]

Three kiosks run one after another, each with 200 visits made with simulated touches and a virtual
printer with instant mechanics. The first has no server: the baseline. The second asks a real queue
server on loopback (another process) for each number. The third uses such a server through a relay
that becomes a black hole (accepts connections, never answers) just before a visitor's last touch,
and remains one for 24 more visits. Then the relay passes again, the kiosk sends its outbox, and the
next outage begins.
"""

from __future__ import annotations

import sys

from benchmarks.common import measured, table, verdict
from benchmarks.paper import virtual_printer
from benchmarks.relay import Relay
from benchmarks.served import queue_server, server_environment
from kiosk.demo.embedded_server import EmbeddedServer
from kiosk.domain.config import ServerSettings

VISITS = 200
OUTAGE = 25
P50_MS, P95_MS = 50.0, 100.0
FIRST_MS = ServerSettings().deadline_s * 1000 + 100.0
"""Limit for the first visitor of an outage: the server's deadline, and a slip."""

NEXT_MS = 50.0
"""Limit of the p95 of the next visitors, in addition to that without a server."""


def kiosk(
    server: EmbeddedServer | None, *asked: str, relay: Relay | None = None
) -> dict[str, float]:
    """The figures of ``kiosk_window.py`` with this server, through this relay."""
    with virtual_printer(), server_environment(server, relay):
        return measured("kiosk_window.py", *asked)


def main() -> int:
    """Measure all three kiosks."""
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
            ("black hole: numbers not of the own series", visits - hole["own"], 0.0),
            ("visits without a slip", sum(s["missing"] for s in (alone, asking, hole)), 0.0),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
