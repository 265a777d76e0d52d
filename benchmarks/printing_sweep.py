"""Each fault at each place of a slip, on each printer, before the oracle.

    python benchmarks/printing_sweep.py [CASES] [SEED] [--printers NAMES] [--into FILE]

Printers are the levels A to D and the characters of the virtual printer; NAMES (with commas) are
some of them, ``levels`` or ``characters``. Without CASES the whole matrix, about an hour and a half
on two processors. With ``--into`` each case is written down as it is judged, and a run that was
broken off goes on from there.

A row for each printer and fault: what the visitor was told, how often the slip was there, and how
often plain use of python-escpos, of which every tenth case is tried beside it, says "written" where
no slip is. The baseline of the complaints is the same visits with nothing wrong.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.common import table, verdict
from kiosk.domain.delivery import Proof
from kiosk.printing.encoder import encode
from tests.printing.oracle.cases import CHARACTER_NAMES, LEVELS, Case, all_cases, some_cases
from tests.printing.oracle.judge import readings_of, seen, whole
from tests.printing.oracle.mender import Mender
from tests.printing.oracle.place import Place
from tests.printing.oracle.stage import first_jobs, judged, slip_sizes
from virtual_printer import VirtualPrinter

THREADS = 24
PART = 240
PLAIN_EVERY = 10
PLAIN_S = 0.5
BASELINE = 10
WELL = "nothing wrong"
TOLD = (Proof.CONFIRMED, Proof.SENT, Proof.UNCERTAIN, Proof.SCREEN)
SAID = tuple(proof.value for proof in TOLD)
HEADS = ("printer, fault", "cases", "met", *SAID, "whole", "plain wrong", "complaints")


@dataclass(frozen=True, slots=True)
class Row:
    """One case judged. ``plain``: whether plain use called a slip written that is not there;
    None where it was not tried."""

    case: str
    printer: str
    fault: str
    told: str
    whole: bool
    struck: bool
    complaints: tuple[str, ...]
    plain: bool | None = None


def main() -> int:
    """Judge the cases; 0 when nothing is to be complained of."""
    asked = arguments()
    sizes = slip_sizes(asked.printers)
    cases = some_cases(asked.cases, asked.seed, sizes) if asked.cases else list(all_cases(sizes))
    began = time.monotonic()
    with ExitStack() as stack:
        rows = read(asked.into) if asked.into else []
        known = {row.case for row in rows}
        waiting = [case for case in cases if str(case) not in known]
        kept = stack.enter_context(asked.into.open("a", encoding="utf-8")) if asked.into else None
        complaints = sum(len(row.complaints) for row in rows)
        for part in judge_all(waiting):
            rows += part
            for row in part:
                complaints += len(row.complaints)
                for why in row.complaints:
                    print(why, file=sys.stderr)
                if kept:
                    kept.write(json.dumps(asdict(row)) + "\n")
            if kept:
                kept.flush()
            print(f"{len(rows):,} of {len(cases):,}, {complaints} complaints", file=sys.stderr)
    well = list(baseline(asked.printers))
    met = sum(row.struck for row in rows)
    title = (
        f"Slips against journal and screen, {met:,} faults met, {time.monotonic() - began:.0f} s"
    )
    table(title, HEADS, [*summary(well), *summary(rows)])
    print("plain wrong: written, says python-escpos, and no slip; of those tried\n")
    limits = [("complaints of the oracle", float(complaints), 0.0)]
    limits += [("complaints with nothing wrong", float(sum(len(r.complaints) for r in well)), 0.0)]
    return verdict(limits)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Faults of a printer before the oracle.")
    parser.add_argument("cases", nargs="?", type=int, default=0, help="a part; else all")
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("--printers", type=printers, default="all", metavar="NAMES")
    parser.add_argument("--into", type=Path, metavar="FILE", help="written and gone on from")
    return parser.parse_args()


def printers(names: str) -> list[str]:
    """The printers that ``--printers`` names."""
    groups = {"levels": [*LEVELS], "characters": [*CHARACTER_NAMES]}
    groups["all"] = groups["levels"] + groups["characters"]
    found = groups.get(names, names.split(","))
    if unknown := set(found) - set(groups["all"]):
        raise argparse.ArgumentTypeError(f"not known: {', '.join(unknown)}")
    return found


def read(path: Path) -> list[Row]:
    """What an earlier run has judged; a last line that is not whole is dropped."""
    if not path.is_file():
        return []
    whole_lines = [line for line in path.read_text("utf-8").splitlines() if line.endswith("}")]
    path.write_text("".join(f"{line}\n" for line in whole_lines), "utf-8")
    return [Row(**json.loads(line)) for line in whole_lines]


def judge_all(cases: list[Case]) -> Iterator[list[Row]]:
    """All cases, a part at a time, in as many processes as there are processors."""
    parts = [cases[i : i + PART] for i in range(0, len(cases), PART)]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=spawn) as pool:
        for done in as_completed([pool.submit(judge_part, part) for part in parts]):
            yield done.result()


def judge_part(cases: list[Case]) -> list[Row]:
    """In a process of its own: these cases, several at once."""
    with TemporaryDirectory() as folder:
        return [
            Row(
                str(case),
                case.printer,
                case.fault,
                found.told.value,
                found.whole,
                found.struck,
                found.complaints,
                None if i % PLAIN_EVERY else is_plain_wrong(case),
            )
            for i, (case, found) in enumerate(judged(cases, Path(folder), THREADS))
        ]


def is_plain_wrong(case: Case) -> bool:
    """Whether writing the slip with python-escpos succeeds although no slip comes."""
    from escpos.printer import Network

    slip = first_jobs()[case.level].slip
    with Place(case.printer) as place:
        device = place.device
        with Mender(case, device):
            plain = Network(device.host, device.port, timeout=PLAIN_S)
            try:
                plain.open()
                plain._raw(encode(slip, 80, "CP858"))
            except Exception:  # noqa: BLE001 - it has many kinds; any of them is a warning
                return False
            finally:
                plain.close()
            hear_out(device)
        return not whole(readings_of(slip), seen(device.slips))


def hear_out(device: VirtualPrinter) -> None:
    """Until the printer has read what was sent to it and printed what it can."""
    until = time.monotonic() + PLAIN_S
    while device.connected and time.monotonic() < until:
        time.sleep(0.002)
    with suppress(TimeoutError):
        device.wait_until_idle(PLAIN_S)


def baseline(names: list[str]) -> Iterator[Row]:
    """The same visits with nothing wrong: a roll that nears its end, as it does every day."""
    for row in judge_part([Case(name, "near_end") for name in names for _ in range(BASELINE)]):
        yield Row(row.case, row.printer, WELL, row.told, row.whole, False, row.complaints)


def summary(rows: Iterable[Row]) -> list[list[str]]:
    """A line for each printer and fault."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.printer, row.fault), []).append(row)
    return [
        [f"{printer}, {fault}", *(str(n) for n in figures(group))]
        for (printer, fault), group in sorted(groups.items())
    ]


def figures(rows: list[Row]) -> Iterator[int | str]:
    """The columns of ``HEADS`` but the first."""
    yield len(rows)
    yield sum(row.struck for row in rows)
    yield from (sum(row.told == said for row in rows) for said in SAID)
    yield sum(row.whole for row in rows)
    tried = [row.plain for row in rows if row.plain is not None]
    yield f"{sum(tried)} of {len(tried)}"
    yield sum(len(row.complaints) for row in rows)


if __name__ == "__main__":
    sys.exit(main())
