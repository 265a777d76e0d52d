"""Four visitors at a desk whose printer fails: real journal, real sockets, a virtual printer."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, nullcontext, suppress
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
from kiosk.printing import job_result, slip_length, status_protocol
from kiosk.printing.encoder import encode, has_page_mode
from kiosk.printing.job_result import frame_job
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.store.journal import Journal
from tests.desk.counter import settings as desk_settings
from tests.domain.menus import at
from tests.printing.oracle.cases import LEVELS, Case, Sizes
from tests.printing.oracle.judge import Readings, Visitor, complaints, readings_of, seen, whole
from tests.printing.oracle.mender import Mender
from virtual_printer import VirtualPrinter
from virtual_printer.sheet import SlipRecord

ROOT = Path(__file__).resolve().parents[3]
ANSWER_S, ASK_AGAIN_S, DEADLINE_S, CONNECT_S = 0.1, 0.1, 0.4, 0.3
ASKED = 12
"""The bytes of DLE EOT 1 to 4."""

PATIENCE = 8
"""Visitors after all is mended, one of whom must get a slip: this machine may be busy."""

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


@contextmanager
def impatience() -> Iterator[None]:
    """Silence is given up sooner than in a lobby, so that many cases fit into a minute."""
    short = {
        (status_protocol, "ANSWER_S"): ANSWER_S,
        (job_result, "ASK_AGAIN_S"): ASK_AGAIN_S,
        # Paper that moves in no time: no answer is too early.
        (slip_length, "FASTEST_MM_S"): math.inf,
        (slip_length, "SLOWEST_MM_S"): math.inf,
        (slip_length, "AFTER_S"): 0.0,
    }
    before = {place: getattr(*place) for place in short}
    for place, value in short.items():
        setattr(*place, value)
    try:
        yield
    finally:
        for place, value in before.items():
            setattr(*place, value)


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
    """One journal for many cases; ``wrap`` may put something between desk and printer."""

    def __init__(self, folder: Path, wrap: Wrap = lambda port: port) -> None:
        self._journal = Journal.open(folder / "journal.sqlite3", machine_id="m", now=at(9))
        self._wrap = wrap
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
        device = VirtualPrinter(level=case.level, speed_mm_s=case.speed_mm_s)
        with device, self._open(device) as (desk, port, recorder):
            return self._play(case, device, port, recorder, desk)

    def first_job(self, level: str) -> Job:
        """The job of a first visitor; tried again where this machine was too busy for one."""
        for _ in range(PATIENCE):
            with (
                VirtualPrinter(level=level) as device,
                self._open(device) as (desk, _port, recorder),
            ):
                _until_well(desk)
                if self._visit(desk).told[0].outcome is Outcome.PRINTED:
                    (piece,) = device.wait_for_slips(1, 60.0)
                    return _job(recorder.prints[0][0], level, piece)
        raise TimeoutError(f"level {level}: no slip was printed, and nothing was wrong")

    @contextmanager
    def _open(self, device: VirtualPrinter) -> Iterator[tuple[Desk, Printer, Recorder]]:
        settings = replace(self._printer, connection=device.connection, level=device.level)
        # No logo: it would be most of the bytes.
        port = self._wrap(
            open_printer(
                settings,
                pictures=lambda _: None,
                now=lambda: at(9),
            )
        )
        recorder, worker = Recorder(port), Worker("printer")
        desk = Desk(
            self._journal,
            recorder,
            worker,
            settings=lambda: self._settings,
            now=lambda: at(9),
            date_confirmed=lambda: True,
        )
        try:
            yield desk, port, recorder
        finally:
            worker.stop(10)
            port.close()

    def _play(
        self, case: Case, device: VirtualPrinter, port: Printer, recorder: Recorder, desk: Desk
    ) -> Verdict:
        _until_well(desk)
        with Mender(case, device) as mender:
            first = self._visit(desk)
            visitors = [first]
            desk.probe()
            visitors.append(self._visit(desk))
        _settle(device)
        there = whole(self._lines(recorder, first), seen(device.slips)) > 0
        visitors += self._recover(case, device, port, desk, first)
        first.told.append(desk.reprint(first.ticket.id))
        _settle(device)
        found = self._complaints(visitors, device, recorder)
        whys = tuple(f"{case}: {why}" for why in found)
        return Verdict(whys, first.told[0].proof, there, mender.struck)

    def _recover(
        self, case: Case, device: VirtualPrinter, port: Printer, desk: Desk, first: Visitor
    ) -> list[Visitor]:
        """All is mended, it may strike once more, and visitors come until one has a slip."""
        device.mend()
        _settle(device)
        if case.again:
            port.release()
        desk.probe()
        with Mender(case, device) if case.again else nullcontext():
            visitors = [self._visit(desk)]
            first.told.append(desk.issue(self._request(first.ticket.id)).result)
        device.mend()
        # Staff look: whatever lies in the printer is out.
        for _ in range(PATIENCE):
            _settle(device)
            port.release()
            desk.probe()
            visitors.append(self._visit(desk))
            if visitors[-1].told[-1].outcome is Outcome.PRINTED:
                break
        return visitors

    def _complaints(
        self, visitors: list[Visitor], device: VirtualPrinter, recorder: Recorder
    ) -> list[str]:
        for visitor in visitors:
            visitor.prints = [p for p in recorder.prints if p[0].number == visitor.number]
        kept = {v.ticket.id: self._journal.get(v.ticket.id) for v in visitors}
        pieces = seen([*device.slips, device.machine.unfinished])
        found = complaints(visitors, pieces, {k: t.printed if t else None for k, t in kept.items()})
        last = visitors[-1].told[-1]
        if last.outcome is not Outcome.PRINTED:
            found.append(f"all is mended, and nothing prints: {last}")
        if not recorder.prints:
            found.append("nothing was known to be wrong, and no slip was sent")
        return found

    def _lines(self, recorder: Recorder, visitor: Visitor) -> Readings:
        mine = (readings_of(s) for s, _ in recorder.prints if s.number == visitor.number)
        return next(mine, frozenset())

    def _visit(self, desk: Desk) -> Visitor:
        done = desk.issue(self._request(f"{id(self):x}-{next(self._ids)}"))
        return Visitor(done.ticket, [done.result])

    def _request(self, ticket_id: str) -> TicketRequest:
        return TicketRequest(ticket_id, "5" * 32, "ktp", "id", at(9))


def _job(slip: Slip, level: str, piece: SlipRecord) -> Job:
    """``slip`` as it was sent to the printer that made ``piece`` of it."""
    data = encode(slip, 80, "CP858", page_mode=has_page_mode("auto", Level(level)))
    return Job(slip, len(frame_job(data, Level(level), b"abcd")) + ASKED, piece.height_mm)


def _until_well(desk: Desk) -> None:
    """A printer on a busy machine may be silent for ANSWER_S and is not mute: ask again."""
    for _ in range(PATIENCE):
        if desk.probe().well:
            return


def _settle(device: VirtualPrinter) -> None:
    """Until what was sent is printed, or waits for more bytes."""
    with suppress(TimeoutError):
        device.wait_until_idle(2.0)


@cache
def first_jobs() -> dict[str, Job]:
    """The first visitor's, by level."""
    with TemporaryDirectory() as folder, closing(Stage(Path(folder))) as stage:
        return {level: stage.first_job(level) for level in LEVELS}


def slip_sizes() -> Sizes:
    """Their bytes and millimetres."""
    return {level: (job.length, job.height_mm) for level, job in first_jobs().items()}


def judged(
    cases: Iterable[Case], folder: Path, threads: int, wrap: Wrap = lambda port: port
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
                own.stage = Stage(place, wrap)
                stages.append(own.stage)
        return case, own.stage.judge(case)

    with impatience(), ThreadPoolExecutor(threads) as pool:
        yield from pool.map(one, cases)
    for stage in stages:
        stage.close()
