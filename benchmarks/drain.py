"""Measure how fast a real journal and sync loop send 10,000 numbers to a real server.

    python benchmarks/drain.py [TICKETS]

The kiosk gets its letter, loses the server, and gives numbers of its own series. They are in the
journal before the measurement, which runs from the first exchange to the last acknowledgement.
Baseline: the same rows sent over one socket in batches of 500, without a journal at the kiosk.
"""

from __future__ import annotations

import secrets
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

from benchmarks import raw_http
from benchmarks.common import ROOT, table, verdict
from tests.store.making import at
from tests.sync.linked_kiosk import LinkedKiosk
from tests.sync.real import QueueServer

TICKETS = 10_000
BATCH = 500
MOST_S = 10.0
WAIT_LIMIT_S = 120.0
SERIES = (("DK", "ktp"), ("DL", "ukl"))
"""A number series ends at 9,999, so two of them are used in turn."""


def bare(server: QueueServer, count: int) -> float:
    """Seconds to send ``count`` rows over one socket."""
    token = server.command("add-kiosk", "bare")
    line, journal, seq = raw_http.RawConnection(server.port), f"journal-{secrets.token_hex(8)}", 0

    def exchange(rows: list[dict[str, object]]) -> dict[str, Any]:
        nonlocal seq
        seq += 1
        body = {"journal": journal, "seq": seq, "sent_at": at().isoformat(), "tickets": rows}
        status, answer = line.ask(raw_http.request("POST", "/sync", token, body))
        assert status == 200, answer
        assert isinstance(answer, dict)
        return answer

    letter = exchange([])["letter"]
    day = at().date().isoformat()
    row = {"rev": 1, "state": "issued", "printed": "confirmed", "business_date": day}
    row |= {"priority": None, "issued_at": at().isoformat()}
    begun = time.perf_counter()
    for first in range(0, count, BATCH):
        rows: list[dict[str, object]] = []
        for n in range(first, min(first + BATCH, count)):
            prefix, service = SERIES[n % 2]
            names = {"id": str(uuid.uuid4()), "track": secrets.token_hex(16), "service": service}
            rows.append(row | names | {"number": f"{prefix}-{letter}{n // 2 + 1:03d}"})
        answer = exchange(rows)
        assert all(one["status"] == "stored" for one in answer["results"]), answer
    line.close()
    return time.perf_counter() - begun


def fill(kiosk: LinkedKiosk, count: int) -> None:
    """Issue numbers of the own series, one transaction each, as visitors do."""
    assert kiosk.meet(), "the kiosk has no letter"
    for n in range(count):
        prefix, service = SERIES[n % 2]
        kiosk.journal.issue(
            kiosk.wish(service),
            prefix=prefix,
            letter="",
            business_date=at().date(),
            now=at(),
            date_confirmed=True,
            server=kiosk.link.url,
        )
    assert kiosk.backlog.pending == count


def drain(kiosk: LinkedKiosk) -> float:
    """Seconds until the sync loop has sent all rows; it runs in a thread, as in the app."""
    begun = time.perf_counter()
    kiosk.link.start()
    while kiosk.backlog.pending:
        if time.perf_counter() - begun > WAIT_LIMIT_S:
            break
        time.sleep(0.02)
    return time.perf_counter() - begun


def main() -> int:
    """Print the table; return 1 if a limit is missed."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else TICKETS
    with tempfile.TemporaryDirectory(dir=ROOT.parent) as name:
        folder = Path(name)
        first = QueueServer(folder / "bare")
        first.start()
        try:
            straight = bare(first, count)
        finally:
            first.stop()
        server = QueueServer(folder / "server")
        server.start()
        kiosk = LinkedKiosk(
            folder / "kiosk", server.url, token=server.command("add-kiosk", "lobi-1")
        )
        try:
            fill(kiosk, count)
            spent = drain(kiosk)
            left = kiosk.backlog
        finally:
            kiosk.close()
            server.stop()
        shown = [held.number for held in server.tickets.values() if not held.conflict]
    rows = [
        ["bare rows over one socket", f"{straight:.1f}", f"{count / straight:.0f}"],
        ["journal and sync loop", f"{spent:.1f}", f"{count / spent:.0f}"],
    ]
    table(f"a backlog of {count} numbers", ("way", "s", "numbers/s"), rows)
    return verdict(
        [
            ("journal and sync loop, s", spent, MOST_S),
            ("numbers left in the journal", float(left.pending + left.parked), 0.0),
            ("numbers that the server does not have", float(count - len(set(shown))), 0.0),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
