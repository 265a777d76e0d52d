"""Fuzz the kiosk with a million bytes of wrong printer answers, and look for false confirmations.

    python benchmarks/printing_fuzz.py [BYTES] [SEED]

Each script prints two slips. Its answers are correct, stale, those of another job, cut short,
delayed, or mixed with noise and automatic status; they arrive in pieces of any length, between
closed connections and floods (whose bytes are not counted). A confirmation without a matching
answer of the printer is false. The baseline is python-escpos on the same scripts: it writes the
slip and calls ``paper_status``, as its users do. Its result is wrong where it reports paper and no
byte of the answer does.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random

from benchmarks.common import table, verdict
from kiosk.domain.delivery import Proof
from kiosk.printing.encoder import encode
from tests.printing.fuzz.play import NUMBERS, ScriptResult, play, short_answer_times, slip_of
from tests.printing.fuzz.script import Script, random_script
from tests.printing.fuzz.scripted_printer import ScriptedPrinter

BYTES = 1_000_000
BATCH = 200
THREADS = 12
PLAIN_S = 0.1
PRINT_S = 1.0
"""Limit for a slip, whose deadline is 0.2 s, on a busy machine."""

PROBE_S = 15.0
"""Limit for a probe: 4.5 s for its questions, on a busy machine."""

PROOFS = tuple(
    proof.value for proof in (Proof.CONFIRMED, Proof.SENT, Proof.UNCERTAIN, Proof.SCREEN)
)
HEADS = (
    "level",
    "scripts",
    "bytes",
    *PROOFS,
    "complaints",
    "plain: paper",
    "wrong",
    "raised",
)


@dataclass(slots=True)
class Totals:
    """The summed results of the scripts of one level."""

    counts: Counter[str] = field(default_factory=Counter)
    print_s: float = 0.0
    probe_s: float = 0.0
    complaints: list[str] = field(default_factory=list)

    def add(self, other: Totals) -> None:
        """Add the totals of another batch."""
        self.counts += other.counts
        self.print_s = max(self.print_s, other.print_s)
        self.probe_s = max(self.probe_s, other.probe_s)
        self.complaints += other.complaints

    def add_result(self, seed: int, result: ScriptResult, plain: str) -> None:
        """Add the result of one script."""
        self.counts += result.proofs
        self.counts += Counter(scripts=1, bytes=result.bytes_sent)
        self.counts[plain] += 1
        self.print_s = max(self.print_s, result.longest_print_s)
        self.probe_s = max(self.probe_s, result.longest_probe_s)
        self.complaints += [f"script {seed}: {why}" for why in result.complaints]


def main() -> int:
    """Play scripts until enough bytes were sent; return 0 when the answers support all results."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else BYTES
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    began = time.monotonic()
    totals: dict[str, Totals] = {}
    for batch in batches(first):
        for level, one in batch.items():
            totals.setdefault(level, Totals()).add(one)
        bytes_sent = sum(one.counts["bytes"] for one in totals.values())
        print(f"{bytes_sent:,} of {wanted:,} bytes", file=sys.stderr)
        if bytes_sent >= wanted:
            break
    whole = Totals()
    for one in totals.values():
        whole.add(one)
    rows = [row(level, one) for level, one in (*sorted(totals.items()), ("all", whole))]
    table(f"Fuzzed answers, {time.monotonic() - began:.0f} s", HEADS, rows)
    for why in whole.complaints[:40]:
        print(why)
    hung = float(sum("hung" in why for why in whole.complaints))
    raised = float(sum("raised" in why for why in whole.complaints))
    unsupported = len(whole.complaints) - hung - raised
    return verdict(
        [
            ("false confirmations and denials", unsupported, 0.0),
            ("exceptions", raised, 0.0),
            ("hangs", hung, 0.0),
            ("longest slip, s", whole.print_s, PRINT_S),
            ("longest probe, s", whole.probe_s, PROBE_S),
            ("nothing was confirmed at all", float(not whole.counts["confirmed"]), 0.0),
        ]
    )


def row(level: str, one: Totals) -> list[str]:
    """A row of the table."""
    counts = one.counts
    paper = counts["right"] + counts["wrong"]
    figures = (
        counts["scripts"],
        counts["bytes"],
        *(counts[name] for name in PROOFS),
        len(one.complaints),
        paper,
        counts["wrong"],
        counts["raised"],
    )
    return [level, *(f"{figure:,}" for figure in figures)]


def batches(first: int) -> Iterator[dict[str, Totals]]:
    """Yield the results of endless batches of seeds, with one process for each processor."""
    spawn, workers = multiprocessing.get_context("spawn"), os.cpu_count() or 1
    with ProcessPoolExecutor(workers, mp_context=spawn) as pool:
        waiting = [pool.submit(play_batch, first + i * BATCH) for i in range(workers)]
        ahead = first + workers * BATCH
        try:
            while True:
                yield waiting.pop(0).result()
                waiting.append(pool.submit(play_batch, ahead))
                ahead += BATCH
        finally:
            pool.shutdown(cancel_futures=True)


def play_batch(first: int) -> dict[str, Totals]:
    """Play the scripts of these seeds in one worker process, in THREADS threads."""
    totals: dict[str, Totals] = {}
    with short_answer_times(), ThreadPoolExecutor(THREADS) as pool:
        for seed, script, result, plain in pool.map(play_one, range(first, first + BATCH)):
            totals.setdefault(script.level, Totals()).add_result(seed, result, plain)
    return totals


def play_one(seed: int) -> tuple[int, Script, ScriptResult, str]:
    """Play one script with the kiosk and with plain python-escpos."""
    script = random_script(Random(seed))
    return seed, script, play(script), run_plain(script)


def run_plain(script: Script) -> str:
    """Print with plain python-escpos: ``right`` or ``wrong`` where it reports paper, ``none`` where
    it does not, ``raised`` where it raises."""
    from escpos.printer import Network

    with ScriptedPrinter(script) as device:
        printer = Network(device.host, device.port, timeout=PLAIN_S)
        try:
            printer.open()
            printer._raw(encode(slip_of(NUMBERS[0]), 80, "CP858"))
            paper = printer.paper_status()
        except Exception:  # noqa: BLE001 - its own errors and OSError
            return "raised"
        finally:
            printer.close()
    if not paper:
        return "none"
    answers = bytes(device.answers[-1].data) if device.answers else b""
    reported = any(byte & 0x93 == 0x12 and not byte & 0x60 for byte in answers)
    return "right" if reported else "wrong"


if __name__ == "__main__":
    sys.exit(main())
