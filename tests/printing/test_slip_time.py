"""An answer confirms a slip only after its printing time; the kiosk watches the slip until then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from kiosk.deadline import Deadline
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult, Proof
from kiosk.domain.slip import (
    Align,
    BadgeLine,
    BarLine,
    FeedLine,
    LogoLine,
    NumberLine,
    QrLine,
    RuleLine,
    SideBySide,
    Slip,
    SlipLine,
    TextLine,
)
from kiosk.printer import Printer
from kiosk.printing import slip_time, status_protocol
from kiosk.printing.device import DeviceTransport
from kiosk.printing.direct import SEPARATOR, SEPARATOR_MM, DirectPrinter
from kiosk.printing.encoder import SlipEncoder, encode
from kiosk.printing.network import NetworkTransport
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import Logos
from kiosk.printing.serial_line import SerialTransport
from kiosk.printing.slip_preview import print_bytes
from kiosk.printing.transport import Transport
from kiosk.printing.usb import UsbTransport
from tests.printing.bridge import PtyLine, UsbBus
from tests.printing.conftest import (
    NOW,
    MakePrinter,
    MakeVirtual,
    find_picture,
    slip,
    wait_until_ready,
)
from virtual_printer import VirtualPrinter


@pytest.fixture
def instant_paper() -> None:
    """Disabled: use the speeds of real printers."""


QR = QrLine("https://antrean.example.go.id/t/" + "a" * 32)
WORDS = (TextLine("Ikuti antrean", bold=True), TextLine("Nomor terlewat? Hubungi petugas loket."))
LINES: dict[str, SlipLine] = {
    "text": TextLine("Kartu Tanda Penduduk elektronik (KTP-el)"),
    "double": TextLine("Perekaman dan pencetakan", width=2, height=2),
    "tall": TextLine("12 orang di depan", Align.LEFT, bold=True, height=2),
    "number": NumberLine("DK-027"),
    "badge": BadgeLine("PRIORITAS"),
    "bar": BarLine(("LANTAI 1", "LOKET 19")),
    "rule": RuleLine(),
    "feed": FeedLine(5),
    "blank": FeedLine(1),
    "qr": QR,
    "logo": LogoLine("logo.png"),
    "logo beside": SideBySide(LogoLine("logo.png"), WORDS, WORDS),
    "qr beside": SideBySide(QR, WORDS, (QR, *WORDS)),
}
FEED_TO_CUTTER_MM = 13.0


@pytest.mark.parametrize("page_mode", [False, True])
@pytest.mark.parametrize("paper_mm", [58, 80])
@pytest.mark.parametrize("kinds", [*([kind] for kind in LINES), list(LINES)], ids="+".join)
def test_the_computed_length_equals_the_printed_paper(
    kinds: list[str], paper_mm: int, page_mode: bool
) -> None:
    made = Slip("DK-027", tuple(LINES[kind] for kind in kinds))
    logos = Logos(find_picture, paper_of(paper_mm))
    job = encode(made, paper_mm, "CP858", logos.get, page_mode=page_mode)
    printed = sum(piece.height_mm for piece in print_bytes(job, paper_mm))
    assert job.length_mm == pytest.approx(printed - FEED_TO_CUTTER_MM, abs=0.01)


def test_the_separator_moves_the_paper_that_is_counted_for_it() -> None:
    printed = sum(piece.height_mm for piece in print_bytes(SEPARATOR, 80))
    assert pytest.approx(printed - FEED_TO_CUTTER_MM) == SEPARATOR_MM


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
def test_an_early_answer_of_a_slow_printer_does_not_confirm_the_slip(
    virtual: MakeVirtual, printer: MakePrinter, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_protocol, "ANSWER_S", 1.0)
    device = virtual(character="early", level=letter, speed_mm_s=100.0)
    device.set(answer_s=0.5)
    port = printer(device.connection, level=letter, deadline_s=8.0)
    wait_until_ready(port)
    result = port.print(slip())
    assert (result.proof, result.level) == (Proof.SENT, Level.STATUS)


@pytest.mark.parametrize("letter", list("AB"))
def test_an_answer_in_order_of_a_slow_printer_confirms_the_slip(
    virtual: MakeVirtual, printer: MakePrinter, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_protocol, "ANSWER_S", 1.0)
    device = virtual(level=letter, speed_mm_s=300.0)
    device.set(answer_s=0.5)
    port = printer(device.connection, level=letter, deadline_s=8.0)
    wait_until_ready(port)
    assert port.print(slip()).proof is Proof.CONFIRMED


def test_an_early_answer_of_a_slow_printer_without_status_does_not_confirm_the_slip(
    virtual: MakeVirtual, printer: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_protocol, "ANSWER_S", 1.0)
    settings = {"lacks": ["dle_eot", "gs_a"]}
    device = virtual(character="early", level="A", speed_mm_s=60.0, settings=settings)
    device.set(answer_s=0.5)
    port = printer(device.connection, deadline_s=8.0)
    until_s = time.monotonic() + 10
    while port.probe().level is not Level.PROCESS_ID:
        assert time.monotonic() < until_s
    assert port.print(slip()).proof is Proof.SENT


def test_one_slow_round_of_status_does_not_make_a_printer_early(
    virtual: MakeVirtual, printer: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_protocol, "ANSWER_S", 1.0)
    device = virtual(level="A", speed_mm_s=300.0)
    device.set(answer_s=0.4)
    port = printer(device.connection, deadline_s=8.0)
    wait_until_ready(port)
    device.set(answer_s=0.0)
    port.print(slip("DK-001"))
    wait_until_ready(port)
    result = port.print(slip("DK-002"))
    assert (result.proof, result.level) == (Proof.CONFIRMED, Level.PROCESS_ID)


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
    assert time.monotonic() - begun_s >= job.length_mm / slip_time.FASTEST_MM_S


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


class DelayedReader:
    """Mixed into a transport: this process reads nothing for a while after it has sent a slip, as
    on a busy machine."""

    def write_all(self, data: bytes, deadline: Deadline) -> None:
        super().write_all(data, deadline)  # type: ignore[misc]
        if len(data) > 100:
            time.sleep(STALL_S)


class DelayedDevice(DelayedReader, DeviceTransport):
    """A device file."""


class DelayedSerial(DelayedReader, SerialTransport):
    """A serial line."""


class DelayedUsb(DelayedReader, UsbTransport):
    """A USB printer."""


STALL_S = 0.5
Opened = tuple[Transport, Callable[[], None]]


def delayed_device(device: VirtualPrinter) -> Opened:
    line = PtyLine(device)
    return DelayedDevice(line.path), line.pull


def delayed_serial(device: VirtualPrinter) -> Opened:
    line = PtyLine(device)
    return DelayedSerial(line.path, 19200), line.pull


def delayed_usb(device: VirtualPrinter) -> Opened:
    return DelayedUsb(0x04B8, 0x0E15, backend=UsbBus(device)), lambda: None


@pytest.mark.parametrize("opened", [delayed_device, delayed_serial, delayed_usb])
@pytest.mark.parametrize("letter", list("AB"))
def test_an_early_answer_that_is_read_late_does_not_confirm_the_slip(
    virtual: MakeVirtual, opened: Callable[[VirtualPrinter], Opened], letter: str
) -> None:
    transport, unplug = opened(virtual(level=letter))  # prints without delay
    settings = PrinterSettings(level=letter, deadline_s=8.0, connect_s=2.0)
    port = DirectPrinter(settings, transport, SlipEncoder(settings), lambda: NOW)
    try:
        wait_until_ready(port)
        result = port.print(slip())
        assert (result.proof, result.level) == (Proof.SENT, Level.STATUS)
    finally:
        port.close()
        unplug()


@pytest.mark.parametrize("letter", list("AB"))
def test_an_honest_answer_on_a_serial_line_confirms_the_slip(
    virtual: MakeVirtual, printer: MakePrinter, letter: str
) -> None:
    line = PtyLine(virtual(level=letter, speed_mm_s=100.0))
    port = printer(f"serial:{line.path}:19200", level=letter, deadline_s=8.0)
    wait_until_ready(port)
    assert port.print(slip()).proof is Proof.CONFIRMED
    line.pull()


def test_an_answer_that_cannot_be_dated_says_nothing_of_the_printer(virtual: MakeVirtual) -> None:
    line = PtyLine(virtual(level="A", speed_mm_s=100.0))
    settings = PrinterSettings(deadline_s=8.0, connect_s=2.0)
    transport = DelayedDevice(line.path)
    port = DirectPrinter(settings, transport, SlipEncoder(settings), lambda: NOW)
    wait_until_ready(port)
    port.print(slip())
    assert wait_until_ready(port).level is Level.PROCESS_ID
    port.close()
    line.pull()


@pytest.mark.parametrize("letter", list("AB"))
def test_a_slip_that_is_sent_late_is_not_confirmed_by_an_early_answer(
    virtual: MakeVirtual, printer: MakePrinter, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine the process may stand still between looking at the clock and sending."""
    write_all = NetworkTransport.write_all

    def late(self: NetworkTransport, data: bytes, deadline: Deadline) -> None:
        if len(data) > 100:
            time.sleep(STALL_S)
        write_all(self, data, deadline)

    monkeypatch.setattr(NetworkTransport, "write_all", late)
    device = virtual(level=letter)  # prints without delay
    port = printer(device.connection, level=letter, deadline_s=8.0)
    wait_until_ready(port)
    result = port.print(slip())
    assert (result.proof, result.level) == (Proof.SENT, Level.STATUS)


@pytest.mark.parametrize("letter", list("AB"))
def test_an_early_answer_does_not_count_as_late_because_status_followed_it(
    virtual: MakeVirtual, printer: MakePrinter, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel knows when the last bytes came; with both read at once, not when the first did."""
    device = virtual(level=letter)  # prints without delay
    read_some, write_all = NetworkTransport.read_some, NetworkTransport.write_all
    slips_sent: list[int] = []

    def write(self: NetworkTransport, data: bytes, deadline: Deadline) -> None:
        write_all(self, data, deadline)
        if len(data) > 100:
            slips_sent.append(len(data))

    def read_late(self: NetworkTransport, deadline: Deadline) -> bytes:
        if slips_sent:
            slips_sent.clear()
            time.sleep(STALL_S)
            device.fault("near_end")
            time.sleep(0.05)
        return read_some(self, deadline)

    monkeypatch.setattr(NetworkTransport, "write_all", write)
    monkeypatch.setattr(NetworkTransport, "read_some", read_late)
    port = printer(device.connection, level=letter, deadline_s=8.0)
    wait_until_ready(port)
    result = port.print(slip())
    assert (result.proof, result.level) == (Proof.SENT, Level.STATUS)
