"""Run the fault matrix of the printing oracle: each fault at each position, on each printer.

    python benchmarks/printing_sweep.py [CASES] [SEED] [--printers NAMES] [--into FILE]

Printers are the levels A to D and the characters of the virtual printer; NAMES (with commas) are
some of them, ``levels`` or ``characters``. Without CASES the whole matrix runs, about an hour and a
half on two processors. With ``--into`` each result is appended to FILE, and an interrupted run
continues from there.

The table has a row for each printer and fault: the results reported to the visitor, and how many
slips were complete. Every tenth case also runs with plain python-escpos; the table counts how often
that succeeds without a slip. The baseline of the complaints is the same visits without a fault.
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
from tests.printing.oracle.address import PrinterAddress
from tests.printing.oracle.cases import CHARACTER_NAMES, LEVELS, Case, all_cases, some_cases
from tests.printing.oracle.fault_injector import FaultInjector
from tests.printing.oracle.invariants import count_whole_slips, expected_readings, visible_pieces
from tests.printing.oracle.runner import first_jobs, run_cases, slip_sizes
from virtual_printer import VirtualPrinter

THREADS = 24
BATCH = 240
PLAIN_EVERY = 10
PLAIN_S = 0.5
BASELINE = 10
NO_FAULT = "nothing wrong"
REPORTED_PROOFS = tuple(
    proof.value for proof in (Proof.CONFIRMED, Proof.SENT, Proof.UNCERTAIN, Proof.SCREEN)
)
HEADS = (
    "printer, fault",
    "cases",
    "occurred",
    *REPORTED_PROOFS,
    "whole",
    "plain wrong",
    "complaints",
)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """The result of one case. ``plain``: plain python-escpos succeeded without a complete slip;
    None where it did not run."""

    case: str
    printer: str
    fault: str
    first_proof: str
    slip_complete: bool
    fault_occurred: bool
    complaints: tuple[str, ...]
    plain: bool | None = None


def main() -> int:
    """Run the cases; return 0 when the oracle has no complaint."""
    asked = arguments()
    sizes = slip_sizes(asked.printers)
    cases = some_cases(asked.cases, asked.seed, sizes) if asked.cases else list(all_cases(sizes))
    began = time.monotonic()
    with ExitStack() as stack:
        rows = read(asked.into) if asked.into else []
        known = {row.case for row in rows}
        waiting = [case for case in cases if str(case) not in known]
        results_file = (
            stack.enter_context(asked.into.open("a", encoding="utf-8")) if asked.into else None
        )
        complaints = sum(len(row.complaints) for row in rows)
        for batch in run_all(waiting):
            rows += batch
            for row in batch:
                complaints += len(row.complaints)
                for why in row.complaints:
                    print(why, file=sys.stderr)
                if results_file:
                    results_file.write(json.dumps(asdict(row)) + "\n")
            if results_file:
                results_file.flush()
            print(f"{len(rows):,} of {len(cases):,}, {complaints} complaints", file=sys.stderr)
    without_fault = list(baseline(asked.printers))
    occurred = sum(row.fault_occurred for row in rows)
    took_s = time.monotonic() - began
    title = f"Slips against journal and screen, {occurred:,} faults occurred, {took_s:.0f} s"
    table(title, HEADS, [*summary(without_fault), *summary(rows)])
    print("plain wrong: python-escpos succeeded without a complete slip; of the cases it ran\n")
    limits = [("complaints of the oracle", float(complaints), 0.0)]
    limits += [
        ("complaints with nothing wrong", float(sum(len(r.complaints) for r in without_fault)), 0.0)
    ]
    return verdict(limits)


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description="Run the printing oracle's fault matrix.")
    parser.add_argument(
        "cases", nargs="?", type=int, default=0, help="size of the sample; default all"
    )
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("--printers", type=printers, default="all", metavar="NAMES")
    parser.add_argument(
        "--into", type=Path, metavar="FILE", help="append results, and continue from them"
    )
    return parser.parse_args()


def printers(names: str) -> list[str]:
    """The printers that ``--printers`` names."""
    groups = {"levels": [*LEVELS], "characters": [*CHARACTER_NAMES]}
    groups["all"] = groups["levels"] + groups["characters"]
    found = groups.get(names, names.split(","))
    if unknown := set(found) - set(groups["all"]):
        raise argparse.ArgumentTypeError(f"not known: {', '.join(unknown)}")
    return found


def read(path: Path) -> list[CaseRow]:
    """The results of an earlier run; drops an incomplete last line of an interrupted write."""
    if not path.is_file():
        return []
    whole_lines = [line for line in path.read_text("utf-8").splitlines() if line.endswith("}")]
    path.write_text("".join(f"{line}\n" for line in whole_lines), "utf-8")
    return [CaseRow(**json.loads(line)) for line in whole_lines]


def run_all(cases: list[Case]) -> Iterator[list[CaseRow]]:
    """Run all cases in batches, with one process for each processor."""
    batches = [cases[i : i + BATCH] for i in range(0, len(cases), BATCH)]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=spawn) as pool:
        for done in as_completed([pool.submit(run_batch, batch) for batch in batches]):
            yield done.result()


def run_batch(cases: list[Case]) -> list[CaseRow]:
    """Run these cases in one worker process, in THREADS threads."""
    with TemporaryDirectory() as folder:
        return [
            CaseRow(
                str(case),
                case.printer,
                case.fault,
                found.first_proof.value,
                found.slip_complete,
                found.fault_occurred,
                found.complaints,
                None if i % PLAIN_EVERY else is_plain_wrong(case),
            )
            for i, (case, found) in enumerate(run_cases(cases, Path(folder), THREADS))
        ]


def is_plain_wrong(case: Case) -> bool:
    """Whether writing the slip with python-escpos succeeds without a complete slip."""
    from escpos.printer import Network

    slip = first_jobs()[case.level].slip
    with PrinterAddress(case.printer) as address:
        device = address.device
        with FaultInjector(case, device):
            plain = Network(device.host, device.port, timeout=PLAIN_S)
            try:
                plain.open()
                plain._raw(encode(slip, 80, "CP858"))
            except Exception:  # noqa: BLE001 - its own errors and OSError; each warns the caller
                return False
            finally:
                plain.close()
            wait_for_paper(device)
        return not count_whole_slips(expected_readings(slip), visible_pieces(device.slips))


def wait_for_paper(device: VirtualPrinter) -> None:
    """Wait until the printer has read the job and printed all that it can."""
    until = time.monotonic() + PLAIN_S
    while device.connected and time.monotonic() < until:
        time.sleep(0.002)
    with suppress(TimeoutError):
        device.wait_until_idle(PLAIN_S)


def baseline(names: list[str]) -> Iterator[CaseRow]:
    """The same visits without a fault; the paper is near its end, which is no fault."""
    for row in run_batch([Case(name, "near_end") for name in names for _ in range(BASELINE)]):
        yield CaseRow(
            row.case,
            row.printer,
            NO_FAULT,
            row.first_proof,
            row.slip_complete,
            False,
            row.complaints,
        )


def summary(rows: Iterable[CaseRow]) -> list[list[str]]:
    """A row for each printer and fault."""
    groups: dict[tuple[str, str], list[CaseRow]] = {}
    for row in rows:
        groups.setdefault((row.printer, row.fault), []).append(row)
    return [
        [f"{printer}, {fault}", *(str(n) for n in figures(group))]
        for (printer, fault), group in sorted(groups.items())
    ]


def figures(rows: list[CaseRow]) -> Iterator[int | str]:
    """The columns of ``HEADS`` after the first."""
    yield len(rows)
    yield sum(row.fault_occurred for row in rows)
    yield from (sum(row.first_proof == proof for row in rows) for proof in REPORTED_PROOFS)
    yield sum(row.slip_complete for row in rows)
    tried = [row.plain for row in rows if row.plain is not None]
    yield f"{sum(tried)} of {len(tried)}"
    yield sum(len(row.complaints) for row in rows)


if __name__ == "__main__":
    sys.exit(main())
