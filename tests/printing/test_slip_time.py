"""An answer confirms a slip only after its printing time; the kiosk watches the slip until then."""

from __future__ import annotations

import threading
import time

import pytest

from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult, Proof
from kiosk.domain.slip import (
    Align,
    BadgeLine,
    FeedLine,
    NumberLine,
    QrLine,
    RuleLine,
    Slip,
    SlipLine,
    TextLine,
)
from kiosk.printer import Printer
from kiosk.printing import slip_length
from kiosk.printing.encoder import encode
from kiosk.printing.slip_length import length_mm
from kiosk.printing.slip_preview import print_bytes
from tests.printing.conftest import MakePrinter, MakeVirtual, short_slip, slip, wait_until_ready


@pytest.fixture
def instant_paper() -> None:
    """Disabled: use the speeds of real printers."""


LINES: dict[str, SlipLine] = {
    "text": TextLine("Kartu Tanda Penduduk elektronik (KTP-el)"),
    "double": TextLine("Perekaman dan pencetakan", width=2, height=2),
    "tall": TextLine("12 orang di depan", Align.LEFT, bold=True, height=2),
    "number": NumberLine("DK-027"),
    "badge": BadgeLine("PRIORITAS"),
    "rule": RuleLine(),
    "feed": FeedLine(5),
    "qr": QrLine("https://antrean.example.go.id/t/" + "a" * 32),
}


@pytest.mark.parametrize("paper_mm", [58, 80])
@pytest.mark.parametrize("kinds", [*([kind] for kind in LINES), list(LINES)], ids="+".join)
def test_the_computed_length_equals_the_printed_paper(kinds: list[str], paper_mm: int) -> None:
    made = Slip("DK-027", tuple(LINES[kind] for kind in kinds))
    job = encode(made, paper_mm, "CP858")
    printed = sum(piece.height_mm for piece in print_bytes(job, paper_mm))
    feed_to_cutter_mm = 13.0
    assert length_mm(job) == pytest.approx(printed - feed_to_cutter_mm, abs=0.01)


@pytest.mark.parametrize(
    "tail", [b"\x1d", b"\x1b", b"\x1d(", b"\x1dv0\x00", b"\x1d(k\x03\x00", b"\x1b*!"]
)
def test_an_incomplete_command_adds_no_length(tail: bytes) -> None:
    job = encode(short_slip(), 80, "CP858")
    assert length_mm(job + tail) == length_mm(job)


def test_picture_data_is_not_read_as_commands() -> None:
    picture = b"\x1dv0\x00\x01\x00\x08\x00" + b"\x0a\x1bJ\xff\x0a\x0a\x0a\x0a"
    assert length_mm(picture) == 1.0


@pytest.mark.parametrize("letter", list("AB"))
def test_an_answer_before_the_slip_can_be_out_does_not_confirm_it(
    virtual: MakeVirtual, printer: MakePrinter, letter: str
) -> None:
    device = virtual(level=letter)  # prints without delay, so it answers at once
    port = printer(device.connection, level=letter, deadline_s=8.0)
    wait_until_ready(port)
    result = port.print(slip())
    assert (result.proof, result.level) == (Proof.SENT, Level.STATUS)


@pytest.mark.parametrize("letter", list("AB"))
def test_an_answer_at_a_real_speed_confirms_the_slip(
    virtual: MakeVirtual, printer: MakePrinter, letter: str
) -> None:
    device = virtual(level=letter, speed_mm_s=300.0)
    port = printer(device.connection, level=letter, deadline_s=8.0)
    wait_until_ready(port)
    begun_s = time.monotonic()
    assert port.print(slip()).proof is Proof.CONFIRMED
    job = encode(slip(), 80, "CP858")
    assert time.monotonic() - begun_s >= length_mm(job) / slip_length.FASTEST_MM_S


@pytest.mark.parametrize("at_mm", [1.0, 20.0, 40.0])
def test_level_c_reports_paper_that_ends_in_mid_slip(
    virtual: MakeVirtual, printer: MakePrinter, at_mm: float
) -> None:
    device = virtual(level="C", speed_mm_s=80.0)
    port = printer(device.connection, level="C", deadline_s=8.0)
    wait_until_ready(port)
    device.fault("paper_out", at_mm=at_mm)
    result = port.print(slip())
    assert (result.outcome, result.fault) == (Outcome.UNCERTAIN, Fault.PAPER_OUT)


def test_a_fault_after_an_early_answer_is_reported(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="A")
    port = printer(device.connection, level="A", deadline_s=8.0)
    wait_until_ready(port)
    result = _printing(port, lambda: device.fault("cover_open"))
    assert (result.outcome, result.fault) == (Outcome.UNCERTAIN, Fault.COVER_OPEN)


def test_level_d_reports_a_connection_that_breaks_in_the_slip_s_time(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="D")
    port = printer(device.connection, level="D", deadline_s=8.0)
    wait_until_ready(port)
    result = _printing(port, device.close)
    assert (result.outcome, result.fault) == (Outcome.UNCERTAIN, Fault.UNREACHABLE)


def _printing(port: Printer, then: object) -> PrintResult:
    """Print a slip, call ``then`` 0.3 s after its start, and return the result."""
    results: list[PrintResult] = []
    thread = threading.Thread(target=lambda: results.append(port.print(slip())))
    thread.start()
    time.sleep(0.3)
    assert callable(then)
    then()
    thread.join(10)
    return results[0]
