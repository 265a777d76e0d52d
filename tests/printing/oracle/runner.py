"""Run a case: four or more visits at a desk with a failing virtual printer.

The journal and the sockets are real.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from kiosk.background.worker import Worker
from kiosk.desk import Desk
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Level, Outcome, PrintResult, Proof
from kiosk.domain.health import PrinterHealth, no_job_waiting
from kiosk.domain.slip import Slip
from kiosk.domain.ticket import TicketRequest
from kiosk.printer import Printer, open_printer
from kiosk.printing import slip_time
from kiosk.printing.direct import DirectPrinter
from kiosk.printing.encoder import encode, has_page_mode
from kiosk.printing.job_result import frame_job
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.store.journal import Journal
from tests.desk.rig import settings as desk_settings
from tests.domain.menus import at
from tests.printing.oracle.address import RELEASE, SECOND_HOST, PrinterAddress
from tests.printing.oracle.cases import LATE, LEVELS, REPORTED, STOPPERS, Case, Sizes
from tests.printing.oracle.fault_injector import FaultInjector
from tests.printing.oracle.invariants import (
    Readings,
    VisitRecord,
    complaints,
    count_whole_slips,
    expected_readings,
    visible_pieces,
)
from tests.printing.oracle.time_scale import CONNECT_S, DEADLINE_S, scaled_time
from virtual_printer.faults import LINE
from virtual_printer.sheet import SlipRecord

ROOT = Path(__file__).resolve().parents[3]
STATUS_QUESTION_BYTES = 12
"""Length of DLE EOT 1 to 4."""

RECOVERY_LIMIT_S = 30.0
"""Limit for the first slip after the fault was cleared. It allows for a busy machine, and for the
hold of a printer that confirms nothing, which lasts some seconds."""

LONG_DEADLINE_S = 8.0
"""The kiosk's deadline for one slip after the fault was cleared."""

PROBE_INTERVAL_S = 0.1
ATTEMPTS = 8

TEMPLATE = load_settings(ROOT / "config", ASSETS).template

PrinterWrapper = Callable[[Printer], Printer]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The result of one case.

    ``complaints``: violated invariants. ``first_proof``: the proof reported to the first visitor.
    ``slip_complete``: the first visitor's slip was complete after the second visit.
    ``fault_occurred``: the job reached the position of the fault.
    """

    complaints: tuple[str, ...]
    first_proof: Proof
    slip_complete: bool
    fault_occurred: bool


@dataclass(frozen=True, slots=True)
class FirstJob:
    """A slip, the bytes sent for it including the status questions after it, and its paper in
    millimetres."""

    slip: Slip
    length: int
    height_mm: float


class Recorder:
    """A printer's port that records the result of each slip."""

    def __init__(self, port: Printer) -> None:
        self._port = port
        self.prints: list[tuple[Slip, PrintResult]] = []

    def print(self, slip: Slip) -> PrintResult:
        """See ``Printer.print``."""
        result = self._port.print(slip)
        self.prints.append((slip, result))
        return result

    def probe(self, wanted: Callable[[], bool] = no_job_waiting) -> PrinterHealth:
        """See ``Printer.probe``."""
        return self._port.probe(wanted)


class CaseRunner:
    """Runs cases one after the other on one journal; ``wrap`` may put a wrapper around the printer.

    ``recovery_limit_s``: limit for the first slip after the fault was cleared.
    """

    def __init__(
        self,
        folder: Path,
        wrap: PrinterWrapper = lambda port: port,
        recovery_limit_s: float = RECOVERY_LIMIT_S,
    ) -> None:
        self._journal = Journal.open(folder / "journal.sqlite3", machine_id="m", now=at(9))
        self._wrap = wrap
        self._recovery_limit_s = recovery_limit_s
        self._ids = itertools.count()
        self._printer = PrinterSettings(connection="", deadline_s=DEADLINE_S, connect_s=CONNECT_S)
        made = desk_settings()
        kiosk = replace(made.kiosk, printer=self._printer)
        site = replace(made.catalogue.site, public_url="https://antrean.example.go.id")
        catalogue = replace(made.catalogue, site=site)
        self._settings = replace(made, kiosk=kiosk, template=TEMPLATE, catalogue=catalogue)

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    def run(self, case: Case) -> CaseResult:
        """Run ``case`` with a new printer and a new desk."""
        with PrinterAddress(case.printer) as address, self._open(address) as bench:
            return self._run_visits(case, address, bench)

    def first_job(self, level: str) -> FirstJob:
        """Print one slip on a printer of ``level`` without a fault, and measure the job.

        Try again when a busy machine exceeds the short deadline. Raises TimeoutError.
        """
        for _ in range(ATTEMPTS):
            with PrinterAddress(level) as address, self._open(address) as bench:
                bench.wait_until_ready(self._recovery_limit_s)
                if self._visit(bench).reported[0].outcome is Outcome.PRINTED:
                    (piece,) = address.device.wait_for_slips(1, 60.0)
                    return _job(bench.recorder.prints[0][0], level, piece)
        raise TimeoutError(f"level {level}: no slip was printed without a fault")

    @contextmanager
    def _open(self, address: PrinterAddress) -> Iterator[DeskUnderTest]:
        settings = replace(self._printer, connection=address.connection, level=address.level)
        # No logo: it would be most of the job's bytes, and most positions of a fault.
        opened = open_printer(settings, pictures=lambda _: None, now=lambda: at(9))
        recorder, worker = Recorder(self._wrap(opened)), Worker("printer")
        desk = Desk(
            self._journal,
            recorder,
            worker,
            settings=lambda: self._settings,
            now=lambda: at(9),
            date_confirmed=lambda: True,
        )
        try:
            yield DeskUnderTest(desk, opened, recorder)
        finally:
            worker.stop(10)
            opened.close()

    def _run_visits(self, case: Case, address: PrinterAddress, bench: DeskUnderTest) -> CaseResult:
        bench.wait_until_ready(self._recovery_limit_s, answers=case.level != "D")
        with FaultInjector(case, address.device) as injector:
            came_s = time.monotonic()
            first = self._visit(bench)
            address.bring_about(case.between)
            visitors = [first]
            bench.desk.probe()
            visitors.append(self._visit(bench))
            address.settle()
        there = count_whole_slips(self._readings(bench, first), visible_pieces(address.tray)) > 0
        visitors += self._recover(case, address, bench, first)
        first.reported.append(bench.desk.reprint(first.ticket.id))
        address.settle()
        found = self._complaints(case, visitors, address, bench)
        quick = injector.begun_s is not None and injector.begun_s - came_s < slip_time_s(first)
        if first.reported[0].proof is Proof.SENT and not there and quick and is_detectable(case):
            found.append(
                f"{first.number}: reported sent, but a fault in the slip's time was not reported:"
                f" {first.reported[0]}"
            )
        whys = tuple(f"{case}: {why}" for why in found)
        return CaseResult(whys, first.reported[0].proof, there, injector.begun_s is not None)

    def _recover(
        self, case: Case, address: PrinterAddress, bench: DeskUnderTest, first: VisitRecord
    ) -> list[VisitRecord]:
        """Clear the fault (it may occur once more), then let visitors come until one has a slip.

        The kiosk must recover without a command, unless the case tests the command of staff.
        """
        address.device.mend()
        address.settle()
        if case.between == RELEASE:
            bench.port.release()
        if case.again:
            bench.wait_until_ready(self._recovery_limit_s)
        bench.desk.probe()
        with FaultInjector(case, address.device) if case.again else nullcontext():
            visitors = [self._visit(bench)]
            first.reported.append(bench.desk.issue(self._request(first.ticket.id)).result)
        address.device.mend()
        bench.wait_for_a_slip(max(DEADLINE_S, min(LONG_DEADLINE_S, self._recovery_limit_s)))
        end_s = time.monotonic() + self._recovery_limit_s
        while True:
            bench.wait_until_ready(end_s - time.monotonic())
            visitors.append(self._visit(bench))
            if visitors[-1].reported[-1].outcome is Outcome.PRINTED or time.monotonic() > end_s:
                return visitors

    def _complaints(
        self, case: Case, visitors: list[VisitRecord], address: PrinterAddress, bench: DeskUnderTest
    ) -> list[str]:
        prints = bench.recorder.prints
        for visitor in visitors:
            visitor.prints = [p for p in prints if p[0].number == visitor.number]
        kept = {v.ticket.id: self._journal.get(v.ticket.id) for v in visitors}
        journal = {k: t.printed if t else None for k, t in kept.items()}
        found = complaints(
            visitors,
            visible_pieces(address.tray),
            journal,
            mixed=case.fault == "second_host" or case.between == SECOND_HOST,
            torn=case.tears_unnoticed,
        )
        last = visitors[-1].reported[-1]
        if last.outcome is not Outcome.PRINTED:
            found.append(f"the fault was cleared, but nothing prints: {last}")
        if not prints:
            found.append("no fault was known, but no slip was sent")
        return found

    def _readings(self, bench: DeskUnderTest, visitor: VisitRecord) -> Readings:
        mine = (
            expected_readings(s) for s, _ in bench.recorder.prints if s.number == visitor.number
        )
        return next(mine, frozenset())

    def _visit(self, bench: DeskUnderTest) -> VisitRecord:
        done = bench.desk.issue(self._request(f"{id(self):x}-{next(self._ids)}"))
        return VisitRecord(done.ticket, [done.result])

    def _request(self, ticket_id: str) -> TicketRequest:
        return TicketRequest(ticket_id, "5" * 32, "ktp", "id", at(9))


@dataclass(frozen=True, slots=True)
class DeskUnderTest:
    """A desk with its printer's port and the recorder between them."""

    desk: Desk
    port: Printer
    recorder: Recorder

    def wait_until_ready(self, limit_s: float, *, answers: bool = False) -> None:
        """Probe the printer at intervals, as the kiosk does, until it has no fault.

        ``answers``: also until the kiosk has found that this printer answers, which a busy machine
        may delay for longer than the kiosk waits for one answer.
        """
        end_s = time.monotonic() + limit_s
        while time.monotonic() < end_s:
            health = self.desk.probe()
            if health.well and not (answers and health.level is Level.BLIND):
                return
            time.sleep(PROBE_INTERVAL_S)

    def wait_for_a_slip(self, limit_s: float) -> None:
        """Set the deadline of the slips from now on, so that a busy machine can meet it."""
        port = self.port
        assert isinstance(port, DirectPrinter)
        port._settings = replace(port._settings, deadline_s=limit_s)


def is_detectable(case: Case) -> bool:
    """Whether the kiosk can detect the fault when it occurs while the slip is printed."""
    if case.fault in ("close", "reset"):
        return case.mended in (LATE, REPORTED)
    named = (*STOPPERS, *LINE, "power_cycle")
    return case.level != "D" and case.fault in named and case.mended in (LATE, REPORTED)


def slip_time_s(visitor: VisitRecord) -> float:
    """The least time for which the kiosk watches the slip, in seconds."""
    lengths = [encode(slip, 80, "CP858").length_mm for slip, _ in visitor.prints]
    return min(lengths, default=0.0) / slip_time.SLOWEST_MM_S


def _job(slip: Slip, level: str, piece: SlipRecord) -> FirstJob:
    """The job of ``slip`` at ``level``, printed as ``piece``."""
    data = encode(slip, 80, "CP858", page_mode=has_page_mode("auto", Level(level)))
    return FirstJob(
        slip, len(frame_job(data, Level(level), b"abcd")) + STATUS_QUESTION_BYTES, piece.height_mm
    )


@cache
def first_jobs() -> dict[str, FirstJob]:
    """The first visitor's job by level."""
    with TemporaryDirectory() as folder, closing(CaseRunner(Path(folder))) as runner, scaled_time():
        return {level: runner.first_job(level) for level in LEVELS}


def slip_sizes(printers: Iterable[str] = LEVELS) -> Sizes:
    """The bytes and millimetres of each printer's first job."""
    jobs = {printer: first_jobs()[Case(printer, "").level] for printer in printers}
    return {printer: (job.length, job.height_mm) for printer, job in jobs.items()}


def run_cases(
    cases: Iterable[Case],
    folder: Path,
    threads: int,
    wrap: PrinterWrapper = lambda port: port,
    recovery_limit_s: float = RECOVERY_LIMIT_S,
) -> Iterator[tuple[Case, CaseResult]]:
    """Yield each case with its result, in order.

    Cases run in ``threads`` threads, because a case mostly waits for its printer. Each thread has
    its own journal in ``folder``.
    """
    own, lock = threading.local(), threading.Lock()
    runners: list[CaseRunner] = []

    def one(case: Case) -> tuple[Case, CaseResult]:
        if not hasattr(own, "runner"):
            with lock:
                journals = folder / f"journal-{len(runners)}"
                journals.mkdir()
                own.runner = CaseRunner(journals, wrap, recovery_limit_s)
                runners.append(own.runner)
        return case, own.runner.run(case)

    with scaled_time(), ThreadPoolExecutor(threads) as pool:
        yield from pool.map(one, cases)
    for runner in runners:
        runner.close()
