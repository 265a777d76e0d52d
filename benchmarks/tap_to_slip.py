"""Measure the time from the last tap of a visit to the complete slip, with instant mechanics.

    python benchmarks/tap_to_slip.py [VISITS]

Kiosk: 200 visits made with simulated touches over the whole menu, from touch up to the printer's
confirmation of the slip, including the commit of the number and the drawing of the screens.
Baseline: the bytes of such a slip sent to the same printer over a plain socket.
"""

from __future__ import annotations

import socket
import sys
import time
from dataclasses import replace

from benchmarks.common import ROOT, measured, quantile, table, verdict
from benchmarks.paper import virtual_printer
from kiosk.clock import demo_start
from kiosk.domain.compose import SlipFacts, compose
from kiosk.domain.ticket import Ticket, uuid7
from kiosk.printing.encoder import encode
from kiosk.printing.status_protocol import ask_process_id
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from virtual_printer.process import VirtualPrinterProcess

VISITS = 200
P50_MS, P95_MS = 50.0, 100.0
WAIT_LIMIT_S = 10.0


def slip_bytes() -> bytes:
    """The bytes of a slip of the real menu, as the kiosk sends them."""
    settings = load_settings(ROOT / "config", ASSETS)
    now = demo_start(settings)
    found = settings.catalogue.service("ktp-el") or next(settings.catalogue.services())
    ticket = Ticket(
        id=uuid7(1, bytes(10)),
        track="0" * 32,
        number=f"{found.service.prefix}-123",
        business_date=now.date(),
        service=found.service.code,
        language=settings.catalogue.site.languages[0],
        issued_at=now,
    )
    facts = SlipFacts(
        ticket=ticket,
        found=found,
        site=settings.catalogue.site,
        words=settings.words,
        kiosk_id=settings.kiosk.id,
        priority_names=(),
        copy_of=None,
    )
    printer = replace(settings.kiosk.printer, paper_mm=80)
    return encode(compose(settings.template, facts), printer.paper_mm, printer.code_page)


def direct(printer: VirtualPrinterProcess, count: int) -> list[float]:
    """Milliseconds from the first byte of a slip to the printer's echo after it."""
    slip, times = slip_bytes(), []
    with socket.create_connection((printer.host, printer.port), timeout=WAIT_LIMIT_S) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(count):
            ident = f"{number:04d}".encode()
            begun = time.perf_counter()
            line.sendall(slip + ask_process_id(ident))
            answer = b""
            while ident not in answer:
                piece = line.recv(4096)
                if not piece:
                    raise RuntimeError("the printer closed the connection")
                answer += piece
            times.append((time.perf_counter() - begun) * 1000)
    return times


def main() -> int:
    """Measure the kiosk and the plain socket on the same kind of printer."""
    visits = int(sys.argv[1]) if len(sys.argv) > 1 else VISITS
    with virtual_printer() as printer:
        straight = direct(printer, visits)
    with virtual_printer():
        kiosk = measured("kiosk_window.py", "slips", str(visits))
    bare = [quantile(straight, 0.5), quantile(straight, 0.95), max(straight)]
    rows = [
        ["bytes over a plain socket", *(f"{v:.1f}" for v in bare), str(visits)],
        [
            "kiosk, from the last tap",
            *(f"{kiosk[key]:.1f}" for key in ("p50", "p95", "max")),
            f"{kiosk['slips']:.0f}",
        ],
    ]
    table(f"tap to slip, ms, {visits} visits", ("way", "p50", "p95", "max", "slips"), rows)
    return verdict(
        [
            ("kiosk p50, ms", kiosk["p50"], P50_MS),
            ("kiosk p95, ms", kiosk["p95"], P95_MS),
            ("visits without a slip", kiosk["missing"], 0.0),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
