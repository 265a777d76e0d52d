"""Fixtures: virtual printers on real sockets, and the kiosk's printer connected to them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from kiosk.domain.config import PrinterSettings
from kiosk.domain.health import PrinterHealth
from kiosk.domain.slip import NumberLine, QrLine, RuleLine, Slip, SlipLine, TextLine
from kiosk.printer import Printer, open_printer
from kiosk.printing import slip_time, status_protocol
from kiosk.printing.encoder import encode, no_pictures
from kiosk.printing.pictures import PictureFinder, Pictures
from kiosk.printing.slip_preview import print_bytes
from virtual_printer import VirtualPrinter
from virtual_printer.render import render

READY_LIMIT_S = 30.0
"""Limit for detecting a printer's capabilities on a busy machine."""

PROBE_INTERVAL_S = 0.25
NOW = datetime(2026, 11, 24, 1, 15, tzinfo=UTC)

MakeVirtual = Callable[..., VirtualPrinter]
MakePrinter = Callable[..., Printer]


@pytest.fixture(autouse=True)
def short_answer_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up a silent printer sooner than in production, to save time."""
    monkeypatch.setattr(status_protocol, "ANSWER_S", 0.25)


@pytest.fixture(autouse=True)
def instant_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accept answers at any time, and do not watch slips.

    Most tests use a virtual printer that prints without delay. A module that tests times overrides
    this fixture.
    """
    monkeypatch.setattr(slip_time, "FASTEST_MM_S", math.inf)
    monkeypatch.setattr(slip_time, "SLOWEST_MM_S", 500.0)
    monkeypatch.setattr(slip_time, "AFTER_S", 0.0)


@pytest.fixture
def virtual() -> Iterator[MakeVirtual]:
    """Factory of virtual printers that are closed after the test."""
    with ExitStack() as stack:

        def make(**how: object) -> VirtualPrinter:
            return stack.enter_context(VirtualPrinter(**how))  # type: ignore[arg-type]

        yield make


@pytest.fixture
def printer() -> Iterator[MakePrinter]:
    """Factory of the kiosk's printer for a connection; closed after the test."""
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
    """Find a picture among the project's assets only."""
    path = Path(__file__).parents[2] / "assets" / "images" / name
    return path if path.is_file() else None


def wait_until_ready(port: Printer, limit_s: float = READY_LIMIT_S) -> PrinterHealth:
    """Probe at intervals, as the kiosk does, until the printer has no fault; return its health.

    Use it to set up a test: on a busy machine one probe can exceed its deadlines.
    """
    end_s = time.monotonic() + limit_s
    health = port.probe()
    while not health.well and time.monotonic() < end_s:
        time.sleep(PROBE_INTERVAL_S)
        health = port.probe()
    assert health.well, health
    return health


def slip(number: str = "DK-027", *more: TextLine) -> Slip:
    """A small slip with text, a rule, the number and a QR code."""
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
    """A slip with the number only: few bytes, for tests that fail at each of them."""
    return Slip(number, (NumberLine(number, height=6),))


def picture_of(
    slip: Slip,
    paper_mm: int,
    code_page: str,
    pictures: Pictures = no_pictures,
    *,
    page_mode: bool = False,
) -> Image.Image:
    """``slip`` as the virtual printer prints it, 8 dots per millimetre, with cut edges."""
    data = encode(slip, paper_mm, code_page, pictures, page_mode=page_mode)
    return render(print_bytes(data, paper_mm)[0])
