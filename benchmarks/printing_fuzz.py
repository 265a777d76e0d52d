"""A million bytes of answers that no printer should give: what does the kiosk believe of them?

    python benchmarks/printing_fuzz.py [BYTES] [SEED]

Two slips for each script: true answers, stale ones, those of another job, cut short, late, mixed
with rubbish and with automatic status, in any pieces, with ends of the connection and floods (whose
bytes are not counted). A confirmation without the printer's own word is false. The baseline is
python-escpos on the same scripts: it writes the slip and asks ``paper_status``, as its users do;
that is wrong where it says that there is paper and no byte of the answer says so.
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
from tests.printing.fuzz.play import NUMBERS, Played, haste, play, slip_of
from tests.printing.fuzz.script import Script, a_script
from tests.printing.fuzz.talker import Talker

BYTES = 1_000_000
PART = 200
THREADS = 12
PLAIN_S = 0.1
PRINT_S = 1.0
"""For a slip, whose deadline is 0.2 s; this machine may be busy."""

PROBE_S = 15.0
"""For an idle look: 4.5 s for its questions, and a busy machine."""

SAID = tuple(proof.value for proof in (Proof.CONFIRMED, Proof.SENT, Proof.UNCERTAIN, Proof.SCREEN))
HEADS = (
    "level",
    "scripts",
    "bytes",
    *SAID,
    "complaints",
    "plain: paper",
    "wrong",
    "raised",
)


@dataclass(slots=True)
class Sum:
    """What came of many scripts of one level."""

    counts: Counter[str] = field(default_factory=Counter)
    print_s: float = 0.0
    probe_s: float = 0.0
    complaints: list[str] = field(default_factory=list)

    def add(self, other: Sum) -> None:
        """Take another sum in."""
        self.counts += other.counts
        self.print_s = max(self.print_s, other.print_s)
        self.probe_s = max(self.probe_s, other.probe_s)
        self.complaints += other.complaints

    def take(self, seed: int, played: Played, plain: str) -> None:
        """Take one script in."""
        self.counts += played.proofs
        self.counts += Counter(scripts=1, bytes=played.bytes_said)
        self.counts[plain] += 1
        self.print_s = max(self.print_s, played.longest_print_s)
        self.probe_s = max(self.probe_s, played.longest_probe_s)
        self.complaints += [f"script {seed}: {why}" for why in played.complaints]


def main() -> int:
    """Play scripts until there are enough bytes; 0 when nothing was believed without a reason."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else BYTES
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    began = time.monotonic()
    sums: dict[str, Sum] = {}
    for part in parts(first):
        for level, one in part.items():
            sums.setdefault(level, Sum()).add(one)
        said = sum(one.counts["bytes"] for one in sums.values())
        print(f"{said:,} of {wanted:,} bytes", file=sys.stderr)
        if said >= wanted:
            break
    whole = Sum()
    for one in sums.values():
        whole.add(one)
    rows = [row(level, one) for level, one in (*sorted(sums.items()), ("all", whole))]
    table(f"Fuzzed answers, {time.monotonic() - began:.0f} s", HEADS, rows)
    for why in whole.complaints[:40]:
        print(why)
    hung = float(sum("hung" in why for why in whole.complaints))
    broke = float(sum("broke off" in why for why in whole.complaints))
    believed = len(whole.complaints) - hung - broke
    return verdict(
        [
            ("false confirmations and denials", believed, 0.0),
            ("exceptions", broke, 0.0),
            ("hangs", hung, 0.0),
            ("longest slip, s", whole.print_s, PRINT_S),
            ("longest idle look, s", whole.probe_s, PROBE_S),
            ("nothing was confirmed at all", float(not whole.counts["confirmed"]), 0.0),
        ]
    )


def row(level: str, one: Sum) -> list[str]:
    """A line of the table."""
    counts = one.counts
    paper = counts["right"] + counts["wrong"]
    figures = (
        counts["scripts"],
        counts["bytes"],
        *(counts[name] for name in SAID),
        len(one.complaints),
        paper,
        counts["wrong"],
        counts["raised"],
    )
    return [level, *(f"{figure:,}" for figure in figures)]


def parts(first: int) -> Iterator[dict[str, Sum]]:
    """Part after part, by as many processes as there are processors, without end."""
    spawn, workers = multiprocessing.get_context("spawn"), os.cpu_count() or 1
    with ProcessPoolExecutor(workers, mp_context=spawn) as pool:
        waiting = [pool.submit(play_part, first + i * PART) for i in range(workers)]
        ahead = first + workers * PART
        try:
            while True:
                yield waiting.pop(0).result()
                waiting.append(pool.submit(play_part, ahead))
                ahead += PART
        finally:
            pool.shutdown(cancel_futures=True)


def play_part(first: int) -> dict[str, Sum]:
    """In a process of its own: the scripts of these seeds, several at once."""
    sums: dict[str, Sum] = {}
    with haste(), ThreadPoolExecutor(THREADS) as pool:
        for seed, script, played, plain in pool.map(one_script, range(first, first + PART)):
            sums.setdefault(script.level, Sum()).take(seed, played, plain)
    return sums


def one_script(seed: int) -> tuple[int, Script, Played, str]:
    """A script, what the kiosk made of it and what plain use did."""
    script = a_script(Random(seed))
    return seed, script, play(script), plain_use(script)


def plain_use(script: Script) -> str:
    """``right`` or ``wrong`` where plain use says that there is paper, else ``none``; ``raised``
    where it broke off."""
    from escpos.printer import Network

    with Talker(script) as talker:
        printer = Network(talker.host, talker.port, timeout=PLAIN_S)
        try:
            printer.open()
            printer._raw(encode(slip_of(NUMBERS[0]), 80, "CP858"))
            paper = printer.paper_status()
        except Exception:  # noqa: BLE001 - it has many kinds
            return "raised"
        finally:
            printer.close()
    if not paper:
        return "none"
    said = bytes(talker.said[-1].data) if talker.said else b""
    told = any(byte & 0x93 == 0x12 and not byte & 0x60 for byte in said)
    return "right" if told else "wrong"


if __name__ == "__main__":
    sys.exit(main())
