"""A desk with a real journal and a real worker thread, and a fake printer that keeps its slips."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

from kiosk.background.worker import Worker
from kiosk.desk import Desk
from kiosk.domain.config import (
    Block,
    BlockKind,
    KioskSettings,
    OnFault,
    PrinterSettings,
    Settings,
    SlipTemplate,
)
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.domain.health import PrinterHealth, no_job_waiting
from kiosk.domain.slip import BadgeLine, Slip
from kiosk.domain.ticket import TicketRequest
from kiosk.domain.words import Words
from kiosk.printer import Printer
from kiosk.register import StopsPort
from kiosk.store.journal import Journal
from menu.catalogue import Catalogue
from tests.domain.menus import agency, at, menu, service

LOCALE = Path(__file__).resolve().parents[2] / "assets" / "locale"
WORDS = Words.of(
    {lang: json.loads((LOCALE / f"{lang}.json").read_text("utf-8")) for lang in ("id", "en")}
)
TEMPLATE = SlipTemplate(
    (Block(BlockKind.NUMBER, height=8), Block(BlockKind.PRIORITY), Block(BlockKind.FOOTER))
)
MENU = menu(
    agency(
        "dukcapil",
        service("ktp", prefix="DK"),
        service("kk", prefix="DK"),
        service("akta", prefix="DK", quota=2),
    ),
    agency("dlh", service("ukl", prefix="DL")),
)
CONFIRMED = PrintResult(Outcome.PRINTED, Level.PROCESS_ID)
UNCERTAIN = PrintResult(Outcome.UNCERTAIN, Level.PROCESS_ID, Fault.MUTE)
NO_PAPER = PrintResult(Outcome.NOT_PRINTED, Level.PROCESS_ID, Fault.PAPER_OUT)


class FakePrinter:
    """A fake printer that keeps its slips.

    ``answers``: results or errors of the next slips, in order; after them each slip is confirmed.
    ``before`` runs before each job and probe and may block or raise.
    """

    def __init__(self) -> None:
        self.slips: list[Slip] = []
        self.answers: list[PrintResult | Exception] = []
        self.health = PrinterHealth(level=Level.PROCESS_ID, at=at(9))
        self.before: Callable[[], None] = lambda: None
        self.probes = 0

    def print(self, slip: Slip) -> PrintResult:
        self.before()
        answer = self.answers.pop(0) if self.answers else CONFIRMED
        if isinstance(answer, Exception):
            raise answer
        if answer.outcome is not Outcome.NOT_PRINTED:
            self.slips.append(slip)
        return answer

    def probe(self, _wanted: Callable[[], bool] = no_job_waiting) -> PrinterHealth:
        self.before()
        self.probes += 1
        return self.health

    @property
    def numbers(self) -> list[str]:
        """The numbers of the printed slips in order, with " copy" after that of a copy."""
        return [slip.number + (" copy" if is_copy(slip) else "") for slip in self.slips]


def is_copy(slip: Slip) -> bool:
    """Whether a slip says SALINAN."""
    return any(isinstance(line, BadgeLine) and "SALINAN" in line.text for line in slip.lines)


class Gate:
    """Blocks the printer's thread until ``opened`` is set; ``reached``: the thread is blocked."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.reached.set()
        assert self.opened.wait(10)


def settings(
    *,
    catalogue: Catalogue = MENU,
    on_fault: OnFault = OnFault.SCREEN,
    deadline_s: float = 5.0,
    **kiosk: object,
) -> Settings:
    """Settings of a kiosk for tests; ``kiosk`` replaces values of ``KioskSettings``."""
    printer = PrinterSettings(on_fault=on_fault, deadline_s=deadline_s, connect_s=0.0)
    machine = replace(KioskSettings(printer=printer), **kiosk)  # type: ignore[arg-type]
    return Settings(catalogue, machine, TEMPLATE, WORDS)


PrinterT = TypeVar("PrinterT", bound=FakePrinter | Printer)


@dataclass
class DeskRig(Generic[PrinterT]):
    """A desk with its parts.

    A test may change ``now``, ``settings`` and ``confirmed`` (whether the date is confirmed).
    """

    folder: Path
    settings: Settings = field(default_factory=settings)
    now: datetime = field(default_factory=lambda: at(9))
    confirmed: bool = True
    stops: StopsPort | None = None
    printer: PrinterT = field(default_factory=FakePrinter)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.worker = Worker("printer")
        self.open()

    def open(self) -> None:
        """Open the journal and make the desk, as a start of the kiosk does."""
        path = self.folder / "journal.sqlite3"
        self.journal = Journal.open(path, machine_id="machine-1", now=self.now, choose=min)
        self.desk = Desk(
            self.journal,
            self.printer,
            self.worker,
            settings=lambda: self.settings,
            now=lambda: self.now,
            date_confirmed=lambda: self.confirmed,
            stops=self.stops,
        )

    def crash(self) -> None:
        """Close the database without a clean stop, and start again."""
        self.journal._db.close()
        self.open()

    def close(self) -> None:
        """Stop the worker and close the journal."""
        assert self.worker.stop(10)
        self.journal.close()

    def request(self, ticket_id: str, service: str = "ktp", **more: object) -> TicketRequest:
        """A request of a visitor; ``more`` replaces its values."""
        made = TicketRequest(ticket_id, "5" * 32, service, "id", self.now)
        return replace(made, **more)  # type: ignore[arg-type]
