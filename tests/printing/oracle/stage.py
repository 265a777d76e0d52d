"""Four visitors at a desk whose printer fails: real journal, real sockets, a virtual printer."""

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
from kiosk.printing import slip_length
from kiosk.printing.direct import DirectPrinter
from kiosk.printing.encoder import encode, has_page_mode
from kiosk.printing.job_result import frame_job
from kiosk.printing.slip_length import length_mm
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.store.journal import Journal
from tests.desk.counter import settings as desk_settings
from tests.domain.menus import at
from tests.printing.oracle.cases import HEARD, LATE, LEVELS, STOPPERS, Case, Sizes
from tests.printing.oracle.judge import Readings, Visitor, complaints, readings_of, seen, whole
from tests.printing.oracle.mender import Mender
from tests.printing.oracle.pace import CONNECT_S, DEADLINE_S, faster
from tests.printing.oracle.place import RELEASE, SECOND_HOST, Place
from virtual_printer.faults import LINE
from virtual_printer.sheet import SlipRecord

ROOT = Path(__file__).resolve().parents[3]
ASKED = 12
"""The bytes of DLE EOT 1 to 4."""

PATIENCE_S = 30.0
"""Limit for paper to come again once all is mended: this machine may be busy, and a hold of a
printer that proves nothing lasts some seconds."""

LONG_DEADLINE_S = 8.0
"""The kiosk's deadline for one slip once all is mended."""

LOOK_S = 0.1
TRIES = 8

TEMPLATE = load_settings(ROOT / "config", ASSETS).template

Wrap = Callable[[Printer], Printer]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a case: ``complaints``, none when all is well; what the first visitor was
    told, whether a whole slip was there when the second had been served, and whether the fault
    was met at all."""

    complaints: tuple[str, ...]
    told: Proof
    whole: bool
    struck: bool


@dataclass(frozen=True, slots=True)
class Job:
    """A slip, the bytes sent for it with the questions behind it, and the millimetres of its
    paper."""

    slip: Slip
    length: int
    height_mm: float


class Recorder:
    """The printer's port, and what it said of each slip."""

    def __init__(self, port: Printer) -> None:
        self._port = port
        self.prints: list[tuple[Slip, PrintResult]] = []

    def print(self, slip: Slip) -> PrintResult:
        """As the printer does."""
        result = self._port.print(slip)
        self.prints.append((slip, result))
        return result

    def probe(self, wanted: Callable[[], bool] = no_job_waiting) -> PrinterHealth:
        """As the printer does."""
        return self._port.probe(wanted)


class Stage:
    """One journal for many cases; ``wrap`` may put something between desk and printer.

    ``patience_s``: how long paper may take to come again once all is mended.
    """

    def __init__(
        self, folder: Path, wrap: Wrap = lambda port: port, patience_s: float = PATIENCE_S
    ) -> None:
        self._journal = Journal.open(folder / "journal.sqlite3", machine_id="m", now=at(9))
        self._wrap = wrap
        self._patience_s = patience_s
        self._ids = itertools.count()
        self._printer = PrinterSettings(connection="", deadline_s=DEADLINE_S, connect_s=CONNECT_S)
        made = desk_settings()
        kiosk = replace(made.kiosk, printer=self._printer)
        site = replace(made.catalogue.site, public_url="https://antrean.example.go.id")
        catalogue = replace(made.catalogue, site=site)
        self._settings = replace(made, kiosk=kiosk, template=TEMPLATE, catalogue=catalogue)

    def close(self) -> None:
        """End it."""
        self._journal.close()

    def judge(self, case: Case) -> Verdict:
        """What comes of ``case``."""
        with Place(case.printer) as place, self._open(place) as visits:
            return self._play(case, place, visits)

    def first_job(self, level: str) -> Job:
        """The job of a first visitor; tried again where this machine was too busy for one."""
        for _ in range(TRIES):
            with Place(level) as place, self._open(place) as visits:
                visits.until_well(self._patience_s)
                if self._visit(visits).told[0].outcome is Outcome.PRINTED:
                    (piece,) = place.device.wait_for_slips(1, 60.0)
                    return _job(visits.recorder.prints[0][0], level, piece)
        raise TimeoutError(f"level {level}: no slip was printed, and nothing was wrong")

    @contextmanager
    def _open(self, place: Place) -> Iterator[Visits]:
        settings = replace(self._printer, connection=place.connection, level=place.level)
        # No logo: it would be most of the bytes.
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
            yield Visits(desk, opened, recorder)
        finally:
            worker.stop(10)
            opened.close()

    def _play(self, case: Case, place: Place, visits: Visits) -> Verdict:
        visits.until_well(self._patience_s)
        with Mender(case, place.device) as mender:
            came_s = time.monotonic()
            first = self._visit(visits)
            place.happens(case.meanwhile)
            visitors = [first]
            visits.desk.probe()
            visitors.append(self._visit(visits))
            place.settle()
        there = whole(self._readings(visits, first), seen(place.tray)) > 0
        visitors += self._recover(case, place, visits, first)
        first.told.append(visits.desk.reprint(first.ticket.id))
        place.settle()
        found = self._complaints(case, visitors, place, visits)
        quick = mender.begun_s is not None and mender.begun_s - came_s < slip_time_s(first)
        if first.told[0].proof is Proof.SENT and not there and quick and can_be_told(case):
            found.append(
                f"{first.number}: called sent, and a fault in the slip's time was not told"
            )
        whys = tuple(f"{case}: {why}" for why in found)
        return Verdict(whys, first.told[0].proof, there, mender.begun_s is not None)

    def _recover(self, case: Case, place: Place, visits: Visits, first: Visitor) -> list[Visitor]:
        """All is mended, it may strike once more, and visitors come until one has a slip.

        Nothing is said to the kiosk, unless the case is about staff.
        """
        place.device.mend()
        place.settle()
        if case.meanwhile == RELEASE:
            visits.port.release()
        if case.again:
            visits.until_well(self._patience_s)
        visits.desk.probe()
        with Mender(case, place.device) if case.again else nullcontext():
            visitors = [self._visit(visits)]
            first.told.append(visits.desk.issue(self._request(first.ticket.id)).result)
        place.device.mend()
        visits.wait_for_a_slip(max(DEADLINE_S, min(LONG_DEADLINE_S, self._patience_s)))
        end_s = time.monotonic() + self._patience_s
        while True:
            visits.until_well(end_s - time.monotonic())
            visitors.append(self._visit(visits))
            if visitors[-1].told[-1].outcome is Outcome.PRINTED or time.monotonic() > end_s:
                return visitors

    def _complaints(
        self, case: Case, visitors: list[Visitor], place: Place, visits: Visits
    ) -> list[str]:
        prints = visits.recorder.prints
        for visitor in visitors:
            visitor.prints = [p for p in prints if p[0].number == visitor.number]
        kept = {v.ticket.id: self._journal.get(v.ticket.id) for v in visitors}
        journal = {k: t.printed if t else None for k, t in kept.items()}
        found = complaints(
            visitors,
            seen(place.tray),
            journal,
            mixed=case.fault == "second_host" or case.meanwhile == SECOND_HOST,
            torn=case.leaves_no_trace,
        )
        last = visitors[-1].told[-1]
        if last.outcome is not Outcome.PRINTED:
            found.append(f"all is mended, and nothing prints: {last}")
        if not prints:
            found.append("nothing was known to be wrong, and no slip was sent")
        return found

    def _readings(self, visits: Visits, visitor: Visitor) -> Readings:
        mine = (readings_of(s) for s, _ in visits.recorder.prints if s.number == visitor.number)
        return next(mine, frozenset())

    def _visit(self, visits: Visits) -> Visitor:
        done = visits.desk.issue(self._request(f"{id(self):x}-{next(self._ids)}"))
        return Visitor(done.ticket, [done.result])

    def _request(self, ticket_id: str) -> TicketRequest:
        return TicketRequest(ticket_id, "5" * 32, "ktp", "id", at(9))


@dataclass(frozen=True, slots=True)
class Visits:
    """A desk with its printer's port, and what the port said of each slip."""

    desk: Desk
    port: Printer
    recorder: Recorder

    def until_well(self, limit_s: float) -> None:
        """Look at the printer again and again, as the kiosk does, until it is well."""
        end_s = time.monotonic() + limit_s
        while not self.desk.probe().well and time.monotonic() < end_s:
            time.sleep(LOOK_S)

    def wait_for_a_slip(self, limit_s: float) -> None:
        """From now on a slip that is late on a busy machine is waited for: ``deadline_s``."""
        port = self.port
        assert isinstance(port, DirectPrinter)
        port._settings = replace(port._settings, deadline_s=limit_s)


def can_be_told(case: Case) -> bool:
    """Whether the kiosk can know that the fault, which comes while the slip does, has come."""
    if case.fault in ("close", "reset"):
        return case.mended in (LATE, HEARD)
    named = (*STOPPERS, *LINE, "power_cycle")
    return case.level != "D" and case.fault in named and case.mended in (LATE, HEARD)


def slip_time_s(visitor: Visitor) -> float:
    """For how long the kiosk watches the slip at least."""
    lengths = [length_mm(encode(slip, 80, "CP858")) for slip, _ in visitor.prints]
    return min(lengths, default=0.0) / slip_length.SLOWEST_MM_S


def _job(slip: Slip, level: str, piece: SlipRecord) -> Job:
    """``slip`` as it was sent to the printer that made ``piece`` of it."""
    data = encode(slip, 80, "CP858", page_mode=has_page_mode("auto", Level(level)))
    return Job(slip, len(frame_job(data, Level(level), b"abcd")) + ASKED, piece.height_mm)


@cache
def first_jobs() -> dict[str, Job]:
    """The first visitor's, by level."""
    with TemporaryDirectory() as folder, closing(Stage(Path(folder))) as stage, faster():
        return {level: stage.first_job(level) for level in LEVELS}


def slip_sizes(printers: Iterable[str] = LEVELS) -> Sizes:
    """The bytes and millimetres of each printer's first job."""
    jobs = {printer: first_jobs()[Case(printer, "").level] for printer in printers}
    return {printer: (job.length, job.height_mm) for printer, job in jobs.items()}


def judged(
    cases: Iterable[Case],
    folder: Path,
    threads: int,
    wrap: Wrap = lambda port: port,
    patience_s: float = PATIENCE_S,
) -> Iterator[tuple[Case, Verdict]]:
    """Each case and what came of it, in order; they wait much, so several run at once.

    Journals are kept in ``folder``, one for each of ``threads``.
    """
    own, lock = threading.local(), threading.Lock()
    stages: list[Stage] = []

    def one(case: Case) -> tuple[Case, Verdict]:
        if not hasattr(own, "stage"):
            with lock:
                place = folder / f"journal-{len(stages)}"
                place.mkdir()
                own.stage = Stage(place, wrap, patience_s)
                stages.append(own.stage)
        return case, own.stage.judge(case)

    with faster(), ThreadPoolExecutor(threads) as pool:
        yield from pool.map(one, cases)
    for stage in stages:
        stage.close()
