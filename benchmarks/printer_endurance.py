"""Check that threads, open files and memory do not grow over 2,000 slips with faults.

    python benchmarks/printer_endurance.py [SLIPS]

One slip for each second of simulated time. Every twentieth has a random fault, which is cleared
before the next slip. The baseline is taken after the first tenth of the slips.
"""

from __future__ import annotations

import math
import random
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.common import memory_kib, table, verdict
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Outcome, Proof
from kiosk.domain.slip import NumberLine, QrLine, Slip, TextLine
from kiosk.printer import open_printer
from kiosk.printing import slip_time, status_protocol
from virtual_printer.process import VirtualPrinterProcess

SLIPS = 2000
FAULTS: tuple[tuple[str, dict[str, object]], ...] = (
    ("paper_out", {"at_mm": 30}),
    ("cover_open", {}),
    ("mute", {}),
    ("refuse", {}),
    ("reset", {"at_byte": 40}),
    ("close", {"at_byte": 80}),
    ("swallow", {"at_byte": 10}),
    ("garbage", {"kind": "wrong_id"}),
)
BEGAN = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
GROWTH_KIB = 1024.0
RECOVERY_S = 30.0
"""The printer must be well so long after a cleared fault; the run ends otherwise."""


def measures() -> tuple[float, float, float]:
    """The number of threads, of open files, and private memory in KiB."""
    files = len(list(Path("/proc/self/fd").iterdir()))
    return float(threading.active_count()), float(files), memory_kib()[1]


def main() -> int:
    """Print all slips; return 0 when nothing grew and every confirmed slip is on paper."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SLIPS
    status_protocol.ANSWER_S = 0.1
    # The virtual printer prints without delay, so no answer may count as too early.
    slip_time.FASTEST_MM_S = math.inf
    second, rng = 0, random.Random(1)
    outcomes: Counter[str] = Counter()
    confirmed: set[str] = set()
    with VirtualPrinterProcess(level="A") as device:
        settings = PrinterSettings(connection=device.connection, deadline_s=0.3, connect_s=0.3)
        printer = open_printer(
            settings, pictures=lambda _: None, now=lambda: BEGAN + timedelta(seconds=second)
        )
        printer.probe()
        for second in range(count):
            fault = FAULTS[rng.randrange(len(FAULTS))] if second % 20 == 19 else None
            if fault:
                device.ask("fault", name=fault[0], **fault[1])
            number = f"DK-{second:04d}"
            lines = (
                NumberLine(number),
                TextLine("Loket 1"),
                QrLine(f"https://example.org/{number}"),
            )
            result = printer.print(Slip(number, lines))
            outcomes[result.outcome.value] += 1
            if result.proof is Proof.CONFIRMED:
                confirmed.add(number)
            if fault:
                device.ask("mend")
                until_s = time.monotonic() + RECOVERY_S
                while not printer.probe().well:
                    if time.monotonic() > until_s:
                        sys.exit(f"{number}: no recovery from {fault[0]} in {RECOVERY_S:.0f} s")
            if second == count // 10:
                base = measures()
        end = measures()
        printer.close()
        whole = Counter(
            n
            for s in device.ask("slips")["slips"]
            if s["complete"]
            for n in s["lines"]
            if n in confirmed
        )
    rows = [
        [name, f"{before:.0f}", f"{after:.0f}"]
        for name, before, after in zip(("threads", "files", "KiB"), base, end, strict=True)
    ]
    table(f"{count} slips, {dict(outcomes)}", ("what", "after a tenth", "at the end"), rows)
    return verdict(
        [
            ("more threads", end[0] - base[0], 0.0),
            ("more open files", end[1] - base[1], 0.0),
            ("more memory, KiB", end[2] - base[2], GROWTH_KIB),
            ("confirmed but not complete on paper", float(len(confirmed - set(whole))), 0.0),
            ("numbers on two slips", float(sum(n > 1 for n in whole.values())), 0.0),
            ("no fault occurred", float(outcomes[Outcome.PRINTED.value] == count), 0.0),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
