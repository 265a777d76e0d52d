"""A virtual printer on a real socket, and the kiosk's printer speaking to it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.domain.config import PrinterSettings
from kiosk.domain.health import PrinterHealth
from kiosk.domain.slip import NumberLine, QrLine, RuleLine, Slip, SlipLine, TextLine
from kiosk.printer import Printer, open_printer
from kiosk.printing import slip_length, status_protocol
from kiosk.printing.pictures import PictureFinder
from virtual_printer import VirtualPrinter

FOUND_S = 30.0
"""Limit for finding out what a printer can do, on a busy machine."""

LOOK_S = 0.25
NOW = datetime(2026, 11, 24, 1, 15, tzinfo=UTC)

MakeVirtual = Callable[..., VirtualPrinter]
MakePrinter = Callable[..., Printer]


@pytest.fixture(autouse=True)
def quick_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent printer is given up sooner than in a lobby."""
    monkeypatch.setattr(status_protocol, "ANSWER_S", 0.25)


@pytest.fixture(autouse=True)
def paper_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most tests use a virtual printer that prints in no time: no answer is too early there, and a
    slip need not be watched. A module for which that matters overrides this fixture."""
    monkeypatch.setattr(slip_length, "FASTEST_MM_S", math.inf)
    monkeypatch.setattr(slip_length, "SLOWEST_MM_S", 500.0)
    monkeypatch.setattr(slip_length, "AFTER_S", 0.0)


@pytest.fixture
def virtual() -> Iterator[MakeVirtual]:
    """Makes virtual printers that end with the test."""
    with ExitStack() as stack:

        def make(**how: object) -> VirtualPrinter:
            return stack.enter_context(VirtualPrinter(**how))  # type: ignore[arg-type]

        yield make


@pytest.fixture
def printer() -> Iterator[MakePrinter]:
    """Opens the kiosk's printer on a connection; closed with the test."""
    with ExitStack() as stack:

        def make(
            connection: str,
            *,
            suspect: bool = False,
            logos: Iterable[str] = (),
            profiles: Path | None = None,
            pictures: PictureFinder = find_picture,
            now: Callable[[], datetime] = lambda: NOW,
            **how: object,
        ) -> Printer:
            values = {"deadline_s": 1.0, "connect_s": 1.0, **how}
            settings = PrinterSettings(connection=connection, **values)  # type: ignore[arg-type]
            made = open_printer(
                settings,
                pictures=pictures,
                now=now,
                logos=logos,
                suspect=suspect,
                profiles=profiles,
            )
            stack.callback(made.close)
            return made

        yield make


def find_picture(name: str) -> Path | None:
    """The project's own logo, and nothing else."""
    path = Path(__file__).parents[2] / "assets" / "images" / name
    return path if path.is_file() else None


def found_well(port: Printer, limit_s: float = FOUND_S) -> PrinterHealth:
    """Probe again and again, as the kiosk does, until the printer is well; then its health.

    For what a test sets up: one probe may be too impatient on a busy machine.
    """
    end_s = time.monotonic() + limit_s
    health = port.probe()
    while not health.well and time.monotonic() < end_s:
        time.sleep(LOOK_S)
        health = port.probe()
    assert health.well, health
    return health


def slip(number: str = "DK-027", *more: TextLine) -> Slip:
    """A small slip with one of most things."""
    lines: tuple[SlipLine, ...] = (
        TextLine("Mal Pelayanan Publik Kota Balikpapan", bold=True),
        RuleLine(),
        NumberLine(number),
        *more,
        QrLine("https://antrean.example.go.id/t/0123456789abcdef0123456789abcdef"),
        TextLine("Berlaku hari ini saja"),
    )
    return Slip(number, lines)


def short_slip(number: str = "DK-027") -> Slip:
    """The number alone: few bytes, for sweeps over all of them."""
    return Slip(number, (NumberLine(number, height=6),))
