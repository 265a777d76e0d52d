"""Jobs that break at an exact byte: which count as sent, are discarded or are cancelled."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import pytest

from kiosk.deadline import Deadline
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Fault, Outcome
from kiosk.errors import PrinterDeadline, PrinterUnreachable
from kiosk.printing.cups import CupsQueue, QueueState
from kiosk.printing.direct import SEPARATOR, DirectPrinter
from kiosk.printing.encoder import SlipEncoder
from kiosk.printing.queued import QueuedPrinter
from kiosk.printing.session import LONGEST_COMMAND
from tests.printing.conftest import NOW, slip

SETTINGS = PrinterSettings(connection="file:/x", level="D", deadline_s=1.0, connect_s=1.0)


@dataclass
class BreakingTransport:
    """A one-way transport that accepts ``takes`` bytes of the job's next write, then fails."""

    name: str = "breaking"
    two_way: bool = False
    remembers: bool = False
    sent: int = 0
    takes: int | None = None
    data: bytearray = field(default_factory=bytearray)
    closed: list[bool] = field(default_factory=list)
    opens: bool = True

    def open(self, deadline: Deadline) -> None:
        if not self.opens:
            raise PrinterUnreachable("gone")
        self.sent = 0

    def write_all(self, data: bytes, deadline: Deadline) -> None:
        is_padding = not any(data)
        taken = len(data) if is_padding or self.takes is None else min(self.takes, len(data))
        self.data += data[:taken]
        self.sent += taken
        if taken < len(data):
            raise PrinterUnreachable("broken")

    def received_between(self, *, alone: bool) -> tuple[float, float]:
        return time.monotonic(), time.monotonic()

    def read_some(self, deadline: Deadline) -> bytes:
        return b""

    def close(self, *, discard: bool = False) -> None:
        self.closed.append(discard)


def printer_on(transport: BreakingTransport, *, suspect: bool = False) -> DirectPrinter:
    port = DirectPrinter(SETTINGS, transport, SlipEncoder(SETTINGS), lambda: NOW, suspect)
    port.release()
    return port


@pytest.mark.parametrize("suspect", [False, True])
def test_a_slip_counts_as_unsent_up_to_its_own_first_byte(suspect: bool) -> None:
    before = len(SEPARATOR) if suspect else 0
    for taken, outcome in (
        (0, Outcome.NOT_PRINTED),
        (before, Outcome.NOT_PRINTED),
        (before + 1, Outcome.UNCERTAIN),
    ):
        transport = BreakingTransport(takes=taken)
        result = printer_on(transport, suspect=suspect).print(slip())
        assert (result.outcome, result.fault) == (outcome, Fault.UNREACHABLE), taken
        padding = LONGEST_COMMAND if suspect else 0
        assert len(transport.data) == padding + taken, "padding is not part of the slip"


def test_bytes_of_an_earlier_slip_do_not_count_for_the_next() -> None:
    transport = BreakingTransport()
    port = printer_on(transport)
    assert port.print(slip("DK-001")).is_printed
    transport.takes = 0
    assert port.print(slip("DK-002")).outcome is Outcome.NOT_PRINTED
    assert transport.sent > 100


def test_after_an_unsent_slip_the_next_one_is_printed() -> None:
    transport = BreakingTransport(takes=0)
    port = printer_on(transport)
    assert port.print(slip("DK-001")).outcome is Outcome.NOT_PRINTED
    transport.takes = None
    assert port.print(slip("DK-002")).is_printed
    assert b"DK-001" not in transport.data


def test_buffered_bytes_are_discarded_while_a_slip_is_held_and_only_then() -> None:
    transport = BreakingTransport()
    port = printer_on(transport)
    assert port.print(slip("DK-001")).is_printed
    port.close()
    assert transport.closed == [False], "a slip that counts as sent still goes out"
    transport.takes = 50
    assert port.print(slip("DK-002")).outcome is Outcome.UNCERTAIN
    assert transport.closed[-1] is True, "the rest of an uncertain slip must not print later"
    transport.takes = None
    assert port.probe().held
    port.close()
    assert transport.closed[-1] is True, "the kernel's buffer must not print later either"
    transport.opens = False
    assert port.probe().fault is Fault.UNREACHABLE
    assert transport.closed[-1] is True
    transport.opens = True
    port.release()
    assert port.print(slip("DK-003")).is_printed
    port.close()
    assert transport.closed[-1] is False


class TimingOutQueue(CupsQueue):
    """CUPS accepts the first job, but answers after the deadline."""

    def __init__(self) -> None:
        super().__init__("KIOSK")
        self.jobs: list[str] = []
        self.cancelled: list[tuple[str, ...]] = []
        self.hangs = True

    def state(self, deadline: Deadline) -> QueueState:
        return QueueState(())

    def submit(self, data: bytes, deadline: Deadline) -> str:
        self.jobs.append(f"KIOSK-{len(self.jobs) + len(self.cancelled) + 1}")
        if self.hangs:
            raise PrinterDeadline("KIOSK: CUPS does not answer")
        return self.jobs.pop()

    def waiting(self, deadline: Deadline) -> tuple[str, ...]:
        return tuple(self.jobs)

    def completed(self, job: str, deadline: Deadline) -> bool:
        return True

    def cancel(self, jobs: tuple[str, ...], deadline: Deadline) -> None:
        self.cancelled.append(jobs)
        self.jobs = [job for job in self.jobs if job not in jobs]


def test_a_job_whose_hand_over_to_cups_timed_out_is_cancelled_before_the_next() -> None:
    queue = TimingOutQueue()
    port = QueuedPrinter(SETTINGS, queue, SlipEncoder(SETTINGS), lambda: NOW)
    assert port.probe().well
    queue.cancelled.clear()
    result = port.print(slip("DK-001"))
    assert (result.outcome, result.fault) == (Outcome.UNCERTAIN, Fault.MUTE)
    assert queue.jobs == ["KIOSK-1"], "CUPS has accepted the job"
    queue.hangs = False
    assert port.print(slip("DK-002")).fault is Fault.HELD_BACK
    assert queue.cancelled == [("KIOSK-1",)], "cancelled at the next call, even during the hold"
    assert queue.jobs == []
    port.release()
    assert port.print(slip("DK-002")).is_printed
    assert queue.cancelled == [("KIOSK-1",)], "cancelled once only"


def test_a_queue_that_cannot_be_cleared_is_cleared_at_the_next_probe() -> None:
    queue = TimingOutQueue()
    port = QueuedPrinter(SETTINGS, queue, SlipEncoder(SETTINGS), lambda: NOW)
    assert port.probe().well
    queue.cancelled.clear()
    assert port.print(slip("DK-001")).outcome is Outcome.UNCERTAIN
    cancel, queue.cancel = queue.cancel, refuse  # type: ignore[method-assign]
    assert port.probe().fault is Fault.UNREACHABLE
    assert queue.jobs == ["KIOSK-1"]
    queue.cancel = cancel  # type: ignore[method-assign]
    port.release()
    assert port.probe().well
    assert queue.jobs == []


def refuse(jobs: tuple[str, ...], deadline: Deadline) -> None:
    raise PrinterUnreachable("CUPS is not there")
