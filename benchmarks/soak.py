"""Soak: 8 simulated hours of a July day, then a rush of 90 minutes, with faults, in one process.

    python benchmarks/soak.py [--day 296] [--rush 1500] [--warm-up 400] [--seed N] [--plot FILE.png]

Balikpapan's day of July (296 visitors, the first hour with twice as many) and Pekanbaru's rush
(1,500 numbers in 90 minutes) at one kiosk, by real touches on the real screens; every tenth visitor
also touches at random what is there. The screens' clock is advanced where nobody touches, so that
the attract screen and all time-outs come: about 40 minutes for nine and a half hours. Meanwhile the
virtual printer and the queue server are killed (SIGKILL) and started again, the paper ends in mid
slip, the network swallows everything: about one fault in twelve visits, drawn from the seed.

Memory, open files, threads and the processor time of drawn frames must be flat: each is compared
with the same process after the warm-up (random visits with the same faults, which fill its caches
and build the screens that only a fault shows). Each visitor must have a number, no number may be
given twice, and the server must hold all of them.
Prints a table; ``--plot`` draws it. A short form, whose caches are not full, so that the limit of
memory says little: ``--warm-up 20 --day 30 --rush 60``.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.common import quantile, running, table, verdict
from benchmarks.relay import HOLD, PASS, Relay, turn
from benchmarks.served import queue_server, server_environment
from benchmarks.soak_plot import draw
from benchmarks.soak_visits import lines_of
from kiosk.clock import demo_start
from kiosk.demo.embedded_server import EmbeddedServer
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from tests.chaos.printers import KilledPrinter
from tests.queue_server.servers import ROOT

FAULTS = ("printer killed", "server killed", "paper out", "network silent")
ONE_IN = 12
LONGEST_S = {"printer killed": 4.0, "server killed": 6.0, "paper out": 4.0, "network silent": 10.0}

MOST_GROWTH_MIB = 5.0
MOST_FRAMES = 1.25
"""The p95 of the last quarter against that of the first one after the warm-up, times."""

COLUMNS = ("hours", "visits", "kib", "widgets", "textures", "files", "threads")
FRAMES = ("frame_p50", "frame_p95", "frame_max")

Sample = dict[str, Any]


class World:
    """Printer, server and network, and the faults in them."""

    def __init__(self, printer: KilledPrinter, server: EmbeddedServer, relay: Relay) -> None:
        self._printer, self._server, self._relay = printer, server, relay
        self._settings = load_settings(ROOT / "config", ASSETS)
        self._began_s = time.monotonic()
        self.faults: Counter[str] = Counter()

    def fault(self, kind: str, for_s: float) -> None:
        """Make a fault and end it after ``for_s`` seconds."""
        self.faults[kind] += 1
        match kind:
            case "printer killed":
                self._printer.kill()
                time.sleep(for_s)
                self._printer.start()
            case "server killed":
                self._server.cut()
                time.sleep(for_s)
                self.serve()
            case "paper out":
                self._printer.ask("fault", name="paper_out", at_mm=30)
                time.sleep(for_s)
                self._printer.ask("mend")
            case "network silent":
                turn(self._relay.switch, HOLD)
                time.sleep(for_s)
                turn(self._relay.switch, PASS)

    def serve(self) -> None:
        """Start the server, its clock where the kiosk's is."""
        passed = time.monotonic() - self._began_s
        self._server.start(
            demo_start(self._settings).fromtimestamp(
                demo_start(self._settings).timestamp() + passed, demo_start(self._settings).tzinfo
            )
        )
        self._server.wait()


def soak(warm_up: int, day: int, rush: int, seed: int) -> tuple[list[Sample], dict[str, Any]]:
    """Run it: the samples, and what is to be judged."""
    samples: list[Sample] = []
    numbers: list[str] = []
    missing: list[str] = []
    left = ""
    rng = random.Random(f"{seed} faults")
    with tempfile.TemporaryDirectory(prefix="soak-") as name, queue_server() as server:
        printer = KilledPrinter(Path(name) / "paper")
        port = int(server.address.rpartition(":")[2])
        os.environ |= {"KIOSK_BENCH_PRINTER": str(printer.port), "KIOSK_BENCH_LEVEL": "A"}
        with Relay(port) as relay, server_environment(server, relay):
            world = World(printer, server, relay)
            asked = ("kiosk_window.py", "soak", *map(str, (warm_up, day, rush, seed)))
            with running(*asked) as process:
                assert process.stdout is not None
                for kind, *words in lines_of(iter(process.stdout.readline, "")):
                    if kind == "visit":
                        numbers += [words[1]] if words[1] != "-" else []
                        missing += [" ".join(words)] if words[1] == "-" else []
                    if kind in ("warm-up", "visit"):
                        last = int(words[0]) == (warm_up if kind == "warm-up" else day + rush)
                        if not last and rng.randrange(ONE_IN) == 0:
                            what = rng.choice(FAULTS)
                            world.fault(what, rng.random() * LONGEST_S[what])
                    elif kind == "sample":
                        pairs = (pair.split("=") for pair in words[1:])
                        samples.append({"phase": words[0]} | {k: float(v) for k, v in pairs})
                    elif kind == "end":
                        left = " ".join(words)
                assert process.wait(60) == 0, "the kiosk ended with an error"
            today = demo_start(load_settings(ROOT / "config", ASSETS)).date()
            held = [ticket["number"] for ticket in server.tickets(today)]
        printer.stop()
    return samples, {
        "missing": missing,
        "doubles": len(numbers) - len(set(numbers)),
        "unknown": sorted(set(numbers) - set(held)),
        "left": left,
        "faults": world.faults,
        "numbers": len(numbers),
    }


def flatness(samples: list[Sample]) -> list[tuple[str, float, float]]:
    """The limits: what has grown since the warm-up.

    Files and threads come and go with connections: the lowest count of the last quarter is compared
    with the highest of the first one."""
    warm = max(i for i, s in enumerate(samples) if s["phase"] == "warm-up")
    rest = samples[warm:]
    quarter = max(1, len(rest) // 4)
    first, last = rest[:quarter], rest[-quarter:]

    def grown(name: str) -> float:
        return float(min(s[name] for s in last) - max(s[name] for s in first))

    before, after = (quantile([s["frame_p95"] for s in part], 0.5) for part in (first, last))
    return [
        (
            "growth since the warm-up, MiB",
            (last[-1]["kib"] - rest[0]["kib"]) / 1024,
            MOST_GROWTH_MIB,
        ),
        ("open files more than in the first quarter", grown("files"), 2),
        ("threads more than in the first quarter", grown("threads"), 0),
        ("frame p95, last quarter against the first, times", after / before, MOST_FRAMES),
    ]


def main() -> int:
    """Run it, print the table, draw the plot; 0 when all limits are kept."""
    parser = argparse.ArgumentParser(description="A long day and a rush, with faults.")
    parser.add_argument("--day", type=int, default=296, metavar="VISITORS")
    parser.add_argument("--rush", type=int, default=1500, metavar="NUMBERS")
    parser.add_argument("--warm-up", type=int, default=400, metavar="VISITS")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot", type=Path, metavar="FILE.png")
    asked = parser.parse_args()
    begun_s = time.monotonic()
    samples, found = soak(asked.warm_up, asked.day, asked.rush, asked.seed)
    spent_s = time.monotonic() - begun_s
    rows = [
        [
            s["phase"],
            f"{s['hours']:.2f}",
            f"{s['visits']:.0f}",
            f"{s['kib'] / 1024:.1f}",
            *(f"{s[name]:.0f}" for name in COLUMNS[3:]),
            *(f"{s[name]:.1f}" for name in FRAMES),
        ]
        for s in samples
    ]
    heads = ["phase", "hours", "visitors", "MiB", *COLUMNS[3:], "p50 ms", "p95 ms", "longest ms"]
    title = f"soak, seed {asked.seed}: memory, objects and processor time of drawn frames"
    table(title, heads, rows)
    hours = samples[-1]["hours"]
    print(f"{hours:.1f} hours in {spent_s / 60:.0f} minutes: {hours * 3600 / spent_s:.0f} times")
    print("faults: " + ", ".join(f"{kind} {n}" for kind, n in sorted(found["faults"].items())))
    print(f"{found['numbers']} numbers; left in the outbox: {found['left']}\n")
    for why in (*found["missing"], *found["unknown"]):
        print(f"  {why}")
    if asked.plot is not None:
        draw(samples, asked.plot, title)
    return verdict(
        [
            ("visitors without a number", len(found["missing"]), 0),
            ("numbers given twice", found["doubles"], 0),
            ("numbers that the server does not hold", len(found["unknown"]), 0),
            *flatness(samples),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
